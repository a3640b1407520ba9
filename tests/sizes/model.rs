//! Models: numbers of parameters, shapes of convolutions and networks, their costs on examples of other shapes.

use super::{Draw, Test, outcome, product, tolerances};
use ossicle::matrix::Matrix;
use ossicle::model::convolution::pooling::Regions;
use ossicle::model::convolution::{
    Convolution, ConvolutionCost, Convolver, Filters, MapShape, Pooling, PoolingMode, definition, filters,
};
use ossicle::model::convolved_features::{self, Input};
use ossicle::model::network::Target;
use ossicle::model::network::activation_maximization::{Ascent, Unit};
use ossicle::model::network::examples::InMemory;
use ossicle::model::network::shape::{Layer, Network};
use ossicle::model::parameters::{block_after, blocks, draw_weights};
use ossicle::model::{Activation, Autoencoder, Loss, Softmax, Stacked};
use ossicle::number::Random;
use ossicle::optimize::Objective;

pub const TESTS: &[(&str, Test)] = &[
    ("blocks", parameters),
    ("autoencoders", autoencoders),
    ("softmax regressions", softmax),
    ("stacked networks", stacked),
    ("shapes of convolutions", shapes),
    ("convolutions", convolutions),
    ("regions", regions),
    ("pooling", pooling),
    ("wholes", wholes),
    ("patches of inputs", patches),
    ("networks", networks),
];

fn matrix(draw: &mut Draw, rows: usize, columns: usize) -> Matrix<f64> {
    let mut random = draw.random();
    Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0))
}

/// Draws as many parameters as expected; none if they are too many. The expected number saturates.
fn dimension(
    what: &dyn std::fmt::Debug,
    expected: u128,
    dimension: impl Fn() -> usize,
    draw: impl Fn() -> Vec<f64>,
) -> Option<Vec<f64>> {
    let found = outcome(what, dimension);
    assert_eq!(found.map(|n| n as u128), (expected <= usize::MAX as u128).then_some(expected), "{what:?}");
    let theta = outcome(what, draw);
    assert!(theta.as_ref().map_or(expected > 1 << 20, |theta| theta.len() as u128 == expected), "{what:?}");
    theta
}

/// The cost of an objective, if it can be made, is finite, with gradients of its own length alone.
fn cost<O: Objective<f64>>(
    draw: &mut Draw,
    what: &dyn std::fmt::Debug,
    objective: Option<O>,
    theta: &[f64],
    may_lack_memory: bool,
) {
    let Some(mut objective) = objective else { return };
    assert_eq!(objective.dimension(), theta.len(), "{what:?}");
    let mut gradient = vec![f64::NAN; theta.len()];
    let cost = outcome(what, || objective.cost_and_gradient(theta, &mut gradient));
    // A small network may have large maps inside.
    assert!(cost.map_or(may_lack_memory, |cost| !cost.is_infinite()), "{what:?}");
    let (short, mut other) = (vec![0.0; draw.small()], vec![0.0; draw.small()]);
    let found = outcome(what, || objective.cost_and_gradient(&short, &mut other));
    assert_eq!(found.is_some(), [short.len(), other.len()] == [theta.len(); 2], "{what:?}");
}

fn parameters(draw: &mut Draw) {
    let [a, b, c, d] = [(); 4].map(|()| draw.size());
    let all = product(&[a, b]).saturating_add(product(&[c, d]));
    let found = outcome((a, b, c, d), || blocks([("A", a, b), ("C", c, d)]));
    assert_eq!(found.map(|blocks| blocks[1].range.end as u128), (all <= usize::MAX as u128).then_some(all));
    let found = outcome((a, b, c, d), || block_after(Some(&block_after(None, "A", a, b)), "C", c, d));
    let Some(block) = found else { return };
    let theta = vec![0.0; draw.mostly_small().min(100)];
    let view = super::index_outcome((&block, theta.len()), || block.view(&theta).columns());
    assert_eq!(view.is_some(), block.range.end <= theta.len());
    let found = outcome((a, b), || draw_weights(&mut Random::new(1), a, b, &mut [0.0_f64; 3]));
    assert!(found.is_some());
}

