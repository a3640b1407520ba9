//! A folder of WAV files as recordings.
//!
//! A label stands in a file's name, `{label}_{group}_{index}.wav`, or is the name of the folder that the file lies in, one
//! folder a label. Names are taken in the order of their bytes. A file that cannot be used is passed over and listed with the
//! cause; whatever a file holds, reading it ends in a recording or a cause.

use super::recordings::{Collection, Name, Recording};
use crate::audio::wav::Wav;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{fmt, fs, io};

/// A file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The file.
    pub path: PathBuf,
    /// Why, as a sentence without a period.
    pub cause: String,
}

/// Why a folder gives no recordings.
#[derive(Debug)]
pub enum FolderError {
    /// It cannot be read.
    Unreadable(PathBuf, io::Error),
    /// It is a file.
    NotAFolder(PathBuf),
    /// It holds no WAV file.
    NoWav(PathBuf),
    /// None of its WAV files can be used; these are the causes.
    NoneUsable(PathBuf, Vec<PassedOver>),
    /// Its files have several sampling rates: each rate, how many files, and one of them.
    Rates(PathBuf, Vec<(u32, usize, PathBuf)>),
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            FolderError::NotAFolder(path) => {
                write!(f, "{}: this is a file; a folder of WAV files was expected", path.display())
            }
            FolderError::NoWav(path) => {
                write!(
                    f,
                    "{}: there is no WAV file in this folder, nor directly in the folders within it",
                    path.display()
                )
            }
            FolderError::NoneUsable(path, causes) => {
                write!(f, "{}: none of its {} WAV files can be used", path.display(), causes.len())?;
                for PassedOver { path, cause } in causes.iter().take(3) {
                    write!(f, "\n  {}: {cause}", path.display())?;
                }
                if causes.len() > 3 { write!(f, "\n  and {} more", causes.len() - 3) } else { Ok(()) }
            }
            FolderError::Rates(path, rates) => {
                write!(f, "{}: the files have {} sampling rates, and one is needed:", path.display(), rates.len())?;
                let frequent = rates.iter().max_by_key(|(_, files, _)| *files).map_or(0, |(rate, ..)| *rate);
                for (rate, files, example) in rates {
                    write!(f, "\n  {rate} Hz: {files} files, such as {}", example.display())?;
                }
                write!(f, "\nresample them to one rate first, for example with: sox IN.wav -r {frequent} OUT.wav")
            }
        }
    }
}

impl std::error::Error for FolderError {}

/// A usable file.
struct Found {
    path: PathBuf,
    rate: u32,
    label: String,
    group: String,
    index: Option<u64>,
    samples: Vec<f64>,
}

/// Reads the WAV files of a folder, labeled by name or by folder, and lists those that were passed over. Recordings need at
/// least `shortest(rate)` samples.
///
/// # Errors
/// As [`FolderError`] tells.
pub fn read(folder: &Path, shortest: &dyn Fn(u32) -> usize) -> Result<(Collection, Vec<PassedOver>), FolderError> {
    let (mut found, mut passed) = (Vec::new(), Vec::new());
    let (files, folders) = list(folder)?;
    let label_of_name = |path: &Path| match Name::parse(&stem(path)) {
        Some(name) => Ok((name.label.to_string(), name.group.to_string(), Some(name.index))),
        None => Err("its name does not fit {label}_{group}_{index}.wav, and it lies in no folder of its label".into()),
    };
    for path in files {
        collect(path, label_of_name, shortest, &mut found, &mut passed);
    }
    for inner in folders {
        let Some(label) = inner.file_name().and_then(|name| name.to_str()).map(String::from) else {
            passed.push(PassedOver { path: inner, cause: "its name is not UTF-8, and a label must be".into() });
            continue;
        };
        let label_of_folder = |path: &Path| {
            let (group, index) =
                Name::parse(&stem(path)).map_or((String::new(), None), |n| (n.group.into(), Some(n.index)));
            Ok((label.clone(), group, index))
        };
        match list(&inner) {
            Ok((files, _)) => {
                files.into_iter().for_each(|path| collect(path, label_of_folder, shortest, &mut found, &mut passed));
            }
            Err(error) => passed.push(PassedOver { path: inner.clone(), cause: error.to_string() }),
        }
    }
    Ok((collection(folder, found, &passed)?, passed))
}

