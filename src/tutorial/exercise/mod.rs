//! The exercises: those of the tutorial's chapter on autoencoders, 8.1 to 8.5, and those of the other sources,
//! B.1 to E.12, each run by its number.
//!
//! 1. [`context`]: the examples of an exercise, and the page and the pictures that it leaves;
//! 2. [`by_hand`]: E.4, D.11 and D.12, a network small enough to follow, its derivatives, and codes;
//! 3. [`autoencoder`]: 8.1, examples, the terms of the cost, and the effect of each;
//! 4. [`features`]: 8.2, training on a part and on all, and visualizing the features;
//! 5. [`regression`]: 8.3, softmax regression;
//! 6. [`transfer`]: 8.4, stacked networks;
//! 7. [`convolution`]: 8.5, convolution and pooling;
//! 8. [`networks`]: 8.5, convolutional networks;
//! 9. [`connections`]: B.1, dense, local, and pooled connections;
//! 10. [`vectorization`]: C.1 and C.2, three stages of vectorization, and a training in eight parts;
//! 11. [`natural_images`]: C.3, patches of natural images;
//! 12. [`photographs`]: the reader's own PNG files, for C.3;
//! 13. [`representations`]: D.1 to D.3, codes of different sizes;
//! 14. [`regularizers`]: D.4 to D.7, denoising, sparse and contractive autoencoders;
//! 15. [`generative`]: D.8 and D.9, the variational autoencoder;
//! 16. [`multimodal`]: D.10, one code for two views;
//! 17. [`coding`]: E.1 to E.3, sparse coding;
//! 18. [`playground`]: E.5, decision surfaces;
//! 19. [`depth`]: E.6, gradients and trajectories through many layers;
//! 20. [`dimensions`]: E.7, the curse of dimensionality;
//! 21. [`minibatches`]: E.8 to E.10, training on minibatches;
//! 22. [`overfitting`]: E.11, overfitting and its cures;
//! 23. [`schedules`]: E.12, the noise of batches and the learning rate;
//! 24. [`output`]: all of them, for a book.
//!
//! The numbers follow source B's lists, counted through each section. (The tutorial prints 8.4 twice; convolution, the
//! second one, is 8.5.) A B, C, D or E in a number is the source of the exercise. UFLDL's exercises on MNIST are in
//! [`mnist`](super::mnist).

// The head lists the modules that only the crate sees, too.
#![allow(rustdoc::private_intra_doc_links)]

pub(crate) mod autoencoder;
pub(crate) mod by_hand;
pub(crate) mod coding;
pub(crate) mod connections;
pub mod context;
pub(crate) mod convolution;
pub(crate) mod depth;
pub(crate) mod dimensions;
pub(crate) mod features;
pub(crate) mod generative;
pub(crate) mod minibatches;
pub(crate) mod multimodal;
pub(crate) mod natural_images;
pub(crate) mod networks;
pub mod output;
pub(crate) mod overfitting;
pub mod photographs;
pub(crate) mod playground;
pub(crate) mod regression;
pub(crate) mod regularizers;
pub(crate) mod representations;
pub(crate) mod schedules;
pub(crate) mod transfer;
pub(crate) mod vectorization;

use super::error::TutorialError;
use context::ExerciseContext;

/// An exercise.
pub struct Exercise {
    /// Such as "8.1.3"; a name for the exercises on MNIST.
    pub number: &'static str,
    /// Its subject.
    pub asks: &'static str,
    /// The names of its pictures. An exercise that cannot draw one of them for its examples leaves it out.
    pub pictures: &'static [&'static str],
    /// Runs it.
    pub run: fn(&mut ExerciseContext) -> Result<(), TutorialError>,
}

pub(super) const fn exercise(
    number: &'static str,
    asks: &'static str,
    pictures: &'static [&'static str],
    run: fn(&mut ExerciseContext) -> Result<(), TutorialError>,
) -> Exercise {
    Exercise { number, asks, pictures, run }
}

