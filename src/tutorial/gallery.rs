//! The results as pictures: what the features look for, what windows look like, what was taken for what.

use super::hearing::Normalizer;
use super::listener::{Heard, Learned};
use super::report::Summary;
use super::settings::{Settings, Transform};
use crate::dataset::recordings::Collection;
use crate::matrix::{Matrix, Product};
use crate::number::{Random, Real};
use crate::picture::chart::Chart;
use crate::picture::confusion::confusion;
use crate::picture::heat::heat_sheet;
use crate::picture::image::Image;
use crate::picture::png::png;
use crate::picture::tiles::{SheetOptions, TileShape, tiles};
use crate::storage::atomic;
use std::format;
use std::fs;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

/// A folder that pictures can be put into.
#[derive(Clone, Debug)]
pub struct Gallery {
    folder: PathBuf,
}

impl Gallery {
    /// Makes the folder if it is not there, and makes sure that files can be written to it.
    ///
    /// # Errors
    /// A sentence that names the folder and the cause.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let explain = |error: std::io::Error| {
            format!("{}: pictures cannot be written there ({error}); use --out DIR or --no-pictures", folder.display())
        };
        fs::create_dir_all(folder).map_err(explain)?;
        let probe = folder.join(format!(".probe.{}", std::process::id()));
        fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)).map_err(explain)?;
        Ok(Gallery { folder: folder.into() })
    }

    /// Draws the features, ten windows, and the confusions of the best method; returns what each picture shows, and its file.
    ///
    /// # Errors
    /// A sentence that names the file and the cause.
    pub fn draw<T: Real>(
        &self,
        settings: &Settings,
        collection: &Collection,
        heard: &Heard<T>,
        learned: &Learned<T>,
        best: Option<&Summary>,
    ) -> Result<Vec<(String, PathBuf)>, String> {
        let shape = TileShape { bands: heard.bands.count(), frames: settings.windowing.width };
        let filters = tiles(&filters(learned), shape, SheetOptions::default());
        let mut pictures = Vec::from([
            (format!("the {} features", learned.autoencoder.hidden), "filters.png", filters),
            ("ten windows".to_string(), "windows.png", ten_windows(settings, collection, heard, shape)),
        ]);
        if let Some(best) = best {
            let confusion = confusion(&collection.labels, best.confusion.counts());
            pictures.push((format!("what {} took for what", best.method), "confusion.png", confusion));
        }
        pictures.into_iter().map(|(what, name, image)| self.put(what, name, &image)).collect()
    }

    /// Puts one picture there; returns what it shows, and its file.
    ///
    /// # Errors
    /// A sentence that names the file and the cause.
    pub fn put(&self, what: String, name: &str, image: &Image) -> Result<(String, PathBuf), String> {
        self.write(what, name, &png(image))
    }

    /// Puts one chart there; returns what it shows, and its file.
    ///
    /// # Errors
    /// A sentence that names the file and the cause.
    pub fn put_chart(&self, what: String, name: &str, chart: &Chart) -> Result<(String, PathBuf), String> {
        self.write(what, name, chart.svg().as_bytes())
    }

    fn write(&self, what: String, name: &str, bytes: &[u8]) -> Result<(String, PathBuf), String> {
        let path = self.folder.join(name);
        match atomic::write(&path, bytes) {
            Ok(()) => Ok((what, path)),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }
}

/// What each hidden unit looks for, in the spectra heard: a row of W1, led back from whitened components to bands and
/// frames. A component that varies much among windows is drawn strongly, as it would sound.
fn filters<T: Real>(learned: &Learned<T>) -> Vec<f64> {
    let [w1, ..] = learned.autoencoder.blocks();
    let numbers = match &learned.normalizer {
        Normalizer::Squash(_) => w1.numbers(&learned.theta).to_vec(),
        Normalizer::Whiten(whitening) => {
            let mut filters = Matrix::zeros(w1.rows, whitening.inverse.rows());
            let (w1, back) = (w1.view(&learned.theta), whitening.inverse.view().transposed());
            Product::new().store(w1, back, filters.rectangle());
            filters.numbers().to_vec()
        }
    };
    numbers.into_iter().map(Real::to_f64).collect()
}

/// Ten windows drawn at random, as they were heard, each with its label.
fn ten_windows<T: Real>(settings: &Settings, collection: &Collection, heard: &Heard<T>, shape: TileShape) -> Image {
    let windows = &heard.labeled;
    let mut random = Random::new(settings.seed);
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        let w = random.below(windows.matrix.columns());
        values.extend(windows.matrix.column(w).into_iter().map(Real::to_f64));
        let recording = windows.of_recording.partition_point(|range| range.end <= w);
        labels.push(&collection.labels[collection.recordings[recording].label]);
    }
    let title = match settings.transform {
        Transform::Cepstrum => "ten windows of the cepstrum".to_string(),
        transform => format!("ten windows of {} spectra", transform.name()),
    };
    heat_sheet(&title, &values, &labels, &heard.bands, shape, SheetOptions::default())
}
