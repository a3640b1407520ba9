//! A bank of filters: bands, each a weighted sum of bins of a spectrum.
//!
//! Why: a spectrum of 129 bins holds more detail than the ear uses, and its fine structure moves with the pitch. A few
//! bands describe its shape.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | P_k | bin k of a power spectrum |
//! | w_bk | the weight of bin k in band b |
//! | Y_b, L_b | the power of band b, and its logarithm |
//! | floor | a small power that gives silence a finite logarithm |
//!
//! ```text
//! (BK.1)  Y_b = Σ_k w_bk·P_k
//! (BK.2)  L_b = ln(Y_b + floor)
//! ```
//!
//! The tutorial's floor is 10⁻⁶. A mel band of area 1 has about this power in white noise of deviation 0.0006 (full
//! scale is 1), with frames of 256 samples at 8000 Hz.
//!
//! By hand: the weights (0, 1, 0.5, 0) and the power (1, 2, 3, 4) give Y = 2 + 1.5 = 3.5.
//!
//! Most weights of a mel band are 0. Each band stores its first bin with a nonzero weight and the weights from there to
//! the last one. The sum goes upward from the lowest bin, one term at a time. The banks are those of
//! [`mel`](super::mel), [`bark`](super::bark) and [`chroma`](super::chroma).

use super::spectrogram::Spectrogram;
use super::stft::{Stft, no_change};
use crate::machine::size;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::logarithm::ln_each;
use alloc::vec;
use alloc::vec::Vec;

/// The weights, bands x bins, each band stored as its first bin and its nonzero weights.
///
/// ```
/// use ossicle::matrix::Matrix;
/// use ossicle::spectrum::bank::Bank;
///
/// let bank = Bank::from_matrix(&Matrix::from_rows(2, 4, vec![0.0, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]));
/// let mut bands = [0.0; 2];
/// bank.apply(&[1.0, 2.0, 3.0, 4.0], &mut bands);
/// assert_eq!((bands, bank.filter(0)), ([3.5, 0.0], (1, &[1.0, 0.5][..])));
/// // The second band is always 0.
/// assert_eq!(bank.empty(), [1]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Bank<T> {
    bins: usize,
    filters: Vec<(usize, Vec<T>)>,
}

impl<T: Real> Bank<T> {
    /// The bank with these bands, each its first bin and the weights from there.
    pub(super) fn from_filters(bins: usize, filters: Vec<(usize, Vec<T>)>) -> Self {
        debug_assert!(filters.iter().all(|(first, weights)| first + weights.len() <= bins));
        Bank { bins, filters }
    }

    /// The bank with these weights, bands x bins.
    ///
    /// # Panics
    /// If there is no memory for the bands.
    pub fn from_matrix(weights: &Matrix<T>) -> Self {
        let sparse = |band: usize| {
            let row = weights.row(band);
            let is_weight = |w: &T| *w != T::ZERO;
            let first = row.iter().position(is_weight).unwrap_or(0);
            let end = row.iter().rposition(is_weight).map_or(0, |last| last + 1);
            (first, row[first..end].to_vec())
        };
        size::claim::<(usize, Vec<T>)>(weights.rows());
        Bank { bins: weights.columns(), filters: (0..weights.rows()).map(sparse).collect() }
    }

    /// The number of bands.
    pub fn bands(&self) -> usize {
        self.filters.len()
    }

    /// The number of bins of a spectrum.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// The first bin of a band and the weights from there.
    ///
    /// # Panics
    /// If there is no such band.
    pub fn filter(&self, band: usize) -> (usize, &[T]) {
        let (first, weights) = &self.filters[band];
        (*first, weights)
    }

    /// The bands without a weight, which are always 0: there are too many bands for the bins.
    pub fn empty(&self) -> Vec<usize> {
        (0..self.bands()).filter(|&band| self.filters[band].1.is_empty()).collect()
    }

    /// The bank as a matrix: bands x bins.
    ///
    /// # Panics
    /// If there is no memory for bands x bins weights.
    pub fn matrix(&self) -> Matrix<T> {
        let mut matrix = Matrix::zeros(self.bands(), self.bins);
        for (band, (first, weights)) in self.filters.iter().enumerate() {
            matrix.row_mut(band)[*first..][..weights.len()].copy_from_slice(weights);
        }
        matrix
    }

    /// The bands of a power spectrum: Σ weight·power over the bins of each, upward from the lowest.
    ///
    /// # Panics
    /// If `power` does not have one element for each bin, or `bands` one for each band.
    pub fn apply(&self, power: &[T], bands: &mut [T]) {
        assert_eq!((power.len(), bands.len()), (self.bins, self.bands()), "bins and bands");
        for (band, (first, weights)) in bands.iter_mut().zip(&self.filters) {
            let power = &power[*first..][..weights.len()];
            let mut sum = T::ZERO;
            for k in 0..weights.len() {
                sum += weights[k] * power[k]; // (BK.1)
            }
            *band = sum;
        }
    }

