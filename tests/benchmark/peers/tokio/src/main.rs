// SPDX-License-Identifier: MIT
//! The workloads with tokio: an actor is a task, its mailbox a channel, a call a message with the
//! sending end of a oneshot channel.
//!
//! All actors are tasks of a pool of THREADS workers; the main thread only starts them and waits. The
//! pool looks less often than by default for what comes from outside: a task that yields comes back
//! only then, and `create` is twice as fast if what it has created has run by that time.

mod big;
mod calls;
#[path = "../../harness.rs"]
mod harness;
mod idle;
mod lives;
mod mailbox;
mod messages;

use harness::{finish, wait, Outcome, Settings};
use mailbox::{Bounded, Kind, Unbounded};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn run_with<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    match settings.workload.as_str() {
        "pingpong" => messages::pingpong::<K>(settings, capacity),
        "count" => messages::load_of_any_size::<K>(settings, capacity, 1),
        "contention" => messages::load_of_any_size::<K>(settings, capacity, settings.senders),
        "ring1" => messages::ring::<K>(settings, capacity, 1),
        "ring64" => messages::ring::<K>(settings, capacity, 64),
        "create" => lives::create::<K>(settings, capacity),
        "tree" => lives::tree::<K>(settings, capacity),
        "call" => calls::call_chain::<K>(settings, capacity, 1),
        "call_from_main" => calls::call_from_main::<K>(settings, capacity),
        "call_nested" => calls::call_chain::<K>(settings, capacity, settings.actors),
        "idle" => idle::idle::<K>(settings, capacity),
        "idle_waiting" => idle::idle_waiting::<K>(settings, capacity),
        "big" => big::big::<K>(settings, capacity),
        _ => Outcome::Skipped("not written for this peer"),
    }
}

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
    harness::run("tokio", |settings| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(settings.threads)
            .event_interval(256)
            .build()
            .unwrap_or_else(|error| harness::wrong(error));
        let _inside = runtime.enter();
        warm_up(settings.threads);
        match settings.capacity {
            Some(capacity) => run_with::<Bounded>(settings, capacity),
            None => run_with::<Unbounded>(settings, 0),
        }
    })
}
