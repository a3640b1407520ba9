//! Minimizers: their memories, limits and batches.

use super::{Draw, Test, outcome, tolerances};
use ossicle::optimize::objective::{FromFunction, check_lengths};
use ossicle::optimize::{Batched, FirstOrder, Lbfgs, Objective, Schedule, Training, UpdateRule};
use ossicle::storage::checkpoint;

pub const TESTS: &[(&str, Test)] = &[
    ("L-BFGS", lbfgs),
    ("first-order methods", first_order),
    ("training", training),
    ("schedules", schedules),
    ("checkpoints", checkpoints),
];

/// ½·|x|².
fn bowl(dimension: usize) -> FromFunction<impl FnMut(&[f64], &mut [f64]) -> f64> {
    FromFunction::new(dimension, |x: &[f64], gradient: &mut [f64]| {
        gradient.copy_from_slice(x);
        0.5 * x.iter().fold(0.0, |sum, x| sum + x * x)
    })
}

fn lbfgs(draw: &mut Draw) {
    let settings = Lbfgs { memory: draw.size(), iterations: draw.size(), evaluations: draw.size(), ..Lbfgs::default() };
    let length = draw.small();
    let dimension = if draw.below(4) == 0 { draw.size() } else { length };
    let mut theta = draw.numbers(length);
    let found =
        outcome((settings, length, dimension), || settings.minimize(&mut bowl(dimension), &mut theta, |_| true));
    let Some(found) = found else {
        assert!(settings.memory == 0 || settings.memory > 1 << 10 || settings.evaluations == 0 || length != dimension);
        return;
    };
    assert!(
        length == dimension && found.iterations <= settings.iterations && found.evaluations <= settings.evaluations
    );
    if settings.iterations > 5 && settings.evaluations > 10 {
        assert!(theta.iter().all(|x| x.abs() <= tolerances::GRADIENT), "{settings:?}: {theta:?}");
    }
}

fn first_order(draw: &mut Draw) {
    let rule = [UpdateRule::GradientDescent, UpdateRule::MOMENTUM, UpdateRule::ADAM][draw.below(3)];
    let (length, dimension) = (draw.small(), draw.mostly_small());
    let memory = outcome((rule, dimension), || rule.state::<f32>(dimension));
    assert!(memory.map_or(dimension > 1 << 20, |memory| [0, dimension].contains(&memory.first.len())));
    let settings = FirstOrder { iterations: draw.below(100), ..FirstOrder::new(rule, 0.1) };
    let mut theta = draw.numbers(length);
    let found = outcome((settings, dimension), || settings.minimize(&mut bowl(dimension), &mut theta, |_| true));
    assert_eq!(found.is_some(), length == dimension);
    let gradient = vec![0.0; draw.small()];
    let checked = outcome((dimension, length, gradient.len()), || check_lengths(dimension, &theta, &gradient));
    assert_eq!(checked.is_some(), dimension == length && dimension == gradient.len());
}

/// Each example pulls its parameter to 0.
struct Pulls(usize);

impl Objective<f64> for Pulls {
    fn dimension(&self) -> usize {
        self.0
    }

    fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let all: Vec<usize> = (0..self.0).collect();
        self.cost_and_gradient_on(&all, theta, gradient)
    }
}

impl Batched<f64> for Pulls {
    fn examples(&self) -> usize {
        self.0
    }

    fn cost_and_gradient_on(&mut self, chosen: &[usize], theta: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        chosen.iter().for_each(|&i| gradient[i] = theta[i]);
        chosen.iter().fold(0.0, |sum, &i| sum + theta[i] * theta[i])
    }
}

fn training(draw: &mut Draw) {
    let examples = draw.small();
    let mut training = Training::new(UpdateRule::GradientDescent, 0.1);
    (training.batch, training.epochs, training.patience) = (draw.size(), draw.below(20), draw.size());
    let mut theta = draw.numbers(examples);
    let found = outcome((training, examples), || training.run(&mut Pulls(examples), None, &mut theta, |_, _| true));
    let Some(found) = found else {
        assert!(training.batch == 0 || training.patience == 0 || examples == 0);
        return;
    };
    assert!(found.iterations <= training.epochs * examples.div_ceil(training.batch));
}

fn schedules(draw: &mut Draw) {
    let [a, b, t] = [draw.size(), draw.size(), draw.size()];
    let (schedule, is_sound) = match draw.below(4) {
        0 => (Schedule::StepDecay { every: a, factor: 0.5 }, a > 0),
        1 => (Schedule::Exponential { factor: 0.99 }, true),
        2 => (Schedule::Inverse { decay: 0.1 }, true),
        _ => (Schedule::Cosine { warmup: a, steps: b, last: 0.1 }, a < b),
    };
    let found = outcome((schedule, t), || schedule.at(t));
    assert_eq!(found.is_some(), is_sound);
    assert!(found.is_none_or(|factor| (0.0..=1.0).contains(&factor)), "{schedule:?} at {t}: {found:?}");
}

fn checkpoints(draw: &mut Draw) {
    // A checkpoint whose counts are others: the checksum is made right again.
    let n = draw.small();
    let theta = draw.numbers(n);
    let run = ossicle::optimize::Minimization::new(Lbfgs::default(), &mut bowl(n), &theta);
    let mut bytes = checkpoint::encode(&run.state());
    for _ in 0..=draw.below(3) {
        let at = 16 + 8 * draw.below(6);
        bytes[at..at + 8].copy_from_slice(&(draw.size() as u64).to_le_bytes());
    }
    let end = bytes.len() - 4;
    let checksum = ossicle::bytes::checksum::crc32(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum.to_le_bytes());
    if let Ok(state) = outcome(&bytes, || checkpoint::decode::<f64>(&bytes)).unwrap() {
        assert_eq!(state.current.theta.len(), state.current.gradient.len());
    }
}
