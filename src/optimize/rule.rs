//! First-order rules: how a step is computed from the gradient alone.
//!
//! **Why.** L-BFGS needs the exact cost and gradient of all examples, since it compares them between points. On
//! minibatches each gradient is an estimate, different from batch to batch. The rules of this chapter compare no costs
//! and average over the noise: this is how networks on large data are trained.
//!
//! **Legend.** All operations are element by element, and the state of a rule starts at zero.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | g | ∇J(θ), or that of a minibatch |
//! | ε | the learning rate, > 0 |
//! | v, μ | the velocity, and the momentum that it keeps from step to step, 0 <= μ < 1 |
//! | s, ρ | a sum or a mean of squared gradients, and the mean's decay, 0 <= ρ < 1 |
//! | m, β₁, β₂ | Adam's mean of gradients, and the decays of m and s |
//! | t, g_t | the number of the step, from 1; the gradient of that step |
//! | δ | a small number > 0 that prevents a division by 0 |
//!
//! **Equations.**
//!
//! | | rule | state | step |
//! | --- | --- | --- | --- |
//! | (FO.1) | gradient descent | | θ ← θ - ε·g |
//! | (FO.2) | momentum | v ← μ·v - ε·g | θ ← θ + v |
//! | (FO.3) | Nesterov | v ← μ·v - ε·g | θ ← θ + μ·v - ε·g |
//! | (FO.4) | Adagrad | s ← s + g² | θ ← θ - ε·g/(√s + δ) |
//! | (FO.5) | RMSProp | s ← ρ·s + (1-ρ)·g² | θ ← θ - ε·g/(√s + δ) |
//! | (FO.6) | Adam | m ← β₁·m + (1-β₁)·g, s ← β₂·s + (1-β₂)·g² | θ ← θ - ε·m̂/(√ŝ + δ), m̂ = m/(1-β₁ᵗ), ŝ = s/(1-β₂ᵗ) |
//!
//! **Momentum** is a heavy ball. After t steps, v = -ε·(g_t + μ·g_(t-1) + ... + μᵗ⁻¹·g_1), since each step multiplies
//! all earlier terms by μ. Where gradients agree from step to step, they add up. Where they change sign, they cancel:
//!
//! ```text
//! (1 - μ)·(1 + μ + ... + μᵗ⁻¹) = 1 - μᵗ → 1                          all but two terms cancel
//! g, g, g, ...:      v = -ε·g·(1 + μ + μ² + ...) → -ε·g/(1-μ)        10 times as far for μ = 0.9
//! g, -g, g, ...:     |v| = ε·|g|·|1 - μ + μ² - ...| → ε·|g|/(1+μ)    about half as far
//! ```
//!
//! **Nesterov's** ball looks ahead: its gradient is that of the point to which the ball would roll, so that it brakes
//! before a slope rises and not after. With the ball at x, that point is θ = x + μ·v, and the rule reads
//!
//! ```text
//! v' = μ·v - ε·∇J(x + μ·v),  x' = x + v'
//! ```
//!
//! Here θ is stored and passed to the objective: θ' = x' + μ·v' = (θ - μ·v) + v' + μ·v' = θ + μ·v' - ε·g, by
//! v' - μ·v = -ε·g. This is (FO.3).
//!
//! **Adagrad, RMSProp and Adam** divide each element by the size of its past gradients, so that steep and flat
//! directions advance alike. The rate is then about the length of a step in each element for RMSProp and Adam.
//! Adagrad's s only grows: for a constant g it is t·g², and step t has the length ε/√t.
//!
//! **Adam's bias.** m starts at zero, so the first means are too small: the weights of the gradients do not add up
//! to 1. By the sum above, with β₁ for μ,
//!
//! ```text
//! m = (1-β₁)·(g_t + β₁·g_(t-1) + ... + β₁ᵗ⁻¹·g_1)          after t steps
//! (1-β₁)·(1 + β₁ + ... + β₁ᵗ⁻¹) = 1 - β₁ᵗ                  the sum of the weights
//! ```
//!
//! If all gradients have the same mean ḡ, m has the mean (1-β₁ᵗ)·ḡ. Divided by the sum of its weights, m̂ = m/(1-β₁ᵗ)
//! has the mean ḡ: it is a weighted mean of the gradients, with weights that add up to 1. In the same way, ŝ is a
//! weighted mean of their squares. The bias matters most for s: with β₂ = 0.999, s is 0.001·g² after the first step,
//! and g/√s would be 32 times too large.
//!
//! **By hand.** J = x², so g = 2x, from x = 1 with ε = 0.1 and μ = 0.5; the first two points of each rule:
//!
//! | rule | first | second |
//! | --- | --- | --- |
//! | gradient descent | 1 - 0.2 = 0.8 | 0.8 - 0.16 = 0.64 |
//! | momentum | v = -0.2: 0.8 | v = -0.1 - 0.16: 0.54 |
//! | Nesterov | v = -0.2: 1 - 0.1 - 0.2 = 0.7 | v = -0.1 - 0.14: 0.7 - 0.12 - 0.14 = 0.44 |
//! | Adagrad | s = 4: 1 - 0.1·2/2 = 0.9 | s = 4 + 3.24: 0.9 - 0.1·1.8/2.69 = 0.833 |
//! | RMSProp, ρ = ¼ | s = ¾·4: 1 - 0.1·2/1.73 = 0.885 | s = ¾ + ¾·3.13: 0.885 - 0.1·1.77/1.76 = 0.784 |
//! | Adam | m̂ = 2, ŝ = 4 for any β: 1 - 0.1·2/2 = 0.9 | |
//!
//! Sources: B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; I. Sutskever, J.
//! Martens, G. Dahl and G. Hinton, "On the importance of initialization and momentum in deep learning", 2013, formulas
//! 1 to 4; Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu, "Advances in optimizing recurrent networks", 2013,
//! formula 7 (FO.3); J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods", 2011; T. Tieleman and G. Hinton,
//! "Lecture 6.5: rmsprop", 2012; D. Kingma and J. Ba, "Adam", 2015, algorithm 1. Source E has momentum without a rate
//! and uphill (see NOTES.md).

