//! Every tolerance of the integration tests, with its derivation.
//!
//! Two computations of one value differ by at most N·κ·u. Here u = 2⁻⁵³ is the largest relative error of one rounding
//! in f64, N counts the roundings on the longest path to a value, those of both computations added up, and κ is the
//! largest relative change of the result for a relative change of what is rounded. "Relative" means relative to the
//! largest element of the result, as `assert_close` has it. A function that is exact to one unit in the last place
//! counts as two roundings. N is a worst case: roundings partly cancel, so the measured differences, in parentheses at
//! the end of each row, are mostly smaller by a factor of ten or more.
//!
//! The bounds of the elementary functions and of the Fourier transform have units of their own and follow. Last come
//! bounds that do not stem from rounding: what a minimizer leaves when it stops, and definitions.

#![allow(dead_code)] // each test uses a part

/// N·κ·u.
const fn bound(roundings: f64, condition: f64) -> f64 {
    roundings * condition * (f64::EPSILON / 2.0)
}

// tests/reference.rs: NumPy, librosa, MATLAB code in Octave, and PyTorch.

/// Hann's window, ½ - ½·cos θ. NumPy rounds π, the product and the quotient in θ <= 2π: 3·½·θ·|sin θ| <= 7.2. Two
/// cosines of half weight: 2. A difference on either side: 2. (Measured: 2.5u.)
pub const WINDOW: f64 = bound(12.0, 1.0);

/// Our FFT of N = 256 samples: the bound that tests/fourier.rs holds, 1.2·u·√(log₂ N) = 3.4u of ‖X‖; NumPy's is taken
/// to be as exact. κ = ‖X‖/max |X| = 4.4 for the signal of the file. (3.1u.)
pub const FFT: f64 = bound(7.0, 4.4);

/// The transform as the sum of its definition: 256 products, sums and factors one after the other, and 8 for the last
/// factor and NumPy's side. κ = Σ|x|/max |X| = 4. (11u.)
pub const FOURIER_SUM: f64 = bound(264.0, 4.0);

/// Squares |X|² of a windowed frame. The window's error of 12u, of samples whose norm is 1.6 times that of the windowed
/// ones: 20. Two transforms: 7. A square doubles both: 54. Squares and sum on either side: 4. κ = ‖X‖/max |X| = 2.6.
/// (3.1u.)
pub const POWER: f64 = bound(58.0, 2.6);

/// A triangle's (f - f₁)/(f₂ - f₁), for edges in Hz from exponentials of mels: about 8 roundings for each of three
/// frequencies, on two sides. κ = f/(f₂ - f₁) <= 12 for 20 bands up to 4 kHz, on both scales. (54u.)
pub const MEL: f64 = bound(48.0, 12.0);

/// 10^(-2.5·(z - z_k - ½)) with z = 6·arsinh(f/600) <= 15.6. About 12 roundings for z, z_k and their difference, on two
/// sides. κ = 15.6·2.5·ln 10 = 90. (55u.)
pub const BARK: f64 = bound(24.0, 90.0);

/// e^(-½(2d/b)²) of a distance d on the scale h = 12·log₂(f/27.5) <= 86. Six roundings for d, on two sides, and twelve
/// more through the norm of the twelve weights. κ: the slope is at most 2·e^(-½) = 1.21 for b >= 1, times 86, over a
/// largest weight of 0.98. (401u.)
pub const CHROMA: f64 = bound(24.0, 106.0);

/// cos(π·k·(2n + 1)/40): Octave rounds π, a product and a quotient; two cosines and a factor. κ is the largest angle,
/// π·12·39/40 = 37. (48u.)
pub const COSINE_TRANSFORM: f64 = bound(6.0, 37.0);

/// The cosine transform of ln(mel + 10⁻⁶). The error of the spectrum, 27u as for the power, grows by 2‖X‖/|X| in quiet
/// bands; over all bands that is κ = 80 of the largest coefficient. The rest adds less than 18·80: the sums over 129
/// bins 52u, the mel weights 460u, the cosine transform of logarithms up to 7 in size 877u. (2.5u.)
pub const CEPSTRUM: f64 = bound(45.0, 80.0);

