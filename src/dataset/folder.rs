//! A folder of WAV files as recordings.
//!
//! The label is part of a file's name, `{label}_{group}_{index}.wav`, or the name of the folder that contains the file,
//! one folder for each label. Names are taken in the order of their bytes. A file that cannot be used is skipped and
//! listed with the cause; reading a file always ends in a recording or a cause.
//!
//! All recordings have one sampling rate: the requested one, or else the most frequent of the files, the lower of two
//! that are equally frequent. Files at other rates are resampled.

use super::recordings::{Collection, Name, Recording, RereadError, Samples};
use crate::audio::resample::Resampler;
use crate::audio::wav::{Input, Stream};
use crate::bytes::limits::{COLLECTION, Exceeded, FOLDER_DEPTH, LABELS, LOUDEST, RECORDING, RESAMPLED, SAMPLING_RATE};
use crate::bytes::path::shown_path;
use crate::number::decimal::Count;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::sync::Arc;
use std::vec::Vec;
use std::{fmt, fs, io};

/// A file that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedFile {
    /// The file.
    pub path: PathBuf,
    /// Why, as a sentence without a period.
    pub cause: String,
}

/// Why a folder gives no recordings.
#[derive(Debug)]
#[non_exhaustive]
pub enum FolderError {
    /// It cannot be read.
    Unreadable(PathBuf, io::Error),
    /// It is a file.
    NotAFolder(PathBuf),
    /// It holds no WAV file.
    NoWav(PathBuf),
    /// None of its WAV files can be used; these are the causes.
    NoneUsable(PathBuf, Vec<SkippedFile>),
    /// It holds more labels, or more samples, than are accepted.
    Limit(PathBuf, Exceeded),
}

impl FolderError {
    /// What is wrong with a folder, without its path.
    fn cause(&self) -> String {
        match self {
            FolderError::Unreadable(_, error) => format!("this folder cannot be read ({error})"),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Unreadable(path, error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "{}: there is no such folder", shown_path(path))
            }
            FolderError::Unreadable(path, error) => write!(f, "{}: {error}", shown_path(path)),
            FolderError::NotAFolder(path) => {
                write!(f, "{}: this is a file; a folder of WAV files was expected", shown_path(path))
            }
            FolderError::NoWav(path) => {
                write!(
                    f,
                    "{}: there is no WAV file in this folder, nor directly in the folders within it",
                    shown_path(path)
                )
            }
            FolderError::NoneUsable(path, causes) => {
                write!(f, "{}: {} found, but none can be used", shown_path(path), Count(causes.len(), "WAV file"))?;
                for SkippedFile { path, cause } in causes.iter().take(3) {
                    write!(f, "\n  {}: {cause}", shown_path(path))?;
                }
                if causes.len() > 3 { write!(f, "\n  and {} more", causes.len() - 3) } else { Ok(()) }
            }
            FolderError::Limit(path, error) => write!(f, "{}: {error}", shown_path(path)),
        }
    }
}

impl std::error::Error for FolderError {}

/// The contents of a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderContents {
    /// The recordings, at one rate.
    pub collection: Collection,
    /// The files that were skipped, in the order of their names.
    pub skipped: Vec<SkippedFile>,
    /// The rates in Hz that files were resampled from, in ascending order, and how many.
    pub resampled: Vec<(u32, usize)>,
    /// Labels that the sampling rate gives away, with the rate in Hz: all of their recordings had this rate in their
    /// files, and no recording of another label did. A model can learn the lack of high frequencies instead of the
    /// sound.
    pub told_by_rate: Vec<(String, u32)>,
}

/// The files read so far.
#[derive(Default)]
struct Files {
    found: Vec<Found>,
    skipped: Vec<SkippedFile>,
    labels: BTreeSet<String>,
    /// The number of samples of all files found.
    samples: u64,
}

/// A usable file.
struct Found {
    path: PathBuf,
    rate: u32,
    label: String,
    group: String,
    index: Option<u64>,
    /// The number of samples, in the end that at the rate of the others.
    samples: usize,
    /// What brings it to the rate of the others.
    resampler: Option<Arc<Resampler<f64>>>,
    /// Why it cannot be brought to the rate of the others.
    cause: Option<String>,
}

