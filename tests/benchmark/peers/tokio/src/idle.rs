// SPDX-License-Identifier: MIT
//! idle, idle_waiting: the memory of actors that do nothing.

use crate::harness::{check, finish, resident_bytes, use_small_pages, wait, Outcome, Settings};
use crate::mailbox::{Address, Kind, Mailbox};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::{mpsc, oneshot};

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

async fn idler<K: Kind>(mut mailbox: K::Mailbox<u64>, all: &'static All) {
    all.one_more();
    while let Some(value) = mailbox.next().await {
        all.add(value);
    }
}

pub fn idle<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    let all = Box::leak(Box::new(All {
        n: settings.n,
        ..All::default()
    }));
    let mut idlers = Vec::with_capacity(settings.n as usize);
    use_small_pages();
    let before = resident_bytes();
    for _ in 0..settings.n {
        let (address, mailbox) = K::open(capacity);
        tokio::spawn(idler::<K>(mailbox, all));
        idlers.push(address);
    }
    wait(1);
    let bytes = resident_bytes() - before;

    for (value, idler) in (1..).zip(&idlers) {
        idler.send_from_main(value);
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
    reply: oneshot::Sender<u64>,
}

/// Answers when it is released.
async fn oracle(
    mut mailbox: mpsc::UnboundedReceiver<Ask>,
    released: oneshot::Receiver<()>,
    n: usize,
) {
    let mut asked = Vec::with_capacity(n);
    while asked.len() < n {
        let ask = mailbox.recv().await;
        check!(ask.is_some());
        asked.extend(ask);
    }
    finish();
    check!(released.await.is_ok());
    for ask in asked {
        check!(ask.reply.send(ask.value).is_ok());
    }
}

async fn pilgrim<K: Kind>(
    mut mailbox: K::Mailbox<u64>,
    oracle: mpsc::UnboundedSender<Ask>,
    all: &'static All,
) {
    while let Some(value) = mailbox.next().await {
        let (reply, answer) = oneshot::channel();
        check!(oracle.send(Ask { value, reply }).is_ok());
        let answered = answer.await;
        check!(answered == Ok(value));
        all.add(value);
    }
}

pub fn idle_waiting<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    let all = Box::leak(Box::new(All {
        n: settings.n,
        ..All::default()
    }));
    let mut pilgrims = Vec::with_capacity(settings.n as usize);
    let (oracle_address, mailbox) = mpsc::unbounded_channel();
    let (release, released) = oneshot::channel();
    tokio::spawn(oracle(mailbox, released, settings.n as usize));
    use_small_pages();
    let before = resident_bytes();
    for value in 1..=settings.n {
        let (address, mailbox) = K::open(capacity);
        tokio::spawn(pilgrim::<K>(mailbox, oracle_address.clone(), all));
        address.send_from_main(value);
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