/// All exercises, in order.
pub const EXERCISES: [Exercise; 52] = [
    exercise("8.1.1", "examples from consecutive frames of spectra", &["8.1.1-windows.png"], autoencoder::examples),
    exercise(
        "8.1.2",
        "the same with other transforms, and whitened",
        &[
            "8.1.2-fft.png",
            "8.1.2-mel.png",
            "8.1.2-bark.png",
            "8.1.2-cepstrum.png",
            "8.1.2-chroma.png",
            "8.1.2-constant-q.png",
            "8.1.2-whitened.png",
        ],
        autoencoder::transforms,
    ),
    exercise("8.1.3", "the random initialization of the parameters", &[], autoencoder::start),
    exercise("8.1.4", "the reconstruction error and its gradient", &[], autoencoder::euclidean),
    exercise(
        "8.1.5",
        "filters learned with it, and a control on noise",
        &["8.1.5-filters.png"],
        autoencoder::euclidean_filters,
    ),
    exercise("8.1.6", "the cost with the sparsity constraint", &[], autoencoder::sparsity),
    exercise(
        "8.1.7",
        "filters learned with and without it",
        &["8.1.7-plain.png", "8.1.7-sparse.png"],
        autoencoder::sparse_filters,
    ),
    exercise(
        "8.1.8",
        "the weight decay, and all terms compared",
        &["8.1.8-terms.png", "8.1.8-filters.png"],
        autoencoder::decay,
    ),
    exercise("8.2.1", "the whole cost on a reduced data set", &["8.2.1-filters.png"], features::reduced),
    exercise(
        "8.2.2",
        "the learned weights, visualized",
        &["8.2.2-inputs.png", "8.2.2-length-1.svg", "8.2.2-as-they-are.svg"],
        features::visualized,
    ),
    exercise(
        "8.2.3",
        "the reduced data set against the full one",
        &["8.2.3-tenth.png", "8.2.3-all.png"],
        features::full,
    ),
    exercise("8.3.1", "the softmax cost, its gradient, and the ground truth matrix", &[], regression::cost),
    exercise("8.3.2", "training it, with the decay chosen by cross-validation", &[], regression::train),
    exercise("8.3.3", "softmax regression on different features", &[], regression::architectures),
    exercise("8.4.1", "a target architecture", &[], transfer::architecture),
    exercise(
        "8.4.2",
        "each autoencoder trained, and decoded in reverse order",
        &["8.4.2-decoded.png"],
        transfer::layers,
    ),
    exercise("8.4.3", "the weights transferred into one network", &[], transfer::weights),
    exercise("8.4.4", "the network fine-tuned", &["8.4.4-filters.png"], transfer::tuning),
    exercise("8.4.5", "the classifier evaluated on test examples", &["8.4.5-confusion.png"], transfer::evaluation),
    exercise(
        "8.5.1",
        "the convolution operator, and Sobel's filters",
        &["8.5.1-steps.png", "8.5.1-word.png", "8.5.1-sobel.png"],
        convolution::operator,
    ),
    exercise(
        "8.5.2",
        "the derivatives of convolution and pooling, checked",
        &["8.5.2-side-by-side.png", "8.5.2-overlapping.png", "8.5.2-parts.png"],
        convolution::derivatives,
    ),
    exercise(
        "8.5.3",
        "the autoencoder with a convolutional layer",
        &["8.5.3-filters.png", "8.5.3-filters-noise.png", "8.5.3-decoded.png"],
        networks::autoencoder,
    ),
    exercise("8.5.4", "several such layers, fine-tuned to classify", &[], networks::classification),
    exercise("8.5.5", "their filters, visualized", &["8.5.5-first.png", "8.5.5-second.png"], networks::filters),
    exercise("B.1", "dense, local, and pooled connections", &["B.1-accuracy.svg"], connections::connections),
    exercise("C.1", "the gradient by loops, vectors and matrices", &[], vectorization::stages),
    exercise("C.2", "L-BFGS in eight parts", &["C.2-restarts.svg"], vectorization::restarts),
    exercise(
        "C.3",
        "patches of natural images",
        &["C.3-filters.png", "C.3-whitened.png", "C.3-correlated.png", "C.3-noise.png", "C.3-picture.png"],
        natural_images::natural_images,
    ),
    exercise("D.1", "the linear autoencoder and PCA", &[], representations::linear),
    exercise("D.2", "under- and overcomplete codes, with each regularizer", &[], representations::complete),
    exercise("D.3", "the deep autoencoder and PCA", &["D.3-pca.svg", "D.3-deep.svg"], representations::deep),
    exercise("D.4", "denoising, for three kinds of noise", &["D.4-denoised.png"], regularizers::denoising),
    exercise("D.5", "the accuracy against the amount of noise", &["D.5-noise.svg"], regularizers::noise_helps),
    exercise("D.6", "sparse or not: one example's activations", &["D.6-activations.svg"], regularizers::sparse_or_not),
    exercise(
        "D.7",
        "contraction: the singular values of the encoder's Jacobian",
        &["D.7-singular-values.svg"],
        regularizers::contraction,
    ),
    exercise("D.8", "the variational autoencoder and its bound", &["D.8-generated.png"], generative::bound),
    exercise("D.9", "a walk through a code of two values", &["D.9-map.png", "D.9-codes.svg"], generative::walk),
    exercise("D.10", "one code for two views of an example", &["D.10-digits.png"], multimodal::translate),
    exercise(
        "D.11",
        "a composed function and its derivative, node by node",
        &["D.11-function.svg"],
        by_hand::composition,
    ),
    exercise("D.12", "localist and distributed codes", &[], by_hand::codes),
    exercise("E.1", "sparse coding, and its penalty", &["E.1-atoms.png"], coding::penalties),
    exercise("E.2", "sparse coding without the bound on the atoms", &[], coding::bound),
    exercise("E.3", "sparse codes, predicted by an encoder", &["E.3-filters.png"], coding::predicted),
    exercise(
        "E.4",
        "one unit and a small network by hand, forward and back",
        &["E.4-activations.svg", "E.4-slopes.svg"],
        by_hand::passes,
    ),
    exercise("E.5", "decision surfaces of small networks", &["E.5-surfaces.png"], playground::surfaces),
    exercise(
        "E.6",
        "gradients and trajectories through many layers",
        &["E.6-sigmoid.svg", "E.6-tanh.svg", "E.6-relu.svg", "E.6-plain.svg", "E.6-residual.svg"],
        depth::depth,
    ),
    exercise("E.7", "the curse of dimensionality", &["E.7-distances.svg", "E.7-variance.svg"], dimensions::curse),
    exercise(
        "E.8",
        "the lectures' lab: training and validation history",
        &["E.8-examples.png", "E.8-history.svg"],
        minibatches::lab,
    ),
    exercise(
        "E.9",
        "optimizers on models: cost against epochs and seconds",
        &[
            "E.9-softmax.svg",
            "E.9-softmax-seconds.svg",
            "E.9-autoencoder.svg",
            "E.9-autoencoder-seconds.svg",
            "E.9-network.svg",
            "E.9-network-seconds.svg",
        ],
        minibatches::optimizers,
    ),
    exercise("E.10", "the noise of a batch's gradient", &["E.10-noise.svg"], minibatches::noise),
    exercise(
        "E.11",
        "overfitting and its cures",
        &["E.11-epochs.svg", "E.11-size.svg", "E.11-augmented.png"],
        overfitting::overfitting,
    ),
    exercise(
        "E.12",
        "the noisy path of batches, and schedules of the rate",
        &["E.12-path.svg", "E.12-softmax.svg", "E.12-network.svg"],
        schedules::path_and_schedules,
    ),
];
