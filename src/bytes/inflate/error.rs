//! All that can be wrong with a Deflate stream or a gzip file, and its words.

use core::fmt;

/// What is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InflateError {
    /// The byte that reading had come to, counted from 0.
    pub offset: usize,
    /// What is wrong there.
    pub cause: Cause,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The bytes end within this part.
    Truncated(Section),
    /// The message has more bytes than these, which are what the caller allows.
    TooLong(usize),
    /// A block is of kind 3, which there is not.
    BlockKind,
    /// The length of a stored block, and what should be its complement.
    StoredLength(u16, u16),
    /// A dynamic block has codes for more symbols than there are.
    TooManySymbols {
        /// Symbols of which kind.
        alphabet: Alphabet,
        /// How many there are.
        expected: usize,
        /// How many the block has.
        found: usize,
    },
    /// The code lengths of a dynamic block begin with a repetition, and there is nothing to repeat.
    NothingToRepeat,
    /// A repetition leads beyond the last of the code lengths.
    TooManyLengths {
        /// How many lengths the block announces.
        expected: usize,
        /// How many there would be.
        found: usize,
    },
    /// A dynamic block cannot end, since its end has no code.
    NoEnd,
    /// The codes are too many or too short: two symbols share a sequence of bits.
    OverSubscribed(Alphabet),
    /// The codes are too few or too long: some sequences of bits have no symbol.
    Incomplete(Alphabet),
    /// Bits that are no code.
    UnusedCode(Alphabet),
    /// This symbol has a code, but no meaning.
    UnusedSymbol(Alphabet, usize),
    /// Bytes from before the first are to be repeated.
    Distance {
        /// How many bytes there are so far.
        expected: usize,
        /// How many to go back.
        found: usize,
    },
    /// The stream is over, and so many bytes follow.
    Trailing(usize),
    /// Other bytes than 1f 8b where a member of a gzip file begins.
    NotGzip([u8; 2]),
    /// The gzip header names this method, which is not Deflate.
    Method(u8),
    /// Among these flags of the gzip header is one that is not known, and may change the meaning of what follows.
    Flags(u8),
    /// The gzip header's own checksum does not fit.
    HeaderSum {
        /// The checksum in the file.
        expected: u16,
        /// That of the header.
        found: u16,
    },
    /// The message's checksum does not fit.
    Sum {
        /// The checksum in the file.
        expected: u32,
        /// That of the message.
        found: u32,
    },
    /// The message's length does not fit.
    Size {
        /// The length in the file, modulo 2³².
        expected: u32,
        /// That of the message, modulo 2³².
        found: u32,
    },
}

/// A part of a gzip file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What comes before a stream.
    Header,
    /// The Deflate stream.
    Stream,
    /// What comes after a stream.
    Trailer,
}

/// What the symbols of a code stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Lengths of the codes of the other two.
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
            Section::Stream => "the Deflate stream",
            Section::Trailer => "the checksum and length after the stream",
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
