// SPDX-License-Identifier: MIT
//! call, call_from_main, call_nested: questions, one after the other, and their answers.

use crate::harness::{check, finish, wrong, Clock, Outcome, Settings};
use crate::stage::{start, Stage};
use actix::dev::{MessageResponse, OneshotSender};
use actix::prelude::*;
use futures::executor::block_on;

#[derive(Message)]
#[rtype(result = "u64")]
struct Increment {
    value: u64,
}

/// Adds one, and, unless it is the last of a chain, what all after it add.
struct Counter {
    next: Option<Addr<Counter>>,
}

impl Actor for Counter {
    type Context = Context<Self>;
}

/// The last of a chain need not allocate a future.
enum Answer {
    Now(u64),
    Later(AtomicResponse<Counter, u64>),
}

impl MessageResponse<Counter, Increment> for Answer {
    fn handle(self, context: &mut Context<Counter>, sender: Option<OneshotSender<u64>>) {
        match self {
            Answer::Now(value) => {
                MessageResponse::<Counter, Increment>::handle(value, context, sender)
            }
            Answer::Later(response) => {
                MessageResponse::<Counter, Increment>::handle(response, context, sender)
            }
        }
    }
}

impl Handler<Increment> for Counter {
    type Result = Answer;

    fn handle(&mut self, increment: Increment, _: &mut Context<Self>) -> Answer {
        let value = increment.value + 1;
        match &self.next {
            None => Answer::Now(value),
            Some(next) => {
                let call = next.send(Increment { value }).into_actor(self);
                let answer = call.map(|answer, _, _| answer.unwrap_or_else(|error| wrong(error)));
                Answer::Later(AtomicResponse::new(Box::pin(answer)))
            }
        }
    }
}

/// The first of a chain of counters.
fn chain(stage: &Stage, counters: u64, capacity: Option<usize>) -> Addr<Counter> {
    let arbiter = stage.common_arbiter();
    let mut head = start(arbiter, capacity, Counter { next: None });
    for _ in 1..counters {
        head = start(arbiter, capacity, Counter { next: Some(head) });
    }
    head
}

#[derive(Message)]
#[rtype(result = "()")]
struct BeginCalls {
    n: u64,
}

struct Caller {
    counter: Addr<Counter>,
    counters: u64,
}

impl Actor for Caller {
    type Context = Context<Self>;
}

impl Handler<BeginCalls> for Caller {
    type Result = ResponseFuture<()>;

    /// Sends each answer with the next question, so that none can be missed.
    fn handle(&mut self, begin: BeginCalls, _: &mut Context<Self>) -> ResponseFuture<()> {
        let counter = self.counter.clone();
        let counters = self.counters;
        Box::pin(async move {
            let mut value = 0;
            for _ in 0..begin.n {
                let answer = counter.send(Increment { value }).await;
                value = answer.unwrap_or_else(|error| wrong(error));
            }
            check!(value == begin.n * counters);
            finish();
        })
    }
}

pub fn call_chain(settings: &Settings, stage: &Stage, counters: u64) -> Outcome {
    let counter = chain(stage, counters, settings.capacity);
    let caller = start(stage.common_arbiter(), None, Caller { counter, counters });
    stage.wait_until_started();

    let clock = Clock::start();
    caller.do_send(BeginCalls { n: settings.n });
    Outcome::Time {
        n: settings.n * counters,
        elapsed: clock.wait(1),
    }
}

pub fn call_from_main(settings: &Settings, stage: &Stage) -> Outcome {
    let counter = chain(stage, 1, settings.capacity);
    stage.wait_until_started();
    let clock = Clock::start();
    let mut value = 0;
    for _ in 0..settings.n {
        let answer = block_on(counter.send(Increment { value }));
        value = answer.unwrap_or_else(|error| wrong(error));
    }
    let elapsed = clock.wait(0);
    check!(value == settings.n);
    Outcome::Time {
        n: settings.n,
        elapsed,
    }
}
