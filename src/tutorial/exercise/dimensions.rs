//! The curse of dimensionality, and dimension reduction: exercise E.7.
//!
//! **Why.** The simplest way to predict is to look for an example nearby. Source E shows why that fails for a spectrum
//! or an image: with many values, no example is near. To cover the cube [0, 1]^d at a distance ε takes about ε^(-d)
//! points; with fewer, all points are about equally far away.
//!
//! **Idea.** Examples of sound are not random points: their values depend on one another, so that they lie near a
//! surface of few dimensions. Dimension reduction finds it, here with principal components.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | d | the number of values of a point |
//! | x, y | two points, uniform in the cube [0, 1]^d |
//! | c | the mean of all points |
//! | λ_k | the variance along principal component k, the largest first |
//! | S_K | the fraction of the variance in the first K components |
//!
//! ```text
//! (CD.1)  S_K = Σ_(k<=K) λ_k / Σ_k λ_k
//! ```
//!
//! **Derivation** of the distances. A value of a point is uniform in [0, 1], with the mean ½ and the variance ∫(u - ½)²
//! du = 1/12. The difference of two independent values has twice the variance:
//!
//! ```text
//! E|x - y|² = d/6,   E|x - c|² = d/12
//! ```
//!
//! Both are sums of d independent terms, so their standard deviations grow as √d only: relative to the mean they vanish
//! as 1/√d. So all points are at a distance of about √(d/6) from one another, the nearest one too, and the mean of all
//! points, at √(d/12), is nearer than any of them. By hand: d = 600 gives 10 between points and 7.07 to the mean.
//!
//! Sources: source E, "Curse of dimensionality" (a slide of S. Mallat) and "Dimensionality Reduction"; K. Beyer, J.
//! Goldstein, R. Ramakrishnan and U. Shaft, "When is nearest neighbor meaningful?", 1999.

use super::context::{ExerciseContext, shuffled_values};
use super::regularizers::unwhitened;
use super::representations::Components;
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::number::Random;
use crate::number::sum::{squared_distance, sum};
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use std::format;
use std::vec::Vec;

/// The dimensions of the cube.
const DIMENSIONS: [usize; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/// The points in the cube, and with `--quick`; the points whose distances are measured.
const POINTS: usize = 1000;
const FEW: usize = 300;
const QUERIES: usize = 100;

/// The numbers of components in the second table, and the most examples of it.
const COMPONENTS: [usize; 8] = [1, 2, 5, 10, 20, 50, 100, 200];
const EXAMPLES: usize = 1000;

/// Mean distances among points.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Distances {
    /// From a point to the nearest other one.
    nearest: f64,
    /// From a point to the mean of all points.
    center: f64,
    /// From a point to any other one.
    any: f64,
}

impl Distances {
    /// The distances from the first points (rows) to all others.
    fn measure(points: &Matrix<f32>) -> Self {
        let count = points.rows();
        let center: Vec<f32> = (0..points.columns()).map(|i| sum(&points.column(i)) / count as f32).collect();
        let distance = |x: &[f32], y: &[f32]| f64::from(Element::sqrt(squared_distance(x, y)));
        let queries = QUERIES.min(count);
        let mut means = Distances { nearest: 0.0, center: 0.0, any: 0.0 };
        for i in 0..queries {
            let x = points.row(i);
            let (mut nearest, mut total) = (f64::INFINITY, 0.0);
            for j in (0..count).filter(|&j| j != i) {
                let found = distance(x, points.row(j));
                total += found;
                if found < nearest {
                    nearest = found;
                }
            }
            means.nearest += nearest / queries as f64;
            means.center += distance(x, &center) / queries as f64;
            means.any += total / (count - 1) as f64 / queries as f64;
        }
        means
    }

    /// The distance to the nearest point, as a fraction of that to any point.
    fn contrast(self) -> f64 {
        self.nearest / self.any
    }
}

/// Points, uniform in the cube [0, 1]^d: count x d.
fn cube(count: usize, d: usize, random: &mut Random) -> Matrix<f32> {
    Matrix::from_function(count, d, |_, _| random.uniform(0.0, 1.0))
}

/// E.7: the curse of dimensionality.
pub fn curse(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    random_points(context);
    examples(context);
    Ok(())
}

