//! Mutants: gradients with one mistake each, for the models of the book.
//!
//! A mutant's gradient comes from other settings, is changed afterwards, or is computed by a definition with one wrong
//! line; its cost is the right one. So the [gradient check](crate::optimize::check) must find each mutant, and in which
//! blocks it does is part of the mutant: `tests/mutants.rs` runs the check. (For a few, the cost is wrong and the
//! gradient is right.)
//!
//! A tutor uses the mutants of a model, its gallery, in the other direction: if a student's gradient is a mutant's, the
//! student made the mutant's mistake. [`diagnose`] looks for it.
//!
//! 1. [`autoencoder`]: the sparse autoencoder, and two with other activations and errors;
//! 2. [`denoising`]: autoencoders that read something else than they reconstruct;
//! 3. [`contractive`]: the contractive autoencoder;
//! 4. [`stacked`]: softmax regression, and the stacked network that ends with one;
//! 5. [`deep_autoencoder`]: the deep autoencoder;
//! 6. [`sparse_coding`]: sparse coding, and the encoder that predicts its codes;
//! 7. [`network`]: networks of layers, and the variational autoencoder;
//! 8. [`convolution`]: a convolution with pooling.

pub mod autoencoder;
pub mod contractive;
pub mod convolution;
pub mod deep_autoencoder;
pub mod denoising;
pub mod network;
pub mod sparse_coding;
pub mod stacked;

use super::judge::{Judge, Part, TOLERANCE, guarded};
use crate::matrix::Matrix;
use crate::model::gradient_suite;
use crate::model::parameters::{Block, named_ranges};
use crate::number::Random;
use crate::optimize::Objective;
use crate::optimize::check::{BlockError, check};
use crate::optimize::objective::FromFunction;
use core::ops::Range;
use std::boxed::Box;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// The cause of a mutant whose cost is another function in every call.
pub const REDRAWN: &str =
    "the cost or the gradient changes from call to call with the same θ: a random draw is made anew";

/// The names of all blocks; those of a [`Part`] live as long as the program.
const NAMES: [&str; 19] =
    ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4", "V1", "c1", "V2", "c2", "Theta", "b", "Phi", "S", "W", "g", "x"];

/// J(θ).
type Cost = Box<dyn Fn(&[f64]) -> f64>;

/// J(θ); writes ∇J(θ) over its second argument.
type CostAndGradient = Box<dyn Fn(&[f64], &mut [f64]) -> f64>;

/// A gradient with one mistake, at the θ of its gallery.
pub struct Mutant {
    /// The mistake, as a noun phrase or a clause without a period.
    pub cause: &'static str,
    /// The blocks in which the gradient check finds it.
    pub caught: Vec<&'static str>,
    /// ∇J(θ) with the mistake.
    pub gradient: Vec<f64>,
    /// The cost with the mistake, if the cost is wrong and the gradient is right.
    pub cost: Option<Cost>,
}

/// The mutants of a model, on a few examples.
pub struct Gallery {
    /// The model, with its sizes.
    pub model: &'static str,
    /// The blocks of θ that are not empty.
    pub blocks: Vec<(String, Range<usize>)>,
    /// θ.
    pub theta: Vec<f64>,
    /// The right cost and gradient.
    cost: CostAndGradient,
    /// The right gradient at θ.
    pub gradient: Vec<f64>,
    /// The mutants.
    pub mutants: Vec<Mutant>,
}

/// Numbers between 0.1 and 0.9, the same ones in every call: the examples of the galleries.
pub fn draw(rows: usize, columns: usize) -> Matrix<f64> {
    gradient_suite::draw(1, rows, columns)
}

/// Numbers between -1 and 1, the same ones in every call: the parameters of the galleries.
pub fn theta(dimension: usize) -> Vec<f64> {
    let mut random = Random::new(2);
    (0..dimension).map(|_| random.uniform(-1.0, 1.0)).collect()
}

/// The columns of a matrix: examples as a task receives them.
pub fn columns(examples: &Matrix<f64>) -> Vec<Vec<f64>> {
    (0..examples.columns()).map(|n| examples.column(n)).collect()
}

