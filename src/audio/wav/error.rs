//! All that can be wrong with a WAV file, cause by cause.
//!
//! Each error says what was expected, what was found, and where: an `offset` is a byte of the file,
//! counted from 0. The sentences are in `message`.

use super::format::Encoding;

/// Why a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WavError {
    /// The file has no bytes.
    Empty,
    /// The file is shorter than the 12 bytes of a RIFF header.
    ShortHeader {
        /// The length of the file in bytes.
        found: usize,
    },
    /// The file does not begin with "RIFF". The message names the usual other formats.
    NotRiff {
        /// The first four bytes.
        found: [u8; 4],
    },
    /// The file is a RIFF file of another form than "WAVE".
    NotWave {
        /// The form, bytes 8 to 11.
        found: [u8; 4],
    },
    /// A chunk other than `data` claims more bytes than the file has.
    ChunkTooLong {
        /// The chunk's name.
        id: [u8; 4],
        /// Where its contents begin.
        offset: usize,
        /// The claimed length in bytes.
        expected: u32,
        /// How many bytes of the file are left.
        found: usize,
    },
    /// The `fmt ` chunk is too short.
    ShortFormat {
        /// Where its contents begin.
        offset: usize,
        /// The bytes it needs: 16, or 40 if it is extensible.
        expected: usize,
        /// The bytes it has.
        found: usize,
    },
    /// The samples are stored with a codec other than PCM and IEEE float. The message names the
    /// usual ones.
    Codec {
        /// Where the codec's number stands.
        offset: usize,
        /// The codec's number.
        found: u16,
    },
    /// An extensible header names its codec by a GUID that wraps no codec number.
    Subformat {
        /// Where the GUID stands.
        offset: usize,
        /// The GUID, as stored.
        found: [u8; 16],
    },
    /// The number of channels is 0.
    NoChannels {
        /// Where it stands.
        offset: usize,
    },
    /// The sample rate is 0 Hz.
    NoRate {
        /// Where it stands.
        offset: usize,
    },
    /// Samples of this many bits are not read.
    BitDepth {
        /// Where the number of bits stands.
        offset: usize,
        /// The kind of sample, on which the choice of bits depends.
        encoding: Encoding,
        /// The number of bits.
        found: u16,
    },
    /// More bits are called valid than the container has.
    ValidBits {
        /// Where the number of valid bits stands.
        offset: usize,
        /// The bits of the container, which are the most there can be.
        expected: u16,
        /// The number of valid bits.
        found: u16,
    },
    /// The length of a frame (block align) contradicts channels and bits.
    BlockAlign {
        /// Where the length of a frame stands.
        offset: usize,
        /// channels · bits / 8, in bytes.
        expected: u32,
        /// The length of a frame in bytes.
        found: u16,
    },
    /// The file ends before a `fmt ` chunk, and before a `data` chunk.
    MissingFormat {
        /// The length of the file in bytes.
        end: usize,
    },
    /// The `data` chunk begins before a `fmt ` chunk was seen.
    DataBeforeFormat {
        /// Where the contents of `data` begin.
        offset: usize,
    },
    /// The file ends before a `data` chunk.
    MissingData {
        /// The length of the file in bytes.
        end: usize,
    },
    /// The `data` chunk claims more bytes than the file has.
    Truncated {
        /// Where its contents begin.
        offset: usize,
        /// The claimed length in bytes.
        expected: u32,
        /// The whole frames in that length.
        expected_frames: usize,
        /// How many bytes of the file are left.
        found: usize,
        /// The whole frames in those bytes.
        found_frames: usize,
    },
    /// The `data` chunk ends within a frame.
    PartialFrame {
        /// Where its contents begin.
        offset: usize,
        /// Its length in bytes.
        found: usize,
        /// The length of a frame in bytes, of which `found` should be a multiple.
        frame_bytes: usize,
    },
}

impl core::error::Error for WavError {}
