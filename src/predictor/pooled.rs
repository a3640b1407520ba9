//! The features of a pooled classifier: encoders on whitened windows, averaged over regions of time. With one encoder
//! this is the method `sparse-pooled` of the tutorial, with more the method `stacked-pooled`.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | a window of log-mel frames |
//! | l, μ | the mean of all log-mel values; the mean window of the training set |
//! | B | the whitening matrix |
//! | W_n, b_n | weights and biases of encoder n = 1 to N |
//! | a_n | the features of encoder n; a_0 is the whitened window |
//! | a_i(t) | feature i of the last encoder in window t of a region |
//! | f_ri | feature i, averaged over region r and standardized |
//! | m_ri, s_ri | mean and standard deviation of that average over the training set |
//!
//! ```text
//! (PW.1)  a_0 = B·((x - l) - μ)
//! (PW.2)  a_n = σ(W_n·a_(n-1) + b_n)
//! (PW.3)  f_ri = (mean of a_i(t) over the windows t of region r - m_ri) / s_ri
//! ```
//!
//! (PW.1) removes level and mean and whitens. (PW.2) are the encoders of the sparse autoencoder and of the autoencoders
//! stacked on it.
//!
//! **Which sum.** The mean needs the sum of a_i over the windows of a region, in the order of `number::sum`: 32 running
//! sums, window t in sum t mod 32, and then a tree, which adds sum l + 16 to sum l, then l + 8, 4, 2 and 1. A region
//! has some 25 windows, so 32 running sums of each feature are as many as all its activations. Fewer do if the windows
//! come in another order.
//!
//! ```text
//! (PW.4)  leaf k of the tree, from the left, is the running sum whose number is k with its bits reversed
//! ```
//!
//! Derivation: the last addition of the tree adds an odd sum, 1, to an even one, 0. All even sums came together in sum
//! 0, since 16, 8, 4 and 2 are even, and all odd ones in sum 1. So the lowest bit of its number says whether a running
//! sum lies in the left or the right half of the tree; within a half, the next bit decides, and so on. The position of
//! a leaf therefore has the bits of the running sum's number from the lowest to the highest.
//!
//! So the windows come in the order of the leaves: 0, 16, 8, 24, 4 and so on. As soon as a right subtree is complete,
//! it is added to the left one, which waits beside it, like the carries of a binary counter: leaf k closes as many
//! subtrees as k has ones at its end. At most one subtree waits on each of the five levels. So five partial sums of
//! each feature take the place of 32, and the additions are those of the tree. With V windows in a region, V <= 32,
//! only the first V running sums have a window; the others are +0. If all of them from 2^d on are +0, adding them
//! changes nothing, since a sum of activations is never -0, and d levels are enough. By hand, d = 2: the leaves are the
//! windows 0, 2, 1, 3, and the sum is (a(0) + a(2)) + (a(1) + a(3)).
//!
//! More than 32 windows need one more element for the running sum that grows, and more than 4096, a whole chunk of
//! `number::sum`, one for the sum of the chunks so far.

use super::classify::{Scores, chain};
use super::model::{Layer, Model, PooledTables};
use super::sizes::PooledSizes;
use crate::machine::Lanes;
use crate::machine::lanes::at_one;
use crate::number::exponential::Sigmoid;
use crate::number::sum::{CHUNK, LANES, reduce};