/// All galleries.
pub fn galleries() -> Vec<Gallery> {
    vec![
        autoencoder::autoencoder(),
        autoencoder::tied_autoencoder(),
        autoencoder::untied_autoencoder(),
        denoising::denoising(),
        denoising::multimodal(),
        contractive::contractive(),
        stacked::softmax(),
        stacked::stacked(),
        deep_autoencoder::deep_autoencoder(),
        sparse_coding::sparse_coding(),
        sparse_coding::predictive(),
        network::residual(),
        network::regression(),
        network::l1_penalty(),
        network::variational(),
        convolution::mean_pooling(),
        convolution::max_pooling(),
    ]
}

impl Gallery {
    /// A gallery without mutants, of the model with this cost and gradient.
    pub fn new(model: &'static str, blocks: &[Block], cost: impl Fn(&[f64], &mut [f64]) -> f64 + 'static) -> Self {
        let mut blocks = named_ranges(blocks);
        blocks.retain(|(_, range)| !range.is_empty());
        let theta = theta(blocks.iter().map(|(_, range)| range.end).max().unwrap_or(0));
        let mut gradient = vec![f64::NAN; theta.len()];
        cost(&theta, &mut gradient);
        Gallery { model, blocks, theta, cost: Box::new(cost), gradient, mutants: Vec::new() }
    }

    /// Adds a mutant with this gradient.
    #[must_use]
    pub fn mutant(mut self, cause: &'static str, caught: &[&'static str], gradient: Vec<f64>) -> Self {
        self.mutants.push(Mutant { cause, caught: caught.to_vec(), gradient, cost: None });
        self
    }

    /// Adds a mutant with the gradient of another objective.
    #[must_use]
    pub fn other(self, cause: &'static str, caught: &[&'static str], mut other: impl Objective<f64>) -> Self {
        let mut gradient = vec![f64::NAN; self.theta.len()];
        other.cost_and_gradient(&self.theta, &mut gradient);
        self.mutant(cause, caught, gradient)
    }

    /// Adds a mutant whose gradient is the right one, changed.
    #[must_use]
    pub fn changed(self, cause: &'static str, caught: &[&'static str], change: impl FnOnce(&mut [f64])) -> Self {
        let mut gradient = self.gradient.clone();
        change(&mut gradient);
        self.mutant(cause, caught, gradient)
    }

    /// Adds a mutant with the right gradient and a wrong cost.
    #[must_use]
    pub fn wrong_cost(
        mut self,
        cause: &'static str,
        caught: &[&'static str],
        cost: impl Fn(&[f64]) -> f64 + 'static,
    ) -> Self {
        let gradient = self.gradient.clone();
        self.mutants.push(Mutant { cause, caught: caught.to_vec(), gradient, cost: Some(Box::new(cost)) });
        self
    }

    /// The right cost.
    pub fn cost(&self, theta: &[f64]) -> f64 {
        (self.cost)(theta, &mut vec![0.0; theta.len()])
    }

    /// The cost of a mutant.
    pub fn cost_of(&self, mutant: &Mutant, theta: &[f64]) -> f64 {
        mutant.cost.as_ref().map_or_else(|| self.cost(theta), |cost| cost(theta))
    }

    /// The gradient check, block by block.
    fn check(&self, mut cost_and_gradient: impl FnMut(&[f64]) -> (f64, Vec<f64>)) -> Vec<BlockError> {
        let mut objective = FromFunction::new(self.theta.len(), |theta: &[f64], gradient: &mut [f64]| {
            let (cost, found) = cost_and_gradient(theta);
            gradient.iter_mut().zip(found).for_each(|(g, f)| *g = f);
            cost
        });
        check(&mut objective, &self.theta, &self.blocks)
    }

    /// A judge of gradients at θ, who knows the mutants with a wrong gradient.
    ///
    /// # Panics
    /// If a block has a name that no gallery has.
    pub fn judge(&self) -> Judge<Vec<f64>> {
        let parts = |gradient: &[f64]| {
            let parts = self.parts(gradient);
            move |_: &Vec<f64>| parts.clone()
        };
        let judge = Judge::new(vec![(self.model.to_string(), self.theta.clone())], parts(&self.gradient));
        let with_wrong_gradient = self.mutants.iter().filter(|mutant| mutant.cost.is_none());
        with_wrong_gradient.fold(judge, |judge, mutant| judge.mistake(mutant.cause, parts(&mutant.gradient)))
    }

    /// The blocks of a gradient as parts of an answer.
    fn parts(&self, gradient: &[f64]) -> Vec<Part> {
        let part = |(block, range): &(String, Range<usize>)| {
            let name = NAMES.iter().find(|name| *name == block).unwrap_or_else(|| panic!("a block {block}"));
            (*name, gradient[range.clone()].to_vec())
        };
        self.blocks.iter().map(part).collect()
    }

    /// Checks the gallery itself: the right gradient passes the gradient check, each mutant fails it in its blocks and
    /// nowhere else, and the first two lines of a diagnosis name it.
    ///
    /// # Panics
    /// If not.
    pub fn check_itself(&self) {
        self.judge().check_itself();
        let right = |theta: &[f64]| (self.cost(theta), self.gradient.clone());
        assert!(self.check(right).iter().all(BlockError::passes), "{}", self.model);
        assert_eq!(diagnose(self, right), None, "{}", self.model);
        for mutant in &self.mutants {
            let wrong = |theta: &[f64]| (self.cost_of(mutant, theta), mutant.gradient.clone());
            let mut caught = self.check(wrong);
            caught.retain(|block| !block.passes());
            let caught: Vec<&str> = caught.iter().map(|block| block.name.as_str()).collect();
            assert_eq!(caught, mutant.caught, "{}: {}", self.model, mutant.cause);
            let diagnosis =
                diagnose(self, wrong).unwrap_or_else(|| panic!("{}: not found: {}", self.model, mutant.cause));
            let is_named = diagnosis.lines().take(2).any(|line| line.contains(mutant.cause));
            assert!(is_named, "{}: {}\nin:\n{diagnosis}", self.model, mutant.cause);
        }
    }
}

