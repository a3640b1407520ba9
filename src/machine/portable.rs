//! Plain arrays as lanes: the reference whose bits every instruction set must produce.
//!
//! The fused multiply-add is the processor's instruction if it has one, else exact software. Both produce the same
//! bits.

use super::Element;
use super::fma::{hardware, software_f32, software_f64};
use super::lanes::{Lanes, Vector};
use super::sqrt;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// The lanes of plain arrays of N elements. `HARDWARE`: the processor has a fused multiply-add.
#[derive(Clone, Copy)]
pub struct Portable<const HARDWARE: bool, const N: usize = WIDTH>(());

impl<const HARDWARE: bool, const N: usize> Portable<HARDWARE, N> {
    /// # Safety
    /// With `HARDWARE` the processor must have a fused multiply-add.
    pub unsafe fn new() -> Self {
        Portable(())
    }
}

/// N elements; only `Portable` makes one.
#[derive(Clone, Copy)]
pub struct Array<T, const HARDWARE: bool, const N: usize>([T; N]);

/// Elements in an array, except for `run_single`, where it is one.
const WIDTH: usize = 8;

/// Elements in an array where the fused multiply-add is software. On x86-64, processors without the instruction are
/// older than 2013, and the code for eight elements would be a fifth of the time to build the program. One element at a
/// time is a third slower.
pub const SOFTWARE_WIDTH: usize = if cfg!(target_arch = "x86_64") { 1 } else { WIDTH };

/// The array whose element i is the value of an expression. It is a loop, not `array::from_fn`: a closure is a function
/// that the compiler may decide not to inline.
macro_rules! each {
    ($i:ident => $value:expr) => {{
        let mut elements = [0.0; N];
        for $i in 0..N {
            elements[$i] = $value;
        }
        Array(elements)
    }};
}

macro_rules! operator {
    ($float:ty, $name:ident, $method:ident, $sign:tt) => {
        impl<const H: bool, const N: usize> $name for Array<$float, H, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each!(i => self.0[i] $sign other.0[i])
            }
        }
    };
}

macro_rules! array {
    ($float:ident, $bits:ty, $software:ident, $fraction_bits:literal, $bias:literal, $root_half:literal) => {
        operator!($float, Add, add, +);
        operator!($float, Sub, sub, -);
        operator!($float, Mul, mul, *);
        operator!($float, Div, div, /);

        impl<const H: bool, const N: usize> Neg for Array<$float, H, N> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                each!(i => -self.0[i])
            }
        }

        impl<const H: bool, const N: usize> Vector<$float> for Array<$float, H, N> {
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                each!(i => if H {
                    // SAFETY: with `H`, only a `Portable<true, N>` makes an array, and it vouches for the instruction.
                    unsafe { hardware::$float(self.0[i], b.0[i], c.0[i]) }
                } else {
                    $software(self.0[i], b.0[i], c.0[i])
                })
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                each!(i => sqrt::$float(self.0[i]))
            }

            #[inline(always)]
            fn abs(self) -> Self {
                each!(i => $float::from_bits(self.0[i].to_bits() & <$bits>::MAX >> 1))
            }

            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                const SIGN: $bits = 1 << (<$bits>::BITS - 1);
                each!(i => $float::from_bits(self.0[i].to_bits() & !SIGN | sign.0[i].to_bits() & SIGN))
            }

            #[inline(always)]
            fn select_less(self, bound: Self, yes: Self, no: Self) -> Self {
                each!(i => if self.0[i] < bound.0[i] { yes.0[i] } else { no.0[i] })
            }

            #[inline(always)]
            fn exp2i(k: Self) -> Self {
                // The sum with 1.5·2^fraction_bits holds k in its low bits, as a two's complement.
                const SHIFTER: $float = <$float as Element>::SHIFTER;
                each!(i => $float::from_bits((k.0[i] + SHIFTER).to_bits().wrapping_add($bias) << $fraction_bits))
            }

            #[inline(always)]
            fn interleave(self, other: Self) -> (Self, Self) {
                let first = each!(i => if i % 2 == 0 { self.0[i / 2] } else { other.0[i / 2] });
                let second = each!(i => if (N + i) % 2 == 0 { self.0[(N + i) / 2] } else { other.0[(N + i) / 2] });
                (first, second)
            }

            #[inline(always)]
            fn deinterleave(self, other: Self) -> (Self, Self) {
                let even = each!(i => if 2 * i < N { self.0[2 * i] } else { other.0[2 * i - N] });
                let odd = each!(i => if 2 * i + 1 < N { self.0[2 * i + 1] } else { other.0[2 * i + 1 - N] });
                (even, odd)
            }

            #[inline(always)]
            fn reverse(self) -> Self {
                each!(i => self.0[N - 1 - i])
            }

            #[inline(always)]
            fn frexp(self) -> (Self, Self) {
                // Subtracting the bits of √½ makes the exponent step at √½·2^k instead of at 2^k.
                const FRACTION: $bits = (1 << $fraction_bits) - 1;
                const SIGN_AND_EXPONENT: $bits = <$bits>::MAX >> $fraction_bits;
                const TWO_TO: $float = (1u64 << $fraction_bits) as $float;
                let k = each!(i => {
                    let offset = self.0[i].to_bits().wrapping_sub($root_half);
                    // With a biased exponent in its fraction, 2^fraction_bits reads as 2^fraction_bits + exponent.
                    let biased = (offset >> $fraction_bits).wrapping_add($bias) & SIGN_AND_EXPONENT;
                    $float::from_bits(biased | TWO_TO.to_bits()) - (TWO_TO + $bias as $float)
                });
                let m = each!(i => {
                    let offset = self.0[i].to_bits().wrapping_sub($root_half);
                    $float::from_bits((offset & FRACTION).wrapping_add($root_half))
                });
                (k, m)
            }
        }

        impl<const H: bool, const N: usize> Lanes<$float> for Portable<H, N> {
            type Vector = Array<$float, H, N>;
            const WIDTH: usize = N;
            const REGISTERS: usize = 0;

            #[inline(always)]
            fn splat(self, x: $float) -> Self::Vector {
                Array([x; N])
            }

            #[inline(always)]
            fn load(self, from: &[$float]) -> Self::Vector {
                let mut elements = [0.0; N];
                elements.copy_from_slice(&from[..N]);
                Array(elements)
            }

            #[inline(always)]
            unsafe fn load_at(self, from: *const $float) -> Self::Vector {
                // SAFETY: the caller's promise; an array has the alignment of its elements.
                Array(unsafe { *from.cast::<[$float; N]>() })
            }

            #[inline(always)]
            unsafe fn store_at(self, v: Self::Vector, to: *mut $float) {
                // SAFETY: as above.
                unsafe { *to.cast::<[$float; N]>() = v.0 }
            }

            #[inline(always)]
            fn store(self, v: Self::Vector, to: &mut [$float]) {
                to[..N].copy_from_slice(&v.0);
            }
        }
    };
}

array!(f64, u64, software_f64, 52, 1023, 0x3fe6_a09e_667f_3bcd);
array!(f32, u32, software_f32, 23, 127, 0x3f35_04f3);
