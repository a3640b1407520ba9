//! Which instruction set runs: detected once, or forced.
//!
//! An [`Operation`] is a value with a generic `run`; [`run`] calls it inside a function compiled for the instruction set,
//! so that the compiler inlines the operation there and uses the wide registers. Nothing but speed depends on the choice.
//!
//! `OSSICLE_ISA=portable|neon|avx2|avx512` in the environment forces one.

use super::lanes::Lanes;
use super::portable::Portable;
use super::{fma, sqrt};
use core::fmt;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};
use core::sync::atomic::{AtomicU8, Ordering};

/// Whether the processor has a feature: asked at run time where there is a system to ask, else known to the build.
#[cfg(target_arch = "x86_64")]
macro_rules! has {
    ($feature:tt) => {{
        #[cfg(feature = "std")]
        let has = std::is_x86_feature_detected!($feature);
        #[cfg(not(feature = "std"))]
        let has = cfg!(target_feature = $feature);
        has
    }};
}
/// An instruction set that the crate has lanes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// Plain arrays, on every machine.
    Portable,
    /// NEON (aarch64).
    Neon,
    /// AVX2 with FMA (x86-64).
    Avx2,
    /// AVX-512 F and DQ (x86-64).
    Avx512,
}

impl Isa {
    /// All of them, the fastest last.
    pub const ALL: [Isa; 4] = [Isa::Portable, Isa::Neon, Isa::Avx2, Isa::Avx512];

    /// The name that `OSSICLE_ISA` takes.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Neon => "neon",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }

    /// Whether this machine can run it.
    pub fn is_here(self) -> bool {
        match self {
            Isa::Portable => true,
            Isa::Neon => cfg!(all(target_arch = "aarch64", target_feature = "neon")),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => has!("avx2") && has!("fma"),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => has!("avx512f") && has!("avx512dq") && Isa::Avx2.is_here(),
            #[cfg(not(target_arch = "x86_64"))]
            Isa::Avx2 | Isa::Avx512 => false,
        }
    }

    /// Those that this machine can run, the fastest last.
    pub fn here() -> impl Iterator<Item = Isa> {
        Self::ALL.into_iter().filter(|isa| isa.is_here())
    }

    /// The kernel of that name.
    ///
    /// # Errors
    /// If there is none of that name, or this machine cannot run it.
    pub fn named(name: &str) -> Result<Isa, IsaError> {
        match Self::ALL.into_iter().find(|isa| isa.name() == name) {
            None => Err(IsaError::Unknown),
            Some(isa) if !isa.is_here() => Err(IsaError::NotHere(isa)),
            Some(isa) => Ok(isa),
        }
    }
}

/// Why a forced kernel cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsaError {
    /// No kernel has that name.
    Unknown,
    /// The machine lacks its instructions.
    NotHere(Isa),
}

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IsaError::Unknown => write!(f, "no kernel has that name; this machine has")?,
            IsaError::NotHere(isa) => write!(f, "this machine cannot run {}; it has", isa.name())?,
        }
        for (i, isa) in Isa::here().enumerate() {
            write!(f, "{}{}", if i == 0 { " " } else { ", " }, isa.name())?;
        }
        Ok(())
    }
}

impl core::error::Error for IsaError {}

/// The kernel in use, as its place in [`Isa::ALL`] plus one; 0 is undecided.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// The kernel in use: the one that `OSSICLE_ISA` forces, else the fastest that the machine has.
///
/// # Panics
/// At the first use, if the environment forces one that cannot be had ([`from_environment`] tells without a panic).
#[inline]
pub fn isa() -> Isa {
    match CHOSEN.load(Ordering::Relaxed) {
        0 => choose(),
        place => Isa::ALL[usize::from(place) - 1],
    }
}

#[cold]
fn choose() -> Isa {
    let isa = match from_environment() {
        Ok(isa) => isa,
        Err(error) => panic!("OSSICLE_ISA: {error}"),
    };
    let place = Isa::ALL.iter().position(|&k| k == isa).map_or(0, |place| place as u8 + 1);
    CHOSEN.store(place, Ordering::Relaxed);
    isa
}

/// The kernel that `OSSICLE_ISA` forces, else the fastest that the machine has.
///
/// # Errors
/// If the environment forces one that cannot be had.
pub fn from_environment() -> Result<Isa, IsaError> {
    #[cfg(feature = "std")]
    if let Some(name) = std::env::var_os("OSSICLE_ISA").filter(|name| !name.is_empty()) {
        return Isa::named(name.to_str().ok_or(IsaError::Unknown)?);
    }
    Ok(Isa::here().last().unwrap_or(Isa::Portable))
}

/// A computation written over lanes.
pub trait Operation<T: Element> {
    /// What it gives back.
    type Output;

    /// The computation. Mark the implementation `#[inline(always)]`: only then is it compiled for the instruction set.
    fn run<L: Lanes<T>>(self, lanes: L) -> Self::Output;
}

/// Runs an operation on the machine's lanes.
#[inline]
pub fn run<T: Element, O: Operation<T>>(operation: O) -> O::Output {
    T::run_detected(Detected(isa()), operation)
}

