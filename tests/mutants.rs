//! A gallery of mutants: gradients with one mistake each, all of which the gradient check must catch.
//!
//! A mutant's cost is right; its gradient comes from other settings, or is changed after the fact.

use ossicle::matrix::Matrix;
use ossicle::model::convolution::pooling::Regions;
use ossicle::model::convolution::{Convolution, MapShape, Pooling, PoolingMode, Whole};
use ossicle::model::parameters::named_ranges;
use ossicle::model::{Activation, Autoencoder, AutoencoderCost, Softmax, SoftmaxCost, Stacked, StackedCost};
use ossicle::model::{Loss, Variant, VariantSettings};
use ossicle::number::Random;
use ossicle::optimize::Objective;
use ossicle::optimize::check::{check, check_directions};
use ossicle::optimize::objective::FromFunction;

struct Mutant<C, G> {
    cost: C,
    gradient: G,
    change: fn(&mut [f64]),
}

impl<C: Objective<f64>, G: Objective<f64>> Objective<f64> for Mutant<C, G> {
    fn dimension(&self) -> usize {
        self.cost.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let cost = self.cost.cost_and_gradient(theta, gradient);
        self.gradient.cost_and_gradient(theta, gradient);
        (self.change)(gradient);
        cost
    }
}

const RIGHT: Autoencoder = Autoencoder {
    visible: 5,
    hidden: 3,
    decoder: Activation::Sigmoid,
    weight_decay: 3e-3,
    sparsity: 0.1,
    sparsity_weight: 3.0,
};

fn draw(rows: usize, columns: usize) -> Matrix<f64> {
    let mut random = Random::new(1);
    Matrix::from_function(rows, columns, |_, _| random.uniform(0.1, 0.9))
}

fn theta(dimension: usize) -> Vec<f64> {
    let mut random = Random::new(2);
    (0..dimension).map(|_| random.uniform(-1.0, 1.0)).collect()
}

/// The names of the blocks in which an autoencoder's mutant is caught.
fn caught(settings: Autoencoder, change: fn(&mut [f64])) -> Vec<String> {
    let x = draw(5, 7);
    let mut mutant =
        Mutant { cost: AutoencoderCost::new(RIGHT, &x), gradient: AutoencoderCost::new(settings, &x), change };
    let found = check(&mut mutant, &theta(RIGHT.dimension()), &named_ranges(&RIGHT.blocks()));
    found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
}

#[test]
fn every_mutant_of_the_autoencoder_is_caught_where_it_is_wrong() {
    assert_eq!(caught(RIGHT, |_| {}), [""; 0]);
    assert_eq!(caught(Autoencoder { sparsity_weight: 0.0, ..RIGHT }, |_| {}), ["W1", "b1"]);
    assert_eq!(caught(Autoencoder { sparsity: 0.1001, ..RIGHT }, |_| {}), ["W1", "b1"]);
    assert_eq!(caught(Autoencoder { weight_decay: 0.0, ..RIGHT }, |_| {}), ["W1", "W2"]);
    // The decay applied to a bias too, which starts at 0.68.
    assert_eq!(caught(RIGHT, |g| g[30] += 3e-3 * 0.68), ["b1"]);
    // A decoder taken for linear forgets y·(1 - y).
    assert_eq!(caught(Autoencoder { decoder: Activation::Linear, ..RIGHT }, |_| {}), ["W1", "W2", "b1", "b2"]);
    // Two elements of W1 exchanged, as by a swapped index.
    assert_eq!(caught(RIGHT, |g| g.swap(0, 1)), ["W1"]);
    // The sum over examples not divided by their number.
    assert_eq!(caught(RIGHT, |g| g[33..].iter_mut().for_each(|g| *g *= 7.0)), ["b2"]);
    // The bias of a unit forgotten.
    assert_eq!(caught(RIGHT, |g| g[31] = 0.0), ["b1"]);
    assert_eq!(caught(RIGHT, |g| g[20] = f64::NAN), ["W2"]);
}