use crate::machine::size;
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// How a step is computed from the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UpdateRule {
    /// The gradient itself.
    GradientDescent,
    /// The heavy ball.
    Momentum {
        /// μ, from 0 to below 1.
        momentum: f64,
    },
    /// The heavy ball that looks ahead.
    Nesterov {
        /// μ, from 0 to below 1.
        momentum: f64,
    },
    /// The gradient, divided by the root of the sum of its squares.
    Adagrad {
        /// δ > 0.
        delta: f64,
    },
    /// The gradient, divided by the root of a moving average of its squares.
    RmsProp {
        /// ρ, from 0 to below 1.
        decay: f64,
        /// δ > 0.
        delta: f64,
    },
    /// The moving average of the gradients, divided by the root of that of their squares.
    Adam {
        /// β₁ and β₂, from 0 to below 1.
        decays: [f64; 2],
        /// δ > 0.
        delta: f64,
    },
}

/// The state of a rule between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState<T> {
    /// v, s, or m; empty for gradient descent.
    pub first: Vec<T>,
    /// Adam's s; empty for the other rules.
    pub second: Vec<T>,
    /// β₁ᵗ and β₂ᵗ after t steps.
    pub powers: [f64; 2],
}

impl UpdateRule {
    /// Momentum, μ = 0.9.
    pub const MOMENTUM: UpdateRule = UpdateRule::Momentum { momentum: 0.9 };
    /// Nesterov's momentum, μ = 0.9.
    pub const NESTEROV: UpdateRule = UpdateRule::Nesterov { momentum: 0.9 };
    /// Adagrad, δ = 10⁻⁸.
    pub const ADAGRAD: UpdateRule = UpdateRule::Adagrad { delta: 1e-8 };
    /// RMSProp, ρ = 0.9, δ = 10⁻⁸.
    pub const RMSPROP: UpdateRule = UpdateRule::RmsProp { decay: 0.9, delta: 1e-8 };
    /// Adam with its authors' constants, β₁ = 0.9, β₂ = 0.999, δ = 10⁻⁸.
    pub const ADAM: UpdateRule = UpdateRule::Adam { decays: [0.9, 0.999], delta: 1e-8 };
    /// Every rule, with its usual constants.
    pub const ALL: [UpdateRule; 6] =
        [Self::GradientDescent, Self::MOMENTUM, Self::NESTEROV, Self::ADAGRAD, Self::RMSPROP, Self::ADAM];