/// Runs an operation on one kernel's lanes: how the tests compare them.
///
/// # Panics
/// If this machine cannot run it.
pub fn run_on<T: Element, O: Operation<T>>(isa: Isa, operation: O) -> O::Output {
    assert!(isa.is_here(), "this machine cannot run {}", isa.name());
    T::run_detected(Detected(isa), operation)
}

/// Runs an operation on plain arrays with the fused multiply-add in software, as a machine without the instruction does: for
/// tests.
pub fn run_on_software<T: Element, O: Operation<T>>(operation: O) -> O::Output {
    T::run_software(operation)
}

/// Runs an operation on one number at a time, with the processor's fused multiply-add where it has one: for code in
/// which nothing may panic, as asking for the kernel may.
#[inline]
pub fn run_single<T: Element, O: Operation<T>>(operation: O) -> O::Output {
    T::run_single(operation)
}

/// A number that lanes hold: f32 or f64. (Its functions are in `number::Real`.)
pub trait Element:
    Copy
    + PartialOrd
    + PartialEq
    + fmt::Debug
    + Send
    + Sync
    + Default
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + sealed::Sealed
{
    /// +0.
    const ZERO: Self;
    /// ½.
    const HALF: Self;
    /// 1.5·2^(fraction bits): adding and subtracting it rounds to the nearest integer.
    const SHIFTER: Self;

    /// self·b + c, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// √self, correctly rounded.
    fn sqrt(self) -> Self;

    /// Runs an operation on a kernel that was found to be here; see [`run`] and [`run_on`].
    #[doc(hidden)]
    fn run_detected<O: Operation<Self>>(isa: Detected, operation: O) -> O::Output;

    /// As [`run_single`].
    #[doc(hidden)]
    fn run_single<O: Operation<Self>>(operation: O) -> O::Output;

    /// As [`run_on_software`].
    #[doc(hidden)]
    fn run_software<O: Operation<Self>>(operation: O) -> O::Output;
}

/// A kernel that this machine can run; only this file makes one.
#[doc(hidden)]
pub struct Detected(Isa);

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// Whether the processor has a fused multiply-add that `fused::hardware` reaches.
#[inline(always)]
fn has_fused() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        has!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    true
}

macro_rules! element {
    ($number:ident, $software:ident, $shifter:literal) => {
        impl Element for $number {
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const SHIFTER: Self = $shifter;

            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                if has_fused() {
                    // SAFETY: just detected.
                    unsafe { fused_scalar::$number(self, b, c) }
                } else {
                    fma::$software(self, b, c)
                }
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                sqrt::$number(self)
            }

            #[inline]
            fn run_detected<O: Operation<Self>>(isa: Detected, operation: O) -> O::Output {
                match isa.0 {
                    // SAFETY: a `Detected` kernel is one that the machine can run; so in these arms.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => unsafe { on_avx512(operation, super::x86::Avx512::new()) },
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => unsafe { on_avx2(operation, super::x86::Avx2::new()) },
                    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
                    Isa::Neon => operation.run(unsafe { super::aarch64::Neon::new() }),
                    // SAFETY: just detected.
                    _ if has_fused() => unsafe { on_fused(operation, <Portable<true>>::new()) },
                    _ => Self::run_software(operation),
                }
            }

            #[inline]
            fn run_single<O: Operation<Self>>(operation: O) -> O::Output {
                if has_fused() {
                    // SAFETY: just detected.
                    unsafe { on_fused(operation, Portable::<true, 1>::new()) }
                } else {
                    // SAFETY: nothing is promised without `HARDWARE`.
                    operation.run(unsafe { Portable::<false, 1>::new() })
                }
            }

            fn run_software<O: Operation<Self>>(operation: O) -> O::Output {
                // SAFETY: nothing is promised without `HARDWARE`.
                operation.run(unsafe { <Portable<false>>::new() })
            }
        }
    };
}