/// What is wrong with a cost and its gradient, for a student, the diagnosis in the first two lines; none if both are
/// right. The cost is compared first, because the gradient of a wrong cost means little.
pub fn diagnose(gallery: &Gallery, mut cost_and_gradient: impl FnMut(&[f64]) -> (f64, Vec<f64>)) -> Option<String> {
    let theta = &gallery.theta;
    let calls = guarded(|| [(); 2].map(|()| cost_and_gradient(theta)));
    let [(cost, gradient), (cost_again, gradient_again)] = match calls {
        Ok(calls) => calls,
        Err(cause) => return Some(format!("With {}, the code stops: {cause}.", gallery.model)),
    };
    if gradient.len() != theta.len() {
        let (expected, found) = (theta.len(), gradient.len());
        return Some(format!(
            "The gradient has the wrong length: {expected}, the length of θ, expected; {found} found."
        ));
    }
    let is_same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
    if !is_same((&cost, &cost_again)) {
        let costs = format!("the cost is {} in the first call, and {} in the second", shown(cost), shown(cost_again));
        return Some(format!("A known mistake: {REDRAWN}.\nHere {costs}."));
    }
    if gradient.len() != gradient_again.len() || !gradient.iter().zip(&gradient_again).all(is_same) {
        return Some(format!("A known mistake: {REDRAWN}.\nHere the gradients of two calls differ."));
    }
    let wrong_cost = wrong_cost(gallery, cost);
    let wrong_gradient = gallery.judge().verdict(|_| gallery.parts(&gradient));
    if !cost.is_finite() {
        // No slope of such a cost can be computed, so there is no gradient check.
        let gradient = wrong_gradient.unwrap_or_else(|| "The gradient is right.".to_string());
        return Some(format!("{}\n{gradient}", not_finite(gallery, cost)));
    }
    let mut table = || table(&gallery.check(&mut cost_and_gradient));
    match (wrong_cost, wrong_gradient) {
        (None, None) => None,
        (Some(cost), None) => Some(format!("The cost is wrong; the gradient is right.\n{cost}")),
        (None, Some(gradient)) => Some(format!("{gradient}\n{}", table())),
        (Some(cost), Some(gradient)) => {
            Some(format!("The cost is wrong, and so is the gradient.\n{cost}\n{gradient}\n{}", table()))
        }
    }
}

