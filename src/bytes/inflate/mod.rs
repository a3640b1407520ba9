//! Inflate: decompression of Deflate streams, gzip files and zlib streams.
//!
//! Our encoder, [`deflate`](super::deflate), writes one block of fixed codes, but a decoder must read all that other
//! encoders write. A stream is a sequence of blocks. Bits are read from the lowest of each byte on. Each block begins
//! with three bits: the first is set in the last block, and the other two are the kind:
//!
//! | kind | block | contents |
//! | --- | --- | --- |
//! | 0 | stored | the rest of the byte is skipped; a length n and its complement, 16 bits each; n bytes |
//! | 1 | fixed | symbols, in the codes that `deflate` lists |
//! | 2 | dynamic | two codes, made for this block; symbols in these |
//!
//! Symbols are literals, lengths (each followed by a distance), and the end of the block, as in `deflate`. A code is
//! sent as the lengths of its symbols' codes (`code` shows that they determine it), and these lengths are encoded with
//! a third code. So a dynamic block begins with the sizes of its codes:
//!
//! ```text
//! 5 bits + 257    literals and lengths, up to 286
//! 5 bits + 1      distances, up to 30
//! 4 bits + 4      symbols of the code of code lengths, up to 19
//! ```
//!
//! The lengths of the code of code lengths follow in 3 bits each, in the order of `ORDER`, the most used first. Then
//! follow, in that code, the lengths of the other two codes as one sequence:
//!
//! | symbol | meaning |
//! | --- | --- |
//! | 0-15 | this length; 0 is that of a symbol that does not occur |
//! | 16 | the length before, 3-6 times more (2 extra bits) |
//! | 17 | 0, 3-10 times (3 extra bits) |
//! | 18 | 0, 11-138 times (7 extra bits) |
//!
//! A stream of n bytes can hold a message of 1032·n bytes. So the caller limits the size of the message, and memory
//! grows with the message, not with the claim of a header.
//!
//! Reading order: `code` decodes a symbol, this file a stream, `gzip` a file, `zlib` a stream inside another format;
//! `error` lists the errors.
//!
//! Source: RFC 1951.

mod code;
mod error;
mod gzip;
#[cfg(test)]
mod tests;
mod zlib;

pub use error::{Alphabet, Cause, InflateError, Section};
pub use gzip::{GZIP, gunzip, gunzip_start};
pub use zlib::unzlib;

use alloc::vec::Vec;
use code::{Code, LONGEST};

use super::deflate::{DISTANCES, END_OF_BLOCK, LENGTHS};

/// The number of symbols of literals and lengths with a meaning.
const LITERAL_SYMBOLS: usize = 286;
/// The number of symbols of distances with a meaning.
const DISTANCE_SYMBOLS: usize = 30;

/// The order in which the lengths of the code of code lengths are sent (RFC 1951, §3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The message of a bare Deflate stream, of at most `most` bytes.
///
/// ```
/// use ossicle::bytes::deflate::deflate;
/// use ossicle::bytes::inflate::{InflateError, inflate};
///
/// assert_eq!(inflate(&deflate(b"hammer, anvil, stirrup"), 100)?, b"hammer, anvil, stirrup");
/// # Ok::<(), InflateError>(())
/// ```
///
/// # Errors
/// If the bytes are not one Deflate stream from the first to the last, or the message is longer than allowed.
pub fn inflate(bytes: &[u8], most: usize) -> Result<Vec<u8>, InflateError> {
    let mut out = Vec::new();
    let offset = append(bytes, 0, &mut out, most)?;
    match bytes.len() - offset {
        0 => Ok(out),
        rest => Err(InflateError { offset, cause: Cause::Trailing(rest) }),
    }
}

/// Appends the message of the stream that begins at byte `from`, and returns the number of bytes in the stream. `out`
/// may grow to `most` bytes.
fn append(bytes: &[u8], from: usize, out: &mut Vec<u8>, most: usize) -> Result<usize, InflateError> {
    let bits = Bits { bytes, at: from, pending: 0, count: 0 };
    let mut inflater = Inflater { bits, start: out.len(), out, most };
    match inflater.blocks() {
        Ok(()) => Ok(inflater.bits.offset() - from),
        Err(cause @ Cause::Truncated(_)) => Err(InflateError { offset: bytes.len(), cause }),
        Err(cause) => Err(InflateError { offset: inflater.bits.offset(), cause }),
    }
}