fn autoencoders(draw: &mut Draw) {
    let tied = draw.coin();
    let (visible, hidden) = (draw.mostly_small(), draw.mostly_small());
    let settings = Autoencoder {
        decoder: Activation::Linear,
        tied,
        weight_decay: 0.1,
        sparsity: 0.1,
        sparsity_weight: 1.0,
        ..Autoencoder::new(visible, hidden)
    };
    let (v, h) = (settings.visible, settings.hidden);
    let (rows, columns) = (if draw.below(4) == 0 { draw.small() } else { v.min(20) }, draw.small());
    let examples = matrix(draw, rows, columns);
    let sum = |terms: &[u128]| terms.iter().fold(0_u128, |sum, &term| sum.saturating_add(term));
    let expected = sum(&[product(&[if tied { 1 } else { 2 }, h, v]), h as u128, v as u128]);
    let theta = dimension(&settings, expected, || settings.dimension(), || settings.draw(&mut Random::new(1)));
    if let Some(theta) = theta {
        let features = outcome((settings, rows, columns), || settings.encode(&theta, &examples));
        assert_eq!(features.is_some(), rows == v);
        let short = outcome(settings, || settings.encode(&theta[..theta.len() / 2], &examples));
        assert!(short.is_none() || theta.is_empty() && rows == v);
        let objective = outcome((settings, rows, columns), || settings.cost(&examples));
        assert_eq!(objective.is_some(), rows == v && columns > 0);
        cost(draw, &settings, objective, &theta, false);
    } else {
        let objective = outcome((settings, rows, columns), || settings.cost(&examples));
        assert!(objective.is_none());
    }
}

fn softmax(draw: &mut Draw) {
    let (features, classes, bias) = (draw.mostly_small(), draw.mostly_small(), draw.coin());
    let settings = Softmax { features, classes, bias, weight_decay: 0.1 };
    let expected = product(&[classes, features]).saturating_add(if bias { classes as u128 } else { 0 });
    let theta = dimension(
        &settings,
        expected,
        || settings.dimension(),
        || {
            vec![
                0.1;
                {
                    let n = settings.dimension();
                    assert!(n < 1 << 20, "no memory for {n}");
                    n
                }
            ]
        },
    );
    let (rows, columns) = (if draw.below(4) == 0 { draw.small() } else { features.min(20) }, draw.small());
    let examples = matrix(draw, rows, columns);
    let labels: Vec<usize> = (0..if draw.below(4) == 0 { draw.small() } else { columns })
        .map(|_| if draw.below(8) == 0 { draw.size() } else { draw.below(classes.clamp(1, 10)) })
        .collect();
    let objective = outcome((settings, rows, &labels), || settings.cost(&examples, &labels));
    let fits = rows == features && columns == labels.len() && columns > 0 && labels.iter().all(|&y| y < classes);
    assert!(objective.is_some() == fits || fits && classes > 1 << 10);
    let Some(theta) = theta else { return };
    let found = outcome((settings, rows, columns), || settings.log_probabilities(&theta, &examples));
    assert!(found.is_some() == (rows == features) || classes > 1 << 10);
    cost(draw, &settings, objective, &theta, false);
}

fn stacked(draw: &mut Draw) {
    let settings = Stacked {
        visible: draw.mostly_small(),
        layers: (0..draw.below(4)).map(|_| draw.mostly_small()).collect(),
        classes: draw.mostly_small(),
        bias: draw.coin(),
        weight_decay: 0.0,
    };
    let (mut inputs, mut expected) = (settings.visible, 0_u128);
    for &units in &settings.layers {
        expected = expected.saturating_add(product(&[units, inputs])).saturating_add(units as u128);
        inputs = units;
    }
    expected = expected.saturating_add(product(&[settings.classes, inputs]));
    expected = expected.saturating_add(if settings.bias { settings.classes as u128 } else { 0 });
    let theta = dimension(&settings, expected, || settings.dimension(), || settings.draw(&mut Random::new(1)));
    let (rows, columns) = (if draw.coin() { draw.small() } else { settings.visible.min(20) }, 1 + draw.small());
    let examples = matrix(draw, rows, columns);
    let labels: Vec<usize> = (0..columns).map(|_| draw.below(settings.classes.clamp(1, 10))).collect();
    let packed = outcome(&settings, || settings.pack::<f64>(&[], &[]));
    assert!(packed.is_none_or(|packed| packed.is_empty()));
    let Some(theta) = theta else { return };
    let objective = outcome(&settings, || settings.cost(&examples, &labels));
    cost(draw, &settings, objective, &theta, false);
    let (layers, top) = outcome(&settings, || settings.unpack(&theta)).unwrap();
    assert_eq!(outcome(&settings, || settings.pack(&layers, &top)), Some(theta));
}

