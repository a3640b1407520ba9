//! E.5: decision surfaces of small networks on points of the plane, as in the playground that source E shows.
//!
//! **Why.** Softmax regression separates two classes by a straight line. Hidden layers bend the line. With two inputs,
//! the effect of each unit, layer and activation can be seen.
//!
//! **Idea.** A hidden unit of the first layer divides the plane along its own line w·x + b = 0, and responds on one
//! side: gradually (sigmoid, tanh) or in proportion to the distance from the line (ReLU). The layer above combines
//! these sides. To enclose a disk takes at least three lines, a triangle, so at least three units.
//!
//! **By hand**, exclusive or. Class 0 has the corners (1, 1) and (-1, -1), class 1 has (1, -1) and (-1, 1). A line
//! would need w·x + b > 0 at both corners of class 0. Their sum is 0, so the sum of the two inequalities is 2b > 0. In
//! the same way class 1 demands 2b < 0. No b satisfies both, so no line separates the corners. Two rectified units do:
//!
//! ```text
//! h_1 = max(0, x_1 + x_2),  h_2 = max(0, -x_1 - x_2),  h_1 + h_2 = |x_1 + x_2| = 2, 2 for class 0 and 0, 0 for class 1
//! ```
//!
//! A softmax unit on h_1 and h_2 needs only the line h_1 + h_2 = 1. In the plane that is a band, |x_1 + x_2| < 1,
//! around the corners of class 1.
//!
//! Sources: source E, "TensorFlow playground"; D. Smilkov, S. Carter, D. Sculley, F. Viégas and M. Wattenberg,
//! "Direct-manipulation visualization of deep networks", 2017.

use super::context::ExerciseContext;
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::MapShape;
use crate::model::network::{InMemory, Layer, Network, Target};
use crate::number::{Random, Real};
use crate::picture::regions::{DecisionRegions, LabeledPoint, Panel};
use crate::picture::tile_sheet::captioned;
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::training::TrainedClassifier;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// A distribution of points of two classes in the plane, within about 2 of the origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PointSet {
    /// Class 0 is a disk, class 1 a ring around it.
    Circles,
    /// In class 0, x1 and x2 have the same sign, in class 1 different signs.
    ExclusiveOr,
    /// Each class is an arm that winds around the origin.
    Spirals {
        /// How often an arm winds around the origin.
        windings: f64,
    },
}

/// The point sets of E.5.
const SETS: [PointSet; 3] = [PointSet::Circles, PointSet::ExclusiveOr, PointSet::Spirals { windings: 1.25 }];

/// The standard deviation of the noise on each coordinate.
const NOISE: f64 = 0.08;

impl PointSet {
    fn name(self) -> &'static str {
        match self {
            PointSet::Circles => "circles",
            PointSet::ExclusiveOr => "exclusive or",
            PointSet::Spirals { .. } => "spirals",
        }
    }

    /// A point of class 0 or 1, without noise.
    fn point(self, class: usize, random: &mut Random) -> [f64; 2] {
        let polar = |radius: f64, half_circles: f64| {
            let (sine, cosine) = half_circles.sin_cos_pi();
            [radius * cosine, radius * sine]
        };
        match self {
            PointSet::Circles => {
                let radius = if class == 0 { random.uniform(0.0, 1.0) } else { random.uniform(1.3, 1.8) };
                polar(radius, random.uniform(0.0, 2.0))
            }
            PointSet::ExclusiveOr => {
                let (x1, x2): (f64, f64) = (random.uniform(-1.8, 1.8), random.uniform(0.0, 1.8));
                [x1, if (x1 > 0.0) == (class == 0) { x2 } else { -x2 }]
            }
            PointSet::Spirals { windings } => {
                let t: f64 = random.uniform01();
                polar(0.2 + 1.6 * t, 2.0 * windings * t + class as f64)
            }
        }
    }

    /// Points with noise: 2 x count, of class 0, 1, 0, and so on.
    pub fn draw(self, count: usize, random: &mut Random) -> LabeledExamples<f32> {
        let mut matrix = Matrix::zeros(2, count);
        for j in 0..count {
            for (i, x) in self.point(j % 2, random).into_iter().enumerate() {
                matrix.row_mut(i)[j] = (x + NOISE * random.normal::<f64>()) as f32;
            }
        }
        LabeledExamples { matrix, labels: (0..count).map(|j| j % 2).collect() }
    }
}

/// The activations of E.5 and E.6, with the names that source E uses.
pub(super) const ACTIVATIONS: [(&str, Activation); 3] =
    [("tanh", Activation::Tanh), ("ReLU", Activation::Rectified), ("sigmoid", Activation::Sigmoid)];

/// Hidden layers, all of the same width.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hidden {
    layers: usize,
    units: usize,
}

const HIDDEN: [Hidden; 7] = [
    Hidden { layers: 0, units: 0 },
    Hidden { layers: 1, units: 2 },
    Hidden { layers: 1, units: 4 },
    Hidden { layers: 1, units: 16 },
    Hidden { layers: 2, units: 2 },
    Hidden { layers: 2, units: 4 },
    Hidden { layers: 2, units: 16 },
];

