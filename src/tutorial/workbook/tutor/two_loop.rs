//! The two loops of L-BFGS.

use crate::number::Random;
use crate::number::sum::{axpy, dot};
use crate::optimize::two_loop::by_definition;
use crate::tutorial::workbook::judge::{Judge, Part};
use core::ops::Range;
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// The steps, the changes of the gradient, and the gradient.
type Input = (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<f64>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    Uphill,
    FirstLoopForward,
    SecondLoopBackward,
    FirstLoopAddsSteps,
    FirstLoopAdds,
    SecondLoopAddsChanges,
    OldestScale,
    NoScale,
    InverseScale,
    ScaleByStep,
    OtherScale,
    NoRho,
    AlphaFromGradient,
    AlphaFromNegativeGradient,
    AlphaInside,
    BetaFromSteps,
    BetaInside,
    BothInside,
    NoBeta,
    SwappedSign,
    NewAlpha,
    OneAlpha,
}

impl Mistake {
    const ALL: [(Mistake, &'static str); 22] = [
        (Mistake::Uphill, "q starts as g, not as -g"),
        (Mistake::FirstLoopForward, "the first loop takes the oldest pair first"),
        (Mistake::SecondLoopBackward, "the second loop takes the newest pair first"),
        (Mistake::FirstLoopAddsSteps, "s_i in place of y_i in (QN.5)"),
        (Mistake::FirstLoopAdds, "+ in place of - in (QN.5)"),
        (Mistake::SecondLoopAddsChanges, "y_i in place of s_i in (QN.8)"),
        (Mistake::OldestScale, "γ of the oldest pair, not of the newest"),
        (Mistake::NoScale, "the multiplication by γ is forgotten"),
        (Mistake::InverseScale, "γ is inverted, (y·y)/(s·y)"),
        (Mistake::ScaleByStep, "γ is (s·y)/(s·s) in place of (s·y)/(y·y)"),
        (Mistake::OtherScale, "γ is (s·s)/(s·y) in place of (s·y)/(y·y)"),
        (Mistake::NoRho, "ρ_i is forgotten in (QN.4) and (QN.7)"),
        (Mistake::AlphaFromGradient, "α_i is computed from g in place of the current q"),
        (Mistake::AlphaFromNegativeGradient, "α_i is computed from -g in place of the current q"),
        (Mistake::AlphaInside, "α_i is computed inside the loop over the elements, from a q that is partly changed"),
        (Mistake::BetaFromSteps, "s_i in place of y_i in (QN.7)"),
        (Mistake::BetaInside, "β is computed inside the loop over the elements, from a q that is partly changed"),
        (
            Mistake::BothInside,
            "α_i and β are computed inside the loops over the elements, from a q that is partly changed",
        ),
        (Mistake::NoBeta, "β is forgotten in (QN.8)"),
        (Mistake::SwappedSign, "β - α_i in place of α_i - β"),
        (Mistake::NewAlpha, "α_i is computed again in the second loop, from the new q"),
        (Mistake::OneAlpha, "one variable for all α_i: in the second loop it is that of the oldest pair"),
    ];

    /// The direction with this mistake.
    fn direction(self, (s, y, gradient): &Input) -> Vec<f64> {
        let m = s.len();
        let order = |backward: bool| (0..m).map(move |i| if backward { m - 1 - i } else { i });
        let n = gradient.len();
        let rho = |i: usize| if self == Mistake::NoRho { 1.0 } else { 1.0 / dot(&s[i], &y[i]) };
        let is_inside = |of_one: Mistake| self == of_one || self == Mistake::BothInside;
        let sign = if self == Mistake::Uphill { 1.0 } else { -1.0 };
        let mut q: Vec<f64> = gradient.iter().map(|g| sign * g).collect();
        let mut alpha = vec![0.0; m];
        for i in order(self != Mistake::FirstLoopForward) {
            for range in ranges(n, is_inside(Mistake::AlphaInside)) {
                alpha[i] = rho(i)
                    * match self {
                        Mistake::AlphaFromGradient => dot(&s[i], gradient),
                        Mistake::AlphaFromNegativeGradient => -dot(&s[i], gradient),
                        _ => dot(&s[i], &q),
                    };
                let factor = if self == Mistake::FirstLoopAdds { alpha[i] } else { -alpha[i] };
                let vector = if self == Mistake::FirstLoopAddsSteps { &s[i] } else { &y[i] };
                axpy(factor, &vector[range.clone()], &mut q[range]);
            }
        }
        let pair = if self == Mistake::OldestScale { 0 } else { m - 1 };
        let gamma = dot(&s[pair], &y[pair]) / dot(&y[pair], &y[pair]);
        let scale = match self {
            Mistake::NoScale => 1.0,
            Mistake::InverseScale => 1.0 / gamma,
            Mistake::ScaleByStep => dot(&s[pair], &y[pair]) / dot(&s[pair], &s[pair]),
            Mistake::OtherScale => dot(&s[pair], &s[pair]) / dot(&s[pair], &y[pair]),
            _ => gamma,
        };
        q.iter_mut().for_each(|q| *q *= scale);
        for i in order(self == Mistake::SecondLoopBackward) {
            for range in ranges(n, is_inside(Mistake::BetaInside)) {
                let beta = rho(i) * dot(if self == Mistake::BetaFromSteps { &s[i] } else { &y[i] }, &q);
                let factor = match self {
                    Mistake::NoBeta => alpha[i],
                    Mistake::OneAlpha => alpha[0] - beta,
                    Mistake::SwappedSign => beta - alpha[i],
                    Mistake::NewAlpha => rho(i) * dot(&s[i], &q) - beta,
                    _ => alpha[i] - beta,
                };
                let vector = if self == Mistake::SecondLoopAddsChanges { &y[i] } else { &s[i] };
                axpy(factor, &vector[range.clone()], &mut q[range]);
            }
        }
        q
    }
}

/// The elements that are changed by one factor: all, or each for itself.
fn ranges(n: usize, each: bool) -> Vec<Range<usize>> {
    if each { (0..n).map(|j| j..j + 1).collect() } else { vec![0..n; 1] }
}

fn part(d: Vec<f64>) -> Vec<Part> {
    vec![("direction", d)]
}

fn judge() -> Judge<Input> {
    let by_hand = (vec![vec![-1.0, -1.0], vec![-1.0, 0.0]], vec![vec![-1.0, -4.0], vec![-1.0, 0.0]], vec![2.0, 8.0]);
    let name = "s_0 = (-1, -1), s_1 = (-1, 0), y_0 = (-1, -4), y_1 = (-1, 0), g = (2, 8)".to_string();
    let mut inputs = vec![(name, by_hand)];
    let mut random = Random::new(1);
    for (pairs, n) in [(1, 3), (3, 5), (4, 2)] {
        let mut draw = || (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>();
        // The gradient of a cost with curvatures from 1 on and a coupling of all parameters, so that s·y > 0.
        let change = |s: &Vec<f64>| {
            let sum = s.iter().fold(0.0, |sum, s| sum + s);
            s.iter().enumerate().map(|(j, s)| (1.0 + j as f64) * s + 0.3 * sum).collect()
        };
        let s: Vec<Vec<f64>> = (0..pairs).map(|_| draw()).collect();
        let (y, gradient) = (s.iter().map(change).collect(), draw());
        let plural = if pairs == 1 { "pair" } else { "pairs" };
        inputs.push((format!("{pairs} random {plural} of {n} parameters"), (s, y, gradient)));
    }
    let ours = |(s, y, gradient): &Input| part(by_definition(s, y, gradient));
    Mistake::ALL.into_iter().fold(Judge::new(inputs, ours), |judge, (mistake, what)| {
        judge.mistake(what, move |input: &Input| part(mistake.direction(input)))
    })
}

/// Computes the direction from (s, y, ∇J).
pub type Direction = fn(&[Vec<f64>], &[Vec<f64>], &[f64]) -> Vec<f64>;

/// Checks a direction of L-BFGS from (s, y, ∇J), the oldest pair first.
///
/// # Panics
/// If it is wrong.
#[track_caller]
pub fn check(direction: Direction) {
    judge().check(|(s, y, gradient)| part(direction(s, y, gradient)));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
