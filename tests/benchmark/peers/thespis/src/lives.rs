// SPDX-License-Identifier: MIT
//! create, tree: actors that are made, do little, and end.

use crate::actors::{done, open, send, send_from_main, start};
use crate::harness::{check, finish, Clock, Outcome, Settings};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Mutex;
use thespis::{Actor, Handler, Message, Return};
use thespis_impl::{Addr, SinkExt};

/// What the actors have in common. Each adds what it was sent.
struct All {
    creator: Mutex<Addr<Creator>>,
    n: u64,
    generation: u64,
    greeted: AtomicU64,
    capacity: Option<usize>,
    cooperate: bool,
}

struct Greeting {
    value: u64,
}

impl Message for Greeting {
    type Return = ();
}

struct Newcomer {
    all: &'static All,
    greeting: u64,
}

impl Actor for Newcomer {
    fn started(&mut self) -> Return<'_, ()> {
        done()
    }

    /// Whoever completes a generation asks for the next one.
    fn stopped(&mut self) -> Return<'_, ()> {
        let all = self.all;
        let greeted = all.greeted.fetch_add(self.greeting, Relaxed) + self.greeting;
        if greeted == all.n {
            finish();
        } else if greeted % all.generation == 0 {
            // That mailbox is unbounded.
            drop(send(
                &mut *all.creator.lock().unwrap(),
                Create { n: all.generation },
            ));
        }
        done()
    }
}

impl Handler<Greeting> for Newcomer {
    fn handle(&mut self, greeting: Greeting) -> Return<'_, ()> {
        self.greeting = greeting.value;
        done()
    }
}

struct Create {
    n: u64,
}

impl Message for Create {
    type Return = ();
}

struct Creator {
    all: Option<&'static All>,
}

struct Enter {
    all: &'static All,
}

impl Message for Enter {
    type Return = ();
}

impl Actor for Creator {}

impl Handler<Enter> for Creator {
    fn handle(&mut self, enter: Enter) -> Return<'_, ()> {
        self.all = Some(enter.all);
        done()
    }
}

impl Handler<Create> for Creator {
    fn handle(&mut self, create: Create) -> Return<'_, ()> {
        Box::pin(async move {
            let Some(all) = self.all else { return };
            for _ in 0..create.n {
                let (mut newcomer, mailbox) = open(all.capacity);
                start(mailbox, Newcomer { all, greeting: 0 });
                check!(newcomer.feed(Greeting { value: 1 }).await.is_ok());
                drop(newcomer);
                if all.cooperate {
                    tokio::task::consume_budget().await;
                }
            }
        })
    }
}

pub fn create(settings: &Settings) -> Outcome {
    let generation = settings.actors.min(settings.n);
    let n = settings.n / generation * generation;
    let (mut creator, mailbox) = open(None);
    let all = Box::leak(Box::new(All {
        creator: Mutex::new(creator.clone()),
        n,
        generation,
        greeted: AtomicU64::new(0),
        capacity: settings.capacity,
        cooperate: settings.cooperate,
    }));
    start(mailbox, Creator { all: None });
    send_from_main(&mut creator, Enter { all });

    let clock = Clock::start();
    send_from_main(&mut creator, Create { n: generation });
    let elapsed = clock.wait(1);
    check!(all.greeted.load(Relaxed) == n);
    Outcome::Time { n, elapsed }
}

struct Part {
    sum: u64,
}

impl Message for Part {
    type Return = ();
}

struct Node {
    depth: u64,
    capacity: Option<usize>,
    /// Its own address, until its children have it.
    own: Option<Addr<Node>>,
    /// `None` at the root.
    parent: Option<Addr<Node>>,
    sum: u64,
    missing: u32,
}

fn grow(depth: u64, parent: Option<Addr<Node>>, capacity: Option<usize>) {
    let (address, mailbox) = open(capacity);
    let own = (depth > 0).then_some(address);
    start(
        mailbox,
        Node {
            depth,
            capacity,
            own,
            parent,
            sum: 1,
            missing: 2,
        },
    );
}

impl Node {
    fn report(&mut self) -> Return<'_, ()> {
        match &mut self.parent {
            Some(parent) => send(parent, Part { sum: self.sum }),
            None => {
                check!(self.sum == (2 << self.depth) - 1);
                finish();
                done()
            }
        }
    }
}

impl Actor for Node {
    fn started(&mut self) -> Return<'_, ()> {
        match self.own.take() {
            Some(own) => {
                grow(self.depth - 1, Some(own.clone()), self.capacity);
                grow(self.depth - 1, Some(own), self.capacity);
                done()
            }
            None => self.report(),
        }
    }

    fn stopped(&mut self) -> Return<'_, ()> {
        done()
    }
}

impl Handler<Part> for Node {
    fn handle(&mut self, part: Part) -> Return<'_, ()> {
        self.sum += part.sum;
        self.missing -= 1;
        if self.missing > 0 {
            return done();
        }
        self.report()
    }
}

struct Plant {
    depth: u64,
}

impl Message for Plant {
    type Return = ();
}

struct Gardener {
    capacity: Option<usize>,
}

impl Actor for Gardener {}

impl Handler<Plant> for Gardener {
    fn handle(&mut self, plant: Plant) -> Return<'_, ()> {
        grow(plant.depth, None, self.capacity);
        done()
    }
}

pub fn tree(settings: &Settings) -> Outcome {
    let (mut gardener, mailbox) = open(None);
    start(
        mailbox,
        Gardener {
            capacity: settings.capacity,
        },
    );

    let clock = Clock::start();
    send_from_main(
        &mut gardener,
        Plant {
            depth: settings.depth,
        },
    );
    Outcome::Time {
        n: (2 << settings.depth) - 1,
        elapsed: clock.wait(1),
    }
}
