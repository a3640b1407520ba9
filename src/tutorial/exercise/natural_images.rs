//! C.3: the sparse autoencoder on patches of natural images.
//!
//! **Why.** This is the exercise of source C's notes. Its result made the sparse autoencoder known: from patches of
//! photographs alone, without a label, the hidden units become detectors of edges, each at one position and in one
//! orientation, like cells of the visual cortex. The digits of MNIST all consist of pen strokes, so their features may
//! be specific to pens. Photographs show things of all kinds, so their features are more general.
//!
//! **Idea.** Two terms of the cost compete: the reconstruction error, and the sparsity penalty, which holds the mean
//! activation of each unit near ρ = 0.01. The 25 units together then have 25·0.01 = 0.25 full activations for each
//! patch. If each patch needs five active units, one patch in twenty gets them; if each needs one, one patch in four
//! does. So the error is least if one active unit reconstructs as much of a patch as possible. In pictures of objects,
//! many patches are two regions of constant shade. One unit, "bright here, dark there", explains most of such a patch,
//! and each unit takes the edges at one position and in one orientation.
//!
//! To show that edges are the cause, the same autoencoder is trained on two kinds of noise: one with the covariance of
//! the patches, and white noise. Both are normally distributed random numbers without any edges. The patches themselves
//! are also whitened: this flattens their covariance and leaves the edges.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | P | a picture, shades from 0 to 1; (t, l) is the top left corner of a patch in it, drawn at random |
//! | n | rows and columns of a patch, 8 |
//! | x | a patch as an example of n² values, row by row: value n·i + j is that of row i, column j, counted from 0 |
//! | a, b | run over the rows and the columns of the patch, for its mean |
//! | w, w_ij | the filter of a hidden unit, a row of W1; its weight for the pixel in row i and column j |
//! | h_ij, v_ij | the slope of w to the right and downward, between four neighboring weights |
//! | g, φ | the length and the direction of a slope (h, v) |
//! | S_hh, S_vv, S_hv | sums over all positions of a filter |
//! | o | the orientation of a filter, from 0 (none) to 1 |
//!
//! ```text
//! (NI.1)  x_(n·i+j) = P_(t+i,l+j) - 1/n²·Σ_ab P_(t+a,l+b)
//! (NI.2)  h_ij = w_(i,j+1) + w_(i+1,j+1) - w_ij - w_(i+1,j)
//! (NI.3)  v_ij = w_(i+1,j) + w_(i+1,j+1) - w_ij - w_(i,j+1)
//! (NI.4)  S_hh = Σ_ij h_ij²,   S_vv = Σ_ij v_ij²,   S_hv = Σ_ij h_ij·v_ij
//! (NI.5)  o = √((S_hh - S_vv)² + 4·S_hv²)/(S_hh + S_vv)
//! ```
//!
//! **Derivation** of (NI.5). Write the slope at a position as h = g·cos φ, v = g·sin φ. On the two flanks of a line the
//! slopes are opposite, φ and φ + π, and their sum would vanish. With doubled angles, opposite directions are the same:
//!
//! ```text
//! (g²·cos 2φ, g²·sin 2φ) = (h² - v², 2·h·v)
//! ```
//!
//! The sum of these vectors over all positions is (S_hh - S_vv, 2·S_hv). The numerator of (NI.5) is its length, and the
//! denominator the sum of all lengths, Σ g². If all slopes lie along one line, both are equal, and o = 1. If all
//! directions occur alike, the vectors cancel, and o = 0.
//!
//! By hand: a filter that changes only from left to right has v = 0, so S_vv = S_hv = 0 and o = 1. A single bright
//! weight inside has the slopes (1, 1), (-1, 1), (1, -1) and (-1, -1) around it. So S_hh = S_vv = 4,
//! S_hv = 1 - 1 - 1 + 1 = 0, and o = 0. For a filter of 8 x 8 random numbers, o is about 0.2.
//!
//! **Settings** are UFLDL's: 10,000 patches of 8 x 8, 25 hidden units, ρ = 0.01, β = 3, λ = 0.0001, and 400 iterations
//! of L-BFGS, in f64 (with `--quick`, 4000 patches and 250 iterations). As in sampleIMAGES.m, and by (NO.1) to (NO.3)
//! of [`normalize`](crate::dataset::normalize), the mean of each patch is subtracted, values beyond three standard
//! deviations are clipped, and the result is scaled to 0.1 ... 0.9. UFLDL's ten photographs are whitened; in this
//! exercise, the patches are whitened for one row of the table ([ZCA](crate::dataset::whiten)). That whitening adds the
//! mean variance to each variance as its ε, so that fine detail, which is mostly the grid of the pixels, stays weaker
//! than the rest.
//!
//! After that, the values of a patch have a mean of about 0.5, so a constant added to all weights of a filter acts like
//! a change of the unit's bias. Filters are shown without their mean.
//!
//! Sources: source C, "Sparse Autoencoder Exercise"; UFLDL, "Exercise: Sparse Autoencoder"; B. Olshausen and D. Field,
//! "Emergence of simple-cell receptive field properties by learning a sparse code for natural images", 1996; J. Bigün
//! and G. Granlund, "Optimal orientation detection of linear symmetry", 1987 (the orientation).

