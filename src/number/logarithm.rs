//! The natural logarithm, and the logarithm of a sum of exponentials.
//!
//! **Method.** x = m·2ᵏ with √½ <= m < √2, so ln x = k·ln 2 + ln m. With f = m - 1 and s = f/(2 + f), m = (1 + s)/(1 -
//! s) and
//!
//! ```text
//! ln m = 2·artanh s = 2s + s·R,    R = 2/3·s² + 2/5·s⁴ + ...
//! 2s   = f - s·f                   by the definition of s
//! s·f  = f²/2 - s·f²/2             since f²/2 = s·f·(2 + f)/2 = s·f + s·f²/2
//! ln m = f - (f²/2 - s·(f²/2 + R))
//! ```
//!
//! The last form is used because its largest term, f, is exact. k·ln 2 is added in two parts. Source of the
//! arrangement: K. C. Ng's and W. Kahan's logarithm (1986).
//!
//! **Special cases.** ln(±0) = -∞, ln x = NaN for x < 0, ln ∞ = ∞. Largest error: 1 ulp.

use super::Real;
use crate::machine::lanes::Pointwise;
use crate::machine::{Lanes, Vector};

/// ln x.
#[derive(Clone, Copy, Debug)]
pub struct Ln;

impl<T: Real> Pointwise<T> for Ln {
    #[inline(always)]
    fn at<L: Lanes<T>>(self, lanes: L, x: L::Vector) -> L::Vector {
        let c = T::FORMULAS;
        let (zero, one, half) = (lanes.splat(T::ZERO), lanes.splat(T::ONE), lanes.splat(T::HALF));
        let smallest = lanes.splat(T::MIN_POSITIVE);
        let lifted = x.select_less(smallest, x * lanes.splat(c.lift[0]), x);
        let (k, m) = lifted.frexp();
        let k = k - x.select_less(smallest, lanes.splat(c.lift[1]), zero);

        let f = m - one;
        let s = f / (f + lanes.splat(T::from_f64(2.0)));
        let z = s * s;
        let mut series = lanes.splat(c.ln_series[c.ln_series.len() - 1]);
        for &coefficient in c.ln_series.iter().rev().skip(1) {
            series = series.mul_add(z, lanes.splat(coefficient));
        }
        let half_square = half * f * f;
        let correction = s.mul_add(z.mul_add(series, half_square), k * lanes.splat(c.ln2[1]));
        let ln = k.mul_add(lanes.splat(c.ln2[0]), f - (half_square - correction));

        // The special cases: 0, negative numbers, ∞ and NaN.
        let ln = x.select_less(lanes.splat(T::INFINITY), ln, x);
        let not_positive = x.select_less(zero, lanes.splat(T::NAN), lanes.splat(-T::INFINITY));
        zero.select_less(x, ln, x.select_less(smallest, not_positive, x))
    }
}

/// Replaces each x with ln x.
pub fn ln_each<T: Real>(elements: &mut [T]) {
    super::real::replace_each(Ln, elements);
}

/// ln Σ eˣ over the elements, and Σ e^(x - M), where M is the largest element. Each x is replaced with e^(x - M);
/// divided by the second result, these are a softmax.
///
/// ln Σ eˣ is computed as M + ln Σ e^(x - M): no power exceeds 1, so none overflows, and the sum is at least 1. Its
/// absolute error is that of the sum and of one ln. It is -∞ for no elements or if all are -∞, and NaN if one of them
/// is NaN or +∞.
pub fn log_sum_exp<T: Real>(elements: &mut [T]) -> (T, T) {
    let largest = elements.iter().fold(-T::INFINITY, |most, &x| if x > most || x.is_nan() { x } else { most });
    if largest == -T::INFINITY {
        elements.fill(T::ZERO);
        return (largest, T::ZERO);
    }
    for x in elements.iter_mut() {
        *x -= largest;
    }
    super::exponential::exp_each(elements);
    let sum = super::sum::sum(elements);
    (largest + sum.ln(), sum)
}
