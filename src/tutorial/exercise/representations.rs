//! D.1 to D.3: codes of different sizes. The linear autoencoder and PCA; under- and overcomplete codes with each
//! regularizer; the deep autoencoder.
//!
//! The exercises with a D follow the autoencoders of source D's slides; D.4 to D.7 are in
//! [`regularizers`](super::regularizers), with the training that all of them share.
//!
//! Sources: source D (L. Huang's slides); P. Baldi and K. Hornik, "Neural networks and principal component analysis:
//! learning from examples without local minima", 1989.

use super::autoencoder::center;
use super::context::{ExerciseContext, shuffled_values};
use super::generative::put_codes;
use super::regularizers::{REGULARIZERS, feature_accuracy, learn, settings_text, shape, unwhitened};
use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use crate::machine::Element;
use crate::matrix::{Matrix, Product, symmetric};
use crate::model::deep_autoencoder::DeepAutoencoder;
use crate::model::greedy::{TrainedAutoencoder, pretrain};
use crate::model::visualization::mean_activations;
use crate::model::{Activation, Autoencoder};
use crate::number::sum::{axpy, dot, sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::tutorial::autoencoder_comparison::{accuracy, error_fraction, scaled};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use std::format;
use std::vec::Vec;

/// The principal components of examples.
pub(super) struct Components {
    /// All of them, unscaled by ε.
    pub whitening: Whitening<f32>,
}

impl Components {
    pub fn measure(examples: &Matrix<f32>) -> Self {
        let settings = WhiteningSettings { retained: 1.0, epsilon: 0.0, form: WhiteningForm::Pca };
        Components { whitening: Whitening::measure(&settings, examples) }
    }

    /// Subtracts the mean of the examples measured.
    pub fn center(&self, examples: &mut Matrix<f32>) {
        for (i, &mu) in self.whitening.mean.iter().enumerate() {
            examples.row_mut(i).iter_mut().for_each(|x| *x -= mu);
        }
    }

    /// The variance of each component: the squared length of its column in the inverse, √λ times a unit vector.
    pub fn variances(&self) -> Vec<f64> {
        let inverse = &self.whitening.inverse;
        (0..inverse.columns()).map(|k| f64::from(sum_of_squares(&inverse.column(k)))).collect()
    }

    /// The first components, orthogonal, as rows.
    fn axes(&self, count: usize) -> Matrix<f64> {
        let basis = &self.whitening.basis;
        Matrix::from_function(count, basis.columns(), |k, i| f64::from(basis.row(k)[i]))
    }

    /// The projection of centered examples on the first components.
    fn project(&self, examples: &Matrix<f32>, count: usize) -> Matrix<f32> {
        let Whitening { basis, inverse, .. } = &self.whitening;
        let (mut codes, mut projected) =
            (Matrix::zeros(count, examples.columns()), Matrix::zeros(examples.rows(), examples.columns()));
        Product::new().store(basis.view().part_rows(0, count), examples.view(), codes.view_mut());
        Product::new().store(inverse.view().part_columns(0, count), codes.view(), projected.view_mut());
        projected
    }
}

/// An orthonormal basis of the space of the rows, by Gram and Schmidt: each row loses its projection on those above.
fn orthonormal(mut rows: Matrix<f64>) -> Matrix<f64> {
    for k in 0..rows.rows() {
        for j in 0..k {
            let above = rows.row(j).to_vec();
            let product = dot(&above, rows.row(k));
            axpy(-product, &above, rows.row_mut(k));
        }
        let length = Element::sqrt(sum_of_squares(rows.row(k)));
        rows.row_mut(k).iter_mut().for_each(|x| *x /= length);
    }
    rows
}

/// The largest principal angle between the spaces of the rows of two matrices, in degrees.
///
/// The first principal angle is that of the closest pair of unit vectors, one of each space; the next is that of the
/// closest pair orthogonal to the first; and so on. With orthonormal rows in A and B, their cosines are the singular
/// values of A·Bᵀ, the roots of the eigenvalues of A·Bᵀ·B·Aᵀ.
fn largest_angle(a: Matrix<f64>, b: Matrix<f64>) -> f64 {
    let (a, b) = (orthonormal(a), orthonormal(b));
    let mut products = Matrix::zeros(a.rows(), b.rows());
    Product::new().store(a.view(), b.view().transposed(), products.view_mut());
    let mut squares = Matrix::zeros(a.rows(), a.rows());
    Product::new().store(products.view(), products.view().transposed(), squares.view_mut());
    let least = symmetric::eigen(&squares).values[a.rows() - 1];
    degrees(least)
}

/// The angle from 0° to 90° whose cosine has this square, by bisection.
fn degrees(cosine_squared: f64) -> f64 {
    let (mut low, mut high) = (0.0, 90.0);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        let (_, cosine) = (middle / 180.0).sin_cos_pi();
        if cosine * cosine > cosine_squared { low = middle } else { high = middle }
    }
    high
}