/// A convolution of mostly small sizes.
fn convolution(draw: &mut Draw) -> Convolution {
    let mut size = || if draw.below(12) == 0 { draw.size() } else { draw.small() };
    let input = MapShape { channels: size() / 3, rows: size(), columns: size() };
    let filter = [size() / 3, size() / 3];
    Convolution {
        input,
        filters: size(),
        size: filter,
        stride: [size() / 2, size() / 2],
        padding: [size() / 4, size() / 4],
    }
}

fn shapes(draw: &mut Draw) {
    let shape = if draw.coin() {
        convolution(draw)
    } else {
        let [a, b, c, d, e, f, g, h, i, j] = [(); 10].map(|()| draw.size());
        let input = MapShape { channels: a, rows: b, columns: c };
        Convolution { input, filters: d, size: [e, f], stride: [g, h], padding: [i, j] }
    };
    let Convolution { input, size, stride, padding, .. } = shape;
    let bounded = |n: u128| (n <= usize::MAX as u128).then_some(n as usize);
    assert_eq!(outcome(input, || input.plane()), bounded(product(&[input.rows, input.columns])));
    assert_eq!(outcome(input, || input.elements()), bounded(product(&[input.channels, input.rows, input.columns])));
    assert_eq!(outcome(shape, || shape.taps()), bounded(product(&[input.channels, size[0], size[1]])));
    let places = |length: usize, axis: usize| {
        let padded = length as u128 + 2 * padding[axis] as u128;
        let fits = (1..=padded).contains(&(size[axis] as u128)) && stride[axis] > 0 && padded <= usize::MAX as u128;
        fits.then(|| ((padded - size[axis] as u128) / stride[axis] as u128 + 1) as usize)
    };
    let expected = places(input.rows, 0).zip(places(input.columns, 1));
    let found = outcome(shape, || shape.output());
    assert_eq!(found.map(|output| (output.rows, output.columns)), expected, "{shape:?}");
}

fn convolutions(draw: &mut Draw) {
    let shape = convolution(draw);
    let mut vary = |size: Option<usize>| match size {
        Some(size) if size < 1000 && draw.below(15) > 0 => size,
        _ => draw.small(),
    };
    let count = vary(Some(2));
    let plane = outcome(shape, || shape.input.plane());
    let rows = vary(Some(shape.input.channels));
    let columns = vary(plane.and_then(|plane| plane.checked_mul(count)));
    let (filters, taps, biases) =
        (vary(Some(shape.filters)), vary(outcome(shape, || shape.taps())), vary(Some(shape.filters)));
    let (maps, weights) = (matrix(draw, rows, columns), matrix(draw, filters, taps));
    let bias = draw.numbers(biases);
    let what = (shape, rows, columns, filters, taps, biases);
    let expected = outcome(what, || definition::by_definition(&shape, weights.view(), &bias, &maps));
    let layer = Filters { weights: weights.view(), bias: &bias, activation: Activation::Linear };
    let found = outcome(what, || filters::apply_filters(&shape, layer, &maps));
    assert_eq!(found, expected, "{what:?}");
    let Some(z) = found else {
        // The parts by themselves, with shapes that do not fit.
        let (to, end) = (matrix(draw, taps, columns), draw.size());
        let start = draw.small().min(end);
        let _ = outcome(what, || shape.patches(&maps, start..end, to.clone().view_mut()));
        let _ =
            outcome(what, || Convolver::default().maps_gradient(&shape, weights.view(), to.view(), &mut maps.clone()));
        return;
    };
    assert_eq!(z.rows(), shape.filters);
    let mut gradient = matrix(draw, filters, taps);
    let mut convolver = Convolver::default();
    outcome(what, || convolver.weights_gradient(&shape, z.view(), &maps, gradient.view_mut())).unwrap();
    let back = outcome(what, || convolver.maps_gradient(&shape, weights.view(), z.view(), &mut maps.clone()));
    assert!(back.is_some() || product(&[taps, shape.output().plane()]) > 1 << 20, "{what:?}");
}

fn regions(draw: &mut Draw) {
    let [a, b, r, length] = [(); 4].map(|()| draw.size());
    let cut = if draw.coin() { Regions::Sliding { size: a, step: b } } else { Regions::Adaptive(a) };
    let Some(count) = outcome((cut, length), || cut.count(length)) else { return };
    let wide = |n: usize| n as u128;
    let expected = match cut {
        Regions::Sliding { size, step } => (wide(r) * wide(step), (wide(r) * wide(step)).saturating_add(wide(size))),
        Regions::Adaptive(parts) => {
            (wide(r) * wide(length) / wide(parts), ((wide(r) + 1).saturating_mul(wide(length))).div_ceil(wide(parts)))
        }
    };
    match outcome((cut, r, length), || cut.region(r, length)) {
        Some(region) => {
            assert_eq!((wide(region.start), wide(region.end)), expected, "{cut:?}, {r} of {length}");
            assert!(r >= count || region.end <= length);
        }
        None => assert!(expected.1 > wide(usize::MAX) || (wide(r) + 1).saturating_mul(wide(length)) > wide(usize::MAX)),
    }
}

