//! Transforms of lengths with large prime factors, as a convolution with a chirp (L. Bluestein 1970).
//!
//! Why: a prime length cannot be split into shorter transforms. The idea: write the product jk as squares, and the sum
//! becomes a convolution, which transforms of a power of two compute.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_j, N | the numbers to transform, and how many there are |
//! | X_k | their transform |
//! | c | the chirp; c\* is its complex conjugate |
//! | M | the smallest power of two with M >= 2N - 1 |
//!
//! ```text
//! (BL.1)  c_j = e^(-πi·j²/N)
//! (BL.2)  a_j = x_j·c_j                                for j < N, and 0 up to M - 1
//! (BL.3)  X_k = c_k·Σ_j a_j·c*_(k-j)
//! ```
//!
//! Derivation. (k - j)² = k² - 2jk + j², so jk = (j² + k² - (k - j)²)/2, and (FT.1) is
//!
//! ```text
//! Σ_j x_j·e^(-2πi·jk/N) = Σ_j x_j·e^(-πi·j²/N)·e^(-πi·k²/N)·e^(πi·(k-j)²/N) = c_k·Σ_j (x_j·c_j)·c*_(k-j)
//! ```
//!
//! The sum convolves N numbers with the 2N - 1 values of c* from -(N - 1) to N - 1. On a circle of M >= 2N - 1
//! positions no two of them meet. There the transform of a convolution is the product of the transforms, with u =
//! e^(-2πi/M) and indices modulo M:
//!
//! ```text
//! Σ_k (Σ_j a_j·b_(k-j))·u^(kl) = Σ_j a_j·u^(jl)·Σ_k b_(k-j)·u^((k-j)·l) = (Σ_j a_j·u^(jl))·(Σ_n b_n·u^(nl))
//! ```
//!
//! since k - j runs once around the circle, as n does. So (BL.3) takes the transforms of a and of b = c*, their product
//! and its inverse transform. The transform of b depends on N alone and is computed once; two transforms of length M
//! remain.
//!
//! By hand, N = 2: c = (1, -i), and c*_(-1) = c*_1 = i. X_1 = c_1·(x_0·c_0·c*_1 + x_1·c_1·c*_0) = -i·(i·x_0 - i·x_1) =
//! x_0 - x_1.

use super::complex::ComplexFft;
use super::{Parts, root_of_unity};
use crate::machine::{Isa, size};
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// The tables of a transform of N numbers, and its work space.
#[derive(Clone, Debug)]
pub struct Chirp<T> {
    /// c_j.
    chirp: Parts<T>,
    /// The transform of c*, wrapped around the circle of M positions, divided by M.
    response: Parts<T>,
    circle: ComplexFft<T>,
}

impl<T: Real> Chirp<T> {
    pub(super) fn new(length: usize) -> Self {
        let circle = (2 * length - 1).next_power_of_two();
        size::claim::<f64>(circle);
        // j² is taken modulo 2N before the angle is rounded.
        let square = |j: usize| (j as u128 * j as u128 % (2 * length as u128)) as usize;
        let chirp: Vec<(f64, f64)> = (0..length).map(|j| root_of_unity(square(j), 2 * length)).collect(); // (BL.1)
        let mut response = [vec![0.0; circle], vec![0.0; circle]];
        for (j, &(re, im)) in chirp.iter().enumerate() {
            for index in [j, (circle - j) % circle] {
                (response[0][index], response[1][index]) = (re / circle as f64, -im / circle as f64);
            }
        }
        let [re, im] = &mut response;
        ComplexFft::<f64>::new(circle).transform(re, im);
        let rounded = |part: &Vec<f64>| part.iter().map(|&x| T::from_f64(x)).collect::<Vec<T>>();
        Chirp {
            chirp: [chirp.iter().map(|c| T::from_f64(c.0)).collect(), chirp.iter().map(|c| T::from_f64(c.1)).collect()],
            response: [rounded(&response[0]), rounded(&response[1])],
            circle: ComplexFft::new(circle),
        }
    }

    /// Replaces x by its transform.
    pub(super) fn transform_on(&mut self, isa: Isa, re: &mut [T], im: &mut [T]) {
        let Chirp { chirp, response, circle } = self;
        let length = re.len();
        let product = |x: (T, T), w: (T, T)| (x.0 * w.0 - x.1 * w.1, x.0 * w.1 + x.1 * w.0);
        let [a, b] = circle.data();
        for j in 0..length {
            (a[j], b[j]) = product((re[j], im[j]), (chirp[0][j], chirp[1][j])); // (BL.2)
        }
        a[length..].fill(T::ZERO);
        b[length..].fill(T::ZERO);
        circle.transform_on(isa);
        // With its parts exchanged, the second transform is the inverse.
        let [a, b] = circle.data();
        for k in 0..a.len() {
            (b[k], a[k]) = product((a[k], b[k]), (response[0][k], response[1][k]));
        }
        circle.transform_on(isa);
        let [b, a] = circle.data();
        for k in 0..length {
            (re[k], im[k]) = product((a[k], b[k]), (chirp[0][k], chirp[1][k])); // (BL.3)
        }
    }
}
