//! Paths as text: as names, to the byte.

use super::escape::{Shown, shown};
use std::path::Path;

/// A path for people; bytes of it that are no text show as `\xff`.
pub fn shown_path(path: &Path) -> Shown<'_> {
    shown(path.as_os_str().as_encoded_bytes())
}
