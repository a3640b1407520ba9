//! The WAV file: a few dozen bytes that say how to read the rest, then the samples.
//!
//! A WAV file is a RIFF file of the form `WAVE`: a header of 12 bytes, then chunks. Integers are little-endian, and so
//! are samples, except in a RIFX file, where both are big-endian.
//!
//! | byte | size | field of the RIFF header |
//! | --- | --- | --- |
//! | 0 | 4 | `RIFF`, `RIFX`, `RF64`, or `BW64` |
//! | 4 | 4 | the number of bytes that follow |
//! | 8 | 4 | `WAVE` |
//! | 12 | | the chunks |
//!
//! | byte | size | field of a chunk |
//! | --- | --- | --- |
//! | 0 | 4 | its name, such as `fmt ` or `data` |
//! | 4 | 4 | its length n, without name, length, and pad byte |
//! | 8 | n | its contents |
//! | 8 + n | 0 or 1 | a pad byte if n is odd |
//!
//! The `fmt ` chunk says how a sample is stored; the `data` chunk holds the samples frame by frame, a frame being one
//! sample of each channel at one instant. An integer s in a container of b bits stands for
//!
//! ```text
//! x = s / 2^(b-1)               -1 ≤ x ≤ 1 - 2^(1-b)
//! x = (s - 128) / 128           8 bits, which alone are unsigned
//! ```
//!
//! and a floating-point number stands for itself; `samples` has the formulas of A-law and mu-law.
//!
//! Fields on which the samples depend are checked, and no others are read. The lengths of chunks up to the samples must
//! fit in the file. The length in the RIFF header is ignored, and so is everything after the samples. The first `fmt `
//! chunk counts, the first `data` chunk counts, in this order; other chunks may stand anywhere and are skipped. A
//! `data` chunk of zero frames is valid.
//!
//! Programs that do not know the length of the samples leave 0, 2³²-1 or 0x7FFFF000. Then the samples extend to the end
//! of the file, and the bytes of a last partial frame are left out. In an RF64 or BW64 file 2³²-1 refers to the 64 bits
//! in the `ds64` chunk; its table for other chunks is not read.
//!
//! Reading order: `source` is where bytes come from, `header` walks the chunks, `format` reads the `fmt ` chunk,
//! `samples` converts bytes to numbers, `stream` does so while they come in, `input` reads files, `write` converts
//! numbers to a file. `error` lists the causes of failure, and `message` words them.
//!
//! ```
//! use ossicle::audio::wav::{Encoding, Wav, WavError, write_pcm16};
//!
//! let file = write_pcm16(8000, 2, &[0.5, -0.5, 0.25, 0.75]);
//! let wav = Wav::parse(&file)?;
//! assert_eq!((wav.rate(), wav.channels(), wav.frames()), (8000, 2, 2));
//! assert_eq!((wav.encoding(), wav.bits()), (Encoding::Pcm, 16));
//! assert_eq!(wav.mono(), [0.0, 0.5]);
//!
//! let error = Wav::parse(&file[..50]).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "the data chunk claims 8 bytes (2 frames) from byte 44 on, \
//!      but the file has only 6 more (1 whole frame)"
//! );
//! # Ok::<(), WavError>(())
//! ```
//!
//! Sources: IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991 (RIFF, `fmt `,
//! `data`); Microsoft, "Multiple Channel Audio Data and WAVE Files", 2001 (`WAVE_FORMAT_EXTENSIBLE`); EBU Tech 3306,
//! "RF64", 2009; ITU-T G.711, 1988.

mod error;
mod format;
mod header;
#[cfg(feature = "std")]
mod input;
mod message;
mod samples;
mod source;
mod stream;
mod write;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use error::{ReadError, WavError};
pub use format::{Encoding, Format};
pub use header::{Wav, is_container};
#[cfg(feature = "std")]
pub use input::Input;
pub use samples::Samples;
pub use source::Source;
pub use stream::Stream;
pub use write::{SampleType, write, write_pcm16};
