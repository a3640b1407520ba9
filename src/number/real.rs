//! The trait `Real` of the two floating-point types, f32 and f64.
//!
//! Everything numeric in this crate is generic over [`Real`]: gradients are checked in f64, and boards and fast runs
//! use f32. The constants that a formula needs are defined here for both types.

use super::{exponential, logarithm, trigonometric};
use crate::machine::lanes::{Pointwise, at_one};
use crate::machine::unrolled::Unrolled;
use crate::machine::{Element, Lanes, Operation, run};

/// f32 or f64, with the elementary functions. The chapter of each function states its error in units in the last place
/// (ulp).
pub trait Real: Element + core::fmt::Display + core::fmt::LowerExp {
    /// 1.
    const ONE: Self;
    /// The distance from 1 to the next larger number.
    const EPSILON: Self;
    /// The smallest positive normal number.
    const MIN_POSITIVE: Self;
    /// The square root of [`MIN_POSITIVE`](Self::MIN_POSITIVE). The product of two smaller numbers is subnormal, and
    /// processors compute with subnormal numbers ten times more slowly or worse.
    const NEGLIGIBLE: Self;
    /// +∞.
    const INFINITY: Self;
    /// Not a number.
    const NAN: Self;
    /// "f32" or "f64".
    const NAME: &'static str;
    /// The length of a block of a matrix product's inner index, and so of a chain of fused multiply-adds (see
    /// `matrix::product`).
    const KC: usize;
    /// The constants of the elementary functions.
    #[doc(hidden)]
    const FORMULAS: Formulas<Self>;

    /// The nearest number of this type.
    fn from_f64(x: f64) -> Self;

    /// The same number, exactly.
    fn to_f64(self) -> f64;

    /// The nearest number to a count.
    #[inline(always)]
    fn from_usize(n: usize) -> Self {
        Self::from_f64(n as f64)
    }

    /// The bits, with every NaN replaced with the same one. Digests are computed from them.
    fn canonical_bits(self) -> u64;

    /// Whether it is neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// Whether it is NaN.
    fn is_nan(self) -> bool;

    /// |x|.
    fn abs(self) -> Self;

    /// `if self > other { self } else { other }`: `other` if one of them is NaN or both are zeros.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// `if self < other { self } else { other }`: `other` if one of them is NaN or both are zeros.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    /// eˣ; see [`exponential`].
    fn exp(self) -> Self {
        one(exponential::Exp, self)
    }

    /// The natural logarithm; see [`logarithm`].
    fn ln(self) -> Self {
        one(logarithm::Ln, self)
    }

    /// The hyperbolic tangent; see [`exponential`].
    fn tanh(self) -> Self {
        one(exponential::Tanh, self)
    }

    /// 1/(1 + e⁻ˣ); see [`exponential`].
    fn sigmoid(self) -> Self {
        one(exponential::Sigmoid, self)
    }

    /// (sin πx, cos πx); see [`trigonometric`].
    fn sin_cos_pi(self) -> (Self, Self) {
        let (sine, cosine) = trigonometric::sin_cos_pi(self.to_f64());
        (Self::from_f64(sine), Self::from_f64(cosine))
    }
}

/// Constants of the elementary functions: see the chapters that use them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Formulas<T: 'static> {
    /// 1/ln 2.
    pub per_ln2: T,
    /// ln 2 in two parts, the first short enough that its product with an exponent is exact.
    pub ln2: [T; 2],
    /// Below the first of these eˣ is 0, and above the second it is ∞.
    pub exp_range: [T; 2],
    /// For |x| from here on, tanh x rounds to ±1.
    pub tanh_one: T,
    /// 1/2!, 1/3!, ..., enough terms of eʳ for |r| <= ln 2 / 2.
    pub exp_series: &'static [T],
    /// 2/3, 2/5, 2/7, ..., enough terms of ln m for √½ <= m <= √2.
    pub ln_series: &'static [T],
    /// A power of two that makes subnormal numbers normal, and its exponent.
    pub lift: [T; 2],
}

/// A function's value at a single x, computed by the code for lanes.
fn one<T: Real>(function: impl Pointwise<T>, x: T) -> T {
    struct One<T, F>(F, T);
    impl<T: Real, F: Pointwise<T>> Operation<T> for One<T, F> {
        type Output = T;
        #[inline(always)]
        fn run<L: Lanes<T>>(self, lanes: L) -> T {
            at_one(lanes, self.0, self.1)
        }
    }
    run(One(function, x))
}