/// MFCC and levels in decibels. A bin's error: 12 of the window and 7 of two transforms, relative to ‖X‖, which is at
/// most 18 times max |X| (11 without librosa's levels). κ, the largest relative change of a result when each bin
/// changes by a fraction of max |X| with random phases: 3.2 (levels), 0.4 (librosa), 4 (MATLAB), 6.1 (HTK); so at most
/// 1300. The weights of the mel bands have 48·12 = 576 roundings, as for `MEL`, which change a logarithm by as much
/// and a coefficient by at most √2·12 times that, the lifter's 12 included; relative to a largest one of 10 or more:
/// 970. (Levels 89u, librosa 4u, MATLAB 5u, HTK 29u.)
pub const MFCC: f64 = bound(2300.0, 1.0);

/// Costs and gradients of the autoencoders with 5 inputs, 3 hidden units and 7 examples. On the path to ∂J/∂W1: sums of
/// 6 and 4 terms, two sigmoids of 3 units in the last place (12 roundings), δ3 with 4, the sum back 5, the sparsity
/// term 12, δ2 2, the sum over examples 8: 53, on two sides. κ = 7: the largest relative change of a block when all
/// parameters and inputs change by ±10⁻⁷ of themselves, in 200 random choices of signs. (6.3u.)
pub const AUTOENCODER: f64 = bound(106.0, 7.0);

/// Softmax regression with 5 features, 4 classes and 7 examples: scores 5, maximum 1, exponential 2, sum 4, logarithm
/// 2, difference 1, sum over examples 8, decay 3: 26, on two sides. κ = 3, measured as for the autoencoder. (1.7u.)
pub const SOFTMAX: f64 = bound(52.0, 3.0);

/// The network 5-4-3 with softmax over 4 classes. Forward: sums of 6 and 5 terms, two sigmoids 12; softmax 26; back:
/// sums of 4 and 4 terms, two slopes 6, the sum over examples 8, and 4: 75, on two sides. κ = 5, measured as above.
/// (4.1u.)
pub const STACKED: f64 = bound(150.0, 5.0);

/// Convolution with 12 taps and a bias, sigmoid 6, pooling 4, δ 6, the sum over 2·25 positions and 24 for the cost:
/// about 100, on two sides. κ = 3.5, measured as above. (5.1u.)
pub const CONVOLUTION: f64 = bound(200.0, 3.5);

// Other comparisons.

/// tests/batches.rs: means over 10 batches of 70 against one over 700 examples, terms of at most 1 in size. For n
/// random roundings the error stays below 3·√n·u with a probability of 0.98 (N. J. Higham and T. Mary 2019), and it is
/// the same in each run. 3·√700 = 80.
pub const MEAN_OF_BATCHES: f64 = bound(80.0, 1.0);

/// tests/activation.rs: sigmoid and tanh are at most 1. Our function 3 units in the last place (6), the definition's
/// two exponentials, two sums and a quotient 10. Linear and rectified units are exact. The softplus is at most 6.01,
/// where half a unit in the last place is 4u. Ours: exponential, sum and logarithm 4, the last sum 4. The definition:
/// exponential and sum 3, the logarithm 8.
pub const ACTIVATION: f64 = bound(19.0, 1.0);

/// tests/activation.rs: central differences of four values with the step h = 2⁻⁸. Truncation: h⁴/30·max |f⁽⁵⁾|, with
/// max |tanh⁽⁵⁾| = 16, is 1.2·10⁻¹⁰. Rounding: 18 values' errors of up to 11u, over 12h, are 5·10⁻¹³.
pub const SLOPE_OF_ACTIVATION: f64 = 1.3e-10;

/// tests/cli.rs: a constant of at most 1 in size, resampled: the sum of 137 weights, by which they are divided, and a
/// dot product with them. κ = Σ|w|/|Σw| <= 3 for a windowed sinc.
pub const RESAMPLED: f64 = bound(276.0, 3.0);

/// tests/mgh.rs: costs and norms of gradients at the start, against Python. In all problems but one N·κ is smaller than
/// here. Gaussian's residuals are differences that cancel: about 4 roundings in the model, on two sides, and 1 for the
/// sum of squares; κ = 960, the relative change of the cost for changes of the start by ±10⁻⁸ of itself. (466u; all
/// others at most 78u.)
pub const START_OF_PROBLEM: f64 = bound(9.0, 960.0);

