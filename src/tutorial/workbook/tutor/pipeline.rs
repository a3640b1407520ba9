//! From recordings to an accuracy.

use crate::audio::window::{Ends, Window};
use crate::dataset::folder;
use crate::dataset::normalize::StandardScaler;
use crate::dataset::recordings::Recording;
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::Softmax;
use crate::model::convolution::pooling::Regions;
use crate::model::softmax::{by_definition, log_probabilities_by_definition};
use crate::number::{Random, Real};
use crate::spectrum::fourier::real_by_definition;
use crate::tutorial::metrics::Confusion;
use crate::tutorial::time_pooling::average;
use crate::tutorial::workbook::judge::{Judge, Part, accept};
use std::borrow::Cow;
use std::format;
use std::path::Path;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// The lowest accuracy on the test recordings that passes. Our solution classifies all of them correctly; after 10 of
/// the 100 steps it reaches 0.955, after 1 step 0.745.
const LOWEST: f64 = 0.97;

/// The samples of recordings, and their labels.
pub type Recordings = (Vec<Vec<f64>>, Vec<usize>);

/// Every second recording of each half of the crate's folder of spoken digits: those for training (takes 5 to 9), and
/// those for the test, in reverse order, so that no test recording has the label of the training recording with the
/// same index.
///
/// # Panics
/// If the folder is missing or cannot be read.
pub fn recordings() -> [Recordings; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/digits");
    let all = folder::read(&path, None, &|_| 1)
        .unwrap_or_else(|error| panic!("this task needs the spoken digits that come with the crate: {error}"));
    let part = |is_test: bool| {
        let wanted = |index: Option<u64>| index.is_some_and(|index| (index < 5) == is_test);
        let found = all.collection.recordings.iter().filter(|recording| wanted(recording.index));
        let samples = |recording: &Recording| {
            let samples = recording.samples.read().map(Cow::into_owned);
            samples.unwrap_or_else(|error| panic!("{error}"))
        };
        found.step_by(2).map(|recording| (samples(recording), recording.label)).unzip()
    };
    let [training, mut test]: [Recordings; 2] = [part(false), part(true)];
    test.0.reverse();
    test.1.reverse();
    [training, test]
}

/// Training and test examples with each element scaled to mean 0 and deviation 1 over the training examples, and with a
/// 1 at the end.
///
/// # Panics
/// If there are no examples, or their lengths differ.
pub fn scaled(training: &[Vec<f64>], test: &[Vec<f64>]) -> [Vec<Vec<f64>>; 2] {
    let scaler = StandardScaler::measure(&columns(training));
    [training, test].map(|examples| {
        let mut examples = columns(examples);
        scaler.apply(&mut examples);
        (0..examples.columns()).map(|n| [&examples.column(n)[..], &[1.0]].concat()).collect()
    })
}

/// The examples as the columns of a matrix.
fn columns(examples: &[Vec<f64>]) -> Matrix<f64> {
    let rows = examples.first().map_or(0, Vec::len);
    assert!(examples.iter().all(|x| x.len() == rows) && rows > 0, "examples of one length");
    Matrix::from_function(rows, examples.len(), |i, n| examples[n][i])
}

/// A frame, and the number of its bands.
type Frame = (Vec<f64>, usize);

/// The powers of all N bins of a frame after the taper, from the real and the imaginary part of each X_k.
fn powers_of(frame: &[f64], taper: &[f64], power: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let tapered: Vec<f64> = frame.iter().zip(taper).map(|(x, w)| x * w).collect();
    let spectrum = real_by_definition(&tapered);
    let n = frame.len();
    // X_(N-k) is the conjugate of X_k.
    let bin = |k: usize| {
        if k < spectrum.len() {
            power(spectrum[k].re, spectrum[k].im)
        } else {
            power(spectrum[n - k].re, -spectrum[n - k].im)
        }
    };
    (0..n).map(bin).collect()
}

/// The logarithms of the floor and the sum of `bins` powers for each band, from bin `shift` on.
fn log_sums(powers: &[f64], bands: usize, bins: usize, shift: usize, floor: f64) -> Vec<f64> {
    let sum = |b: usize| powers[shift + b * bins..][..bins].iter().fold(floor, |sum, p| sum + p);
    (0..bands).map(|b| Real::ln(sum(b))).collect()
}

