//! Mutants: gradients with one mistake each, which the gradient check must find in the right blocks.
//!
//! The mutants are in `src/tutorial/workbook/mutants/`, since the tutor of the workbook knows them too.

use ossicle::model::Autoencoder;
use ossicle::number::Random;
use ossicle::optimize::Objective;
use ossicle::optimize::check::{check, check_directions};
use ossicle::optimize::objective::FromFunction;
use ossicle::tutorial::workbook::mutants::autoencoder::RIGHT;
use ossicle::tutorial::workbook::mutants::{Gallery, draw, galleries};

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
    let directions: Vec<Vec<f64>> = (0..5).map(|_| start.iter().map(|_| random.uniform(-0.1, 0.1)).collect()).collect();
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
