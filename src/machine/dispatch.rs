//! Dispatch: an operation, written once over lanes, is compiled for every instruction set and run on one of them.
//!
//! A program that is compiled for the oldest processor leaves most of a new one idle, and a program that is compiled
//! for the newest does not run on an old one. So the program contains several versions of each operation, and chooses
//! among them at run time.
//!
//! An [`Operation`] is a value with a generic method `run`. For each instruction set there is a function with
//! `#[target_feature]` that calls this method with the instruction set's lanes. The compiler inlines the operation into
//! that function and so uses the wide registers. The rules for such code are in the head of [`machine`](super).

use super::isa::{Isa, has_fma, isa};
use super::portable::{Portable, SOFTWARE_WIDTH};
use super::{Element, Lanes};

/// A computation written over lanes.
pub trait Operation<T: Element> {
    /// The type of its result.
    type Output;

    /// The computation. Implementations are `#[inline(always)]`: else they are not compiled for the instruction set.
    fn run<L: Lanes<T>>(self, lanes: L) -> Self::Output;
}

/// Runs an operation on the instruction set in use.
#[inline]
pub fn run<T: Element, O: Operation<T>>(operation: O) -> O::Output {
    T::run_detected(Detected(isa()), operation)
}

/// Runs an operation on a given instruction set. Tests compare instruction sets this way.
///
/// # Panics
/// If this machine cannot run it.
pub fn run_on<T: Element, O: Operation<T>>(isa: Isa, operation: O) -> O::Output {
    assert!(isa.is_here(), "this machine cannot run {}", isa.name());
    T::run_detected(Detected(isa), operation)
}

/// Runs an operation on plain arrays with the fused multiply-add in software, as a machine without the instruction
/// does: for tests.
pub fn run_on_software<T: Element, O: Operation<T>>(operation: O) -> O::Output {
    T::run_software(operation)
}

/// Runs an operation on lanes of one element, with the processor's fused multiply-add where it has one. It is for code
/// in which nothing may panic: the choice of an instruction set may.
#[inline]
pub fn run_single<T: Element, O: Operation<T>>(operation: O) -> O::Output {
    T::run_single(operation)
}

/// An instruction set that this machine was found to have. Only this file makes one.
pub struct Detected(Isa);

/// The functions above for one element type: the lanes of an instruction set are known for f32 and for f64, but not for
/// "any element".
pub trait Dispatch: Sized {
    /// See [`run`] and [`run_on`].
    fn run_detected<O: Operation<Self>>(isa: Detected, operation: O) -> O::Output
    where
        Self: Element;

    /// See [`run_single`].
    fn run_single<O: Operation<Self>>(operation: O) -> O::Output
    where
        Self: Element;

    /// See [`run_on_software`].
    fn run_software<O: Operation<Self>>(operation: O) -> O::Output
    where
        Self: Element;
}

macro_rules! dispatch {
    ($float:ident) => {
        impl Dispatch for $float {
            #[inline]
            fn run_detected<O: Operation<Self>>(isa: Detected, operation: O) -> O::Output {
                match isa.0 {
                    // SAFETY: the machine can run a `Detected` instruction set; this holds in each of these arms.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => unsafe { on_avx512(operation, super::x86::Avx512::new()) },
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => unsafe { on_avx2(operation, super::x86::Avx2::new()) },
                    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
                    Isa::Neon => operation.run(unsafe { super::aarch64::Neon::new() }),
                    // SAFETY: just detected.
                    _ if has_fma() => unsafe { on_fma(operation, <Portable<true>>::new()) },
                    _ => Self::run_software(operation),
                }
            }

            #[inline]
            fn run_single<O: Operation<Self>>(operation: O) -> O::Output {
                if has_fma() {
                    // SAFETY: just detected.
                    unsafe { on_fma(operation, Portable::<true, 1>::new()) }
                } else {
                    // SAFETY: nothing is promised without `HARDWARE`.
                    operation.run(unsafe { Portable::<false, 1>::new() })
                }
            }

            fn run_software<O: Operation<Self>>(operation: O) -> O::Output {
                // SAFETY: nothing is promised without `HARDWARE`.
                operation.run(unsafe { Portable::<false, SOFTWARE_WIDTH>::new() })
            }
        }
    };
}

