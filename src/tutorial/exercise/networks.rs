//! 8.5, the second half: convolutional autoencoders, a network that starts from them, and the inputs that activate its
//! filters.

use super::context::{Arrangement, ExerciseContext, half_distance};
use crate::matrix::Matrix;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::network::activation_maximization::{Ascent, Response, Unit};
use crate::model::network::pretrain::{MaskingNoise, pretrain};
use crate::model::network::{InMemory, Layer, Network, Target};
use crate::model::{Activation, Loss};
use crate::number::Random;
use crate::optimize::Objective;
use crate::picture::tiles::SheetOptions;
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::sound_network::Spectrograms;
use crate::tutorial::training::TrainedClassifier;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// The inputs of the networks: spectrograms of whole recordings, or images; each a column, row by row.
pub(super) struct Inputs {
    pub train: LabeledExamples<f32>,
    pub test: LabeledExamples<f32>,
    /// Rows and columns.
    pub size: [usize; 2],
}

impl Inputs {
    pub fn of(context: &ExerciseContext) -> Result<Inputs, TutorialError> {
        let (most, mut random) = (if context.quick { 200 } else { 1000 }, Random::new(context.settings.seed));
        match &context.sounds {
            Some(sounds) => {
                let spectrograms = Spectrograms::of(&context.settings, &sounds.prepared, &sounds.fold.train);
                let mut some = |recordings: &[usize]| -> Result<_, TutorialError> {
                    let mut chosen = recordings.to_vec();
                    random.shuffle(&mut chosen);
                    chosen.truncate(most);
                    let labels = chosen.iter().map(|&r| sounds.collection.recordings[r].label).collect();
                    let rows = spectrograms.recordings(&sounds.prepared, &chosen)?.plain();
                    let matrix = Matrix::from_function(rows.columns(), rows.rows(), |i, j| rows.row(j)[i]);
                    Ok(LabeledExamples { matrix, labels })
                };
                let (train, test) = (some(&sounds.fold.train)?, some(&sounds.fold.test)?);
                Ok(Inputs { train, test, size: spectrograms.size() })
            }
            None => {
                let size = [context.tile.bands, context.tile.frames];
                Ok(Inputs { train: context.train.first(most), test: context.test.first(most), size })
            }
        }
    }

    /// Two convolutional layers with pooling, and softmax.
    fn network(&self, classes: usize) -> Network {
        let layers = vec![
            Layer::convolution(12, [5, 5], Activation::Sigmoid),
            Layer::pooling(PoolingMode::Mean, [2, 2]),
            Layer::convolution(24, [3, 3], Activation::Sigmoid),
            Layer::pooling(PoolingMode::Mean, [3, 3]),
            Layer::Softmax { classes },
        ];
        let [rows, columns] = self.size;
        Network { weight_decay: 1e-4, ..Network::new(MapShape { channels: 1, rows, columns }, layers) }
    }
}

