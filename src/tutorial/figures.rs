//! The results as pictures: the learned features, examples of windows, and the confusion matrix.

use super::error::TutorialError;
use super::panels::Shown;
use super::pipeline::{Prepared, SparseModel};
use super::preprocessing::Normalizer;
use super::report::Summary;
use super::representative_windows::RepresentativeWindows;
use super::settings::{PipelineSettings, Transform};
use crate::dataset::context_windows::ContextWindows;
use crate::dataset::recordings::Collection;
use crate::matrix::{Matrix, Product, View};
use crate::number::Real;
use crate::number::decimal::Count;
use crate::picture::bands::Bands;
use crate::picture::chart::Chart;
use crate::picture::confusion::confusion;
use crate::picture::image::Image;
use crate::picture::png::png;
use crate::picture::tile_sheet::{TileAxes, TileSheet, captioned};
use crate::picture::tiles::{SheetOptions, by_band};
use crate::storage::atomic::{self, WriteError};
use std::format;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

/// A picture that was drawn, and the result of writing it.
#[derive(Debug)]
pub struct Figure {
    /// Its subject.
    pub what: String,
    /// Its file.
    pub path: PathBuf,
    /// The result of writing the file. A run continues without a picture that cannot be written.
    pub written: Result<(), WriteError>,
}

/// All files of [`FigureWriter::draw`].
pub const DRAWN: [&str; 3] = ["filters.png", "windows.png", "confusion.png"];

/// The file of the [page](super::report_page) that shows a run.
pub const REPORT: &str = "report.html";

/// The files that [`FigureWriter::draw`] writes with these settings: there are no filters without features.
pub fn drawn(settings: &PipelineSettings) -> &'static [&'static str] {
    if settings.methods.need_features() { &DRAWN } else { &DRAWN[1..] }
}

/// The end of the caption of tiles in the order of [`by_band`].
pub(super) fn sorted(bands: &Bands) -> String {
    let key = match bands {
        Bands::Hertz(_) => "frequency",
        Bands::Named(_) => "pitch class",
        Bands::Numbered(_) => "coefficient",
    };
    format!("Tiles are sorted by the {key} of their largest weights.")
}

/// What tiles of features mean.
const FEATURES: &str = "The window to which each unit responds most: energy excites the unit where the tile is bright, \
                        and inhibits it where it is dark.";

/// What a confusion matrix shows.
pub(super) const CONFUSION: &str = "Each cell counts examples. Its color is their fraction of the row: white is none, \
                                    dark blue all. Correct ones are on the diagonal.";

/// The spectra of a transform.
fn spectra(transform: Transform) -> String {
    match transform {
        Transform::Cepstrum => "the cepstrum".to_string(),
        transform => format!("{} spectra", transform.name()),
    }
}

/// The most windows, roughly, that are searched for those worth showing.
pub(crate) const SHOWN: usize = 120_000;

/// Writes pictures to a folder. If the folder was created for them and is still empty in the end, it is removed.
#[derive(Debug)]
pub struct FigureWriter {
    folder: PathBuf,
    /// The folders that did not exist before, innermost first.
    created: Vec<PathBuf>,
}