    /// The state before the first step, for `dimension` parameters.
    ///
    /// # Panics
    /// If a constant of the rule is out of its range, or there is no memory for it.
    pub fn state<T: Real>(&self, dimension: usize) -> OptimizerState<T> {
        let below_one = |x: f64| assert!((0.0..1.0).contains(&x), "{self:?}: {x} is not from 0 to below 1");
        let positive = |x: f64| assert!(x > 0.0 && x.is_finite(), "{self:?}: {x} is not positive");
        let vectors = match *self {
            UpdateRule::GradientDescent => 0,
            UpdateRule::Momentum { momentum } | UpdateRule::Nesterov { momentum } => {
                below_one(momentum);
                1
            }
            UpdateRule::Adagrad { delta } => {
                positive(delta);
                1
            }
            UpdateRule::RmsProp { decay, delta } => {
                below_one(decay);
                positive(delta);
                1
            }
            UpdateRule::Adam { decays, delta } => {
                decays.into_iter().for_each(below_one);
                positive(delta);
                2
            }
        };
        size::claim::<T>(if vectors > 0 { dimension } else { 0 });
        let zeros = |wanted: bool| vec![T::ZERO; if wanted { dimension } else { 0 }];
        OptimizerState { first: zeros(vectors > 0), second: zeros(vectors > 1), powers: [1.0; 2] }
    }

    /// Moves `theta` by one step at this rate.
    ///
    /// # Panics
    /// If the gradient has another length than `theta`, or the state belongs to another rule or dimension.
    pub fn step<T: Real>(&self, rate: f64, gradient: &[T], state: &mut OptimizerState<T>, theta: &mut [T]) {
        assert_eq!(gradient.len(), theta.len(), "gradient and parameters");
        let OptimizerState { first, second, powers } = state;
        let constant = T::from_f64;
        let rate = constant(rate);
        match *self {
            UpdateRule::GradientDescent => {
                for (x, &g) in theta.iter_mut().zip(gradient) {
                    *x -= rate * g; // (FO.1)
                }
            }
            UpdateRule::Momentum { momentum } => {
                let mu = constant(momentum);
                each(theta, gradient, first, |x, g, v| {
                    *v = mu * *v - rate * g;
                    *x += *v; // (FO.2)
                });
            }
            UpdateRule::Nesterov { momentum } => {
                let mu = constant(momentum);
                each(theta, gradient, first, |x, g, v| {
                    *v = mu * *v - rate * g;
                    *x += mu * *v - rate * g; // (FO.3)
                });
            }
            UpdateRule::Adagrad { delta } => {
                let delta = constant(delta);
                each(theta, gradient, first, |x, g, s| {
                    *s += g * g;
                    *x -= rate * g / (s.sqrt() + delta); // (FO.4)
                });
            }
            UpdateRule::RmsProp { decay, delta } => {
                let [rho, one_minus_rho, delta] = [decay, 1.0 - decay, delta].map(constant);
                each(theta, gradient, first, |x, g, s| {
                    *s = rho * *s + one_minus_rho * (g * g);
                    *x -= rate * g / (s.sqrt() + delta); // (FO.5)
                });
            }
            UpdateRule::Adam { decays, delta } => {
                assert_eq!(second.len(), theta.len(), "state and parameters");
                *powers = [powers[0] * decays[0], powers[1] * decays[1]];
                let [beta1, beta2] = decays.map(constant);
                let [one_minus_beta1, one_minus_beta2] = decays.map(|beta| constant(1.0 - beta));
                let [bias1, bias2] = powers.map(|power| constant(1.0 - power));
                let delta = constant(delta);
                let mut second = second.iter_mut();
                each(theta, gradient, first, |x, g, m| {
                    let Some(s) = second.next() else { return };
                    *m = beta1 * *m + one_minus_beta1 * g;
                    *s = beta2 * *s + one_minus_beta2 * (g * g);
                    *x -= rate * (*m / bias1) / ((*s / bias2).sqrt() + delta); // (FO.6)
                });
            }
        }
    }
}