    /// The bands of each frame of a power spectrogram, bins x frames: bands x frames, with the bits of
    /// [`apply`](Self::apply).
    ///
    /// # Panics
    /// If `power` does not have one row for each bin, or there is no memory for the bands.
    pub fn apply_all(&self, power: &Matrix<T>) -> Matrix<T> {
        assert_eq!(power.rows(), self.bins, "rows of the spectrogram and bins of the bank");
        let mut bands = Matrix::zeros(self.bands(), power.columns());
        for (band, (first, weights)) in self.filters.iter().enumerate() {
            let sums = bands.row_mut(band);
            for (k, &w) in (*first..).zip(weights) {
                sums.iter_mut().zip(power.row(k)).for_each(|(sum, &p)| *sum += w * p);
            }
        }
        bands
    }
}

/// The logarithm of the bands of a recording's spectrogram, frame by frame. With mel bands, the log-mel spectrum.
///
/// ```
/// use ossicle::spectrum::bank::{Bank, LogBands};
/// use ossicle::spectrum::convention::Convention;
/// use ossicle::spectrum::stft::Stft;
///
/// let stft = Stft::<f64>::new(Convention::Librosa.stft(16_000));
/// let bank = Bank::mel(&Convention::Librosa.mel(16_000), stft.settings().transform, 16_000.0)?;
/// let frames = LogBands::from_stft(stft, bank, 1e-6).frames(&[0.0; 8000]);
/// assert_eq!(frames.len(), 16 * 128);
/// assert!((frames[0] - 1e-6_f64.ln()).abs() < 1e-12);
/// # Ok::<(), ossicle::spectrum::mel::MelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LogBands<T> {
    source: Source<T>,
    bank: Bank<T>,
    /// Added to the power, so that silence has a logarithm.
    floor: T,
}

/// What computes the power of each frame.
#[derive(Clone, Debug)]
enum Source<T> {
    Spectrogram(Spectrogram<T>),
    Stft(Stft<T>),
}

impl<T: Real> LogBands<T> {
    /// ln(power + floor) of each band of `bank` in each frame of `spectrogram`.
    ///
    /// # Panics
    /// If the bank is for spectra of another size.
    pub fn new(spectrogram: Spectrogram<T>, bank: Bank<T>, floor: T) -> Self {
        assert_eq!(spectrogram.bins(), bank.bins(), "bins of the spectrogram and of the bank");
        LogBands { source: Source::Spectrogram(spectrogram), bank, floor }
    }

    /// The same of each frame of a short-time transform, with its choice of window and edges.
    ///
    /// # Panics
    /// If the bank is for spectra of another size.
    pub fn from_stft(stft: Stft<T>, bank: Bank<T>, floor: T) -> Self {
        assert_eq!(stft.bins(), bank.bins(), "bins of the transform and of the bank");
        LogBands { source: Source::Stft(stft), bank, floor }
    }

    /// The number of bands.
    pub fn bands(&self) -> usize {
        self.bank.bands()
    }

    /// The frames of a recording, one after the other, each its bands from low to high.
    ///
    /// # Panics
    /// If there is no memory for the frames.
    pub fn frames(&mut self, samples: &[T]) -> Vec<T> {
        let count = match &self.source {
            Source::Spectrogram(spectrogram) => spectrogram.framing().count(samples.len()),
            Source::Stft(stft) => stft.count(samples.len()),
        };
        let bands = self.bands();
        let length = size::product([bands, count]);
        size::claim::<T>(length);
        let mut frames = vec![T::ZERO; length];
        let mut outs = frames.chunks_exact_mut(bands.max(1));
        match &mut self.source {
            Source::Spectrogram(spectrogram) => {
                let mut power = vec![T::ZERO; spectrogram.bins()];
                for (frame, out) in spectrogram.framing().frames(samples).zip(outs) {
                    spectrogram.frame_power(frame, &mut power);
                    self.bank.apply(&power, out);
                }
            }
            Source::Stft(stft) => stft.each_power(samples, no_change, |_, power| {
                if let Some(out) = outs.next() {
                    self.bank.apply(power, out);
                }
            }),
        }
        for x in &mut frames {
            *x += self.floor;
        }
        ln_each(&mut frames); // (BK.2)
        frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::spectrum::bark;
    use crate::spectrum::mel::{MelSettings, Norm, Scale};

    const MEL: MelSettings =
        MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands: 20, lowest: 0.0, highest: 4000.0 };