element!(f32, software_f32, 12582912.0);
element!(f64, software_f64, 6755399441055744.0);

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
fn on_avx512<T: Element, L: Lanes<T>, O: Operation<T>>(operation: O, lanes: L) -> O::Output {
    operation.run(lanes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn on_avx2<T: Element, L: Lanes<T>, O: Operation<T>>(operation: O, lanes: L) -> O::Output {
    operation.run(lanes)
}

/// # Safety
/// The processor must have a fused multiply-add.
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
unsafe fn on_fused<T: Element, L: Lanes<T>, O: Operation<T>>(operation: O, lanes: L) -> O::Output {
    operation.run(lanes)
}

/// The fused multiply-add of two numbers as functions compiled for it, for code outside of any kernel.
mod fused_scalar {
    use super::fma::hardware;

    /// # Safety
    /// The processor must have a fused multiply-add.
    #[inline]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
    pub unsafe fn f32(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: the caller's promise.
        unsafe { hardware::f32(a, b, c) }
    }

    /// # Safety
    /// The processor must have a fused multiply-add.
    #[inline]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
    pub unsafe fn f64(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: the caller's promise.
        unsafe { hardware::f64(a, b, c) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Vector;
    use super::*;
    use alloc::vec::Vec;

    /// Everything that a vector can do, to each of a few numbers.
    #[derive(Clone, Copy)]
    struct All<'a, T>(&'a [T]);

    impl<T: Element> Operation<T> for All<'_, T> {
        type Output = Vec<T>;

        #[inline(always)]
        fn run<L: Lanes<T>>(self, lanes: L) -> Vec<T> {
            let mut out = Vec::new();
            let mut keep = |v: L::Vector| {
                let mut numbers = [T::ZERO; super::super::lanes::MOST_LANES];
                lanes.store(v, &mut numbers);
                out.push(numbers[0]);
            };
            for window in self.0.windows(3) {
                let [a, b, c] = [0, 1, 2].map(|i| lanes.splat(window[i]));
                keep(a + b);
                keep(a - b);
                keep(a * b);
                keep(a / b);
                keep(-a);
                keep(a.mul_add(b, c));
                keep(a.sqrt());
                keep(a.abs());
                keep(a.copysign(b));
                keep(a.select_less(b, c, a));
                keep(a.max(b));
            }
            out
        }
    }

    /// Interleaving and its inverse, reversing, transposing, powers of two, and loads and stores of parts.
    #[derive(Clone, Copy)]
    struct Rows<'a, T>(&'a [T]);

    impl<T: Element> Operation<T> for Rows<'_, T> {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes<T>>(self, lanes: L) {
            let n = L::WIDTH;
            let at = |i: usize, j: usize| self.0[i * 16 + j];
            let mut rows = [lanes.splat(T::ZERO); super::super::lanes::MOST_LANES];
            // 2^k·1.5 for k = 15 down to 0 and back up.
            let (k, x) = (lanes.load(&self.0[0..]), lanes.splat(T::HALF + T::HALF + T::HALF));
            let mut scaled = [T::ZERO; 16];
            lanes.store(lanes.ldexp(lanes.ldexp(x, k), -k), &mut scaled);
            assert!(scaled[..n].iter().all(|&y| y == T::HALF + T::HALF + T::HALF));
            (0..n).for_each(|i| rows[i] = lanes.load(&self.0[i * 16..]));
            super::super::lanes::transpose(lanes, &mut rows);
            for i in 0..n {
                let mut column = [T::ZERO; 16];
                lanes.store(rows[i], &mut column);
                (0..n).for_each(|j| assert_eq!(column[j], at(j, i), "({j}, {i}) of {n}"));
            }
            let (a, b) = (lanes.load(self.0), lanes.load(&self.0[n..]));
            let ((even, odd), mut back) = (a.deinterleave(b), [T::ZERO; 32]);
            lanes.store(even, &mut back);
            lanes.store(odd.reverse(), &mut back[n..]);
            (0..n).for_each(|i| assert_eq!((back[i], back[2 * n - 1 - i]), (self.0[2 * i], self.0[2 * i + 1])));
            for length in 0..n {
                let mut part = [at(0, 0); 16];
                lanes.store_part(lanes.load_part(&self.0[16..16 + length]), &mut part[..length]);
                assert_eq!((&part[..length], part[length]), (&self.0[16..16 + length], at(0, 0)));
            }
        }
    }

    macro_rules! same_on_every_kernel {
        ($name:ident, $number:ident, $bits:ty) => {
            #[test]
            fn $name() {
                let mut numbers: Vec<$number> =
                    [0.0, 1.0, -1.0, $number::NAN, $number::INFINITY, $number::MIN_POSITIVE]
                        .into_iter()
                        .flat_map(|x| [x, -x, x / 3.0, $number::MAX, <$number>::from_bits(1)])
                        .collect();
                let mut state = 1u64;
                for _ in 0..20_000 {
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    let any = <$number>::from_bits((state >> (64 - <$bits>::BITS)) as $bits);
                    numbers.extend([any, (state >> 40) as $number * 1e-7 - 0.8]);
                }
                let canonical = |numbers: Vec<$number>| -> Vec<$bits> {
                    numbers.into_iter().map(|x| if x.is_nan() { 1 } else { x.to_bits() }).collect()
                };
                let expected = canonical(run_on_software(All(&numbers)));
                let block: Vec<$number> = (0..256).map(|i| i as $number).collect();
                run_on_software(Rows(&block));
                assert!(canonical(run_single(All(&numbers))) == expected, "one number at a time");
                run_single(Rows(&block));
                for isa in Isa::here() {
                    assert!(canonical(run_on(isa, All(&numbers))) == expected, "{}", isa.name());
                    run_on(isa, Rows(&block));
                }
            }
        };
    }

    same_on_every_kernel!(every_kernel_has_the_bits_of_plain_arrays_in_f64, f64, u64);
    same_on_every_kernel!(every_kernel_has_the_bits_of_plain_arrays_in_f32, f32, u32);

    #[test]
    fn names_are_found_and_unknown_ones_are_errors() {
        assert_eq!(Isa::named("portable"), Ok(Isa::Portable));
        assert_eq!(Isa::named("mmx"), Err(IsaError::Unknown));
        assert!(alloc::format!("{}", IsaError::Unknown).contains("portable"));
    }
}