/// Calls `step` with each parameter, its gradient, and its element of the state.
#[inline(always)]
fn each<T: Real>(theta: &mut [T], gradient: &[T], state: &mut [T], mut step: impl FnMut(&mut T, T, &mut T)) {
    assert_eq!(state.len(), theta.len(), "state and parameters");
    for ((x, &g), v) in theta.iter_mut().zip(gradient).zip(state) {
        step(x, g, v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points of the rule from x in `steps` steps; the gradient is a function of x.
    fn walk(rule: UpdateRule, rate: f64, x: f64, steps: usize, slope: impl Fn(f64) -> f64) -> Vec<f64> {
        let (mut state, mut theta) = (rule.state(1), [x]);
        let mut path = Vec::new();
        for _ in 0..steps {
            rule.step(rate, &[slope(theta[0])], &mut state, &mut theta);
            path.push(theta[0]);
        }
        path
    }

    #[track_caller]
    fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (x, e) in found.iter().zip(expected) {
            assert!((x - e).abs() <= 1e-12 * e.abs().max(1.0), "{found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn two_steps_by_hand() {
        // J = x², g = 2x, from x = 1 with ε = 0.1.
        let two = |rule| walk(rule, 0.1, 1.0, 2, |x| 2.0 * x);
        // 1 - 0.2 = 0.8; 0.8 - 0.16 = 0.64.
        assert_close(&two(UpdateRule::GradientDescent), &[0.8, 0.64]);
        // v = -0.2; v = 0.5·(-0.2) - 0.16 = -0.26.
        assert_close(&two(UpdateRule::Momentum { momentum: 0.5 }), &[0.8, 0.54]);
        // 1 + 0.5·(-0.2) - 0.2 = 0.7; v = -0.1 - 0.14 = -0.24, 0.7 - 0.12 - 0.14 = 0.44.
        assert_close(&two(UpdateRule::Nesterov { momentum: 0.5 }), &[0.7, 0.44]);
        // s = 4, g/√s = 1: 0.9; s = 4 + 3.24, 1.8/√7.24 = 0.668964731622450.
        assert_close(&two(UpdateRule::Adagrad { delta: 1e-300 }), &[0.9, 0.9 - 0.066_896_473_162_245]);
        // s = ¾·4 = 3, 2/√3; x = 0.884529946162075; s = ¾ + ¾·g², g = 1.76905989232415.
        let x = 1.0 - 0.2 / 3.0f64.sqrt();
        let s = 0.75 + 0.75 * 4.0 * x * x;
        let rule = UpdateRule::RmsProp { decay: 0.25, delta: 1e-300 };
        assert_close(&two(rule), &[0.884_529_946_162_075, x - 0.2 * x / s.sqrt()]);
        // m̂ = g and ŝ = g² in the first step, for any β.
        let first = two(UpdateRule::Adam { decays: [0.7, 0.9], delta: 1e-300 })[0];
        assert_close(&[first], &[0.9]);
    }

    #[test]
    fn rules_equal_the_formulas_of_their_sources() {
        let slope = |x: f64| x.exp() - 2.0 + x;
        let (rate, n) = (0.05, 40);
        let run = |rule| walk(rule, rate, 1.5, n, slope);

        // Polyak: x_(k+1) = x_k - ε·∇J(x_k) + μ·(x_k - x_(k-1)).
        let (mut path, mut x, mut before) = (Vec::new(), 1.5, 1.5);
        for _ in 0..n {
            (x, before) = (x - rate * slope(x) + 0.9 * (x - before), x);
            path.push(x);
        }
        assert_close(&run(UpdateRule::MOMENTUM), &path);

        // Sutskever et al., formulas 3 and 4: v ← μ·v - ε·∇J(x + μ·v), x ← x + v. What we store is x + μ·v.
        let (mut path, mut x, mut v) = (Vec::new(), 1.5, 0.0);
        for _ in 0..n {
            v = 0.9 * v - rate * slope(x + 0.9 * v);
            x += v;
            path.push(x + 0.9 * v);
        }
        assert_close(&run(UpdateRule::NESTEROV), &path);

        // Duchi et al., for one parameter: x ← x - ε·g/(δ + ‖(g_1, ..., g_t)‖).
        let (mut path, mut x, mut seen) = (Vec::new(), 1.5, Vec::new());
        for _ in 0..n {
            let g = slope(x);
            seen.push(g);
            x -= rate * g / (1e-8 + seen.iter().fold(0.0, |sum, g: &f64| sum + g * g).sqrt());
            path.push(x);
        }
        assert_close(&run(UpdateRule::ADAGRAD), &path);

        // Tieleman and Hinton: MeanSquare = 0.9·MeanSquare + 0.1·g², written here as a sum.
        let (mut path, mut x, mut seen) = (Vec::new(), 1.5, Vec::new());
        for _ in 0..n {
            let g = slope(x);
            seen.push(g);
            let age = |i: usize| (seen.len() - 1 - i) as i32;
            let mean = (0..seen.len()).fold(0.0, |sum, i| sum + 0.1 * 0.9f64.powi(age(i)) * seen[i] * seen[i]);
            x -= rate * g / (mean.sqrt() + 1e-8);
            path.push(x);
        }
        assert_close(&run(UpdateRule::RMSPROP), &path);

        // Kingma and Ba, algorithm 1.
        let (mut path, mut x, mut m, mut v) = (Vec::new(), 1.5, 0.0, 0.0);
        for t in 1..=n as i32 {
            let g = slope(x);
            m = 0.9 * m + (1.0 - 0.9) * g;
            v = 0.999 * v + (1.0 - 0.999) * g * g;
            let m_hat = m / (1.0 - 0.9f64.powi(t));
            let v_hat = v / (1.0 - 0.999f64.powi(t));
            x -= rate * m_hat / (v_hat.sqrt() + 1e-8);
            path.push(x);
        }
        assert_close(&run(UpdateRule::ADAM), &path);
    }

    #[test]
    fn without_momentum_a_ball_is_gradient_descent() {
        let slope = |x: f64| 3.0 * x;
        let plain = walk(UpdateRule::GradientDescent, 0.1, 1.0, 20, slope);
        assert_eq!(walk(UpdateRule::Momentum { momentum: 0.0 }, 0.1, 1.0, 20, slope), plain);
        assert_eq!(walk(UpdateRule::Nesterov { momentum: 0.0 }, 0.1, 1.0, 20, slope), plain);
    }

    #[test]
    fn source_e_adds_a_mean_gradient_and_climbs() {
        // Δθ ← α·Δθ + (1-α)·∂J, then θ ← θ + Δθ, on J = x²: away from the minimum at 0.
        let (mut x, mut change) = (1.0, 0.0);
        for _ in 0..20 {
            change = 0.9 * change + 0.1 * 2.0 * x;
            x += change;
        }
        assert!(x > 50.0, "{x}");
        // With the sign and a rate, θ ← θ - ε·Δθ, it is momentum at the rate (1-α)·ε.
        let (mut path, mut x, mut change) = (Vec::new(), 1.0, 0.0);
        for _ in 0..20 {
            change = 0.9 * change + 0.1 * 2.0 * x;
            x -= 0.5 * change;
            path.push(x);
        }
        assert_close(&walk(UpdateRule::MOMENTUM, 0.1 * 0.5, 1.0, 20, |x| 2.0 * x), &path);
    }

    #[test]
    fn a_ball_that_looks_ahead_swings_less() {
        // J = ½x², ε = 0.1: both paths obey x_(k+1) = p·x_k - q·x_(k-1), whose swings shrink by √q a step; q = μ for
        // the classical ball, q = μ·(1-ε) for the one that looks ahead. By Casorati, q is a ratio of determinants.
        for (rule, q) in [(UpdateRule::MOMENTUM, 0.9), (UpdateRule::NESTEROV, 0.9 * 0.9)] {
            let path = walk(rule, 0.1, 1.0, 20, |x| x);
            let determinant = |k: usize| path[k] * path[k] - path[k - 1] * path[k + 1];
            for k in 1..18 {
                assert!((determinant(k + 1) / determinant(k) - q).abs() < 1e-10, "{rule:?} after {k} steps");
            }
        }
        let furthest = |rule| walk(rule, 0.1, 1.0, 100, |x| x).into_iter().fold(0.0, |least: f64, x| least.min(x));
        assert!(furthest(UpdateRule::MOMENTUM) < -0.6 && furthest(UpdateRule::NESTEROV) > -0.4);
    }

    #[test]
    fn adaptive_rules_do_not_see_the_scale_of_the_cost() {
        for rule in [UpdateRule::ADAGRAD, UpdateRule::RMSPROP, UpdateRule::ADAM] {
            let [small, large] = [1.0, 1e6].map(|scale| walk(rule, 0.01, 1.0, 50, |x| scale * x));
            for (a, b) in small.iter().zip(&large) {
                assert!((a - b).abs() < 1e-6, "{rule:?}: {a} {b}");
            }
        }
    }

    #[test]
    fn a_gradient_of_zero_moves_nothing() {
        for rule in UpdateRule::ALL {
            assert_eq!(walk(rule, 0.1, 1.0, 3, |_| 0.0), [1.0; 3], "{rule:?}");
        }
    }

    #[test]
    #[should_panic(expected = "1 is not from 0 to below 1")]
    fn a_momentum_of_one_panics() {
        UpdateRule::Momentum { momentum: 1.0 }.state::<f32>(1);
    }
}
