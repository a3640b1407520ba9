//! The errors of WAV files, one variant for each cause.
//!
//! Each error says what was expected, what was found, and where: an `offset` is a byte of the file, counted from 0. The
//! sentences are in `message`.

use super::format::Encoding;

/// Why a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WavError {
    /// The file has no bytes.
    Empty,
    /// The file is shorter than the 12 bytes of a RIFF header.
    ShortHeader {
        /// The length of the file in bytes.
        found: u64,
    },
    /// The file does not begin with "RIFF", "RIFX", "RF64" or "BW64". The message names the usual other formats.
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
        offset: u64,
        /// The claimed length in bytes.
        expected: u64,
        /// How many bytes of the file are left.
        found: u64,
    },
    /// The `fmt ` chunk is too short.
    ShortFormat {
        /// Where its contents begin.
        offset: u64,
        /// The bytes it needs: 16, or 40 if it is extensible.
        expected: u64,
        /// The bytes it has.
        found: u64,
    },
    /// The samples are stored with a codec other than PCM, IEEE float, A-law and mu-law. The message names the
    /// usual ones.
    Codec {
        /// Where the codec's number stands.
        offset: u64,
        /// The codec's number.
        found: u16,
    },
    /// An extensible header names its codec by a GUID that wraps no codec number.
    Subformat {
        /// Where the GUID stands.
        offset: u64,
        /// The GUID, as stored.
        found: [u8; 16],
    },
    /// The number of channels is 0.
    NoChannels {
        /// Where it stands.
        offset: u64,
    },
    /// The sample rate is 0 Hz.
    NoRate {
        /// Where it stands.
        offset: u64,
    },
    /// Samples of this many bits are not read.
    BitDepth {
        /// Where the number of bits stands.
        offset: u64,
        /// The kind of sample, on which the choice of bits depends.
        encoding: Encoding,
        /// The number of bits.
        found: u16,
    },
    /// More bits are called valid than the container has.
    ValidBits {
        /// Where the number of valid bits stands.
        offset: u64,
        /// The bits of the container, which are the most there can be.
        expected: u16,
        /// The number of valid bits.
        found: u16,
    },
    /// The length of a frame (block align) contradicts channels and bits: it is too short for them, or not a multiple
    /// of the channels.
    BlockAlign {
        /// Where the length of a frame stands.
        offset: u64,
        /// The least length that fits: channels · ⌈bits / 8⌉, in bytes.
        expected: u32,
        /// The length of a frame in bytes.
        found: u16,
    },
    /// A sample lies in a container longer than is read, such as PCM in 64 bits.
    Container {
        /// Where the length of a frame stands, which is channels times containers.
        offset: u64,
        /// The kind of sample, on which the longest container depends.
        encoding: Encoding,
        /// The longest container in bits.
        expected: u16,
        /// The bits of the container.
        found: u32,
    },
    /// The `ds64` chunk, which holds the lengths of an RF64 file, is too short.
    ShortLengths {
        /// Where its contents begin.
        offset: u64,
        /// The bytes it has; 16 are needed.
        found: u64,
    },
    /// So many chunks before the samples are those of no sound.
    TooManyChunks {
        /// Where the last one begins.
        offset: u64,
        /// The most that are read.
        expected: u64,
    },
    /// The file ends before a `fmt ` chunk, and before a `data` chunk.
    MissingFormat {
        /// The length of the file in bytes.
        end: u64,
    },
    /// The `data` chunk begins before a `fmt ` chunk was seen.
    DataBeforeFormat {
        /// Where the contents of `data` begin.
        offset: u64,
    },
    /// The file ends before a `data` chunk.
    MissingData {
        /// The length of the file in bytes.
        end: u64,
    },
    /// The `data` chunk claims more bytes than the file has.
    Truncated {
        /// Where its contents begin.
        offset: u64,
        /// The claimed length in bytes.
        expected: u64,
        /// The whole frames in that length.
        expected_frames: u64,
        /// How many bytes of the file are left.
        found: u64,
        /// The whole frames in those bytes.
        found_frames: u64,
    },
    /// The `data` chunk ends within a frame.
    PartialFrame {
        /// Where its contents begin.
        offset: u64,
        /// Its length in bytes.
        found: u64,
        /// The length of a frame in bytes, of which `found` should be a multiple.
        frame_bytes: u64,
    },
}

impl core::error::Error for WavError {}

/// Why a [`Source`](super::Source) did not give a WAV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// Its bytes are none.
    Wav(WavError),
    /// It gave no bytes.
    Source(E),
}

impl<E> From<WavError> for ReadError<E> {
    fn from(error: WavError) -> Self {
        ReadError::Wav(error)
    }
}

impl<E: core::error::Error + 'static> core::error::Error for ReadError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            ReadError::Wav(error) => Some(error),
            ReadError::Source(error) => Some(error),
        }
    }
}
