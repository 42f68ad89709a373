// SPDX-License-Identifier: MIT
//! pingpong, count, contention, ring1, ring64: messages that nobody waits for.

use crate::harness::{check, finish, wrong, BoxedWords, Clock, Outcome, Payload, Settings};
use crate::stage::{send, start, Stage};
use actix::prelude::*;
use futures::executor::block_on;
use std::marker::PhantomData;

/// An actor that has to know one that is not there yet is told so later.
#[derive(Message)]
#[rtype(result = "()")]
struct Meet<A: Actor>(Addr<A>);

#[derive(Message)]
#[rtype(result = "()")]
struct Ball {
    hits: u64,
}

struct Player {
    opponent: Option<Addr<Player>>,
    expected: u64,
    last: u64,
    capacity: Option<usize>,
}

impl Actor for Player {
    type Context = Context<Self>;
}

impl Handler<Meet<Player>> for Player {
    type Result = ();

    fn handle(&mut self, meet: Meet<Player>, _: &mut Context<Self>) {
        self.opponent = Some(meet.0);
    }
}

impl Handler<Ball> for Player {
    type Result = ();

    fn handle(&mut self, ball: Ball, _: &mut Context<Self>) {
        check!(ball.hits == self.expected);
        self.expected += 2;
        if ball.hits == self.last {
            finish();
        } else if let Some(opponent) = &self.opponent {
            send(
                opponent,
                self.capacity,
                Ball {
                    hits: ball.hits + 1,
                },
            );
        }
    }
}

