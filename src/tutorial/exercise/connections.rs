//! B.1: dense, local, and pooled connections: their numbers of features and parameters, and their errors.
//!
//! **Why.** Each unit of a dense layer has a weight for each value of an image, so the number of weights is the number
//! of units times that of values. A network with far more weights than it has examples can memorize the examples.
//!
//! **Idea.** Images and spectrograms allow three restrictions. Neighboring values depend on one another most, so a unit
//! needs only the values of a small patch (local connections). The statistics of patches are the same at all positions
//! (stationarity), so the same weights serve everywhere (a convolution). Often it matters only roughly where a pattern
//! occurs, so one value for each region is enough (pooling). The first two restrictions save weights, but each filter
//! still has a feature at every position, and the softmax layer above has a weight for each feature and each class.
//! Pooling saves these.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | r, c | rows and columns of an image |
//! | a, b | rows and columns of a patch |
//! | k | the number of filters |
//! | n | the number of units of a layer without pooling, which is that of its features |
//! | n_p | the number of features after pooling |
//! | N | pooling regions form N rows and N columns |
//!
//! The features of a convolution, and of the pooling above it; and the weights of n units with dense connections, with
//! local ones, and with local ones that the units of a filter share:
//!
//! ```text
//! (LC.1)  n = k·(r - a + 1)·(c - b + 1)                                   source B, 8.4, "Convolution"
//! (LC.2)  n_p = k·N²                                                      source B, 8.4, "Pooling"
//! (LC.3)  n·r·c
//! (LC.4)  n·a·b
//! (LC.5)  k·a·b
//! ```
//!
//! Derivation: the first row of a patch can be row 0 to r - a of the image, which are r - a + 1 rows, and likewise for
//! columns. Each of the k filters has a unit at each of these positions. Pooling leaves one value for each filter and
//! region. A unit has a weight for each value that it sees: r·c values of the whole image, or a·b values of its patch.
//! If the units of a filter share their weights, they are counted once for each filter.
//!
//! By hand: 400 filters of 8 x 8 on an image of 96 x 96 have n = 400·89² = 3168400 features, the "3+ million" of source
//! B. As many dense units would have n·96² = 29199974400 weights, local ones n·8² = 202777600, and local ones with
//! shared weights 400·8² = 25600. Means over a grid of 3 x 3 regions leave n_p = 400·3² = 3600 features. (89 is not
//! divisible by 3; regions then overlap by a row or a column.)
//!
//! These numbers leave out the biases; [`Network::dimension`] counts them.
//!
//! Source: source B, 8.4, "Convolution" and "Pooling"; UFLDL, "Feature extraction using convolution" and "Pooling".

use super::context::ExerciseContext;
use super::minibatches::{Score, fit, parameters};
use super::networks::Inputs;
use crate::model::Activation;
use crate::model::convolution::pooling::Regions;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::network::{Layer, Network};
use crate::optimize::{Training, UpdateRule};
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::report::{Table, percent};
use std::format;
use std::vec;
use std::vec::Vec;

/// The sizes of a convolution, and of the pooling above it.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// r and c.
    image: [usize; 2],
    /// a and b.
    patch: [usize; 2],
    /// k.
    filters: usize,
    /// N.
    regions: usize,
}

/// The sizes of the source's example.
const SOURCE: Sizes = Sizes { image: [96, 96], patch: [8, 8], filters: 400, regions: 3 };

impl Sizes {
    fn features(self) -> usize {
        let Sizes { image: [r, c], patch: [a, b], filters: k, .. } = self;
        k * (r - a + 1) * (c - b + 1) // (LC.1)
    }

    fn pooled_features(self) -> usize {
        self.filters * self.regions * self.regions // (LC.2)
    }

    fn dense_weights(self, units: u64) -> u64 {
        let [r, c] = self.image.map(|length| length as u64);
        units * r * c // (LC.3)
    }

    fn local_weights(self, units: u64) -> u64 {
        let [a, b] = self.patch.map(|length| length as u64);
        units * a * b // (LC.4)
    }

    fn shared_weights(self) -> u64 {
        let [a, b] = self.patch.map(|length| length as u64);
        self.filters as u64 * a * b // (LC.5)
    }

    /// A dense layer below softmax.
    fn dense(self, units: usize, classes: usize) -> Network {
        self.network(vec![Layer::Dense { units, activation: Activation::Rectified }, Layer::Softmax { classes }])
    }

    /// A convolution below softmax, with pooling between them or without.
    fn convolution(self, pooling: Option<PoolingMode>, classes: usize) -> Network {
        let convolution = Layer::convolution(self.filters, self.patch, Activation::Rectified);
        let pooling = pooling.map(|mode| Layer::Pooling { mode, regions: [Regions::Adaptive(self.regions); 2] });
        let layers = [Some(convolution), pooling, Some(Layer::Softmax { classes })];
        self.network(layers.into_iter().flatten().collect())
    }

