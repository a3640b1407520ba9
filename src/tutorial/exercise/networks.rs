//! 8.5, the second half: autoencoders with convolutional layers, a network that starts from them, and what its filters
//! look for.

use super::context::{ExerciseContext, Source};
use super::regression::percent;
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::network::activation_maximization::{Ascent, Response, Unit};
use crate::model::network::pretrain::{MaskingNoise, pretrain};
use crate::model::network::{Examples, InMemory, Layer, Network, NetworkCost};
use crate::number::{Random, Real};
use crate::optimize::Objective;
use crate::picture::tiles::{SheetOptions, TileShape, tiles, upright};
use crate::tutorial::report::Table;
use crate::tutorial::sound_network::Pictures;
use crate::tutorial::training::{accuracy, minimize};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// Pictures with their labels, to learn from and to be tested on: whole recordings, or images.
struct ImageSet {
    train: (Matrix<f32>, Vec<usize>),
    test: (Matrix<f32>, Vec<usize>),
    size: [usize; 2],
    is_sound: bool,
    seed: u64,
}

impl ImageSet {
    fn of(context: &ExerciseContext) -> ImageSet {
        let (quick, seed) = (context.settings.hidden < 50, context.settings.seed);
        let (most, mut random) = (if quick { 200 } else { 1000 }, Random::new(seed));
        match &context.source {
            Source::Sounds(sounds) => {
                let (collection, part) = (&sounds.collection, &sounds.part);
                let pictures = Pictures::of(&context.settings, &sounds.prepared, &part.train);
                let mut some = |recordings: &[usize]| {
                    let mut chosen = recordings.to_vec();
                    random.shuffle(&mut chosen);
                    chosen.truncate(most);
                    let labels = chosen.iter().map(|&r| collection.recordings[r].label).collect();
                    (pictures.recordings(&sounds.prepared, &chosen).plain(), labels)
                };
                let (train, test) = (some(&part.train), some(&part.test));
                ImageSet { train, test, size: pictures.size(), is_sound: true, seed }
            }
            Source::Images => {
                let some = |examples: &super::context::LabeledExamples| {
                    let few = examples.first(most);
                    (
                        Matrix::from_function(few.labels.len(), few.matrix.rows(), |i, j| few.matrix.row(j)[i]),
                        few.labels,
                    )
                };
                let size = [context.tile.bands, context.tile.frames];
                ImageSet { train: some(&context.train), test: some(&context.test), size, is_sound: false, seed }
            }
        }
    }

    fn input(&self) -> MapShape {
        MapShape { channels: 1, rows: self.size[0], columns: self.size[1] }
    }

    /// Two layers of filters with their pooling, and softmax on what is left.
    fn network(&self, classes: usize) -> Network {
        let layers = vec![
            Layer::convolution(12, [5, 5], Activation::Sigmoid),
            Layer::pooling(PoolingMode::Mean, [2, 2]),
            Layer::convolution(24, [3, 3], Activation::Sigmoid),
            Layer::pooling(PoolingMode::Mean, [3, 3]),
            Layer::Softmax { classes },
        ];
        Network { input: self.input(), layers, weight_decay: 1e-4 }
    }

    /// Draws pieces of pictures, one in each row.
    fn draw(&self, context: &mut ExerciseContext, what: &str, name: &str, pieces: &Matrix<f32>, size: [usize; 2]) {
        self.draw_in_rows(context, (what, name), pieces, size, None);
    }

    /// The same, with so many in a row.
    fn draw_in_rows(
        &self,
        context: &mut ExerciseContext,
        (what, name): (&str, &str),
        pieces: &Matrix<f32>,
        size: [usize; 2],
        columns: Option<usize>,
    ) {
        let shape = TileShape { bands: size[0], frames: size[1] };
        let numbers: Vec<f64> = pieces.elements().iter().map(|&x| x.to_f64()).collect();
        // Rows of a spectrum start at the bottom, those of an image at the top.
        let seen = if self.is_sound {
            let place = |k: usize| k % size[0] * size[1] + k / size[0];
            numbers.chunks(size[0] * size[1]).flat_map(|piece| (0..piece.len()).map(move |k| piece[place(k)])).collect()
        } else {
            upright(&numbers, shape)
        };
        context.put(what, name, &tiles(&seen, shape, SheetOptions { columns, stretch: Some(1), cell: None }));
    }
}