/// The samples of a WAV file at the rate of a collection, read at each use.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundFile {
    path: PathBuf,
    /// The file's own rate in Hz.
    rate: u32,
    /// The number of samples at the rate of the collection.
    count: usize,
    /// What brings it to that rate; `None` for the same rate.
    resampler: Option<Arc<Resampler<f64>>>,
}

impl SoundFile {
    /// The number of samples.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The file's path, to be shown.
    pub(super) fn shown(&self) -> String {
        shown_path(&self.path).to_string()
    }

    /// The samples.
    ///
    /// # Errors
    /// If the file cannot be read any more, or has other than so many samples, or another rate.
    pub fn read(&self) -> Result<Vec<f64>, RereadError> {
        let failed = |cause| RereadError { file: self.shown(), cause };
        let (rate, samples) = read_mono(&self.path).map_err(failed)?;
        let samples = match &self.resampler {
            Some(resampler) if rate == self.rate => resampler.resample(&samples),
            _ => samples,
        };
        if rate != self.rate || samples.len() != self.count {
            return Err(failed(CHANGED.into()));
        }
        Ok(samples)
    }
}

/// The cause for a file that is not what it was when the folder was read.
pub const CHANGED: &str = "it has changed since it was first read";

/// Reads the WAV files of a folder, labeled by name or by folder, at a rate in Hz (`None`: the most frequent), and
/// lists those that were skipped. Recordings need at least `shortest(rate)` samples.
///
/// # Errors
/// [`FolderError`] lists the causes.
pub fn read(folder: &Path, rate: Option<u32>, shortest: &dyn Fn(u32) -> usize) -> Result<FolderContents, FolderError> {
    let mut all = Files::default();
    let limit = |error| FolderError::Limit(folder.into(), error);
    let (files, folders) = list(folder)?;
    let label_of_name = |path: &Path| match Name::parse(stem(path)?) {
        Some(name) => Ok((name.label.to_string(), name.group.to_string(), Some(name.index))),
        None => Err("its name does not fit {label}_{group}_{index}.wav, and it lies in no folder of its label".into()),
    };
    for path in files {
        all.collect(path, label_of_name).map_err(limit)?;
    }
    for inner in folders {
        let Some(label) = inner.file_name().and_then(|name| name.to_str()).map(String::from) else {
            all.skipped.push(SkippedFile { path: inner, cause: NOT_UTF8.into() });
            continue;
        };
        let label_of_folder = |path: &Path| {
            let (group, index) =
                Name::parse(stem(path)?).map_or((String::new(), None), |n| (n.group.into(), Some(n.index)));
            Ok((label.clone(), group, index))
        };
        match list(&inner) {
            Ok((files, folders)) => {
                files.into_iter().try_for_each(|path| all.collect(path, label_of_folder)).map_err(limit)?;
                for deeper in folders {
                    if list(&deeper).is_ok_and(|(files, _)| !files.is_empty()) {
                        let cause = "its files are not read, since this folder is within the folder of a label";
                        all.skipped.push(SkippedFile { path: deeper, cause: cause.into() });
                    }
                }
            }
            Err(error) => all.skipped.push(SkippedFile { path: inner.clone(), cause: error.cause() }),
        }
    }
    collection(folder, all, rate, shortest)
}

/// Reads all WAV files of a folder and of the folders within it, with any names, as recordings of one unnamed label.
///
/// # Errors
/// [`FolderError`] lists the causes.
pub fn read_unlabeled(
    folder: &Path,
    rate: Option<u32>,
    shortest: &dyn Fn(u32) -> usize,
) -> Result<FolderContents, FolderError> {
    let (mut all, mut skipped) = (Files::default(), Vec::new());
    walk(folder, &mut skipped, |path, _| {
        let no_label = |_: &Path| Ok((String::new(), String::new(), None));
        all.collect(path, no_label).map_err(|error| FolderError::Limit(folder.into(), error))
    })?;
    all.skipped.extend(skipped);
    collection(folder, all, rate, shortest)
}

