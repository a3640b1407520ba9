//! Fuzzing of everything that reads foreign data: each damaged input ends in a result or an error, in bounded memory.
//!
//! | target | input | largest memory for n bytes |
//! | --- | --- | --- |
//! | `wav` | WAV files, at once and as streams | 8n + 64 KiB |
//! | `archives` | Deflate streams and gzip files | 3·min(1032n, 64 KiB) + 4 KiB |
//! | `idx` | IDX files, as images and labels | 16n + 4 KiB |
//! | `png` | PNG files | 8·1032n + 64 KiB |
//! | `npy` | .npy files | 32n + 4 KiB |
//! | `safetensors` | safetensors files | 100n + 4 KiB |
//! | `json` | JSON texts | 100n + 4 KiB |
//! | `csv` | CSV tables, as examples with labels | 64n + 4 KiB |
//! | `models` | model files, their tables, self-tests and exports | 40n + 4 KiB to read; see `states` for the rest |
//! | `imports` | models as .npy or safetensors files with their settings | 32n + 4 KiB to read |
//! | `checkpoints` | states of minimizations, and the tutorial's checkpoints | 32n + 4 KiB |
//! | `arguments` | command lines | 128n + 4 KiB |
//! | `names` | names of files, the option `--split`, names as text, labels in C | 32n + 1 KiB |
//!
//! An input is a small valid file with a few random changes ([`mutate`]). If the format has a checksum, it is usually
//! corrected after the changes, so that the code behind it is reached. Overflow checks and assertions are on in tests.
//! Input i of a seed is the same on every machine. A failure prints its input in hexadecimal:
//!
//! ```text
//! cargo test --test fuzz                                               20,000 inputs for each target
//! cargo test --test fuzz -- --ignored --nocapture --test-threads 1     10⁸ for each
//! OSSICLE_FUZZ=1000000 OSSICLE_FUZZ_SEED=7 cargo test --test fuzz wav  a million, of another seed
//! OSSICLE_FUZZ_INPUT=52494646 cargo test --test fuzz wav               one input, again
//! ```
//!
//! An input that takes ten seconds counts as a hang and ends the process. No test asserts a shorter time; the slowest
//! input is printed.

extern crate alloc;

mod exchange;
#[path = "../common/memory.rs"]
mod memory;
mod mutate;
mod readers;
#[path = "../common/wav.rs"]
mod reading;
mod states;
mod words;

use ossicle::number::Random;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A reader and a generator of its inputs.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Draws an input.
    pub draw: fn(&mut Random, &mut Vec<u8>),
    /// Reads an input. Returns whether it was accepted.
    pub eat: fn(&[u8], &mut Memory) -> bool,
}

/// The largest memory that a piece of work held, relative to its bound.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The largest fraction of a bound that was held.
    part: f64,
    /// The bytes held there, the bound, and the name of the work.
    most: (usize, usize, &'static str),
}

impl Memory {
    /// Does a piece of work that may hold `allowed` bytes.
    pub fn within<T>(&mut self, what: &'static str, allowed: usize, work: impl FnOnce() -> T) -> T {
        let (result, held) = memory::measured(work);
        self.check(what, allowed, held);
        result
    }

    /// Compares the bytes that a piece of work held with those allowed.
    pub fn check(&mut self, what: &'static str, allowed: usize, held: usize) {
        assert!(held <= allowed, "{what}: {held} bytes were held, and {allowed} are allowed");
        let part = held as f64 / allowed as f64;
        if part > self.part {
            (self.part, self.most) = (part, (held, allowed, what));
        }
    }
}

/// The results of a worker.
#[derive(Default)]
struct Done {
    accepted: u64,
    memory: Memory,
    slowest: Duration,
    slowest_input: Vec<u8>,
}

