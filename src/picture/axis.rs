//! An axis from a to b: the position of each value, and the ticks.
//!
//! ```text
//! (AX.1)  linear        position = (x - a)/(b - a)
//! (AX.2)  logarithmic   position = (ln x - ln a)/(ln b - ln a)
//! ```
//!
//! Ticks are at round numbers. On a linear axis they are the multiples of 1, 2 or 5 times a power of ten, with the
//! smallest of these steps that does not give too many ticks. On a logarithmic axis they are powers of ten; where only
//! one of these is on the axis, they are 1, 2 and 5 times a power of ten.

use crate::number::Real;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The largest number of ticks, more than fit on any axis.
const MOST_TICKS: usize = 1000;

/// How values map to positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences have equal lengths.
    Linear,
    /// Equal ratios have equal lengths; only positive values have a position.
    Logarithmic,
}

/// An axis from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
}

/// A tick on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its value.
    pub value: f64,
    /// Its label; empty for a minor tick.
    pub text: String,
    /// The exponent after the label; may be empty.
    pub exponent: String,
}

impl Axis {
    /// The axis between two values. If they cannot be its ends (equal, not finite, or not positive on a logarithmic
    /// axis), it is widened or replaced, so that a chart can always be drawn.
    pub fn new(low: f64, high: f64, scale: Scale) -> Self {
        let (mut low, mut high) = if low <= high { (low, high) } else { (high, low) };
        if !(low.is_finite() && high.is_finite()) || scale == Scale::Logarithmic && low <= 0.0 {
            (low, high) = if scale == Scale::Linear { (0.0, 1.0) } else { (1.0, 10.0) };
        }
        if scale == Scale::Logarithmic {
            // Within the normal numbers, so that ends can be widened.
            (low, high) = (low.clamp(1e-300, 1e300), high.clamp(1e-300, 1e300));
            if high / low < 1.01 {
                (low, high) = (low / 2.0, high * 2.0);
            }
        } else {
            (low, high) = (low.clamp(-1e300, 1e300), high.clamp(-1e300, 1e300));
            let size = Real::max(low.abs(), high.abs());
            let is_zero = size < 1e-290;
            if high - low <= 1e-9 * size || is_zero {
                let margin = if is_zero { 1.0 } else { 0.1 * size };
                (low, high) = (low - margin, high + margin);
            }
        }
        Axis { low, high, scale }
    }

    /// The axis that covers all of these values that can have a position, with a margin at both ends, as a fraction of
    /// the length.
    pub fn over(numbers: impl IntoIterator<Item = f64>, scale: Scale, margin: f64) -> Self {
        let has_place = |x: &f64| x.is_finite() && (scale == Scale::Linear || *x > 0.0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in numbers.into_iter().filter(has_place) {
            (low, high) = (Real::min(low, x), Real::max(high, x));
        }
        let tight = Axis::new(low, high, scale);
        Axis::new(tight.at(-margin), tight.at(1.0 + margin), scale)
    }

    /// The lowest value.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The highest value.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// The position of a value: 0 at the low end, 1 at the high end, below or above outside; NaN if it has no position.
    pub fn fraction(&self, x: f64) -> f64 {
        match self.scale {
            Scale::Linear => (x - self.low) / (self.high - self.low), // (AX.1)
            Scale::Logarithmic if x > 0.0 => {
                (Real::ln(x) - Real::ln(self.low)) / (Real::ln(self.high) - Real::ln(self.low)) // (AX.2)
            }
            Scale::Logarithmic => f64::NAN,
        }
    }

    /// The value at a position.
    pub fn at(&self, fraction: f64) -> f64 {
        match self.scale {
            Scale::Linear => self.low + fraction * (self.high - self.low),
            Scale::Logarithmic => {
                let (low, high) = (Real::ln(self.low), Real::ln(self.high));
                Real::exp(low + fraction * (high - low))
            }
        }
    }

    /// Ticks from low to high: at most `most` labels (and at most 1000), at least two if `most` is five or more. A
    /// logarithmic axis has minor ticks between them.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        let most = most.clamp(2, MOST_TICKS);
        match self.scale {
            Scale::Linear => self.linear_ticks(most),
            Scale::Logarithmic => self.logarithmic_ticks(most),
        }
    }

