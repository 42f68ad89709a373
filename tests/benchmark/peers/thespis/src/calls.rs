// SPDX-License-Identifier: MIT
//! call, call_from_main, call_nested: questions, one after the other, and their answers.

use crate::actors::{open, send_from_main, start};
use crate::harness::{check, finish, wrong, Clock, Outcome, Settings};
use futures::executor::block_on;
use std::future::ready;
use thespis::{Actor, Address, Handler, Message, Return};
use thespis_impl::Addr;

struct Increment {
    value: u64,
}

impl Message for Increment {
    type Return = u64;
}

/// Adds one, and, unless it is the last of a chain, what all after it add.
struct Counter {
    next: Option<Addr<Counter>>,
}

impl Actor for Counter {}

impl Handler<Increment> for Counter {
    fn handle(&mut self, increment: Increment) -> Return<'_, u64> {
        let value = increment.value + 1;
        match &mut self.next {
            None => Box::pin(ready(value)),
            Some(next) => Box::pin(async move {
                next.call(Increment { value })
                    .await
                    .unwrap_or_else(|error| wrong(error))
            }),
        }
    }
}

/// The first of a chain of counters.
fn chain(counters: u64, capacity: Option<usize>) -> Addr<Counter> {
    let (mut head, mailbox) = open(capacity);
    start(mailbox, Counter { next: None });
    for _ in 1..counters {
        let (address, mailbox) = open(capacity);
        start(mailbox, Counter { next: Some(head) });
        head = address;
    }
    head
}

struct BeginCalls {
    n: u64,
}

impl Message for BeginCalls {
    type Return = ();
}

struct Caller {
    counter: Addr<Counter>,
    counters: u64,
}

impl Actor for Caller {}

impl Handler<BeginCalls> for Caller {
    /// Sends each answer with the next question, so that none can be missed.
    fn handle(&mut self, begin: BeginCalls) -> Return<'_, ()> {
        Box::pin(async move {
            let mut value = 0;
            for _ in 0..begin.n {
                let answer = self.counter.call(Increment { value }).await;
                value = answer.unwrap_or_else(|error| wrong(error));
            }
            check!(value == begin.n * self.counters);
            finish();
        })
    }
}

pub fn call_chain(settings: &Settings, counters: u64) -> Outcome {
    let counter = chain(counters, settings.capacity);
    let (mut caller, mailbox) = open(None);
    start(mailbox, Caller { counter, counters });

    let clock = Clock::start();
    send_from_main(&mut caller, BeginCalls { n: settings.n });
    Outcome::Time {
        n: settings.n * counters,
        elapsed: clock.wait(1),
    }
}

pub fn call_from_main(settings: &Settings) -> Outcome {
    let mut counter = chain(1, settings.capacity);
    let clock = Clock::start();
    let mut value = 0;
    for _ in 0..settings.n {
        let answer = block_on(counter.call(Increment { value }));
        value = answer.unwrap_or_else(|error| wrong(error));
    }
    let elapsed = clock.wait(0);
    check!(value == settings.n);
    Outcome::Time {
        n: settings.n,
        elapsed,
    }
}
