//! Classification: from log-mel frames to the probability of each class, the method `sparse-pooled` of the tutorial.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, x' | a window of log-mel frames; the same whitened |
//! | l, μ | the mean of all log-mel values; the mean window of the training set |
//! | B | the whitening matrix |
//! | W1, b1 | weights and biases of the encoder |
//! | a_i, a_i(t) | the activation of feature i; its activation in window t |
//! | f_ri | feature i, averaged over region r and standardized |
//! | m_ri, s_ri | mean and standard deviation of that average over the training set |
//! | Θ, b | weights and biases of the softmax |
//! | z, p | score and probability of each class |
//!
//! ```text
//! (PC.1)  x' = B·((x - l) - μ)
//! (PC.2)  a  = σ(W1·x' + b1)
//! (PC.3)  f_ri = (mean of a_i(t) over the windows t of region r - m_ri) / s_ri
//!
//! (PC.4)  z = Θ·f + b
//! (PC.5)  ln p_k = z_k - ln Σ_j e^(z_j)
//! ```
//!
//! (PC.1) removes level and mean and whitens. (PC.2) is the encoder of the sparse autoencoder. (PC.4) and (PC.5) are
//! softmax regression.
//!
//! The result has the same bits as the library's, because every sum has the library's order: products are chains of
//! fused multiply-adds (`matrix::product`), and means are sums of `number::sum`.
//!
//! Memory is scarce on a board, so the R·H pooled features are never stored. They are computed in the order of the
//! inner index of Θ·f: each one is added to the chains of all classes as soon as it is known, and then dropped.

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

/// The result of classifying a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classification<'a> {
    /// The index of the most likely class; the first one if several are equally likely.
    pub class: usize,
    /// ln p of each class.
    pub log_probabilities: &'a [f32],
}

impl Predictor<'_> {
    /// Classifies the samples pushed since the last [`reset`](Predictor::reset). More samples may follow afterwards.
    ///
    /// # Errors
    /// [`PredictorError::TooShort`] if the samples do not fill one window.
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
        let scratch = Scratch { window, white, feature, scores, chains, log_p };
        let class =
            run_single(Classify { model: self.model, frames, windows, scratch }).ok_or(PredictorError::Unchecked)?;
        let log_probabilities = rest.get(..shape.classes).ok_or(PredictorError::Unchecked)?;
        Ok(Classification { class, log_probabilities })
    }
}

/// The buffers of a classification.
struct Scratch<'a> {
    /// A window, its level and μ removed.
    window: &'a mut [f32],
    /// The whitened windows of a region.
    white: &'a mut [f32],
    /// One feature in each of them.
    feature: &'a mut [f32],
    /// z, the sum of the finished chains.
    scores: &'a mut [f32],
    /// One unfinished chain for each class.
    chains: &'a mut [f32],
    /// ln p.
    log_p: &'a mut [f32],
}

struct Classify<'a> {
    model: &'a Model<'a>,
    frames: &'a [f32],
    windows: usize,
    scratch: Scratch<'a>,
}

impl Operation<f32> for Classify<'_> {
    /// The class; `None` if a length does not fit, which `Model::check` rules out.
    type Output = Option<usize>;

    #[inline(always)]
    fn run<L: Lanes<f32>>(self, lanes: L) -> Option<usize> {
        let Classify { model, frames, windows, scratch } = self;
        let shape = &model.sizes;
        let level = reduce(frames, frames, |x, _| x) / frames.len() as f32;
        let (mut chained, mut left) = (0, shape.pooled());
        let mut columns = model.class_weights;
        let mut scales = model.pooled_means.iter().zip(model.pooled_deviations);
        scratch.chains.fill(0.0);

        for r in 0..shape.regions {
            let from = (r * windows).checked_div(shape.regions)?;
            let to = ((r + 1) * windows + shape.regions - 1).checked_div(shape.regions)?;
            let white = scratch.white.get_mut(..(to - from) * shape.components)?;
            let feature = scratch.feature.get_mut(..to - from)?;

            let mut unused = &mut white[..];
            for t in from..to {
                let frames = frames.get(t * shape.step * shape.bands..)?;
                for ((x, &frame), &mean) in scratch.window.iter_mut().zip(frames).zip(model.mean) {
                    *x = (frame - level) - mean;
                }
                let (whitened, others) = unused.split_at_mut_checked(shape.components)?;
                let mut rows = model.basis;
                for component in whitened {
                    let (row, below) = rows.split_at_checked(shape.window())?;
                    *component = chain(lanes, row, scratch.window); // (PC.1)
                    rows = below;
                }
                unused = others;
            }

            let mut rows = model.weights;
            for &bias in model.biases {
                let (row, below) = rows.split_at_checked(shape.components)?;
                rows = below;
                let mut windows = &*white;
                for a in feature.iter_mut() {
                    let (window, others) = windows.split_at_checked(shape.components)?;
                    *a = at_one(lanes, Sigmoid, chain(lanes, row, window) + bias); // (PC.2)
                    windows = others;
                }
                let pooled = reduce(feature, feature, |a, _| a) / feature.len() as f32;
                let (mean, deviation) = scales.next()?;
                let f = lanes.splat((pooled - mean) / deviation); // (PC.3)

                let (weights, others) = columns.split_at_checked(shape.classes)?;
                columns = others;
                for (s, &theta) in scratch.chains.iter_mut().zip(weights) {
                    let next = lanes.splat(theta).mul_add(f, lanes.splat(*s));
                    lanes.store_any(next, core::slice::from_mut(s));
                }
                chained += 1;
                left -= 1;
                if chained % f32::KC == 0 || left == 0 {
                    let first = chained <= f32::KC;
                    for (z, s) in scratch.scores.iter_mut().zip(scratch.chains.iter_mut()) {
                        *z = if first { *s } else { *z + *s };
                        *s = 0.0;
                    }
                }
            }
        }
        for (z, &b) in scratch.scores.iter_mut().zip(model.class_biases) {
            *z += b; // (PC.4)
        }
        Some(log_softmax(lanes, scratch.scores, scratch.log_p))
    }
}

/// One element of a matrix product: a chain of fused multiply-adds over each block of KC elements, the chains added.
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

/// (PC.5) as ln p_k = z_k - (top + ln Σ_j e^(z_j - top)) with the largest score `top`, so that no power overflows.
/// Returns the class with the largest ln p.
#[inline(always)]
fn log_softmax<L: Lanes<f32>>(lanes: L, z: &[f32], log_p: &mut [f32]) -> usize {
    let top = z.iter().fold(f32::NEG_INFINITY, |top, &z| if z > top { z } else { top });
    let sum = z.iter().fold(0.0, |sum, &z| sum + at_one(lanes, Exp, z - top));
    let log_sum = at_one(lanes, Ln, sum) + top;
    let mut best = (f32::NEG_INFINITY, 0);
    for (k, (log_p, &z)) in log_p.iter_mut().zip(z).enumerate() {
        *log_p = z - log_sum; // (PC.5)
        if *log_p > best.0 {
            best = (*log_p, k);
        }
    }
    best.1
}