impl Hidden {
    /// The units of each layer, such as "4 + 4".
    fn name(self) -> String {
        match self.layers {
            0 => "none".into(),
            layers => vec![format!("{}", self.units); layers].join(" + "),
        }
    }

    fn network(self, activation: Activation) -> Network {
        network(&vec![Layer::Dense { units: self.units, activation }; self.layers])
    }
}

/// λ: so small that it only keeps the weights of separable classes finite.
const DECAY: f64 = 1e-4;

/// A network of two inputs and two classes with these hidden layers.
pub(super) fn network(hidden: &[Layer]) -> Network {
    let layers = [hidden, &[Layer::Softmax { classes: 2 }]].concat();
    Network { weight_decay: DECAY, ..Network::new(MapShape::vector(2), layers) }
}

/// The random starts of each network.
pub(super) const STARTS: u64 = 3;

/// The network, trained by L-BFGS from [`STARTS`] random starts: the one with the smallest cost in the end.
pub(super) fn train(
    context: &mut ExerciseContext,
    stage: &str,
    model: Network,
    iterations: usize,
    examples: &LabeledExamples<f32>,
) -> TrainedClassifier<Network, f32> {
    let inputs = InMemory::from_columns(&examples.matrix);
    let (mut best, mut least) = (Vec::new(), f32::INFINITY);
    for start in 0..STARTS {
        let mut theta = model.draw(&mut Random::stream(context.settings.seed, &[start]));
        let mut cost = model.cost(&inputs, Target::Labels(&examples.labels));
        let outcome = context.run.minimize(stage, iterations, &mut cost, &mut theta);
        if best.is_empty() || outcome.cost < least {
            (best, least) = (theta, outcome.cost);
        }
    }
    context.run.learned(&best);
    TrainedClassifier { model, theta: best }
}

/// Training and test points of a set.
pub(super) fn points(context: &ExerciseContext, set: PointSet) -> [LabeledExamples<f32>; 2] {
    let seed = context.settings.seed;
    [(TRAINING, 0), (TESTS, 1)].map(|(count, number)| set.draw(count, &mut Random::stream(seed, &[number])))
}

/// The points to train on, and to test on.
const TRAINING: usize = 200;
const TESTS: usize = 1000;

/// The training points in a panel of the picture, its side in pixels, and the coordinates at its border.
const SHOWN: usize = 100;
const SIDE: usize = 110;
const BOUND: f64 = 2.0;

/// E.5: decision surfaces.
pub fn surfaces(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let iterations = if context.quick { 100 } else { 200 };
    let mut picture = DecisionRegions {
        title: "hidden units".into(),
        bound: BOUND,
        side: SIDE,
        rows: Vec::new(),
        columns: HIDDEN.map(Hidden::name).into(),
        panels: Vec::new(),
    };
    let mut table = Table::new(&["data set", "hidden units", "parameters", "tanh", "ReLU", "sigmoid"]);
    for set in SETS {
        let [train_points, tests] = points(context, set);
        let mut cells: Vec<Vec<String>> = Vec::new();
        for (name, activation) in ACTIVATIONS {
            picture.rows.push(format!("{}, {name}", set.name()));
            let mut of_activation = Vec::new();
            for hidden in HIDDEN {
                let stage = format!("{}, {name}, {}", set.name(), hidden.name());
                let trained = train(context, &stage, hidden.network(activation), iterations, &train_points);
                let [training, testing] = [&train_points, &tests].map(|set| percent(trained.accuracy(set)));
                of_activation.push(format!("{training}, {testing}"));
                if context.figures.is_some() {
                    picture.panels.push(panel(&picture, &trained, &train_points.first(SHOWN)));
                }
            }
            cells.push(of_activation);
        }
        for (k, hidden) in HIDDEN.into_iter().enumerate() {
            let parameters = hidden.network(Activation::Tanh).dimension();
            table.cells(&[&set.name(), &hidden.name(), &parameters, &cells[0][k], &cells[1][k], &cells[2][k]]);
        }
    }
    context.say(&format!(
        "Points of two classes in the plane, some of them across the boundary by chance: a disk in a ring (circles); \
         opposite quadrants (exclusive or); two spirals. Small networks with two softmax outputs learn from \
         {TRAINING} points by L-BFGS, each from {STARTS} random starts, of which the one with the lowest cost is \
         shown. `4 + 4` means two hidden layers of four units each. Each cell holds the accuracy on the training \
         points, then on {TESTS} test points. Without a hidden layer there is no activation, so the three columns \
         agree.\n",
    ));
    context.table(&table);
    context.say(
        "What to see: without a hidden layer the boundary is a straight line, and the accuracy is close to that of \
         guessing. Each unit of the first hidden layer adds a line at which the boundary can bend: two units cannot \
         enclose the disk, four can. Two units can make a band, which puts two opposite corners of exclusive or on \
         one side, but is wrong near the axes. Four are too few for the spirals, 16 are enough. A second layer \
         combines the regions of the first one: 4 + 4 units, with half of the parameters of one layer of 16, reach a \
         higher test accuracy on the spirals than one layer of four. The activation changes the shape: ReLU gives \
         straight edges with corners, tanh and sigmoid can give curves.\n\n\
         A network with more units than it needs can overfit. The noise carries points of exclusive or across the \
         axes, so that both classes overlap there. With tanh, the largest network bends the boundary around single \
         points: its training accuracy is the highest, and its test accuracy is below that of one layer of four. In \
         the picture, the color is the predicted probability of one class; white is a probability of ½, and so the \
         boundary, or a region in which the network is undecided.",
    );
    if context.figures.is_some() {
        let what = "decision surfaces";
        let caption = "Without hidden units a boundary is a straight line. More units, and a second layer, bend it around \
                       the points.";
        context.put(what, "E.5-surfaces.png", &captioned(&picture.image(), what, caption));
    }
    Ok(())
}