/// Reads one WAV file, labeled by its name if that fits, as [`read`] does a folder.
///
/// # Errors
/// The cause, as a sentence without a period, if the file cannot be used.
pub fn read_one(path: &Path, rate: Option<u32>, shortest: &dyn Fn(u32) -> usize) -> Result<FolderContents, String> {
    let (found_rate, samples) = read_mono(path)?;
    let (label, group, index) = stem(path)
        .ok()
        .and_then(Name::parse)
        .map_or_else(Default::default, |name| (name.label.to_string(), name.group.to_string(), Some(name.index)));
    let (samples, resampler, cause) = (samples.len(), None, None);
    let one = Found { path: path.into(), rate: found_rate, label, group, index, samples, resampler, cause };
    let all = Files { found: Vec::from([one]), ..Files::default() };
    collection(path.parent().unwrap_or(path), all, rate, shortest).map_err(|error| match error {
        FolderError::NoneUsable(_, mut skipped) if skipped.len() == 1 => skipped.remove(0).cause,
        other => other.to_string(),
    })
}

/// The WAV files and the folders directly in a folder, each in the order of the names' bytes.
fn list(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), FolderError> {
    if folder.is_file() {
        return Err(FolderError::NotAFolder(folder.into()));
    }
    let unreadable = |error| FolderError::Unreadable(folder.into(), error);
    let mut names: Vec<OsString> = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name());
    }
    names.sort_by(|a, b| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
    let hidden = |name: &OsString| name.as_encoded_bytes().starts_with(b".");
    let paths = names.iter().filter(|name| !hidden(name)).map(|name| folder.join(name));
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let is_wav = |path: &PathBuf| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav"));
    Ok((files.into_iter().filter(is_wav).collect(), folders))
}

/// A file's name without its extension, to be read labels and groups from. With what is no text left out, different
/// ones would become one.
fn stem(path: &Path) -> Result<&str, String> {
    path.file_stem().unwrap_or_default().to_str().ok_or_else(|| NOT_UTF8.into())
}

const NOT_REGULAR: &str = "it is no regular file";

const NOT_UTF8: &str = "its name is not UTF-8, and labels and groups must be";

type Labeled = Result<(String, String, Option<u64>), String>;

impl Files {
    /// Reads one file, or lists it as skipped.
    ///
    /// # Errors
    /// If there are too many labels or samples with it.
    fn collect(&mut self, path: PathBuf, label: impl Fn(&Path) -> Labeled) -> Result<(), Exceeded> {
        let read = || -> Result<Found, String> {
            let (label, group, index) = label(&path)?;
            if !path.is_file() {
                return Err(NOT_REGULAR.into());
            }
            let (rate, samples) = read_mono(&path)?;
            let (samples, resampler, cause) = (samples.len(), None, None);
            Ok(Found { path: path.clone(), rate, label, group, index, samples, resampler, cause })
        };
        match read() {
            Ok(one) => {
                self.samples += one.samples as u64;
                if !self.labels.contains(&one.label) {
                    self.labels.insert(one.label.clone());
                }
                self.found.push(one);
            }
            Err(cause) => self.skipped.push(SkippedFile { path, cause }),
        }
        if self.labels.len() > LABELS.length() {
            return Err(LABELS.exceeded());
        }
        COLLECTION.check(self.samples)
    }
}

/// A WAV file, and the labels that its path states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSound {
    /// Its path.
    pub path: PathBuf,
    /// The name of the folder that contains it, and the label of its own name, if it has one.
    pub labels: Vec<String>,
}

impl FoundSound {
    /// The file at a path.
    pub fn of_file(path: PathBuf) -> Self {
        let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        let name = stem(&path).ok().and_then(Name::parse).map(|name| name.label);
        let labels = folder.into_iter().chain(name).map(String::from).collect();
        FoundSound { path, labels }
    }
}

/// The WAV files of a folder and of the folders within it, in the order of the names' bytes, and those that cannot be
/// used.
///
/// # Errors
/// If the folder cannot be read.
pub fn find(folder: &Path) -> Result<(Vec<FoundSound>, Vec<SkippedFile>), FolderError> {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    walk(folder, &mut skipped, |path, skipped| {
        match path.is_file() {
            true => found.push(FoundSound::of_file(path)),
            false => skipped.push(SkippedFile { path, cause: NOT_REGULAR.into() }),
        }
        Ok(())
    })?;
    if found.is_empty() && skipped.is_empty() {
        return Err(FolderError::NoWav(folder.into()));
    }
    Ok((found, skipped))
}

