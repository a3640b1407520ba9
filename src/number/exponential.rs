//! The exponential, the sigmoid and the hyperbolic tangent.
//!
//! **Method.** A polynomial approximates eʳ well only for small r. So x is reduced first. With k the integer nearest to
//! x / ln 2,
//!
//! ```text
//! x  = k·ln 2 + r,    |r| <= ½ ln 2
//! eˣ = 2ᵏ·eʳ
//! eʳ - 1 = r + r²·(1/2! + r/3! + r²/4! + ...)
//! ```
//!
//! ln 2 = ln2₀ + ln2₁ is subtracted in two parts: k·ln2₀ exactly, and k·ln2₁ with a rounding error, which is computed
//! and added at the end. (The sigmoid does without, since its error bound is wider.) The last step, (1 + (eʳ - 1))·2ᵏ,
//! multiplies exactly unless the result is subnormal.
//!
//! | function | formula | special cases | largest error |
//! | --- | --- | --- | --- |
//! | exp | 2ᵏ·(1 + (eʳ - 1)) | exp(-∞) = 0, exp(∞) = ∞, exp(±0) = 1 | 1 ulp |
//! | sigmoid | 1/(1 + e^-x) for x >= 0, e^x/(1 + e^x) below | 0 at -∞, 1 at ∞, ½ at ±0 | 3 ulp |
//! | tanh | (e²ˣ - 1)/(e²ˣ + 1) of \|x\|, with the sign of x | ±1 at ±∞, ±0 at ±0 | 2 ulp |
//!
//! The result for NaN is NaN. For x < 0 the sigmoid uses the other formula because e^-x overflows for large -x, while
//! the sigmoid itself is still a small positive number.

use super::Real;
use crate::machine::lanes::Pointwise;
use crate::machine::{Lanes, Vector};

/// eˣ.
#[derive(Clone, Copy, Debug)]
pub struct Exp;

/// 1/(1 + e⁻ˣ).
#[derive(Clone, Copy, Debug)]
pub struct Sigmoid;

/// tanh x.
#[derive(Clone, Copy, Debug)]
pub struct Tanh;

/// (k, eʳ - 1) for x = k·ln 2 + r. `SHORT` omits the correction of r's rounding error, which costs half an ulp.
#[inline(always)]
fn reduced<T: Real, L: Lanes<T>, const SHORT: bool>(lanes: L, x: L::Vector) -> (L::Vector, L::Vector) {
    let c = T::FORMULAS;
    let shifter = lanes.splat(T::SHIFTER);
    let k = x.mul_add(lanes.splat(c.per_ln2), shifter) - shifter;
    let high = k.mul_add(lanes.splat(-c.ln2[0]), x);
    let r = k.mul_add(lanes.splat(-c.ln2[1]), high);
    let mut series = lanes.splat(c.exp_series[c.exp_series.len() - 1]);
    for &coefficient in c.exp_series.iter().rev().skip(1) {
        series = series.mul_add(r, lanes.splat(coefficient));
    }
    if SHORT {
        return (k, (r * r).mul_add(series, r));
    }
    let lost = k.mul_add(lanes.splat(-c.ln2[1]), high - r);
    (k, r + (r * r).mul_add(series, lost))
}

/// eˣ for x within `exp_range`.
#[inline(always)]
fn exp_in_range<T: Real, L: Lanes<T>, const SHORT: bool>(lanes: L, x: L::Vector) -> L::Vector {
    let (k, power_less_one) = reduced::<T, L, SHORT>(lanes, x);
    lanes.ldexp(lanes.splat(T::ONE) + power_less_one, k)
}

impl<T: Real> Pointwise<T> for Exp {
    #[inline(always)]
    fn at<L: Lanes<T>>(self, lanes: L, x: L::Vector) -> L::Vector {
        let [low, high] = T::FORMULAS.exp_range;
        let (low, high) = (lanes.splat(low), lanes.splat(high));
        let x = low.max(x); // a NaN stays
        exp_in_range::<T, L, false>(lanes, high.select_less(x, high, x))
    }
}

impl<T: Real> Pointwise<T> for Sigmoid {
    #[inline(always)]
    fn at<L: Lanes<T>>(self, lanes: L, x: L::Vector) -> L::Vector {
        let (one, zero) = (lanes.splat(T::ONE), lanes.splat(T::ZERO));
        let low = lanes.splat(T::FORMULAS.exp_range[0]);
        let e = exp_in_range::<T, L, true>(lanes, low.max(-x.abs()));
        x.select_less(zero, e, one) / (one + e)
    }
}

impl<T: Real> Pointwise<T> for Tanh {
    #[inline(always)]
    fn at<L: Lanes<T>>(self, lanes: L, x: L::Vector) -> L::Vector {
        let (one, two) = (lanes.splat(T::ONE), lanes.splat(T::from_f64(2.0)));
        let most = lanes.splat(T::FORMULAS.tanh_one);
        let magnitude = x.abs();
        let magnitude = most.select_less(magnitude, most, magnitude);
        let (k, power_less_one) = reduced::<T, L, false>(lanes, magnitude + magnitude);
        let scale = L::Vector::exp2i(k);
        let e = scale.mul_add(power_less_one, scale - one); // e^(2|x|) - 1, without cancellation where it is small
        let sum = e + two;
        let lost = e - (sum - two);
        let quotient = e / sum;
        // One step of long division, with the rounding of the sum taken into account.
        let rest = (-quotient).mul_add(sum, e) - quotient * lost;
        (quotient + rest / sum).copysign(x)
    }
}

/// Replaces each x with eˣ.
pub fn exp_each<T: Real>(elements: &mut [T]) {
    super::real::replace_each(Exp, elements);
}

/// Replaces each x with 1/(1 + e⁻ˣ).
pub fn sigmoid_each<T: Real>(elements: &mut [T]) {
    super::real::replace_each(Sigmoid, elements);
}

/// Writes 1/(1 + e⁻ˣ) for each element x of `from` into `to`.
///
/// # Panics
/// If the lengths differ.
pub fn sigmoid_into<T: Real>(from: &[T], to: &mut [T]) {
    super::real::each_into(Sigmoid, from, to);
}

/// Replaces each x with tanh x.
pub fn tanh_each<T: Real>(elements: &mut [T]) {
    super::real::replace_each(Tanh, elements);
}
