//! Lanes as plain arrays: the definition of what every instruction set must give.
//!
//! The fused multiply-add is the processor's where it has one, else exact software; both give the same bits, so the
//! choice is one of speed.

use super::Element;
use super::fma::{hardware, software_f32, software_f64};
use super::lanes::{Lanes, Vector};
use super::sqrt;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// Plain arrays of N numbers. `HARDWARE`: the processor has a fused multiply-add.
#[derive(Clone, Copy)]
pub struct Portable<const HARDWARE: bool, const N: usize = WIDTH>(());

impl<const HARDWARE: bool, const N: usize> Portable<HARDWARE, N> {
    /// # Safety
    /// With `HARDWARE` the processor must have a fused multiply-add.
    pub unsafe fn new() -> Self {
        Portable(())
    }
}

/// N numbers; made by `Portable` alone.
#[derive(Clone, Copy)]
pub struct Array<T, const HARDWARE: bool, const N: usize>([T; N]);

/// How many numbers a kernel is given; one at a time is for code without a kernel (`kernel::run_single`).
const WIDTH: usize = 8;

macro_rules! operator {
    ($number:ty, $name:ident, $method:ident, $sign:tt) => {
        impl<const H: bool, const N: usize> $name for Array<$number, H, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Array(core::array::from_fn(|i| self.0[i] $sign other.0[i]))
            }
        }
    };
}

macro_rules! array {
    ($number:ident, $bits:ty, $software:ident, $fraction_bits:literal, $bias:literal, $root_half:literal) => {
        operator!($number, Add, add, +);
        operator!($number, Sub, sub, -);
        operator!($number, Mul, mul, *);
        operator!($number, Div, div, /);

        impl<const H: bool, const N: usize> Neg for Array<$number, H, N> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Array(self.0.map(|x| -x))
            }
        }

        impl<const H: bool, const N: usize> Vector<$number> for Array<$number, H, N> {
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                Array(core::array::from_fn(|i| {
                    if H {
                        // SAFETY: with `H` the value of `Portable<H, N>` that this array came from vouches for the instruction.
                        unsafe { hardware::$number(self.0[i], b.0[i], c.0[i]) }
                    } else {
                        $software(self.0[i], b.0[i], c.0[i])
                    }
                }))
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                Array(self.0.map(sqrt::$number))
            }

            #[inline(always)]
            fn abs(self) -> Self {
                Array(self.0.map(|x| $number::from_bits(x.to_bits() & <$bits>::MAX >> 1)))
            }

            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                const SIGN: $bits = 1 << (<$bits>::BITS - 1);
                Array(core::array::from_fn(|i| {
                    $number::from_bits(self.0[i].to_bits() & !SIGN | sign.0[i].to_bits() & SIGN)
                }))
            }

            #[inline(always)]
            fn select_less(self, bound: Self, yes: Self, no: Self) -> Self {
                Array(core::array::from_fn(|i| if self.0[i] < bound.0[i] { yes.0[i] } else { no.0[i] }))
            }

            #[inline(always)]
            fn exp2i(k: Self) -> Self {
                // The sum with 1.5·2^fraction_bits holds k in its low bits, as a two's complement.
                const SHIFTER: $number = <$number as Element>::SHIFTER;
                Array(k.0.map(|k| $number::from_bits((k + SHIFTER).to_bits().wrapping_add($bias) << $fraction_bits)))
            }

            #[inline(always)]
            fn interleave(self, other: Self) -> (Self, Self) {
                let turn = |from: usize| {
                    Array(core::array::from_fn(|i| {
                        let (place, second) = ((from + i) / 2, (from + i) % 2 == 1);
                        if second { other.0[place] } else { self.0[place] }
                    }))
                };
                (turn(0), turn(N))
            }

            #[inline(always)]
            fn deinterleave(self, other: Self) -> (Self, Self) {
                let pick = |first: usize| {
                    Array(core::array::from_fn(|i| {
                        let place = first + 2 * i;
                        if place < N { self.0[place] } else { other.0[place - N] }
                    }))
                };
                (pick(0), pick(1))
            }

            #[inline(always)]
            fn reverse(self) -> Self {
                Array(core::array::from_fn(|i| self.0[N - 1 - i]))
            }

            #[inline(always)]
            fn frexp(self) -> (Self, Self) {
                // Subtracting the bits of √½ makes the exponent step at √½·2^k instead of at 2^k.
                const FRACTION: $bits = (1 << $fraction_bits) - 1;
                const SIGN_AND_EXPONENT: $bits = <$bits>::MAX >> $fraction_bits;
                const TWO_TO: $number = (1u64 << $fraction_bits) as $number;
                let offset = self.0.map(|x| x.to_bits().wrapping_sub($root_half));
                let k = offset.map(|o| {
                    // A biased exponent in the fraction of 2^fraction_bits reads as a number.
                    let biased = (o >> $fraction_bits).wrapping_add($bias) & SIGN_AND_EXPONENT;
                    $number::from_bits(biased | TWO_TO.to_bits()) - (TWO_TO + $bias as $number)
                });
                let m = offset.map(|o| $number::from_bits((o & FRACTION).wrapping_add($root_half)));
                (Array(k), Array(m))
            }
        }

        impl<const H: bool, const N: usize> Lanes<$number> for Portable<H, N> {
            type Vector = Array<$number, H, N>;
            const WIDTH: usize = N;
            const REGISTERS: usize = 0;

            #[inline(always)]
            fn splat(self, x: $number) -> Self::Vector {
                Array([x; N])
            }

            #[inline(always)]
            fn load(self, from: &[$number]) -> Self::Vector {
                let mut numbers = [0.0; N];
                numbers.copy_from_slice(&from[..N]);
                Array(numbers)
            }

            #[inline(always)]
            unsafe fn load_at(self, from: *const $number) -> Self::Vector {
                // SAFETY: the caller's promise; an array of numbers is aligned as a number is.
                Array(unsafe { *from.cast::<[$number; N]>() })
            }

            #[inline(always)]
            unsafe fn store_at(self, v: Self::Vector, to: *mut $number) {
                // SAFETY: as above.
                unsafe { *to.cast::<[$number; N]>() = v.0 }
            }

            #[inline(always)]
            fn store(self, v: Self::Vector, to: &mut [$number]) {
                to[..N].copy_from_slice(&v.0);
            }
        }
    };
}

array!(f64, u64, software_f64, 52, 1023, 0x3fe6_a09e_667f_3bcd);
array!(f32, u32, software_f32, 23, 127, 0x3f35_04f3);
