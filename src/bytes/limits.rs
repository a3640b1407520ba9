//! Limits: the largest size of each kind that is accepted from outside.
//!
//! A file of fifty bytes can claim any sampling rate, length or shape. Time and memory must depend on what a file
//! contains, not on what it claims. So each size is compared with its limit before memory is allocated for it, and
//! before a file is read in full; below the limits, lengths come from the bytes that were read. An error names the
//! limit.
//!
//! | limit | most | checked by | error |
//! | --- | --- | --- | --- |
//! | [`SAMPLING_RATE`] | 768,000 Hz | `dataset::folder`, `storage::model` | a cause, `ModelError::Limit` |
//! | [`RECORDING`] | 2²⁸ samples | `dataset::folder`, `cli::wav` | a cause |
//! | [`RESAMPLED`] | 2²⁸ samples | `dataset::folder`, `cli::predict`, `cli::wav` | a cause |
//! | [`COLLECTION`] | 10¹¹ samples | `dataset::folder` | `FolderError::Limit` |
//! | [`LABELS`] | 1024 | `dataset::folder`, `storage::csv` | `FolderError::Limit`, `CsvCause::Limit` |
//! | the same | | `tutorial::row_table`, `tutorial::classifier_file` | `RowError::Limit`, `ModelError::Limit` |
//! | [`LOUDEST`] | 10⁶ | `dataset::folder` | a cause |
//! | [`FOLDER_DEPTH`] | 8 folders | `dataset::folder` | none: deeper folders are not searched |
//! | [`WAV_CHUNKS`] | 4096 chunks | `audio::wav` | `WavError::TooManyChunks` |
//! | [`RESAMPLING_RATIO`] | 64 | `audio::resample` | `ResampleError::TooFar` |
//! | [`RESAMPLING_WEIGHTS`] | 2²³ weights | `audio::resample` | `ResampleError::TooOdd` |
//! | [`CONSTANT_Q_WEIGHTS`] | 2²⁴ weights | `spectrum::constant_q` | `ConstantQError::TooLarge` |
//! | [`MEMORY`] | 16·10⁹ bytes | `cli::tutorial`, `tutorial::table_model` | a cause, `TableModelError::Limit` |
//! | [`PANELS`] | 120 panels | `cli::spectrogram` | a cause |
//! | [`RESYNTHESIZED`] | 2²³ samples | `cli::resynthesize`, `tutorial::preferred_input` | a cause, `UnitError::Limit` |
//! | [`TABLE`] | 2³² bytes | `tutorial::feature_table`, `cli::train` | `FeatureError::Limit`, a cause |
//! | [`IDX_FILE`] | 2³⁰ + 2²⁰ bytes | `dataset::idx` | `IdxFileError::Limit` |
//! | [`IDX_NUMBERS`] | 2³⁰ bytes | `dataset::idx` | `IdxFileError::Limit` |
//! | [`IMAGE`] | 2¹⁴ points | `dataset::idx` | `IdxFileError::Limit` |
//! | [`PHOTOGRAPH_FILE`] | 2²⁷ bytes | `tutorial::exercise::photographs` | `PhotographError::Read` |
//! | [`PHOTOGRAPH`] | 2²⁵ pixels | `picture::png` | `PngCause::Limit` |
//! | [`MODEL_FILE`] | 2³⁰ bytes | `cli::predict`, `cli::export` | a cause |
//! | [`BANDS`] | 128 bands | `cli::tutorial`, `tutorial::classifier_file` | a cause, `ModelError::Limit` |
//! | [`NETWORKS`] | 100 | `cli::tutorial`, `tutorial::classifier_file` | a cause, `ModelError::Limit` |
//! | [`FRAME`] | 2¹⁶ samples | `predictor::shape` | `PredictorError::Frame` |
//! | [`OVERLAP`] | 64 frames | `predictor::deployed` | `PredictorError::Limit` |
//! | [`WINDOW`] | 2²⁰ samples | `predictor::deployed` | `PredictorError::Limit` |
//! | [`REGIONS`] | 1000 regions | `predictor::deployed` | `PredictorError::Limit` |
//! | [`SOUND`] | 3600 s | `cli::predict`, `predictor::deployed` | `PredictorError::Limit` |
//! | [`PREDICTOR`] | 2²⁸ numbers | `predictor::deployed` | `PredictorError::Limit` |
//! | [`CHECKPOINT_FILE`] | 16·10⁹ bytes | `tutorial::run_checkpoint` | `RunCheckpointError::Read` |
//! | [`JSON_DEPTH`] | 128 values | `bytes::json` | `JsonCause::Depth` |
//! | [`NPY_HEADER`] | 2²⁰ bytes | `storage::npy` | `NpyError::Limit` |
//! | [`SAFETENSORS_HEADER`] | 2²² bytes | `storage::safetensors` | `SafetensorsError::Limit` |
//!
//! The steps of a checkpoint, the units of a model and similar counts need no limit of their own: the bytes of their
//! file bound them.

