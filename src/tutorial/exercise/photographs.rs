//! Photographs: the reader's own PNG files in a folder, as shades of gray.
//!
//! The files are regular files whose names end in `.png` and do not begin with a dot, in the order of their names, and
//! at most the first [`MOST`]. One at a time is read, so that memory holds one picture however many there are.

use crate::bytes::limits::PHOTOGRAPH_FILE;
use crate::bytes::path::shown_path;
use crate::bytes::read::{self, ReadError};
use crate::matrix::Matrix;
use crate::picture::png::{PngError, SIGNATURE, read_gray};
use std::path::{Path, PathBuf};
use std::vec::Vec;
use std::{fmt, fs, io};

/// The most files that are used.
pub const MOST: usize = 100;

/// Why a folder or a file gives no pictures.
#[derive(Debug)]
#[non_exhaustive]
pub enum PhotographError {
    /// The folder cannot be read.
    Folder(PathBuf, io::Error),
    /// The folder has no PNG file.
    Empty(PathBuf),
    /// The file cannot be read, or is longer than is accepted.
    Read(PathBuf, ReadError),
    /// The file is not a PNG file that can be read.
    Png(PathBuf, PngError),
    /// The picture has fewer rows or columns than are needed.
    Small {
        /// The file.
        path: PathBuf,
        /// Its rows and columns.
        size: [usize; 2],
        /// The least number of each.
        least: usize,
    },
    /// All pictures in the folder are of one shade, so that patches without their mean are 0.
    Flat(PathBuf),
}

impl fmt::Display for PhotographError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PhotographError::Folder(path, error) => write!(f, "{}: {error}", shown_path(path)),
            PhotographError::Empty(path) => write!(f, "{}: this folder has no PNG file", shown_path(path)),
            PhotographError::Flat(path) => {
                write!(f, "{}: the pictures have a single shade each, so there is nothing to learn", shown_path(path))
            }
            PhotographError::Read(path, error) => write!(f, "{}: {error}", shown_path(path)),
            PhotographError::Png(path, error) => write!(f, "{}: {error}", shown_path(path)),
            PhotographError::Small { path, size: [rows, columns], least } => write!(
                f,
                "{}: the picture is {columns} pixels wide and {rows} pixels high; at least {least} of each are needed",
                shown_path(path)
            ),
        }
    }
}

impl std::error::Error for PhotographError {}

/// The paths of the PNG files in a folder, at most [`MOST`].
///
/// # Errors
/// If the folder cannot be read or has none.
pub fn photographs(folder: &Path) -> Result<Vec<PathBuf>, PhotographError> {
    let unreadable = |error| PhotographError::Folder(folder.into(), error);
    let entries = fs::read_dir(folder).map_err(unreadable)?.collect::<io::Result<Vec<_>>>().map_err(unreadable)?;
    let is_hidden = |entry: &&fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let is_png = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    let names = entries.iter().filter(|entry| !is_hidden(entry)).map(fs::DirEntry::path).filter(is_png);
    // A pipe would wait for a writer.
    let mut paths: Vec<PathBuf> = names.filter(|path| path.is_file()).collect();
    if paths.is_empty() {
        return Err(PhotographError::Empty(folder.into()));
    }
    paths.sort_unstable();
    paths.truncate(MOST);
    Ok(paths)
}

/// The shades of a PNG file of at least `least` rows and columns.
///
/// # Errors
/// If it cannot be read, or is smaller.
pub fn photograph(path: &Path, least: usize) -> Result<Matrix<f32>, PhotographError> {
    let bytes =
        read::file(path, &SIGNATURE, PHOTOGRAPH_FILE).map_err(|error| PhotographError::Read(path.into(), error))?;
    let picture = read_gray(&bytes).map_err(|error| PhotographError::Png(path.into(), error))?;
    let size = [picture.rows(), picture.columns()];
    if size.iter().any(|&side| side < least) {
        return Err(PhotographError::Small { path: path.into(), size, least });
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::image::{Image, WHITE};
    use crate::picture::png::png;
    use std::format;
    use std::string::ToString;

    #[test]
    fn png_files_of_a_folder_are_read_in_the_order_of_their_names() {
        let folder = std::env::temp_dir().join(format!("ossicle-photographs-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        assert!(matches!(photographs(&folder), Err(PhotographError::Folder(..))));
        fs::create_dir(&folder).unwrap();
        assert!(matches!(photographs(&folder), Err(PhotographError::Empty(path)) if path == folder));
        let white = png(&Image::new(9, 8, WHITE));
        for name in ["b.png", "a.PNG", "notes.txt", "c.png.gz", "png", "._a.png"] {
            fs::write(folder.join(name), &white).unwrap();
        }
        fs::create_dir(folder.join("folder.png")).unwrap();
        let paths = photographs(&folder).unwrap();
        assert_eq!(paths, [folder.join("a.PNG"), folder.join("b.png")]);
        let picture = photograph(&paths[0], 8).unwrap();
        assert_eq!((picture.rows(), picture.columns(), picture.row(7)[8]), (8, 9, 1.0));
        let error = photograph(&paths[0], 9).unwrap_err().to_string();
        assert!(
            error.ends_with("a.PNG: the picture is 9 pixels wide and 8 pixels high; at least 9 of each are needed"),
            "{error}"
        );
        for (bytes, sentence) in [
            (&b"GIF89a.."[..], "at byte 0, the file begins with the bytes 47 49 46 38 39 61 2e 2e, and a PNG"),
            (b"GIF", "at byte 0, 8 bytes were expected, but the file ends after 3"),
            (&white[..40], "but the file ends after"),
        ] {
            fs::write(&paths[1], bytes).unwrap();
            let error = photograph(&paths[1], 8).unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
        }
        // No more than the limit of files.
        (0..MOST + 5).for_each(|k| fs::write(folder.join(format!("{k:03}.png")), &white).unwrap());
        assert_eq!(photographs(&folder).unwrap().len(), MOST);
        fs::remove_dir_all(&folder).unwrap();
        assert!(matches!(photograph(&paths[0], 8), Err(PhotographError::Read(..))));
    }
}