struct Inflater<'a> {
    bits: Bits<'a>,
    out: &'a mut Vec<u8>,
    /// The index in `out` at which this stream's message begins.
    start: usize,
    /// The greatest length of `out`.
    most: usize,
}

impl Inflater<'_> {
    /// All blocks, and the rest of the last byte.
    fn blocks(&mut self) -> Result<(), Cause> {
        let mut fixed = None;
        loop {
            let last = self.bits.number(1)? == 1;
            match self.bits.number(2)? {
                0 => self.stored()?,
                1 => {
                    let (literals, distances) = match &fixed {
                        Some(codes) => codes,
                        None => fixed.insert(fixed_codes()?),
                    };
                    self.symbols(literals, distances)?;
                }
                2 => {
                    let (literals, distances) = self.bits.codes()?;
                    self.symbols(&literals, &distances)?;
                }
                _ => return Err(Cause::BlockKind),
            }
            if last {
                self.bits.align();
                return Ok(());
            }
        }
    }

    /// A stored block.
    fn stored(&mut self) -> Result<(), Cause> {
        self.bits.align();
        let (length, complement) = (self.bits.number(16)? as u16, self.bits.number(16)? as u16);
        if length != !complement {
            return Err(Cause::StoredLength(length, complement));
        }
        let length = usize::from(length);
        let offset = self.bits.offset();
        let stored = self.bits.bytes[offset..].get(..length).ok_or(Cause::Truncated(Section::Stream))?;
        self.room_for(length)?;
        self.out.extend_from_slice(stored);
        self.bits = Bits { at: offset + length, pending: 0, count: 0, ..self.bits };
        Ok(())
    }

    /// A block of symbols, up to its end.
    fn symbols(&mut self, literals: &Code, distances: &Code) -> Result<(), Cause> {
        loop {
            let symbol = self.bits.symbol(literals)?;
            if let Ok(literal) = u8::try_from(symbol) {
                self.room_for(1)?;
                self.out.push(literal);
                continue;
            }
            if symbol == END_OF_BLOCK {
                return Ok(());
            }
            let length = self.bits.within(&LENGTHS, symbol - (END_OF_BLOCK + 1));
            let length = length?.ok_or(Cause::UnusedSymbol(Alphabet::Literals, symbol.into()))?;
            let symbol = self.bits.symbol(distances)?;
            let distance = self.bits.within(&DISTANCES, symbol);
            let distance = distance?.ok_or(Cause::UnusedSymbol(Alphabet::Distances, symbol.into()))?;
            self.repeat(length, distance)?;
        }
    }

    /// Appends the `length` bytes that begin `distance` bytes back.
    fn repeat(&mut self, length: usize, distance: usize) -> Result<(), Cause> {
        let so_far = self.out.len() - self.start;
        if distance > so_far {
            return Err(Cause::Distance { expected: so_far, found: distance });
        }
        self.room_for(length)?;
        let from = self.out.len() - distance;
        let mut left = length;
        while left > 0 {
            // A length beyond the distance repeats bytes that it has just written: each copy doubles them.
            let there = left.min(self.out.len() - from);
            self.out.extend_from_within(from..from + there);
            left -= there;
        }
        Ok(())
    }

    fn room_for(&self, more: usize) -> Result<(), Cause> {
        if more > self.most - self.out.len() { Err(Cause::TooLong(self.most)) } else { Ok(()) }
    }
}

/// A cursor over bits.
struct Bits<'a> {
    bytes: &'a [u8],
    /// The first byte that is not in `pending`.
    at: usize,
    /// The next bits, lowest first; above them are zeros.
    pending: u64,
    /// The number of pending bits.
    count: u32,
}