    fn network(self, layers: Vec<Layer>) -> Network {
        let [rows, columns] = self.image;
        Network::new(MapShape { channels: 1, rows, columns }, layers)
    }

    /// The networks that are compared, with names.
    fn networks(self, classes: usize) -> [(&'static str, Network); 5] {
        [
            ("dense", self.dense(self.features(), classes)),
            ("dense, fewer units", self.dense(self.pooled_features(), classes)),
            ("convolution", self.convolution(None, classes)),
            ("convolution, mean pooling", self.convolution(Some(PoolingMode::Mean), classes)),
            ("convolution, max pooling", self.convolution(Some(PoolingMode::Max), classes)),
        ]
    }
}

/// The number of features that the softmax layer of a network sees.
fn features(network: &Network) -> usize {
    let MapShape { channels, rows, columns } = network.shape(network.layers.len() - 1);
    channels * rows * columns
}

/// The number of weights of a network's first layer.
fn first_weights(network: &Network) -> usize {
    network.blocks()[0].range.len()
}

/// Filters, their side, and pooling regions of rows and of columns, for the examples of the exercise.
const FILTERS: usize = 4;
const SIDE: usize = 5;
const REGIONS: usize = 6;

/// The training examples, few enough to be overfitted; the examples in a batch, the epochs, and Adam's rate.
const FEW: usize = 100;
const BATCH: usize = 20;
const EPOCHS: usize = 40;
const RATE: f64 = 3e-3;

/// A network after its training.
struct Compared {
    name: &'static str,
    network: Network,
    training_accuracy: f64,
    test_accuracy: f64,
    test_cost: f64,
}

/// Trains the networks of these sizes.
fn compare(context: &mut ExerciseContext, inputs: &Inputs, sizes: Sizes, epochs: usize) -> Vec<Compared> {
    let seed = context.settings.seed;
    let settings = Training { batch: BATCH, epochs, patience: epochs, seed, ..Training::new(UpdateRule::ADAM, RATE) };
    let networks = sizes.networks(context.labels.len());
    let train_and_test = |(name, network): (&'static str, Network)| {
        let last = fit(context, name, network.clone(), settings, &inputs.train, &inputs.test).last;
        let Score { cost: test_cost, accuracy: test_accuracy } = Score::of(&last, &inputs.test);
        Compared { name, network, training_accuracy: last.accuracy(&inputs.train), test_accuracy, test_cost }
    };
    networks.map(train_and_test).into()
}

/// B.1: dense, local, and pooled connections.
pub fn connections(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    arithmetic(context);
    let all = Inputs::of(context)?;
    let inputs = Inputs { train: all.train.first(FEW), ..all };
    let sizes = Sizes { image: inputs.size, patch: [SIDE; 2], filters: FILTERS, regions: REGIONS };
    let compared = compare(context, &inputs, sizes, EPOCHS);
    let headings = ["first layer", "features", "parameters", "softmax parameters", "training", "test", "test cost"];
    let mut table = Table::new(&headings);
    for one in &compared {
        let counts = parameters(&one.network);
        table.cells(&[
            &one.name,
            &features(&one.network),
            &counts[0],
            &counts[counts.len() - 1],
            &percent(one.training_accuracy),
            &percent(one.test_accuracy),
            &format_args!("{:.3}", one.test_cost),
        ]);
    }
    let [rows, columns] = inputs.size;
    context.say(&format!(
        "Networks of one layer of rectified units below softmax, trained by Adam on {} examples of {rows} x {columns} \
         in {EPOCHS} epochs; {} test examples. The convolution has {FILTERS} filters of {SIDE} x {SIDE}; the first \
         dense layer has as many units as the convolution has features, the second as many as remain after pooling \
         over a grid of {REGIONS} x {REGIONS} regions. `parameters` counts those of the first layer with its biases, \
         `softmax parameters` those \
         of the layer above; `training` and `test` are accuracies.\n",
        inputs.train.count(),
        inputs.test.count()
    ));
    context.table(&table);
    context.say(
        "What to see: every network fits its training examples. Local connections with shared weights replace the \
         many parameters of the dense layer by a few, and the test accuracy changes by a few points. But without \
         pooling the softmax layer has a weight for each feature and each class, and can overfit: compare its test \
         cost with those of the same filters with pooling, which have the fewest parameters of all. Differences of a \
         few points are often chance: try another --seed.",
    );
    let point = |one: &Compared| [one.network.dimension() as f64, one.test_accuracy];
    let series = |one: &Compared| Series { name: one.name.into(), points: [point(one)].into(), style: Style::Points };
    let (labels, scales) = (["parameters of both layers", "test accuracy"], [Scale::Logarithmic, Scale::Linear]);
    let points = compared.iter().map(series).collect();
    let mut chart = Chart::new("test accuracy against the number of parameters", labels, scales, points);
    for (axis, scale) in scales.into_iter().enumerate() {
        chart.axes[axis] = Axis::over(compared.iter().map(|one| point(one)[axis]), scale, 0.1);
    }
    let caption = "The upper left corner is best: high accuracy with few parameters.";
    context.put_chart("test accuracy against parameters", "B.1-accuracy.svg", caption, chart);
    Ok(())
}

/// Prints the numbers of features and weights of the source's example.
fn arithmetic(context: &mut ExerciseContext) {
    const CLASSES: usize = 10;
    let Sizes { image: [r, c], patch: [a, b], filters: k, regions } = SOURCE;
    let mut table = Table::new(&["first layer", "features", "weights", "weights of softmax"]);
    for (name, network) in [
        (format!("dense, {k} units"), SOURCE.dense(k, CLASSES)),
        (format!("{k} filters of {a} x {b}"), SOURCE.convolution(None, CLASSES)),
        (
            format!("the same, means over a grid of {regions} x {regions} regions"),
            SOURCE.convolution(Some(PoolingMode::Mean), CLASSES),
        ),
    ] {
        let n = features(&network);
        table.cells(&[&name, &n, &first_weights(&network), &(n * CLASSES)]);
    }
    let (n, units) = (SOURCE.features(), SOURCE.features() as u64);
    context.say(&format!(
        "The source's example: images of {r} x {c}, {CLASSES} classes. {k} filters of {a} x {b} have {k}·({r} - {a} + \
         1)·({c} - {b} + 1) = {n} features (\"3+ million\"), and {k}·{a}·{b} = {} weights.\n",
        SOURCE.shared_weights()
    ));
    context.table(&table);
    context.say(&format!(
        "A unit at each position of each filter, without shared weights, would need {n}·{a}·{b} = {} weights; as many \
         dense units, {n}·{r}·{c} = {}.\n",
        SOURCE.local_weights(units),
        SOURCE.dense_weights(units)
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::number::Random;
    use crate::tutorial::examples::LabeledExamples;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn features_and_weights_of_the_sources_example_are_those_of_the_networks() {
        let (plain, pooled) = (SOURCE.convolution(None, 10), SOURCE.convolution(Some(PoolingMode::Max), 10));
        assert_eq!((SOURCE.features(), features(&plain)), (3_168_400, 3_168_400));
        assert_eq!((SOURCE.pooled_features(), features(&pooled)), (3600, 3600));
        assert_eq!((SOURCE.shared_weights(), first_weights(&plain)), (25_600, 25_600));
        assert_eq!((SOURCE.dense_weights(400), first_weights(&SOURCE.dense(400, 10))), (3_686_400, 3_686_400));
        // A unit at each of 89 x 89 positions has the weights of its filter.
        assert_eq!(SOURCE.local_weights(3_168_400), 25_600 * 89 * 89);
    }

    #[test]
    fn local_connections_need_fewer_parameters_and_pooled_features_overfit_less() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let (mut random, size) = (Random::new(5), [12, 12]);
        // A bar of five pixels at a random position on noise; the label says whether it is horizontal.
        let mut set = |count: usize| {
            let mut matrix: Matrix<f32> = Matrix::from_function(144, count, |_, _| random.uniform(0.0, 0.3));
            let labels: Vec<usize> = (0..count).map(|j| j % 2).collect();
            for (j, &label) in labels.iter().enumerate() {
                let [across, along] = [random.index(12), random.index(8)];
                for step in along..along + 5 {
                    let [row, column] = if label == 0 { [across, step] } else { [step, across] };
                    matrix.row_mut(12 * row + column)[j] = 1.0;
                }
            }
            LabeledExamples { matrix, labels }
        };
        let inputs = Inputs { train: set(100), test: set(200), size };
        let sizes = Sizes { image: size, patch: [3, 3], filters: 4, regions: 2 };
        let [dense, few, local, means, maxima] = compare(&mut context, &inputs, sizes, 200).try_into().ok().unwrap();
        let [of_dense, of_few, of_local] = [&dense, &few, &local].map(|one| parameters(&one.network)[0]);
        assert!(100 * of_local < of_dense && 10 * of_local < of_few, "{of_local} {of_few} {of_dense}");
        for unpooled in [&dense, &few, &local] {
            assert_eq!(unpooled.training_accuracy, 1.0, "{}", unpooled.name);
            for pooled in [&means, &maxima] {
                let (costs, accuracies) =
                    ([pooled.test_cost, unpooled.test_cost], [pooled.test_accuracy, unpooled.test_accuracy]);
                assert!(costs[0] < costs[1] && accuracies[0] > accuracies[1], "{costs:?} {accuracies:?}");
                assert!(features(&pooled.network) < features(&unpooled.network) || unpooled.name == few.name);
            }
        }
    }
}
