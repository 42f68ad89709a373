// SPDX-License-Identifier: MIT
//! What the programs of all Rust peers have in common: arguments, the clock, the line of JSON.
//!
//! `PROGRAM WORKLOAD THREADS [KEY=VALUE...]` runs a workload once. Each of them
//! has this file as a module of its own.

use std::fmt::Display;
use std::process::exit;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// What to run. A workload looks at those that it has a default for.
pub struct Settings {
    pub workload: String,
    pub threads: usize,
    pub n: u64,
    pub actors: u64,
    pub senders: u64,
    pub depth: u64,
    pub bytes: u64,
    /// Of the mailboxes; `None` if unbounded, or what the peer does by itself.
    pub capacity: Option<usize>,
    /// Whether who creates many actors lets them run now and then, or only when all are there.
    pub cooperate: bool,
}

/// What came out; it is only handed back if what was computed is right.
pub enum Outcome {
    Time { n: u64, elapsed: Duration },
    Memory { n: u64, bytes: f64 },
    Skipped(&'static str),
}

/// Each with its keys and their defaults.
const WORKLOADS: &[(&str, &str)] = &[
    ("pingpong", "n=1000000 capacity=unbounded"),
    ("count", "n=5000000 capacity=unbounded bytes=8"),
    (
        "contention",
        "n=5000000 senders=100 capacity=unbounded bytes=8",
    ),
    ("ring1", "n=2000000 actors=1000 capacity=default"),
    ("ring64", "n=2000000 actors=1000 capacity=default"),
    (
        "create",
        "n=1000000 actors=1000000 capacity=default cooperate=yes",
    ),
    ("tree", "depth=20 capacity=default"),
    ("call", "n=1000000 capacity=default"),
    ("call_from_main", "n=100000 capacity=default"),
    ("call_nested", "n=20000 actors=100 capacity=default"),
    ("idle", "n=1000000 capacity=default"),
    ("idle_waiting", "n=10000 capacity=default"),
    ("big", "n=20000 actors=120 capacity=unbounded"),
];

/// Run the workload that the arguments name, and print what came out.
pub fn run(peer: &str, workload: impl FnOnce(&Settings) -> Outcome) -> ! {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (settings, param) = parse(&arguments);
    let head = format!(
        "{{\"peer\":\"{peer}\",\"workload\":\"{}\",\"threads\":{},\"param\":\"{param}\"",
        settings.workload, settings.threads,
    );
    match workload(&settings) {
        Outcome::Time { n, elapsed } => {
            let ns = elapsed.as_nanos() as f64 / n as f64;
            println!("{head},\"n\":{n},\"ns_per_op\":{ns:.2}}}");
        }
        Outcome::Memory { n, bytes } => {
            println!(
                "{head},\"n\":{n},\"bytes_per_op\":{:.2}}}",
                bytes / n as f64
            );
        }
        Outcome::Skipped(why) => println!("{head},\"skipped\":\"{why}\"}}"),
    }
    // Actors that still wait need not be taken down.
    exit(0);
}

fn parse(arguments: &[String]) -> (Settings, String) {
    let [workload, threads, given @ ..] = arguments else {
        usage("arguments are missing", "WORKLOAD THREADS");
    };
    let Some((_, defaults)) = WORKLOADS.iter().find(|(name, _)| name == workload) else {
        usage("no such workload", workload);
    };
    let mut settings = Settings {
        workload: workload.clone(),
        threads: number(threads, threads) as usize,
        n: 0,
        actors: 0,
        senders: 0,
        depth: 0,
        bytes: 8,
        capacity: None,
        cooperate: true,
    };
    let mut param = Vec::new();
    for default in defaults.split(' ') {
        set(&mut settings, default);
    }
    for setting in given {
        let key = setting.split('=').next();
        match defaults
            .split(' ')
            .find(|default| default.split('=').next() == key)
        {
            Some(default) if default == setting => (),
            Some(_) => param.push(setting.as_str()),
            None => usage("not a setting of this workload", setting),
        }
        set(&mut settings, setting);
    }
    (settings, param.join(" "))
}

fn set(settings: &mut Settings, setting: &str) {
    match setting.split_once('=') {
        Some(("capacity", "unbounded" | "default")) => settings.capacity = None,
        Some(("capacity", value)) => settings.capacity = Some(number(value, setting) as usize),
        Some(("cooperate", "yes")) => settings.cooperate = true,
        Some(("cooperate", "no")) => settings.cooperate = false,
        Some(("n", value)) => settings.n = number(value, setting),
        Some(("actors", value)) => settings.actors = number(value, setting),
        Some(("senders", value)) => settings.senders = number(value, setting),
        Some(("depth", value)) => settings.depth = number(value, setting),
        Some(("bytes", value)) => settings.bytes = number(value, setting),
        _ => usage("not understood", setting),
    }
}

fn number(text: &str, setting: &str) -> u64 {
    match text.parse() {
        Ok(number) if number > 0 => number,
        _ => usage("not a positive number", setting),
    }
}

fn usage(what: &str, argument: &str) -> ! {
    eprintln!("{what}: {argument}\nusage: PROGRAM WORKLOAD THREADS [KEY=VALUE...]");
    exit(2);
}

/// Say why the workload went wrong, and end the program.
#[cold]
pub fn wrong(why: impl Display) -> ! {
    eprintln!("wrong: {why}");
    exit(1);
}

/// End the program if what was computed is wrong.
macro_rules! check {
    ($condition:expr) => {
        if !$condition {
            $crate::harness::wrong(stringify!($condition));
        }
    };
}
pub(crate) use check;

/// A clock that runs until `finish()` has been called often enough.
pub struct Clock(Instant);

static FINISHED: Mutex<u64> = Mutex::new(0);
static MORE_FINISHED: Condvar = Condvar::new();

impl Clock {
    pub fn start() -> Clock {
        Clock(Instant::now())
    }