impl Bits<'_> {
    /// The byte of the next bit.
    fn offset(&self) -> usize {
        self.at - self.count.div_ceil(8) as usize
    }

    /// Reads bytes until at least 57 bits are pending, or all that remain.
    fn fill(&mut self) {
        while self.count <= 56
            && let Some(&byte) = self.bytes.get(self.at)
        {
            self.pending |= u64::from(byte) << self.count;
            self.count += 8;
            self.at += 1;
        }
    }

    /// Removes pending bits.
    fn pass(&mut self, count: u32) -> Result<(), Cause> {
        self.count = self.count.checked_sub(count).ok_or(Cause::Truncated(Section::Stream))?;
        self.pending >>= count;
        Ok(())
    }

    /// Skips the rest of a partly read byte.
    fn align(&mut self) {
        self.pending >>= self.count % 8;
        self.count -= self.count % 8;
    }

    /// The next `count` <= 16 bits as an integer, lowest first.
    fn number(&mut self, count: u32) -> Result<usize, Cause> {
        if self.count < count {
            self.fill();
        }
        let number = self.pending & ((1 << count) - 1);
        self.pass(count)?;
        Ok(number as usize)
    }

    /// The next symbol of a code.
    #[inline(always)]
    fn symbol(&mut self, code: &Code) -> Result<u16, Cause> {
        if self.count < LONGEST as u32 {
            self.fill();
        }
        let (symbol, length) = code.find(self.pending).ok_or(Cause::UnusedCode(code.alphabet))?;
        self.pass(length)?;
        Ok(symbol)
    }

    /// A value in the range with this index: its least value plus the extra bits. `None` if there is no such range.
    fn within(&mut self, ranges: &[(usize, u32)], index: u16) -> Result<Option<usize>, Cause> {
        let Some(&(least, extra)) = ranges.get(usize::from(index)) else { return Ok(None) };
        Ok(Some(least + self.number(extra)?))
    }

    /// The codes at the start of a dynamic block.
    fn codes(&mut self) -> Result<(Code, Code), Cause> {
        let literals = 257 + self.number(5)?;
        let distances = 1 + self.number(5)?;
        let sent = 4 + self.number(4)?;
        for (alphabet, expected, found) in
            [(Alphabet::Literals, LITERAL_SYMBOLS, literals), (Alphabet::Distances, DISTANCE_SYMBOLS, distances)]
        {
            if found > expected {
                return Err(Cause::TooManySymbols { alphabet, expected, found });
            }
        }
        let mut lengths = [0; ORDER.len()];
        for &symbol in &ORDER[..sent] {
            lengths[symbol] = self.number(3)? as u8;
        }
        let code = Code::new(Alphabet::CodeLengths, &lengths)?;

        let mut lengths = [0; LITERAL_SYMBOLS + DISTANCE_SYMBOLS];
        let (mut filled, expected) = (0, literals + distances);
        while filled < expected {
            let (length, times) = match self.symbol(&code)? {
                symbol @ 0..16 => (symbol as u8, 1),
                16 if filled == 0 => return Err(Cause::NothingToRepeat),
                16 => (lengths[filled - 1], 3 + self.number(2)?),
                17 => (0, 3 + self.number(3)?),
                _ => (0, 11 + self.number(7)?),
            };
            let found = filled + times;
            if found > expected {
                return Err(Cause::TooManyLengths { expected, found });
            }
            lengths[filled..found].fill(length);
            filled = found;
        }

        let (literals, distances) = lengths[..expected].split_at(literals);
        if literals[usize::from(END_OF_BLOCK)] == 0 {
            return Err(Cause::NoEnd);
        }
        Ok((Code::new(Alphabet::Literals, literals)?, Code::new(Alphabet::Distances, distances)?))
    }
}

/// The codes of a fixed block (RFC 1951, §3.2.6). Each has two symbols without a meaning, which make it complete.
fn fixed_codes() -> Result<(Code, Code), Cause> {
    let mut lengths = [8; LITERAL_SYMBOLS + 2];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    Ok((Code::new(Alphabet::Literals, &lengths)?, Code::new(Alphabet::Distances, &[5; DISTANCE_SYMBOLS + 2])?))
}