/// Writes the function's value at each element of `from` into `to`.
pub(crate) fn each_into<T: Real>(function: impl Pointwise<T>, from: &[T], to: &mut [T]) {
    struct Each<'a, T, F>(F, &'a [T], &'a mut [T]);
    impl<T: Real, F: Pointwise<T>> Operation<T> for Each<'_, T, F> {
        type Output = ();
        #[inline(always)]
        fn run<L: Lanes<T>>(self, lanes: L) {
            let lanes = Unrolled(lanes);
            for i in (0..self.1.len()).step_by(<Unrolled<L> as Lanes<T>>::WIDTH) {
                lanes.store_any(self.0.at(lanes, lanes.load_any(&self.1[i..])), &mut self.2[i..]);
            }
        }
    }
    assert_eq!(from.len(), to.len(), "arguments and values");
    run(Each(function, from, to));
}

/// Replaces each element with the function's value there.
pub(crate) fn replace_each<T: Real>(function: impl Pointwise<T>, elements: &mut [T]) {
    struct Each<'a, T, F>(F, &'a mut [T]);
    impl<T: Real, F: Pointwise<T>> Operation<T> for Each<'_, T, F> {
        type Output = ();
        #[inline(always)]
        fn run<L: Lanes<T>>(self, lanes: L) {
            crate::machine::lanes::replace_each(lanes, self.1, self.0);
        }
    }
    run(Each(function, elements));
}

macro_rules! real {
    ($float:ident, $name:literal, $block:literal, $negligible:expr, $formulas:expr) => {
        impl Real for $float {
            const ONE: Self = 1.0;
            const EPSILON: Self = $float::EPSILON;
            const MIN_POSITIVE: Self = $float::MIN_POSITIVE;
            const NEGLIGIBLE: Self = $negligible;
            const INFINITY: Self = $float::INFINITY;
            const NAN: Self = $float::NAN;
            const NAME: &'static str = $name;
            const KC: usize = $block;
            const FORMULAS: Formulas<Self> = $formulas;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $float
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            fn canonical_bits(self) -> u64 {
                u64::from(if self.is_nan() { $float::NAN.to_bits() } else { self.to_bits() })
            }

            #[inline(always)]
            fn is_finite(self) -> bool {
                $float::is_finite(self)
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                $float::is_nan(self)
            }

            #[inline(always)]
            fn abs(self) -> Self {
                $float::abs(self)
            }
        }
    };
}

real!(
    f32,
    "f32",
    200,
    f32::from_bits((127 - 63) << 23), // 2⁻⁶³
    Formulas {
        per_ln2: core::f32::consts::LOG2_E,
        ln2: [0.693_145_75, 1.428_606_8e-6],
        exp_range: [-104.0, 89.0],
        tanh_one: 9.5,
        exp_series: &EXP_SERIES_F32,
        ln_series: &LN_SERIES_F32,
        lift: [16777216.0, 24.0],
    }
);

real!(
    f64,
    "f64",
    200,
    f64::from_bits((1023 - 511) << 52), // 2⁻⁵¹¹
    Formulas {
        per_ln2: core::f64::consts::LOG2_E,
        ln2: [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10],
        exp_range: [-746.0, 710.0],
        tanh_one: 20.0,
        exp_series: &EXP_SERIES,
        ln_series: &LN_SERIES,
        lift: [18014398509481984.0, 54.0],
    }
);

/// 1/2!, 1/3!, ..., 1/13!
const EXP_SERIES: [f64; 12] = {
    let mut series = [0.5; 12];
    let (mut n, mut factorial) = (1, 2.0);
    while n < 12 {
        factorial *= (n + 2) as f64;
        series[n] = 1.0 / factorial;
        n += 1;
    }
    series
};

/// 2/3, 2/5, ..., 2/23
const LN_SERIES: [f64; 11] = {
    let mut series = [0.0; 11];
    let mut n = 0;
    while n < 11 {
        series[n] = 2.0 / (2 * n + 3) as f64;
        n += 1;
    }
    series
};

const EXP_SERIES_F32: [f32; 6] = {
    let mut series = [0.0; 6];
    let mut n = 0;
    while n < 6 {
        series[n] = EXP_SERIES[n] as f32;
        n += 1;
    }
    series
};

const LN_SERIES_F32: [f32; 5] = {
    let mut series = [0.0; 5];
    let mut n = 0;
    while n < 5 {
        series[n] = LN_SERIES[n] as f32;
        n += 1;
    }
    series
};
