//! Bytes in and bytes out: what every file format in this crate is read and written with.
//!
//! A file is a slice of bytes that somebody else wrote. This room turns such a slice into numbers
//! without ever reading past its end, turns numbers into bytes, and sums a run of bytes up in one
//! number that can be compared. It knows nothing of sound.
//!
//! Reading order:
//!
//! 1. [`endian`]: a cursor that checks its bounds, and the order of the bytes of an integer;
//! 2. [`digest`]: sixty-four bits that stand for all the bytes they were fed;
//! 3. [`checksum`]: the sums that file formats carry to notice damage;
//! 4. [`deflate`]: repeated bytes written shorter;
//! 5. [`inflate`]: the bytes back, and gzip files;
//! 6. [`base64`](mod@base64): bytes as letters;
//! 7. [`limits`]: the largest sizes that are accepted from outside;
//! 8. `read`: files read whole, but no further than that (with `std`);
//! 9. [`escape`]: names as text that changes nothing around them;
//! 10. `path`: paths as such text (with `std`).

pub mod base64;
pub mod checksum;
pub mod deflate;
pub mod digest;
pub mod endian;
pub mod escape;
pub mod inflate;
pub mod limits;
#[cfg(feature = "std")]
pub mod path;
#[cfg(feature = "std")]
pub mod read;