/// Visits the WAV files of a folder and of the folders within it.
fn walk(
    folder: &Path,
    skipped: &mut Vec<SkippedFile>,
    mut visit: impl FnMut(PathBuf, &mut Vec<SkippedFile>) -> Result<(), FolderError>,
) -> Result<(), FolderError> {
    let mut folders = Vec::from([(folder.to_path_buf(), 0)]);
    while let Some((inner, depth)) = folders.pop() {
        let (files, within) = match list(&inner) {
            Err(error) if depth > 0 => {
                skipped.push(SkippedFile { path: inner, cause: error.cause() });
                continue;
            }
            listed => listed?,
        };
        for path in files {
            visit(path, skipped)?;
        }
        if depth < FOLDER_DEPTH {
            // A link may lead back to where it lies.
            let within = within.into_iter().rev().filter(|path| !path.is_symlink());
            folders.extend(within.map(|path| (path, depth + 1)));
        }
    }
    Ok(())
}

/// The rate and the mixed-down samples of a WAV file that is not silent.
///
/// # Errors
/// The cause, as a sentence without a period, if the file cannot be used.
pub fn read_mono(path: &Path) -> Result<(u32, Vec<f64>), String> {
    if path.is_dir() {
        return Err("this is a folder; a file was expected".into());
    }
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut stream = Stream::open(Input(file)).map_err(|error| error.to_string())?;
    let rate = stream.format().rate();
    SAMPLING_RATE.check(rate.into()).map_err(|error| error.to_string())?;
    RECORDING.check(stream.frames().unwrap_or(0)).map_err(|error| error.to_string())?;
    // Room is made by what was read, not by what the header or the file system claims.
    let mut samples = Vec::new();
    while let Some(block) = stream.block().map_err(|error| error.to_string())? {
        if block.frames() > RECORDING.length() - samples.len() {
            return Err(RECORDING.exceeded().to_string());
        }
        samples.extend(block.mono());
    }
    samples.shrink_to_fit();
    match samples.iter().position(|x| !x.is_finite()) {
        Some(place) => return Err(format!("sample {place} is {}", samples[place])),
        None if samples.iter().all(|&x| x == 0.0) && !samples.is_empty() => {
            return Err("it is silent: every sample, its channels averaged, is 0".into());
        }
        None => {}
    }
    match samples.iter().find(|x| x.abs() > LOUDEST) {
        Some(x) => Err(format!("a sample is {x:e}, far beyond the range from -1 to 1")),
        None => Ok((rate, samples)),
    }
}

/// The most frequent rate, the lowest of several.
fn most_frequent(found: &[Found]) -> Option<u32> {
    let mut rates: BTreeMap<u32, usize> = BTreeMap::new();
    for one in found {
        *rates.entry(one.rate).or_insert(0) += 1;
    }
    // Of equals, `max_by_key` takes the last.
    rates.into_iter().rev().max_by_key(|(_, files)| *files).map(|(rate, _)| rate)
}

/// The cause, as a sentence without a period, if there are fewer samples at a rate in Hz than the shortest sound has.
pub fn too_short(samples: usize, rate: u32, shortest: usize) -> Option<String> {
    let seconds = |n: usize| n as f64 / f64::from(rate);
    (samples < shortest).then(|| {
        let (found, needed) = (seconds(samples), seconds(shortest));
        let samples = Count(samples, "sample");
        format!("it has {samples} at {rate} Hz ({found:.3} s), and one window needs {shortest} ({needed:.3} s)")
    })
}

/// See [`FolderContents::told_by_rate`].
fn told_by_rate(found: &[Found]) -> Vec<(String, u32)> {
    let mut labels_of: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    let mut rates_of: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for one in found {
        labels_of.entry(one.rate).or_default().insert(&one.label);
        rates_of.entry(&one.label).or_default().insert(one.rate);
    }
    let alone = labels_of.iter().filter(|(_, labels)| labels.len() == 1 && rates_of.len() > 1);
    let told = alone.filter_map(|(&rate, labels)| labels.first().map(|label| (label.to_string(), rate)));
    told.filter(|(label, _)| rates_of[label.as_str()].len() == 1).collect()
}