fn right(network: &Network, theta: &[f32], (pictures, labels): &(Matrix<f32>, Vec<usize>)) -> String {
    percent(accuracy(&network.predict(theta, &InMemory::from_rows(pictures.clone())), labels))
}

/// Trains the filters of all convolutional layers as autoencoders; the costs before and after, layer by layer.
fn taught(context: &mut ExerciseContext, figures: &ImageSet, network: &Network) -> (Vec<f32>, Vec<[f64; 2]>) {
    let mut random = Random::new(figures.seed);
    let mut theta: Vec<f32> = network.draw(&mut random);
    let (train, iterations) = (InMemory::from_rows(figures.train.0.clone()), context.settings.iterations);
    let mut costs = Vec::new();
    pretrain(network, &train, MaskingNoise::NONE, &mut random, &mut theta, |layer, objective, own| {
        let mut gradient = vec![0.0; own.len()];
        let before = objective.cost_and_gradient(own, &mut gradient);
        let outcome = minimize(
            &format!("convolutional autoencoder of layer {}", layer + 1),
            iterations,
            objective,
            own,
            context.progress,
        );
        costs.push([before.to_f64(), outcome.cost.to_f64()]);
    });
    (theta, costs)
}

/// 8.5.3: an autoencoder with a convolutional layer.
pub fn autoencoder(context: &mut ExerciseContext) -> Result<(), String> {
    let figures = ImageSet::of(context);
    let network = figures.network(context.labels.len());
    let mut table = Table::new(&["trained to tell", "cost before", "after", "error on test"]);
    let (test, size) = (InMemory::from_rows(figures.test.0.clone()), figures.size);
    for (noise, name) in [(0.0, "the pictures"), (0.3, "them, with 30% of the numbers missing")] {
        // Its first layer alone, so that the parameters of both halves are at hand.
        let Some(shape) = network.autoencoder(0, noise) else {
            return Err(format!("pictures of {size:?} have no autoencoder"));
        };
        let train = InMemory::from_rows(figures.train.0.clone());
        let mut theta: Vec<f32> = shape.draw(&mut Random::new(figures.seed));
        let mut objective = NetworkCost::reconstruction(&shape, &train);
        let mut gradient = vec![0.0; theta.len()];
        let before = objective.cost_and_gradient(&theta, &mut gradient);
        let outcome = minimize(
            &format!("{name}, noise {noise}"),
            context.settings.iterations,
            &mut objective,
            &mut theta,
            context.progress,
        );
        let given = shape.outputs(&theta, &test, shape.layers.len());
        let mut error = 0.0;
        for j in 0..given.columns() {
            for (i, &x) in figures.test.0.row(j).iter().enumerate() {
                let difference = (given.row(i)[j] - x).to_f64();
                error += 0.5 * difference * difference / given.columns() as f64;
            }
        }
        table.row(&[name.into(), format!("{before:.2}"), format!("{:.2}", outcome.cost), format!("{error:.2}")]);
        let kind = if noise == 0.0 { "" } else { "-noise" };
        let filters = shape.blocks()[0].clone();
        let filters = Matrix::from_rows(filters.rows, filters.columns, filters.values(&theta).to_vec());
        let what = format!("filters, trained to tell {name}");
        figures.draw(context, &what, &format!("8.5.3-filters{kind}.png"), &filters, [5, 5]);
        if noise == 0.0 {
            let some = test.count().min(9);
            let both = Matrix::from_function(2 * some, size[0] * size[1], |i, at| {
                if i < some { figures.test.0.row(i)[at] } else { given.row(at)[i - some] }
            });
            let what = ("test pictures, then the same from the features", "8.5.3-decoded.png");
            figures.draw_in_rows(context, what, &both, size, Some(some));
        }
    }
    context.say(&format!(
        "{} pictures of {} x {}; 12 filters of 5 x 5 at each place, and their adjoint back:\n",
        figures.train.1.len(),
        size[0],
        size[1]
    ));
    context.table(&table);
    context.say("An autoencoder's cost is half the squared distance of what it tells, a mean over the pictures, and the weight decay.");
    Ok(())
}

