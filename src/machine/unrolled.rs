//! Unrolled lanes: four registers used as one, so that independent chains of operations overlap.
//!
//! A function such as exp is a chain of steps, each of which waits for the one before. A processor fills the wait with
//! steps of other chains, if it finds them among the next hundred or so instructions. If the chains are interleaved in
//! the program, step by step, it finds them; if one chain follows the other, it sees two or three at a time. So a loop
//! over many elements processes [`UNROLL`] registers at once. Each element still goes through the same operations, so
//! its bits stay the same.

use super::Element;
use super::lanes::{Lanes, Vector};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// The number of registers: enough to fill the wait, and few enough for the registers of the processor.
pub const UNROLL: usize = 4;

/// [`UNROLL`] registers.
#[derive(Clone, Copy)]
pub struct Registers<V>([V; UNROLL]);

/// An array of the values of an expression for i = 0, 1, 2, 3.
macro_rules! four {
    ($i:ident => $each:expr) => {
        [
            {
                let $i = 0;
                $each
            },
            {
                let $i = 1;
                $each
            },
            {
                let $i = 2;
                $each
            },
            {
                let $i = 3;
                $each
            },
        ]
    };
}

/// Lanes whose register is [`UNROLL`] registers of other lanes.
#[derive(Clone, Copy)]
pub struct Unrolled<L>(pub L);

macro_rules! each {
    ($($name:ident $method:ident)*) => {
        $(impl<V: $name<Output = V> + Copy> $name for Registers<V> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Registers(four!(i => self.0[i].$method(other.0[i])))
            }
        })*
    };
}

each!(Add add Sub sub Mul mul Div div);

impl<V: Neg<Output = V> + Copy> Neg for Registers<V> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Registers(four!(i => -self.0[i]))
    }
}

impl<T, V: Vector<T>> Vector<T> for Registers<V> {
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        Registers(four!(i => self.0[i].mul_add(b.0[i], c.0[i])))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Registers(four!(i => self.0[i].sqrt()))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Registers(four!(i => self.0[i].abs()))
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        Registers(four!(i => self.0[i].copysign(sign.0[i])))
    }

    #[inline(always)]
    fn select_less(self, bound: Self, yes: Self, no: Self) -> Self {
        Registers(four!(i => self.0[i].select_less(bound.0[i], yes.0[i], no.0[i])))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Registers(four!(i => self.0[i].max(other.0[i])))
    }

    #[inline(always)]
    fn exp2i(k: Self) -> Self {
        Registers(four!(i => V::exp2i(k.0[i])))
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> (Self, Self) {
        // The sequence a0 b0 a1 b1 ... of all registers is that of the first pair of registers, then of the second, ...
        let row: [[V; 2]; UNROLL] = four!(i => self.0[i].interleave(other.0[i]).into());
        let row = row.as_flattened();
        (Registers(four!(i => row[i])), Registers(four!(i => row[UNROLL + i])))
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> (Self, Self) {
        // All registers in sequence, two by two: the elements at even indices of each pair, and those at odd ones.
        let row = [self.0, other.0];
        let row = row.as_flattened();
        let parts = four!(i => row[2 * i].deinterleave(row[2 * i + 1]));
        (Registers(four!(i => parts[i].0)), Registers(four!(i => parts[i].1)))
    }

    #[inline(always)]
    fn reverse(self) -> Self {
        Registers(four!(i => self.0[UNROLL - 1 - i].reverse()))
    }

    #[inline(always)]
    fn frexp(self) -> (Self, Self) {
        let parts = four!(i => self.0[i].frexp());
        (Registers(four!(i => parts[i].0)), Registers(four!(i => parts[i].1)))
    }
}

impl<T: Element, L: Lanes<T>> Lanes<T> for Unrolled<L> {
    type Vector = Registers<L::Vector>;
    const WIDTH: usize = UNROLL * L::WIDTH;
    const REGISTERS: usize = L::REGISTERS / UNROLL;

    #[inline(always)]
    fn splat(self, x: T) -> Self::Vector {
        Registers([self.0.splat(x); UNROLL])
    }

    #[inline(always)]
    fn load(self, from: &[T]) -> Self::Vector {
        let from = &from[..Self::WIDTH];
        Registers(four!(i => self.0.load(&from[i * L::WIDTH..])))
    }

    #[inline(always)]
    unsafe fn load_at(self, from: *const T) -> Self::Vector {
        // SAFETY: the caller's promise, for each of the registers.
        Registers(four!(i => unsafe { self.0.load_at(from.add(i * L::WIDTH)) }))
    }

    #[inline(always)]
    fn store(self, v: Self::Vector, to: &mut [T]) {
        let to = &mut to[..Self::WIDTH];
        for i in 0..UNROLL {
            self.0.store(v.0[i], &mut to[i * L::WIDTH..]);
        }
    }

    #[inline(always)]
    unsafe fn store_at(self, v: Self::Vector, to: *mut T) {
        for i in 0..UNROLL {
            // SAFETY: the caller's promise, for each of the registers.
            unsafe { self.0.store_at(v.0[i], to.add(i * L::WIDTH)) };
        }
    }

    #[inline(always)]
    fn ldexp(self, x: Self::Vector, k: Self::Vector) -> Self::Vector {
        Registers(four!(i => self.0.ldexp(x.0[i], k.0[i])))
    }

    #[inline(always)]
    fn load_part(self, from: &[T]) -> Self::Vector {
        Registers(four!(i => {
            let from = &from[(i * L::WIDTH).min(from.len())..];
            self.0.load_any(from)
        }))
    }

    #[inline(always)]
    fn store_part(self, v: Self::Vector, to: &mut [T]) {
        for i in 0..UNROLL {
            let from = (i * L::WIDTH).min(to.len());
            self.0.store_any(v.0[i], &mut to[from..]);
        }
    }
}