use super::context::ExerciseContext;
use super::photographs::{MOST, PhotographError, photograph};
use crate::dataset::dead_leaves::DeadLeaves;
use crate::dataset::normalize::Squash;
use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::model::Autoencoder;
use crate::model::greedy::TrainedAutoencoder;
use crate::number::Random;
use crate::number::decimal::Count;
use crate::number::sum::sum;
use crate::optimize::{Lbfgs, Objective};
use crate::picture::image::Image;
use crate::picture::tile_sheet::{TileAxes, TileSheet, captioned};
use crate::picture::tiles::{SheetOptions, TileShape, upright};
use crate::tutorial::error::TutorialError;
use crate::tutorial::report::Table;
use std::format;
use std::path::PathBuf;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// n, the rows and columns of a patch.
const SIDE: usize = 8;
/// Half of the difference between two neighboring shades: patches without larger values are of one shade.
const LEAST_CONTRAST: f64 = 0.5 / 255.0;
/// The most rows and columns of the picture that is shown.
const SHOWN: usize = 512;

/// The autoencoder of the exercise.
const MODEL: Autoencoder =
    Autoencoder { weight_decay: 1e-4, sparsity: 0.01, sparsity_weight: 3.0, ..Autoencoder::new(SIDE * SIDE, 25) };

/// The numbers of the exercise.
#[derive(Clone, Copy)]
struct Sizes {
    patches: usize,
    iterations: usize,
    /// How many pictures are made, if there are no photographs.
    made: usize,
    leaves: DeadLeaves,
}

/// UFLDL's sizes. A least radius of half a patch leaves most patches with one or two edges.
const FULL: Sizes =
    Sizes { patches: 10_000, iterations: 400, made: 10, leaves: DeadLeaves { side: 512, least: 4.0, largest: 128.0 } };

/// The sizes with `--quick`.
const QUICK: Sizes =
    Sizes { patches: 4000, iterations: 250, made: 4, leaves: DeadLeaves { side: 256, least: 4.0, largest: 64.0 } };

/// The pictures that patches are cut from.
enum Pictures {
    /// This number of pictures, made with this seed.
    Made(DeadLeaves, usize, u64),
    /// Photographs in files.
    Files(Vec<PathBuf>),
}

impl Pictures {
    fn count(&self) -> usize {
        match self {
            Pictures::Made(_, count, _) => *count,
            Pictures::Files(paths) => paths.len(),
        }
    }

    fn picture(&self, k: usize) -> Result<Matrix<f32>, TutorialError> {
        match self {
            Pictures::Made(leaves, _, seed) => Ok(leaves.draw(&mut Random::stream(*seed, &[k as u64]))),
            Pictures::Files(paths) => Ok(photograph(&paths[k], SIDE)?),
        }
    }

    /// Patches as columns, drawn at random: each from a random picture, at a random position, without its mean.
    fn patches(&self, count: usize, random: &mut Random) -> Result<Matrix<f64>, TutorialError> {
        let mut of_picture = vec![0; self.count()];
        (0..count).for_each(|_| of_picture[random.index(self.count())] += 1);
        let mut patches = Matrix::zeros(SIDE * SIDE, count);
        let mut column = 0;
        for (k, &count) in of_picture.iter().enumerate().filter(|(_, count)| **count > 0) {
            let picture = self.picture(k)?;
            for _ in 0..count {
                let top = random.index(picture.rows() - SIDE + 1);
                let left = random.index(picture.columns() - SIDE + 1);
                let cut: Vec<f64> = (0..SIDE * SIDE)
                    .map(|index| f64::from(picture.row(top + index / SIDE)[left + index % SIDE]))
                    .collect();
                let mean = sum(&cut) / cut.len() as f64;
                cut.iter().enumerate().for_each(|(i, &x)| patches.row_mut(i)[column] = x - mean); // (NI.1)
                column += 1;
            }
        }
        Ok(patches)
    }
}

