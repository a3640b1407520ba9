//! A penalty for units that respond too often
//!
//! A unit that responds to every example says little about any of them. So the cost contains a
//! penalty on the mean activation ρ̂_j of each unit. The penalty is smallest where ρ̂_j equals the
//! target ρ:
//!
//!   ρ̂_j = (1/m) Σ_x a2_j                                    (AE.3)
//!   KL(ρ‖ρ̂) = ρ ln(ρ/ρ̂) + (1-ρ) ln((1-ρ)/(1-ρ̂))            (AE.6)
//!
//! Back-propagation needs s, m times the slope of β KL with respect to the activation on one
//! example (m cancels the 1/m of ρ̂):
//!
//!   s = β ∂KL/∂ρ̂                                            (AE.10)
//!
//! Write the mean of each unit, and KL. Then differentiate KL with respect to ρ̂, and write s.

use ossicle::tutorial::workbook::tutor;

/// ρ̂ of all hidden units, n_h values: a2 is m rows, one for each example, of n_h activations.
pub fn mean_activations(a2: &[Vec<f64>]) -> Vec<f64> {
    let mut rho_hat = vec![0.0; a2[0].len()];
    // solution
    for n in 0..a2.len() {
        for j in 0..rho_hat.len() {
            rho_hat[j] += a2[n][j] / a2.len() as f64; // (AE.3)
        }
    }
    rho_hat
    // end
}

/// KL(ρ‖ρ̂) of one unit.
pub fn divergence(rho: f64, rho_hat: f64) -> f64 {
    // solution
    rho * (rho / rho_hat).ln() + (1.0 - rho) * ((1.0 - rho) / (1.0 - rho_hat)).ln() // (AE.6)
    // end
}

/// s of one unit: the slope of β KL with respect to ρ̂.
pub fn slope(rho: f64, rho_hat: f64, beta: f64) -> f64 {
    // solution
    beta * ((1.0 - rho) / (1.0 - rho_hat) - rho / rho_hat) // (AE.10)
    // end
}

/// Unit 0: (0.2 + 0.4 + 0.6)/3 = 0.4. Unit 1: (0.5 + 0.5 + 0.8)/3 = 0.6.
#[test]
fn each_unit_has_its_mean_over_the_examples() {
    let a2 = [vec![0.2, 0.5], vec![0.4, 0.5], vec![0.6, 0.8]];
    tutor::all_near(&mean_activations(&a2), &[0.4, 0.6], 1e-12);
}

/// The chapter's example: 0.1·ln 0.2 + 0.9·ln 1.8 = 0.36806, and 3·(0.9/0.5 - 0.1/0.5) = 4.8.
#[test]
fn a_unit_that_responds_too_often_is_pushed_down() {
    tutor::near(divergence(0.1, 0.5), 0.36806, 1e-5);
    tutor::near(slope(0.1, 0.5, 3.0), 4.8, 1e-12);
}

/// At ρ̂ = ρ both logarithms are ln 1 = 0, and s = β·(1 - 1). On both sides KL is positive: 0.2·ln 2 + 0.8·ln(8/9) =
/// 0.0444 and 0.2·ln ½ + 0.8·ln(4/3) = 0.0915. At ρ̂ = 0.1 and ρ = 0.2, s = 9·(0.8/0.9 - 0.2/0.1) = -10.
#[test]
fn the_penalty_is_smallest_at_the_target() {
    tutor::near(divergence(0.2, 0.2), 0.0, 1e-12);
    tutor::near(divergence(0.2, 0.1), 0.0444, 1e-4);
    tutor::near(divergence(0.2, 0.4), 0.0915, 1e-4);
    tutor::near(slope(0.2, 0.2, 9.0), 0.0, 1e-12);
    tutor::near(slope(0.2, 0.1, 9.0), -10.0, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::sparsity::check(mean_activations, divergence, slope);
}

// hint: For `mean_activations`, ask what m counts: the rows of a2. `divergence` is (AE.6) as it stands; in Rust, ln u
//   is `u.ln()`. For `slope`, first find out where ρ̂ occurs in KL.
// hint: `mean_activations` needs two loops, over the examples n and over the units j. For `slope`, write the logarithm
//   of each quotient as a difference, such as ln ρ - ln ρ̂. Only ln ρ̂ and ln(1-ρ̂) depend on ρ̂. The derivative of
//   ln ρ̂ is 1/ρ̂, and that of ln(1-ρ̂) is -1/(1-ρ̂).
// hint: `mean_activations`: add `a2[n][j] / a2.len() as f64` to `rho_hat[j]`. `divergence`: the first term is
//   `rho * (rho / rho_hat).ln()`, and the second has `1.0 - rho` and `1.0 - rho_hat` in place of `rho` and `rho_hat`.
//   `slope`: ∂KL/∂ρ̂ = -ρ/ρ̂ + (1-ρ)/(1-ρ̂); multiply the whole difference by β.