/// A pooling of mostly small sizes.
fn small_pooling(draw: &mut Draw) -> Pooling {
    let input = MapShape { channels: draw.small() / 3, rows: draw.mostly_small(), columns: draw.mostly_small() };
    let mut cut = || match draw.below(2) {
        0 => Regions::Sliding { size: draw.mostly_small(), step: draw.mostly_small() },
        _ => Regions::Adaptive(draw.mostly_small()),
    };
    let cuts = [cut(), cut()];
    Pooling { mode: if draw.coin() { PoolingMode::Max } else { PoolingMode::Mean }, input, regions: cuts }
}

fn pooling(draw: &mut Draw) {
    let pooling = small_pooling(draw);
    let MapShape { channels, rows, columns } = pooling.input;
    let examples = draw.below(3);
    let (high, wide) = if draw.below(6) == 0 {
        (draw.small(), draw.small())
    } else {
        (channels, rows.wrapping_mul(columns).wrapping_mul(examples).min(1000))
    };
    let maps = matrix(draw, high, wide);
    let (mut pooled, mut places) = (Matrix::empty(), Vec::new());
    let what = (pooling, high, wide);
    let map = if rows.max(columns) < 100 { outcome(what, || pooling.region_map()) } else { None };
    if outcome(what, || pooling.forward(&maps, &mut pooled, &mut places)).is_none() {
        return;
    }
    assert_eq!(product(&[rows, columns]) * (wide as u128 / product(&[rows, columns])), wide as u128);
    let output = pooling.output();
    // Each region's number is that of its places in the map of regions.
    if let Some(map) = map {
        for c in 0..channels {
            for at in 0..pooled.columns() {
                let (example, region) = (at / output.plane(), at % output.plane());
                let plane = &maps.row(c)[example * rows * columns..][..rows * columns];
                let members: Vec<f64> =
                    (0..plane.len()).filter(|&i| map[i].contains(&region)).map(|i| plane[i]).collect();
                let expected = match pooling.mode {
                    PoolingMode::Max => members.iter().fold(f64::NEG_INFINITY, |most, &x| most.max(x)),
                    PoolingMode::Mean => members.iter().fold(0.0, |sum, x| sum + x) / members.len() as f64,
                };
                assert!((pooled.row(c)[at] - expected).abs() <= tolerances::REGION_MEAN, "{what:?}");
            }
        }
    }
    let mut back = Matrix::empty();
    outcome(what, || pooling.backward(&pooled, &places, &mut back)).unwrap();
    assert_eq!((back.rows(), back.columns()), (maps.rows(), maps.columns()));
}

fn wholes(draw: &mut Draw) {
    let shape = convolution(draw);
    let mut pooling = small_pooling(draw);
    if draw.below(6) > 0
        && let Some(output) = outcome(shape, || shape.output())
    {
        pooling.input = output;
    }
    let examples = draw.mostly_small();
    let Some(mut whole) = outcome((shape, pooling, examples), || ConvolutionCost::new(shape, pooling, examples)) else {
        return;
    };
    let Some(n) = outcome((shape, pooling, examples), || whole.dimension()).filter(|&n| n < 2000) else { return };
    let theta = draw.numbers(n);
    let mut gradient = vec![0.0; n];
    let cost = outcome((shape, pooling, examples), || whole.cost_and_gradient(&theta, &mut gradient));
    assert!(cost.is_none_or(f64::is_finite));
}

fn patches(draw: &mut Draw) {
    let (channels, rows, columns) = (1 + draw.below(2), draw.small(), draw.small());
    let shape = MapShape { channels, rows, columns };
    let least = [draw.mostly_small(), draw.mostly_small()];
    let maps = matrix(draw, channels, rows * columns);
    let Some(input) = outcome((shape, least), || Input::new(shape, maps.clone(), least)) else {
        assert!(least[0].max(least[1]) > 1000);
        return;
    };
    let large = input.shape();
    assert_eq!((large.rows, large.columns), (rows.max(least[0]), columns.max(least[1])));
    let (size, count) = ([draw.mostly_small(), draw.mostly_small()], draw.mostly_small());
    let mut random = draw.random();
    let found =
        outcome((large, size, count), || convolved_features::sample(&[&input, &input], size, count, &mut random));
    let fits = (1..=large.rows).contains(&size[0]) && (1..=large.columns).contains(&size[1]);
    assert!(found.as_ref().map_or(!fits || count > 1000, |found| fits && found.columns() == count));
}