/// L of a frame: the taper, then the logarithm of the floor and the sum of |X_k|² over the bins of a band.
fn bands_of(frame: &[f64], bands: usize, taper: &[f64], power: impl Fn(f64, f64) -> f64, shift: usize) -> Vec<f64> {
    log_sums(&powers_of(frame, taper, power), bands, frame.len() / 2 / bands, shift, 1e-6)
}

fn hann(length: usize) -> Vec<f64> {
    Window::Hann.weights(Ends::Periodic, length)
}

fn power(re: f64, im: f64) -> f64 {
    re * re + im * im
}

fn log_bands(frame: &[f64], bands: usize) -> Vec<f64> {
    bands_of(frame, bands, &hann(frame.len()), power, 0)
}

fn judge_of_bands() -> Judge<Frame> {
    let mut random = Random::new(1);
    // So small that the floor shows in the first digits of the logarithms.
    let first = (vec![0.05, 0.06, 0.01, 0.02], 2);
    let mut inputs = vec![("the frame (0.05, 0.06, 0.01, 0.02) and 2 bands".to_string(), first)];
    for (length, bands) in [(12, 3), (16, 4), (20, 2)] {
        let frame = (0..length).map(|_| random.uniform(-1.0, 1.0)).collect();
        inputs.push((format!("{length} random samples and {bands} bands"), (frame, bands)));
    }
    inputs.push(("8 samples of silence and 2 bands".to_string(), (vec![0.0; 8], 2)));
    let part = |values: Vec<f64>| -> Vec<Part> { vec![("log_bands", values)] };
    let each = |values: Vec<f64>, f: fn(f64) -> f64| -> Vec<f64> { values.into_iter().map(f).collect() };
    let of = move |power: fn(f64, f64) -> f64| move |(x, n): &Frame| part(bands_of(x, *n, &hann(x.len()), power, 0));
    Judge::new(inputs, move |(x, n)| part(log_bands(x, *n)))
        .mistake("the logarithm is forgotten", move |(x, n)| part(each(log_bands(x, *n), Real::exp)))
        .mistake("the logarithm to base 10 in place of ln", move |(x, n)| {
            part(log_bands(x, *n).into_iter().map(|l| l / Real::ln(10.0)).collect())
        })
        .mistake("the floor 10⁻⁶ is missing", move |(x, n)| {
            part(log_sums(&powers_of(x, &hann(x.len()), power), *n, x.len() / 2 / n, 0, 0.0))
        })
        .mistake("the floor 10⁻⁶ is added for each bin, not once for each band", move |(x, n)| {
            let bins = x.len() / 2 / n;
            part(log_sums(&powers_of(x, &hann(x.len()), power), *n, bins, 0, 1e-6 * bins as f64))
        })
        .mistake("K is N/B, not N/(2·B)", move |(x, n)| {
            part(log_sums(&powers_of(x, &hann(x.len()), power), *n, x.len() / n, 0, 1e-6))
        })
        .mistake("the taper w_n is forgotten", move |(x, n)| part(bands_of(x, *n, &vec![1.0; x.len()], power, 0)))
        .mistake("the taper has N - 1 in place of N", move |(x, n)| {
            part(bands_of(x, *n, &Window::Hann.weights(Ends::Symmetric, x.len()), power, 0))
        })
        .mistake("the bands start at bin 1 in place of bin 0", move |(x, n)| {
            part(bands_of(x, *n, &hann(x.len()), power, 1))
        })
        .mistake("|X_k| in place of its square", of(|re, im| Element::sqrt(re * re + im * im)))
        .mistake("only the cosines: the imaginary part of X_k is forgotten", of(|re, _| re * re))
        .mistake("the square of re + im in place of re² + im²", of(|re, im| (re + im) * (re + im)))
        .mistake("the square of re - im in place of re² + im²", of(|re, im| (re - im) * (re - im)))
        .mistake("the squares are added inside the loop over the samples, from sums that are not complete", {
            move |(x, n)| {
                // The sums after i samples are those of a frame that is 0 from sample i on.
                let bins = x.len() / 2 / n;
                let mut powers = vec![0.0; x.len()];
                for i in 1..=x.len() {
                    let start: Vec<f64> = (0..x.len()).map(|j| if j < i { x[j] } else { 0.0 }).collect();
                    let partial = powers_of(&start, &hann(x.len()), power);
                    powers.iter_mut().zip(partial).for_each(|(sum, p)| *sum += p);
                }
                part(log_sums(&powers, *n, bins, 0, 1e-6))
            }
        })
        .mistake("each sample is squared: squares are added in place of the sums over n", move |(x, n)| {
            let squares = x.iter().zip(&hann(x.len())).fold(0.0, |sum, (x, w)| sum + (x * w) * (x * w));
            let bins = x.len() / 2 / n;
            part(vec![Real::ln(1e-6 + bins as f64 * squares); *n])
        })
        .mistake("the mean of the powers of a band in place of their sum", move |(x, n)| {
            let bins = (x.len() / 2 / n) as f64;
            part(log_bands(x, *n).into_iter().map(|l| Real::ln(1e-6 + (Real::exp(l) - 1e-6) / bins)).collect())
        })
}

