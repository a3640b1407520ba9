//! Errors of Deflate streams, gzip files and zlib streams, and their messages.

use core::fmt;

/// An error in a stream, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InflateError {
    /// The index of the byte at which the error was found.
    pub offset: usize,
    /// The error.
    pub cause: Cause,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The bytes end within this part.
    Truncated(Section),
    /// The message exceeds this number of bytes, the most that the caller allows.
    TooLong(usize),
    /// A block is of kind 3, which does not exist.
    BlockKind,
    /// The second of these, after the length of a stored block, is not its complement.
    StoredLength(u16, u16),
    /// A dynamic block has codes for more symbols than exist.
    TooManySymbols {
        /// The kind of the symbols.
        alphabet: Alphabet,
        /// The number that exists.
        expected: usize,
        /// The number in the block.
        found: usize,
    },
    /// The code lengths of a dynamic block begin with a repetition, with nothing to repeat.
    NothingToRepeat,
    /// A repetition extends beyond the last code length.
    TooManyLengths {
        /// The number of lengths that the block announces.
        expected: usize,
        /// The number with the repetition.
        found: usize,
    },
    /// A dynamic block has no code for its end.
    NoEnd,
    /// The codes are too many or too short: two symbols share a sequence of bits.
    OverSubscribed(Alphabet),
    /// The codes are too few or too long: some sequences of bits have no symbol.
    Incomplete(Alphabet),
    /// The bits are not a code.
    UnusedCode(Alphabet),
    /// This symbol has a code, but no meaning.
    UnusedSymbol(Alphabet, usize),
    /// A distance reaches back beyond the first byte.
    Distance {
        /// The number of bytes so far.
        expected: usize,
        /// The distance.
        found: usize,
    },
    /// The stream has ended, and this number of bytes follows.
    Trailing(usize),
    /// A member of a gzip file begins with these bytes, not 1f 8b.
    NotGzip([u8; 2]),
    /// A zlib stream begins with these bytes, which no header has.
    NotZlib([u8; 2]),
    /// A zlib stream needs a dictionary, which is not there.
    Dictionary,
    /// The header specifies this method, which is not Deflate.
    Method(u8),
    /// These flags of the gzip header include an unknown one, which could change the meaning of the bytes that follow.
    Flags(u8),
    /// The gzip header does not match its checksum.
    HeaderSum {
        /// The checksum in the file.
        expected: u16,
        /// The checksum of the header.
        found: u16,
    },
    /// The message does not match its checksum.
    Sum {
        /// The checksum in the file.
        expected: u32,
        /// The checksum of the message.
        found: u32,
    },
    /// The message does not have the length in the file.
    Size {
        /// The length in the file, modulo 2³².
        expected: u32,
        /// The length of the message, modulo 2³².
        found: u32,
    },
}

/// A part of a gzip file or a zlib stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The gzip header before a stream.
    Header,
    /// The zlib header before a stream.
    ZlibHeader,
    /// The Deflate stream.
    Stream,
    /// The checksum and length after a stream of a gzip file.
    Trailer,
    /// The checksum after the stream of a zlib stream.
    ZlibTrailer,
}

/// The meaning of a code's symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Code lengths of the other two alphabets.
    CodeLengths,
    /// Literals, the end of the block, and lengths of repetitions.
    Literals,
    /// Distances of repetitions.
    Distances,
}

impl core::error::Error for InflateError {}

impl fmt::Display for InflateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}, ", self.offset)?;
        match self.cause {
            Cause::Truncated(part) => write!(f, "the bytes end within {part}"),
            Cause::TooLong(most) => write!(f, "the message grows beyond the {most} bytes that are allowed"),
            Cause::BlockKind => write!(f, "a block is of kind 3, but there are only kinds 0, 1 and 2"),
            Cause::StoredLength(length, complement) => write!(
                f,
                "a stored block's length is {length:#06x} with the complement {:#06x}, not {complement:#06x}",
                !length
            ),
            Cause::TooManySymbols { alphabet, expected, found } => {
                write!(f, "a block has codes for {found} {alphabet}, but there are only {expected}")
            }
            Cause::NothingToRepeat => write!(f, "the first code length is to repeat the one before"),
            Cause::TooManyLengths { expected, found } => {
                write!(f, "a repetition makes {found} code lengths, but {expected} were announced")
            }
            Cause::NoEnd => write!(f, "a block has no code for its end"),
            Cause::OverSubscribed(alphabet) => write!(f, "the code for {alphabet} is over-subscribed"),
            Cause::Incomplete(alphabet) => write!(f, "the code for {alphabet} is incomplete"),
            Cause::UnusedCode(alphabet) => write!(f, "the bits are not in the code for {alphabet}"),
            Cause::UnusedSymbol(alphabet, symbol) => write!(f, "the symbol {symbol} of {alphabet} has no meaning"),
            Cause::Distance { expected, found } => {
                write!(f, "the stream goes {found} bytes back, but there are only {expected} so far")
            }
            Cause::Trailing(rest) => write!(f, "the stream ends, but the bytes go on for {rest} more"),
            Cause::NotGzip([a, b]) => {
                write!(f, "the bytes are {a:02x} {b:02x}, not the 1f 8b that begin a gzip member")
            }
            Cause::NotZlib([a, b]) => write!(f, "the bytes {a:02x} {b:02x} are no zlib header"),
            Cause::Dictionary => write!(f, "the zlib header requires a dictionary, and there is none"),
            Cause::Method(method) => write!(f, "the compression method is {method}, not the 8 of Deflate"),
            Cause::Flags(flags) => write!(f, "the flags are {flags:#04x}, of which only 0x1f are known"),
            Cause::HeaderSum { expected, found } => {
                write!(f, "the checksum of the header is {expected:#06x}, but the header has {found:#06x}")
            }
            Cause::Sum { expected, found } => {
                write!(f, "the checksum of the message is {expected:#010x}, but the message has {found:#010x}")
            }
            Cause::Size { expected, found } => {
                write!(f, "the length of the message is {expected}, but the message has {found}")
            }
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Section::Header => "the gzip header",
            Section::ZlibHeader => "the zlib header",
            Section::Stream => "the Deflate stream",
            Section::Trailer => "the checksum and length after the stream",
            Section::ZlibTrailer => "the checksum after the stream",
        })
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Alphabet::CodeLengths => "code lengths",
            Alphabet::Literals => "literals and lengths",
            Alphabet::Distances => "distances",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn errors_are_sentences() {
        for (offset, cause, sentence) in [
            (20, Cause::Truncated(Section::Header), "at byte 20, the bytes end within the gzip header"),
            (0, Cause::NotGzip(*b"PK"), "at byte 0, the bytes are 50 4b, not the 1f 8b that begin a gzip member"),
            (
                49,
                Cause::Sum { expected: 1, found: 0xabcd },
                "at byte 49, the checksum of the message is 0x00000001, but the message has 0x0000abcd",
            ),
            (3, Cause::Incomplete(Alphabet::Literals), "at byte 3, the code for literals and lengths is incomplete"),
            (
                5,
                Cause::StoredLength(7, 0xfff9),
                "at byte 5, a stored block's length is 0x0007 with the complement 0xfff8, not 0xfff9",
            ),
        ] {
            assert_eq!(InflateError { offset, cause }.to_string(), sentence);
        }
    }
}
