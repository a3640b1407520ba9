//! The errors of the tutorial's pipeline and exercises.

use super::exercise::photographs::PhotographError;
use super::front_end::FrontEndError;
use crate::bytes::path::shown_path;
use crate::dataset::idx::IdxError;
use crate::dataset::recordings::RereadError;
use crate::dataset::split::SplitError;
use crate::number::decimal::Count;
use crate::storage::atomic::WriteError;
use core::fmt;
use std::io;
use std::path::PathBuf;

/// The reason that a step of the tutorial cannot be done.
#[derive(Debug)]
#[non_exhaustive]
pub enum TutorialError {
    /// The transform does not fit the sampling rate or the shortest recording.
    FrontEnd(FrontEndError),
    /// A recording cannot be read again.
    Recording(RereadError),
    /// The recordings cannot be split.
    Split(SplitError),
    /// The split has no recordings to test on.
    EmptySplit,
    /// The images cannot be read.
    Images(IdxError),
    /// A photograph cannot be read.
    Photograph(PhotographError),
    /// A set of images is empty, or its images have no pixels.
    NoImages {
        /// `train` or `test`.
        set: &'static str,
    },
    /// The images are smaller than the exercise needs.
    SmallImages {
        /// Rows and columns of an image.
        size: [usize; 2],
        /// The least number of each.
        least: usize,
    },
    /// There are fewer training images than the exercises need.
    FewImages {
        /// The number of training images.
        found: usize,
        /// The least number.
        least: usize,
    },
    /// Self-taught learning lacks images of some digits.
    MissingDigits,
    /// The exercise works on recordings only.
    NeedsRecordings,
    /// The inputs are too small for a convolutional autoencoder.
    NoAutoencoder {
        /// Rows and columns of an input.
        size: [usize; 2],
    },
    /// The folder of the pictures cannot be created.
    PictureFolder(PathBuf, io::Error),
    /// A file has the name of the folder of the pictures.
    PicturesInAFile(PathBuf),
    /// A picture cannot be written.
    Picture(WriteError),
    /// The model cannot be exported.
    Export(ExportError),
}

/// The reason that a trained model cannot be saved for the predictor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// The parameters have this type.
    Precision(&'static str),
    /// The front end computes this transform.
    Transform(&'static str),
    /// The windows are squashed, not whitened.
    Squashed,
    /// The method, which the predictor does not run.
    Method(&'static str),
    /// The number of networks, of which the predictor runs one.
    Networks(usize),
}

impl fmt::Display for TutorialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const REMEDY: &str = "use --out DIR or --no-pictures";
        match self {
            TutorialError::FrontEnd(error) => error.fmt(f),
            TutorialError::Recording(error) => error.fmt(f),
            TutorialError::Split(error) => error.fmt(f),
            TutorialError::EmptySplit => write!(f, "the split leaves no recording to test on"),
            TutorialError::Images(error) => error.fmt(f),
            TutorialError::Photograph(error) => error.fmt(f),
            TutorialError::NoImages { set } => write!(f, "the {set} set has no images, or images without pixels"),
            TutorialError::SmallImages { size: [rows, columns], least } => {
                write!(f, "images of {rows} x {columns}; the exercises need at least {least} x {least}")
            }
            TutorialError::FewImages { found, least } => {
                write!(f, "{} to learn from; the exercises need at least {least}", Count(*found, "image"))
            }
            TutorialError::MissingDigits => {
                write!(f, "self-taught: it needs images of the digits 5 to 9, and at least two images of 0 to 4")
            }
            TutorialError::NeedsRecordings => {
                write!(f, "this exercise works on sounds; a folder of WAV files was expected")
            }
            TutorialError::NoAutoencoder { size: [rows, columns] } => {
                write!(f, "inputs of {rows} x {columns} are too small for a convolutional autoencoder")
            }
            TutorialError::PictureFolder(folder, error) => {
                write!(f, "{}: pictures cannot be written there ({error}); {REMEDY}", shown_path(folder))
            }
            TutorialError::PicturesInAFile(path) => {
                write!(f, "{}: this is a file; pictures need a folder: {REMEDY}", shown_path(path))
            }
            TutorialError::Picture(error) => write!(f, "{error}: pictures cannot be written there; {REMEDY}"),
            TutorialError::Export(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Precision(found) => write!(f, "the predictor computes in f32, but the model is in {found}"),
            ExportError::Transform(found) => {
                write!(f, "the predictor computes mel bands, but the model has --transform {found}")
            }
            ExportError::Squashed => {
                write!(f, "the predictor whitens its windows, but the model was trained with --normalize squash")
            }
            ExportError::Method(found) => {
                let methods = "sparse-pooled, stacked-pooled and convolutional";
                write!(f, "the predictor runs {methods}, not {found}; save one of them with --method")
            }
            ExportError::Networks(found) => {
                write!(f, "the predictor runs one network, but the model has {found}; train it with --networks 1")
            }
        }
    }
}

impl core::error::Error for TutorialError {}
impl core::error::Error for ExportError {}

impl From<FrontEndError> for TutorialError {
    fn from(error: FrontEndError) -> Self {
        TutorialError::FrontEnd(error)
    }
}

impl From<RereadError> for TutorialError {
    fn from(error: RereadError) -> Self {
        TutorialError::Recording(error)
    }
}

impl From<SplitError> for TutorialError {
    fn from(error: SplitError) -> Self {
        TutorialError::Split(error)
    }
}

impl From<PhotographError> for TutorialError {
    fn from(error: PhotographError) -> Self {
        TutorialError::Photograph(error)
    }
}

impl From<IdxError> for TutorialError {
    fn from(error: IdxError) -> Self {
        TutorialError::Images(error)
    }
}
