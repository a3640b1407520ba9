//! Public functions that take lengths, strides or shapes, called with sizes of every kind: ordinary ones, 0, sizes
//! around 2⁶³ and 2⁶⁴, inverses modulo 2⁶⁴, whose products wrap to something small, and random ones.
//!
//! A call must return an error, panic with a message of the crate's own, or return the right result, which is compared
//! with a plain definition. A panic of the language (an index out of bounds, an overflow) fails the test unless the
//! function documents it (`index_outcome`). No claimed size is allocated: the allocator of this program refuses more
//! than a limit, and an allocation that is refused unexpectedly ends the program.
//!
//! `OSSICLE_SIZES_SEED=n` draws other sizes, `OSSICLE_SIZES_SHOW=1` prints each call before it is made, and
//! `cargo test --release --test sizes -- --ignored` makes a hundred times more calls.

mod audio;
mod dataset;
mod matrix;
mod model;
mod optimize;
mod picture;
mod predictor;
mod spectrum;
#[path = "../common/tolerances.rs"]
mod tolerances;

use ossicle::number::Random;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;

/// Bytes of the largest allocation that succeeds; more than the crate allocates without handling a failure.
const LIMIT: usize = 64 << 20;

/// The system's allocator for pieces up to [`LIMIT`].
struct Limited;

// SAFETY: all work is the system allocator's; a refusal is a null pointer.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LIMIT { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LIMIT { std::ptr::null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > LIMIT { std::ptr::null_mut() } else { unsafe { System.realloc(pointer, layout, size) } }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Limited = Limited;

/// x with x·n = 1 modulo the number of sizes, for odd n (Newton).
const fn inverse(n: usize) -> usize {
    let (mut x, mut round) = (1_usize, 0);
    while round < 6 {
        x = x.wrapping_mul(2_usize.wrapping_sub(n.wrapping_mul(x)));
        round += 1;
    }
    x
}

const HALF: usize = 1 << (usize::BITS - 1);
/// Its square wraps to 0, and as a number of bytes it is beyond [`LIMIT`].
const ROOT: usize = 1 << if usize::BITS == 32 { 28 } else { usize::BITS / 2 };

/// Sizes that are small, wrap, or almost do. 3, 7 and 15 are one less than a register is wide.
const SIZES: [usize; 24] = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    16,
    17,
    usize::MAX,
    usize::MAX - 1,
    usize::MAX - 16,
    HALF,
    HALF - 1,
    HALF + 1,
    ROOT,
    ROOT - 1,
    ROOT + 1,
    usize::MAX / 3 + 1,
    inverse(3),
    inverse(5),
    inverse(7),
    inverse(15),
];

/// The random source of sizes and numbers.
pub struct Draw(Random);

impl Draw {
    /// Any size.
    pub fn size(&mut self) -> usize {
        match self.0.index(4) {
            0 | 1 => SIZES[self.0.index(SIZES.len())],
            2 => self.small(),
            // Of any magnitude above that of the allocator's limit.
            _ => (self.0.next_u64() as usize | HALF) >> self.0.index((usize::BITS - LIMIT.ilog2() - 1) as usize),
        }
    }

    /// A size that is mostly small, so that several of them may fit together.
    pub fn mostly_small(&mut self) -> usize {
        if self.0.index(4) == 0 { self.size() } else { self.small() }
    }

    /// A size below 10.
    pub fn small(&mut self) -> usize {
        self.0.index(10)
    }

    /// 0, ..., n - 1.
    pub fn below(&mut self, n: usize) -> usize {
        self.0.index(n)
    }

    /// One of two.
    pub fn coin(&mut self) -> bool {
        self.0.index(2) == 1
    }

    /// A number between -1 and 1.
    pub fn number(&mut self) -> f64 {
        self.0.uniform(-1.0, 1.0)
    }

    /// `count` numbers between -1 and 1.
    pub fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    /// A generator of its own.
    pub fn random(&mut self) -> Random {
        Random::new(self.0.next_u64())
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The result of a call; none if it panics with a message of the crate's own.
#[track_caller]
pub fn outcome<R>(what: impl Debug, call: impl FnOnce() -> R) -> Option<R> {
    caught(&what, call).map(Some).unwrap_or_else(|message| {
        let of_language = [
            "overflow",
            "out of bounds",
            "out of range",
            "divide by zero",
            "divisor of zero",
            "chunk size",
            "None` value",
            "Err` value",
            "mid >",
            "unreachable",
            "does not match destination",
            "step != 0",
        ];
        assert!(!of_language.iter().any(|part| message.contains(part)), "{what:?}: {message}");
        None
    })
}

/// The result of a call whose documented panic is an index out of bounds; none if it panics.
pub fn index_outcome<R>(what: impl Debug, call: impl FnOnce() -> R) -> Option<R> {
    caught(&what, call).ok()
}

fn caught<R>(what: &dyn Debug, call: impl FnOnce() -> R) -> Result<R, String> {
    let show = std::env::var_os("OSSICLE_SIZES_SHOW").is_some();
    if show {
        eprintln!("{what:?}");
    }
    QUIET.set(!show);
    let result = catch_unwind(AssertUnwindSafe(call));
    QUIET.set(false);
    result.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().map_or(String::new(), |message| message.to_string()),
    })
}

/// The product of sizes without a bound; a product with 0 is 0.
pub fn product(sizes: &[usize]) -> u128 {
    if sizes.contains(&0) { 0 } else { sizes.iter().fold(1_u128, |product, &n| product.saturating_mul(n as u128)) }
}

/// A test of some functions with sizes drawn anew.
type Test = fn(&mut Draw);

fn run(tests: &[(&str, Test)], rounds: u64) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    let seed = std::env::var("OSSICLE_SIZES_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for (name, test) in tests {
        let start = std::time::Instant::now();
        for round in 0..rounds {
            let mut draw = Draw(Random::new(Random::new(seed).next_u64().wrapping_add(round)));
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(&mut draw))) {
                eprintln!("{name}: seed {seed}, round {round}");
                resume_unwind(panic);
            }
        }
        if std::env::var_os("OSSICLE_SIZES_SHOW").is_some() {
            eprintln!("{name}: {rounds} rounds in {:.2} s", start.elapsed().as_secs_f64());
        }
    }
}

const ROUNDS: u64 = 400;

macro_rules! rooms {
    ($($room:ident)*) => {
        $(#[test]
        fn $room() {
            run($room::TESTS, ROUNDS);
        })*

        #[test]
        #[ignore = "some minutes: a hundred times more calls"]
        fn every_room_with_a_hundred_times_more_sizes() {
            $(run($room::TESTS, 100 * ROUNDS);)*
        }
    };
}

rooms! { matrix audio spectrum dataset model optimize picture predictor }

#[test]
fn a_panic_of_the_language_is_distinguished_from_the_crates_own() {
    QUIET.set(true);
    let numbers = [1, 2];
    let of_language = catch_unwind(|| outcome("an index", || numbers[std::hint::black_box(3)]));
    QUIET.set(false);
    assert!(of_language.is_err());
    assert_eq!(outcome("own words", || panic!("3 rows of 2")), None::<()>);
    assert_eq!(inverse(7).wrapping_mul(7), 1);
}