/// Reads all WAV files of a folder and of the folders within it, whatever their names, as recordings of one unnamed label.
///
/// # Errors
/// As [`FolderError`] tells.
pub fn read_unlabeled(
    folder: &Path,
    shortest: &dyn Fn(u32) -> usize,
) -> Result<(Collection, Vec<PassedOver>), FolderError> {
    let (mut found, mut passed) = (Vec::new(), Vec::new());
    let mut folders = Vec::from([(folder.to_path_buf(), 0)]);
    while let Some((inner, depth)) = folders.pop() {
        let (files, within) = list(&inner)?;
        for path in files {
            let no_label = |_: &Path| Ok((String::new(), String::new(), None));
            collect(path, no_label, shortest, &mut found, &mut passed);
        }
        if depth < DEEPEST {
            // A link may lead back to where it lies.
            let within = within.into_iter().rev().filter(|path| !path.is_symlink());
            folders.extend(within.map(|path| (path, depth + 1)));
        }
    }
    Ok((collection(folder, found, &passed)?, passed))
}

/// How many folders deep unlabeled recordings are looked for.
const DEEPEST: usize = 8;

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

/// A file's name without its extension.
fn stem(path: &Path) -> Cow<'_, str> {
    path.file_stem().unwrap_or_default().to_string_lossy()
}

type Labeled = Result<(String, String, Option<u64>), String>;

/// Reads one file into `found`, or lists it in `passed`.
fn collect(
    path: PathBuf,
    label: impl Fn(&Path) -> Labeled,
    shortest: &dyn Fn(u32) -> usize,
    found: &mut Vec<Found>,
    passed: &mut Vec<PassedOver>,
) {
    let read = || -> Result<Found, String> {
        let (label, group, index) = label(&path)?;
        if !path.is_file() {
            return Err("it is no regular file".into());
        }
        let bytes = fs::read(&path).map_err(|error| error.to_string())?;
        let (rate, samples) = usable(&bytes, shortest)?;
        Ok(Found { path: path.clone(), rate, label, group, index, samples })
    };
    match read() {
        Ok(one) => found.push(one),
        Err(cause) => passed.push(PassedOver { path, cause }),
    }
}

/// The rate and the mixed-down samples of a WAV file that something can be heard in.
fn usable(bytes: &[u8], shortest: &dyn Fn(u32) -> usize) -> Result<(u32, Vec<f64>), String> {
    let wav = Wav::parse(bytes).map_err(|error| error.to_string())?;
    let rate = wav.rate();
    let shortest = shortest(rate);
    if wav.frames() < shortest {
        return Err(format!(
            "it has {} samples at {rate} Hz ({:.3} s), and one window needs {shortest} ({:.3} s)",
            wav.frames(),
            wav.seconds(),
            shortest as f64 / f64::from(rate)
        ));
    }
    let samples = wav.mono();
    match samples.iter().position(|x| !x.is_finite()) {
        Some(place) => return Err(format!("sample {place} is {}", samples[place])),
        None if samples.iter().all(|&x| x == 0.0) => {
            return Err("it is silent: every sample, its channels averaged, is 0".into());
        }
        None => {}
    }
    match samples.iter().find(|x| x.abs() > LOUDEST) {
        Some(x) => Err(format!("a sample is {x:e}, far beyond the range from -1 to 1")),
        None => Ok((rate, samples)),
    }
}

/// Floating-point files may exceed ±1 a little; beyond this the numbers are not sound, and their power might overflow.
const LOUDEST: f64 = 1e6;

