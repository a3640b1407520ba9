//! Errors of the elementary functions, in units in the last place, against more exact functions.
//!
//! f64 is compared with double-double arithmetic (a number as an unevaluated sum of two f64, some 106 bits; T. J.
//! Dekker 1971), in which the series are summed anew. f32 is compared with the standard library's f64 functions, an
//! independent source with 29 bits to spare. The ordinary run takes samples; the ignored tests take every f32 and
//! millions of f64:
//!
//! `cargo test --release --test functions -- --ignored --nocapture`

#![allow(clippy::disallowed_methods)] // the references are the standard library's functions

#[path = "common/double.rs"]
mod double;
#[path = "common/tolerances.rs"]
mod tolerances;

use double::{Double, exact_sin_cos};
use ossicle::machine::lanes::{Pointwise, replace_each};
use ossicle::machine::run_on_software;
use ossicle::machine::{Isa, Lanes, Operation, run_on};
use ossicle::number::{Random, Real, exponential, logarithm, trigonometric};

const LN2: Double = Double(core::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);

/// (k, eʳ - 1), x = k·ln 2 + r.
fn reduced(x: Double) -> (i32, Double) {
    let k = (x.0 / LN2.0).round();
    let r = x.plus(LN2.times(Double::of(-k)));
    // (1 + e)^(2^5) with e = e^(r/32) - 1, so that few terms are enough.
    let r = r.scaled(1.0 / 32.0);
    let mut sum = Double::of(0.0);
    for n in (1..=20).rev() {
        sum = sum.plus(Double::of(1.0)).times(r).over(Double::of(f64::from(n)));
    }
    for _ in 0..5 {
        sum = sum.scaled(2.0).plus(sum.times(sum));
    }
    (k as i32, sum)
}

fn power_of_two(k: i32) -> [f64; 2] {
    let half = k / 2;
    [half, k - half].map(|k| f64::from_bits(((k + 1023) as u64) << 52))
}

/// eˣ as a double-double times 2^k, so that subnormal results keep their digits.
fn exact_exp(x: Double) -> (i32, Double) {
    let (k, e) = reduced(x);
    (k, e.plus(Double::of(1.0)))
}

fn exact_ln(x: f64) -> Double {
    // Newton on e^y = x: y + (x·e^-y - 1) - (x·e^-y - 1)²/2.
    let y = x.ln();
    let (k, e) = exact_exp(Double::of(-y));
    let [a, b] = power_of_two(k);
    let d = e.times(Double::of(x * a)).scaled(b).plus(Double::of(-1.0));
    Double::of(y).plus(d).plus(d.times(d).scaled(-0.5))
}

fn ulp64(x: f64) -> f64 {
    let exponent = ((x.to_bits() >> 52) & 0x7ff).max(1);
    f64::from_bits(exponent << 52) * f64::EPSILON
}

/// |got - exact·2^k| in ulp of the exact value.
fn error64(got: f64, k: i32, exact: Double) -> f64 {
    let [a, b] = power_of_two(k);
    let value = exact.0 * a * b;
    if !value.is_finite() || value.abs() < 1e-300 {
        // Compared at the scale of 2^600 above, where nothing is lost.
        if !got.is_finite() {
            return if value.is_finite() { f64::INFINITY } else { 0.0 };
        }
        let up = f64::from_bits((1023 + 600) << 52);
        let [a, b] = power_of_two(k + 600);
        return ((got * up - exact.0 * a * b) - exact.1 * a * b).abs() / (ulp64(got.max(value)) * up);
    }
    ((got - value) - exact.1 * a * b).abs() / ulp64(value)
}

/// The largest error and its argument.
#[derive(Default)]
struct Worst(f64, f64);

impl Worst {
    fn see(&mut self, error: f64, x: f64) {
        if !(error <= self.0) && !self.0.is_nan() {
            *self = Worst(error, x);
        }
    }

    fn within(&self, name: &str, bound: f64) {
        println!("{name}: at most {:.3} ulp, at {:e} (bound {bound})", self.0, self.1);
        assert!(self.0 <= bound, "{name}: {} ulp at {:e}", self.0, self.1);
    }
}