/// Sorts out labels and rates.
fn collection(
    folder: &Path,
    all: Files,
    rate: Option<u32>,
    shortest: &dyn Fn(u32) -> usize,
) -> Result<FolderContents, FolderError> {
    let Files { mut found, mut skipped, .. } = all;
    let rate = rate.or_else(|| most_frequent(&found)).unwrap_or_default();
    let shortest = shortest(rate);
    let others: BTreeSet<u32> = found.iter().map(|one| one.rate).filter(|&other| other != rate).collect();
    let mut total = found.iter().filter(|one| one.rate == rate).map(|one| one.samples as u64).sum::<u64>();
    for other in others {
        let resampler = Resampler::new(other, rate).map(Arc::new);
        for one in found.iter_mut().filter(|one| one.rate == other) {
            let fits = resampler.as_ref().map_err(ToString::to_string).and_then(|resampler| {
                let length = resampler.length(one.samples);
                RESAMPLED.check(length).map(|()| (resampler, length)).map_err(|error| error.to_string())
            });
            match fits {
                Ok((resampler, length)) => {
                    total += length;
                    COLLECTION.check(total).map_err(|error| FolderError::Limit(folder.into(), error))?;
                    one.samples = length as usize;
                    one.resampler = Some(resampler.clone());
                }
                Err(cause) => one.cause = Some(cause),
            }
        }
    }
    let mut resampled: BTreeMap<u32, usize> = BTreeMap::new();
    let mut usable = Vec::new();
    for one in found {
        let short = || too_short(one.samples, rate, shortest);
        if let Some(cause) = one.cause.clone().or_else(short) {
            skipped.push(SkippedFile { path: one.path, cause });
            continue;
        }
        if one.rate != rate {
            *resampled.entry(one.rate).or_insert(0) += 1;
        }
        usable.push(one);
    }
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    let found = usable;
    let told_by_rate = told_by_rate(&found);
    if found.is_empty() {
        return Err(match skipped.is_empty() {
            true => FolderError::NoWav(folder.into()),
            false => FolderError::NoneUsable(folder.into(), skipped),
        });
    }
    let mut labels: Vec<String> = found.iter().map(|one| one.label.clone()).collect();
    labels.sort();
    labels.dedup();
    let recordings = found
        .into_iter()
        .map(|one| Recording {
            name: shown_path(one.path.strip_prefix(folder).unwrap_or(&one.path)).to_string(),
            label: labels.binary_search(&one.label).unwrap_or_default(),
            group: one.group,
            index: one.index,
            samples: Samples::File(Arc::new(SoundFile {
                path: one.path,
                rate: one.rate,
                count: one.samples,
                resampler: one.resampler,
            })),
        })
        .collect();
    let collection = Collection { rate, labels, recordings };
    Ok(FolderContents { collection, skipped, resampled: resampled.into_iter().collect(), told_by_rate })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::wav::write_pcm16;

    /// A folder that is removed again.
    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str, files: &[(&str, Vec<u8>)]) -> Self {
            let path = std::env::temp_dir().join(format!("ossicle-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            for (name, bytes) in files {
                let file = path.join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, bytes).unwrap();
            }
            Temporary(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn tone(rate: u32, samples: usize) -> Vec<u8> {
        write_pcm16(rate, 1, &(0..samples).map(|i| (i % 7) as f64 / 10.0).collect::<Vec<_>>())
    }

    #[test]
    fn labels_come_from_names_in_the_order_of_bytes() {
        let files = [("b_x_0.wav", tone(8000, 50)), ("a_y_10.WAV", tone(8000, 60)), ("a_y_9.wav", tone(8000, 40))];
        let folder = Temporary::new("names", &files);
        let FolderContents { collection, skipped, .. } = read(&folder.0, None, &|_| 10).unwrap();
        assert_eq!((collection.rate, skipped.len()), (8000, 0));
        assert_eq!(collection.labels, ["a", "b"]);
        let names: Vec<_> = collection.recordings.iter().map(|r| (r.name.as_str(), r.label, r.index)).collect();
        assert_eq!(names, [("a_y_10.WAV", 0, Some(10)), ("a_y_9.wav", 0, Some(9)), ("b_x_0.wav", 1, Some(0))]);
    }

    #[test]
    fn labels_come_from_folders() {
        let files =
            [("drum/1.wav", tone(44100, 50)), ("bell/a.wav", tone(44100, 50)), ("bell/deep/c.wav", tone(44100, 50))];
        let folder = Temporary::new("folders", &files);
        let collection = read(&folder.0, None, &|_| 10).unwrap().collection;
        assert_eq!(
            (collection.labels.clone(), collection.recordings.len()),
            (std::vec!["bell".to_string(), "drum".into()], 2)
        );
        assert_eq!(read_unlabeled(&folder.0, None, &|_| 10).unwrap().collection.recordings.len(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_read_is_skipped() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Temporary::new("closed", &[("a_x_0.wav", tone(8000, 100)), ("b/b_x_1.wav", tone(8000, 100))]);
        let closed = folder.0.join("b");
        let permit = |mode| fs::set_permissions(&closed, fs::Permissions::from_mode(mode)).unwrap();
        permit(0);
        // The superuser reads every folder.
        let readable = fs::read_dir(&closed).is_ok();
        let readings = [read(&folder.0, None, &|_| 10), read_unlabeled(&folder.0, None, &|_| 10)];
        permit(0o700);
        for reading in readings.map(Result::unwrap) {
            assert_eq!(reading.collection.recordings.len(), 1 + usize::from(readable));
            let causes: Vec<_> = reading.skipped.iter().map(|skipped| (&skipped.path, &skipped.cause[..27])).collect();
            assert_eq!(
                causes,
                if readable { Vec::new() } else { Vec::from([(&closed, "this folder cannot be read ")]) }
            );
        }
    }

    #[test]
    fn broken_files_are_skipped_with_their_cause() {
        let silent = write_pcm16(8000, 1, &[0.0; 100]);
        let mut float = tone(8000, 100);
        float.truncate(100);
        let files = [
            ("a_x_0.wav", tone(8000, 100)),
            ("a_x_1.wav", Vec::new()),
            ("a_x_2.wav", b"no sound at all, just text".to_vec()),
            ("a_x_3.wav", silent),
            ("a_x_4.wav", tone(8000, 9)),
            ("a_x_5.wav", float),
            ("odd.wav", tone(8000, 100)),
        ];
        let folder = Temporary::new("broken", &files);
        let FolderContents { collection, skipped, .. } = read(&folder.0, None, &|_| 10).unwrap();
        assert_eq!((collection.recordings.len(), skipped.len()), (1, 6));
        for (one, expected) in skipped.iter().zip(["empty", "RIFF", "silent", "9 samples", "28 whole", "does not fit"])
        {
            assert!(one.cause.contains(expected), "{one:?}");
        }
    }

    // Other systems have no such names.
    #[cfg(target_os = "linux")]
    #[test]
    fn labels_and_groups_that_are_no_text_are_skipped_and_not_merged() {
        use std::os::unix::ffi::OsStrExt;
        let folder = Temporary::new("no-text", &[("a_x_0.wav", tone(8000, 50)), ("b/a_x_1.wav", tone(8000, 50))]);
        for name in [&b"\xe8_x_0.wav"[..], b"\xe9_x_0.wav", b"b/c_\xe9_1.wav"] {
            fs::write(folder.0.join(std::ffi::OsStr::from_bytes(name)), tone(8000, 50)).unwrap();
        }
        let FolderContents { collection, skipped, .. } = read(&folder.0, None, &|_| 10).unwrap();
        assert_eq!((collection.labels, collection.recordings.len()), (std::vec!["a".to_string(), "b".into()], 2));
        assert!(skipped.len() == 3 && skipped.iter().all(|one| one.cause == NOT_UTF8), "{skipped:?}");
        // Without labels nothing is read from a name.
        let unlabeled = read_unlabeled(&folder.0, None, &|_| 10).unwrap().collection.recordings;
        let names: Vec<&str> = unlabeled.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a_x_0.wav", "\\xe8_x_0.wav", "\\xe9_x_0.wav", "b/a_x_1.wav", "b/c_\\xe9_1.wav"]);
    }

    #[test]
    fn names_in_errors_are_shown() {
        let error = FolderError::NoneUsable(
            "a\x1b[2J".into(),
            std::vec![SkippedFile { path: "b\n\u{202e}".into(), cause: "silent".into() }],
        );
        let expected = "a\\u{1b}[2J: 1 WAV file found, but none can be used\n  b\\n\\u{202e}: silent";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn folders_without_recordings_are_errors() {
        let empty = Temporary::new("empty", &[("notes.txt", Vec::new())]);
        assert!(matches!(read(&empty.0, None, &|_| 10), Err(FolderError::NoWav(_))));
        assert!(matches!(read(&empty.0.join("notes.txt"), None, &|_| 10), Err(FolderError::NotAFolder(_))));
        assert!(matches!(read(&empty.0.join("nowhere"), None, &|_| 10), Err(FolderError::Unreadable(..))));
    }

    #[test]
    fn the_most_frequent_rate_is_taken_and_the_lower_of_two() {
        let files = [("a_x_0.wav", tone(16000, 100)), ("a_x_1.wav", tone(16000, 100)), ("b_x_1.wav", tone(8000, 60))];
        let folder = Temporary::new("rates", &files);
        let lengths = |rate| {
            let FolderContents { collection, skipped, resampled, .. } = read(&folder.0, rate, &|_| 10).unwrap();
            assert!(skipped.is_empty());
            let lengths: Vec<_> = collection.recordings.iter().map(|one| one.samples.count()).collect();
            (collection.rate, lengths, resampled)
        };
        assert_eq!(lengths(None), (16000, std::vec![100, 100, 120], std::vec![(8000, 1)]));
        assert_eq!(lengths(Some(8000)), (8000, std::vec![50, 50, 60], std::vec![(16000, 2)]));
        assert_eq!(lengths(Some(4000)), (4000, std::vec![25, 25, 30], std::vec![(8000, 1), (16000, 2)]));
        let told = |folder: &Temporary| read(&folder.0, None, &|_| 10).unwrap().told_by_rate;
        assert_eq!(told(&folder), [("b".to_string(), 8000), ("a".to_string(), 16000)]);
        let mixed = Temporary::new(
            "mixed",
            &[files, [("a_x_2.wav", tone(8000, 60)), ("b_x_2.wav", tone(16000, 60)), ("b_x_3.wav", tone(8000, 60))]]
                .concat(),
        );
        assert_eq!(told(&mixed), []);
        fs::remove_file(folder.0.join("a_x_1.wav")).unwrap();
        assert_eq!(lengths(None), (8000, std::vec![50, 60], std::vec![(16000, 1)]));
    }

    #[test]
    fn a_rate_that_cannot_be_resampled_is_a_cause() {
        let folder = Temporary::new("odd-rate", &[("a_x_0.wav", tone(8000, 100)), ("a_x_1.wav", tone(1, 100))]);
        let FolderContents { collection, skipped, .. } = read(&folder.0, Some(8000), &|_| 10).unwrap();
        assert_eq!(collection.recordings.len(), 1);
        assert!(skipped[0].cause.contains("1 Hz are not resampled to 8000 Hz"), "{skipped:?}");
    }

    #[test]
    fn rates_and_lengths_beyond_the_limits_are_causes() {
        let claims = |at: usize, value: u32| {
            let mut file = tone(8000, 2);
            file[at..at + 4].copy_from_slice(&value.to_le_bytes());
            file
        };
        let files =
            [("a_x_0.wav", claims(24, u32::MAX)), ("a_x_1.wav", claims(40, 1 << 31)), ("b_x_0.wav", tone(768_000, 99))];
        let folder = Temporary::new("limits", &files);
        let FolderContents { collection, skipped, .. } = read(&folder.0, None, &|_| 10).unwrap();
        assert_eq!((collection.rate, collection.recordings.len()), (768_000, 1));
        let causes: Vec<&str> = skipped.iter().map(|one| one.cause.as_str()).collect();
        assert_eq!(
            causes,
            [
                "the sampling rate is 4294967295 Hz; at most 768000 Hz are accepted",
                "the recording's length is 1073741824 samples; at most 268435456 samples are accepted",
            ]
        );
    }

    #[test]
    fn too_many_labels_are_an_error_before_all_files_are_read() {
        let names: Vec<String> = (0..=LABELS.most).map(|label| format!("{label:04}_x_0.wav")).collect();
        let mut files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), tone(8000, 20))).collect();
        files[0].1 = b"no sound".to_vec();
        let folder = Temporary::new("labels", &files);
        assert_eq!(read(&folder.0, None, &|_| 10).unwrap().collection.labels.len(), LABELS.length());
        fs::write(folder.0.join("more_x_0.wav"), tone(8000, 20)).unwrap();
        let error = read(&folder.0, None, &|_| 10).unwrap_err();
        assert!(matches!(error, FolderError::Limit(_, error) if error == LABELS.exceeded()), "{error}");
        assert_eq!(read_unlabeled(&folder.0, None, &|_| 10).unwrap().collection.labels, [""]);
    }
}
