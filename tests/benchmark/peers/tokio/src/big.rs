// SPDX-License-Identifier: MIT
//! big: everybody pings others at random, one ping at a time, and answers the pings of the others.
//!
//! Pongs are messages, because an actor that awaited the answer to a call would not answer others
//! meanwhile. There is at most one ping of each actor under way, and so at most one message from
//! each other actor in a mailbox.

use crate::harness::{check, finish, random_next, random_seed, Clock, Outcome, Settings};
use crate::mailbox::{start, Address, Kind, Mailbox};
use std::sync::{Arc, OnceLock};

enum Message {
    Begin,
    Ping { from: u32, value: u64 },
    Pong { value: u64 },
    Stop,
}

type Everybody<K> = Arc<OnceLock<Vec<<K as Kind>::Address<Message>>>>;

/// Returns how many pings it has answered.
async fn pinger<K: Kind>(
    mut mailbox: K::Mailbox<Message>,
    everybody: Everybody<K>,
    number: usize,
    n: u64,
) -> u64 {
    let mut all: &[K::Address<Message>] = &[];
    let mut random = random_seed(number as u64);
    let mut answered = 0;
    let mut sent = 0;
    while let Some(message) = mailbox.next().await {
        if all.is_empty() {
            all = everybody.get().map_or(&[], Vec::as_slice);
        }
        match message {
            Message::Begin => (),
            Message::Ping { from, value } => {
                answered += 1;
                all[from as usize].send(Message::Pong { value }).await;
                continue;
            }
            Message::Pong { value } => {
                check!(value == sent);
                if sent == n {
                    finish();
                    continue;
                }
            }
            Message::Stop => break,
        }
        sent += 1;
        let distance = 1 + random_next(&mut random) as usize % (all.len() - 1);
        let other = (number + distance) % all.len();
        all[other]
            .send(Message::Ping {
                from: number as u32,
                value: sent,
            })
            .await;
    }
    answered
}

pub fn big<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    let actors = settings.actors as usize;
    check!(actors > 1);
    if K::BOUNDED && capacity < actors + 1 {
        return Outcome::Skipped(
            "actors that wait for room in one another's mailboxes would deadlock",
        );
    }
    let everybody: Everybody<K> = Arc::default();
    let (addresses, mailboxes): (Vec<_>, Vec<_>) = (0..actors).map(|_| K::open(capacity)).unzip();
    let all = everybody.get_or_init(|| addresses);
    let pingers: Vec<_> = mailboxes
        .into_iter()
        .enumerate()
        .map(|(i, mailbox)| start::<K, _>(pinger::<K>(mailbox, everybody.clone(), i, settings.n)))
        .collect();

    let clock = Clock::start();
    for address in all {
        address.send_from_main(Message::Begin);
    }
    let elapsed = clock.wait(settings.actors);

    for address in all {
        address.send_from_main(Message::Stop);
    }
    let runtime = tokio::runtime::Handle::current();
    let answered: u64 = pingers
        .into_iter()
        .map(|pinger| runtime.block_on(pinger).unwrap())
        .sum();
    check!(answered == settings.actors * settings.n);
    Outcome::Time {
        n: answered,
        elapsed,
    }
}
