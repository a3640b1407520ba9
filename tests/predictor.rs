//! The predictor, which works sample by sample, has the bits of the tutorial's pipeline, which multiplies matrices; and
//! so has its export as C.

use ossicle::dataset::augment::{Augmentation, Augmented, SpectrogramImage};
use ossicle::dataset::recordings::{Collection, Recording, Samples};
use ossicle::dataset::whiten::Whitening;
use ossicle::matrix::Matrix;
use ossicle::model::convolution::pooling::Regions;
use ossicle::model::convolution::{MapShape, PoolingMode};
use ossicle::model::network::{InMemory, Layer, Network};
use ossicle::model::stacked::DenseWeights;
use ossicle::model::{Activation, Autoencoder, Softmax, Stacked};
use ossicle::number::sum::sum;
use ossicle::number::{Random, Real};
use ossicle::predictor::deployed::{
    ConvolutionalClassifier, DeployedClassifier, DeployedModel, PooledClassifier, convolutional_example,
    convolutional_example_of, example, pooled_example,
};
use ossicle::predictor::{Classification, Model, Predictor};
use ossicle::spectrum::bank::{Bank, LogBands};
use ossicle::spectrum::spectrogram::Spectrogram;
use ossicle::storage::self_test::SelfTest;
use ossicle::storage::{export_c, export_rust};
use ossicle::tutorial::pipeline::prepare;
use ossicle::tutorial::progress::Silent;
use ossicle::tutorial::settings::{FrontEndSettings, PipelineSettings};
use ossicle::tutorial::sound_network::{ConvolutionalSettings, Spectrograms, network};
use ossicle::tutorial::time_pooling::average;
use std::path::Path;
use std::process::Command;

// The library's result.

/// ln p of each class, computed with matrices.
fn by_matrices(trained: &DeployedModel, samples: &[f32]) -> Vec<f32> {
    let bank = Bank::mel(&trained.mel, trained.framing.length, f64::from(trained.rate)).unwrap();
    let mut frames = LogBands::new(Spectrogram::new(trained.framing), bank, trained.floor).frames(samples);
    let mean = sum(&frames) / frames.len() as f32;
    frames.iter_mut().for_each(|x| *x -= mean);
    match &trained.classifier {
        DeployedClassifier::Pooled(pooled) => by_pooling(trained, pooled, frames),
        DeployedClassifier::Convolutional(convolutional) => by_network(trained, convolutional, frames),
    }
}

fn by_pooling(trained: &DeployedModel, pooled: &PooledClassifier, frames: Vec<f32>) -> Vec<f32> {
    let windows = pooled.context_window.sample(&[frames], trained.mel.bands);
    let basis = pooled.basis.clone();
    let inverse = Matrix::zeros(basis.columns(), basis.rows());
    let white = Whitening { mean: pooled.mean.clone(), basis, inverse }.apply(windows.matrix);
    let features = match &pooled.layers[..] {
        [DenseWeights { weights, bias }] => {
            let autoencoder = Autoencoder::new(white.rows(), bias.len());
            let mut theta = vec![0.0; autoencoder.dimension()];
            let [w1, _, b1, _] = autoencoder.blocks();
            w1.values_mut(&mut theta).copy_from_slice(weights.elements());
            b1.values_mut(&mut theta).copy_from_slice(bias);
            autoencoder.encode(&theta, &white)
        }
        layers => {
            let units = layers.iter().map(|layer| layer.bias.len()).collect();
            let stacked = Stacked { visible: white.rows(), layers: units, classes: 1, bias: false, weight_decay: 0.0 };
            stacked.features(&stacked.pack(layers, &vec![0.0; stacked.top().dimension()]), &white)
        }
    };
    let mut means = Matrix::zeros(pooled.regions * features.rows(), 1);
    average(&features, 0..features.columns(), &mut means, 0);
    pooled.scaling.apply(&mut means);
    let (classes, features) = (trained.class_weights.rows(), means.rows());
    let theta = [trained.class_weights.elements(), &trained.class_biases].concat();
    let softmax = Softmax { features, classes, bias: true, weight_decay: 0.0 };
    softmax.log_probabilities(&theta, &means).column(0)
}

