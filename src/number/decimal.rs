//! Numbers for messages and tables: in few digits, and with a unit in the singular or the plural.
//!
//! `Display` prints 10³⁰⁰ with 301 digits and 10⁻³⁰⁰ with 300 decimals. A number that a user chose, or that diverged,
//! can be that large or that small, so it is printed through one of these types.

use core::fmt::{self, Display};

/// The shortest decimal that parses to the same number: plain if 0 or from 10⁻⁶ up to 10⁷, otherwise as in 1.5e-9.
#[derive(Clone, Copy, Debug)]
pub struct Short(pub f64);

/// A number with a fixed count of digits after the point; from 10⁷ up, as in 1.5000e9.
#[derive(Clone, Copy, Debug)]
pub struct Fixed(pub f64, pub usize);

/// A count and its unit, in the singular or the plural: `1 file`, `2 files`.
#[derive(Clone, Copy, Debug)]
pub struct Count<N>(pub N, pub &'static str);

impl<N: Display + PartialEq + From<u8>> Display for Count<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == N::from(1) { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}

impl Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Short(x) = *self;
        let is_plain = x == 0.0 || !x.is_finite() || (1e-6..1e7).contains(&x.abs());
        if is_plain { write!(f, "{x}") } else { write!(f, "{x:e}") }
    }
}

impl Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fixed(x, digits) = *self;
        if !x.is_finite() || x.abs() < 1e7 { write!(f, "{x:.digits$}") } else { write!(f, "{x:.digits$e}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn only_one_is_singular() {
        assert_eq!([0, 1, 2].map(|n: usize| Count(n, "file").to_string()), ["0 files", "1 file", "2 files"]);
    }

    #[test]
    fn no_number_has_many_digits() {
        let numbers = [0.0, 0.041, -1.2, 1.0, 1e-6, 1e-7, 9_999_999.0, 1e7, 1e308, -5e-324, f64::NAN, f64::INFINITY];
        let expected =
            ["0", "0.041", "-1.2", "1", "0.000001", "1e-7", "9999999", "1e7", "1e308", "-5e-324", "NaN", "inf"];
        assert_eq!(numbers.map(|x| Short(x).to_string()), expected);
        let fixed = [0.00012, 9_999_999.0, -1e300, f64::NAN, f64::NEG_INFINITY].map(|x| Fixed(x, 3).to_string());
        assert_eq!(fixed, ["0.000", "9999999.000", "-1.000e300", "NaN", "-inf"]);
        let mut random = crate::number::Random::new(1);
        for _ in 0..10_000 {
            let x = f64::from_bits(random.next_u64());
            let (short, fixed) = (Short(x).to_string(), Fixed(x, 4).to_string());
            assert!(short.len() <= 25 && fixed.len() <= 25, "{short} {fixed}");
            assert!(x.is_nan() || short.parse() == Ok(x), "{short}");
        }
    }
}