/// The probabilities of class 1 at each pixel, and points on top.
fn panel(picture: &DecisionRegions, trained: &TrainedClassifier<Network, f32>, points: &LabeledExamples<f32>) -> Panel {
    let positions = Matrix::from_function(2, picture.pixels(), |i, pixel| picture.position(pixel)[i] as f32);
    let logarithms = trained.log_probabilities(&positions);
    let point = |j: usize| LabeledPoint {
        position: [0, 1].map(|i| f64::from(points.matrix.row(i)[j])),
        is_one: points.labels[j] == 1,
    };
    Panel {
        probabilities: logarithms.row(1).iter().map(|&logarithm| Real::exp(f64::from(logarithm))).collect(),
        points: (0..points.count()).map(point).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn points_lie_where_their_class_does() {
        let mut random = Random::new(1);
        for j in 0..200 {
            let class = j % 2;
            let [x1, x2] = PointSet::Circles.point(class, &mut random);
            let squared_radius = x1 * x1 + x2 * x2;
            assert!(if class == 0 { squared_radius <= 1.0 } else { (1.68..3.25).contains(&squared_radius) });
            let [x1, x2] = PointSet::ExclusiveOr.point(class, &mut random);
            assert_eq!(x1 * x2 > 0.0, class == 0);
        }
        // An arm of one winding ends on the side where it starts; the arms lie opposite each other.
        let spirals = PointSet::Spirals { windings: 1.0 };
        let [zero, one] = [0, 1].map(|class| spirals.point(class, &mut Random::new(2)));
        assert!((zero[0] + one[0]).abs() < 1e-12 && (zero[1] + one[1]).abs() < 1e-12);
        let drawn = spirals.draw(50, &mut Random::new(3));
        assert_eq!((drawn.matrix.rows(), drawn.matrix.columns(), &drawn.labels[..3]), (2, 50, &[0, 1, 0][..]));
    }

    #[test]
    fn layers_have_names_and_parameters() {
        let [none, one, two] = [HIDDEN[0], HIDDEN[3], HIDDEN[5]];
        assert_eq!([none, one, two].map(Hidden::name), ["none", "16", "4 + 4"]);
        let dimension = |hidden: Hidden| hidden.network(Activation::Tanh).dimension();
        assert_eq!([none, one, two].map(dimension), [6, 2 * 16 + 16 + 34, 12 + 20 + 10]);
    }

    #[test]
    fn a_straight_line_fails_and_hidden_units_bend_it() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let mut accuracy = |set: PointSet, layers: usize, units: usize, activation: Activation| {
            let [training, tests] = points(&context, set);
            let model = Hidden { layers, units }.network(activation);
            train(&mut context, "test", model, 100, &training).accuracy(&tests)
        };
        for set in SETS {
            assert!(accuracy(set, 0, 0, Activation::Tanh) < 0.7, "{set:?}");
            assert!(accuracy(set, 1, 16, Activation::Tanh) > 0.9, "{set:?}");
        }
        for (_, activation) in ACTIVATIONS {
            // Two lines do not enclose a disk; four do.
            let [few, enough] = [2, 4].map(|units| accuracy(PointSet::Circles, 1, units, activation));
            assert!(few < 0.9 && enough > 0.95, "{activation:?}: {few} {enough}");
        }
    }

    #[test]
    fn a_panel_shows_the_predicted_probabilities() {
        // Softmax of z1 - z0 = 4·x1.
        let theta = Vec::from([-2.0, 0.0, 2.0, 0.0, 0.0, 0.0]);
        let trained = TrainedClassifier { model: network(&[]), theta };
        let picture = DecisionRegions {
            title: String::new(),
            bound: 1.0,
            side: 2,
            rows: Vec::new(),
            columns: Vec::new(),
            panels: Vec::new(),
        };
        let points = PointSet::Circles.draw(3, &mut Random::new(1));
        let panel = panel(&picture, &trained, &points);
        let sigmoid = |z: f64| 1.0 / (1.0 + Real::exp(-z));
        for (pixel, p) in panel.probabilities.iter().enumerate() {
            let expected = sigmoid(if pixel % 2 == 0 { -2.0 } else { 2.0 });
            assert!((p - expected).abs() < 1e-6, "{p} {expected}");
        }
        assert_eq!(panel.points.iter().map(|point| point.is_one).collect::<Vec<_>>(), [false, true, false]);
    }
}
