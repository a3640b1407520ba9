//! Activations: their values agree with the definitions, and their slopes, which are computed from the value a = f(z),
//! agree with numerical derivatives, on every instruction set.

#[path = "common/tolerances.rs"]
mod tolerances;

use ossicle::machine::lanes::{Pointwise, replace_each};
use ossicle::machine::{Isa, Lanes, Operation, run_on};
use ossicle::model::Activation;
use ossicle::number::Real;
use std::array::from_fn;

const ALL: [Activation; 5] =
    [Activation::Sigmoid, Activation::Tanh, Activation::Linear, Activation::Rectified, Activation::Softplus];

/// f(z).
#[derive(Clone, Copy)]
struct Value(Activation);

impl Pointwise<f64> for Value {
    #[inline(always)]
    fn at<L: Lanes<f64>>(self, lanes: L, z: L::Vector) -> L::Vector {
        self.0.at(lanes, z)
    }
}

/// d·f'(z) with d = 2, from a = f(z).
#[derive(Clone, Copy)]
struct TwiceSlope(Activation);

impl Pointwise<f64> for TwiceSlope {
    #[inline(always)]
    fn at<L: Lanes<f64>>(self, lanes: L, a: L::Vector) -> L::Vector {
        self.0.times_slope(lanes, lanes.splat(2.0), a)
    }
}

struct Each<'a, F>(F, &'a [f64]);

impl<F: Pointwise<f64>> Operation<f64> for Each<'_, F> {
    type Output = Vec<f64>;
    #[inline(always)]
    fn run<L: Lanes<f64>>(self, lanes: L) -> Vec<f64> {
        let mut numbers = self.1.to_vec();
        replace_each(lanes, &mut numbers, self.0);
        numbers
    }
}

/// The function of each number, the same on all instruction sets.
fn each(f: impl Pointwise<f64>, numbers: &[f64]) -> Vec<f64> {
    let bits = |isa| run_on::<f64, _>(isa, Each(f, numbers)).into_iter().map(Real::canonical_bits).collect::<Vec<_>>();
    let all: Vec<_> = Isa::here().map(bits).collect();
    assert!(all.iter().all(|bits| *bits == all[0]));
    all[0].iter().map(|&bits| f64::from_bits(bits)).collect()
}

/// The definition.
fn by_definition(activation: Activation, z: f64) -> f64 {
    match activation {
        Activation::Sigmoid => 1.0 / (1.0 + Real::exp(-z)),
        Activation::Tanh => (Real::exp(z) - Real::exp(-z)) / (Real::exp(z) + Real::exp(-z)),
        Activation::Linear => z,
        Activation::Rectified => {
            if z < 0.0 {
                0.0
            } else {
                z
            }
        }
        Activation::Softplus => Real::ln(1.0 + Real::exp(z)),
    }
}

/// -6, ..., 6 in steps of 1/16, but for the kink at 0.
fn positions() -> Vec<f64> {
    (-96..=96).filter(|i| *i != 0).map(|i| f64::from(i) / 16.0).collect()
}

#[test]
fn values_agree_with_the_definitions() {
    for activation in ALL {
        for (z, a) in positions().into_iter().zip(each(Value(activation), &positions())) {
            let expected = by_definition(activation, z);
            assert!((a - expected).abs() <= tolerances::ACTIVATION, "{activation:?} of {z}: {a}, expected {expected}");
        }
    }
}

#[test]
fn slopes_agree_with_numerical_derivatives() {
    const H: f64 = 1.0 / 256.0;
    for activation in ALL {
        let values = each(Value(activation), &positions());
        let slopes = each(TwiceSlope(activation), &values);
        for (z, twice) in positions().into_iter().zip(slopes) {
            let [a, b, c, d] = from_fn(|i| by_definition(activation, z + H * [-2.0, -1.0, 1.0, 2.0][i]));
            let numerical = (a - 8.0 * b + 8.0 * c - d) / (12.0 * H);
            let error = (twice / 2.0 - numerical).abs();
            assert!(error <= tolerances::SLOPE_OF_ACTIVATION, "{activation:?} at {z}: {twice}/2, {numerical}");
        }
    }
}

#[test]
fn infinities_zeros_and_nan_have_the_documented_values_and_slopes() {
    let (infinity, special) = (f64::INFINITY, [f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY]);
    let of = |activation| {
        (each(Value(activation), &special), each(TwiceSlope(activation), &each(Value(activation), &special)))
    };
    assert_eq!(of(Activation::Sigmoid), (vec![0.0, 0.5, 0.5, 1.0], vec![0.0, 0.5, 0.5, 0.0]));
    assert_eq!(of(Activation::Tanh), (vec![-1.0, 0.0, 0.0, 1.0], vec![0.0, 2.0, 2.0, 0.0]));
    assert_eq!(of(Activation::Linear), (vec![-infinity, 0.0, 0.0, infinity], vec![2.0; 4]));
    // The rectifier has no slope at 0; 0 is taken.
    assert_eq!(of(Activation::Rectified), (vec![0.0, 0.0, 0.0, infinity], vec![0.0, 0.0, 0.0, 2.0]));
    let (values, slopes) = of(Activation::Softplus);
    let (ln2, twice_half) = (std::f64::consts::LN_2, 1.0);
    for (found, expected) in
        values.iter().chain(&slopes).zip([0.0, ln2, ln2, infinity, 0.0, twice_half, twice_half, 2.0])
    {
        assert!(*found == expected || (found - expected).abs() <= tolerances::ACTIVATION, "{found} {expected}");
    }
    assert!(ALL.into_iter().all(|activation| each(Value(activation), &[f64::NAN])[0].is_nan()));
}