/// The sizes of the codes in D.1.
const CODES: [usize; 4] = [2, 4, 8, 16];

/// A linear autoencoder that L-BFGS trains on centered examples, and the largest angle between its decoder's space and
/// that of the same number of principal components.
fn linear_autoencoder(
    context: &mut ExerciseContext,
    hidden: usize,
    examples: &Matrix<f32>,
    components: &Components,
) -> (TrainedAutoencoder<f32>, f64) {
    let (encoder, decoder) = (Activation::Linear, Activation::Linear);
    let model = Autoencoder { encoder, decoder, ..Autoencoder::new(examples.rows(), hidden) };
    let trained = context.train_autoencoder(&format!("code of {hidden}"), model, examples);
    let [_, w2, ..] = model.blocks();
    let space = Matrix::from_function(hidden, model.visible, |k, i| f64::from(w2.row(&trained.theta, i)[k]));
    let angle = largest_angle(components.axes(hidden), space);
    (trained, angle)
}

/// D.1: the linear autoencoder and PCA.
pub fn linear(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let mut sets = unwhitened(context).map(|set| set.matrix);
    let components = Components::measure(&sets[0]);
    sets.iter_mut().for_each(|x| components.center(x));
    let [train, test] = sets;
    let all = context.settings.iterations;
    let mut table =
        Table::new(&["code", "iterations", "error of PCA", "error", "test error of PCA", "test error", "angle"]);
    for hidden in CODES.into_iter().filter(|&hidden| hidden <= components.whitening.basis.rows()) {
        for iterations in [all / 4, all, 8 * all] {
            context.settings.iterations = iterations;
            let (trained, angle) = linear_autoencoder(context, hidden, &train, &components);
            let error = |y: Matrix<f32>, x: &Matrix<f32>| percent(error_fraction(&y, x));
            table.cells(&[
                &hidden,
                &trained.outcome.iterations,
                &error(components.project(&train, hidden), &train),
                &error(trained.decode(&trained.encode(&train)), &train),
                &error(components.project(&test, hidden), &test),
                &error(trained.decode(&trained.encode(&test)), &test),
                &format_args!("{angle:.2}°"),
            ]);
        }
    }
    context.settings.iterations = all;
    context.say(
        "A linear autoencoder with a code of k values can do what the first k principal components do: project an \
         example onto a subspace of k dimensions. Errors are fractions of the variance; the angle is the largest \
         principal angle between the two subspaces. The rows of a code start from the same random weights; L-BFGS may \
         run for a quarter, all or eight times the usual number of iterations, and stops earlier if it has \
         converged.\n",
    );
    context.table(&table);
    context.say(
        "What to see: with more iterations, each error approaches that of PCA, and the angle approaches 0. No linear \
         code of k values has a smaller training error than PCA. The errors agree before the angle is small: where \
         two components have nearly the same variance, exchanging them hardly changes the error.",
    );
    Ok(())
}

/// Iterations of L-BFGS in D.3 for all layers together, for each of pretraining.
const TUNING: usize = 4;