    fn banks() -> [(&'static str, Bank<f64>); 3] {
        let mel = Bank::mel(&MEL, 256, 8000.0).unwrap();
        [("mel", mel), ("bark", Bank::bark(17, 256, 8000.0)), ("chroma", Bank::chroma(256, 8000.0))]
    }

    #[test]
    fn mel_bark_and_chroma_are_banks_without_an_empty_band() {
        for ((name, bank), bands) in banks().into_iter().zip([20, 17, 12]) {
            assert_eq!((bank.bands(), bank.bins()), (bands, 129), "{name}");
            assert!(bank.empty().is_empty(), "{name}");
            assert_eq!(Bank::from_matrix(&bank.matrix()), bank, "{name}");
        }
    }

    #[test]
    fn bands_are_the_sums_over_all_bins() {
        let mut random = Random::new(4);
        let power: Vec<f64> = (0..129).map(|_| random.uniform(0.0, 1.0)).collect();
        for (name, bank) in banks() {
            let (matrix, mut bands) = (bank.matrix(), vec![f64::NAN; bank.bands()]);
            bank.apply(&power, &mut bands);
            for (band, got) in bands.into_iter().enumerate() {
                let expected = matrix.row(band).iter().zip(&power).fold(0.0, |sum, (w, p)| sum + w * p);
                assert_eq!(got, expected, "{name}, band {band}");
            }
        }
    }

    #[test]
    fn a_spectrogram_has_the_bands_of_its_frames() {
        let mut random = Random::new(6);
        let power = Matrix::from_function(129, 5, |_, _| random.uniform(0.0, 1.0));
        for (name, bank) in banks() {
            let bands = bank.apply_all(&power);
            for t in 0..5 {
                let mut expected = vec![f64::NAN; bank.bands()];
                bank.apply(&power.column(t), &mut expected);
                assert_eq!(bands.column(t), expected, "{name}, frame {t}");
            }
            assert_eq!(bank.apply_all(&Matrix::zeros(129, 0)), Matrix::zeros(bank.bands(), 0));
        }
    }

    #[test]
    fn a_short_time_transform_has_the_spectrograms_log_bands() {
        use crate::audio::frames::Framing;
        use crate::audio::window::{Ends, Window};
        use crate::spectrum::stft::{Edges, StftSettings};
        let mut random = Random::new(7);
        let x: Vec<f32> = (0..1000).map(|_| random.uniform(-1.0, 1.0)).collect();
        let (window, ends, edges) = (Window::Hann, Ends::Periodic, Edges::Whole);
        let stft = Stft::new(StftSettings { frame: 256, hop: 80, transform: 256, window, ends, edges });
        let bank = Bank::<f32>::mel(&MEL, 256, 8000.0).unwrap();
        let spectrogram = Spectrogram::new(Framing { length: 256, hop: 80 });
        let expected = LogBands::new(spectrogram, bank.clone(), 1e-6).frames(&x);
        assert_eq!(expected.len(), 10 * 20);
        assert_eq!(LogBands::from_stft(stft, bank, 1e-6).frames(&x), expected);
    }

    #[test]
    fn each_band_of_mel_and_bark_peaks_within_one_bin_of_its_center() {
        let [(_, mel), (_, bark), _] = banks();
        let step = 8000.0 / 256.0;
        let heights = |weights: &[f64]| weights.iter().fold(0.0, |most: f64, &w| Real::max(most, w));
        let (scale, highest) = (MEL.scale, MEL.scale.mel(4000.0));
        for (name, bank, center) in [
            ("mel", mel, &(|band: usize| scale.hertz(highest * (band + 1) as f64 / 21.0)) as &dyn Fn(usize) -> f64),
            ("bark", bark, &|band| bark::centers(17, 8000.0)[band]),
        ] {
            for band in 0..bank.bands() {
                let (first, weights) = bank.filter(band);
                let height = heights(weights);
                // The ear's bands have a flat top.
                let near = weights
                    .iter()
                    .enumerate()
                    .any(|(i, &w)| w == height && ((first + i) as f64 * step - center(band)).abs() <= step);
                assert!(near && height > 0.0, "{name}, band {band}");
            }
        }
    }

    #[test]
    fn a_matrix_with_zeros_everywhere_comes_back() {
        let mut random = Random::new(5);
        for _ in 0..100 {
            let matrix = Matrix::from_function(3, 7, |_, _| Real::max(0.0, random.uniform(-1.0, 0.5)));
            assert_eq!(Bank::<f64>::from_matrix(&matrix).matrix(), matrix);
        }
    }
}