const WORKERS: u64 = 2;
const PATIENCE: Duration = Duration::from_secs(10);

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Feeds a target with `inputs` inputs, or with those of the environment.
fn fuzz(target: &Target, inputs: u64) {
    if let Ok(text) = std::env::var("OSSICLE_FUZZ_INPUT") {
        let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
        let input: Vec<u8> = text.as_bytes().chunks(2).map(byte).collect();
        let mut memory = Memory::default();
        println!("{}: {} {memory:?}", target.name, (target.eat)(&input, &mut memory));
        return;
    }
    let inputs = number("OSSICLE_FUZZ").unwrap_or(inputs);
    let seed = number("OSSICLE_FUZZ_SEED").unwrap_or(1);
    let start = Instant::now();
    let current: Vec<Mutex<Vec<u8>>> = (0..WORKERS).map(|_| Mutex::default()).collect();
    let eaten: Vec<AtomicU64> = (0..WORKERS).map(|_| AtomicU64::new(0)).collect();
    let (failed, ended) = (AtomicBool::new(false), AtomicBool::new(false));
    let done: Vec<Done> = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|w| {
                let (current, eaten, failed) = (&current[w as usize], &eaten[w as usize], &failed);
                let numbers = (w..inputs).step_by(WORKERS as usize);
                // One failure ends all workers.
                let numbers = numbers.take_while(move |_| !failed.load(Ordering::Relaxed));
                scope.spawn(move || work(target, seed, numbers, current, eaten, failed))
            })
            .collect();
        let watchdog = scope.spawn(|| watch(target, &current, &eaten, &ended));
        let done: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ended.store(true, Ordering::Relaxed);
        watchdog.thread().unpark();
        done.into_iter().map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let accepted = done.iter().map(|done| done.accepted).sum::<u64>();
    let memory = done.iter().map(|done| &done.memory).max_by(|a, b| a.part.total_cmp(&b.part)).unwrap();
    let slowest = done.iter().max_by_key(|done| done.slowest).unwrap();
    let (held, allowed, what) = memory.most;
    println!(
        "{}: {inputs} inputs of seed {seed}, {accepted} accepted, {:.1} s; at most {held} bytes of {allowed} ({what}, {:.2}); \
         the slowest took {:?}: {}",
        target.name,
        start.elapsed().as_secs_f64(),
        memory.part,
        slowest.slowest,
        hex(&slowest.slowest_input)
    );
    // If no input were accepted, or all were, the inputs would test little.
    assert!(accepted > inputs / 1000 && accepted < inputs, "{accepted} of {inputs} were accepted");
}

/// Feeds a target with the inputs of these numbers.
fn work(
    target: &Target,
    seed: u64,
    numbers: impl Iterator<Item = u64>,
    current: &Mutex<Vec<u8>>,
    eaten: &AtomicU64,
    failed: &AtomicBool,
) -> Done {
    let mut done = Done::default();
    let mut input = Vec::with_capacity(4096);
    for i in numbers {
        input.clear();
        (target.draw)(&mut Random::new(seed << 40 ^ i), &mut input);
        current.lock().unwrap().clone_from(&input);
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| (target.eat)(&input, &mut done.memory))) {
            Ok(accepted) => done.accepted += u64::from(accepted),
            Err(panic) => {
                eprintln!("{}, input {i} of seed {seed}: OSSICLE_FUZZ_INPUT={}", target.name, hex(&input));
                failed.store(true, Ordering::Relaxed);
                resume_unwind(panic);
            }
        }
        let mut time = start.elapsed();
        for _ in 0..3 {
            // Another process may have had the processor meanwhile.
            if time > done.slowest {
                let start = Instant::now();
                (target.eat)(&input, &mut Memory::default());
                time = time.min(start.elapsed());
            }
        }
        if time > done.slowest {
            done.slowest = time;
            done.slowest_input.clone_from(&input);
        }
        eaten.fetch_add(1, Ordering::Relaxed);
    }
    done
}

/// Ends the process if a worker has the same input for too long.
fn watch(target: &Target, current: &[Mutex<Vec<u8>>], eaten: &[AtomicU64], ended: &AtomicBool) {
    let mut seen: Vec<(u64, Instant)> = eaten.iter().map(|_| (0, Instant::now())).collect();
    while !ended.load(Ordering::Relaxed) {
        thread::park_timeout(Duration::from_millis(500));
        for ((eaten, (count, since)), current) in eaten.iter().zip(&mut seen).zip(current) {
            let now = eaten.load(Ordering::Relaxed);
            if now != *count {
                (*count, *since) = (now, Instant::now());
            } else if since.elapsed() > PATIENCE && !ended.load(Ordering::Relaxed) {
                eprintln!("{}: no end of OSSICLE_FUZZ_INPUT={}", target.name, hex(&current.lock().unwrap()));
                std::process::abort();
            }
        }
    }
}

/// Two tests of each target: 20,000 inputs, and 10⁸.
macro_rules! targets {
    ($($name:ident: $target:expr;)*) => {
        $(mod $name {
            #[test]
            fn twenty_thousand_inputs_end_in_bounded_memory() {
                super::fuzz(&$target, 20_000);
            }

            #[test]
            #[ignore = "minutes: 10⁸ inputs"]
            fn a_hundred_million_inputs_end_in_bounded_memory() {
                super::fuzz(&$target, 100_000_000);
            }
        })*
    };
}

targets! {
    wav: crate::readers::WAV;
    archives: crate::readers::ARCHIVES;
    idx: crate::readers::IDX;
    png: crate::readers::PNG;
    npy: crate::exchange::NPY;
    safetensors: crate::exchange::SAFETENSORS;
    json: crate::exchange::JSON;
    csv: crate::exchange::CSV;
    models: crate::states::MODELS;
    imports: crate::states::IMPORTS;
    checkpoints: crate::states::CHECKPOINTS;
    arguments: crate::words::ARGUMENTS;
    names: crate::words::NAMES;
}
