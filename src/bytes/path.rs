//! Paths for display, escaped like every other name.

use super::escape::{Shown, shown};
use std::path::Path;

/// A path for display; bytes that are not valid UTF-8 are shown as `\xff`.
pub fn shown_path(path: &Path) -> Shown<'_> {
    shown(path.as_os_str().as_encoded_bytes())
}
