// SPDX-License-Identifier: MIT
//! call, call_from_main, call_nested: questions, one after the other, and their answers.

use crate::harness::{check, finish, wrong, Clock, Outcome, Settings};
use crate::mailbox::{Address, Kind, Mailbox};
use tokio::sync::{mpsc, oneshot};

pub struct Increment {
    value: u64,
    reply: oneshot::Sender<u64>,
}

async fn call<A: Address<Increment>>(address: &A, value: u64) -> u64 {
    let (reply, answer) = oneshot::channel();
    address.send(Increment { value, reply }).await;
    answer.await.unwrap_or_else(|error| wrong(error))
}

/// Adds one.
async fn last_counter<K: Kind>(mut mailbox: K::Mailbox<Increment>) {
    while let Some(message) = mailbox.next().await {
        check!(message.reply.send(message.value + 1).is_ok());
    }
}

/// Adds one, and what all after it add.
async fn counter<K: Kind>(mut mailbox: K::Mailbox<Increment>, next: K::Address<Increment>) {
    while let Some(message) = mailbox.next().await {
        let value = call(&next, message.value + 1).await;
        check!(message.reply.send(value).is_ok());
    }
}

/// The first of a chain of counters.
fn chain<K: Kind>(counters: u64, capacity: usize) -> K::Address<Increment> {
    let (mut head, mailbox) = K::open(capacity);
    tokio::spawn(last_counter::<K>(mailbox));
    for _ in 1..counters {
        let (address, mailbox) = K::open(capacity);
        tokio::spawn(counter::<K>(mailbox, head));
        head = address;
    }
    head
}

/// Sends each answer with the next question, so that none can be missed.
async fn caller<K: Kind>(
    mut mailbox: mpsc::UnboundedReceiver<u64>,
    counter: K::Address<Increment>,
    counters: u64,
) {
    while let Some(n) = mailbox.recv().await {
        let mut value = 0;
        for _ in 0..n {
            value = call(&counter, value).await;
        }
        check!(value == n * counters);
        finish();
    }
}

pub fn call_chain<K: Kind>(settings: &Settings, capacity: usize, counters: u64) -> Outcome {
    let head = chain::<K>(counters, capacity);
    let (address, mailbox) = mpsc::unbounded_channel();
    tokio::spawn(caller::<K>(mailbox, head, counters));

    let clock = Clock::start();
    address.send_from_main(settings.n);
    Outcome::Time {
        n: settings.n * counters,
        elapsed: clock.wait(1),
    }
}

pub fn call_from_main<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    let counter = chain::<K>(1, capacity);
    let clock = Clock::start();
    let mut value = 0;
    for _ in 0..settings.n {
        let (reply, answer) = oneshot::channel();
        counter.send_from_main(Increment { value, reply });
        value = answer.blocking_recv().unwrap_or_else(|error| wrong(error));
    }
    let elapsed = clock.wait(0);
    check!(value == settings.n);
    Outcome::Time {
        n: settings.n,
        elapsed,
    }
}