/// What leads to a cost that is NaN or infinite.
fn not_finite(gallery: &Gallery, cost: f64) -> String {
    if !cost.is_nan() {
        return "The cost is infinite: look for a division by 0, or the logarithm of 0.".to_string();
    }
    // KL has the logarithm of 1-ρ̂, and a sum of activations is soon above 1.
    let is_sparse = gallery.model.starts_with("a sparse autoencoder");
    if is_sparse {
        return "The cost is not a number, as when ρ̂ is not between 0 and 1. Is ρ̂ divided by m?".to_string();
    }
    "The cost is not a number: look for the logarithm or root of a negative number, or 0/0.".to_string()
}

/// What is wrong with a cost at θ, if it is.
fn wrong_cost(gallery: &Gallery, found: f64) -> Option<String> {
    let is_near = |expected: f64| (found - expected).abs() <= TOLERANCE * expected.abs();
    let expected = gallery.cost(&gallery.theta);
    if is_near(expected) {
        return None;
    }
    let known = gallery.mutants.iter().find(|mutant| {
        let at_theta = || mutant.cost.as_ref().map(|cost| cost(&gallery.theta));
        mutant.cause != REDRAWN && at_theta().is_some_and(is_near)
    });
    let known =
        known.map_or(String::new(), |mutant| format!(" This is the cost of a known mistake: {}.", mutant.cause));
    Some(format!("The cost is {}; expected {}.{known}", shown(found), shown(expected)))
}

/// The gradient check of a student's cost and gradient.
fn table(blocks: &[BlockError]) -> String {
    let mut table = String::from("The gradient check of your gradient with your cost:");
    for block in blocks {
        let BlockError { name, error, worst, .. } = block;
        let [found, slope] = [block.analytic, block.numerical].map(shown);
        let differs = format!("differs: {name}[{worst}] is {found}, the slope of the cost {slope}");
        let result = if block.passes() { "agrees" } else { &differs };
        table += &format!("\n  {name:<5}  error {error:7.1e}  {result}");
    }
    if blocks.iter().all(BlockError::passes) {
        table += "\nAll agree: the gradient is the derivative of your cost, so both have the same mistake.";
    }
    table
}

