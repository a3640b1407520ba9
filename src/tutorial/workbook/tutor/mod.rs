//! The tutor: what the tests of a workbook call. Each task has a module with its inputs, our answer, which is the
//! definition of the task's chapter, and the mistakes that the tutor knows.
//!
//! 1. [`unit`](mod@unit): a unit and its slope;
//! 2. [`descent`]: gradient descent;
//! 3. [`difference`]: the central difference;
//! 4. [`step`]: the best step;
//! 5. [`forward`]: forward through two layers;
//! 6. [`detective_layer`]: detective: one block of two;
//! 7. [`error`]: the error of a reconstruction;
//! 8. [`deltas`]: the two δ of an autoencoder;
//! 9. [`sparsity`]: a penalty for units that respond too often;
//! 10. [`sparse_delta`]: δ2 with the sparsity penalty;
//! 11. [`decay`]: the whole sparse autoencoder, with weight decay;
//! 12. [`detective_autoencoder`]: detective: right for one example;
//! 13. [`best_input`]: the input that excites a unit most;
//! 14. [`log_sum_exp`]: softmax without overflow;
//! 15. [`softmax`]: softmax regression: the cost and its gradient;
//! 16. [`detective_softmax`]: detective: a cost of -∞;
//! 17. [`transfer`]: weight transfer;
//! 18. [`stack`]: δ through a stack of layers;
//! 19. [`detective_stack`]: detective: two layers of the same size;
//! 20. [`detective_accuracy`]: detective: too good for new voices;
//! 21. [`taper`]: frames and a taper;
//! 22. [`dft`]: the discrete Fourier transform;
//! 23. [`fft`]: the fast Fourier transform;
//! 24. [`detective_spectrogram`]: detective: a striped spectrogram;
//! 25. [`mel`]: Mel bands;
//! 26. [`detective_scaling`]: detective: the same training, other weights;
//! 27. [`whitening`]: whitening in two dimensions;
//! 28. [`armijo`]: backtracking: a step that lowers the cost enough;
//! 29. [`two_loop`]: the two loops of L-BFGS;
//! 30. [`detective_direction`]: detective: uphill with L-BFGS;
//! 31. [`correlation`]: correlation and convolution;
//! 32. [`im2col`]: the matrix of patches;
//! 33. [`adjoint`]: from the patches back to the map;
//! 34. [`detective_convolution`]: detective: a filter in the backward pass;
//! 35. [`max_pooling`]: max pooling, forward and back;
//! 36. [`dropout`]: dropout, forward and back;
//! 37. [`detective_network`]: detective: dropout, forward and back;
//! 38. [`denoising`]: the cost of a denoising autoencoder;
//! 39. [`vectorize`]: from loops over examples to one product;
//! 40. [`pipeline`]: from recordings to an accuracy.

// A student's function is an argument with all its types written out.
#![allow(clippy::type_complexity)]

pub mod adjoint;
pub mod armijo;
pub mod best_input;
pub mod correlation;
pub mod decay;
pub mod deltas;
pub mod denoising;
pub mod descent;
pub mod detective_accuracy;
pub mod detective_autoencoder;
pub mod detective_convolution;
pub mod detective_direction;
pub mod detective_layer;
pub mod detective_network;
pub mod detective_scaling;
pub mod detective_softmax;
pub mod detective_spectrogram;
pub mod detective_stack;
pub mod dft;
pub mod difference;
pub mod dropout;
pub mod error;
pub mod fft;
pub mod forward;
pub mod im2col;
pub mod log_sum_exp;
pub mod max_pooling;
pub mod mel;
pub mod pipeline;
pub mod softmax;
pub mod sparse_delta;
pub mod sparsity;
pub mod stack;
pub mod step;
pub mod taper;
pub mod transfer;
pub mod two_loop;
pub mod unit;
pub mod vectorize;
pub mod whitening;

use super::judge::shown;

/// Compares a number with the one expected.
///
/// # Panics
/// If they differ by more than `tolerance`, or one of them is NaN.
#[track_caller]
pub fn near(found: f64, expected: f64, tolerance: f64) {
    let differs = !((found - expected).abs() <= tolerance);
    assert!(!differs, "found {}; expected {}", shown(found), shown(expected));
}

/// Compares numbers with those expected, one by one.
///
/// # Panics
/// If there are more or fewer than expected, two differ by more than `tolerance`, or one is NaN.
#[track_caller]
pub fn all_near(found: &[f64], expected: &[f64], tolerance: f64) {
    let [found_len, expected_len] = [found, expected].map(<[f64]>::len);
    assert!(found_len == expected_len, "{found_len} values found; {expected_len} expected");
    let is_near = |k: usize| (found[k] - expected[k]).abs() <= tolerance;
    if let Some(k) = (0..found.len()).find(|&k| !is_near(k)) {
        panic!("element {k}: found {}; expected {}", shown(found[k]), shown(expected[k]));
    }
}