/// Computes the pooled features, region after region, and adds them to the scores. `None` if a length does not fit,
/// which `Model::check` rules out.
#[inline(always)]
pub(super) fn features<L: Lanes<f32>>(
    lanes: L,
    model: &Model,
    sizes: &PooledSizes,
    tables: &PooledTables,
    frames: &[f32],
    work: &mut [f32],
    scores: &mut Scores,
) -> Option<()> {
    let (bands, max_frames) = (model.sizes.bands, model.sizes.max_frames);
    let windows = sizes.windows(frames.len().checked_div(bands)?);
    let (window, work) = work.split_at_mut_checked(sizes.window(bands))?;
    let (hidden, work) = work.split_at_mut_checked(sizes.hidden())?;
    let mut sums = Sums { levels: sizes.levels(max_frames), count: sizes.partial_sums(max_frames), sums: work };
    let mut scales = tables.means.iter().zip(tables.deviations);
    let (last, below) = tables.layers.split_last()?;
    let level = reduce(frames, frames, |x, _| x) / frames.len() as f32;

    for r in 0..sizes.regions {
        let from = (r * windows).checked_div(sizes.regions)?;
        let to = ((r + 1) * windows + sizes.regions - 1).checked_div(sizes.regions)?;
        let n = to - from;
        for start in (0..n).step_by(CHUNK) {
            let length = if n - start < CHUNK { n - start } else { CHUNK };
            for k in 0..1usize << sums.levels {
                let first = k.reverse_bits().checked_shr(usize::BITS - sums.levels as u32).unwrap_or(0); // (PW.4)
                if first >= length {
                    let mut sums = sums.of_each();
                    for _ in last.biases {
                        sums.add(Leaf { k, is_first: true, is_last: true }, 0.0)?;
                    }
                }
                for t in (first..length).step_by(LANES) {
                    let frames = frames.get((from + start + t) * sizes.step * bands..)?;
                    for ((x, &frame), &mean) in window.iter_mut().zip(frames).zip(tables.mean) {
                        *x = (frame - level) - mean;
                    }
                    let (mut inputs, mut rest) = hidden.split_at_mut_checked(sizes.components)?;
                    let mut rows = tables.basis;
                    for a in inputs.iter_mut() {
                        let (row, others) = rows.split_at_checked(window.len())?;
                        rows = others;
                        *a = chain(lanes, row, window); // (PW.1)
                    }
                    for layer in below {
                        let (outputs, others) = rest.split_at_mut_checked(layer.biases.len())?;
                        let mut outputs_left = outputs.iter_mut();
                        encode(lanes, layer, inputs, |a| outputs_left.next().map(|output| *output = a))?;
                        (inputs, rest) = (outputs, others);
                    }
                    let leaf = Leaf { k, is_first: t == first, is_last: t + LANES >= length };
                    let mut sums = sums.of_each();
                    encode(lanes, last, inputs, |a| sums.add(leaf, a))?;
                }
            }
            if n > CHUNK {
                sums.close_chunk(start == 0, last.biases.len())?;
            }
        }
        let mut sums = sums.of_each();
        for _ in last.biases {
            let pooled = sums.total(n > CHUNK)? / n as f32;
            let (mean, deviation) = scales.next()?;
            scores.push(lanes, (pooled - mean) / deviation)?; // (PW.3)
        }
    }
    Some(())
}

/// Hands over the features of a layer, one after the other.
#[inline(always)]
fn encode<L: Lanes<f32>>(lanes: L, layer: &Layer, inputs: &[f32], mut to: impl FnMut(f32) -> Option<()>) -> Option<()> {
    let mut rows = layer.weights;
    for &bias in layer.biases {
        let (row, others) = rows.split_at_checked(inputs.len())?;
        rows = others;
        to(at_one(lanes, Sigmoid, chain(lanes, row, inputs) + bias))?; // (PW.2)
    }
    Some(())
}

/// The partial sums of all features over a region, feature after feature. Those of a feature: the left subtrees that
/// wait on each level, from the leaves up, the running sum that grows, and the sum of the chunks so far.
struct Sums<'a> {
    levels: usize,
    /// The number of partial sums of a feature.
    count: usize,
    sums: &'a mut [f32],
}

/// A leaf of the tree, and the place of a window in it.
#[derive(Clone, Copy)]
struct Leaf {
    /// The index of the leaf, from the left.
    k: usize,
    /// Whether the window is the first of its running sum, and the last.
    is_first: bool,
    is_last: bool,
}