use core::fmt;

/// The largest size of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The limited quantity, as the subject of a sentence.
    pub what: &'static str,
    /// The largest size.
    pub most: u64,
    /// The unit of the size; empty if `what` implies it.
    pub unit: &'static str,
}

/// A size above its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// The size; `None` if counting stopped at the limit.
    pub found: Option<u64>,
}

impl Limit {
    /// Compares a size with the limit.
    ///
    /// ```
    /// use ossicle::bytes::limits::SAMPLING_RATE;
    ///
    /// let error = SAMPLING_RATE.check(4_294_967_295).unwrap_err();
    /// assert_eq!(error.to_string(), "the sampling rate is 4294967295 Hz; at most 768000 Hz are accepted");
    /// assert_eq!(
    ///     SAMPLING_RATE.exceeded().to_string(),
    ///     "the sampling rate is more than 768000 Hz, the most that is accepted"
    /// );
    /// ```
    ///
    /// # Errors
    /// If it is above.
    pub const fn check(self, found: u64) -> Result<(), Exceeded> {
        if found > self.most { Err(Exceeded { limit: self, found: Some(found) }) } else { Ok(()) }
    }

    /// The error for a size that exceeds the limit by an unknown amount.
    pub const fn exceeded(self) -> Exceeded {
        Exceeded { limit: self, found: None }
    }

    /// The largest size as a length in memory.
    pub const fn length(self) -> usize {
        if self.most > usize::MAX as u64 { usize::MAX } else { self.most as usize }
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { what, most, unit } = self.limit;
        let space = if unit.is_empty() { "" } else { " " };
        match self.found {
            Some(found) => {
                write!(f, "{what} is {found}{space}{unit}; at most {most}{space}{unit} are accepted")
            }
            None => write!(f, "{what} is more than {most}{space}{unit}, the most that is accepted"),
        }
    }
}

impl core::error::Error for Exceeded {}

const fn limit(what: &'static str, most: u64, unit: &'static str) -> Limit {
    Limit { what, most, unit }
}

/// The sampling rate of sound that spectra are computed from. No audio converter is faster. Frames, filter banks and
/// the silence around the sound have fixed durations, so their sizes grow with the rate. `ossicle wav` computes no
/// spectra and describes files of any rate.
pub const SAMPLING_RATE: Limit = limit("the sampling rate", 768_000, "Hz");

/// The samples of a recording that is held in memory: 2 GiB as f64, 93 minutes at 48 kHz. At 64 bits per sample they
/// still fit in a WAV file.
pub const RECORDING: Limit = limit("the recording's length", 1 << 28, "samples");

/// The samples of a recording after resampling, computed beforehand.
pub const RESAMPLED: Limit = limit("the recording's length after resampling", RECORDING.most, "samples");

/// The samples of all recordings of a folder, after resampling: six hundred hours at 44100 Hz. They stay in their
/// files.
pub const COLLECTION: Limit = limit("the length of all recordings together", 100_000_000_000, "samples");

/// The labels of a folder, a table or a model. The cost of learning grows with their number times the windows, and
/// confusion matrices with its square.
pub const LABELS: Limit = limit("the number of labels", 1024, "");

/// The largest magnitude of a sample. Floating-point files may slightly exceed 1; above this limit, the numbers are not
/// sound, and their power may overflow.
pub const LOUDEST: f64 = 1e6;

/// The depth to which nested folders are searched for unlabeled recordings. A link back to a parent would have no end.
pub const FOLDER_DEPTH: usize = 8;

/// The chunks of a WAV file before its samples: a source without an end, such as zeros, has an end here.
pub const WAV_CHUNKS: Limit = limit("the number of chunks before the samples", 4096, "");

/// The largest ratio of two rates. Without it, a few bytes that claim a rate of 1 Hz would expand to gigabytes.
pub const RESAMPLING_RATIO: u64 = 64;

/// The weights that resample, 64 MiB as f64: two rates without a common divisor have the most.
pub const RESAMPLING_WEIGHTS: u64 = 1 << 23;

