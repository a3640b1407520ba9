//! Bytes: the tools with which this crate reads and writes every file format.
//!
//! A file is a slice of bytes that somebody else wrote, and it may be damaged or malicious. This module reads integers
//! from such a slice without reading past its end, writes them, compresses and decompresses, and computes checksums. It
//! knows nothing of sound.
//!
//! Reading order:
//!
//! 1. [`endian`]: a cursor that checks its bounds, and the order of the bytes of an integer;
//! 2. [`digest`]: a 64-bit hash by which two results are compared;
//! 3. [`checksum`]: CRC-32 and Adler-32, which detect damage;
//! 4. [`deflate`]: compression of bytes;
//! 5. [`inflate`]: decompression, gzip files and zlib streams;
//! 6. [`base64`](mod@base64): bytes as letters;
//! 7. [`limits`]: the largest sizes that are accepted from files and options;
//! 8. `read`: whole files, read up to such a limit (with `std`);
//! 9. [`escape`]: names printed so that they cannot alter the text around them;
//! 10. `path`: paths printed that way (with `std`);
//! 11. [`json`]: values as text, read and written.

pub mod base64;
pub mod checksum;
pub mod deflate;
pub mod digest;
pub mod endian;
pub mod escape;
pub mod inflate;
pub mod json;
pub mod limits;
#[cfg(feature = "std")]
pub mod path;
#[cfg(feature = "std")]
pub mod read;
