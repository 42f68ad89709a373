// SPDX-License-Identifier: MIT
//! idle, idle_waiting: the memory of actors that do nothing.

use crate::harness::{
    check, finish, resident_bytes, use_small_pages, wait, wrong, Outcome, Settings,
};
use crate::stage::{start, Stage};
use actix::dev::{MessageResponse, OneshotSender};
use actix::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

/// How many have begun to wait, and what they were sent since.
#[derive(Default)]
struct All {
    n: u64,
    begun: AtomicU64,
    sum: AtomicU64,
}

impl All {
    /// Each counts itself; the last says so.
    fn one_more(&self) {
        if self.begun.fetch_add(1, Relaxed) + 1 == self.n {
            finish();
        }
    }

    fn expected_sum(&self) -> u64 {
        self.n * (self.n + 1) / 2
    }

    /// Each was sent its number, from one on; the last to add its own says so.
    fn add(&self, value: u64) {
        if self.sum.fetch_add(value, Relaxed) + value == self.expected_sum() {
            finish();
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Number {
    value: u64,
}

struct Idler {
    all: &'static All,
}

impl Actor for Idler {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Context<Self>) {
        self.all.one_more();
    }
}

impl Handler<Number> for Idler {
    type Result = ();

    fn handle(&mut self, number: Number, _: &mut Context<Self>) {
        self.all.add(number.value);
    }
}

pub fn idle(settings: &Settings, stage: &Stage) -> Outcome {
    let all: &'static All = Box::leak(Box::new(All {
        n: settings.n,
        ..All::default()
    }));
    let row = settings.n as usize;
    let mut idlers = Vec::with_capacity(row);
    stage.wait_until_started();
    use_small_pages();
    let before = resident_bytes();
    for place in 0..row {
        idlers.push(start(
            stage.arbiter_of(place, row),
            settings.capacity,
            Idler { all },
        ));
    }
    wait(1);
    let bytes = resident_bytes() - before;

    for (value, idler) in (1..).zip(&idlers) {
        idler.do_send(Number { value });
    }
    wait(1);
    check!(all.sum.load(Relaxed) == all.expected_sum());
    Outcome::Memory {
        n: settings.n,
        bytes,
    }
}

#[derive(Message)]
#[rtype(result = "u64")]
struct Ask {
    value: u64,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Release;

/// Who asks is answered later.
struct Later {
    value: u64,
    asked: Asked,
}

type Asked = Arc<Mutex<Vec<(u64, OneshotSender<u64>)>>>;

impl MessageResponse<Oracle, Ask> for Later {
    fn handle(self, _: &mut Context<Oracle>, sender: Option<OneshotSender<u64>>) {
        let mut asked = self.asked.lock().unwrap();
        asked.extend(sender.map(|sender| (self.value, sender)));
        if asked.len() == asked.capacity() {
            finish();
        }
    }
}

struct Oracle {
    asked: Asked,
}

impl Actor for Oracle {
    type Context = Context<Self>;
}

impl Handler<Ask> for Oracle {
    type Result = Later;

    fn handle(&mut self, ask: Ask, _: &mut Context<Self>) -> Later {
        Later {
            value: ask.value,
            asked: self.asked.clone(),
        }
    }
}

impl Handler<Release> for Oracle {
    type Result = ();

    fn handle(&mut self, _: Release, _: &mut Context<Self>) {
        for (value, sender) in self.asked.lock().unwrap().drain(..) {
            check!(sender.send(value).is_ok());
        }
    }
}

struct Pilgrim {
    oracle: Addr<Oracle>,
    all: &'static All,
}

impl Actor for Pilgrim {
    type Context = Context<Self>;
}

impl Handler<Number> for Pilgrim {
    type Result = AtomicResponse<Self, ()>;

    fn handle(&mut self, number: Number, _: &mut Context<Self>) -> Self::Result {
        let call = self.oracle.send(Ask {
            value: number.value,
        });
        AtomicResponse::new(Box::pin(call.into_actor(self).map(
            move |answer, pilgrim, _| {
                let answer = answer.unwrap_or_else(|error| wrong(error));
                check!(answer == number.value);
                pilgrim.all.add(answer);
            },
        )))
    }
}

pub fn idle_waiting(settings: &Settings, stage: &Stage) -> Outcome {
    let all: &'static All = Box::leak(Box::new(All {
        n: settings.n,
        ..All::default()
    }));
    let row = settings.n as usize;
    let asked = Arc::new(Mutex::new(Vec::with_capacity(row)));
    let oracle = start(stage.common_arbiter(), None, Oracle { asked });
    let mut pilgrims = Vec::with_capacity(row);
    stage.wait_until_started();
    use_small_pages();
    let before = resident_bytes();
    for place in 0..row {
        let pilgrim = Pilgrim {
            oracle: oracle.clone(),
            all,
        };
        let pilgrim = start(stage.arbiter_of(place, row), settings.capacity, pilgrim);
        pilgrim.do_send(Number {
            value: place as u64 + 1,
        });
        pilgrims.push(pilgrim);
    }
    wait(1);
    let bytes = resident_bytes() - before;

    oracle.do_send(Release);
    wait(1);
    check!(all.sum.load(Relaxed) == all.expected_sum());
    Outcome::Memory {
        n: settings.n,
        bytes,
    }
}
