// SPDX-License-Identifier: MIT
//! pingpong, count, contention, ring1, ring64: messages that nobody waits for.

use crate::harness::{check, finish, BoxedWords, Clock, Outcome, Payload, Settings};
use crate::mailbox::{start, Address, Kind, Mailbox};
use tokio::sync::mpsc;

/// A ball is how often it was hit.
async fn player<K: Kind>(
    mut mailbox: K::Mailbox<u64>,
    opponent: K::Address<u64>,
    mut expected: u64,
    last: u64,
) {
    while let Some(hits) = mailbox.next().await {
        check!(hits == expected);
        expected += 2;
        if hits == last {
            return finish();
        }
        opponent.send(hits + 1).await;
    }
}

pub fn pingpong<K: Kind>(settings: &Settings, capacity: usize) -> Outcome {
    let (ping, ping_mailbox) = K::open(capacity);
    let (pong, pong_mailbox) = K::open(capacity);
    let last = 2 * settings.n;
    start::<K, _>(player::<K>(ping_mailbox, pong, 0, last));
    start::<K, _>(player::<K>(pong_mailbox, ping.clone(), 1, last));

    let clock = Clock::start();
    ping.send_from_main(0);
    Outcome::Time {
        n: settings.n,
        elapsed: clock.wait(1),
    }
}

/// Nothing makes a producer wait if the mailbox is unbounded. So it lets others run now and then:
/// messages are handled while they are in the caches. More often would cost more than it saves.
const TURN: u64 = 1024;

/// Sends, when it is told to.
async fn producer<K: Kind, P: Payload>(
    mut mailbox: mpsc::UnboundedReceiver<u64>,
    counter: K::Address<P>,
) {
    while let Some(n) = mailbox.recv().await {
        for value in 0..n {
            counter.send(P::new(value)).await;
            if !K::BOUNDED && (value + 1) % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
}

/// How many messages a counter takes out of its mailbox at once.
const BATCH: usize = 256;

async fn counter<K: Kind, P: Payload>(mut mailbox: K::Mailbox<P>, n: u64, expected_sum: u64) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut counted = 0;
    let mut sum = 0u64;
    while counted < n {
        check!(mailbox.next_batch(&mut batch, BATCH).await > 0);
        counted += batch.len() as u64;
        for payload in batch.drain(..) {
            sum += payload.value();
        }
    }
    check!(counted == n && sum == expected_sum);
    finish();
}

fn load<K: Kind, P: Payload>(settings: &Settings, capacity: usize, senders: u64) -> Outcome {
    let each = settings.n / senders;
    let n = each * senders;
    check!(each > 0);
    let (address, mailbox) = K::open::<P>(capacity);
    start::<K, _>(counter::<K, P>(
        mailbox,
        n,
        senders * (each * (each - 1) / 2),
    ));
    let producers: Vec<_> = (0..senders)
        .map(|_| {
            let (producer_address, mailbox) = mpsc::unbounded_channel();
            start::<K, _>(producer::<K, P>(mailbox, address.clone()));
            producer_address
        })
        .collect();

    let clock = Clock::start();
    for producer in &producers {
        producer.send_from_main(each);
    }
    Outcome::Time {
        n,
        elapsed: clock.wait(1),
    }
}

pub fn load_of_any_size<K: Kind>(settings: &Settings, capacity: usize, senders: u64) -> Outcome {
    match settings.bytes {
        8 => load::<K, u64>(settings, capacity, senders),
        64 => load::<K, BoxedWords<8>>(settings, capacity, senders),
        512 => load::<K, BoxedWords<64>>(settings, capacity, senders),
        4096 => load::<K, BoxedWords<512>>(settings, capacity, senders),
        _ => Outcome::Skipped("messages are of 8, 64, 512 or 4096 bytes"),
    }
}

/// A token is how many hops it has still to go; this one ends the ring.
const STOP: u64 = u64::MAX;

/// Returns how many tokens came by.
async fn link<K: Kind>(mut mailbox: K::Mailbox<u64>, next: K::Address<u64>) -> u64 {
    let mut passed = 0;
    while let Some(hops) = mailbox.next().await {
        match hops {
            STOP => break,
            0 => finish(),
            _ => next.send(hops - 1).await,
        }
        passed += 1;
    }
    passed
}

pub fn ring<K: Kind>(settings: &Settings, capacity: usize, tokens: u64) -> Outcome {
    let hops = settings.n / tokens;
    check!(hops > 0);
    let (addresses, mailboxes): (Vec<_>, Vec<_>) = (0..settings.actors)
        .map(|_| K::open::<u64>(capacity))
        .unzip();
    let nexts = addresses.iter().cycle().skip(1).cloned();
    let links: Vec<_> = mailboxes
        .into_iter()
        .zip(nexts)
        .map(|(mailbox, next)| start::<K, _>(link::<K>(mailbox, next)))
        .collect();

    let clock = Clock::start();
    for i in 0..tokens {
        addresses[(i * settings.actors / tokens) as usize].send_from_main(hops - 1);
    }
    let elapsed = clock.wait(tokens);

    for address in &addresses {
        address.send_from_main(STOP);
    }
    let runtime = tokio::runtime::Handle::current();
    let passed: u64 = links
        .into_iter()
        .map(|link| runtime.block_on(link).unwrap())
        .sum();
    check!(passed == tokens * hops);
    Outcome::Time { n: passed, elapsed }
}
