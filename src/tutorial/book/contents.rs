//! The contents of the book: its parts, and the chapters of each, in a learner's order.
//!
//! The folders of the crate are ordered by dependency: a file uses only what stands above it. A reader needs a
//! different order. The parts start with one unit and its slope; sound, faster minimizers and other models follow; the
//! machine comes last. Every file whose head displays numbered equations is in exactly one chapter, and so is every
//! exercise; tests check both.

/// A file of the crate.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its path below `src/`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// A chapter: one page of the book.
#[derive(Clone, Copy, Debug)]
pub struct Chapter {
    /// The name of its page, without `.html`.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its companion text in Markdown: opening, paragraphs on its exercises, questions, and further reading.
    pub companion: &'static str,
    /// The files whose heads make up the page.
    pub sources: &'static [Source],
    /// The numbers of its exercises.
    pub exercises: &'static [&'static str],
}

/// A part of the book.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its title.
    pub title: &'static str,
    /// The goal of its chapters, in a sentence or two.
    pub about: &'static str,
    /// Its chapters.
    pub chapters: &'static [Chapter],
}

/// A chapter made of files; without files, it has only its companion text.
macro_rules! chapter {
    ($slug:literal, $title:literal, [$($path:literal),*], [$($exercise:literal),*]) => {
        Chapter {
            slug: $slug,
            title: $title,
            companion: include_str!(concat!("text/", $slug, ".md")),
            sources: &[$(Source { path: $path, text: include_str!(concat!("../../", $path)) }),*],
            exercises: &[$($exercise),*],
        }
    };
}