    fn linear_ticks(&self, most: usize) -> Vec<Tick> {
        // Try ever larger steps, starting at the length of the axis divided by the number of ticks.
        let mut exponent = floor_of_log10((self.high - self.low) / most as f64);
        loop {
            let unit = power_of_ten(i64::from(exponent.abs()));
            for factor in [1, 2, 5] {
                // (i·factor)·10^exponent, rounded once: the float nearest to the printed number.
                let value = |i: i64| {
                    let multiple = (i * factor) as f64;
                    if exponent < 0 { multiple / unit } else { multiple * unit }
                };
                let (step, slack) = (value(1), 1e-9 * (self.high - self.low));
                let first = ceiling((self.low - slack) / step);
                let last = -ceiling(-(self.high + slack) / step);
                if last - first < most as i64 {
                    let tick = |x: f64| Tick { value: x, text: plain(x, exponent), exponent: String::new() };
                    return (first..=last).map(|i| tick(value(i))).collect();
                }
            }
            exponent += 1;
        }
    }

    fn logarithmic_ticks(&self, most: usize) -> Vec<Tick> {
        let slack = 1e-9;
        let (low, high) = (log10(self.low) - slack, log10(self.high) + slack);
        let (first, last) = (ceiling(low), -ceiling(-high)); // exponents
        if last - first < 1 {
            // Fewer than two powers of ten. Multiples are even on a long axis, linear ticks on a short one.
            let value = |exponent: i64, factor: i64| format!("{factor}e{exponent}").parse().unwrap_or(f64::NAN);
            let multiples = (first - 2..=last + 1).flat_map(|k| [1, 2, 5].map(|factor| (k, value(k, factor))));
            let ticks: Vec<Tick> = multiples
                .filter(|(_, value)| (low..=high).contains(&log10(*value)))
                .map(|(k, value)| Tick { value, text: plain(value, k as i32), exponent: String::new() })
                .collect();
            if self.high >= 5.0 * self.low && ticks.len() <= most.max(5) {
                return ticks;
            }
            let mut ticks = Axis { scale: Scale::Linear, ..*self }.linear_ticks(most);
            ticks.retain(|tick| tick.value > 0.0);
            return ticks;
        }
        let every = (last - first + 1 + most as i64 - 1) / most as i64;
        let is_short = first >= -2 && last <= 4;
        let mut ticks = Vec::new();
        for exponent in first - 1..=last {
            let value = power_of_ten(exponent);
            if exponent >= first {
                let (text, raised) = match exponent.rem_euclid(every) {
                    0 if is_short => (plain(value, exponent as i32), String::new()),
                    0 => ("10".to_string(), with_minus(&format!("{exponent}"))),
                    _ => (String::new(), String::new()),
                };
                ticks.push(Tick { value, text, exponent: raised });
            }
            // Minor ticks at 2, 3, ..., 9, unless they would be too dense.
            for factor in 2..10 {
                let between = f64::from(factor) * value;
                if last - first <= 6 && between > self.low && between < self.high {
                    ticks.push(Tick { value: between, text: String::new(), exponent: String::new() });
                }
            }
        }
        ticks
    }
}

/// A multiple of 10^exponent as text, with an exponent if it would have many digits.
fn plain(x: f64, exponent: i32) -> String {
    let decimals = exponent.min(0).unsigned_abs() as usize;
    if x == 0.0 && decimals > 4 {
        return "0".into();
    }
    let is_long = decimals > 4 || x.abs() >= 1e6;
    with_minus(&if is_long { format!("{x:e}") } else { format!("{x:.decimals$}") })
}

/// The text with its hyphens replaced by minus signs.
fn with_minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

fn log10(x: f64) -> f64 {
    Real::ln(x) / core::f64::consts::LN_10
}

/// ⌊log10 x⌋, or one less if log10 x is nearly an integer.
fn floor_of_log10(x: f64) -> i32 {
    -ceiling(-(log10(x) - 1e-9)) as i32
}

/// ⌈x⌉ of a value far below 2⁶³.
fn ceiling(x: f64) -> i64 {
    let whole = x as i64;
    if (whole as f64) < x { whole + 1 } else { whole }
}