/// The weights of a constant-Q transform's windows, together: 256 MiB as pairs of f64.
pub const CONSTANT_Q_WEIGHTS: u64 = 1 << 24;

/// The memory that learning takes, estimated beforehand.
pub const MEMORY: Limit = limit("the memory that learning needs", 16_000_000_000, "bytes");

/// The panels of a picture of spectra: more are not legible.
pub const PANELS: Limit = limit("the number of panels", 120, "");

/// The samples of a recording that is made anew from its frames: 17 minutes at 8 kHz, 3 at 48 kHz. Its transforms take
/// 2 GB.
pub const RESYNTHESIZED: Limit = limit("the recording's length", 1 << 23, "samples");

/// The bytes of a table of features, and of a file of rows to learn from: 74 hours of 40 bands every 10 ms, as f32.
pub const TABLE: Limit = limit("the size of the table", 1 << 32, "bytes");

/// The bytes of an IDX file as stored, gzipped or not. Gzip expands random bytes by less than a thousandth.
pub const IDX_FILE: Limit = limit("the IDX file's length", (1 << 30) + (1 << 20), "bytes");

/// The values of an IDX file: twice those of the largest set of the kind (EMNIST, 547 MB).
pub const IDX_NUMBERS: Limit = limit("the number of bytes that the sizes multiply to", 1 << 30, "");

/// The points of a training image, 128 x 128. An autoencoder's parameters and the history of L-BFGS take about ten
/// thousand values for each point. MNIST's images have 784 points.
pub const IMAGE: Limit = limit("the size of an image", 1 << 14, "points");

/// The bytes of a PNG file: as many as [`PHOTOGRAPH`]'s pixels have without compression, at 4 bytes each.
pub const PHOTOGRAPH_FILE: Limit = limit("the PNG file's length", 1 << 27, "bytes");

/// The pixels of a PNG file that is read: 33 million. The sensors of most cameras have fewer.
pub const PHOTOGRAPH: Limit = limit("the size of an image", 1 << 25, "pixels");

/// The bytes of a model file. One of 10,000 features in 10 regions for 1000 labels has 400 MB.
pub const MODEL_FILE: Limit = limit("the model file's length", 1 << 30, "bytes");

/// The mel bands of a front end. A frame of the lowest rates has no bin for more.
pub const BANDS: Limit = limit("the number of mel bands", 128, "");

/// The convolutional networks of a model: the maximum of `--networks`.
pub const NETWORKS: Limit = limit("the number of networks", 100, "");

/// The samples of a predictor's frame: the number of a bin has 16 bits.
pub const FRAME: Limit = limit("a frame's length", 1 << 16, "samples");

/// The frames of a predictor that a sample lies in, at most. The tutorial's has four to seven.
pub const OVERLAP: Limit = limit("the number of frames over one sample", 64, "");

/// The samples of a predictor's window. The tutorial's spans 65 to 80 ms.
pub const WINDOW: Limit = limit("a window's length", 1 << 20, "samples");

/// The regions of time of a predictor: the maximum of `--regions`.
pub const REGIONS: Limit = limit("the number of regions", 1000, "");

/// The longest sound that a predictor is made for, an hour.
pub const SOUND: Limit = limit("the sound's length", 3600, "s");

/// A predictor's memory: 1 GiB.
pub const PREDICTOR: Limit = limit("the predictor's memory", 1 << 28, "numbers");

/// The bytes of a checkpoint: it holds what is in memory while learning.
pub const CHECKPOINT_FILE: Limit = limit("the checkpoint's length", MEMORY.most, "bytes");

/// The depth to which arrays and objects of JSON are nested. Each level takes a call of the reader.
pub const JSON_DEPTH: usize = 128;

/// The bytes of the header of a .npy file. NumPy accepts 10,000 unless told otherwise, and 64 sizes take fewer.
pub const NPY_HEADER: Limit = limit("the length of the header", 1 << 20, "bytes");

/// The bytes of the header of a safetensors file: enough for 35,000 tensors. The format allows 100 MB.
pub const SAFETENSORS_HEADER: Limit = limit("the length of the header", 1 << 22, "bytes");

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_limit_itself_is_accepted() {
        assert_eq!(LABELS.check(LABELS.most), Ok(()));
        let error = LABELS.check(LABELS.most + 1).unwrap_err();
        assert_eq!(error, Exceeded { limit: LABELS, found: Some(LABELS.most + 1) });
        assert_eq!(error.to_string(), "the number of labels is 1025; at most 1024 are accepted");
        assert_eq!(MEMORY.exceeded().to_string().split(' ').next_back(), Some("accepted"));
    }
}