fn check_f64(points: usize, seed: u64) {
    let mut random = Random::new(seed);
    let [mut exp, mut sigmoid, mut tanh, mut ln, mut sine, mut cosine]: [Worst; 6] = Default::default();
    let one = Double::of(1.0);
    for i in 0..points {
        let scale = [1.0, 20.0, 745.0, 1e-3][i % 4];
        let x: f64 = random.uniform(-scale, scale);
        let (k, e) = exact_exp(Double::of(x));
        exp.see(error64(x.exp_ours(), k, e), x);

        let (k, e) = exact_exp(Double::of(-x.abs()));
        let [a, b] = power_of_two(k);
        let below = one.plus(e.scaled(a).scaled(b));
        let exact = if x < 0.0 { e.over(below) } else { one.over(below) };
        sigmoid.see(error64(Real::sigmoid(x), if x < 0.0 { k } else { 0 }, exact), x);

        let t = x / scale * [0.5, 20.0, 3.0, 1e-9][i / 4 % 4];
        let (k, e) = reduced(Double::of(2.0 * t.abs()));
        let [a, b] = power_of_two(k);
        let less_one = e.scaled(a).scaled(b).plus(Double::of(a * b).plus(Double::of(-1.0)));
        let exact = less_one.over(less_one.plus(Double::of(2.0)));
        tanh.see(error64(Real::tanh(t).abs(), 0, exact), t);

        let bits = random.next_u64() & !(1 << 63);
        let x = if i % 2 == 0 { f64::from_bits(bits) } else { random.uniform(0.5, 2.0) };
        if x.is_finite() && x > 0.0 {
            // Large and small x are brought near 1 by an exact power of two first.
            let shift = if x < 1e-290 {
                600
            } else if x > 1e290 {
                -600
            } else {
                0
            };
            let exact = exact_ln(x * f64::from_bits(((1023 + shift) as u64) << 52));
            let exact = exact.plus(LN2.times(Double::of(-f64::from(shift))));
            ln.see(error64(Real::ln(x), 0, exact), x);
        }

        let r: f64 = random.uniform(-0.25, 0.25);
        let (s, c) = exact_sin_cos(r);
        let (got_sine, got_cosine) = trigonometric::sin_cos_pi(r);
        sine.see(error64(got_sine, 0, s), r);
        cosine.see(error64(got_cosine, 0, c), r);
    }
    exp.within("f64 exp", tolerances::EXP);
    sigmoid.within("f64 sigmoid", tolerances::SIGMOID);
    tanh.within("f64 tanh", tolerances::TANH);
    ln.within("f64 ln", tolerances::LN);
    sine.within("f64 sin π·x", tolerances::SIN_COS);
    cosine.within("f64 cos π·x", tolerances::SIN_COS);
}

/// `Real::exp` under a name that does not collide with the standard library's.
trait Ours {
    fn exp_ours(self) -> Self;
}

impl Ours for f64 {
    fn exp_ours(self) -> f64 {
        Real::exp(self)
    }
}

fn check_f32(bits: impl Iterator<Item = u32>) {
    const BLOCK: usize = 1 << 16;
    let mut numbers = Vec::with_capacity(BLOCK);
    let mut worst: [Worst; 4] = Default::default();
    type Pair = (fn(&mut [f32]), fn(f64) -> f64);
    let functions: [Pair; 4] = [
        (exponential::exp_each, f64::exp),
        (exponential::sigmoid_each, |x| 1.0 / (1.0 + f64::exp(-x))),
        (exponential::tanh_each, f64::tanh),
        (logarithm::ln_each, f64::ln),
    ];
    let mut bits = bits.peekable();
    while bits.peek().is_some() {
        numbers.clear();
        numbers.extend(bits.by_ref().take(BLOCK).map(f32::from_bits));
        for ((ours, theirs), worst) in functions.iter().zip(&mut worst) {
            let mut got = numbers.clone();
            ours(&mut got);
            for (&x, &y) in numbers.iter().zip(&got) {
                let exact = theirs(f64::from(x));
                let rounded = exact as f32;
                let error = if !rounded.is_finite() || !y.is_finite() {
                    // A result that rounds to ∞ may still be the largest number, within the bound.
                    let same = y == rounded || y.is_nan() && rounded.is_nan();
                    if same { 0.0 } else { f64::INFINITY }
                } else {
                    let exponent = ((rounded.to_bits() >> 23) & 0xff).max(1);
                    let ulp = f64::from(f32::from_bits(exponent << 23)) * f64::from(f32::EPSILON);
                    (f64::from(y) - exact).abs() / ulp
                };
                worst.see(error, f64::from(x));
            }
        }
    }
    let bounds = [
        ("exp", tolerances::EXP),
        ("sigmoid", tolerances::SIGMOID),
        ("tanh", tolerances::TANH),
        ("ln", tolerances::LN),
    ];
    for ((name, bound), worst) in bounds.into_iter().zip(&worst) {
        worst.within(&format!("f32 {name}"), bound);
    }
}

#[test]
fn samples_of_f64_are_within_their_bounds() {
    check_f64(20_000, 1);
}

#[test]
fn samples_of_f32_are_within_their_bounds() {
    check_f32((0..=u32::MAX).step_by(4099));
}

#[test]
#[ignore = "every f32: some minutes"]
fn every_f32_is_within_its_bounds() {
    check_f32(0..=u32::MAX);
}

