//! The Rust files of a folder of the crate, for tests of the source text.

use std::fs;
use std::path::Path;

/// A file.
pub struct Source {
    /// Below the folder, with `/` on every system.
    pub path: String,
    pub text: String,
}

/// The folder of the crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files of a folder of the crate, sorted, their paths below it.
pub fn files(top: &str) -> Vec<Source> {
    let (mut folders, mut sources) = (vec![root().join(top)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root().join(top)).unwrap();
                let path = path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/");
                sources.push(Source { path, text });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}
