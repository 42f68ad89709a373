// SPDX-License-Identifier: MIT
//! big: everybody pings others at random, one ping at a time, and answers the pings of the others.
//!
//! Pongs are messages: an answer to a call would be one, too, and allocate a channel besides.

use crate::harness::{check, finish, random_next, random_seed, wrong, Clock, Outcome, Settings};
use crate::stage::{start, Stage};
use actix::prelude::*;
use futures::executor::block_on;
use std::sync::Arc;

#[derive(Message)]
#[rtype(result = "()")]
struct Begin;

/// Everybody, which only then are there.
#[derive(Message)]
#[rtype(result = "()")]
struct Meet(Arc<[Addr<Pinger>]>);

#[derive(Message)]
#[rtype(result = "()")]
struct Ping {
    from: usize,
    value: u64,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Pong {
    value: u64,
}

#[derive(Message)]
#[rtype(result = "u64")]
struct CountPings;

struct Pinger {
    all: Arc<[Addr<Pinger>]>,
    number: usize,
    random: u64,
    n: u64,
    sent: u64,
    answered: u64,
}

impl Pinger {
    fn ping(&mut self) {
        let distance = 1 + random_next(&mut self.random) as usize % (self.all.len() - 1);
        let other = (self.number + distance) % self.all.len();
        self.sent += 1;
        self.all[other].do_send(Ping {
            from: self.number,
            value: self.sent,
        });
    }
}

impl Actor for Pinger {
    type Context = Context<Self>;
}

impl Handler<Meet> for Pinger {
    type Result = ();

    fn handle(&mut self, meet: Meet, _: &mut Context<Self>) {
        self.all = meet.0;
    }
}

impl Handler<Begin> for Pinger {
    type Result = ();

    fn handle(&mut self, _: Begin, _: &mut Context<Self>) {
        self.ping();
    }
}

impl Handler<Ping> for Pinger {
    type Result = ();

    fn handle(&mut self, ping: Ping, _: &mut Context<Self>) {
        self.answered += 1;
        self.all[ping.from].do_send(Pong { value: ping.value });
    }
}

impl Handler<Pong> for Pinger {
    type Result = ();

    fn handle(&mut self, pong: Pong, _: &mut Context<Self>) {
        check!(pong.value == self.sent);
        if self.sent == self.n {
            finish();
        } else {
            self.ping();
        }
    }
}

impl Handler<CountPings> for Pinger {
    type Result = u64;

    fn handle(&mut self, _: CountPings, _: &mut Context<Self>) -> u64 {
        self.answered
    }
}

pub fn big(settings: &Settings, stage: &Stage) -> Outcome {
    let actors = settings.actors as usize;
    check!(actors > 1);
    if settings.capacity.is_some() {
        return Outcome::Skipped("an actor cannot wait for room in another one's mailbox");
    }
    let all: Arc<[_]> = (0..actors)
        .map(|number| {
            let random = random_seed(number as u64);
            let all = Arc::from([]);
            let pinger = Pinger {
                all,
                number,
                random,
                n: settings.n,
                sent: 0,
                answered: 0,
            };
            start(stage.common_arbiter(), None, pinger)
        })
        .collect();
    for pinger in all.iter() {
        pinger.do_send(Meet(all.clone()));
    }
    stage.wait_until_started();

    let clock = Clock::start();
    for pinger in all.iter() {
        pinger.do_send(Begin);
    }
    let elapsed = clock.wait(settings.actors);

    let count = |pinger: &Addr<Pinger>| block_on(pinger.send(CountPings));
    let answered: u64 = all
        .iter()
        .map(|one| count(one).unwrap_or_else(|error| wrong(error)))
        .sum();
    check!(answered == settings.actors * settings.n);
    Outcome::Time {
        n: answered,
        elapsed,
    }
}