/// D.3: codes of two values, of a deep autoencoder and of PCA.
pub fn deep(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let [train, test] = unwhitened(context);
    let (iterations, seed, hidden) = (context.settings.iterations, context.settings.seed, context.settings.hidden);
    let wide = Autoencoder { decoder: context.autoencoder.decoder, ..Autoencoder::new(train.matrix.rows(), hidden) };
    let narrow = Autoencoder::new(hidden, hidden / 4);
    let code = Autoencoder { encoder: Activation::Linear, ..Autoencoder::new(hidden / 4, 2) };
    let layers = [wide, narrow, code].map(|layer| Autoencoder { weight_decay: 1e-5, ..layer });
    let stack = pretrain(&layers, &train.matrix, &mut Random::new(seed), |l, cost, theta| {
        context.run.minimize(&format!("layer {}", l + 1), iterations, cost, theta)
    });
    let model = DeepAutoencoder { weight_decay: 1e-5, ..DeepAutoencoder::of_stack(&layers) };
    let mut theta = DeepAutoencoder::transfer(&stack);
    let pretrained = theta.clone();
    context.run.minimize("all layers", TUNING * iterations, &mut model.cost(&train.matrix), &mut theta);
    context.run.learned(&theta);

    let components = Components::measure(&train.matrix);
    let principal = |set: &LabeledExamples<f32>| {
        let (mut x, basis) = (set.matrix.clone(), &components.whitening.basis);
        components.center(&mut x);
        let mut codes = Matrix::zeros(2, x.columns());
        Product::new().store(basis.view().part_rows(0, 2), x.view(), codes.view_mut());
        (components.project(&x, 2), codes, x)
    };
    let mut table = Table::new(&["code of two values by", "test error", "accuracy"]);
    let mut row = |context: &mut ExerciseContext, name: &str, error: f64, codes: [Matrix<f32>; 2]| {
        let [of_train, of_test] = codes;
        let sets = scaled([train.map(|_| of_train), test.map(|_| of_test)]);
        let accuracy = accuracy(context, name, &sets[0], &sets[1]);
        table.cells(&[&name, &percent(error), &percent(accuracy)]);
    };
    let ((_, of_train, _), (projected, of_test, centered)) = (principal(&train), principal(&test));
    let error = error_fraction(&projected, &centered);
    row(context, "PCA", error, [of_train, of_test.clone()]);
    for (name, theta) in [("deep, pretrained", &pretrained), ("deep, tuned", &theta)] {
        let codes = [&train, &test].map(|set| model.encode(theta, &set.matrix));
        let error = error_fraction(&model.decode(theta, &codes[1]), &test.matrix);
        row(context, name, error, codes);
    }
    context.say(&format!(
        "The deep autoencoder has the units {}-{hidden}-{}-2-{}-{hidden}-{}, pretrained layer by layer and then tuned \
         as a whole. Errors are fractions of the variance; the accuracy is that of softmax regression on the two \
         values.\n",
        wide.visible,
        hidden / 4,
        hidden / 4,
        wide.visible
    ));
    context.table(&table);
    context.say(
        "What to see: two principal components are the best linear code of two values. The tuned deep code \
         reconstructs better, because the surface that it decodes to can be curved. Training minimizes the error, not \
         the confusion of labels, so the accuracy need not rise. The charts show the codes, one color for each label.",
    );
    put_codes(context, "PCA", "D.3-pca.svg", &of_test, ["component 1", "component 2"]);
    let codes = model.encode(&theta, &test.matrix);
    put_codes(context, "deep autoencoder", "D.3-deep.svg", &codes, ["code, value 1", "code, value 2"]);
    Ok(())
}

/// The most examples of D.2, whose overcomplete autoencoders are large.
const FEW: usize = 2000;

/// The frames of a window in D.2.
const FRAMES: usize = 2;