pub fn pingpong(settings: &Settings, stage: &Stage) -> Outcome {
    let capacity = settings.capacity;
    let last = 2 * settings.n;
    let player = |expected| {
        let player = Player {
            opponent: None,
            expected,
            last,
            capacity,
        };
        start(stage.common_arbiter(), capacity, player)
    };
    let (ping, pong) = (player(0), player(1));
    ping.do_send(Meet(pong.clone()));
    pong.do_send(Meet(ping.clone()));
    stage.wait_until_started();

    let clock = Clock::start();
    ping.do_send(Ball { hits: 0 });
    Outcome::Time {
        n: settings.n,
        elapsed: clock.wait(1),
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Load<P>(P);

struct Counter {
    counted: u64,
    sum: u64,
    n: u64,
    expected_sum: u64,
}

impl Actor for Counter {
    type Context = Context<Self>;
}

impl<P: Payload> Handler<Load<P>> for Counter {
    type Result = ();

    fn handle(&mut self, load: Load<P>, _: &mut Context<Self>) {
        self.counted += 1;
        self.sum += load.0.value();
        if self.counted == self.n {
            check!(self.sum == self.expected_sum);
            finish();
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Produce<P> {
    n: u64,
    payload: PhantomData<P>,
}

struct Producer {
    counter: Addr<Counter>,
    /// How many messages may be under way.
    window: Option<u64>,
}

impl Actor for Producer {
    type Context = Context<Self>;
}

impl<P: Payload> Handler<Produce<P>> for Producer {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, produce: Produce<P>, _: &mut Context<Self>) -> ResponseFuture<()> {
        let counter = self.counter.clone();
        match self.window {
            None => Box::pin(produce_unbounded::<P>(counter, produce.n)),
            Some(window) => Box::pin(produce_bounded::<P>(counter, produce.n, window)),
        }
    }
}

/// Nothing makes it wait, so it asks by itself whether it is somebody else's turn: then messages are
/// handled while they are in the caches.
async fn produce_unbounded<P: Payload>(counter: Addr<Counter>, n: u64) {
    for value in 0..n {
        counter.do_send(Load(P::new(value)));
        tokio::task::consume_budget().await;
    }
}

/// There is no way to wait for room: a request that comes to a full mailbox is never woken up. So
/// back-pressure is made of answers: twice in a window an answer is asked for, and no more is sent
/// than half a window ahead of the last one. The last is awaited, too: a message whose sender does
/// not care for the answer any more is not handled.
async fn produce_bounded<P: Payload>(counter: Addr<Counter>, n: u64, window: u64) {
    let half = (window / 2).max(1);
    let mut asked = None;
    for value in 0..n {
        let load = Load(P::new(value));
        if (value + 1) % half != 0 {
            check!(counter.try_send(load).is_ok());
            continue;
        }
        let request = counter.send(load);
        let before = asked.replace(request);
        if let Some(before) = if window > 1 { before } else { asked.take() } {
            before.await.unwrap_or_else(|error| wrong(error));
        }
    }
    if let Some(last) = asked {
        last.await.unwrap_or_else(|error| wrong(error));
    }
}

fn load<P: Payload>(settings: &Settings, stage: &Stage, senders: u64) -> Outcome {
    let each = settings.n / senders;
    let n = each * senders;
    check!(each > 0);
    let arbiter = stage.common_arbiter();
    let expected_sum = senders * (each * (each - 1) / 2);
    let counter = Counter {
        counted: 0,
        sum: 0,
        n,
        expected_sum,
    };
    let counter = start(arbiter, settings.capacity, counter);
    // What there is room for is shared out. Beyond that, every sender has room for one message.
    let window = settings
        .capacity
        .map(|capacity| (capacity as u64 / senders).max(1));
    let producers: Vec<_> = (0..senders)
        .map(|_| {
            let counter = counter.clone();
            start(arbiter, None, Producer { counter, window })
        })
        .collect();
    stage.wait_until_started();

    let clock = Clock::start();
    for producer in &producers {
        producer.do_send(Produce {
            n: each,
            payload: PhantomData::<P>,
        });
    }
    Outcome::Time {
        n,
        elapsed: clock.wait(1),
    }
}

pub fn load_of_any_size(settings: &Settings, stage: &Stage, senders: u64) -> Outcome {
    match settings.bytes {
        8 => load::<u64>(settings, stage, senders),
        64 => load::<[u64; 8]>(settings, stage, senders),
        512 => load::<BoxedWords<64>>(settings, stage, senders),
        4096 => load::<BoxedWords<512>>(settings, stage, senders),
        _ => Outcome::Skipped("messages are of 8, 64, 512 or 4096 bytes"),
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Token {
    hops: u64,
}

#[derive(Message)]
#[rtype(result = "u64")]
struct CountTokens;

struct Link {
    next: Option<Addr<Link>>,
    passed: u64,
    capacity: Option<usize>,
}

impl Actor for Link {
    type Context = Context<Self>;
}

impl Handler<Meet<Link>> for Link {
    type Result = ();

    fn handle(&mut self, meet: Meet<Link>, _: &mut Context<Self>) {
        self.next = Some(meet.0);
    }
}

impl Handler<Token> for Link {
    type Result = ();

    fn handle(&mut self, token: Token, _: &mut Context<Self>) {
        self.passed += 1;
        if token.hops == 0 {
            finish();
        } else if let Some(next) = &self.next {
            send(
                next,
                self.capacity,
                Token {
                    hops: token.hops - 1,
                },
            );
        }
    }
}

impl Handler<CountTokens> for Link {
    type Result = u64;

    fn handle(&mut self, _: CountTokens, _: &mut Context<Self>) -> u64 {
        self.passed
    }
}

pub fn ring(settings: &Settings, stage: &Stage, tokens: u64) -> Outcome {
    let hops = settings.n / tokens;
    let row = settings.actors as usize;
    let capacity = settings.capacity;
    check!(hops > 0);
    if capacity.is_some_and(|capacity| capacity as u64 <= tokens) {
        return Outcome::Skipped("an actor cannot wait for room in another one's mailbox");
    }
    // There is something for a second thread to do if there is a second token.
    let arbiter = |place| match tokens {
        1 => stage.common_arbiter(),
        _ => stage.arbiter_of(place, row),
    };
    let links: Vec<_> = (0..row)
        .map(|place| {
            let link = Link {
                next: None,
                passed: 0,
                capacity,
            };
            start(arbiter(place), capacity, link)
        })
        .collect();
    for (link, next) in links.iter().zip(links.iter().cycle().skip(1)) {
        link.do_send(Meet(next.clone()));
    }
    stage.wait_until_started();

    let clock = Clock::start();
    for i in 0..tokens {
        links[(i * settings.actors / tokens) as usize].do_send(Token { hops: hops - 1 });
    }
    let elapsed = clock.wait(tokens);

    let count = |link: &Addr<Link>| block_on(link.send(CountTokens));
    let passed: u64 = links
        .iter()
        .map(|link| count(link).unwrap_or_else(|error| wrong(error)))
        .sum();
    check!(passed == tokens * hops);
    Outcome::Time { n: passed, elapsed }
}
