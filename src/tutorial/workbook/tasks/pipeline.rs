//! From recordings to an accuracy
//!
//! Eight synthetic voices say "zero" to "nine" in 400 files of Ossicle's data/digits: half of them
//! train, half test, with all voices in both. Cut each recording into frames of N samples, without
//! gaps or overlap. Turn a frame into the logarithms L of the power in B bands, and average the
//! frames in each of R regions of time: R·B numbers, an example x for softmax regression. The
//! equations are from the chapters on samples, spectrograms, bands, pooling, and labels:
//!
//!   w_n = ½ - ½·cos(2πn/N) = sin²(πn/N),  P_k = |Σ_n w_n·x_n·e^(-2πi·kn/N)|²       (WI.3), (SP.1)
//!   e^(-iα) = cos α - i·sin α,  |re + i·im|² = re² + im²
//!   L_b = ln(10⁻⁶ + Σ P_k), k from b·K to (b + 1)·K - 1,  K = N/(2·B)              (BK.2)
//!   region r of T frames, r = 0 to R - 1: those from ⌊r·T/R⌋ to ⌈(r + 1)·T/R⌉ - 1  (PO.4)
//!   Θ ← Θ - ε·(1/m) Σ_x δ·xᵀ,  δ_k = p_k - 1{k = y},  p from the Θ before the step (SM.5), (SM.6)
//!
//! The last element of each x is 1, so the last column of Θ is the bias; there is no weight decay.
//! Write the four functions, and the training in `pipeline`. The accuracy must reach 0.97.

use ossicle::tutorial::workbook::tutor;
use std::f64::consts::TAU; // 2π

/// L_0, L_1, ... of a frame: `bands` logarithms. The frame's length is a multiple of 2·bands. (Multiply by the taper
/// once for each frame, not once for each k.)
pub fn log_bands(frame: &[f64], bands: usize) -> Vec<f64> {
    // solution
    let n = frame.len();
    let mut tapered = vec![0.0; n];
    for i in 0..n {
        tapered[i] = (0.5 - 0.5 * (TAU * i as f64 / n as f64).cos()) * frame[i]; // (WI.3)
    }
    let bins = n / 2 / bands;
    let mut result = vec![0.0; bands];
    for b in 0..bands {
        let mut power = 1e-6;
        for k in b * bins..(b + 1) * bins {
            let (mut re, mut im) = (0.0, 0.0);
            for i in 0..n {
                let angle = TAU * (k * i) as f64 / n as f64;
                re += tapered[i] * angle.cos();
                im -= tapered[i] * angle.sin();
            }
            power += re * re + im * im; // (SP.1)
        }
        result[b] = power.ln(); // (BK.2)
    }
    result
    // end
}

/// The example of a recording: `regions` x `bands` means, region after region. Frame t holds the samples from t·length
/// to (t + 1)·length - 1; samples left over at the end are in no frame. (`a.div_ceil(b)` is ⌈a/b⌉.)
pub fn example(samples: &[f64], length: usize, bands: usize, regions: usize) -> Vec<f64> {
    // solution
    let count = samples.len() / length;
    let mut frames = Vec::new();
    for t in 0..count {
        frames.push(log_bands(&samples[t * length..(t + 1) * length], bands));
    }
    let mut x = vec![0.0; regions * bands];
    for r in 0..regions {
        let (start, end) = (r * count / regions, ((r + 1) * count).div_ceil(regions)); // (PO.4)
        for t in start..end {
            for b in 0..bands {
                x[r * bands + b] += frames[t][b] / (end - start) as f64;
            }
        }
    }
    x
    // end
}

/// The probability of each class for the example x. (Given; theta has a row for each class.)
pub fn probabilities(theta: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let z: Vec<f64> = theta.iter().map(|row| row.iter().zip(x).fold(0.0, |z, (w, x)| z + w * x)).collect();
    let largest = z.iter().fold(-f64::INFINITY, |c, &z| c.max(z));
    let sum = z.iter().fold(0.0, |sum, z| sum + (z - largest).exp());
    z.iter().map(|z| (z - largest).exp() / sum).collect()
}

/// Θ after one step of gradient descent on all examples. `labels` count from 0; `rate` is ε. (Compute p once for each
/// example, so that 100 steps are fast.)
pub fn step(theta: &[Vec<f64>], examples: &[Vec<f64>], labels: &[usize], rate: f64) -> Vec<Vec<f64>> {
    let mut new = theta.to_vec(); // a copy to change
    // solution
    for n in 0..labels.len() {
        let p = probabilities(theta, &examples[n]);
        for k in 0..theta.len() {
            let delta = if k == labels[n] { p[k] - 1.0 } else { p[k] }; // (SM.5)
            for j in 0..theta[k].len() {
                new[k][j] -= rate * delta * examples[n][j] / labels.len() as f64; // (SM.6)
            }
        }
    }
    new
    // end
}

/// The fraction of the examples whose most probable class is their label.
pub fn accuracy(theta: &[Vec<f64>], examples: &[Vec<f64>], labels: &[usize]) -> f64 {
    // solution
    let mut correct = 0.0;
    for n in 0..labels.len() {
        let p = probabilities(theta, &examples[n]);
        let mut best = 0;
        for k in 1..p.len() {
            if p[k] > p[best] {
                best = k;
            }
        }
        if best == labels[n] {
            correct += 1.0;
        }
    }
    correct / labels.len() as f64
    // end
}

