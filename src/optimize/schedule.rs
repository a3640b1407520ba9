//! Schedules: how the learning rate changes from step to step.
//!
//! **Why.** "Small rate: slow convergence, high rate: J can increase" (source E). A high rate advances fast, but its
//! steps jump back and forth over the minimum, and on minibatches the noise of the gradients keeps them jumping. So a
//! rate that starts high and falls combines fast progress with a final convergence.
//!
//! **Equations.** The rate of step t = 0, 1, 2, ... is ε_t = ε·f(t), with
//!
//! | | schedule | f(t) | constants |
//! | --- | --- | --- | --- |
//! | (SC.1) | constant | 1 | |
//! | (SC.2) | step decay | q^⌊t/n⌋ | a factor q after each n steps |
//! | (SC.3) | exponential | q^t | a factor q after each step |
//! | (SC.4) | inverse | 1/(1 + c·t) | c |
//! | (SC.5) | cosine, warmup | (t+1)/w for t < w | w steps of warmup, along a line |
//! | (SC.6) | cosine, decay | q + (1-q)·(1 + cos(π·(t-w)/(n-w)))/2 | half a wave down to q at step n; q afterward |
//!
//! Robbins and Monro showed that noisy steps converge if Σ ε_t = ∞, so that any distance can be covered, and Σ ε_t² <
//! ∞, so that the noise dies out. Of these schedules (SC.4) meets both: Σ 1/(1 + c·t) grows like ln t without bound,
//! and Σ 1/(1 + c·t)² stays finite. For a constant rate, the second sum is infinite. For (SC.3) and q < 1, the first
//! sum is finite, ε/(1 - q), and so is that of (SC.2), n·ε/(1 - q).
//!
//! Why warmup: at random initial parameters the gradient is large and changes direction from step to step. The full
//! rate would throw θ far away, and the averages of a [rule](super::rule) consist of a few gradients only.
//!
//! **By hand**, ε = 0.5 at t = 20. Step decay with q = 0.1 and n = 10 gives 0.5·0.1² = 0.005. Inverse with c = 0.1
//! gives 0.5/3 = 0.167. Cosine with w = 0, n = 40 and q = 0 is halfway down, 0.25.
//!
//! Sources: H. Robbins and S. Monro, "A stochastic approximation method", 1951 (SC.4); I. Loshchilov and F. Hutter,
//! "SGDR", 2017 (SC.6); P. Goyal et al., "Accurate, large minibatch SGD", 2017 (SC.5).

use crate::number::Real;

/// The factor f(t) on the learning rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    /// 1.
    Constant,
    /// q^⌊t/n⌋.
    StepDecay {
        /// n > 0.
        every: usize,
        /// q, from 0 to 1.
        factor: f64,
    },
    /// q^t.
    Exponential {
        /// q, from 0 to 1.
        factor: f64,
    },
    /// 1/(1 + c·t).
    Inverse {
        /// c >= 0.
        decay: f64,
    },
    /// A line up, then half a cosine wave down.
    Cosine {
        /// w, in steps; 0 for none.
        warmup: usize,
        /// n > w: the step at which the wave ends.
        steps: usize,
        /// q, from 0 to 1: the factor at the end.
        last: f64,
    },
}

impl Schedule {
    /// f(t), the factor on the rate at step `t`.
    ///
    /// # Panics
    /// If a constant of the schedule is out of its range.
    pub fn at(&self, t: usize) -> f64 {
        let check_fraction = |q: f64| assert!((0.0..=1.0).contains(&q), "{self:?}: {q} is not from 0 to 1");
        match *self {
            Schedule::Constant => 1.0, // (SC.1)
            Schedule::StepDecay { every, factor } => {
                assert!(every > 0, "{self:?}: a decay every 0 steps");
                check_fraction(factor);
                power(factor, t / every) // (SC.2)
            }
            Schedule::Exponential { factor } => {
                check_fraction(factor);
                power(factor, t) // (SC.3)
            }
            Schedule::Inverse { decay } => {
                assert!(decay >= 0.0, "{self:?}: {decay} is negative");
                1.0 / (1.0 + decay * t as f64) // (SC.4)
            }
            Schedule::Cosine { warmup, steps, last } => {
                assert!(warmup < steps, "{self:?}: no step is left after the warmup");
                check_fraction(last);
                if t < warmup {
                    return (t + 1) as f64 / warmup as f64; // (SC.5)
                }
                let phase = (t.min(steps) - warmup) as f64 / (steps - warmup) as f64;
                let (_, cosine) = phase.sin_cos_pi();
                last + (1.0 - last) * (1.0 + cosine) / 2.0 // (SC.6)
            }
        }
    }
}

/// q^n by squaring: the same bits everywhere.
fn power(q: f64, mut n: usize) -> f64 {
    let (mut result, mut square) = (1.0, q);
    while n > 0 {
        if n % 2 == 1 {
            result *= square;
        }
        square *= square;
        n /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_by_hand() {
        let at = |schedule: Schedule, steps: [usize; 4]| steps.map(|t| schedule.at(t));
        assert_eq!(at(Schedule::Constant, [0, 1, 9, 1000]), [1.0; 4]);
        assert_eq!(at(Schedule::StepDecay { every: 10, factor: 0.5 }, [0, 9, 10, 39]), [1.0, 1.0, 0.5, 0.125]);
        assert_eq!(at(Schedule::Exponential { factor: 0.5 }, [0, 1, 2, 13]), [1.0, 0.5, 0.25, 1.0 / 8192.0]);
        assert_eq!(at(Schedule::Inverse { decay: 0.5 }, [0, 1, 2, 6]), [1.0, 1.0 / 1.5, 0.5, 0.25]);
        let cosine = Schedule::Cosine { warmup: 4, steps: 12, last: 0.0 };
        assert_eq!(at(cosine, [0, 1, 3, 4]), [0.25, 0.5, 1.0, 1.0]);
        // A quarter, half, and the whole of the wave: (1 + cos(π/4))/2, ½, 0.
        let later = at(cosine, [6, 8, 12, 99]);
        assert!((later[0] - 0.853_553_390_593_273_8).abs() < 1e-15, "{later:?}");
        assert_eq!(later[1..], [0.5, 0.0, 0.0]);
        assert_eq!(Schedule::Cosine { warmup: 0, steps: 2, last: 0.5 }.at(1), 0.75);
    }

    #[test]
    fn every_schedule_falls_after_its_warmup() {
        for schedule in [
            Schedule::StepDecay { every: 7, factor: 0.3 },
            Schedule::Exponential { factor: 0.97 },
            Schedule::Inverse { decay: 0.1 },
            Schedule::Cosine { warmup: 0, steps: 100, last: 0.01 },
        ] {
            assert!((0..200).all(|t| schedule.at(t + 1) <= schedule.at(t) && schedule.at(t) >= 0.0), "{schedule:?}");
            assert!(schedule.at(100) < 0.2, "{schedule:?}");
        }
    }

    #[test]
    #[should_panic(expected = "no step is left after the warmup")]
    fn an_endless_warmup_panics() {
        Schedule::Cosine { warmup: 5, steps: 5, last: 0.0 }.at(0);
    }
}
