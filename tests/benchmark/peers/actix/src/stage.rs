// SPDX-License-Identifier: MIT
//! Where actors are made: some arbiters, each of which is a thread.

use crate::harness::{check, finish, wait, wrong};
use actix::dev::ToEnvelope;
use actix::prelude::*;
use actix_rt::ArbiterHandle;

pub struct Stage {
    arbiters: Vec<ArbiterHandle>,
}

impl Stage {
    /// The threads need neither timers nor sockets, and park faster without them.
    pub fn open(threads: usize) -> Stage {
        let runtime = || match tokio::runtime::Builder::new_current_thread().build() {
            Ok(runtime) => runtime,
            Err(error) => wrong(error),
        };
        // Arbiters belong to a system, which here has nothing to run on its own thread, the main one.
        std::mem::forget(System::with_tokio_rt(runtime));
        let arbiters = (0..threads)
            .map(|_| Arbiter::with_tokio_rt(runtime).handle())
            .collect();
        Stage { arbiters }
    }

    /// The arbiter for actors of which one has nothing to do without the other.
    pub fn common_arbiter(&self) -> &ArbiterHandle {
        &self.arbiters[0]
    }

    /// The arbiter for the actor at such a place in a row: neighbours share one.
    pub fn arbiter_of(&self, place: usize, row: usize) -> &ArbiterHandle {
        &self.arbiters[place * self.arbiters.len() / row]
    }

    pub fn arbiters(&self) -> &[ArbiterHandle] {
        &self.arbiters
    }

    /// Block until all that was started has been.
    pub fn wait_until_started(&self) {
        for arbiter in &self.arbiters {
            check!(arbiter.spawn_fn(finish));
        }
        wait(self.arbiters.len() as u64);
    }
}

/// Start an actor; its mailbox is for those who look at its capacity, see `send()`.
pub fn start<A>(arbiter: &ArbiterHandle, capacity: Option<usize>, actor: A) -> Addr<A>
where
    A: Actor<Context = Context<A>> + Send,
{
    A::start_in_arbiter(arbiter, move |context| {
        if let Some(capacity) = capacity {
            context.set_mailbox_capacity(capacity);
        }
        actor
    })
}

/// Send a message: past the capacity, unless there is one that counts. Then there must be room.
pub fn send<A, M>(address: &Addr<A>, capacity: Option<usize>, message: M)
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    match capacity {
        Some(_) => check!(address.try_send(message).is_ok()),
        None => address.do_send(message),
    }
}