/// The distances of random points.
fn random_points(context: &mut ExerciseContext) {
    let count = if context.quick { FEW } else { POINTS };
    let mut table = Table::new(&["d", "points for ε = 0.1", "nearest", "center", "average", "nearest/average"]);
    let mut curves = ["to the nearest point", "to the center", "average pair"].map(|name| Series {
        name: name.into(),
        points: Vec::new(),
        style: Style::Path,
    });
    for d in DIMENSIONS {
        let mut random = Random::stream(context.settings.seed, &[d as u64]);
        let found = Distances::measure(&cube(count, d, &mut random));
        table.cells(&[
            &d,
            &format_args!("10^{d}"),
            &format_args!("{:.4}", found.nearest),
            &format_args!("{:.2}", found.center),
            &format_args!("{:.2}", found.any),
            &format_args!("{:.3}", found.contrast()),
        ]);
        for (curve, distance) in curves.iter_mut().zip([found.nearest, found.center, found.any]) {
            curve.points.push([d as f64, distance]);
        }
    }
    context.say(&format!(
        "Random points in the cube [0, 1]^d. `points for ε = 0.1` is ε^(-d), the number of points of a grid of \
         spacing ε in the cube. The other columns are mean distances among {count} random points: from a point to its \
         nearest neighbor, to the center of all points, and to another point, on average over all pairs.\n"
    ));
    context.table(&table);
    context.say(
        "What to see: in one or two dimensions the nearest point is near, so the value of a function at that point \
         predicts its value here. As d grows, the ratio of the nearest distance to the average one approaches 1: the \
         average tends to √(d/6), and from 5 dimensions on the difference hardly changes. From 50 dimensions on, the \
         nearest point is farther away than the center, whose distance tends to √(d/12). The reason: a squared \
         distance is a sum of d independent terms, so its mean grows as d, and its deviation only as √d. The number \
         of points that would help, 10^d, cannot be collected.\n",
    );
    let axes = ["d, the dimension of the cube", "distance"];
    let chart = Chart::new("distances between random points", axes, [Scale::Logarithmic; 2], curves.into());
    let caption = "As d grows, all distances become alike: the nearest point is nearly as far as any other one, and \
                   farther than the center.";
    context.put_chart("distances between random points", "E.7-distances.svg", caption, chart);
}

/// (CD.1) for each K.
fn shares(components: &Components) -> Vec<f64> {
    let mut cumulative = Vec::new();
    let mut total = 0.0;
    for lambda in components.variances() {
        total += lambda;
        cumulative.push(total);
    }
    cumulative.iter().map(|part| part / total).collect() // (CD.1)
}

/// The values of the components of examples (columns) as points: examples x components.
fn coordinates(components: &Components, examples: &Matrix<f32>) -> Matrix<f32> {
    let mut centered = examples.clone();
    components.center(&mut centered);
    let basis = &components.whitening.basis;
    let mut whitened = Matrix::zeros(basis.rows(), examples.columns());
    Product::new().store(basis.view(), centered.view(), whitened.view_mut());
    let deviations: Vec<f64> = components.variances().into_iter().map(Element::sqrt).collect();
    Matrix::from_function(examples.columns(), basis.rows(), |j, k| deviations[k] as f32 * whitened.row(k)[j])
}

/// The first values of each point.
fn first_values(points: &Matrix<f32>, count: usize) -> Matrix<f32> {
    Matrix::from_function(points.rows(), count, |j, k| points.row(j)[k])
}

/// The fraction of test points with the label of their nearest training point.
fn nearest_neighbor_accuracy(train: &Matrix<f32>, labels: &[usize], test: &Matrix<f32>, expected: &[usize]) -> f64 {
    let mut correct = 0;
    for (i, &label) in expected.iter().enumerate() {
        let (mut nearest, mut least) = (0, f32::INFINITY);
        for j in 0..train.rows() {
            let distance = squared_distance(test.row(i), train.row(j));
            if distance < least {
                (nearest, least) = (j, distance);
            }
        }
        correct += usize::from(labels[nearest] == label);
    }
    correct as f64 / expected.len() as f64
}