/// Samples, the length of a frame, and the numbers of bands and regions.
type Sound = (Vec<f64>, usize, usize, usize);

/// The rows of log_bands of all frames, one every `hop` samples.
fn frames((samples, length, bands, _): &Sound, hop: usize) -> Matrix<f64> {
    let count = (samples.len() - length) / hop + 1;
    let frames: Vec<Vec<f64>> = (0..count).map(|t| log_bands(&samples[t * hop..][..*length], *bands)).collect();
    columns(&frames)
}

/// Means over the regions, region after region.
fn means(frames: &Matrix<f64>, regions: usize) -> Vec<f64> {
    let mut pooled = Matrix::zeros(regions * frames.rows(), 1);
    average(frames, 0..frames.columns(), &mut pooled, 0);
    pooled.column(0)
}

/// Sums over regions that end at ⌊(r + 1)·T/R⌋, divided by `divisor` of the number of frames of the region.
fn sums(frames: &Matrix<f64>, regions: usize, overlap: bool, divisor: impl Fn(f64) -> f64) -> Vec<f64> {
    let count = frames.columns();
    let mut x = Vec::new();
    for r in 0..regions {
        let part = Regions::Adaptive(regions).region(r, count);
        let part = part.start..if overlap { part.end } else { (r + 1) * count / regions };
        for b in 0..frames.rows() {
            let sum = part.clone().fold(0.0, |sum, t| sum + frames.row(b)[t]);
            x.push(sum / divisor(part.len() as f64));
        }
    }
    x
}

fn judge_of_examples() -> Judge<Sound> {
    let mut random = Random::new(2);
    let e = Real::exp(1.0);
    let samples = vec![9.0, 1.0, 9.0, e, 9.0, e * e, 9.0, e * e * e];
    let mut inputs = vec![(
        "the samples (9, 1, 9, e, 9, e², 9, e³), frames of 2, 1 band, 2 regions".to_string(),
        (samples, 2, 1, 2),
    )];
    for (n, length, bands, regions) in [(47, 6, 3, 2), (73, 8, 2, 4), (70, 12, 2, 3)] {
        let samples = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        let name = format!("{n} random samples, frames of {length}, {bands} bands, {regions} regions");
        inputs.push((name, (samples, length, bands, regions)));
    }
    let part = |values: Vec<f64>| -> Vec<Part> { vec![("example", values)] };
    Judge::new(inputs, move |sound| part(means(&frames(sound, sound.1), sound.3)))
        .mistake("the sums of the regions in place of their means", move |sound| {
            part(sums(&frames(sound, sound.1), sound.3, true, |_| 1.0))
        })
        .mistake("the sums are divided by the number of all frames, not of those in the region", move |sound| {
            let all = frames(sound, sound.1);
            let count = all.columns() as f64;
            part(sums(&all, sound.3, true, |_| count))
        })
        .mistake("the sums are divided by R, not by the number of frames in the region", move |sound| {
            let regions = sound.3 as f64;
            part(sums(&frames(sound, sound.1), sound.3, true, |_| regions))
        })
        .mistake("each region has ⌊T/R⌋ frames: those from r·⌊T/R⌋ on", move |sound| {
            let (all, regions) = (frames(sound, sound.1), sound.3);
            let length = all.columns() / regions;
            let mean = |r: usize, b: usize| {
                all.row(b)[r * length..(r + 1) * length].iter().fold(0.0, |sum, l| sum + l) / length as f64
            };
            part((0..regions).flat_map(|r| (0..all.rows()).map(move |b| (r, b))).map(|(r, b)| mean(r, b)).collect())
        })
        .mistake("a region ends at ⌊(r + 1)·T/R⌋, so that no two share a frame", move |sound| {
            part(sums(&frames(sound, sound.1), sound.3, false, |count| count))
        })
        .mistake("the means are stored band after band, not region after region", move |sound| {
            let x = means(&frames(sound, sound.1), sound.3);
            let (bands, regions) = (sound.2, sound.3);
            part((0..x.len()).map(|i| x[i % regions * bands + i / regions]).collect())
        })
        .mistake("every region has the mean over all frames", move |sound| {
            let x = means(&frames(sound, sound.1), 1);
            part((0..sound.2 * sound.3).map(|i| x[i % sound.2]).collect())
        })
        .mistake("the last whole frame is left out", move |sound| {
            let all = frames(sound, sound.1);
            let indices: Vec<usize> = (0..all.columns() - 1).collect();
            part(means(&all.select_columns(&indices), sound.3))
        })
        .mistake("the frames start every length/2 samples, so that they overlap", move |sound| {
            part(means(&frames(sound, sound.1 / 2), sound.3))
        })
}