/// The orientation of a filter of `side` x `side` weights.
fn orientation(w: &[f64], side: usize) -> f64 {
    let at = |i: usize, j: usize| w[i * side + j];
    let (mut s_hh, mut s_vv, mut s_hv) = (0.0, 0.0, 0.0);
    for i in 0..side - 1 {
        for j in 0..side - 1 {
            let h = at(i, j + 1) + at(i + 1, j + 1) - at(i, j) - at(i + 1, j); // (NI.2)
            let v = at(i + 1, j) + at(i + 1, j + 1) - at(i, j) - at(i, j + 1); // (NI.3)
            s_hh += h * h; // (NI.4)
            s_vv += v * v; // (NI.4)
            s_hv += h * v; // (NI.4)
        }
    }
    let (all, difference) = (s_hh + s_vv, s_hh - s_vv);
    if all > 0.0 { Element::sqrt(difference * difference + 4.0 * s_hv * s_hv) / all } else { 0.0 } // (NI.5)
}

/// Whitened examples (columns), each of the same number of values.
fn whitened(examples: &Matrix<f64>) -> Matrix<f64> {
    let settings = WhiteningSettings { retained: 1.0, epsilon: 1.0, form: WhiteningForm::Zca };
    Whitening::measure(&settings, examples).apply(examples.clone())
}

/// Random numbers of the normal distribution, values x examples.
fn white_noise(rows: usize, columns: usize, random: &mut Random) -> Matrix<f64> {
    Matrix::from_function(rows, columns, |_, _| random.normal())
}

/// The same with the covariance of the examples: the inverse of whitening, applied to white noise.
fn correlated_noise(examples: &Matrix<f64>, random: &mut Random) -> Matrix<f64> {
    let settings = WhiteningSettings { retained: 1.0, epsilon: 0.0, form: WhiteningForm::Zca };
    let inverse = Whitening::measure(&settings, examples).inverse;
    let noise = white_noise(inverse.columns(), examples.columns(), random);
    let mut correlated = Matrix::zeros(examples.rows(), examples.columns());
    Product::new().store(inverse.view(), noise.view(), correlated.view_mut());
    correlated
}

/// The results of training on one kind of examples.
struct Learned {
    /// The cost at the random start, and after training.
    costs: [f64; 2],
    /// The activation of a hidden unit, averaged over units and examples.
    activation: f64,
    /// The filters without their means, one after the other.
    filters: Vec<f64>,
}

impl Learned {
    /// The mean orientation of the filters.
    fn orientation(&self) -> f64 {
        let of_filters: Vec<f64> = self.filters.chunks(SIDE * SIDE).map(|w| orientation(w, SIDE)).collect();
        sum(&of_filters) / of_filters.len() as f64
    }
}

/// Trains the autoencoder on examples (columns) that are not normalized yet.
fn train(context: &mut ExerciseContext, stage: &str, mut examples: Matrix<f64>, iterations: usize) -> Learned {
    Squash::measure(&examples).apply(&mut examples);
    let run = &mut context.run;
    run.progress.stage(stage, iterations);
    // All iterations are done, as in the source: the cost may stay almost level for many of them and then fall.
    let minimizer = Lbfgs { iterations, gradient_tolerance: 0.0, cost_tolerance: -1.0, ..Lbfgs::default() };
    let mut first = f64::NAN;
    let mut random = Random::new(context.settings.seed);
    let trained = TrainedAutoencoder::train(MODEL, &examples, &mut random, |cost, theta| {
        first = cost.cost_and_gradient(theta, &mut vec![0.0; theta.len()]);
        minimizer.minimize(cost, theta, |report| {
            run.progress.step(report.iteration, report.cost);
            true
        })
    });
    run.progress.ended(stage, trained.outcome.reason);
    run.learned(&trained.theta);
    let [weights, ..] = MODEL.blocks();
    let mut filters = weights.values(&trained.theta).to_vec();
    for filter in filters.chunks_mut(SIDE * SIDE) {
        let mean = sum(filter) / filter.len() as f64;
        filter.iter_mut().for_each(|w| *w -= mean);
    }
    let features = trained.encode(&examples);
    Learned {
        costs: [first, trained.outcome.cost],
        activation: sum(features.elements()) / features.elements().len() as f64,
        filters,
    }
}

