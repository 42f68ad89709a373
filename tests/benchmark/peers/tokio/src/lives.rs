// SPDX-License-Identifier: MIT
//! create, tree: actors that are made, do little, and end.

use crate::harness::{check, finish, Clock, Outcome, Settings};
use crate::mailbox::{Address, Kind, Mailbox};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What the actors have in common. Each adds what it was sent.
struct All<K: Kind> {
    creator: K::Address<u64>,
    n: u64,
    generation: u64,
    greeted: AtomicU64,
}

/// Whoever completes a generation asks for the next one.
async fn newcomer<K: Kind>(mut mailbox: K::Mailbox<u64>, all: &'static All<K>) {
    if let Some(value) = mailbox.next().await {
        drop(mailbox);
        let greeted = all.greeted.fetch_add(value, Relaxed) + value;
        if greeted == all.n {
            finish();
        } else if greeted % all.generation == 0 {
            all.creator.send(all.generation).await;
        }
    }
}

async fn creator<K: Kind>(
    mut mailbox: K::Mailbox<u64>,
    all: &'static All<K>,
    capacity: usize,
    cooperate: bool,
) {
    while let Some(n) = mailbox.next().await {
        for _ in 0..n {
            let (address, mailbox) = K::open(capacity);
            tokio::spawn(newcomer(mailbox, all));
            address.send(1).await;
            if cooperate {
                tokio::task::consume_budget().await;
            }
        }
    }
}

pub fn create<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    let generation = settings.actors.min(settings.n);
    let n = settings.n / generation * generation;
    let (address, mailbox) = K::open(capacity);
    let all = Box::leak(Box::new(All::<K> {
        creator: address.clone(),
        n,
        generation,
        greeted: AtomicU64::new(0),
    }));
    tokio::spawn(creator(mailbox, all, capacity, settings.cooperate));

    let clock = Clock::start();
    address.send_from_main(generation);
    let elapsed = clock.wait(1);
    check!(all.greeted.load(Relaxed) == n);
    Outcome::Time { n, elapsed }
}

/// How to start the actors below: `inner()` cannot name who starts it, because then whether its
/// state may move between threads would depend on itself.
type Grow<K> = fn(u64, <K as Kind>::Address<u64>, usize);

fn grow<K: Kind>(depth: u64, parent: K::Address<u64>, capacity: usize) {
    if depth == 0 {
        tokio::spawn(leaf::<K>(parent));
    } else {
        tokio::spawn(inner::<K>(depth, parent, capacity, grow::<K>));
    }
}

async fn leaf<K: Kind>(parent: K::Address<u64>) {
    parent.send(1).await;
}

async fn inner<K: Kind>(depth: u64, parent: K::Address<u64>, capacity: usize, grow: Grow<K>) {
    let (address, mut mailbox) = K::open(capacity);
    grow(depth - 1, address.clone(), capacity);
    grow(depth - 1, address, capacity);
    let mut sum = 1;
    while let Some(part) = mailbox.next().await {
        sum += part;
    }
    drop(mailbox);
    parent.send(sum).await;
}

/// Where the tree hangs: plants it when it is told how deep, and is sent the sum.
async fn root<K: Kind>(mut mailbox: K::Mailbox<u64>, address: K::Address<u64>, capacity: usize) {
    let depth = mailbox.next().await.unwrap_or(0);
    grow::<K>(depth, address, capacity);
    let sum = mailbox.next().await;
    check!(sum == Some((2 << depth) - 1));
    finish();
}

pub fn tree<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    let (address, mailbox) = K::open(capacity);
    tokio::spawn(root::<K>(mailbox, address.clone(), capacity));

    let clock = Clock::start();
    address.send_from_main(settings.depth);
    Outcome::Time {
        n: (2 << settings.depth) - 1,
        elapsed: clock.wait(1),
    }
}
