//! Schedules: how the rate changes from step to step.
//!
//! ε_t = ε·f(t) for the step t = 0, 1, 2, ...:
//!
//! - constant: f = 1;
//! - stairs: f = q^⌊t/n⌋, a factor q after each n steps;
//! - exponential: f = q^t;
//! - inverse: f = 1/(1 + c·t), which falls slowly enough to get anywhere, Σ ε_t = ∞, and fast enough to end up at one point
//!   although batches differ, Σ ε_t² < ∞ (H. Robbins and S. Monro, "A stochastic approximation method", 1951);
//! - cosine: up along a line in w steps of warming up, f = (t+1)/w, then down along half a wave to q at step n,
//!   f = q + (1-q)·(1 + cos(π·(t-w)/(n-w)))/2, where it stays. (I. Loshchilov and F. Hutter, "SGDR", 2017; the warming up after P.
//!   Goyal et al., "Accurate, large minibatch SGD", 2017.)
//!
//! "Small rate: slow convergence, high rate: J can increase" (source E).

use crate::number::Real;

/// f(t).
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
    /// A line up, half a wave down.
    Cosine {
        /// w, in steps; 0 for none.
        warmup: usize,
        /// n > w: where the wave ends.
        steps: usize,
        /// q, from 0 to 1: what is left at the end.
        last: f64,
    },
}

impl Schedule {
    /// f(t), the factor on the rate at step t.
    ///
    /// # Panics
    /// If a constant of the schedule is out of its range.
    pub fn at(&self, t: usize) -> f64 {
        let share = |q: f64| assert!((0.0..=1.0).contains(&q), "{self:?}: {q} is not from 0 to 1");
        match *self {
            Schedule::Constant => 1.0,
            Schedule::StepDecay { every, factor } => {
                assert!(every > 0, "{self:?}: stairs of 0 steps");
                share(factor);
                power(factor, t / every)
            }
            Schedule::Exponential { factor } => {
                share(factor);
                power(factor, t)
            }
            Schedule::Inverse { decay } => {
                assert!(decay >= 0.0, "{self:?}: {decay} is negative");
                1.0 / (1.0 + decay * t as f64)
            }
            Schedule::Cosine { warmup, steps, last } => {
                assert!(warmup < steps, "{self:?}: no step is left after warming up");
                share(last);
                if t < warmup {
                    return (t + 1) as f64 / warmup as f64;
                }
                let way = (t.min(steps) - warmup) as f64 / (steps - warmup) as f64;
                let (_, cosine) = way.sin_cos_pi();
                last + (1.0 - last) * (1.0 + cosine) / 2.0
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
    fn every_schedule_falls_after_warming_up() {
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
    #[should_panic(expected = "no step is left after warming up")]
    fn warming_up_forever_panics() {
        Schedule::Cosine { warmup: 5, steps: 5, last: 0.0 }.at(0);
    }
}
