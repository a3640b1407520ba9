//! Log-mel frames to the probability of each class, as `sparse-pooled` does it:
//!
//! x = frames - their mean, windows of x - μ;  x' = basis·x;  a = σ(W1·x' + b1);
//! f_ri = mean of a_i over region r, put on its scale;  z = Θ·f + b;  ln p = z - ln Σ e^z.
//!
//! Every sum has the order that the library gives it: products are chains of fused multiply-adds (`matrix::product`),
//! the means are sums of `number::sum`. Features are taken one after the other, region by region, which is the order of
//! the inner index of Θ·f: each goes into the chains of all classes as soon as it is known, and is forgotten.

use super::front_end::Predictor;
use super::model::Model;
use super::sizes::PredictorError;
use crate::machine::lanes::{Vector, at_one};
use crate::machine::run_single;
use crate::machine::{Lanes, Operation};
use crate::number::Real;
use crate::number::exponential::{Exp, Sigmoid};
use crate::number::logarithm::Ln;
use crate::number::sum::reduce;

/// What a sound is taken for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classification<'a> {
    /// The most likely class; the first of equally likely ones.
    pub class: usize,
    /// ln p of each class.
    pub log_probabilities: &'a [f32],
}

impl Predictor<'_> {
    /// Tells the class of what was heard so far. More may be heard afterwards.
    ///
    /// # Errors
    /// [`PredictorError::TooShort`] if not even one window was heard.
    pub fn classify(&mut self) -> Result<Classification<'_>, PredictorError> {
        let shape = &self.model.sizes;
        let windows = shape.windows(self.frames);
        if windows == 0 {
            return Err(PredictorError::TooShort { width: shape.width, frames: self.frames });
        }
        let frames = self.log_mel.get(..self.frames * shape.bands).ok_or(PredictorError::Unchecked)?;
        let (window, rest) = self.rest.split_at_mut_checked(shape.window()).ok_or(PredictorError::Unchecked)?;
        let most = shape.max_windows();
        let (white, rest) = rest.split_at_mut_checked(most * shape.components).ok_or(PredictorError::Unchecked)?;
        let (feature, rest) = rest.split_at_mut_checked(most).ok_or(PredictorError::Unchecked)?;
        let (scores, rest) = rest.split_at_mut_checked(shape.classes).ok_or(PredictorError::Unchecked)?;
        let (chains, rest) = rest.split_at_mut_checked(shape.classes).ok_or(PredictorError::Unchecked)?;
        let log_p = rest.get_mut(..shape.classes).ok_or(PredictorError::Unchecked)?;
        let space = Space { window, white, feature, scores, chains, log_p };
        let class =
            run_single(Classify { model: self.model, frames, windows, space }).ok_or(PredictorError::Unchecked)?;
        let log_probabilities = rest.get(..shape.classes).ok_or(PredictorError::Unchecked)?;
        Ok(Classification { class, log_probabilities })
    }
}

/// Where telling works.
struct Space<'a> {
    /// A window, μ removed.
    window: &'a mut [f32],
    /// The whitened windows of a region.
    white: &'a mut [f32],
    /// A feature of each.
    feature: &'a mut [f32],
    /// z, as far as it is summed.
    scores: &'a mut [f32],
    /// The chains that will be added to z.
    chains: &'a mut [f32],
    log_p: &'a mut [f32],
}

struct Classify<'a> {
    model: &'a Model<'a>,
    frames: &'a [f32],
    windows: usize,
    space: Space<'a>,
}

