// SPDX-License-Identifier: MIT
//! big: everybody pings others at random, one ping at a time, and answers the pings of the others.
//!
//! Pongs are messages, because an actor that awaited the answer to a call would not answer others
//! meanwhile. There is at most one ping of each actor under way, and so at most one message from
//! each other actor in a mailbox.

use crate::actors::{done, open, send, send_from_main, start};
use crate::harness::{check, finish, random_next, random_seed, wrong, Clock, Outcome, Settings};
use futures::executor::block_on;
use std::future::ready;
use thespis::{Actor, Address, Handler, Message, Return};
use thespis_impl::Addr;

struct Begin;

impl Message for Begin {
    type Return = ();
}

struct Ping {
    from: usize,
    value: u64,
}

impl Message for Ping {
    type Return = ();
}

struct Pong {
    value: u64,
}

impl Message for Pong {
    type Return = ();
}

struct CountPings;

impl Message for CountPings {
    type Return = u64;
}

struct Pinger {
    /// An address cannot be used by two actors at a time, so each has its own of everybody.
    all: Vec<Addr<Pinger>>,
    number: usize,
    random: u64,
    n: u64,
    sent: u64,
    answered: u64,
}

impl Actor for Pinger {}

impl Pinger {
    fn ping(&mut self) -> Return<'_, ()> {
        let distance = 1 + random_next(&mut self.random) as usize % (self.all.len() - 1);
        let other = (self.number + distance) % self.all.len();
        self.sent += 1;
        send(
            &mut self.all[other],
            Ping {
                from: self.number,
                value: self.sent,
            },
        )
    }
}

impl Handler<Begin> for Pinger {
    fn handle(&mut self, _: Begin) -> Return<'_, ()> {
        self.ping()
    }
}

impl Handler<Ping> for Pinger {
    fn handle(&mut self, ping: Ping) -> Return<'_, ()> {
        self.answered += 1;
        send(&mut self.all[ping.from], Pong { value: ping.value })
    }
}

impl Handler<Pong> for Pinger {
    fn handle(&mut self, pong: Pong) -> Return<'_, ()> {
        check!(pong.value == self.sent);
        if self.sent == self.n {
            finish();
            return done();
        }
        self.ping()
    }
}

impl Handler<CountPings> for Pinger {
    fn handle(&mut self, _: CountPings) -> Return<'_, u64> {
        Box::pin(ready(self.answered))
    }
}

pub fn big(settings: &Settings) -> Outcome {
    let actors = settings.actors as usize;
    check!(actors > 1);
    if settings
        .capacity
        .is_some_and(|capacity| capacity < actors + 1)
    {
        return Outcome::Skipped("waiting for room in one another's mailboxes would deadlock");
    }
    if actors > 2000 {
        return Outcome::Skipped("each actor needs an address of its own of each other one");
    }
    let (mut addresses, mailboxes): (Vec<_>, Vec<_>) =
        (0..actors).map(|_| open(settings.capacity)).unzip();
    for (number, mailbox) in mailboxes.into_iter().enumerate() {
        let random = random_seed(number as u64);
        let all = addresses.clone();
        start(
            mailbox,
            Pinger {
                all,
                number,
                random,
                n: settings.n,
                sent: 0,
                answered: 0,
            },
        );
    }

    let clock = Clock::start();
    for address in &mut addresses {
        send_from_main(address, Begin);
    }
    let elapsed = clock.wait(settings.actors);

    let mut answered = 0;
    for address in &mut addresses {
        answered += block_on(address.call(CountPings)).unwrap_or_else(|error| wrong(error));
    }
    check!(answered == settings.actors * settings.n);
    Outcome::Time {
        n: answered,
        elapsed,
    }
}