/// D.2: under- and overcomplete codes, with each regularizer, of examples and of noise.
pub fn complete(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let values = FRAMES.min(context.tile.frames) * context.tile.bands;
    let part = |x: &Matrix<f32>| match context.sounds {
        Some(_) => Matrix::from_rows(values, x.columns(), x.elements()[..values * x.columns()].to_vec()),
        None => center(x, context.tile),
    };
    let labeled = unwhitened(context).map(|set| set.first(FEW).map(part));
    let sets = labeled.each_ref().map(|set| &set.matrix);
    let mut random = Random::new(context.settings.seed);
    let noise = sets.map(|x| shuffled_values(x, &mut random));
    let visible = sets[0].rows();
    let mut table =
        Table::new(&["units", "regularizer", "error", "error of noise", "mean activation", "|H|", "accuracy"]);
    for hidden in [visible / 4, 2 * visible] {
        for (name, regularizer) in REGULARIZERS {
            let shape = shape(visible, hidden);
            let learned = learn(context, name, regularizer, shape, sets[0]);
            let of_noise = learn(context, name, regularizer, shape, &noise[0]);
            let means = mean_activations(&learned.encode(sets[1]));
            let accuracy = feature_accuracy(context, &learned, &labeled[0], &labeled[1]);
            table.cells(&[
                &hidden,
                &name,
                &percent(learned.error(sets[1], sets[1])),
                &percent(of_noise.error(&noise[1], &noise[1])),
                &format_args!("{:.3}", sum(&means) / means.len() as f32),
                &format_args!("{:.2}", learned.model.jacobian_norm(&learned.theta, sets[1])),
                &percent(accuracy),
            ]);
        }
    }
    let of_examples = accuracy(context, "the examples", &labeled[0], &labeled[1]);
    context.say(&settings_text());
    context.say(&format!(
        "Examples have {visible} values ({}); codes have a quarter or twice as many. Errors are those of test \
         examples, as fractions of their variance. Noise is made by shuffling each value among the examples, so that \
         values no longer depend on one another; a second autoencoder is trained on it. H is the Jacobian of the \
         encoder, and |H| the root of the sum of its squares; mean activation and |H| are those of test examples, not \
         of noise. The accuracy is that of softmax regression on the features of test examples; on the examples \
         themselves it is {}.\n",
        if context.sounds.is_some() { "two frames of a window" } else { "the centers of images" },
        percent(of_examples)
    ));
    context.table(&table);
    context.say(
        "What to see: an undercomplete code cannot copy. It uses the dependencies between values, so most of the \
         noise is lost. The overcomplete code without a regularizer reconstructs both the examples and the noise \
         almost completely: it copies, so a \
         small error shows nothing about what it has learned. Its features are useful all the same: they classify \
         about as well as the examples themselves, or better. Every regularizer raises \
         the error of the examples and lowers |H|: the features respond less to small changes of an example.",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn angles_between_planes_are_found() {
        // The planes of x and y, and of x and a vector that is tilted by 30° from y; other bases of the same planes.
        let (sine, cosine) = (1.0f64 / 6.0).sin_cos_pi();
        let flat = Matrix::from_rows(2, 3, [1.0, 1.0, 0.0, 1.0, -2.0, 0.0].into());
        let tilted = Matrix::from_rows(2, 3, [3.0, 0.0, 0.0, 1.0, cosine, sine].into());
        assert!((largest_angle(flat.clone(), tilted) - 30.0).abs() < 1e-9);
        assert!(largest_angle(flat.clone(), flat.clone()) < 1e-5);
        let upright = Matrix::from_rows(2, 3, [1.0, 0.0, 0.0, 0.0, 0.0, 1.0].into());
        assert!((largest_angle(flat, upright) - 90.0).abs() < 1e-5);
    }

    #[test]
    fn a_linear_autoencoder_finds_the_space_of_the_principal_components() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let mut examples = context.train.matrix.clone();
        let components = Components::measure(&examples);
        components.center(&mut examples);
        let error = |y: Matrix<f32>| error_fraction(&y, &examples);
        context.settings.iterations = 10;
        let (_, early) = linear_autoencoder(&mut context, 3, &examples, &components);
        context.settings.iterations = 200;
        let (trained, late) = linear_autoencoder(&mut context, 3, &examples, &components);
        assert!(late < 1.0 && late < early, "{early} {late}");
        let [of_components, error] =
            [components.project(&examples, 3), trained.decode(&trained.encode(&examples))].map(error);
        assert!(error > of_components - 1e-6 && error < of_components + 1e-3, "{of_components} {error}");
    }
}