fn by_network(trained: &DeployedModel, convolutional: &ConvolutionalClassifier, frames: Vec<f32>) -> Vec<f32> {
    let [rows, columns] = convolutional.image;
    let image = SpectrogramImage::new(trained.mel.bands, &[], rows, columns);
    let frames = image.standardized(&frames, f64::from(convolutional.range));
    let images = Augmented { image, recordings: vec![frames], augmentation: Augmentation::NONE, seed: 1 }.plain();
    let mut network = Network::new(MapShape { channels: 1, rows, columns }, Vec::new());
    let mut theta = Vec::new();
    for DenseWeights { weights, bias } in &convolutional.layers {
        let MapShape { rows, columns, .. } = network.shape(network.layers.len());
        network.layers.push(Layer::same_convolution(bias.len(), [3, 3], Activation::Rectified));
        let regions = [rows, columns].map(|length| Regions::by(if length < 4 { 1 } else { 2 }));
        network.layers.push(Layer::Pooling { mode: PoolingMode::Max, regions });
        theta.extend_from_slice(weights.elements());
        theta.extend_from_slice(bias);
    }
    network.layers.push(Layer::Softmax { classes: trained.labels.len() });
    theta.extend_from_slice(trained.class_weights.elements());
    theta.extend_from_slice(&trained.class_biases);
    network.log_probabilities(&theta, &InMemory::from_rows(images)).column(0)
}

// The models.

/// Small models of both kinds, with their names. Sides that 2 does not divide, single rows, columns and filters, layers
/// that are not pooled, more layers and fewer, images larger and smaller than the spectrogram; and whole blocks of the
/// product's inner index, in the weights of a filter and of the softmax.
fn models() -> Vec<(&'static str, DeployedModel)> {
    vec![
        ("one encoder", example()),
        ("two encoders", pooled_example(&[40, 9])),
        ("four encoders", pooled_example(&[7, 220, 3, 30])),
        ("one region", with_regions(pooled_example(&[30, 20]), 1)),
        ("a region of a window", with_regions(pooled_example(&[6]), 40)),
        ("more than 4096 windows", {
            let mut trained = with_regions(pooled_example(&[3]), 1);
            trained.framing.hop = 4;
            trained
        }),
        ("three layers", convolutional_example()),
        ("the tutorial's image", convolutional_example_of(40, [40, 48], &[6, 9, 7])),
        ("one layer", convolutional_example_of(20, [20, 33], &[4])),
        ("four layers", convolutional_example_of(20, [36, 35], &[3, 1, 23, 2])),
        ("one row", convolutional_example_of(20, [1, 32], &[3, 30, 5])),
        ("one column", convolutional_example_of(20, [21, 1], &[3, 4])),
        ("one point", convolutional_example_of(1, [1, 1], &[3, 2])),
        ("rows that are not pooled", convolutional_example_of(20, [3, 9], &[2, 3, 4])),
    ]
}

fn with_regions(mut trained: DeployedModel, regions: usize) -> DeployedModel {
    let mut random = Random::new(3);
    let DeployedClassifier::Pooled(pooled) = &mut trained.classifier else { unreachable!() };
    let features = regions * pooled.layers.last().unwrap().bias.len();
    pooled.regions = regions;
    pooled.scaling.means = (0..features).map(|_| random.uniform(0.0, 0.5)).collect();
    pooled.scaling.deviations = (0..features).map(|_| random.uniform(0.1, 0.5)).collect();
    let classes = trained.labels.len();
    trained.class_weights = Matrix::from_function(classes, features, |_, _| random.uniform(-0.1, 0.1));
    trained
}

/// The bits of numbers, of every NaN the same.
fn bits(numbers: &[f32]) -> Vec<u64> {
    numbers.iter().map(|x| x.canonical_bits()).collect()
}

// Tests.

#[test]
fn the_predictor_has_the_bits_of_the_pipeline() {
    for (name, trained) in models() {
        let tables = trained.tables(4.0).unwrap();
        let model = tables.model();
        let mut memory = vec![f32::NAN; model.sizes.memory()];
        let mut random = Random::new(2);
        // From one frame, or one context window, to more than 32 per region; silence, also before and after a sound.
        // The memory is not cleared in between.
        let shortest = trained.shortest();
        for (i, length) in [shortest, shortest + 1, 500, 1000, 4000, 9000, 32_000].into_iter().enumerate() {
            for (loud, ends) in [(0.0, 1.0), (1e-4, 1.0), (1.0, 1.0), (1.0, 1e-6)] {
                let quarter = length / 4;
                let scale = |i| if (quarter..length - quarter).contains(&i) { loud } else { loud * ends };
                let samples: Vec<f32> = (0..length).map(|i| scale(i) * random.uniform::<f32>(-1.0, 1.0)).collect();
                let expected = by_matrices(&trained, &samples);
                let mut predictor = Predictor::new(&model, &mut memory).unwrap();
                for piece in samples.chunks([1, 79, 80, 81, 256, 1000, 32_000][i]) {
                    predictor.push_samples(piece.iter().copied()).unwrap();
                }
                let Classification { class, log_probabilities } = predictor.classify().unwrap();
                assert_eq!(bits(log_probabilities), bits(&expected), "{name}, {length} samples, {loud}, {ends}");
                assert!(expected.iter().all(|p| *p <= expected[class]));
                // To classify does not change the state.
                assert_eq!(bits(predictor.classify().unwrap().log_probabilities), bits(&expected));
            }
        }
    }
}

