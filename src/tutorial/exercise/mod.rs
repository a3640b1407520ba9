//! The exercises of the tutorial's chapter on autoencoders, 8.1 to 8.5, each to be run by its number.
//!
//! 1. [`context`]: what every exercise is given: examples to learn from and to be tested on, a page to write on, a wall for pictures;
//! 2. [`autoencoder`]: 8.1, examples, costs and what each term of the cost does;
//! 3. [`features`]: 8.2, training on a part and on all, and looking at the features;
//! 4. [`regression`]: 8.3, softmax regression;
//! 5. [`transfer`]: 8.4, stacked networks;
//! 6. [`convolution`]: 8.5, convolution and pooling;
//! 7. [`networks`]: 8.5, networks of them.
//!
//! The numbers follow source B's lists, counted through each section. (The tutorial prints 8.4 twice; convolution, the
//! second one, is 8.5.)

pub mod autoencoder;
pub mod context;
pub mod convolution;
pub mod features;
pub mod networks;
pub mod regression;
pub mod transfer;

use context::ExerciseContext;
use std::string::String;

/// An exercise.
pub struct Exercise {
    /// Such as "8.1.3".
    pub number: &'static str,
    /// What it asks for.
    pub asks: &'static str,
    /// Does it.
    pub run: fn(&mut ExerciseContext) -> Result<(), String>,
}

const fn exercise(
    number: &'static str,
    asks: &'static str,
    run: fn(&mut ExerciseContext) -> Result<(), String>,
) -> Exercise {
    Exercise { number, asks, run }
}

/// All exercises, in order.
pub const EXERCISES: [Exercise; 24] = [
    exercise("8.1.1", "examples from consecutive frames of spectra", autoencoder::examples),
    exercise("8.1.2", "the same from different transforms, and whitened", autoencoder::transforms),
    exercise("8.1.3", "the random start of the parameters", autoencoder::start),
    exercise("8.1.4", "the Euclidean cost and its gradient", autoencoder::euclidean),
    exercise("8.1.5", "filters learned with it, and from noise", autoencoder::euclidean_filters),
    exercise("8.1.6", "the cost with the sparsity constraint", autoencoder::sparsity),
    exercise("8.1.7", "filters learned with and without it", autoencoder::sparse_filters),
    exercise("8.1.8", "the weight decay, and all terms compared", autoencoder::decay),
    exercise("8.2.1", "the whole cost on a reduced data set", features::reduced),
    exercise("8.2.2", "the learned weights, seen", features::seen),
    exercise("8.2.3", "the reduced data set against the full one", features::full),
    exercise("8.3.1", "the softmax cost, its gradient, and the ground truth matrix", regression::cost),
    exercise("8.3.2", "training it, with the decay chosen by cross-validation", regression::train),
    exercise("8.3.3", "its accuracy on different architectures", regression::architectures),
    exercise("8.4.1", "a target architecture", transfer::architecture),
    exercise("8.4.2", "each autoencoder trained, and decoded in reverse order", transfer::layers),
    exercise("8.4.3", "the weights transferred into one network", transfer::weights),
    exercise("8.4.4", "the network tuned as a whole", transfer::tuning),
    exercise("8.4.5", "the classifier judged on what it has not met before", transfer::judged),
    exercise("8.5.1", "the convolution operator, and Sobel's filters", convolution::operator),
    exercise("8.5.2", "convolution and pooling, derived and checked", convolution::derivatives),
    exercise("8.5.3", "the autoencoder with a convolutional layer", networks::autoencoder),
    exercise("8.5.4", "several such layers, tuned to tell classes", networks::classification),
    exercise("8.5.5", "their filters, seen", networks::filters),
];