fn networks(draw: &mut Draw) {
    let mut size = || if draw.below(15) == 0 { draw.size() } else { 1 + draw.small() };
    let input = MapShape { channels: 1 + size() % 3, rows: size(), columns: size() };
    let mut layers = Vec::new();
    for kind in [size() % 8, size() % 8, size() % 8] {
        let activation = if size() % 2 == 0 { Activation::Sigmoid } else { Activation::Rectified };
        layers.push(match kind {
            0 => {
                let (size, stride, padding) =
                    ([size() / 3, size() / 3], [size() / 2, size() / 2], [size() / 6, size() / 6]);
                Layer::Convolution { filters: stride[0], size, stride, padding, activation }
            }
            1 => {
                let (size, stride, padding) =
                    ([size() / 3, size() / 3], [size() / 2, size() / 2], [size() / 6, size() / 6]);
                Layer::TransposedConvolution { channels: stride[1], size, stride, padding, activation }
            }
            2 => Layer::pooling(PoolingMode::Max, [size() / 3, size() / 3]),
            3 => Layer::Pooling {
                mode: PoolingMode::Mean,
                regions: [Regions::Adaptive(size()), Regions::Adaptive(size())],
            },
            4 => Layer::Dense { units: size(), activation },
            5 => Layer::Masking { rate: 0.5 },
            6 => Layer::Residual { activation },
            _ => Layer::Dropout { rate: 0.5 },
        });
    }
    layers.truncate(size() % 4);
    let classes = size();
    if size() > 3 {
        layers.push(Layer::Softmax { classes });
    }
    let settings = Network { weight_decay: 0.1, l1_penalty: 0.1, ..Network::new(input, layers) };
    let place = [size(), size()];
    let layer = size() % 5;
    let Some(dimension) = outcome(&settings, || settings.dimension()) else { return };
    if (1..=settings.layers.len()).contains(&layer) {
        let seen = outcome((&settings, layer, place), || settings.receptive_field(layer, place));
        let MapShape { rows, columns, .. } = settings.shape(layer);
        let is_inside = place[0] < rows && place[1] < columns;
        let shapes = || (0..=layer).map(|layer| settings.shape(layer));
        let is_large = shapes().any(|shape| shape.rows.max(shape.columns) > 1 << 15);
        assert!(seen.is_some() == is_inside || is_inside && is_large, "{settings:?}, {place:?}");
        assert!(seen.is_none_or(|[i, j]| i.end <= input.rows && j.end <= input.columns));
    }
    if layer < settings.layers.len() {
        let _ = outcome((&settings, layer), || settings.autoencoder(layer, 0.1));
    }
    let Some(theta) = outcome(&settings, || settings.draw::<f64>(&mut Random::new(1))) else { return };
    assert_eq!(theta.len(), dimension);
    let numbers = product(&[input.channels, input.rows, input.columns]);
    if dimension > 100_000 || numbers > 10_000 {
        return;
    }
    let (count, length) = (draw.small(), if draw.below(8) == 0 { draw.small() } else { numbers as usize });
    let examples = InMemory::from_rows(matrix(draw, count, length));
    let labels: Vec<usize> = (0..count).map(|_| draw.below(classes.clamp(1, 9))).collect();
    let labels = settings.classes().map(|_| labels);
    let what = (&settings, count, length);
    if length == numbers as usize {
        let deepest = settings.layers.len();
        let outputs = outcome(what, || settings.outputs(&theta, &examples, deepest));
        let expected = outcome(what, || settings.shape(deepest).elements());
        assert!(outputs.is_none_or(|outputs| (Some(outputs.rows()), outputs.columns()) == (expected, count)));
        let target = labels.as_deref().map_or(Target::Input(Loss::Squared), Target::Labels);
        let objective = outcome(what, || settings.cost(&examples, target));
        cost(draw, &what, objective, &theta, true);
        let unit =
            Unit { layer: deepest, channel: draw.mostly_small(), position: [draw.mostly_small(), draw.mostly_small()] };
        let ascent = Ascent { length: 1.0, step: 0.1, steps: 3 };
        let mut random = draw.random();
        let found = outcome((&settings, unit), || settings.activation_maximization(&theta, unit, &ascent, &mut random));
        assert!(found.is_none_or(|(x, _)| x.len() == length));
    }
}
