//! The natural logarithm, and the logarithm of a sum of exponentials.
//!
//! Method. x = m·2ᵏ with √½ <= m < √2; with f = m - 1 and s = f/(2 + f),
//!
//! ln m = 2·artanh s = 2s + s·R, R = 2/3·s² + 2/5·s⁴ + ..., and 2s = f - s·f, so ln m = f - (f²/2 - s·(f²/2 + R)),
//!
//! in which f, the largest term, is exact. k·ln 2 is added in two parts. Source of the arrangement: K. C. Ng's and
//! W. Kahan's logarithm (1986).
//!
//! Special cases: ln(±0) = -∞, ln x = NaN for x < 0, ln ∞ = ∞. Largest error: 1 ulp.

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

        // Where the formula does not hold: 0, negative numbers, ∞ and NaN.
        let ln = x.select_less(lanes.splat(T::INFINITY), ln, x);
        let not_positive = x.select_less(zero, lanes.splat(T::NAN), lanes.splat(-T::INFINITY));
        zero.select_less(x, ln, x.select_less(smallest, not_positive, x))
    }
}

/// Replaces each x by ln x.
pub fn ln_each<T: Real>(numbers: &mut [T]) {
    super::real::replace_each(Ln, numbers);
}

/// ln Σ eˣ over the numbers, with the largest one, M, taken out first: M + ln Σ e^(x - M). The numbers are replaced by
/// e^(x - M) and the sum of these is returned beside: dividing by it makes them a softmax.
///
/// -∞ for no numbers, or if all are -∞; NaN if one of them is, or is +∞. The absolute error is that of the sum and of one ln.
pub fn log_sum_exp<T: Real>(numbers: &mut [T]) -> (T, T) {
    let largest = numbers.iter().fold(-T::INFINITY, |most, &x| if x > most || x.is_nan() { x } else { most });
    if largest == -T::INFINITY {
        numbers.fill(T::ZERO);
        return (largest, T::ZERO);
    }
    for x in numbers.iter_mut() {
        *x -= largest;
    }
    super::exponential::exp_each(numbers);
    let sum = super::sum::sum(numbers);
    (largest + sum.ln(), sum)
}