/// The parts, in the order of reading.
pub const PARTS: [Part; 8] = [
    Part {
        title: "Before you start",
        about: "How to read the book, its symbols, and as much Rust as its listings need.",
        chapters: &[
            chapter!("how-to-read", "How to read this book", [], []),
            chapter!("symbols", "Symbols", [], []),
            chapter!("rust", "The Rust you need here", [], []),
        ],
    },
    Part {
        title: "I. Learning",
        about: "From one unit to a network that learns features without labels and classifies with them.",
        chapters: &[
            chapter!("unit", "A unit, and a layer of units", ["model/activation.rs", "model/parameters.rs"], ["8.1.3"]),
            chapter!(
                "descent",
                "A cost, a slope, and a step",
                ["optimize/objective.rs", "optimize/first_order.rs", "optimize/mod.rs"],
                []
            ),
            chapter!("check", "Is the gradient right?", ["optimize/check.rs"], []),
            chapter!("backpropagation", "Back through layers", ["model/layer.rs"], ["E.4"]),
            chapter!(
                "graph",
                "The derivatives of any composed function",
                ["optimize/graph.rs", "tutorial/exercise/by_hand.rs"],
                ["D.11"]
            ),
            chapter!(
                "autoencoder",
                "The sparse autoencoder",
                ["model/autoencoder.rs"],
                ["8.1.4", "8.1.5", "8.1.6", "8.1.7", "8.1.8"]
            ),
            chapter!("features", "What a unit looks for", ["model/visualization.rs"], ["8.2.1", "8.2.2", "8.2.3"]),
            chapter!("softmax", "Labels: softmax regression", ["model/softmax.rs"], ["8.3.1", "8.3.2", "8.3.3"]),
            chapter!(
                "stacked",
                "Deeper: pretraining layer by layer, and tuning",
                ["model/greedy.rs", "model/stacked.rs"],
                ["8.4.1", "8.4.2", "8.4.3", "8.4.4", "8.4.5"]
            ),
            chapter!("depth", "Why depth is hard", ["tutorial/exercise/depth.rs"], ["E.6"]),
            chapter!("surfaces", "What a small network can separate", ["tutorial/exercise/playground.rs"], ["E.5"]),
            chapter!(
                "overfitting",
                "Overfitting, and how to know",
                ["dataset/split.rs", "tutorial/metrics.rs", "tutorial/exercise/overfitting.rs"],
                ["E.11"]
            ),
            chapter!(
                "dimensions",
                "Many dimensions, and codes of many units",
                ["tutorial/exercise/dimensions.rs"],
                ["E.7", "D.12"]
            ),
        ],
    },
    Part {
        title: "II. Sound",
        about: "From the samples of a recording to examples that a network can learn from, and the first table.",
        chapters: &[
            chapter!(
                "samples",
                "Samples, frames, and tapers",
                ["audio/frames.rs", "audio/window.rs", "audio/resample.rs"],
                []
            ),
            chapter!(
                "fourier",
                "The Fourier transform, and a fast one",
                ["spectrum/fourier/mod.rs", "spectrum/fourier/radix2.rs"],
                []
            ),
            chapter!(
                "fft",
                "The FFT at speed: any radix, real input, any length",
                [
                    "spectrum/fourier/complex.rs",
                    "spectrum/fourier/butterfly.rs",
                    "spectrum/fourier/real.rs",
                    "spectrum/fourier/chirp.rs"
                ],
                []
            ),
            chapter!(
                "spectrogram",
                "Spectrograms, and back",
                ["spectrum/stft.rs", "spectrum/spectrogram.rs", "spectrum/convention.rs"],
                []
            ),
            chapter!("mel", "Bands spaced as we hear", ["spectrum/bank.rs", "spectrum/mel.rs", "spectrum/bark.rs"], []),
            chapter!(
                "other-spectra",
                "Cepstrum, chroma, constant-Q, and descriptors",
                [
                    "spectrum/cepstrum.rs",
                    "spectrum/decibel.rs",
                    "spectrum/mfcc.rs",
                    "spectrum/chroma.rs",
                    "spectrum/constant_q.rs",
                    "spectrum/descriptors.rs"
                ],
                ["8.1.2"]
            ),
            chapter!(
                "windows",
                "From frames to examples",
                [
                    "dataset/context_windows.rs",
                    "dataset/normalize.rs",
                    "dataset/recordings.rs",
                    "dataset/reservoir.rs",
                    "tutorial/representative_windows.rs"
                ],
                ["8.1.1"]
            ),
            chapter!("whitening", "Whitening", ["dataset/whiten.rs"], []),
            chapter!(
                "pipeline",
                "The first table: from a folder of recordings to accuracies",
                [
                    "tutorial/pipeline.rs",
                    "tutorial/methods.rs",
                    "tutorial/front_end.rs",
                    "tutorial/preprocessing.rs",
                    "tutorial/frame_source.rs",
                    "tutorial/time_pooling.rs",
                    "tutorial/convolved_features.rs"
                ],
                []
            ),
            chapter!(
                "one-recording",
                "One recording at a time, and none of these",
                ["tutorial/classifier.rs", "tutorial/classifier_file.rs", "tutorial/rejection.rs"],
                []
            ),
            chapter!("phases", "Back to sound: phases", ["spectrum/griffin_lim.rs", "tutorial/resynthesis.rs"], []),
            chapter!(
                "undoing-bands",
                "Back to sound: bands and notes",
                ["spectrum/invert_bank.rs", "spectrum/inverse_constant_q.rs"],
                []
            ),
        ],
    },
    Part {
        title: "III. Minimizing",
        about: "Why some minimizers need ten times fewer evaluations of the cost than others.",
        chapters: &[
            chapter!("rules", "Momentum, Adam, and their relatives", ["optimize/rule.rs"], ["E.9"]),
            chapter!(
                "batches",
                "Batches, schedules, and when to stop",
                ["optimize/schedule.rs", "optimize/training.rs", "tutorial/exercise/schedules.rs"],
                ["E.8", "E.10", "E.12"]
            ),
            chapter!(
                "line-search",
                "How far to step: line searches",
                [
                    "optimize/line_search/mod.rs",
                    "optimize/line_search/backtracking.rs",
                    "optimize/line_search/zoom.rs",
                    "optimize/line_search/more_thuente.rs"
                ],
                []
            ),
            chapter!(
                "lbfgs",
                "Curvature from gradients: L-BFGS",
                ["optimize/two_loop.rs", "optimize/lbfgs.rs"],
                ["C.2"]
            ),
            chapter!("fista", "Corners: proximal steps and FISTA", ["optimize/fista.rs"], []),
        ],
    },
    Part {
        title: "IV. Convolution",
        about: "The same few weights at every position: of a spectrogram, an image, or a whole recording.",
        chapters: &[
            chapter!(
                "convolution",
                "Convolution and correlation",
                ["model/convolution/mod.rs", "model/convolution/definition.rs", "model/convolution/sobel.rs"],
                ["8.5.1"]
            ),
            chapter!(
                "im2col",
                "Convolution as one matrix product",
                ["model/convolution/patches.rs", "model/convolution/filters.rs"],
                []
            ),
            chapter!(
                "pooling",
                "Pooling, and its way back",
                ["model/convolution/pooling.rs", "model/convolution/cost.rs"],
                ["8.5.2"]
            ),
            chapter!(
                "convolved-features",
                "Convolved features; local and shared weights",
                ["model/convolved_features.rs", "tutorial/exercise/connections.rs"],
                ["B.1"]
            ),
            chapter!(
                "networks",
                "Convolutional networks",
                ["model/network/shape.rs", "model/network/pass.rs", "model/network/objective.rs"],
                ["8.5.3", "8.5.4"]
            ),
            chapter!(
                "deep-features",
                "Pretraining a network, and what its deep units look for",
                ["model/network/pretrain.rs", "model/network/activation_maximization.rs"],
                ["8.5.5"]
            ),
            chapter!(
                "whole-recordings",
                "Whole recordings, augmented",
                ["tutorial/sound_network.rs", "dataset/augment.rs", "dataset/affine.rs", "tutorial/image_network.rs"],
                []
            ),
        ],
    },
    Part {
        title: "V. The other models",
        about: "What each regularizer does to the same autoencoder, and two models that have no encoder at first.",
        chapters: &[
            chapter!(
                "denoising",
                "The denoising autoencoder",
                ["model/denoising.rs", "tutorial/stacked_denoising.rs"],
                ["D.4", "D.5"]
            ),
            chapter!(
                "contractive",
                "The contractive autoencoder",
                ["model/contractive.rs", "tutorial/exercise/regularizers.rs"],
                ["D.6", "D.7"]
            ),
            chapter!(
                "deep-autoencoder",
                "The deep autoencoder, and PCA",
                ["model/deep_autoencoder.rs", "tutorial/exercise/representations.rs"],
                ["D.1", "D.2", "D.3"]
            ),
            chapter!("variational", "The variational autoencoder", ["model/variational.rs"], ["D.8", "D.9"]),
            chapter!("multimodal", "Two views of one thing", ["model/multimodal.rs"], ["D.10"]),
            chapter!("sparse-coding", "Sparse coding", ["model/sparse_coding.rs"], ["E.1", "E.2"]),
            chapter!("predictive", "Predictive sparse decomposition", ["model/predictive.rs"], ["E.3"]),
            chapter!(
                "natural-images",
                "Patches of natural images",
                ["dataset/dead_leaves.rs", "tutorial/exercise/natural_images.rs"],
                ["C.3"]
            ),
            chapter!("comparison", "All of them in one table", ["tutorial/autoencoder_comparison.rs"], []),
        ],
    },
    Part {
        title: "VI. The machine",
        about: "How the same numbers, to the bit, come out of every processor, and fast.",
        chapters: &[
            chapter!("same-bits", "The same bits everywhere", ["machine/mod.rs", "machine/fma.rs"], []),
            chapter!("sums", "Sums", ["number/sum.rs"], []),
            chapter!(
                "functions",
                "Exponential, logarithm, sine, root",
                [
                    "number/mod.rs",
                    "number/exponential.rs",
                    "number/logarithm.rs",
                    "number/trigonometric.rs",
                    "machine/sqrt.rs"
                ],
                []
            ),
            chapter!("random", "Random numbers", ["number/random.rs"], []),
            chapter!(
                "product",
                "The matrix product at speed",
                [
                    "matrix/product.rs",
                    "matrix/macro_kernel.rs",
                    "matrix/packing.rs",
                    "machine/tile.rs",
                    "matrix/blocked.rs"
                ],
                []
            ),
            chapter!(
                "eigenvalues",
                "Eigenvalues of a symmetric matrix",
                [
                    "matrix/jacobi.rs",
                    "matrix/symmetric.rs",
                    "matrix/reflections.rs",
                    "matrix/divide.rs",
                    "matrix/secular.rs"
                ],
                []
            ),
            chapter!(
                "lanes",
                "One loop for every instruction set",
                ["machine/lanes.rs", "machine/isa.rs", "machine/dispatch.rs", "machine/unrolled.rs"],
                []
            ),
            chapter!(
                "threads",
                "Threads",
                ["machine/pool/mod.rs", "machine/pool/explorer.rs", "machine/threads.rs", "machine/pages.rs"],
                []
            ),
            chapter!("engine", "The engine of dense networks", ["model/dense.rs", "model/gradient_suite.rs"], ["C.1"]),
        ],
    },
    Part {
        title: "VII. Workshop",
        about: "The file formats, the pictures, and the way onto a board.",
        chapters: &[
            chapter!(
                "wav",
                "WAV files",
                ["audio/wav/mod.rs", "audio/wav/format.rs", "audio/wav/samples.rs", "audio/wav/write.rs"],
                []
            ),
            chapter!(
                "deflate",
                "Deflate",
                [
                    "bytes/endian.rs",
                    "bytes/checksum.rs",
                    "bytes/inflate/mod.rs",
                    "bytes/inflate/code.rs",
                    "bytes/inflate/zlib.rs",
                    "bytes/inflate/gzip.rs",
                    "bytes/deflate.rs"
                ],
                []
            ),
            chapter!(
                "png",
                "PNG",
                [
                    "picture/image.rs",
                    "picture/png/mod.rs",
                    "picture/png/read.rs",
                    "picture/png/write.rs",
                    "picture/tiles.rs",
                    "picture/tile_sheet.rs"
                ],
                []
            ),
            chapter!(
                "svg",
                "Charts",
                [
                    "picture/svg.rs",
                    "picture/axis.rs",
                    "picture/chart.rs",
                    "picture/contour.rs",
                    "picture/small_multiples.rs",
                    "picture/regions.rs",
                    "picture/heat.rs",
                    "picture/bands.rs",
                    "picture/color.rs",
                    "picture/confusion.rs"
                ],
                []
            ),
            chapter!(
                "idx",
                "Data sets: folders and MNIST",
                ["dataset/folder.rs", "dataset/idx/mod.rs", "dataset/idx/files.rs"],
                []
            ),
            chapter!(
                "storage",
                "Files that survive a crash",
                [
                    "storage/atomic.rs",
                    "storage/checkpoint.rs",
                    "tutorial/run_checkpoint.rs",
                    "storage/model.rs",
                    "bytes/digest.rs"
                ],
                []
            ),
            chapter!(
                "hostile-input",
                "Input from strangers",
                ["bytes/limits.rs", "bytes/escape.rs", "bytes/read.rs"],
                []
            ),
            chapter!(
                "board",
                "Onto a board",
                [
                    "predictor/mod.rs",
                    "predictor/front_end.rs",
                    "predictor/fourier.rs",
                    "predictor/pooled.rs",
                    "predictor/convolutional.rs",
                    "predictor/classify.rs",
                    "predictor/model.rs",
                    "predictor/sizes.rs",
                    "storage/export_c.rs",
                    "storage/export_rust.rs",
                    "storage/self_test.rs"
                ],
                []
            ),
        ],
    },
];

/// All chapters, in the order of reading.
pub fn chapters() -> impl Iterator<Item = &'static Chapter> {
    const ALL: &[Part] = &PARTS;
    ALL.iter().flat_map(|part| part.chapters)
}