/// 8.5.4: several such layers, tuned to tell classes.
pub fn classification(context: &mut ExerciseContext) -> Result<(), String> {
    let figures = ImageSet::of(context);
    let network = figures.network(context.labels.len());
    let (pretrained, costs) = taught(context, &figures, &network);
    for (l, [before, after]) in (1..).zip(&costs) {
        context.say(&format!("Autoencoder {l}: cost {before:.3} before training, {after:.3} after."));
    }
    context.say("");
    let train = InMemory::from_rows(figures.train.0.clone());
    let drawn = network.draw(&mut Random::new(figures.seed));
    let mut table = Table::new(&["filters start", "cost", "right in training", "right on test"]);
    for (name, start) in [("pretrained", &pretrained), ("at random", &drawn)] {
        let mut theta = start.clone();
        let mut objective = NetworkCost::classification(&network, &train, &figures.train.1);
        let iterations = 2 * context.settings.tuning_iterations;
        let outcome = minimize(&format!("network, {name}"), iterations, &mut objective, &mut theta, context.progress);
        let (seen, unseen) = (right(&network, &theta, &figures.train), right(&network, &theta, &figures.test));
        table.row(&[name.into(), format!("{:.4}", outcome.cost), seen, unseen]);
    }
    context.table(&table);
    let shapes = (1..network.layers.len()).map(|l| {
        let MapShape { channels, rows, columns } = network.shape(l);
        format!("{channels} x {rows} x {columns}")
    });
    context.say(&format!(
        "Maps after each layer: {}. {} parameters, learned from {} pictures; {} tested.",
        shapes.collect::<Vec<_>>().join(", "),
        network.dimension(),
        figures.train.1.len(),
        figures.test.1.len()
    ));
    Ok(())
}

/// 8.5.5: the filters, seen; of the second layer, the inputs that excite them most, and the patches that did.
pub fn filters(context: &mut ExerciseContext) -> Result<(), String> {
    let figures = ImageSet::of(context);
    let network = figures.network(context.labels.len());
    let (theta, _) = taught(context, &figures, &network);
    let first = network.blocks()[0].clone();
    let weights = Matrix::from_rows(first.rows, first.columns, first.values(&theta).to_vec());
    figures.draw(context, "filters of the first layer", "8.5.5-first.png", &weights, [5, 5]);

    let (layer, shape) = (3, network.shape(3));
    let position = [shape.rows / 2, shape.columns / 2];
    let [rows, columns] = network.receptive_field(layer, position);
    let field = [rows.len(), columns.len()];
    let ascent = Ascent { length: 10.0, step: 0.2, steps: 100 };
    let shown = InMemory::from_rows(figures.train.0.clone());
    let mut random = Random::new(figures.seed);
    let cut = |picture: &[f32], from: [usize; 2]| -> Vec<f32> {
        let row = |r: usize| &picture[(from[0] + r) * figures.size[1] + from[1]..][..field[1]];
        (0..field[0]).flat_map(row).copied().collect()
    };
    const BEST: usize = 8;
    let mut table = Table::new(&["map", "excited by its own input", "by the best patch", "by the eighth"]);
    let mut pieces: Vec<f32> = Vec::new();
    for channel in 0..shape.channels.min(12) {
        let unit = Unit { layer, channel, position };
        let (input, most) = network.activation_maximization(&theta, unit, &ascent, &mut random);
        pieces.extend(cut(&input, [rows.start, columns.start]));
        let answers = network.strongest_responses(&theta, &shown, layer, channel, BEST);
        for answer in &answers {
            let [rows, columns] = network.receptive_field(layer, answer.position);
            pieces.extend(cut(figures.train.0.row(answer.example), [rows.start, columns.start]));
        }
        pieces.extend(vec![0.0; (BEST - answers.len()) * field[0] * field[1]]);
        let told = |answer: Option<&Response<f32>>| answer.map_or("".into(), |a| format!("{:.3}", a.a));
        table.row(&[(channel + 1).to_string(), format!("{most:.3}"), told(answers.first()), told(answers.last())]);
    }
    let pieces = Matrix::from_rows(pieces.len() / (field[0] * field[1]), field[0] * field[1], pieces);
    context.say(&format!(
        "A filter of the second layer sees {} x {} numbers of the picture. The input of length {} that excites it most, found by\n\
         gradient ascent, and the patches of the training pictures at which it answered most:\n",
        field[0], field[1], ascent.length
    ));
    context.table(&table);
    context.say("(A patch may be longer than that, and excite a filter more by its contrast alone.)");
    let what = "in each row, what excites a filter of the second layer most, then the eight patches that did";
    figures.draw_in_rows(context, (what, "8.5.5-second.png"), &pieces, field, Some(BEST + 1));
    Ok(())
}