/// Sorts out labels and rates.
fn collection(folder: &Path, found: Vec<Found>, passed: &[PassedOver]) -> Result<Collection, FolderError> {
    if found.is_empty() {
        return Err(match passed.is_empty() {
            true => FolderError::NoWav(folder.into()),
            false => FolderError::NoneUsable(folder.into(), passed.to_vec()),
        });
    }
    let mut rates: BTreeMap<u32, (usize, &Path)> = BTreeMap::new();
    for one in &found {
        rates.entry(one.rate).or_insert((0, &one.path)).0 += 1;
    }
    if rates.len() > 1 {
        let list = rates.into_iter().map(|(rate, (files, example))| (rate, files, example.to_path_buf())).collect();
        return Err(FolderError::Rates(folder.into(), list));
    }
    let rate = found[0].rate;
    let mut labels: Vec<String> = found.iter().map(|one| one.label.clone()).collect();
    labels.sort();
    labels.dedup();
    let recordings = found
        .into_iter()
        .map(|one| Recording {
            name: one.path.strip_prefix(folder).unwrap_or(&one.path).to_string_lossy().into_owned(),
            label: labels.binary_search(&one.label).unwrap_or_default(),
            group: one.group,
            index: one.index,
            samples: one.samples,
        })
        .collect();
    Ok(Collection { rate, labels, recordings })
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
        let (collection, passed) = read(&folder.0, &|_| 10).unwrap();
        assert_eq!((collection.rate, passed.len()), (8000, 0));
        assert_eq!(collection.labels, ["a", "b"]);
        let names: Vec<_> = collection.recordings.iter().map(|r| (r.name.as_str(), r.label, r.index)).collect();
        assert_eq!(names, [("a_y_10.WAV", 0, Some(10)), ("a_y_9.wav", 0, Some(9)), ("b_x_0.wav", 1, Some(0))]);
    }

    #[test]
    fn labels_come_from_folders() {
        let files =
            [("drum/1.wav", tone(44100, 50)), ("bell/a.wav", tone(44100, 50)), ("bell/deep/c.wav", tone(44100, 50))];
        let folder = Temporary::new("folders", &files);
        let (collection, _) = read(&folder.0, &|_| 10).unwrap();
        assert_eq!(
            (collection.labels.clone(), collection.recordings.len()),
            (std::vec!["bell".to_string(), "drum".into()], 2)
        );
        assert_eq!(read_unlabeled(&folder.0, &|_| 10).unwrap().0.recordings.len(), 3);
    }

    #[test]
    fn broken_files_are_passed_over_with_their_cause() {
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
        let (collection, passed) = read(&folder.0, &|_| 10).unwrap();
        assert_eq!((collection.recordings.len(), passed.len()), (1, 6));
        for (one, expected) in passed.iter().zip(["empty", "RIFF", "silent", "9 samples", "28 whole", "does not fit"]) {
            assert!(one.cause.contains(expected), "{one:?}");
        }
    }

    #[test]
    fn folders_without_recordings_are_errors() {
        let empty = Temporary::new("empty", &[("notes.txt", Vec::new())]);
        assert!(matches!(read(&empty.0, &|_| 10), Err(FolderError::NoWav(_))));
        assert!(matches!(read(&empty.0.join("notes.txt"), &|_| 10), Err(FolderError::NotAFolder(_))));
        assert!(matches!(read(&empty.0.join("nowhere"), &|_| 10), Err(FolderError::Unreadable(..))));
        let mixed = Temporary::new("mixed", &[("a_x_0.wav", tone(8000, 50)), ("a_x_1.wav", tone(16000, 50))]);
        let message = read(&mixed.0, &|_| 10).unwrap_err().to_string();
        assert!(message.contains("8000 Hz: 1 files") && message.contains("16000 Hz: 1 files"), "{message}");
    }
}