#[test]
fn every_mutant_of_the_variants_is_caught_where_it_is_wrong() {
    let x = draw(5, 7);
    let right = VariantSettings {
        base: Autoencoder { sparsity_weight: 0.0, ..RIGHT },
        encoder: Activation::Tanh,
        loss: Loss::CrossEntropy,
        tied: true,
    };
    let caught = |right: VariantSettings, wrong: VariantSettings, change: fn(&mut [f64])| -> Vec<String> {
        let mut mutant = Mutant { cost: Variant::new(right, &x), gradient: Variant::new(wrong, &x), change };
        let found = check(&mut mutant, &theta(right.dimension()), &named_ranges(&right.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!(caught(right, right, |_| {}), [""; 0]);
    // The slope of another activation of the hidden units, and the forward pass with it.
    let wrong = VariantSettings { encoder: Activation::Sigmoid, ..right };
    assert_eq!(caught(right, wrong, |_| {}), ["W1", "b1", "b2"]);
    // The cross-entropy's δ3 with the squared error's f'.
    assert_eq!(caught(right, VariantSettings { loss: Loss::Squared, ..right }, |_| {}), ["W1", "b1", "b2"]);
    // Tied weights decayed twice, or not at all.
    let decay = |weight_decay| VariantSettings { base: Autoencoder { weight_decay, ..right.base }, ..right };
    assert_eq!(caught(right, decay(6e-3), |_| {}), ["W1"]);
    assert_eq!(caught(right, decay(0.0), |_| {}), ["W1"]);
    // Weights that are not tied: their gradient is not the tied one's, whichever half is forgotten.
    let free = VariantSettings { tied: false, ..right };
    assert_eq!(caught(free, free, |g| g[..15].fill(0.0)), ["W1"]);
    assert_eq!(caught(free, free, |g| g.swap(15, 16)), ["W2"]);
    let half = |keep_encoder: bool| -> Vec<String> {
        let gradient = FromFunction::new(right.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            // θ with W2 = W1ᵀ written out, and only one of the two gradients of the weights.
            let mut wide = theta[..15].to_vec();
            wide.extend((0..15).map(|k| theta[k % 3 * 5 + k / 3]));
            wide.extend(&theta[15..]);
            let mut g = vec![0.0; wide.len()];
            let cost = Variant::new(free, &x).cost_and_gradient(&wide, &mut g);
            for k in 0..15 {
                gradient[k] = if keep_encoder { g[k] } else { g[15 + k % 5 * 3 + k / 5] };
            }
            gradient[15..].copy_from_slice(&g[30..]);
            cost
        });
        let mut mutant = Mutant { cost: Variant::new(right, &x), gradient, change: |_| {} };
        let found = check(&mut mutant, &theta(right.dimension()), &named_ranges(&right.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!((half(true), half(false)), (vec!["W1".to_string()], vec!["W1".to_string()]));
}

#[test]
fn every_mutant_of_softmax_is_caught_where_it_is_wrong() {
    let right = Softmax { features: 5, classes: 4, bias: true, weight_decay: 0.01 };
    let x = draw(5, 7);
    let classes = [0, 1, 2, 3, 2, 1, 1];
    let caught = |settings, classes: &[usize], change: fn(&mut [f64])| -> Vec<String> {
        let (cost, gradient) =
            (SoftmaxCost::new(right, &x, &[0, 1, 2, 3, 2, 1, 1]), SoftmaxCost::new(settings, &x, classes));
        let found = check(&mut Mutant { cost, gradient, change }, &theta(24), &named_ranges(&right.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!(caught(right, &classes, |_| {}), [""; 0]);
    // The tutorial's printed gradient lacks the decay.
    assert_eq!(caught(Softmax { weight_decay: 0.0, ..right }, &classes, |_| {}), ["Theta"]);
    // Labels counted from 1 instead of 0.
    assert_eq!(caught(right, &[1, 2, 3, 0, 3, 2, 2], |_| {}), ["Theta", "b"]);
    // The decay applied to the bias too.
    assert_eq!(caught(right, &classes, |g| g[20] += 0.01), ["b"]);
}

#[test]
fn at_real_size_the_slopes_along_random_directions_agree() {
    let settings = Autoencoder { visible: 64, hidden: 25, ..RIGHT };
    let x = draw(64, 1000);
    let mut random = Random::new(3);
    let start: Vec<f64> = settings.draw(&mut random);
    let directions: Vec<Vec<f64>> = (0..5).map(|_| start.iter().map(|_| random.uniform(-0.1, 0.1)).collect()).collect();
    let found = check_directions(&mut AutoencoderCost::new(settings, &x), &start, &directions);
    assert!(found.passes(), "{found:?}");
    let wrong = Autoencoder { sparsity: 0.1001, ..settings };
    let (cost, gradient) = (AutoencoderCost::new(settings, &x), AutoencoderCost::new(wrong, &x));
    let mut mutant = Mutant { cost, gradient, change: |_| {} };
    assert!(!check_directions(&mut mutant, &start, &directions).passes());
}

/// One mistake in the gradient of a stacked network.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    None,
    /// δ_1 without a_1·(1 - a_1).
    NoSlope,
    /// a_2·(1 - a_2) of the layer above taken where δ_1 needs that of a_1: unit j mod 3 stands for unit j.
    SlopeAbove,
    /// W2 read as if it lay by columns.
    Turned,
    /// δ_2 multiplied by x instead of a_1 (a layer skipped), index modulo the length.
    Skipped,
    /// The sum over examples of ∂W2 not divided by their number.
    NotMean,
    /// M forgotten: P where P - M belongs.
    NoTruth,
    /// Θ's decay dropped.
    NoDecay,
    /// W1 decayed too, which the cost does not say.
    Decayed,
}

const NETWORK: [usize; 4] = [5, 4, 3, 4];

/// The gradient of the network 5-4-3 with 4 classes as loops over single numbers, with a mistake or without.
fn by_loops(mistake: Mistake, x: &Matrix<f64>, classes: &[usize], theta: &[f64], gradient: &mut [f64]) {
    let [v, h1, h2, k] = NETWORK;
    let (b1, w2, b2, t, b) = (h1 * v, h1 * v + h1, h1 * v + h1 + h2 * h1, 39, 39 + k * h2);
    let m = classes.len() as f64;
    let sigmoid = |z: f64| 1.0 / (1.0 + ossicle::number::Real::exp(-z));
    let w2_at = |j: usize, i: usize| if mistake == Mistake::Turned { w2 + i * h2 + j } else { w2 + j * h1 + i };
    gradient.fill(0.0);
    for (n, &y) in classes.iter().enumerate() {
        let x = x.column(n);
        let a1: Vec<f64> =
            (0..h1).map(|j| sigmoid((0..v).fold(theta[b1 + j], |z, i| z + theta[j * v + i] * x[i]))).collect();
        let a2: Vec<f64> =
            (0..h2).map(|j| sigmoid((0..h1).fold(theta[b2 + j], |z, i| z + theta[w2 + j * h1 + i] * a1[i]))).collect();
        let e: Vec<f64> = (0..k)
            .map(|c| ossicle::number::Real::exp((0..h2).fold(theta[b + c], |z, j| z + theta[t + c * h2 + j] * a2[j])))
            .collect();
        let total = e.iter().fold(0.0, |sum, e| sum + e);
        let truth = |c: usize| if c == y && mistake != Mistake::NoTruth { 1.0 } else { 0.0 };
        let d3: Vec<f64> = (0..k).map(|c| e[c] / total - truth(c)).collect();
        let d2: Vec<f64> = (0..h2)
            .map(|j| (0..k).fold(0.0, |d, c| d + theta[t + c * h2 + j] * d3[c]) * a2[j] * (1.0 - a2[j]))
            .collect();
        let slope = |j: usize| match mistake {
            Mistake::NoSlope => 1.0,
            Mistake::SlopeAbove => a2[j % h2] * (1.0 - a2[j % h2]),
            _ => a1[j] * (1.0 - a1[j]),
        };
        let d1: Vec<f64> =
            (0..h1).map(|i| (0..h2).fold(0.0, |d, j| d + theta[w2_at(j, i)] * d2[j]) * slope(i)).collect();
        let below = |i: usize| if mistake == Mistake::Skipped { x[i] } else { a1[i] };
        let m2 = if mistake == Mistake::NotMean { 1.0 } else { m };
        for j in 0..h1 {
            (0..v).for_each(|i| gradient[j * v + i] += d1[j] * x[i] / m);
            gradient[b1 + j] += d1[j] / m;
        }
        for j in 0..h2 {
            (0..h1).for_each(|i| gradient[w2 + j * h1 + i] += d2[j] * below(i) / m2);
            gradient[b2 + j] += d2[j] / m;
        }
        for c in 0..k {
            (0..h2).for_each(|j| gradient[t + c * h2 + j] += d3[c] * a2[j] / m);
            gradient[b + c] += d3[c] / m;
        }
    }
    let decayed = match mistake {
        Mistake::NoDecay => 0..0,
        Mistake::Decayed => 0..20,
        _ => t..b,
    };
    decayed.for_each(|i| gradient[i] += 0.01 * theta[i]);
    if mistake == Mistake::Decayed {
        (t..b).for_each(|i| gradient[i] += 0.01 * theta[i]);
    }
}

#[test]
fn every_mutant_of_the_stacked_network_is_caught_where_it_is_wrong() {
    let [visible, h1, h2, classes] = NETWORK;
    let settings = Stacked { visible, layers: vec![h1, h2], classes, bias: true, weight_decay: 0.01 };
    let (x, y) = (draw(5, 7), [0, 1, 2, 3, 2, 1, 1]);
    let caught = |mistake: Mistake| -> Vec<String> {
        let gradient = FromFunction::new(settings.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            by_loops(mistake, &x, &y, theta, gradient);
            f64::NAN
        });
        let mut mutant = Mutant { cost: StackedCost::new(&settings, &x, &y), gradient, change: |_| {} };
        let found = check(&mut mutant, &theta(settings.dimension()), &named_ranges(&settings.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!(caught(Mistake::None), [""; 0]);
    assert_eq!(caught(Mistake::NoSlope), ["W1", "b1"]);
    assert_eq!(caught(Mistake::SlopeAbove), ["W1", "b1"]);
    assert_eq!(caught(Mistake::Turned), ["W1", "b1"]);
    assert_eq!(caught(Mistake::Skipped), ["W2"]);
    assert_eq!(caught(Mistake::NotMean), ["W2"]);
    assert_eq!(caught(Mistake::NoTruth), ["W1", "b1", "W2", "b2", "Theta", "b"]);
    assert_eq!(caught(Mistake::NoDecay), ["Theta"]);
    assert_eq!(caught(Mistake::Decayed), ["W1"]);
}

/// One mistake in the gradient of a convolution with pooling.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    None,
    /// ∂W written as if the filter had been flipped.
    Flipped,
    /// ∂x through the filter as it is met, not turned around: tap (r, s) where (h - 1 - r, v - 1 - s) belongs.
    Unturned,
    /// The strides of rows and columns exchanged.
    Stride,
    /// Their paddings exchanged.
    Padding,
    /// The channels of the input met in reverse order.
    Channel,
    /// a·(1 - a) forgotten.
    NoSlope,
    /// The bias forgotten.
    NoBias,
    /// The maximum taken to stand one place later.
    MaximumOff,
    /// The maximum of equal shares: every place of a region gets its δ.
    MaximumShared,
    /// The mean's δ not divided by the region's size.
    NotMean,
    /// Of overlapping regions the last one alone counts.
    NotAdded,
}

/// Two maps of 6 x 7 under three filters of 3 x 2; rows in steps of 2 with a row of zeros, columns in steps of 1 with
/// two of them.
const SLID: Convolution = Convolution {
    input: MapShape { channels: 2, rows: 6, columns: 7 },
    filters: 3,
    size: [3, 2],
    stride: [2, 1],
    padding: [1, 2],
};

const SLID_EXAMPLES: usize = 2;

fn slid_pooling(kind: PoolingMode) -> Pooling {
    Pooling { mode: kind, input: SLID.output(), regions: [Regions::by(2), Regions::Sliding { size: 4, step: 3 }] }
}

/// The gradient of ½·Σ p² by W, b and x as loops over single numbers, with a slip or without.
fn slid_by_loops(slip: Slip, pooling: &Pooling, theta: &[f64], gradient: &mut [f64]) {
    let Convolution { input, filters, size: [h, v], .. } = SLID;
    let (plane, taps) = (input.plane(), SLID.taps());
    let (b, x) = (filters * taps, filters * taps + filters);
    let MapShape { rows, columns, .. } = SLID.output();
    let regions = pooling.output();
    // The number of x that tap (c, r, s) meets at place (i, j) of an example.
    let met = |n: usize, [c, r, s]: [usize; 3], [i, j]: [usize; 2], slip: Slip| -> Option<usize> {
        let ([down, across], [above, left]) = (SLID.stride, SLID.padding);
        let [down, across] = if slip == Slip::Stride { [across, down] } else { [down, across] };
        let [above, left] = if slip == Slip::Padding { [left, above] } else { [above, left] };
        let (y, u) = ((i * down + r).checked_sub(above)?, (j * across + s).checked_sub(left)?);
        let c = if slip == Slip::Channel { input.channels - 1 - c } else { c };
        let inside = y < input.rows && u < input.columns;
        inside.then_some(x + (c * SLID_EXAMPLES + n) * plane + y * input.columns + u)
    };
    let all_taps = || (0..taps).map(|t| [t / (h * v), t / v % h, t % v]);
    let all_places = || (0..rows * columns).map(|p| [p / columns, p % columns]);
    let number = |[c, r, s]: [usize; 3]| (c * h + r) * v + s;
    gradient.fill(0.0);
    for n in 0..SLID_EXAMPLES {
        for k in 0..filters {
            let a: Vec<f64> = all_places()
                .map(|place| {
                    let z = all_taps().fold(theta[b + k], |z, tap| {
                        z + theta[k * taps + number(tap)] * met(n, tap, place, Slip::None).map_or(0.0, |at| theta[at])
                    });
                    1.0 / (1.0 + ossicle::number::Real::exp(-z))
                })
                .collect();
            let mut delta = vec![0.0; a.len()];
            for region in 0..regions.rows * regions.columns {
                let (i, j) = (region / regions.columns, region % regions.columns);
                let (down, across) = (pooling.regions[0].region(i, rows), pooling.regions[1].region(j, columns));
                let members: Vec<usize> = down.flat_map(|i| across.clone().map(move |j| i * columns + j)).collect();
                let best = *members.iter().max_by(|&&p, &&q| a[p].total_cmp(&a[q])).unwrap();
                let mean = members.iter().fold(0.0, |sum, &p| sum + a[p]) / members.len() as f64;
                let later = if slip == Slip::MaximumOff { (best + 1) % a.len() } else { best };
                for &p in members.iter().chain([&later].into_iter().filter(|later| !members.contains(later))) {
                    let d = match pooling.mode {
                        PoolingMode::Mean if slip == Slip::NotMean => mean,
                        PoolingMode::Mean => mean / members.len() as f64,
                        PoolingMode::Max if slip == Slip::MaximumShared || p == later => a[best],
                        PoolingMode::Max => 0.0,
                    };
                    delta[p] = if slip == Slip::NotAdded { d } else { delta[p] + d };
                }
            }
            for (place, (d, a)) in all_places().zip(delta.iter().zip(&a)) {
                let d = if slip == Slip::NoSlope { *d } else { d * a * (1.0 - a) };
                gradient[b + k] += if slip == Slip::NoBias { 0.0 } else { d };
                for tap in all_taps() {
                    let Some(at) = met(n, tap, place, slip) else { continue };
                    let turned = number([tap[0], h - 1 - tap[1], v - 1 - tap[2]]);
                    let (of_w, of_x) = match slip {
                        Slip::Flipped => (turned, number(tap)),
                        Slip::Unturned => (number(tap), turned),
                        _ => (number(tap), number(tap)),
                    };
                    gradient[k * taps + of_w] += d * theta[at];
                    gradient[at] += d * theta[k * taps + of_x];
                }
            }
        }
    }
}

#[test]
fn every_mutant_of_convolution_and_pooling_is_caught_where_it_is_wrong() {
    let caught = |kind: PoolingMode, slip: Slip| -> Vec<String> {
        let pooling = slid_pooling(kind);
        let mut cost = Whole::new(SLID, pooling, SLID_EXAMPLES);
        let theta = theta(cost.dimension());
        assert!(cost.least_lead(&theta) > 0.003, "a maximum is about to change its place");
        let blocks = named_ranges(&cost.blocks());
        let gradient = FromFunction::new(theta.len(), |theta: &[f64], gradient: &mut [f64]| {
            slid_by_loops(slip, &pooling, theta, gradient);
            f64::NAN
        });
        let found = check(&mut Mutant { cost, gradient, change: |_| {} }, &theta, &blocks);
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    for kind in [PoolingMode::Mean, PoolingMode::Max] {
        assert_eq!(caught(kind, Slip::None), [""; 0]);
        assert_eq!(caught(kind, Slip::Flipped), ["W"]);
        assert_eq!(caught(kind, Slip::Unturned), ["x"]);
        assert_eq!(caught(kind, Slip::Stride), ["W", "x"]);
        assert_eq!(caught(kind, Slip::Padding), ["W", "x"]);
        assert_eq!(caught(kind, Slip::Channel), ["W", "x"]);
        assert_eq!(caught(kind, Slip::NoSlope), ["W", "b", "x"]);
        assert_eq!(caught(kind, Slip::NoBias), ["b"]);
        assert_eq!(caught(kind, Slip::NotAdded), ["W", "b", "x"]);
    }
    assert_eq!(caught(PoolingMode::Mean, Slip::NotMean), ["W", "b", "x"]);
    assert_eq!(caught(PoolingMode::Max, Slip::MaximumOff), ["W", "b", "x"]);
    assert_eq!(caught(PoolingMode::Max, Slip::MaximumShared), ["W", "b", "x"]);
}