/// A number with at most nine decimals.
fn shown(x: f64) -> String {
    let text = format!("{x:.9}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// Whether two gradients are equal up to rounding.
#[cfg(test)]
fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
}

#[cfg(test)]
mod tests {
    use super::autoencoder::RIGHT;
    use super::*;
    use crate::model::Autoencoder;
    use crate::optimize::check::check_directions;

    #[test]
    fn every_gallery_checks_itself() {
        galleries().iter().for_each(Gallery::check_itself);
    }

    fn bowl() -> Gallery {
        let block = Block { name: "W".into(), rows: 1, columns: 2, range: 0..2 };
        Gallery::new("a bowl", &[block], |theta, gradient| {
            gradient.copy_from_slice(theta);
            0.5 * (theta[0] * theta[0] + theta[1] * theta[1])
        })
        .wrong_cost("the ½ is forgotten", &["W"], |theta| theta[0] * theta[0] + theta[1] * theta[1])
    }

    fn diagnosis(answer: impl FnMut(&[f64]) -> (f64, Vec<f64>)) -> String {
        diagnose(&bowl(), answer).unwrap()
    }

    #[test]
    fn a_wrong_cost_is_told_apart_from_a_wrong_gradient() {
        bowl().check_itself();
        let cost = |theta: &[f64]| bowl().cost(theta);
        let text = diagnosis(|theta| (2.0 * cost(theta), theta.to_vec()));
        assert!(text.starts_with("The cost is wrong; the gradient is right.\nThe cost is "), "{text}");
        assert!(text.ends_with("This is the cost of a known mistake: the ½ is forgotten."), "{text}");
        let text = diagnosis(|theta| (cost(theta), theta.iter().map(|t| -t).collect()));
        assert!(
            text.contains("opposite sign") && text.contains("\n  W      error   2.0e0  differs: W[0] is "),
            "{text}"
        );
        let text = diagnosis(|theta| (3.0 * cost(theta), theta.iter().map(|t| 3.0 * t).collect()));
        assert!(text.starts_with("The cost is wrong, and so is the gradient.\nThe cost is "), "{text}");
        assert!(text.contains("same factor, 3.") && text.ends_with("so both have the same mistake."), "{text}");
    }

    #[test]
    fn a_cost_that_is_not_finite_has_no_gradient_check() {
        let text = diagnosis(|theta| (f64::NAN, theta.to_vec()));
        assert_eq!(
            text,
            "The cost is not a number: look for the logarithm or root of a negative number, or 0/0.\n\
             The gradient is right."
        );
        let text = diagnosis(|theta| (f64::INFINITY, theta.iter().map(|t| -t).collect()));
        assert!(text.starts_with("The cost is infinite: ") && text.contains("opposite sign"), "{text}");
        assert!(!text.contains("gradient check"), "{text}");
    }

    #[test]
    fn answers_that_change_or_have_another_length_are_told() {
        let text = diagnosis(|_| (0.0, vec![1.0]));
        assert_eq!(text, "The gradient has the wrong length: 2, the length of θ, expected; 1 found.");
        let mut calls = 0.0;
        let text = diagnosis(|theta| {
            calls += 1.0;
            (bowl().cost(theta), vec![calls; 2])
        });
        assert!(text.contains(REDRAWN) && text.ends_with("Here the gradients of two calls differ."), "{text}");
    }

    /// The names of the blocks in which a gradient at the gallery's θ is not that of a cost.
    fn blocks_caught(gallery: &Gallery, gradient: &[f64], cost: impl Fn(&[f64]) -> f64) -> Vec<String> {
        let mut objective = FromFunction::new(gallery.theta.len(), |theta: &[f64], to: &mut [f64]| {
            to.copy_from_slice(gradient);
            cost(theta)
        });
        let found = check(&mut objective, &gallery.theta, &gallery.blocks);
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    }

    #[test]
    fn every_right_gradient_passes() {
        for gallery in galleries() {
            let caught = blocks_caught(&gallery, &gallery.gradient, |theta| gallery.cost(theta));
            assert_eq!(caught, [""; 0], "{}", gallery.model);
        }
    }

    #[test]
    fn every_mutant_is_caught_where_it_is_wrong() {
        let mut count = 0;
        for gallery in galleries() {
            for mutant in &gallery.mutants {
                let caught = blocks_caught(&gallery, &mutant.gradient, |theta| gallery.cost_of(mutant, theta));
                assert!(!caught.is_empty());
                assert_eq!(caught, mutant.caught, "{}: {}", gallery.model, mutant.cause);
                count += 1;
            }
        }
        assert_eq!(count, 96);
    }

    #[test]
    fn at_real_size_the_slopes_along_random_directions_agree() {
        let model = Autoencoder { visible: 64, hidden: 25, ..RIGHT };
        let x = draw(64, 1000);
        let mut random = Random::new(3);
        let start: Vec<f64> = model.draw(&mut random);
        let directions: Vec<Vec<f64>> =
            (0..5).map(|_| start.iter().map(|_| random.uniform(-0.1, 0.1)).collect()).collect();
        let found = check_directions(&mut model.cost(&x), &start, &directions);
        assert!(found.passes(), "{found:?}");
        let wrong = Autoencoder { sparsity: 0.1001, ..model };
        let (mut cost, mut gradient) = (model.cost(&x), wrong.cost(&x));
        let mut mutant = FromFunction::new(start.len(), |theta: &[f64], to: &mut [f64]| {
            let cost = cost.cost_and_gradient(theta, to);
            gradient.cost_and_gradient(theta, to);
            cost
        });
        assert!(!check_directions(&mut mutant, &start, &directions).passes());
    }
}