/// 10^n, by the parser of floats, which rounds once.
fn power_of_ten(n: i64) -> f64 {
    format!("1e{n}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: Axis, most: usize) -> Vec<String> {
        let ticks = axis.ticks(most).into_iter().filter(|tick| !tick.text.is_empty());
        ticks.map(|tick| if tick.exponent.is_empty() { tick.text } else { tick.text + "^" + &tick.exponent }).collect()
    }

    #[test]
    fn linear_ticks_are_numbers_to_count_with() {
        let ticks = |low, high, most| texts(Axis::new(low, high, Scale::Linear), most);
        assert_eq!(ticks(0.0, 1.0, 6), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(ticks(-2.0, 2.0, 6), ["−2", "−1", "0", "1", "2"]);
        assert_eq!(ticks(0.0, 400.0, 5), ["0", "100", "200", "300", "400"]);
        assert_eq!(ticks(0.31, 0.37, 4), ["0.32", "0.34", "0.36"]);
        assert_eq!(ticks(12_340_000.0, 12_350_000.0, 3), ["1.234e7", "1.2345e7", "1.235e7"]);
        assert_eq!(ticks(0.0, 3e-7, 4), ["0", "1e−7", "2e−7", "3e−7"]);
    }

    #[test]
    fn ticks_are_few_evenly_spaced_and_on_the_axis() {
        let mut random = crate::number::Random::new(5);
        for _ in 0..2000 {
            let size = power_of_ten(random.index(40) as i64 - 20);
            let (a, b) = (size * random.uniform::<f64>(-1.0, 1.0), size * random.uniform::<f64>(-1.0, 1.0));
            let axis = Axis::new(a, b, Scale::Linear);
            let most = 2 + random.index(9);
            let ticks = axis.ticks(most);
            assert!(ticks.len() <= most && (ticks.len() >= 2 || most < 5), "{axis:?} {most}: {ticks:?}");
            for pair in ticks.windows(3) {
                let [first, second] = [pair[1].value - pair[0].value, pair[2].value - pair[1].value];
                assert!((first - second).abs() <= 1e-6 * first, "{axis:?}: {ticks:?}");
            }
            assert!(ticks.iter().all(|tick| (-1e-8..=1.0 + 1e-8).contains(&axis.fraction(tick.value))), "{axis:?}");
        }
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten() {
        let ticks = |low, high| texts(Axis::new(low, high, Scale::Logarithmic), 5);
        assert_eq!(ticks(0.1, 1000.0), ["0.1", "1", "10", "100", "1000"]);
        assert_eq!(ticks(1e-8, 1.0), ["10^−8", "10^−6", "10^−4", "10^−2", "10^0"]);
        assert_eq!(ticks(2.0, 9.0), ["2", "4", "6", "8"]);
        assert_eq!(ticks(0.14, 5.4), ["0.2", "0.5", "1", "2", "5"]);
        assert_eq!(ticks(12.0, 90.0), ["20", "50"]);
        let marks = Axis::new(1.0, 100.0, Scale::Logarithmic).ticks(5);
        let between: Vec<f64> = marks.iter().filter(|tick| tick.text.is_empty()).map(|tick| tick.value).collect();
        assert_eq!(between[..4], [2.0, 3.0, 4.0, 5.0]);
        assert_eq!(between.len(), 16);
    }

    #[test]
    fn places_and_numbers_belong_together() {
        let linear = Axis::new(-1.0, 3.0, Scale::Linear);
        assert_eq!((linear.fraction(0.0), linear.at(0.25)), (0.25, 0.0));
        let logarithmic = Axis::new(0.01, 100.0, Scale::Logarithmic);
        assert!((logarithmic.fraction(1.0) - 0.5).abs() < 1e-15 && (logarithmic.at(0.75) - 10.0).abs() < 1e-13);
        assert!(logarithmic.fraction(0.0).is_nan() && logarithmic.fraction(-1.0).is_nan());
    }

    #[test]
    fn there_is_an_axis_whatever_the_numbers() {
        for scale in [Scale::Linear, Scale::Logarithmic] {
            for numbers in [
                &[][..],
                &[f64::NAN],
                &[0.0],
                &[-5.0, -5.0],
                &[1e-320],
                &[1e-320, -1e-320],
                &[f64::MAX, f64::MIN],
                &[f64::INFINITY, 3.0],
                &[7.0, 7.000_000_000_1],
                &[1e-300, 1e300],
            ] {
                let axis = Axis::over(numbers.iter().copied(), scale, 0.05);
                assert!(axis.low() < axis.high() && axis.low().is_finite() && axis.high().is_finite(), "{axis:?}");
                let ticks = axis.ticks(5);
                assert!(!ticks.is_empty() && ticks.iter().all(|tick| tick.value.is_finite()), "{axis:?} {ticks:?}");
            }
        }
        let axis = Axis::over([0.0, 10.0, f64::NAN, f64::INFINITY], Scale::Linear, 0.1);
        assert_eq!((axis.low(), axis.high()), (-1.0, 11.0));
    }
}
