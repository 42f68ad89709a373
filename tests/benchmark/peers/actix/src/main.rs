// SPDX-License-Identifier: MIT
//! The workloads with actix.
//!
//! An actor of actix stays on the thread that it was started on, an arbiter. THREADS of them are
//! there, but which actors use them is for the program to decide. Here it is what is fastest, which
//! was measured: a message to another thread costs far more than to handle one of ours, so actors
//! that keep talking to each other share a thread; rings, trees and idle actors are spread over all.

mod big;
mod calls;
#[path = "../../harness.rs"]
mod harness;
mod idle;
mod lives;
mod messages;
mod stage;

use harness::Outcome;
use stage::Stage;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    harness::run("actix", |settings| {
        let stage = Stage::open(settings.threads);
        stage.wait_until_started();
        match settings.workload.as_str() {
            "create" | "tree" if settings.capacity.is_some() => {
                Outcome::Skipped("an actor cannot wait for room in another one's mailbox")
            }
            "pingpong" => messages::pingpong(settings, &stage),
            "count" => messages::load_of_any_size(settings, &stage, 1),
            "contention" => messages::load_of_any_size(settings, &stage, settings.senders),
            "ring1" => messages::ring(settings, &stage, 1),
            "ring64" => messages::ring(settings, &stage, 64),
            "create" => lives::create(settings, &stage),
            "tree" => lives::tree(settings, &stage),
            "call" => calls::call_chain(settings, &stage, 1),
            "call_from_main" => calls::call_from_main(settings, &stage),
            "call_nested" => calls::call_chain(settings, &stage, settings.actors),
            "idle" => idle::idle(settings, &stage),
            "idle_waiting" => idle::idle_waiting(settings, &stage),
            "big" => big::big(settings, &stage),
            _ => Outcome::Skipped("not written for this peer"),
        }
    })
}
