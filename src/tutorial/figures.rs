//! The results as pictures: what the features look for, what windows look like, what was taken for what.

use super::pipeline::{Learned, Prepared};
use super::preprocessing::Normalizer;
use super::report::Summary;
use super::settings::{PipelineSettings, Transform};
use crate::bytes::path::shown_path;
use crate::dataset::recordings::Collection;
use crate::matrix::{Matrix, Product};
use crate::number::{Random, Real};
use crate::picture::chart::Chart;
use crate::picture::confusion::confusion;
use crate::picture::heat::heat_sheet;
use crate::picture::image::Image;
use crate::picture::png::png;
use crate::picture::tiles::{SheetOptions, TileShape, tiles};
use crate::storage::atomic::{self, WriteError};
use std::format;
use std::fs;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

/// A picture that was drawn.
#[derive(Debug)]
pub struct Figure {
    /// What it shows.
    pub what: String,
    /// Its file.
    pub path: PathBuf,
    /// Whether it could be written. The work that it shows is worth more than the picture, and goes on.
    pub written: Result<(), WriteError>,
}

/// The files of [`FigureWriter::draw`].
pub const DRAWN: [&str; 3] = ["filters.png", "windows.png", "confusion.png"];

/// A folder that pictures can be put into.
#[derive(Clone, Debug)]
pub struct FigureWriter {
    folder: PathBuf,
}

impl FigureWriter {
    /// Makes the folder if it is not there, and makes sure that files can be written to it, those of these names too.
    ///
    /// # Errors
    /// A sentence that names the folder and the cause.
    pub fn open(folder: &Path, names: &[&str]) -> Result<Self, String> {
        let remedy = "use --out DIR or --no-pictures";
        fs::create_dir_all(folder)
            .map_err(|error| format!("{}: pictures cannot be written there ({error}); {remedy}", shown_path(folder)))?;
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        atomic::probe_folder(folder)
            .and_then(|()| atomic::probe(&paths))
            .map_err(|error| format!("{error}: pictures cannot be written there; {remedy}"))?;
        Ok(FigureWriter { folder: folder.into() })
    }

    /// The files that [`FigureWriter::draw`] writes.
    pub fn drawn(&self) -> [PathBuf; 3] {
        DRAWN.map(|name| self.folder.join(name))
    }

    /// Draws the features, ten windows, and the confusions of the best method.
    pub fn draw<T: Real>(
        &self,
        settings: &PipelineSettings,
        collection: &Collection,
        prepared: &Prepared<T>,
        learned: &Learned<T>,
        best: Option<&Summary>,
    ) -> Vec<Figure> {
        let shape = TileShape { bands: prepared.bands.count(), frames: settings.windowing.width };
        let filters = tiles(&filters(learned), shape, SheetOptions::default());
        let [of_filters, of_windows, of_confusion] = DRAWN;
        let mut pictures = Vec::from([
            (format!("the {} features", learned.autoencoder.hidden), of_filters, filters),
            ("ten windows".to_string(), of_windows, ten_windows(settings, collection, prepared, shape)),
        ]);
        if let Some(best) = best {
            let confusion = confusion(&collection.labels, best.confusion.counts());
            pictures.push((format!("what {} took for what", best.method), of_confusion, confusion));
        }
        pictures.into_iter().map(|(what, name, image)| self.put(what, name, &image)).collect()
    }

    /// Puts one picture there.
    pub fn put(&self, what: String, name: &str, image: &Image) -> Figure {
        self.write(what, name, &png(image))
    }

    /// Puts one chart there.
    pub fn put_chart(&self, what: String, name: &str, chart: &Chart) -> Figure {
        self.write(what, name, chart.svg().as_bytes())
    }

    fn write(&self, what: String, name: &str, bytes: &[u8]) -> Figure {
        let path = self.folder.join(name);
        Figure { what, written: atomic::write(&path, bytes), path }
    }
}

/// The input that excites each hidden unit most, less the mean and up to a factor: a row w of W1, or, of whitened
/// windows, the window whose whitened form is w, in bands and frames. A component that varies much among windows is
/// drawn strongly (see [`visualization`](crate::model::visualization)).
fn filters<T: Real>(learned: &Learned<T>) -> Vec<f64> {
    let [w1, ..] = learned.autoencoder.blocks();
    let numbers = match &learned.normalizer {
        Normalizer::Squash(_) => w1.values(&learned.theta).to_vec(),
        Normalizer::Whiten(whitening) => {
            let mut filters = Matrix::zeros(w1.rows, whitening.inverse.rows());
            let (w1, back) = (w1.view(&learned.theta), whitening.inverse.view().transposed());
            Product::new().store(w1, back, filters.view_mut());
            filters.elements().to_vec()
        }
    };
    numbers.into_iter().map(Real::to_f64).collect()
}

/// Ten windows drawn at random, as they were heard, each with its label.
fn ten_windows<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    prepared: &Prepared<T>,
    shape: TileShape,
) -> Image {
    let windows = &prepared.labeled;
    let mut random = Random::new(settings.seed);
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        let w = random.index(windows.matrix.columns());
        values.extend(windows.matrix.column(w).into_iter().map(Real::to_f64));
        let recording = windows.of_recording.partition_point(|range| range.end <= w);
        labels.push(&collection.labels[collection.recordings[recording].label]);
    }
    let title = match settings.transform {
        Transform::Cepstrum => "ten windows of the cepstrum".to_string(),
        transform => format!("ten windows of {} spectra", transform.name()),
    };
    heat_sheet(&title, &values, &labels, &prepared.bands, shape, SheetOptions::default())
}
