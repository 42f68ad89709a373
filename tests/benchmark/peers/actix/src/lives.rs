// SPDX-License-Identifier: MIT
//! create, tree: actors that are made, do little, and end.

use crate::harness::{check, finish, Clock, Outcome, Settings};
use crate::stage::{start, Stage};
use actix::prelude::*;
use actix_rt::ArbiterHandle;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::OnceLock;

/// What the actors have in common. Each adds what it was sent.
struct All {
    creator: OnceLock<Addr<Creator>>,
    n: u64,
    generation: u64,
    greeted: AtomicU64,
    cooperate: bool,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Greeting {
    value: u64,
}

struct Newcomer {
    all: &'static All,
    greeting: u64,
}

impl Actor for Newcomer {
    type Context = Context<Self>;

    /// Whoever completes a generation asks for the next one.
    fn stopped(&mut self, _: &mut Context<Self>) {
        let all = self.all;
        let greeted = all.greeted.fetch_add(self.greeting, Relaxed) + self.greeting;
        if greeted == all.n {
            finish();
        } else if greeted % all.generation == 0 {
            if let Some(creator) = all.creator.get() {
                creator.do_send(Create { n: all.generation });
            }
        }
    }
}

impl Handler<Greeting> for Newcomer {
    type Result = ();

    fn handle(&mut self, greeting: Greeting, _: &mut Context<Self>) {
        self.greeting = greeting.value;
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Create {
    n: u64,
}

struct Creator {
    all: &'static All,
}

impl Actor for Creator {
    type Context = Context<Self>;
}

impl Handler<Create> for Creator {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, create: Create, _: &mut Context<Self>) -> ResponseFuture<()> {
        let all = self.all;
        Box::pin(async move {
            for _ in 0..create.n {
                let newcomer = Newcomer { all, greeting: 0 }.start();
                newcomer.do_send(Greeting { value: 1 });
                drop(newcomer);
                if all.cooperate {
                    tokio::task::consume_budget().await;
                }
            }
        })
    }
}

pub fn create(settings: &Settings, stage: &Stage) -> Outcome {
    let generation = settings.actors.min(settings.n);
    let n = settings.n / generation * generation;
    let all = Box::leak(Box::new(All {
        creator: OnceLock::new(),
        n,
        generation,
        greeted: AtomicU64::new(0),
        cooperate: settings.cooperate,
    }));
    let all: &'static All = all;
    let creator = all
        .creator
        .get_or_init(|| start(stage.common_arbiter(), None, Creator { all }));
    stage.wait_until_started();

    let clock = Clock::start();
    creator.do_send(Create { n: generation });
    let elapsed = clock.wait(1);
    check!(all.greeted.load(Relaxed) == n);
    Outcome::Time { n, elapsed }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Part {
    sum: u64,
}

struct Node {
    depth: u64,
    /// `None` at the root.
    parent: Option<Addr<Node>>,
    /// Where it and all below it are, if that is still to be decided.
    arbiters: &'static [ArbiterHandle],
    sum: u64,
    missing: u32,
}

impl Node {
    fn new(depth: u64, parent: Option<Addr<Node>>, arbiters: &'static [ArbiterHandle]) -> Node {
        Node {
            depth,
            parent,
            arbiters,
            sum: 1,
            missing: 2,
        }
    }

    fn grow(&self, context: &mut Context<Node>) {
        let depth = self.depth - 1;
        let (left, right) = self.arbiters.split_at(self.arbiters.len() / 2);
        for side in [left, right] {
            let parent = Some(context.address());
            match side {
                [] | [_] if self.arbiters.len() <= 1 => {
                    Node::new(depth, parent, &[]).start();
                }
                _ => {
                    Node::start_in_arbiter(&side[0], move |_| Node::new(depth, parent, side));
                }
            }
        }
    }

    /// Nothing comes any more.
    fn report(&self, context: &mut Context<Node>) {
        match &self.parent {
            Some(parent) => parent.do_send(Part { sum: self.sum }),
            None => {
                check!(self.sum == (2 << self.depth) - 1);
                finish();
            }
        }
        context.stop();
    }
}

impl Actor for Node {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        if self.depth > 0 {
            self.grow(context);
        } else {
            self.report(context);
        }
    }
}

impl Handler<Part> for Node {
    type Result = ();

    fn handle(&mut self, part: Part, context: &mut Context<Self>) {
        self.sum += part.sum;
        self.missing -= 1;
        if self.missing == 0 {
            self.report(context);
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Plant {
    depth: u64,
}

struct Gardener {
    arbiters: &'static [ArbiterHandle],
}

impl Actor for Gardener {
    type Context = Context<Self>;
}

impl Handler<Plant> for Gardener {
    type Result = ();

    fn handle(&mut self, plant: Plant, _: &mut Context<Self>) {
        Node::new(plant.depth, None, self.arbiters).start();
    }
}

pub fn tree(settings: &Settings, stage: &Stage) -> Outcome {
    let arbiters = stage.arbiters().to_vec().leak();
    let gardener = start(stage.common_arbiter(), None, Gardener { arbiters });
    stage.wait_until_started();

    let clock = Clock::start();
    gardener.do_send(Plant {
        depth: settings.depth,
    });
    Outcome::Time {
        n: (2 << settings.depth) - 1,
        elapsed: clock.wait(1),
    }
}
