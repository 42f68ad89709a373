// SPDX-License-Identifier: MIT
//! idle, idle_waiting: the memory of actors that do nothing.

use crate::actors::{done, open, send_from_main, start};
use crate::harness::{
    check, finish, resident_bytes, use_small_pages, wait, wrong, Outcome, Settings,
};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use thespis::{Actor, Address, Handler, Message, Return};
use thespis_impl::Addr;
use tokio::sync::oneshot;

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

struct Number {
    value: u64,
}

impl Message for Number {
    type Return = ();
}

struct Idler {
    all: &'static All,
}

impl Actor for Idler {
    fn started(&mut self) -> Return<'_, ()> {
        self.all.one_more();
        done()
    }
}

impl Handler<Number> for Idler {
    fn handle(&mut self, number: Number) -> Return<'_, ()> {
        self.all.add(number.value);
        done()
    }
}

pub fn idle(settings: &Settings) -> Outcome {
    let all = Box::leak(Box::new(All {
        n: settings.n,
        ..All::default()
    }));
    let mut idlers = Vec::with_capacity(settings.n as usize);
    use_small_pages();
    let before = resident_bytes();
    for _ in 0..settings.n {
        let (address, mailbox) = open(settings.capacity);
        start(mailbox, Idler { all });
        idlers.push(address);
    }
    wait(1);
    let bytes = resident_bytes() - before;

    for (value, idler) in (1..).zip(&mut idlers) {
        send_from_main(idler, Number { value });
    }
    wait(1);
    check!(all.sum.load(Relaxed) == all.expected_sum());
    Outcome::Memory {
        n: settings.n,
        bytes,
    }
}

struct Ask {
    value: u64,
}

impl Message for Ask {
    type Return = u64;
}

/// Answers nobody before it is released.
struct Oracle {
    released: Option<oneshot::Receiver<()>>,
}

impl Actor for Oracle {}

impl Handler<Ask> for Oracle {
    fn handle(&mut self, ask: Ask) -> Return<'_, u64> {
        Box::pin(async move {
            if let Some(released) = self.released.take() {
                check!(released.await.is_ok());
            }
            ask.value
        })
    }
}

struct Pilgrim {
    oracle: Addr<Oracle>,
    all: &'static All,
}

impl Actor for Pilgrim {}

impl Handler<Number> for Pilgrim {
    fn handle(&mut self, number: Number) -> Return<'_, ()> {
        Box::pin(async move {
            let mut call = self.oracle.call(Ask {
                value: number.value,
            });
            check!(futures::poll!(&mut call).is_pending());
            self.all.one_more();
            let answer = call.await.unwrap_or_else(|error| wrong(error));
            check!(answer == number.value);
            self.all.add(answer);
        })
    }
}

pub fn idle_waiting(settings: &Settings) -> Outcome {
    let all = Box::leak(Box::new(All {
        n: settings.n,
        ..All::default()
    }));
    let mut pilgrims = Vec::with_capacity(settings.n as usize);
    let (oracle, mailbox) = open(None);
    let (release, released) = oneshot::channel();
    start(
        mailbox,
        Oracle {
            released: Some(released),
        },
    );
    use_small_pages();
    let before = resident_bytes();
    for value in 1..=settings.n {
        let (mut address, mailbox) = open(settings.capacity);
        start(
            mailbox,
            Pilgrim {
                oracle: oracle.clone(),
                all,
            },
        );
        send_from_main(&mut address, Number { value });
        pilgrims.push(address);
    }
    wait(1);
    let bytes = resident_bytes() - before;

    check!(release.send(()).is_ok());
    wait(1);
    check!(all.sum.load(Relaxed) == all.expected_sum());
    Outcome::Memory {
        n: settings.n,
        bytes,
    }
}