/// Trains on the first of two parts, and returns the accuracy on the second. Each part is a list of recordings and a
/// list of their labels.
pub fn pipeline(parts: &[(Vec<Vec<f64>>, Vec<usize>); 2]) -> f64 {
    let [(recordings, labels), (test_recordings, test_labels)] = parts;
    let examples: Vec<Vec<f64>> = recordings.iter().map(|samples| example(samples, 64, 16, 4)).collect();
    let test_examples: Vec<Vec<f64>> = test_recordings.iter().map(|samples| example(samples, 64, 16, 4)).collect();
    // Each element gets mean 0 and standard deviation 1, measured on the training examples. Then the 1 is appended.
    let [examples, test_examples] = tutor::pipeline::scaled(&examples, &test_examples);
    let mut theta = vec![vec![0.0; examples[0].len()]; 10];
    // 100 steps with a rate of 0.5, then the accuracy.
    // solution
    for _ in 0..100 {
        theta = step(&theta, &examples, labels, 0.5);
    }
    accuracy(&theta, &test_examples, test_labels)
    // end
}

/// The taper of four samples is (0, ½, 1, ½). It turns (5, 6, 1, 2) into (0, 3, 1, 1): X_0 = 5 and X_1 = -1 - 2i, so
/// P_0 = 5² = 25 and P_1 = 1² + 2² = 5. One band adds both: 30.
#[test]
fn a_band_adds_up_the_powers_of_its_bins() {
    tutor::all_near(&log_bands(&[5.0, 6.0, 1.0, 2.0], 2), &[25.0_f64.ln(), 5.0_f64.ln()], 1e-5);
    tutor::all_near(&log_bands(&[5.0, 6.0, 1.0, 2.0], 1), &[30.0_f64.ln()], 1e-5);
}

/// Only the floor 10⁻⁶ is left: ln 10⁻⁶ = -6·ln 10.
#[test]
fn silence_has_a_finite_logarithm() {
    tutor::all_near(&log_bands(&[0.0; 8], 2), &[-13.815510558; 2], 1e-8);
}

/// The taper of two samples is (0, 1), so the only band of a frame (a, b) is ln b². The five frames have the logarithms
/// 0, 2, 4, 6, and 8, and the last sample is left over. The middle frame belongs to both regions.
#[test]
fn a_recording_becomes_a_mean_for_each_region() {
    let e = 1.0_f64.exp();
    let samples = [9.0, 1.0, 9.0, e, 9.0, e * e, 9.0, e.powi(3), 9.0, e.powi(4), 7.0];
    tutor::all_near(&example(&samples, 2, 1, 1), &[4.0], 1e-5);
    tutor::all_near(&example(&samples, 2, 1, 2), &[2.0, 6.0], 1e-5);
}

/// Both classes have p = ½, so δ = (½, -½) for the label 1; it is multiplied by x = (3, 1) and the rate 0.1. A second
/// example with -3 in place of 3 and the other label moves the weights in the same way, but cancels the change in the
/// biases.
#[test]
fn a_step_moves_the_weights_toward_the_example() {
    let (zeros, examples) = (vec![vec![0.0; 2]; 2], [vec![3.0, 1.0], vec![-3.0, 1.0]]);
    let one = step(&zeros, &examples[..1], &[1], 0.1);
    tutor::all_near(&one.concat(), &[-0.15, -0.05, 0.15, 0.05], 1e-12);
    let two = step(&zeros, &examples, &[1, 0], 0.1);
    tutor::all_near(&two.concat(), &[-0.15, 0.0, 0.15, 0.0], 1e-12);
}

/// Class 0 is more probable for x > 0, and class 1 for x < 0. The label of the second example is not its most probable
/// class.
#[test]
fn three_correct_of_four_give_an_accuracy_of_three_quarters() {
    let examples = [vec![1.0, 1.0], vec![2.0, 1.0], vec![-3.0, 1.0], vec![-1.0, 1.0]];
    tutor::near(accuracy(&[vec![2.0, 0.0], vec![-1.0, 0.0]], &examples, &[0, 1, 1, 1]), 0.75, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::pipeline::check(log_bands, example, step, accuracy, pipeline);
}

// hint: Write one function at a time; each has tests of its own. log_bands: three loops, over the bands, the bins k of
//   a band, and the samples of the frame. X_k is a sum of cosines (its real part) and a sum of sines (its imaginary
//   part). example: first collect log_bands of all frames in a list. step: p comes from `theta`; only `new` changes.
// hint: log_bands: for each k, complete the two sums over the samples, then add re² + im² to the power of the band. It
//   starts at 1e-6. example: element r·bands + b of x is the mean of element b over the frames of region r. step: each
//   class has a δ_k, which multiplies the whole x. accuracy: find the index of the largest p.
// hint: log_bands: `result[b] = power.ln();` after the loop over k. example: a region is `for t in start..end`, with
//   `start = r * count / regions` and `end = ((r + 1) * count).div_ceil(regions)`. step: `new[k][j] -= rate * delta *
//   examples[n][j] / m`, with delta = p[k] - 1 for k = labels[n] and p[k] otherwise. pipeline: 100 times
//   `theta = step(&theta, &examples, labels, 0.5);`, then `accuracy(&theta, &test_examples, test_labels)`.