    /// Block until what is measured is over, of which there are so many parts.
    pub fn wait(self, parts: u64) -> Duration {
        wait(parts);
        self.0.elapsed()
    }
}

/// What is measured is over, or a part of it.
pub fn finish() {
    *FINISHED.lock().unwrap() += 1;
    MORE_FINISHED.notify_one();
}

/// Block until `finish()` has been called so often since the last wait.
pub fn wait(parts: u64) {
    let mut finished = FINISHED.lock().unwrap();
    while *finished < parts {
        finished = MORE_FINISHED.wait(finished).unwrap();
    }
    *finished -= parts;
}

extern "C" {
    fn prctl(option: i32, ...) -> i32;
}

/// Have the system give memory by the small page from here on: a huge one would count as resident,
/// however little of it is used.
pub fn use_small_pages() {
    const PR_SET_THP_DISABLE: i32 = 41;
    check!(unsafe { prctl(PR_SET_THP_DISABLE, 1usize, 0usize, 0usize, 0usize) } == 0);
}

/// The memory of this process that is resident.
pub fn resident_bytes() -> f64 {
    const AT_PAGESZ: u64 = 6;
    let auxv = std::fs::read("/proc/self/auxv").unwrap_or_else(|error| wrong(error));
    let word = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().unwrap());
    let page = auxv
        .chunks_exact(16)
        .find(|entry| word(&entry[..8]) == AT_PAGESZ);
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_else(|error| wrong(error));
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<f64>().ok());
    match (page, pages) {
        (Some(page), Some(pages)) => word(&page[8..]) as f64 * pages,
        _ => wrong("cannot read /proc/self/statm"),
    }
}

/// What a message carries.
pub trait Payload: Send + 'static {
    fn new(value: u64) -> Self;
    fn value(&self) -> u64;
}

impl Payload for u64 {
    fn new(value: u64) -> u64 {
        value
    }

    fn value(&self) -> u64 {
        *self
    }
}

/// More of it.
impl<const N: usize> Payload for [u64; N] {
    fn new(value: u64) -> Self {
        let mut words = [0; N];
        words[0] = value;
        words
    }

    fn value(&self) -> u64 {
        self[0]
    }
}

/// The same on the heap, where it stays while the message moves.
pub struct BoxedWords<const N: usize>(Box<[u64; N]>);

impl<const N: usize> Payload for BoxedWords<N> {
    fn new(value: u64) -> Self {
        BoxedWords(Box::new(Payload::new(value)))
    }

    fn value(&self) -> u64 {
        self.0[0]
    }
}

/// The next of some numbers that look random (xorshift).
pub fn random_next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

/// Where the numbers of an actor begin.
pub fn random_seed(number: u64) -> u64 {
    (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
