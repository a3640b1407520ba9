//! Activations: what a unit does with the sum that reaches it.
//!
//! | name | f(z) | f'(z), from a = f(z) |
//! | --- | --- | --- |
//! | sigmoid | 1/(1 + e⁻ᶻ) | a·(1 - a) |
//! | tanh | (eᶻ - e⁻ᶻ)/(eᶻ + e⁻ᶻ) | 1 - a² |
//! | linear | z | 1 |
//! | rectified | 0 where z < 0, else z | 1 where a > 0, else 0 |

use crate::machine::Lanes;
use crate::machine::lanes::{Pointwise, Vector};
use crate::number::Real;
use crate::number::exponential::{Sigmoid, Tanh};

/// Which activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// 1/(1 + e⁻ᶻ), between 0 and 1.
    Sigmoid,
    /// tanh z, between -1 and 1.
    Tanh,
    /// z itself.
    Linear,
    /// 0 where z is negative, else z, NaN included (ReLU). It has no slope at 0; 0 is taken.
    Rectified,
}

impl Activation {
    /// "sigmoid", "tanh", "linear" or "rectified".
    pub fn name(self) -> &'static str {
        match self {
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Linear => "linear",
            Activation::Rectified => "rectified",
        }
    }

    /// f(z) in each lane.
    #[inline(always)]
    pub fn at<T: Real, L: Lanes<T>>(self, lanes: L, z: L::Vector) -> L::Vector {
        match self {
            Activation::Sigmoid => Sigmoid.at(lanes, z),
            Activation::Tanh => Tanh.at(lanes, z),
            Activation::Linear => z,
            Activation::Rectified => z.select_less(lanes.splat(T::ZERO), lanes.splat(T::ZERO), z),
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
        }
    }
}