dispatch!(f32);
dispatch!(f64);

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
unsafe fn on_fma<T: Element, L: Lanes<T>, O: Operation<T>>(operation: O, lanes: L) -> O::Output {
    operation.run(lanes)
}

#[cfg(test)]
mod tests {
    use super::super::Vector;
    use super::super::lanes::{MOST_LANES, transpose};
    use super::*;
    use alloc::vec::Vec;

    /// Every method of a vector, applied to windows of these elements.
    #[derive(Clone, Copy)]
    struct All<'a, T>(&'a [T]);

    impl<T: Element> Operation<T> for All<'_, T> {
        type Output = Vec<T>;

        #[inline(always)]
        fn run<L: Lanes<T>>(self, lanes: L) -> Vec<T> {
            let mut out = Vec::new();
            let mut push = |v: L::Vector| {
                let mut elements = [T::ZERO; MOST_LANES];
                lanes.store(v, &mut elements);
                out.push(elements[0]);
            };
            for window in self.0.windows(3) {
                let [a, b, c] = [0, 1, 2].map(|i| lanes.splat(window[i]));
                push(a + b);
                push(a - b);
                push(a * b);
                push(a / b);
                push(-a);
                push(a.mul_add(b, c));
                push(a.sqrt());
                push(a.abs());
                push(a.copysign(b));
                push(a.select_less(b, c, a));
                push(a.max(b));
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
            let mut rows = [lanes.splat(T::ZERO); MOST_LANES];
            // 2^k·1.5 for k = 15 down to 0 and back up.
            let (k, x) = (lanes.load(&self.0[0..]), lanes.splat(T::HALF + T::HALF + T::HALF));
            let mut scaled = [T::ZERO; 16];
            lanes.store(lanes.ldexp(lanes.ldexp(x, k), -k), &mut scaled);
            assert!(scaled[..n].iter().all(|&y| y == T::HALF + T::HALF + T::HALF));
            (0..n).for_each(|i| rows[i] = lanes.load(&self.0[i * 16..]));
            transpose(lanes, &mut rows);
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

    macro_rules! same_on_every_isa {
        ($name:ident, $float:ident, $bits:ty) => {
            #[test]
            fn $name() {
                let mut inputs: Vec<$float> = [0.0, 1.0, -1.0, $float::NAN, $float::INFINITY, $float::MIN_POSITIVE]
                    .into_iter()
                    .flat_map(|x| [x, -x, x / 3.0, $float::MAX, <$float>::from_bits(1)])
                    .collect();
                let mut state = 1u64;
                for _ in 0..20_000 {
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    let any = <$float>::from_bits((state >> (64 - <$bits>::BITS)) as $bits);
                    inputs.extend([any, (state >> 40) as $float * 1e-7 - 0.8]);
                }
                let canonical = |inputs: Vec<$float>| -> Vec<$bits> {
                    inputs.into_iter().map(|x| if x.is_nan() { 1 } else { x.to_bits() }).collect()
                };
                let expected = canonical(run_on_software(All(&inputs)));
                let block: Vec<$float> = (0..256).map(|i| i as $float).collect();
                run_on_software(Rows(&block));
                assert!(canonical(run_single(All(&inputs))) == expected, "lanes of one element");
                run_single(Rows(&block));
                for isa in Isa::here() {
                    assert!(canonical(run_on(isa, All(&inputs))) == expected, "{}", isa.name());
                    run_on(isa, Rows(&block));
                }
            }
        };
    }

    same_on_every_isa!(every_instruction_set_has_the_bits_of_plain_arrays_in_f64, f64, u64);
    same_on_every_isa!(every_instruction_set_has_the_bits_of_plain_arrays_in_f32, f32, u32);
}