#[test]
fn a_sound_may_be_classified_before_it_ends() {
    for (name, trained) in models() {
        let tables = trained.tables(1.0).unwrap();
        let model = tables.model();
        let mut memory = vec![f32::NAN; model.sizes.memory()];
        let mut predictor = Predictor::new(&model, &mut memory).unwrap();
        let mut random = Random::new(4);
        let samples: Vec<f32> = (0..1700).map(|_| random.uniform(-0.5, 0.5)).collect();
        for (i, piece) in samples.chunks(170).enumerate() {
            predictor.push_samples(piece.iter().copied()).unwrap();
            if let Ok(found) = predictor.classify() {
                let expected = by_matrices(&trained, &samples[..170 * (i + 1)]);
                assert_eq!(bits(found.log_probabilities), bits(&expected), "{name}, {} samples", 170 * (i + 1));
            }
        }
    }
}

#[test]
fn samples_that_are_not_numbers_give_the_bits_of_the_pipeline_too() {
    for (name, trained) in models() {
        let tables = trained.tables(1.0).unwrap();
        let model = tables.model();
        let mut memory = vec![f32::NAN; model.sizes.memory()];
        for odd in [f32::NAN, f32::INFINITY, f32::MAX, 1e-40] {
            let samples: Vec<f32> = (0..1000).map(|i| if i == 500 { odd } else { 0.01 * (i % 17) as f32 }).collect();
            let mut predictor = Predictor::new(&model, &mut memory).unwrap();
            predictor.push_samples(samples.iter().copied()).unwrap();
            let found = predictor.classify().unwrap();
            assert_eq!(bits(found.log_probabilities), bits(&by_matrices(&trained, &samples)), "{name}, {odd}");
        }
    }
}

#[test]
fn a_network_of_the_tutorial_has_the_bits_of_its_pipeline() {
    let convolutional = ConvolutionalSettings { filters: [5, 7, 6], ..ConvolutionalSettings::default() };
    // More bands than rows.
    for bands in [40, 70] {
        let front_end = FrontEndSettings { bands, ..FrontEndSettings::default() };
        let settings = PipelineSettings { front_end, convolutional, ..PipelineSettings::default() };
        let mut random = Random::new(6);
        let recordings = (0..6).map(|i| {
            let samples = (0..400 + 700 * i).map(|_| random.uniform(-0.3, 0.3)).collect();
            Recording {
                name: format!("{i}"),
                label: i % 2,
                group: "x".into(),
                index: Some(i as u64),
                samples: Samples::Held(samples),
            }
        });
        let recordings = recordings.collect();
        let collection = Collection { rate: 8000, labels: vec!["low".into(), "high".into()], recordings };
        let prepared = prepare::<f32>(&settings, &collection, &[], &mut Silent).unwrap();
        let all: Vec<usize> = (0..6).collect();
        let spectrograms = Spectrograms::of(&settings, &prepared, &all);
        let network = network(&convolutional, spectrograms.size(), 2);
        let theta: Vec<f32> = network.draw(&mut random);
        let images = InMemory::from_rows(spectrograms.recordings(&prepared, &all).unwrap().plain());
        let expected = network.log_probabilities(&theta, &images);

        let blocks = network.blocks();
        let weights =
            |i: usize| Matrix::from_rows(blocks[i].rows, blocks[i].columns, blocks[i].values(&theta).to_vec());
        let layer =
            |i: usize| DenseWeights { weights: weights(2 * i), bias: blocks[2 * i + 1].values(&theta).to_vec() };
        let classifier = DeployedClassifier::Convolutional(ConvolutionalClassifier {
            image: spectrograms.size(),
            range: convolutional.range as f32,
            layers: (0..3).map(layer).collect(),
        });
        let trained = DeployedModel {
            rate: 8000,
            framing: settings.front_end.framing(8000),
            mel: settings.front_end.mel(8000),
            floor: settings.front_end.floor as f32,
            labels: collection.labels.clone(),
            classifier,
            class_weights: weights(6),
            class_biases: blocks[7].values(&theta).to_vec(),
        };
        let tables = trained.tables(1.0).unwrap();
        let model = tables.model();
        let mut memory = vec![f32::NAN; model.sizes.memory()];
        for (i, recording) in collection.recordings.iter().enumerate() {
            let mut predictor = Predictor::new(&model, &mut memory).unwrap();
            predictor.push_samples(recording.samples.read().unwrap().iter().map(|&x| x as f32)).unwrap();
            assert_eq!(predictor.classify().unwrap().log_probabilities, expected.column(i), "{bands} bands, {i}");
        }
    }
}

