//! Sine and cosine of π·x, for windows and Fourier transforms.
//!
//! These need sin(2π·n/N) and the like. π·x in floating point is rounded, and for a large x the error exceeds that of
//! the sine by far. So the functions take x, and reduce it before they multiply by π.
//!
//! **Method.** x = q/2 + r with an integer q and |r| <= ¼, exactly. Then y = π·r in two parts, and
//!
//! ```text
//! sin y = y - y³/3! + y⁵/5! - ...
//! cos y = 1 - y²/2! + y⁴/4! - ...
//! ```
//!
//! The remainder of q by 4 selects the result: sin π·x is sin y, cos y, -sin y, -cos y for 0, 1, 2, 3. At multiples of
//! ½ the results are exactly 0 and ±1.
//!
//! **Special cases.** NaN for infinite x; sin(π·±0) = ±0. Largest error: 1 ulp.

use crate::machine::Element;

/// π = PI[0] + PI[1].
const PI: [f64; 2] = [core::f64::consts::PI, 1.224_646_799_147_353_2e-16];

/// -1/3!, 1/5!, -1/7!, ..., 1/17!
const SINE: [f64; 8] = series(3);
/// 1/4!, -1/6!, ..., 1/16!, -1/18!
const COSINE: [f64; 8] = series(4);

/// ±1/n! for n = first, first + 2, ...; the sign is that of i^n.
const fn series(first: usize) -> [f64; 8] {
    let mut series = [0.0; 8];
    let (mut n, mut factorial, mut index) = (2, 2.0, 0);
    while index < 8 {
        n += 1;
        factorial *= n as f64;
        if n >= first && (n - first).is_multiple_of(2) {
            let sign = if n / 2 % 2 == 0 { 1.0 } else { -1.0 };
            series[index] = sign / factorial;
            index += 1;
        }
    }
    series
}

fn polynomial(coefficients: &[f64], z: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &coefficient| Element::mul_add(sum, z, coefficient))
}

/// (sin πx, cos πx).
pub fn sin_cos_pi(x: f64) -> (f64, f64) {
    let x = x % 2.0; // exact
    let q = (2.0 * x + f64::SHIFTER) - f64::SHIFTER;
    let r = x - 0.5 * q;
    let (sine, cosine) = if r == 0.0 { (r, 1.0) } else { quarter(r) };
    match (q as i64).rem_euclid(4) {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}

/// (sin πr, cos πr) for 0 < |r| <= ¼.
fn quarter(r: f64) -> (f64, f64) {
    let y = r * PI[0];
    let y_low = Element::mul_add(r, PI[0], -y) + r * PI[1];
    let z = y * y;
    let half = 0.5 * z;
    let sine = y + (y * z * polynomial(&SINE, z) + y_low * (1.0 - half));
    let near = 1.0 - half;
    let cosine = near + (((1.0 - near) - half) + (z * z * polynomial(&COSINE, z) - y * y_low));
    (sine, cosine)
}

#[cfg(test)]
mod tests {
    use super::sin_cos_pi;

    #[test]
    fn multiples_of_a_half_are_exact() {
        for (x, sine, cosine) in
            [(0.0, 0.0, 1.0), (0.5, 1.0, 0.0), (1.0, 0.0, -1.0), (-0.5, -1.0, 0.0), (1e300, 0.0, 1.0)]
        {
            assert_eq!(sin_cos_pi(x), (sine, cosine), "{x}");
        }
        assert_eq!(sin_cos_pi(9007199254740991.0).1, -1.0); // the largest odd number
        assert!(sin_cos_pi(-0.0).0.is_sign_negative());
        assert!(sin_cos_pi(f64::INFINITY).0.is_nan());
    }

    #[test]
    fn known_angles() {
        let root_half = core::f64::consts::FRAC_1_SQRT_2;
        let (sine, cosine) = sin_cos_pi(0.25);
        assert!((sine - root_half).abs() <= 1.2e-16 && (cosine - root_half).abs() <= 1.2e-16);
        assert!((sin_cos_pi(1.0 / 6.0).0 - 0.5).abs() <= 1.2e-16);
        assert!((sin_cos_pi(-5.0 / 3.0).1 - 0.5).abs() <= 4e-16); // 5/3 itself is rounded
    }
}