impl Operation<f32> for Classify<'_> {
    /// The class; `None` if a length does not fit, which `Model::check` found to be impossible.
    type Output = Option<usize>;

    #[inline(always)]
    fn run<L: Lanes<f32>>(self, lanes: L) -> Option<usize> {
        let Classify { model, frames, windows, space } = self;
        let shape = &model.sizes;
        let level = reduce(frames, frames, |x, _| x) / frames.len() as f32;
        let (mut chained, mut left) = (0, shape.pooled());
        let mut columns = model.class_weights;
        let mut scales = model.pooled_means.iter().zip(model.pooled_deviations);
        space.chains.fill(0.0);

        for r in 0..shape.regions {
            let from = (r * windows).checked_div(shape.regions)?;
            let to = ((r + 1) * windows + shape.regions - 1).checked_div(shape.regions)?;
            let white = space.white.get_mut(..(to - from) * shape.components)?;
            let feature = space.feature.get_mut(..to - from)?;

            let mut places = &mut white[..];
            for t in from..to {
                let frames = frames.get(t * shape.step * shape.bands..)?;
                for ((x, &frame), &mean) in space.window.iter_mut().zip(frames).zip(model.mean) {
                    *x = (frame - level) - mean;
                }
                let (place, others) = places.split_at_mut_checked(shape.components)?;
                let mut rows = model.basis;
                for component in place {
                    let (row, below) = rows.split_at_checked(shape.window())?;
                    *component = chain(lanes, row, space.window);
                    rows = below;
                }
                places = others;
            }

            let mut rows = model.weights;
            for &bias in model.biases {
                let (row, below) = rows.split_at_checked(shape.components)?;
                rows = below;
                let mut windows = &*white;
                for a in feature.iter_mut() {
                    let (window, others) = windows.split_at_checked(shape.components)?;
                    *a = at_one(lanes, Sigmoid, chain(lanes, row, window) + bias);
                    windows = others;
                }
                let pooled = reduce(feature, feature, |a, _| a) / feature.len() as f32;
                let (mean, deviation) = scales.next()?;
                let f = lanes.splat((pooled - mean) / deviation);

                let (weights, others) = columns.split_at_checked(shape.classes)?;
                columns = others;
                for (s, &theta) in space.chains.iter_mut().zip(weights) {
                    let next = lanes.splat(theta).mul_add(f, lanes.splat(*s));
                    lanes.store_any(next, core::slice::from_mut(s));
                }
                chained += 1;
                left -= 1;
                if chained % f32::KC == 0 || left == 0 {
                    let first = chained <= f32::KC;
                    for (z, s) in space.scores.iter_mut().zip(space.chains.iter_mut()) {
                        *z = if first { *s } else { *z + *s };
                        *s = 0.0;
                    }
                }
            }
        }
        for (z, &b) in space.scores.iter_mut().zip(model.class_biases) {
            *z += b;
        }
        Some(log_softmax(lanes, space.scores, space.log_p))
    }
}

/// One element of a matrix product: a chain of fused multiply-adds over each block, the blocks' chains added.
#[inline(always)]
fn chain<L: Lanes<f32>>(lanes: L, a: &[f32], b: &[f32]) -> f32 {
    let mut c = 0.0;
    let mut first = true;
    for (a, b) in a.chunks(f32::KC).zip(b.chunks(f32::KC)) {
        let mut s = [0.0];
        for (&a, &b) in a.iter().zip(b) {
            let next = lanes.splat(a).mul_add(lanes.splat(b), lanes.splat(s[0]));
            lanes.store_any(next, &mut s);
        }
        c = if first { s[0] } else { c + s[0] };
        first = false;
    }
    c
}

/// ln p_k = z_k - (M + ln Σ e^(z - M)), M the largest score; returns the class of the largest ln p.
#[inline(always)]
fn log_softmax<L: Lanes<f32>>(lanes: L, z: &[f32], log_p: &mut [f32]) -> usize {
    let largest = z.iter().fold(f32::NEG_INFINITY, |most, &z| if z > most { z } else { most });
    let sum = z.iter().fold(0.0, |sum, &z| sum + at_one(lanes, Exp, z - largest));
    let log_sum = at_one(lanes, Ln, sum) + largest;
    let mut best = (f32::NEG_INFINITY, 0);
    for (k, (log_p, &z)) in log_p.iter_mut().zip(z).enumerate() {
        *log_p = z - log_sum;
        if *log_p > best.0 {
            best = (*log_p, k);
        }
    }
    best.1
}