#[test]
fn the_c_source_has_the_bits_of_the_predictor() {
    if Command::new("cc").arg("--version").output().is_err() {
        println!("skipped: cc is not installed");
        return;
    }
    let folder = std::env::temp_dir().join(format!("ossicle-predictor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut random = Random::new(8);
    for (name, trained) in models() {
        let tables = trained.tables(2.5).unwrap();
        let (model, test) = (tables.model(), SelfTest::new(&tables).unwrap());
        let samples: Vec<f32> = (0..20_000).map(|_| random.uniform(-0.2, 0.2)).collect();
        let wide: Vec<u8> = samples.iter().flat_map(|&x| f64::from(x).to_le_bytes()).collect();
        std::fs::write(folder.join("a.raw"), wide).unwrap();
        std::fs::write(folder.join("a.h"), export_c::header(&model, &test)).unwrap();
        let source = export_c::source(&model, &trained.labels, &test, "a.h").unwrap();
        std::fs::write(folder.join("a.c"), source).unwrap();
        let expected = format!("x\t{}", line(&model, &trained.labels, &samples));
        for optimization in ["-O0", "-O2"] {
            let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ports/main.c");
            let built = Command::new("cc")
                .args(["-std=c99", "-Wall", "-Wextra", "-Werror", optimization, "-I."])
                .args(["-DHEADER=\"a.h\"", "-o", "a", "a.c"])
                .arg(main)
                .current_dir(&folder)
                .output()
                .unwrap();
            assert!(built.status.success(), "{name}: {}", String::from_utf8_lossy(&built.stderr));
            let sound = std::fs::File::open(folder.join("a.raw")).unwrap();
            let output = Command::new(folder.join("a")).arg("x").stdin(sound).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected, "{name}, {optimization}");
        }
        // The memory in C is that in Rust and two counters.
        assert_eq!(export_c::memory(&model), 4 * model.sizes.memory() + 8);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The label of a sound and the bits of ln p.
fn line(model: &Model, labels: &[String], samples: &[f32]) -> String {
    let mut memory = vec![f32::NAN; model.sizes.memory()];
    let mut predictor = Predictor::new(model, &mut memory).unwrap();
    predictor.push_samples(samples.iter().copied()).unwrap();
    let Classification { class, log_probabilities } = predictor.classify().unwrap();
    let bits = log_probabilities.iter().map(|p| format!("\t{:08x}", p.to_bits()));
    labels[class].clone() + &bits.collect::<String>()
}

#[test]
fn every_model_is_exported_as_rust_with_all_its_tables() {
    for (name, trained) in models() {
        let tables = trained.tables(0.5).unwrap();
        let test = SelfTest::new(&tables).unwrap();
        let text = export_rust::rust(&tables.model(), &trained.labels, &test);
        assert_eq!(text.matches("    Layer {").count(), trained.classifier.layers().len(), "{name}");
        // A float of the tables has a point or an exponent; the sizes, the bands and the self-test have neither.
        let model = tables.model();
        let of_flash = model.flash() / 4 - model.bands.len();
        let is_float = |word: &&str| word.parse::<f32>().is_ok() && (word.contains('.') || word.contains('e'));
        let (table, _) = text[text.find("hann").unwrap()..].split_once("\n};\n").unwrap();
        let floats = table.split([',', ' ', '[', ']', '\n']).filter(is_float).count();
        let range = usize::from(matches!(trained.classifier, DeployedClassifier::Convolutional(_)));
        assert_eq!(floats, of_flash + range, "{name}");
    }
}
