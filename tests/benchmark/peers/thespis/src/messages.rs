// SPDX-License-Identifier: MIT
//! pingpong, count, contention, ring1, ring64: messages that nobody waits for.

use crate::actors::{done, open, send, send_from_main, start};
use crate::harness::{check, finish, wrong, BoxedWords, Clock, Outcome, Payload, Settings};
use futures::executor::block_on;
use std::future::ready;
use thespis::{Actor, Address, Handler, Message, Return};
use thespis_impl::{Addr, SinkExt};

struct Ball {
    hits: u64,
}

impl Message for Ball {
    type Return = ();
}

struct Player {
    opponent: Addr<Player>,
    expected: u64,
    last: u64,
}

impl Actor for Player {}

impl Handler<Ball> for Player {
    fn handle(&mut self, ball: Ball) -> Return<'_, ()> {
        check!(ball.hits == self.expected);
        self.expected += 2;
        if ball.hits == self.last {
            finish();
            return done();
        }
        send(
            &mut self.opponent,
            Ball {
                hits: ball.hits + 1,
            },
        )
    }
}

pub fn pingpong(settings: &Settings) -> Outcome {
    let (mut ping, ping_mailbox) = open(settings.capacity);
    let (pong, pong_mailbox) = open(settings.capacity);
    let last = 2 * settings.n;
    start(
        ping_mailbox,
        Player {
            opponent: pong,
            expected: 0,
            last,
        },
    );
    start(
        pong_mailbox,
        Player {
            opponent: ping.clone(),
            expected: 1,
            last,
        },
    );

    let clock = Clock::start();
    send_from_main(&mut ping, Ball { hits: 0 });
    Outcome::Time {
        n: settings.n,
        elapsed: clock.wait(1),
    }
}

struct Load<P> {
    payload: P,
}

impl<P: Payload> Message for Load<P> {
    type Return = ();
}

struct Counter {
    counted: u64,
    sum: u64,
    n: u64,
    expected_sum: u64,
}

impl Actor for Counter {}

impl<P: Payload> Handler<Load<P>> for Counter {
    fn handle(&mut self, load: Load<P>) -> Return<'_, ()> {
        self.counted += 1;
        self.sum += load.payload.value();
        if self.counted == self.n {
            check!(self.sum == self.expected_sum);
            finish();
        }
        done()
    }
}

struct Produce<P> {
    n: u64,
    payload: std::marker::PhantomData<P>,
}

impl<P: Payload> Message for Produce<P> {
    type Return = ();
}

/// Nothing makes a producer wait if the mailbox is unbounded. So it lets others run now and then:
/// messages are handled while they are in the caches. More often would cost more than it saves.
const TURN: u64 = 1024;

struct Producer {
    counter: Addr<Counter>,
}

impl Actor for Producer {}

impl<P: Payload> Handler<Produce<P>> for Producer {
    fn handle(&mut self, produce: Produce<P>) -> Return<'_, ()> {
        Box::pin(async move {
            for value in 0..produce.n {
                let payload = P::new(value);
                check!(self.counter.feed(Load { payload }).await.is_ok());
                if (value + 1) % TURN == 0 {
                    tokio::task::yield_now().await;
                }
            }
        })
    }
}

fn load<P: Payload>(settings: &Settings, senders: u64) -> Outcome {
    let each = settings.n / senders;
    let n = each * senders;
    check!(each > 0);
    let (counter, mailbox) = open(settings.capacity);
    let expected_sum = senders * (each * (each - 1) / 2);
    start(
        mailbox,
        Counter {
            counted: 0,
            sum: 0,
            n,
            expected_sum,
        },
    );
    let mut producers: Vec<_> = (0..senders)
        .map(|_| {
            let (address, mailbox) = open(None);
            start(
                mailbox,
                Producer {
                    counter: counter.clone(),
                },
            );
            address
        })
        .collect();

    let clock = Clock::start();
    for producer in &mut producers {
        let payload = std::marker::PhantomData::<P>;
        send_from_main(producer, Produce { n: each, payload });
    }
    Outcome::Time {
        n,
        elapsed: clock.wait(1),
    }
}

pub fn load_of_any_size(settings: &Settings, senders: u64) -> Outcome {
    match settings.bytes {
        8 => load::<u64>(settings, senders),
        64 => load::<[u64; 8]>(settings, senders),
        512 => load::<BoxedWords<64>>(settings, senders),
        4096 => load::<BoxedWords<512>>(settings, senders),
        _ => Outcome::Skipped("messages are of 8, 64, 512 or 4096 bytes"),
    }
}

struct Token {
    hops: u64,
}

impl Message for Token {
    type Return = ();
}

struct CountTokens;

impl Message for CountTokens {
    type Return = u64;
}

struct Link {
    next: Addr<Link>,
    passed: u64,
}

impl Actor for Link {}

impl Handler<Token> for Link {
    fn handle(&mut self, token: Token) -> Return<'_, ()> {
        self.passed += 1;
        if token.hops == 0 {
            finish();
            return done();
        }
        send(
            &mut self.next,
            Token {
                hops: token.hops - 1,
            },
        )
    }
}

impl Handler<CountTokens> for Link {
    fn handle(&mut self, _: CountTokens) -> Return<'_, u64> {
        Box::pin(ready(self.passed))
    }
}

pub fn ring(settings: &Settings, tokens: u64) -> Outcome {
    let hops = settings.n / tokens;
    check!(hops > 0);
    let (mut links, mailboxes): (Vec<_>, Vec<_>) = (0..settings.actors)
        .map(|_| open::<Link>(settings.capacity))
        .unzip();
    for (i, mailbox) in mailboxes.into_iter().enumerate() {
        let next = links[(i + 1) % links.len()].clone();
        start(mailbox, Link { next, passed: 0 });
    }

    let clock = Clock::start();
    for i in 0..tokens {
        let at = (i * settings.actors / tokens) as usize;
        send_from_main(&mut links[at], Token { hops: hops - 1 });
    }
    let elapsed = clock.wait(tokens);

    let mut passed = 0;
    for link in &mut links {
        passed += block_on(link.call(CountTokens)).unwrap_or_else(|error| wrong(error));
    }
    check!(passed == tokens * hops);
    Outcome::Time { n: passed, elapsed }
}