/// C.3: patches of natural images.
pub fn natural_images(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let sizes = if context.quick { QUICK } else { FULL };
    let pictures = match context.photographs.take() {
        Some(paths) => Pictures::Files(paths),
        None => Pictures::Made(sizes.leaves, sizes.made, context.settings.seed),
    };
    let mut random = Random::new(context.settings.seed);
    let patches = pictures.patches(sizes.patches, &mut random)?;
    if let (Pictures::Files(paths), true) = (&pictures, patches.elements().iter().all(|x| x.abs() < LEAST_CONTRAST)) {
        return Err(PhotographError::Flat(paths[0].parent().unwrap_or(&paths[0]).into()).into());
    }
    // Before the training: files can disappear.
    let shown = context.figures.map(|_| pictures.picture(0)).transpose()?.map(|picture| corner(&picture));
    let correlated = correlated_noise(&patches, &mut random);
    let white = white_noise(patches.rows(), patches.columns(), &mut random);
    let kinds = [
        ("patches", "C.3-filters.png", patches.clone()),
        ("patches, whitened", "C.3-whitened.png", whitened(&patches)),
        ("noise with the patches' covariance", "C.3-correlated.png", correlated),
        ("white noise", "C.3-noise.png", white),
    ];
    let mut table = Table::new(&["examples", "initial cost", "final cost", "mean activation", "orientation"]);
    let mut drawn = Vec::new();
    for (name, file, examples) in kinds {
        let learned = train(context, name, examples, sizes.iterations);
        table.cells(&[
            &name,
            &format_args!("{:.2}", learned.costs[0]),
            &format_args!("{:.4}", learned.costs[1]),
            &format_args!("{:.4}", learned.activation),
            &format_args!("{:.2}", learned.orientation()),
        ]);
        drawn.push((format!("filters learned on {name}"), file, learned.filters));
    }
    context.say(&format!(
        "Source C's original exercise: {} patches of {SIDE} x {SIDE} pixels from {}, and a sparse autoencoder of {} \
         hidden units (ρ = {}, β = {}, λ = {}), {} iterations of L-BFGS. The mean of each patch is subtracted, and \
         values beyond three standard deviations are clipped.\n",
        sizes.patches,
        described(&pictures),
        MODEL.hidden,
        MODEL.sparsity,
        MODEL.sparsity_weight,
        MODEL.weight_decay,
        sizes.iterations,
    ));
    context.table(&table);
    context.say(
        "`orientation` measures how strongly a filter is oriented, on average over the filters: 1 if all of its \
         gradients lie along one line, as at a straight edge, and 0 if they point equally in all directions. Filters \
         of random numbers have about 0.2.\n",
    );
    context.say(
        "What to see: trained on patches, most filters are edges, bright on one side and dark on the other, or bars, \
         a bright line beside a dark one, at several positions and in several orientations. Whitening, which UFLDL \
         applies to its images, suppresses their smooth regions: more filters are bars. Noise with the same \
         covariance has the same correlations of pixels, but no edges: its filters are smooth spots and broad \
         gradients, which are less oriented. White noise has no structure, and its filters have none.",
    );
    for (what, file, filters) in &drawn {
        let shape = TileShape { bands: SIDE, frames: SIDE };
        let sheet = TileSheet {
            title: what,
            caption: "Look for edges, bright on one side and dark on the other, and for bars. Only patches have edges; \
                      smooth spots come from the covariance alone.",
            axes: TileAxes::Pixels,
            rows: &[],
            columns: &[],
            shape,
            options: SheetOptions::default(),
        };
        context.put(what, file, &sheet.image(&upright(filters, shape)));
    }
    if let Some(shown) = shown {
        let (what, caption) = ("a picture that patches are cut from", "Gray values from black, 0, to white, 1.");
        context.put(what, "C.3-picture.png", &captioned(&shown, what, caption));
    }
    Ok(())
}

/// The pictures as a part of a sentence.
fn described(pictures: &Pictures) -> String {
    match pictures {
        Pictures::Made(_, count, _) => format!(
            "{count} synthetic pictures of overlapping disks (with --images: the PNG files in a folder, at most {MOST})"
        ),
        Pictures::Files(paths) => Count(paths.len(), "PNG file").to_string(),
    }
}

