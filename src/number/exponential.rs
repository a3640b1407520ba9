//! The exponential, and the sigmoid and the hyperbolic tangent that are made of it.
//!
//! Method. With k the integer nearest to x / ln 2,
//!
//! x = k·ln 2 + r, |r| <= ½ ln 2;  eˣ = 2ᵏ·eʳ;  eʳ - 1 = r + r²·(1/2! + r/3! + r²/4! + ...).
//!
//! ln 2 is subtracted in two parts, k·ln2₀ exactly and k·ln2₁ with a rounding whose error is kept and added at the end
//! (not for the sigmoid, whose bound is wider). The last step, (1 + (eʳ - 1))·2ᵏ, is exact unless the result is
//! subnormal.
//!
//! | function | formula | special cases | largest error |
//! | --- | --- | --- | --- |
//! | exp | 2ᵏ·(1 + (eʳ - 1)) | exp(-∞) = 0, exp(∞) = ∞, exp(±0) = 1 | 1 ulp |
//! | sigmoid | 1/(1 + e^-x) for x >= 0, e^x/(1 + e^x) below | 0 at -∞, 1 at ∞, ½ at ±0 | 3 ulp |
//! | tanh | (e²ˣ - 1)/(e²ˣ + 1) of \|x\|, with the sign of x | ±1 at ±∞, ±0 at ±0 | 2 ulp |
//!
//! NaN gives NaN. For x < 0 the sigmoid is not 1/(1 + e^-x): there e^-x overflows while the sigmoid is still a number.

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

/// (k, eʳ - 1) for x = k·ln 2 + r; without the error of r's rounding, half an ulp more wrong, if `SHORT`.
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
        let [low, high] = T::FORMULAS.exp_range.map(|bound| lanes.splat(bound));
        let x = low.max(x); // NaN passes
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
        let size = x.abs();
        let size = most.select_less(size, most, size);
        let (k, power_less_one) = reduced::<T, L, false>(lanes, size + size);
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

/// Replaces each x by eˣ.
pub fn exp_each<T: Real>(numbers: &mut [T]) {
    super::real::replace_each(Exp, numbers);
}

/// Replaces each x by 1/(1 + e⁻ˣ).
pub fn sigmoid_each<T: Real>(numbers: &mut [T]) {
    super::real::replace_each(Sigmoid, numbers);
}

/// Writes 1/(1 + e⁻ˣ) of each number of `from` into `to`.
///
/// # Panics
/// If the lengths differ.
pub fn sigmoid_into<T: Real>(from: &[T], to: &mut [T]) {
    super::real::each_into(Sigmoid, from, to);
}

/// Replaces each x by tanh x.
pub fn tanh_each<T: Real>(numbers: &mut [T]) {
    super::real::replace_each(Tanh, numbers);
}