impl Sums<'_> {
    /// The partial sums from the first feature on.
    #[inline(always)]
    fn of_each(&mut self) -> Sums<'_> {
        Sums { levels: self.levels, count: self.count, sums: self.sums }
    }

    /// The number of partial sums of a tree.
    #[inline(always)]
    fn of_tree(&self) -> usize {
        if self.levels == 0 { 1 } else { self.levels }
    }

    /// The partial sums of the next feature.
    #[inline(always)]
    fn next(&mut self) -> Option<&mut [f32]> {
        let (sums, others) = core::mem::take(&mut self.sums).split_at_mut_checked(self.count)?;
        self.sums = others;
        Some(sums)
    }

    /// Adds the activation of the next feature in a window.
    #[inline(always)]
    fn add(&mut self, leaf: Leaf, mut a: f32) -> Option<()> {
        let of_tree = self.of_tree();
        let sums = self.next()?;
        if !leaf.is_first {
            a += sums.get(of_tree)?;
        }
        if !leaf.is_last {
            *sums.get_mut(of_tree)? = a;
            return Some(());
        }
        let closed = leaf.k.trailing_ones() as usize;
        for left in sums.get(..closed)? {
            a += left;
        }
        // The last leaf closes all levels; the whole tree takes the place of its left half.
        *sums.get_mut(if closed < of_tree { closed } else { of_tree - 1 })? = a;
        Some(())
    }

    /// Adds the tree of a chunk to the sums of the chunks so far, for each of the features.
    #[inline(always)]
    fn close_chunk(&mut self, is_first: bool, features: usize) -> Option<()> {
        let of_tree = self.of_tree();
        let mut each = self.of_each();
        for _ in 0..features {
            let sums = each.next()?;
            let tree = *sums.get(of_tree - 1)?;
            let total = sums.get_mut(of_tree + 1)?;
            *total = if is_first { tree } else { *total + tree };
        }
        Some(())
    }

    /// The sum of the next feature over the region.
    #[inline(always)]
    fn total(&mut self, has_chunks: bool) -> Option<f32> {
        let of_tree = self.of_tree();
        self.next()?.get(if has_chunks { of_tree + 1 } else { of_tree - 1 }).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::number::sum::sum;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn partial_sums_in_the_order_of_the_leaves_have_the_bits_of_the_sum() {
        let mut random = Random::new(1);
        for n in (1..70).chain([127, 128, 1000, 4095, 4096, 4097, 4128, 9000]) {
            let x: [Vec<f32>; 2] = [0, 1].map(|_| (0..n).map(|_| random.uniform(0.0, 1.0)).collect());
            // Memory for longer sounds gives the same bits.
            for most in [n, 33.max(n), 5000.max(n)] {
                let sizes = PooledSizes { width: 1, step: 1, components: 1, layers: [2, 0, 0, 0], regions: 1 };
                let (levels, count) = (sizes.levels(most), sizes.partial_sums(most));
                let mut memory = vec![f32::NAN; 2 * count];
                let mut sums = Sums { levels, count, sums: &mut memory };
                for start in (0..n).step_by(CHUNK) {
                    let length = CHUNK.min(n - start);
                    for k in 0..1 << levels {
                        let first = (0..levels).fold(0, |lane, bit| lane | (k >> bit & 1) << (levels - 1 - bit));
                        let windows: Vec<usize> = (first..length).step_by(LANES).collect();
                        if windows.is_empty() {
                            let mut each = sums.of_each();
                            (0..2).for_each(|_| each.add(Leaf { k, is_first: true, is_last: true }, 0.0).unwrap());
                        }
                        for (i, &t) in windows.iter().enumerate() {
                            let leaf = Leaf { k, is_first: i == 0, is_last: i + 1 == windows.len() };
                            let mut each = sums.of_each();
                            x.iter().for_each(|x| each.add(leaf, x[start + t]).unwrap());
                        }
                    }
                    if n > CHUNK {
                        sums.close_chunk(start == 0, 2).unwrap();
                    }
                }
                let mut each = sums.of_each();
                for x in &x {
                    let total = each.total(n > CHUNK).unwrap();
                    assert_eq!(total.to_bits(), sum(x).to_bits(), "{n} windows, memory for {most}");
                }
            }
        }
    }
}