#[test]
#[ignore = "twenty million f64: some minutes"]
fn millions_of_f64_are_within_their_bounds() {
    check_f64(20_000_000, 2);
}

/// A function's values on one instruction set.
struct Each<'a, F>(F, &'a [f32], &'a [f64]);

impl<F: Pointwise<f64>> Operation<f64> for Each<'_, F> {
    type Output = Vec<u64>;
    #[inline(always)]
    fn run<L: Lanes<f64>>(self, lanes: L) -> Vec<u64> {
        let mut numbers = self.2.to_vec();
        replace_each(lanes, &mut numbers, self.0);
        numbers.into_iter().map(Real::canonical_bits).collect()
    }
}

impl<F: Pointwise<f32>> Operation<f32> for Each<'_, F> {
    type Output = Vec<u64>;
    #[inline(always)]
    fn run<L: Lanes<f32>>(self, lanes: L) -> Vec<u64> {
        let mut numbers = self.1.to_vec();
        replace_each(lanes, &mut numbers, self.0);
        numbers.into_iter().map(Real::canonical_bits).collect()
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    fn check<F: Pointwise<f32> + Pointwise<f64>>(function: F, narrow: &[f32], wide: &[f64]) {
        let (f32s, f64s) = (
            run_on_software::<f32, _>(Each(function, narrow, wide)),
            run_on_software::<f64, _>(Each(function, narrow, wide)),
        );
        for isa in Isa::here() {
            assert!(run_on::<f32, _>(isa, Each(function, narrow, wide)) == f32s, "f32, {}", isa.name());
            assert!(run_on::<f64, _>(isa, Each(function, narrow, wide)) == f64s, "f64, {}", isa.name());
        }
    }
    let mut random = Random::new(4);
    // The length leaves a tail at every register width. Half of the values are between -30 and 30, half are random
    // bits.
    let wide: Vec<f64> = (0..20_003)
        .map(|i| if i % 2 == 0 { random.uniform(-30.0, 30.0) } else { f64::from_bits(random.next_u64()) })
        .collect();
    let narrow: Vec<f32> =
        wide.iter().map(|&x| if x.abs() < 40.0 { x as f32 } else { f32::from_bits(x.to_bits() as u32) }).collect();
    check(exponential::Exp, &narrow, &wide);
    check(exponential::Sigmoid, &narrow, &wide);
    check(exponential::Tanh, &narrow, &wide);
    check(logarithm::Ln, &narrow, &wide);
}

#[test]
fn infinities_zeros_and_nan_give_the_values_of_the_definition() {
    let infinity = f64::INFINITY;
    assert_eq!([Real::exp(-infinity), Real::exp(infinity), Real::exp(-0.0)], [0.0, infinity, 1.0]);
    assert_eq!([Real::exp(-745.2), Real::exp(-1e308), Real::exp(1e308)], [0.0, 0.0, infinity]);
    for zero in [Real::exp(-infinity), Real::exp(-745.2), Real::exp(-800.0), Real::sigmoid(-infinity)] {
        assert_eq!(f64::to_bits(zero), 0); // not -0
    }
    assert_eq!(f64::to_bits(Real::exp(-744.5)), 1); // the smallest subnormal number
    assert_eq!([Real::sigmoid(-infinity), Real::sigmoid(infinity), Real::sigmoid(0.0)], [0.0, 1.0, 0.5]);
    assert!(Real::sigmoid(-740.0) > 0.0);
    assert_eq!([Real::tanh(-infinity), Real::tanh(infinity), Real::tanh(1e300)], [-1.0, 1.0, 1.0]);
    assert_eq!(f64::to_bits(Real::tanh(-0.0)), (-0.0f64).to_bits());
    assert_eq!(f64::to_bits(Real::tanh(5e-324)), 1);
    assert_eq!(
        [Real::ln(0.0), Real::ln(-0.0), Real::ln(infinity), Real::ln(1.0)],
        [-infinity, -infinity, infinity, 0.0]
    );
    assert!(f64::is_nan(Real::ln(-1.0)) && f64::is_nan(Real::ln(-infinity)));
    for function in [Real::exp, Real::sigmoid, Real::tanh, Real::ln] {
        let function: fn(f64) -> f64 = function;
        assert!(function(f64::NAN).is_nan());
    }
}

#[test]
fn the_logarithm_of_a_sum_of_exponentials_does_not_overflow() {
    let mut x = [1000.0, 1000.0];
    let (value, sum) = logarithm::log_sum_exp(&mut x);
    assert_eq!((value, sum, x), (1000.0 + std::f64::consts::LN_2, 2.0, [1.0, 1.0]));
    assert_eq!(logarithm::log_sum_exp::<f64>(&mut []).0, f64::NEG_INFINITY);
    assert!(logarithm::log_sum_exp(&mut [0.0, f64::NAN, 1.0]).0.is_nan());
}