/// The top left corner of a picture, in gray.
fn corner(picture: &Matrix<f32>) -> Image {
    let (height, width) = (picture.rows().min(SHOWN), picture.columns().min(SHOWN));
    let mut image = Image::new(width, height, [0; 3]);
    for y in 0..height {
        for x in 0..width {
            image.set(x, y, [(255.0 * picture.row(y)[x] + 0.5) as u8; 3]);
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    const SMALL: DeadLeaves = DeadLeaves { side: 128, least: 4.0, largest: 64.0 };

    #[test]
    fn orientations_by_hand() {
        let filter = |shade: fn(usize, usize) -> f64| (0..64).map(|k| shade(k / 8, k % 8)).collect::<Vec<_>>();
        let of = |shade| orientation(&filter(shade), 8);
        assert_eq!(of(|_, _| 3.0), 0.0);
        // Edges, a bar, a ramp along the diagonal.
        assert_eq!(of(|_, j| if j < 3 { 1.0 } else { -1.0 }), 1.0);
        assert_eq!(of(|i, _| if i < 5 { 1.0 } else { -1.0 }), 1.0);
        assert_eq!(of(|i, _| if i == 2 { 1.0 } else { 0.0 }), 1.0);
        assert_eq!(of(|i, j| i as f64 - j as f64), 1.0);
        // A point inside, and a corner of four regions.
        assert_eq!(of(|i, j| if (i, j) == (3, 4) { 1.0 } else { 0.0 }), 0.0);
        let mut random = Random::new(1);
        let mean = (0..1000).map(|_| orientation(white_noise(64, 1, &mut random).elements(), 8)).sum::<f64>() / 1000.0;
        assert!((0.15..0.25).contains(&mean), "{mean}");
    }

    #[test]
    fn patches_are_parts_of_pictures_without_their_mean() {
        let pictures = Pictures::Made(DeadLeaves { side: 9, ..SMALL }, 3, 1);
        let patches = pictures.patches(200, &mut Random::new(2)).unwrap();
        // All that occur: four in each picture.
        let mut expected = Vec::new();
        for k in 0..3 {
            let picture = pictures.picture(k).unwrap();
            for corner in 0..4 {
                let cut: Vec<f64> =
                    (0..64).map(|p| f64::from(picture.row(corner / 2 + p / 8)[corner % 2 + p % 8])).collect();
                let mean = cut.iter().sum::<f64>() / 64.0;
                expected.push(cut.iter().map(|x| x - mean).collect::<Vec<_>>());
            }
        }
        let is_near = |x: &[f64], y: &[f64]| x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-12);
        let columns: Vec<Vec<f64>> = (0..200).map(|j| patches.column(j)).collect();
        assert!(columns.iter().all(|x| expected.iter().any(|y| is_near(x, y))));
        assert!(expected.iter().all(|y| columns.iter().any(|x| is_near(x, y))));
    }

    #[test]
    fn correlated_noise_has_the_covariance_of_the_examples() {
        let mut random = Random::new(3);
        let examples = Pictures::Made(SMALL, 2, 1).patches(4000, &mut random).unwrap();
        let noise = correlated_noise(&examples, &mut random);
        let covariance = |x: &Matrix<f64>, i: usize, j: usize| {
            x.row(i).iter().zip(x.row(j)).map(|(a, b)| a * b).sum::<f64>() / x.columns() as f64
        };
        let variance = covariance(&examples, 27, 27);
        for j in [0, 27, 28, 35, 63] {
            let difference = covariance(&examples, 27, j) - covariance(&noise, 27, j);
            assert!(difference.abs() < 0.1 * variance, "{j}: {difference} of {variance}");
        }
    }

    #[test]
    fn filters_of_pictures_are_oriented_and_those_of_noise_are_not() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let mut random = Random::new(1);
        let patches = Pictures::Made(SMALL, 2, 1).patches(1000, &mut random).unwrap();
        let correlated = correlated_noise(&patches, &mut random);
        let white = white_noise(64, 1000, &mut random);
        let learned = [patches, correlated, white].map(|examples| train(&mut context, "", examples, 150));
        let [edges, spots, none] = learned.each_ref().map(Learned::orientation);
        assert!(edges > 0.4 && edges > spots + 0.05 && none < 0.25, "{edges} {spots} {none}");
        for learned in learned {
            assert!(learned.costs[1] < 0.05 * learned.costs[0], "{:?}", learned.costs);
            assert!((0.009..0.013).contains(&learned.activation), "{}", learned.activation);
        }
    }
}