/// Θ, the examples with a 1 at the end, their labels, and the rate or 0.
type Training = (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<usize>, f64);

fn drawn(random: &mut Random, classes: usize, elements: usize, m: usize) -> Training {
    let mut rows = |rows: usize, ends_in_one: bool| -> Vec<Vec<f64>> {
        let mut row = || -> Vec<f64> { (0..elements).map(|_| random.uniform(-1.0, 1.0)).collect() };
        let mut rows: Vec<Vec<f64>> = (0..rows).map(|_| row()).collect();
        if ends_in_one {
            rows.iter_mut().for_each(|row| row[elements - 1] = 1.0);
        }
        rows
    };
    let (theta, examples) = (rows(classes, false), rows(m, true));
    (theta, examples, (0..m).map(|n| (n * n + 1) % classes).collect(), 0.1 * m as f64)
}

/// Θ - ε·∇J, from the chapter's gradient.
fn stepped((theta, examples, labels, _): &Training, rate: f64) -> Vec<Vec<f64>> {
    let elements = examples[0].len();
    let model = Softmax { features: elements, classes: theta.len(), bias: false, weight_decay: 0.0 };
    let (_, gradient) = by_definition(&model, &theta.concat(), &columns(examples), labels);
    let step = |(row, g): (&Vec<f64>, &[f64])| row.iter().zip(g).map(|(w, g)| w - rate * g).collect();
    theta.iter().zip(gradient.chunks(elements)).map(step).collect()
}

/// p of an example.
fn probabilities(theta: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let z: Vec<f64> = theta.iter().map(|row| row.iter().zip(x).fold(0.0, |z, (w, x)| z + w * x)).collect();
    log_probabilities_by_definition(&z).1
}

/// A step with δ from p, the class, and the label.
fn stepped_by((theta, examples, labels, rate): &Training, delta: fn(&[f64], usize, usize) -> f64) -> Vec<Vec<f64>> {
    let mut new = theta.clone();
    for (x, &y) in examples.iter().zip(labels) {
        let p = probabilities(theta, x);
        for (k, row) in new.iter_mut().enumerate() {
            let factor = rate * delta(&p, k, y) / labels.len() as f64;
            row.iter_mut().zip(x).for_each(|(w, x)| *w -= factor * x);
        }
    }
    new
}

/// Θ in two parts: its last column holds the biases.
fn weights_and_biases(theta: &[Vec<f64>]) -> Vec<Part> {
    let weights = theta.iter().flat_map(|row| row[..row.len().saturating_sub(1)].to_vec()).collect();
    vec![("the new weights", weights), ("the new biases", theta.iter().flat_map(|row| row.last().copied()).collect())]
}

/// 1{k = y}
fn truth(k: usize, y: usize) -> f64 {
    if k == y { 1.0 } else { 0.0 }
}

