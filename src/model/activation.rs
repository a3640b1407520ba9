//! Activations: the functions f that convert a unit's pre-activation z = w·x + b to its output.
//!
//! **A unit** multiplies each of its inputs by a weight, adds the products and a bias, and applies f:
//!
//! ```text
//! z = w·x + b = w_1 x_1 + ... + w_n x_n + b,   a = f(z)
//! ```
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, w, b | the inputs; the weights, one for each input; the bias |
//! | z, a | the pre-activation and the activation, which is the unit's output |
//! | f, f', f'' | the activation function, its slope and its curvature |
//! | W | weights of a layer: row j holds the weights of unit j |
//!
//! The inputs with w·x + b = 0 form a line (in the plane), a plane (in space), or a hyperplane. On one side of this
//! boundary z is positive, on the other negative, and |z|/|w| is the distance from it. w sets the direction of the
//! boundary and b moves it. So a unit answers one question about its input: on which side does it lie, and how far
//! away?
//!
//! **A layer** is a list of units that receive the same inputs. Unit j has z_j = Σ_i W_ji x_i + b_j. For all units at
//! once, this is a matrix times a vector, z = W x + b; f is then applied to each element.
//!
//! **Why not f(z) = z?** Without a bend, a stack of layers would be a product of matrices, that is, a single matrix:
//!
//! ```text
//! W⁺ (W x + b) + b⁺ = (W⁺ W) x + (W⁺ b + b⁺)
//! ```
//!
//! (W⁺ and b⁺ are those of the layer above.) So f must bend. Training needs its slope f' as well, since the slope
//! decides how a small change of z affects a. The slope is written in terms of a, which the forward pass keeps.
//!
//! | name | f(z) | f'(z), from a = f(z) | f''(z) |
//! | --- | --- | --- | --- |
//! | sigmoid | 1/(1 + e⁻ᶻ) | a·(1 - a) | f'(z)·(1 - 2a) |
//! | tanh | (eᶻ - e⁻ᶻ)/(eᶻ + e⁻ᶻ) | 1 - a² | f'(z)·(-2a) |
//! | linear | z | 1 | 0 |
//! | rectified | 0 where z < 0, else z | 1 where a > 0, else 0 | 0 |
//! | softplus | ln(1 + eᶻ) | 1 - e⁻ᵃ | f'(z)·e⁻ᵃ |
//!
//! **The slopes.** For the sigmoid, let q = 1 + e⁻ᶻ. Then a = 1/q and q' = -e⁻ᶻ = 1 - q, so
//!
//! ```text
//! a' = -q'/q² = (q - 1)/q² = (1/q)·(1 - 1/q) = a (1 - a)
//! ```
//!
//! The slope is largest at a = ½, where it is ¼. For tanh, let p = eᶻ - e⁻ᶻ and q = eᶻ + e⁻ᶻ. Then p' = q and q' = p,
//! and the quotient rule gives (p/q)' = (q·q - p·p)/q² = 1 - a².
//!
//! **By hand.** w = (3, -1), b = -1 and x = (2, 4) give z = 3·2 - 1·4 - 1 = 1.
//!
//! | unit | a = f(1) | slope f'(1) |
//! | --- | --- | --- |
//! | sigmoid | 1/(1 + e⁻¹) = 0.731 | 0.731·(1 - 0.731) = 0.197 |
//! | tanh | 0.762 | 1 - 0.762² = 0.420 |
//! | rectified | 1 | 1 |
//!
//! **Which one.** Sigmoid and tanh level off, so their slope vanishes for large |z|, and a product of many such slopes
//! vanishes as well. The rectifier keeps the slope 1 wherever a unit is active, however deep the network. Its slope
//! jumps at 0; the softplus is the same bend without the jump. For z = -1, 0, 1 the softplus is 0.313, ln 2 = 0.693 and
//! 1.313, the rectifier 0, 0 and 1.
//!
//! The softplus is computed as max(z, 0) + ln(1 + e^(-|z|)), in which nothing overflows. For z > 0 this is the same as
//! ln(1 + eᶻ), because 1 + eᶻ = eᶻ·(1 + e⁻ᶻ). Its slope is the sigmoid, eᶻ/(1 + eᶻ) = 1 - 1/(1 + eᶻ), and 1 + eᶻ = eᵃ.
//! Small values have an absolute error: below z = -37 the softplus rounds to 0 in f64, since 1 + eᶻ rounds to 1.
//!
//! The second derivative is needed where a cost contains slopes ([`contractive`](super::contractive)): for the sigmoid,
//! f'' = (a - a²)' = f' - 2a·f', for tanh, f'' = (1 - a²)' = -2a·f', and for the softplus, f'' = (1 - e⁻ᵃ)' = e⁻ᵃ·f'.