/// The variance and the distances of examples in their principal components.
fn examples(context: &mut ExerciseContext) {
    let most = if context.quick { FEW } else { EXAMPLES };
    let [train, test] = unwhitened(context).map(|set: LabeledExamples<f32>| set.first(most));
    let shuffled = shuffled_values(&train.matrix, &mut Random::new(context.settings.seed));
    let [components, of_shuffled] = [&train.matrix, &shuffled].map(Components::measure);
    let [share, share_of_shuffled] = [&components, &of_shuffled].map(shares);
    let [points, tests] = [&train.matrix, &test.matrix].map(|set| coordinates(&components, set));
    let noise = coordinates(&of_shuffled, &shuffled);

    let all = share.len();
    let mut table = Table::new(&[
        "components",
        "variance",
        "nearest/average",
        "accuracy",
        "variance, shuffled",
        "nearest/average, shuffled",
    ]);
    for count in COMPONENTS.into_iter().filter(|&count| count < all).chain([all]) {
        let [few, few_tests, few_noise] =
            [&points, &tests, &noise].map(|set| first_values(set, count.min(set.columns())));
        let accuracy = nearest_neighbor_accuracy(&few, &train.labels, &few_tests, &test.labels);
        table.cells(&[
            &count,
            &percent(share[count - 1]),
            &format_args!("{:.3}", Distances::measure(&few).contrast()),
            &percent(accuracy),
            &percent(share_of_shuffled[count.min(share_of_shuffled.len()) - 1]),
            &format_args!("{:.3}", Distances::measure(&few_noise).contrast()),
        ]);
    }
    let least = |fraction: f64| share.iter().position(|&part| part >= fraction).map_or(all, |k| k + 1);
    context.say(&format!(
        "Dimensionality reduction: {} training examples of {} values in their principal components, the directions of \
         greatest variance. `variance` is the fraction of the variance in the first components; `accuracy` is the \
         test accuracy of a classifier that gives a test example the label of its nearest training example, by the \
         distance in these components. For the columns `shuffled`, each value is shuffled among the examples, so that \
         values no longer depend on one another.{}\n",
        train.count(),
        train.matrix.rows(),
        if context.sounds.is_some() { " The examples are windows of spectra; whitening left out the last components, with 1% of the variance, and the \
             percentages refer to the rest." } else { "" },
    ));
    context.table(&table);
    context.say(&format!(
        "What to see: {} components hold 90% of the variance, {} hold 99%. So examples lie near a subspace of few \
         dimensions, and even with all components a nearest neighbor is nearer, relative to the average, than among \
         shuffled values, which have no such subspace. Compare the ratio with the first table: that of all components \
         is the ratio of random points in far fewer dimensions. A few components are enough for most of the accuracy: \
         the others add little to the distance. (A small ratio alone is not enough: one component has the smallest.) \
         Dimensionality reduction does not lift the curse: it shows that examples are less subject to it than their \
         number of values suggests.",
        least(0.9),
        least(0.99),
    ));
    let curve = |name: &str, share: &[f64]| Series {
        name: name.into(),
        points: share.iter().enumerate().map(|(k, &part)| [(k + 1) as f64, part]).collect(),
        style: Style::Line,
    };
    let curves = [curve("examples", &share), curve("shuffled values", &share_of_shuffled)];
    let axes = ["number of principal components", "fraction of the variance"];
    let mut chart =
        Chart::new("variance in the first components", axes, [Scale::Logarithmic, Scale::Linear], curves.into());
    chart.axes[1] = Axis::new(0.0, 1.0, Scale::Linear);
    let caption = "A curve that rises early belongs to examples near a subspace of few dimensions. Shuffled values \
                   have no such subspace.";
    context.put_chart("variance in the first components", "E.7-variance.svg", caption, chart);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers;
    use crate::tutorial::progress::Silent;

    #[test]
    fn distances_by_hand() {
        let points = Matrix::from_rows(3, 2, Vec::from([0.0, 0.0, 3.0, 4.0, 0.0, 2.0]));
        let found = Distances::measure(&points);
        // Between points: 5, 2, √13. The mean is (1, 2).
        let root = Element::sqrt(13.0);
        let close = |x: f64, y: f64| (x - y).abs() < 1e-6;
        assert!(close(found.nearest, (2.0 + root + 2.0) / 3.0), "{found:?}");
        assert!(close(found.any, 2.0 * (5.0 + 2.0 + root) / 6.0), "{found:?}");
        assert!(close(found.center, (Element::sqrt(5.0) + Element::sqrt(8.0) + 1.0) / 3.0), "{found:?}");
    }

    #[test]
    fn with_many_dimensions_the_mean_is_nearer_than_the_nearest_point() {
        let measured = |d| Distances::measure(&cube(200, d, &mut Random::new(1)));
        let [few, many] = [measured(2), measured(500)];
        assert!(few.nearest < 0.3 * few.center && few.contrast() < 0.1, "{few:?}");
        assert!(many.nearest > many.center && many.contrast() > 0.9, "{many:?}");
        // E|x - y|² = d/6, E|x - c|² = d/12.
        let [any, center] = [500.0 / 6.0, 500.0 / 12.0].map(Element::sqrt);
        assert!((many.any / any - 1.0).abs() < 0.01 && (many.center / center - 1.0).abs() < 0.01, "{many:?}");
    }

    #[test]
    fn dependent_values_have_few_components_and_near_neighbors() {
        let mut silent = Silent;
        let mut context = regularizers::tests::context(&mut silent);
        let x = context.train.matrix.clone();
        let components = Components::measure(&x);
        // Values are combinations of three causes.
        let share = shares(&components);
        assert!(share[2] > 0.9999 && share[1] < 0.99, "{share:?}");
        let points = coordinates(&components, &x);
        let distance = |points: &Matrix<f32>| Distances::measure(points).contrast();
        let examples = Matrix::from_function(x.columns(), x.rows(), |j, i| x.row(i)[j]);
        // A rotation keeps distances.
        assert!((distance(&points) - distance(&examples)).abs() < 1e-3);
        assert!((distance(&first_values(&points, 3)) - distance(&examples)).abs() < 1e-3);
        let shuffled = shuffled_values(&x, &mut Random::new(4));
        let shuffled = coordinates(&Components::measure(&shuffled), &shuffled);
        assert!(distance(&shuffled) > 1.5 * distance(&points), "{} {}", distance(&shuffled), distance(&points));
        curse(&mut context).unwrap();
        assert!(context.page.contains("3 components hold 99%") || context.page.contains("3 hold 99%"));
    }

    #[test]
    fn the_nearest_neighbor_gives_its_label() {
        let train = Matrix::from_rows(3, 1, Vec::from([0.0, 1.0, 5.0]));
        let test = Matrix::from_rows(4, 1, Vec::from([0.2, 0.9, 4.0, 2.9]));
        assert_eq!(nearest_neighbor_accuracy(&train, &[7, 8, 9], &test, &[7, 8, 9, 9]), 0.75);
    }
}
