//! Classification: from log-mel frames to the probability of each class.
//!
//! The classifier of frames computes features f of the whole sound, by one of two methods of the tutorial:
//! [`pooled`] or [`convolutional`]. Both end in softmax regression.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | f_i | a feature of the sound |
//! | Θ, b | weights and biases of the softmax |
//! | z, p | score and probability of each class |
//!
//! ```text
//! (PC.1)  z = Θ·f + b
//! (PC.2)  ln p_k = z_k - ln Σ_j e^(z_j)
//! ```
//!
//! The result has the same bits as the library's, because every sum has the library's order: products are chains of
//! fused multiply-adds (`matrix::product`), and means are sums of `number::sum`.
//!
//! Memory is scarce on a board, so no classifier stores a list that it can read once. The features are computed in the
//! order of the inner index of Θ·f: each one is added to the chains of all classes as soon as it is known, and then
//! dropped.

use super::front_end::Predictor;
use super::model::{Classifier, Model};
use super::sizes::{ClassifierSizes, PredictorError};
use super::{convolutional, pooled};
use crate::machine::lanes::{Vector, at_one};
use crate::machine::run_single;
use crate::machine::{Lanes, Operation};
use crate::number::Real;
use crate::number::exponential::Exp;
use crate::number::logarithm::Ln;

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
    /// [`PredictorError::TooShort`] if the samples are too few to be classified.
    pub fn classify(&mut self) -> Result<Classification<'_>, PredictorError> {
        let (sizes, frames) = (&self.model.sizes, self.frames);
        if frames < sizes.min_frames() {
            return Err(PredictorError::TooShort { min_frames: sizes.min_frames(), frames });
        }
        let frames = self.log_mel.get(..frames * sizes.bands).ok_or(PredictorError::Unchecked)?;
        let (scores, work) = self.work.split_at_mut_checked(sizes.classes).ok_or(PredictorError::Unchecked)?;
        let (chains, work) = work.split_at_mut_checked(sizes.classes).ok_or(PredictorError::Unchecked)?;
        let log_p = &mut *self.log_probabilities;
        let class = run_single(Classify { model: self.model, frames, scores, chains, work, log_p })
            .ok_or(PredictorError::Unchecked)?;
        Ok(Classification { class, log_probabilities: self.log_probabilities })
    }
}

struct Classify<'a> {
    model: &'a Model<'a>,
    frames: &'a [f32],
    scores: &'a mut [f32],
    chains: &'a mut [f32],
    /// Work space of the classifier of frames.
    work: &'a mut [f32],
    log_p: &'a mut [f32],
}

impl Operation<f32> for Classify<'_> {
    /// The class; `None` if a length does not fit, which `Model::check` rules out.
    type Output = Option<usize>;

    #[inline(always)]
    fn run<L: Lanes<f32>>(self, lanes: L) -> Option<usize> {
        let Classify { model, frames, scores, chains, work, log_p } = self;
        chains.fill(0.0);
        let (taken, features) = (0, model.sizes.features());
        let mut scores = Scores { weights: model.class_weights, chains, scores, taken, features };
        match (&model.sizes.classifier, &model.classifier) {
            (ClassifierSizes::Pooled(sizes), Classifier::Pooled(tables)) => {
                pooled::features(lanes, model, sizes, tables, frames, work, &mut scores)?;
            }
            (ClassifierSizes::Convolutional(sizes), Classifier::Convolutional(tables)) => {
                convolutional::features(lanes, model, sizes, tables, frames, work, &mut scores)?;
            }
            _ => return None,
        }
        let scores = scores.scores;
        for (z, &b) in scores.iter_mut().zip(model.class_biases) {
            *z += b; // (PC.1)
        }
        Some(log_softmax(lanes, scores, log_p))
    }
}

/// The scores Θ·f while the features arrive.
pub(super) struct Scores<'a> {
    /// The rows of the transposed Θ that have not been read.
    weights: &'a [f32],
    /// One unfinished chain for each class.
    chains: &'a mut [f32],
    /// The sum of the finished chains.
    scores: &'a mut [f32],
    /// The number of features so far, and in all.
    taken: usize,
    features: usize,
}

impl Scores<'_> {
    /// Adds the next feature to the chains of all classes.
    #[inline(always)]
    pub(super) fn push<L: Lanes<f32>>(&mut self, lanes: L, feature: f32) -> Option<()> {
        let (weights, others) = self.weights.split_at_checked(self.chains.len())?;
        self.weights = others;
        let f = lanes.splat(feature);
        for (s, &theta) in self.chains.iter_mut().zip(weights) {
            let next = lanes.splat(theta).mul_add(f, lanes.splat(*s));
            lanes.store_any(next, core::slice::from_mut(s));
        }
        self.taken += 1;
        if self.taken.is_multiple_of(f32::KC) || self.taken == self.features {
            let is_first = self.taken <= f32::KC;
            for (z, s) in self.scores.iter_mut().zip(self.chains.iter_mut()) {
                *z = if is_first { *s } else { *z + *s };
                *s = 0.0;
            }
        }
        Some(())
    }
}

/// One element of a matrix product: a chain of fused multiply-adds over each block of KC elements, the chains added.
#[inline(always)]
pub(super) fn chain<L: Lanes<f32>>(lanes: L, a: &[f32], b: &[f32]) -> f32 {
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

/// (PC.2) as ln p_k = z_k - (top + ln Σ_j e^(z_j - top)) with the largest score `top`, so that no power overflows.
/// Returns the class with the largest ln p.
#[inline(always)]
fn log_softmax<L: Lanes<f32>>(lanes: L, z: &[f32], log_p: &mut [f32]) -> usize {
    let top = z.iter().fold(f32::NEG_INFINITY, |top, &z| if z > top { z } else { top });
    let sum = z.iter().fold(0.0, |sum, &z| sum + at_one(lanes, Exp, z - top));
    let log_sum = at_one(lanes, Ln, sum) + top;
    let mut best = (f32::NEG_INFINITY, 0);
    for (k, (log_p, &z)) in log_p.iter_mut().zip(z).enumerate() {
        *log_p = z - log_sum; // (PC.2)
        if *log_p > best.0 {
            best = (*log_p, k);
        }
    }
    best.1
}
