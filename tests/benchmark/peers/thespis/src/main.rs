// SPDX-License-Identifier: MIT
//! The workloads with thespis_impl, the implementation of thespis.
//!
//! All actors run on tokio's pool of THREADS workers, which is faster here than that of futures; the
//! main thread only starts them and waits. The channels are those that the builder of thespis_impl
//! makes (tokio's are no faster below its boxes); unless a capacity is given they are unbounded,
//! which is faster than its default of 16.

mod actors;
mod big;
mod calls;
#[path = "../../harness.rs"]
mod harness;
mod idle;
mod lives;
mod messages;

use harness::{finish, wait, Outcome};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Have all workers run before the clock does.
fn warm_up(threads: usize) {
    const TASKS: usize = 64;
    for _ in 0..threads * TASKS {
        tokio::spawn(async {
            for _ in 0..TASKS {
                tokio::task::yield_now().await;
            }
            finish();
        });
    }
    wait((threads * TASKS) as u64);
}

fn main() {
    harness::run("thespis", |settings| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(settings.threads)
            .event_interval(256)
            .build()
            .unwrap_or_else(|error| harness::wrong(error));
        let _inside = runtime.enter();
        warm_up(settings.threads);
        match settings.workload.as_str() {
            "pingpong" => messages::pingpong(settings),
            "count" => messages::load_of_any_size(settings, 1),
            "contention" => messages::load_of_any_size(settings, settings.senders),
            "ring1" => messages::ring(settings, 1),
            "ring64" => messages::ring(settings, 64),
            "create" => lives::create(settings),
            "tree" => lives::tree(settings),
            "call" => calls::call_chain(settings, 1),
            "call_from_main" => calls::call_from_main(settings),
            "call_nested" => calls::call_chain(settings, settings.actors),
            "idle" => idle::idle(settings),
            "idle_waiting" => idle::idle_waiting(settings),
            "big" => big::big(settings),
            _ => Outcome::Skipped("not written for this peer"),
        }
    })
}