fn judge_of_steps() -> Judge<Training> {
    let mut random = Random::new(3);
    let first = (vec![vec![0.0; 2]; 2], vec![vec![3.0, 1.0]], vec![1], 0.1);
    let mut inputs = vec![("Θ = 0 and the example (3, 1) with the label 1".to_string(), first)];
    for (classes, elements, m) in [(3, 2, 5), (4, 6, 3), (2, 3, 7)] {
        let name = format!("{m} random examples of {elements} elements and {classes} classes");
        inputs.push((name, drawn(&mut random, classes, elements, m)));
    }
    let part = |theta: Vec<Vec<f64>>| weights_and_biases(&theta);
    Judge::new(inputs, move |input| part(stepped(input, input.3)))
        .mistake("the gradient is added, not subtracted", move |input| part(stepped(input, -input.3)))
        .mistake("the rate is forgotten", move |input| part(stepped(input, 1.0)))
        .mistake("the sum over the examples is not divided by their number", move |input| {
            part(stepped(input, input.3 * input.2.len() as f64))
        })
        .mistake("the gradient itself in place of Θ after a step", move |input| {
            let change = |(new, old): (Vec<f64>, &Vec<f64>)| new.iter().zip(old).map(|(new, old)| new - old).collect();
            part(stepped(input, -1.0).into_iter().zip(&input.0).map(change).collect())
        })
        .mistake("the 1 of the label's class is not subtracted from p", move |input| {
            part(stepped_by(input, |p, k, _| p[k]))
        })
        .mistake("the 1 is subtracted from the classes that are not the label", move |input| {
            part(stepped_by(input, |p, k, y| p[k] - 1.0 + truth(k, y)))
        })
        .mistake("only the row of the label's class changes", move |input| {
            part(stepped_by(input, |p, k, y| truth(k, y) * (p[k] - 1.0)))
        })
        .mistake("labels are counted from 1", move |input| part(stepped_by(input, |p, k, y| p[k] - truth(k + 1, y))))
        .mistake("p of an example is computed from the Θ that earlier examples have already changed", move |input| {
            let (theta, examples, labels, rate) = input;
            let mut theta = theta.clone();
            for (x, &y) in examples.iter().zip(labels) {
                let one = (theta, vec![x.clone()], vec![y], 0.0);
                theta = stepped(&one, rate / labels.len() as f64);
            }
            part(theta)
        })
}

/// The accuracy of the class that `choose` finds in p.
fn accuracy_of((theta, examples, labels, _): &Training, choose: fn(&[f64]) -> usize) -> f64 {
    let mut confusion = Confusion::new(theta.len());
    examples.iter().zip(labels).for_each(|(x, &y)| confusion.count(y, choose(&probabilities(theta, x))));
    confusion.accuracy()
}

fn largest(p: &[f64]) -> usize {
    (1..p.len()).fold(0, |best, k| if p[k] > p[best] { k } else { best })
}

fn judge_of_accuracies() -> Judge<Training> {
    let mut random = Random::new(4);
    let examples = vec![vec![1.0, 1.0], vec![2.0, 1.0], vec![-3.0, 1.0], vec![-1.0, 1.0]];
    let first = (vec![vec![2.0, 0.0], vec![-1.0, 0.0]], examples, vec![0, 1, 1, 1], 0.0);
    let mut inputs = vec![("4 examples, of which the second is classified wrongly".to_string(), first)];
    for (classes, elements, m) in [(3, 2, 11), (4, 6, 13), (5, 3, 23)] {
        let (theta, examples, mut labels, _) = drawn(&mut random, classes, elements, m);
        for n in (0..m).step_by(2) {
            labels[n] = largest(&probabilities(&theta, &examples[n]));
        }
        let name = format!("{m} random examples of {elements} elements and {classes} classes");
        inputs.push((name, (theta, examples, labels, 0.0)));
    }
    let part = |accuracy: f64| -> Vec<Part> { vec![("accuracy", vec![accuracy])] };
    Judge::new(inputs, move |input| part(accuracy_of(input, largest)))
        .mistake("the fraction that is classified wrongly", move |input| part(1.0 - accuracy_of(input, largest)))
        .mistake("the number of correct examples in place of their fraction", move |input| {
            part(accuracy_of(input, largest) * input.2.len() as f64)
        })
        .mistake("percent in place of a fraction", move |input| part(100.0 * accuracy_of(input, largest)))
        .mistake("the least probable class in place of the most probable", move |input| {
            part(accuracy_of(input, |p| (1..p.len()).fold(0, |least, k| if p[k] < p[least] { k } else { least })))
        })
        .mistake(
            "the last class that is more probable than the class before it, not the most probable one",
            move |input| {
                part(accuracy_of(input, |p| (1..p.len()).fold(0, |best, k| if p[k] > p[k - 1] { k } else { best })))
            },
        )
        .mistake("the mean probability of the label in place of the fraction of correct examples", move |input| {
            let (theta, examples, labels, _) = input;
            let sum = examples.iter().zip(labels).fold(0.0, |sum, (x, &y)| sum + probabilities(theta, x)[y]);
            part(sum / labels.len() as f64)
        })
}