use crate::machine::Lanes;
use crate::machine::lanes::{Pointwise, Vector};
use crate::number::Real;
use crate::number::exponential::{Exp, Sigmoid, Tanh};
use crate::number::logarithm::Ln;

/// The activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// 1/(1 + e⁻ᶻ), between 0 and 1.
    Sigmoid,
    /// tanh z, between -1 and 1.
    Tanh,
    /// z itself.
    Linear,
    /// 0 where z is negative, else z, NaN included (ReLU). It has no slope at 0; 0 is taken.
    #[doc(alias = "ReLU")]
    Rectified,
    /// ln(1 + eᶻ), above 0: a smooth rectifier.
    Softplus,
}

impl Activation {
    /// "sigmoid", "tanh", "linear", "rectified" or "softplus".
    pub fn name(self) -> &'static str {
        match self {
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Linear => "linear",
            Activation::Rectified => "rectified",
            Activation::Softplus => "softplus",
        }
    }

    /// f(z) of one number, as the table has it.
    pub fn value(self, z: f64) -> f64 {
        match self {
            Activation::Sigmoid => 1.0 / (1.0 + Real::exp(-z)),
            Activation::Tanh => Real::tanh(z),
            Activation::Linear => z,
            Activation::Rectified if z < 0.0 => 0.0,
            Activation::Rectified => z,
            Activation::Softplus => Real::max(z, 0.0) + Real::ln(1.0 + Real::exp(-z.abs())),
        }
    }

    /// f'(z) of one number, from a = f(z).
    #[inline(always)]
    pub fn slope<T: Real>(self, a: T) -> T {
        match self {
            Activation::Sigmoid => a * (T::ONE - a),
            Activation::Tanh => T::ONE - a * a,
            Activation::Linear => T::ONE,
            Activation::Rectified if a > T::ZERO => T::ONE,
            Activation::Rectified => T::ZERO,
            Activation::Softplus => T::ONE - (-a).exp(),
        }
    }

    /// f''(z) of one number, from a = f(z).
    pub fn curvature(self, a: f64) -> f64 {
        match self {
            Activation::Sigmoid => a * (1.0 - a) * (1.0 - 2.0 * a),
            Activation::Tanh => (1.0 - a * a) * (-2.0 * a),
            Activation::Linear | Activation::Rectified => 0.0,
            Activation::Softplus => (1.0 - Real::exp(-a)) * Real::exp(-a),
        }
    }

    /// d·f'(z) in each lane, from a = f(z).
    #[inline(always)]
    pub fn times_slope<T: Real, L: Lanes<T>>(self, lanes: L, d: L::Vector, a: L::Vector) -> L::Vector {
        match self {
            Activation::Sigmoid => d * (a * (lanes.splat(T::ONE) - a)),
            Activation::Tanh => d * (lanes.splat(T::ONE) - a * a),
            Activation::Linear => d,
            Activation::Rectified => lanes.splat(T::ZERO).select_less(a, d, lanes.splat(T::ZERO)),
            Activation::Softplus => d * (lanes.splat(T::ONE) - Exp.at(lanes, -a)),
        }
    }

    /// c·f''(z) in each lane, from a = f(z).
    #[inline(always)]
    pub fn times_curvature<T: Real, L: Lanes<T>>(self, lanes: L, c: L::Vector, a: L::Vector) -> L::Vector {
        let (zero, one) = (lanes.splat(T::ZERO), lanes.splat(T::ONE));
        match self {
            Activation::Sigmoid => c * (a * (one - a) * (one - a - a)),
            Activation::Tanh => c * ((one - a * a) * -(a + a)),
            Activation::Linear | Activation::Rectified => zero,
            Activation::Softplus => {
                let power = Exp.at(lanes, -a);
                c * ((one - power) * power)
            }
        }
    }
}

impl<T: Real> Pointwise<T> for Activation {
    /// f(z) in each lane.
    #[inline(always)]
    fn at<L: Lanes<T>>(self, lanes: L, z: L::Vector) -> L::Vector {
        match self {
            Activation::Sigmoid => Sigmoid.at(lanes, z),
            Activation::Tanh => Tanh.at(lanes, z),
            Activation::Linear => z,
            Activation::Rectified => z.select_less(lanes.splat(T::ZERO), lanes.splat(T::ZERO), z),
            Activation::Softplus => {
                z.max(lanes.splat(T::ZERO)) + Ln.at(lanes, lanes.splat(T::ONE) + Exp.at(lanes, -z.abs()))
            }
        }
    }
}