impl FigureWriter {
    /// Creates the folder if necessary, and checks that pictures with these names can be written to it.
    ///
    /// # Errors
    /// If the folder cannot be created, or one of the pictures could not be written.
    pub fn open(folder: &Path, names: &[&str]) -> Result<Self, TutorialError> {
        let missing = folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists());
        let writer = FigureWriter { folder: folder.into(), created: missing.map(PathBuf::from).collect() };
        fs::create_dir_all(folder).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => TutorialError::PicturesInAFile(folder.into()),
            _ => TutorialError::PictureFolder(folder.into(), error),
        })?;
        let paths: Vec<PathBuf> = names.iter().map(|name| writer.path(name)).collect();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        atomic::probe(&paths).map_err(TutorialError::Picture)?;
        Ok(writer)
    }

    /// The path of the picture with this name.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Draws the features, ten of these windows, and the confusion matrix of the best method.
    pub fn draw<T: Real>(
        &self,
        settings: &PipelineSettings,
        collection: &Collection,
        prepared: &Prepared<T>,
        windows: &ContextWindows<T>,
        sparse: Option<&SparseModel<T>>,
        best: Option<&Summary>,
    ) -> Vec<Figure> {
        let (bands, shape) = (&prepared.bands, settings.tile(prepared.bands.count()));
        let step = settings.step(collection.rate);
        let [of_filters, of_windows, of_confusion] = DRAWN;
        let mut pictures = Vec::new();
        if let Some(sparse) = sparse {
            let what = format!("the {}", Count(sparse.autoencoder.hidden, "feature"));
            let sheet = TileSheet {
                title: &format!("{what} of {}", spectra(settings.front_end.transform)),
                caption: &format!("{FEATURES} {}", sorted(bands)),
                axes: TileAxes::Spectrum { bands, step },
                rows: &[],
                columns: &[],
                shape,
                options: SheetOptions::default(),
            };
            let image = sheet.image(&by_band(&filters(sparse), shape));
            pictures.push((what, of_filters, image));
        }
        let chosen = RepresentativeWindows::choose(collection, windows, bands);
        let title = format!("ten windows of {}", spectra(settings.front_end.transform));
        let windows = chosen.picture(&title, windows, bands, step, Shown::new);
        pictures.push(("ten windows".to_string(), of_windows, windows));
        if let Some(best) = best {
            let (what, counts) = (format!("the confusion matrix of {}", best.method.name()), best.confusion.counts());
            let picture = captioned(&confusion(&collection.labels, counts), &what, CONFUSION);
            pictures.push((what, of_confusion, picture));
        }
        pictures.into_iter().map(|(what, name, image)| self.put(what, name, &image)).collect()
    }

    /// Writes a picture.
    pub fn put(&self, what: String, name: &str, image: &Image) -> Figure {
        self.write(what, name, &png(image))
    }

    /// Writes a chart.
    pub fn put_chart(&self, what: String, name: &str, chart: &Chart) -> Figure {
        self.write(what, name, chart.svg().as_bytes())
    }

    /// Writes a page.
    pub fn put_page(&self, what: String, name: &str, html: &str) -> Figure {
        self.write(what, name, html.as_bytes())
    }

    fn write(&self, what: String, name: &str, bytes: &[u8]) -> Figure {
        let path = self.path(name);
        // Another run may have removed the folder while it was empty. If it cannot be created, the write says so.
        let _ = fs::create_dir_all(&self.folder);
        Figure { what, written: atomic::write(&path, bytes), path }
    }
}

impl Drop for FigureWriter {
    fn drop(&mut self) {
        for folder in &self.created {
            // A folder that is not empty is not removed.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The input that activates each hidden unit most, less the mean and up to a factor (see [`inputs`]).
fn filters<T: Real>(SparseModel { normalizer, autoencoder, theta }: &SparseModel<T>) -> Vec<f64> {
    let [w1, ..] = autoencoder.blocks();
    inputs(normalizer, w1.view(theta))
}

/// The input that activates each unit of a layer most, less the mean and up to a factor: a row w of its weights, or, of
/// whitened windows, the window whose whitened form is w, in bands and frames. Components with a large variance among
/// the windows are thus drawn with large values (see [`visualization`](crate::model::visualization)).
pub(super) fn inputs<T: Real>(normalizer: &Normalizer<T>, weights: View<T>) -> Vec<f64> {
    let values = match normalizer {
        Normalizer::Squash(_) => Matrix::from_function(weights.rows(), weights.columns(), |i, j| weights.at(i, j)),
        Normalizer::Whiten(whitening) => {
            let mut filters = Matrix::zeros(weights.rows(), whitening.inverse.rows());
            Product::new().store(weights, whitening.inverse.view().transposed(), filters.view_mut());
            filters
        }
    };
    values.elements().iter().map(|x| x.to_f64()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::fixture;

    #[test]
    fn a_folder_that_is_removed_during_the_work_is_created_again() {
        let folder = std::env::temp_dir().join(format!("ossicle-figures-removed-{}", std::process::id()));
        let writer = FigureWriter::open(&folder, &["a.png"]).unwrap();
        fs::remove_dir(&folder).unwrap();
        let figure = writer.put("a picture".into(), "a.png", &Image::new(2, 2, [0; 3]));
        assert!(figure.written.is_ok() && figure.path.exists(), "{figure:?}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_picture_is_written_to_its_folder_and_a_file_is_no_folder() {
        let folder = std::env::temp_dir().join(format!("ossicle-figures-{}", std::process::id()));
        let settings = fixture::settings();
        let collection = fixture::collection(&settings);
        let prepared = fixture::prepared::<f64>(&settings, &collection);
        let writer = FigureWriter::open(&folder.join("new"), drawn(&settings)).unwrap();
        let windows = prepared.labeled.sample(settings.context_window, 1, SHOWN).unwrap();
        let figures = writer.draw(&settings, &collection, &prepared, &windows, None, None);
        assert_eq!(figures.len(), 1);
        assert!(figures[0].written.is_ok() && figures[0].path == writer.path("windows.png"), "{figures:?}");
        assert!(fs::read(&figures[0].path).unwrap().starts_with(b"\x89PNG"));
        let refused = FigureWriter::open(&figures[0].path, &[]);
        assert!(matches!(refused, Err(TutorialError::PicturesInAFile(_))), "{refused:?}");
        fs::remove_dir_all(folder).unwrap();
    }
}