/// What is wrong with a pipeline whose functions are right.
fn fault(pipeline: impl Fn(&[Recordings; 2]) -> f64) -> Option<String> {
    let all = recordings();
    let found = "The four functions are right, but pipeline";
    // A few recordings, and a test whose labels are all wrong.
    let mut few =
        all.clone().map(|(samples, labels)| -> Recordings { samples.into_iter().zip(labels).step_by(7).unzip() });
    few[1].1.iter_mut().for_each(|label| *label = (*label + 1) % 10);
    if pipeline(&few) > 0.5 {
        return Some(format!(
            "{found} does not test what it should: if each label of the test recordings is replaced by the next digit, \
             the accuracy is still high. Train with examples and labels, and test with test_examples and test_labels."
        ));
    }
    let accuracy = pipeline(&all);
    let cause = match accuracy {
        LOWEST..=1.0 => return None,
        a if (a - 0.1).abs() < 1e-9 => {
            "0.1 is the accuracy of Θ = 0: theta never changes. In the loop write `theta = ...`, without `let`."
        }
        a if a < 0.05 => {
            "This is less than chance: examples of one part are used with labels of the other. Train with examples and \
             labels, and test with test_examples and test_labels."
        }
        _ => "Take 100 steps with a rate of 0.5, each from the Θ of the step before.",
    };
    let reached = format!("{found} reaches an accuracy of {accuracy:.4} on the test recordings");
    Some(format!("{reached}; at least {LOWEST} is expected. {cause}"))
}

/// One step of training: Θ, examples, labels and the rate to the new Θ.
pub type Step = fn(&[Vec<f64>], &[Vec<f64>], &[usize], f64) -> Vec<Vec<f64>>;

/// The accuracy of Θ on examples with labels.
pub type Accuracy = fn(&[Vec<f64>], &[Vec<f64>], &[usize]) -> f64;

/// Checks the functions one after another, and then the accuracy on the test recordings.
///
/// # Panics
/// If a function is wrong, or the accuracy too low.
#[track_caller]
pub fn check(
    log_bands: fn(&[f64], usize) -> Vec<f64>,
    example: fn(&[f64], usize, usize, usize) -> Vec<f64>,
    step: Step,
    accuracy: Accuracy,
    pipeline: fn(&[Recordings; 2]) -> f64,
) {
    judge_of_bands().check(|(frame, bands)| vec![("log_bands", log_bands(frame, *bands))]);
    judge_of_examples().check(|(x, length, bands, regions)| vec![("example", example(x, *length, *bands, *regions))]);
    judge_of_steps().check(|(theta, x, y, rate)| weights_and_biases(&step(theta, x, y, *rate)));
    judge_of_accuracies().check(|(theta, x, y, _)| vec![("accuracy", vec![accuracy(theta, x, y)])]);
    accept(fault(pipeline));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge_of_bands().check_itself();
        judge_of_examples().check_itself();
        judge_of_steps().check_itself();
        judge_of_accuracies().check_itself();
    }

    #[test]
    fn half_of_the_recordings_are_for_training() {
        let [(training, labels), (test, truth)] = recordings();
        assert_eq!((training.len(), labels.len(), test.len(), truth.len()), (200, 200, 200, 200));
        assert!((0..10).all(|digit| labels.iter().filter(|&&y| y == digit).count() == 20));
        assert!(labels.iter().zip(&truth).all(|(y, other)| y != other));
    }

    #[test]
    fn a_pipeline_must_test_on_the_test_recordings() {
        let shifted = |parts: &[Recordings; 2]| parts[1].1.len() < 200;
        assert_eq!(fault(|parts| if shifted(parts) { 0.0 } else { 1.0 }), None);
        assert!(fault(|_| 1.0).unwrap().contains("does not test what it should"));
        let causes =
            [(0.955, "100 steps"), (1.5, "100 steps"), (f64::NAN, "100 steps"), (0.1, "Θ = 0"), (0.0, "labels of")];
        for (accuracy, cause) in causes {
            let found = fault(|parts| if shifted(parts) { 0.0 } else { accuracy }).unwrap();
            assert!(found.contains("at least 0.97") && found.contains(cause), "{found}");
        }
    }
}