/// This number of tiles in a row, with a label for each row or none.
fn in_rows<'a>(columns: Option<usize>, rows: &'a [&'a str]) -> Arrangement<'a> {
    Arrangement { rows, columns: &[], options: SheetOptions { columns, stretch: Some(1), cell: None } }
}

/// The cost of an autoencoder before and after training.
struct Costs {
    before: f32,
    after: f32,
}

/// Trains the filters of all convolutional layers as autoencoders; also returns the costs, layer by layer.
fn pretrained(context: &mut ExerciseContext, inputs: &Inputs) -> (TrainedClassifier<Network, f32>, Vec<Costs>) {
    let mut random = Random::new(context.settings.seed);
    let mut trained = TrainedClassifier::draw(inputs.network(context.labels.len()), &mut random);
    let (train, iterations) = (InMemory::from_columns(&inputs.train.matrix), context.settings.iterations);
    let mut costs = Vec::new();
    pretrain(&trained.model, &train, MaskingNoise::NONE, &mut random, &mut trained.theta, |layer, objective, theta| {
        let before = objective.cost_and_gradient(theta, &mut vec![0.0; theta.len()]);
        let stage = format!("convolutional autoencoder of layer {}", layer + 1);
        let after = context.run.minimize(&stage, iterations, objective, theta).cost;
        costs.push(Costs { before, after });
    });
    (trained, costs)
}

/// 8.5.3: an autoencoder with a convolutional layer.
pub fn autoencoder(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let inputs = Inputs::of(context)?;
    let network = inputs.network(context.labels.len());
    let mut table = Table::new(&["examples", "initial cost", "final cost", "test error"]);
    let [train, test] = [&inputs.train, &inputs.test].map(|examples| InMemory::from_columns(&examples.matrix));
    let (x, size) = (&inputs.test.matrix, inputs.size);
    for (noise, name, file) in [
        (0.0, "without noise", "8.5.3-filters.png"),
        (0.3, "with 30% of the values set to 0", "8.5.3-filters-noise.png"),
    ] {
        // The autoencoder of the first layer, with the parameters of its encoder and its decoder.
        let autoencoder = network.autoencoder(0, noise).ok_or(TutorialError::NoAutoencoder { size })?;
        let mut theta: Vec<f32> = autoencoder.draw(&mut Random::new(context.settings.seed));
        let mut objective = autoencoder.cost(&train, Target::Input(Loss::Squared));
        let before = objective.cost_and_gradient(&theta, &mut vec![0.0; theta.len()]);
        let stage = format!("examples {name}");
        let after = context.run.minimize(&stage, context.settings.iterations, &mut objective, &mut theta).cost;
        let y = autoencoder.outputs(&theta, &test, autoencoder.layers.len());
        let error = half_distance(&y, x);
        table.cells(&[&name, &format_args!("{before:.2}"), &format_args!("{after:.2}"), &format_args!("{error:.2}")]);
        let filters = autoencoder.blocks()[0].values(&theta);
        let caption = "Filters of the first layer, in their order: each covers five bands and five frames.";
        context.draw_images(&format!("filters, examples {name}"), file, caption, filters, [5, 5], in_rows(None, &[]));
        if noise == 0.0 {
            let some = x.columns().min(9);
            let both: Vec<f32> = [x, &y].iter().flat_map(|z| (0..some).flat_map(|j| z.column(j))).collect();
            let what = "test examples, then their reconstructions";
            let caption = "Below each example is its reconstruction: sharp inside, and poorer in a frame of four values, \
                           where fewer filters reach.";
            let arranged = in_rows(Some(some), &["example", "decoded"]);
            context.draw_images(what, "8.5.3-decoded.png", caption, &both, size, arranged);
        }
    }
    context.say(&format!(
        "{} training examples of {} x {}; 12 filters of 5 x 5 at each position; the adjoint convolution decodes.\n",
        inputs.train.count(),
        size[0],
        size[1]
    ));
    context.table(&table);
    context.say(
        "The cost is half the squared distance between complete examples and reconstructions, averaged, plus the \
         weight decay. L-BFGS compares the costs of different parameters, so each example keeps one mask of the noise \
         in all iterations. A first-order method could draw a new mask for each batch. `test error` is the same \
         squared distance on test examples, without the decay.",
    );
    Ok(())
}

/// 8.5.4: several such layers, fine-tuned to classify.
pub fn classification(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let inputs = Inputs::of(context)?;
    let (pretrained, costs) = pretrained(context, &inputs);
    for (l, Costs { before, after }) in (1..).zip(&costs) {
        context.say(&format!("Autoencoder {l}: cost {before:.3} before training, {after:.3} after."));
    }
    context.say("");
    let network = pretrained.model.clone();
    let train = InMemory::from_columns(&inputs.train.matrix);
    let drawn = TrainedClassifier::draw(network.clone(), &mut Random::new(context.settings.seed));
    let mut table = Table::new(&["initial filters", "cost", "training accuracy", "test accuracy"]);
    for (name, mut trained) in [("pretrained", pretrained), ("random", drawn)] {
        let mut objective = network.cost(&train, Target::Labels(&inputs.train.labels));
        let iterations = 2 * context.settings.tuning_iterations;
        let cost =
            context.run.minimize(&format!("network, {name}"), iterations, &mut objective, &mut trained.theta).cost;
        let [training, test] = [&inputs.train, &inputs.test].map(|examples| percent(trained.accuracy(examples)));
        table.cells(&[&name, &format_args!("{cost:.4}"), &training, &test]);
    }
    context.table(&table);
    let shapes = (1..network.layers.len()).map(|l| {
        let MapShape { channels, rows, columns } = network.shape(l);
        format!("{channels} x {rows} x {columns}")
    });
    context.say(&format!(
        "Maps after each layer: {}. {} parameters; {} training examples, {} test examples.",
        shapes.collect::<Vec<_>>().join(", "),
        network.dimension(),
        inputs.train.count(),
        inputs.test.count()
    ));
    Ok(())
}

/// 8.5.5: the filters of the first layer; for the second layer, the inputs and the patches that activate its filters
/// most.
pub fn filters(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    const BEST: usize = 8;
    let inputs = Inputs::of(context)?;
    let (TrainedClassifier { model: network, theta }, _) = pretrained(context, &inputs);
    let weights = network.blocks()[0].values(&theta);
    let caption = "Each filter covers five bands and five frames.";
    context.draw_images("filters of the first layer", "8.5.5-first.png", caption, weights, [5, 5], in_rows(None, &[]));

    let (layer, shape) = (3, network.shape(3));
    let position = [shape.rows / 2, shape.columns / 2];
    let [rows, columns] = network.receptive_field(layer, position);
    let field = [rows.len(), columns.len()];
    let ascent = Ascent { length: 10.0, step: 0.2, steps: 100 };
    let train = InMemory::from_columns(&inputs.train.matrix);
    let mut random = Random::new(context.settings.seed);
    let cut = |image: &[f32], top: usize, left: usize| -> Vec<f32> {
        let row = |r: usize| &image[(top + r) * inputs.size[1] + left..][..field[1]];
        (0..field[0]).flat_map(row).copied().collect()
    };
    let mut table = Table::new(&["map", "activation by its own input", "by the best patch", "by the eighth"]);
    let mut tiles: Vec<f32> = Vec::new();
    for channel in 0..shape.channels.min(12) {
        let unit = Unit { layer, channel, position };
        let (input, most) = network.activation_maximization(&theta, unit, &ascent, &mut random);
        tiles.extend(cut(&input, rows.start, columns.start));
        let responses = network.strongest_responses(&theta, &train, layer, channel, BEST);
        for response in &responses {
            let [rows, columns] = network.receptive_field(layer, response.position);
            tiles.extend(cut(&inputs.train.matrix.column(response.example), rows.start, columns.start));
        }
        tiles.extend(vec![0.0; (BEST - responses.len()) * field[0] * field[1]]);
        let activation = |response: Option<&Response<f32>>| response.map_or("".into(), |a| format!("{:.3}", a.a));
        let [best, eighth] = [responses.first(), responses.last()].map(activation);
        table.cells(&[&(channel + 1), &format_args!("{most:.3}"), &best, &eighth]);
    }
    context.say(&format!(
        "The receptive field of a filter of the second layer is {} x {}. The table compares its activation by the \
         input of\n\n\
         length {} that gradient ascent finds with its largest activations by patches of the training examples:\n",
        field[0], field[1], ascent.length
    ));
    context.table(&table);
    context.say("(A patch may be longer than that, and activate a filter more by its contrast alone.)");
    let what = "what activates each filter of the second layer";
    let caption = "First the input that gradient ascent finds, then the eight patches of training examples that \
                   activate the filter most, from the best. The ascent follows every direction that raises the \
                   activation, so its input is rough.";
    let maps: Vec<String> = (1..=shape.channels.min(12)).map(|map| format!("map {map}")).collect();
    let maps: Vec<&str> = maps.iter().map(String::as_str).collect();
    let columns = ["ascent", "1", "2", "3", "4", "5", "6", "7", "8"];
    let arranged = Arrangement { columns: &columns, ..in_rows(Some(BEST + 1), &maps) };
    context.draw_images(what, "8.5.5-second.png", caption, &tiles, field, arranged);
    Ok(())
}