/// tests/sizes: how far a weight of a window may lie outside of [0, 1]: up to three cosines and two sums.
pub const WINDOW_RANGE: f64 = bound(8.0, 1.0);

/// tests/sizes: the elements of Av - λv for symmetric matrices of at most 9 x 9 elements in [-1, 1]. Reduction and QL
/// are backward stable: up to 8 reflections and some 2·9 rotations add a few u·‖A‖ each, about 100 in all; κ = ‖A‖ <=
/// 9.
pub const EIGENVECTOR: f64 = bound(100.0, 9.0);

/// tests/sizes: the mean of a region of at most 1000 elements of at most 1 in size, summed in two orders.
pub const REGION_MEAN: f64 = bound(2002.0, 1.0);

/// tests/sizes: a transform of at most 100 samples 0, 1, 2, ... of any length, and its definition: a sum of 100 terms
/// and about 50 for the passes and factors. κ = Σ|x| <= 4950, since this bound is absolute.
pub const RAMP_TRANSFORM: f64 = bound(154.0, 4950.0);

/// tests/sizes: Σc² = 1 over a row of at most 17 cosines. An angle of at most 17π that is rounded once changes Σc² by
/// up to 150u; squares and sum: 30.
pub const COSINE_ROW: f64 = bound(180.0, 1.0);

/// tests/sizes: the slope of the line t < 9 over at most 9 points: 10 roundings of terms of at most 9.
pub const SLOPE: f64 = bound(10.0, 9.0);

// Elementary functions, in units in the last place (tests/functions.rs). NOTES.md has the largest errors of every f32
// and of 20 million f64.

/// eˣ: ½ from the last rounding, the rest from the series. (0.92.)
pub const EXP: f64 = 1.0;
/// ln x: the same. (0.83.)
pub const LN: f64 = 1.0;
/// sin π·x and cos π·x: the same; the argument is reduced exactly. (0.80.)
pub const SIN_COS: f64 = 1.0;
/// tanh x, from e²ˣ - 1: about 1 from the exponential, ½ each from the sum and the quotient. (1.60.)
pub const TANH: f64 = 2.0;
/// The sigmoid, from e^(-|x|) without the second part of the reduction: about 1½ from the exponential, ½ each from the
/// sum, the quotient, and a change of the binade between them. (2.40.)
pub const SIGMOID: f64 = 3.0;

// The Fourier transform, in units of u·√(log₂ N) (tests/fourier.rs): random roundings of log₂ N passes add up like
// √(log₂ N) (J. C. Schatzman 1996).

/// The mean over inputs. A factor of two of the length costs each part a rounded product and a rounded sum, whose
/// errors of about 0.4u (the root of the mean square of a rounding) are independent: √2·0.4 = 0.6. (0.644.)
pub const FOURIER_MEAN: f64 = 0.7;
/// The largest over inputs, twice the mean. (0.878.)
pub const FOURIER_LARGEST: f64 = 1.2;

// Minimizers.

/// The largest |∂J/∂θ_i| at which L-BFGS ends by default.
pub const GRADIENT: f64 = 1e-5;

/// Distance from the minimum of a cost of one variable whose minimum and curvature are about 1. L-BFGS ends when the
/// gradient is at most 10⁻⁵, or when falls are at most 10⁻⁹ of the cost: ½·x² <= 10⁻⁹ gives |x| <= √2·10⁻⁹ = 4.5·10⁻⁵.
/// For a curvature of 0.2 a gradient of 10⁻⁵ gives 5·10⁻⁵.
pub const MINIMUM: f64 = 5e-5;

/// The same for a valley whose largest derivative must fall to 10⁻¹³ of its unit: with a smallest curvature of 0.4 that
/// gives 3·10⁻¹³. The bound is wider, since the run may end earlier, on a flat cost.
pub const MINIMUM_OF_VALLEY: f64 = 1e-6;

/// A problem counts as solved when f - f* <= 10⁻⁸·(f(start) - f*): the definition of tests/reference/mgh.txt.
pub const SOLVED: f64 = 1e-8;

/// A cost is that of another known minimum when it agrees to four digits: the publication prints five or six.
pub const OTHER_MINIMUM: f64 = 1e-4;
