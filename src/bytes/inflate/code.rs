//! Huffman codes: a decoder for the code that is given by the lengths of its codes.
//!
//! Of all codes with given lengths, Deflate uses the canonical one: shorter codes come first, codes of one length
//! follow the order of their symbols, and each code is the one before it plus one, with zeros appended where the length
//! grows. Symbols A B C D of lengths 2 1 3 3:
//!
//! ```text
//! B 0    A 10    C 110    D 111              first(l+1) = 2·(first(l) + count(l))
//! ```
//!
//! So a decoder needs the number of codes of each length, and the symbols in this order: it reads bit after bit,
//! highest first, until the number so far is less than first(l) + count(l).
//!
//! A code of l bits takes 2⁻ˡ of all sequences of bits. If the sum Σ count(l)·2⁻ˡ is above 1, the code is
//! over-subscribed, and two symbols would share a sequence. If it is below 1, the code is incomplete, and some sequence
//! has no symbol. Both are errors, except for distances, of which there may be none, or only one, of one bit (RFC 1951,
//! §3.2.7).
//!
//! Most codes in a stream are short. A table maps the next 9 bits to the symbol whose code they begin with; only a
//! longer code is decoded bit by bit.
//!
//! Sources: RFC 1951, §3.2.2; M. Adler, puff.c (decoding by counts).

use super::error::{Alphabet, Cause};

/// The bits of the longest code.
pub(super) const LONGEST: usize = 15;
/// The number of bits that index the table.
const TABLE_BITS: usize = 9;
/// The largest number of symbols: that of the fixed code for literals and lengths.
const MOST_SYMBOLS: usize = 288;

/// The canonical code of given lengths.
pub(super) struct Code {
    pub(super) alphabet: Alphabet,
    /// The number of codes of each length; none has length 0.
    counts: [u16; LONGEST + 1],
    /// The symbols in the order of their codes.
    symbols: [u16; MOST_SYMBOLS],
    /// For the next bits, lowest first: 16·symbol + length, or 0 if no code of up to `TABLE_BITS` begins them.
    table: [u16; 1 << TABLE_BITS],
}

impl Code {
    /// The code in which symbol i has `lengths[i]` bits, or does not occur if that is 0.
    pub(super) fn new(alphabet: Alphabet, lengths: &[u8]) -> Result<Code, Cause> {
        let occurring =
            || lengths.iter().map(|&length| usize::from(length)).enumerate().filter(|&(_, length)| length > 0);
        let mut counts = [0; LONGEST + 1];
        for (_, length) in occurring() {
            counts[length] += 1;
        }
        // Of the 2^l sequences of l bits, those that begin with no code.
        let mut free = 1;
        for &count in &counts[1..] {
            free = 2 * free - i32::from(count);
            if free < 0 {
                return Err(Cause::OverSubscribed(alphabet));
            }
        }
        let at_most_one = counts[1] <= 1 && counts[2..].iter().all(|&count| count == 0);
        if free > 0 && !(at_most_one && alphabet == Alphabet::Distances) {
            return Err(Cause::Incomplete(alphabet));
        }

        let mut next = [0; LONGEST + 1];
        for length in 1..LONGEST {
            next[length + 1] = next[length] + usize::from(counts[length]);
        }
        let mut symbols = [0; MOST_SYMBOLS];
        for (symbol, length) in occurring() {
            symbols[next[length]] = symbol as u16;
            next[length] += 1;
        }

        let mut table = [0; 1 << TABLE_BITS];
        let (mut code, mut index) = (0_u16, 0);
        for length in 1..=TABLE_BITS {
            code <<= 1;
            for _ in 0..counts[length] {
                // The code's highest bit comes first, so it is the lowest here; any bits may follow.
                let first = usize::from(code.reverse_bits() >> (16 - length));
                for place in table[first..].iter_mut().step_by(1 << length) {
                    *place = symbols[index] << 4 | length as u16;
                }
                code += 1;
                index += 1;
            }
        }
        Ok(Code { alphabet, counts, symbols, table })
    }

    /// The symbol whose code begins these bits (lowest first), and the length of the code.
    #[inline(always)]
    pub(super) fn find(&self, bits: u64) -> Option<(u16, u32)> {
        match self.table[bits as usize % (1 << TABLE_BITS)] {
            0 => self.search(bits),
            entry => Some((entry >> 4, u32::from(entry & 15))),
        }
    }

    /// The same bit by bit: the definition.
    fn search(&self, bits: u64) -> Option<(u16, u32)> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for length in 1..=LONGEST {
            let count = usize::from(self.counts[length]);
            code = code << 1 | (bits >> (length - 1)) as usize & 1;
            if code < first + count {
                return Some((self.symbols[index + code - first], length as u32));
            }
            index += count;
            first = (first + count) << 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(lengths: &[u8]) -> Code {
        Code::new(Alphabet::Distances, lengths).unwrap()
    }

    #[test]
    fn the_example_of_the_rfc_has_its_codes() {
        let lengths = [3, 3, 3, 3, 3, 2, 4, 4];
        for (symbol, expected) in [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111_u64].into_iter().enumerate()
        {
            let length = u32::from(lengths[symbol]);
            let bits = expected.reverse_bits() >> (64 - length);
            assert_eq!(code(&lengths).find(bits), Some((symbol as u16, length)));
        }
    }

    #[test]
    fn the_table_agrees_with_the_search_bit_by_bit() {
        let every_length = [15, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
        let fixed = [&[8; 144][..], &[9; 112], &[7; 24], &[8; 8]].concat();
        for lengths in [&every_length[..], &[2, 1, 3, 3], &[0, 0, 1], &[], &[5; 32], &fixed] {
            let code = code(lengths);
            let mut found = 0;
            for bits in 0..1 << LONGEST {
                assert_eq!(code.find(bits), code.search(bits));
                // Each code occurs exactly once with only zeros after it.
                found += code.search(bits).map_or(0, |(_, length)| usize::from(bits >> length == 0));
            }
            assert_eq!(found, lengths.iter().filter(|&&length| length > 0).count());
        }
    }

    #[test]
    fn codes_that_are_not_complete_are_errors() {
        let cause = |alphabet, lengths: &[u8]| Code::new(alphabet, lengths).err();
        for alphabet in [Alphabet::CodeLengths, Alphabet::Literals, Alphabet::Distances] {
            assert_eq!(cause(alphabet, &[1, 1]), None);
            assert_eq!(cause(alphabet, &[1, 1, 15]), Some(Cause::OverSubscribed(alphabet)));
            assert_eq!(cause(alphabet, &[1, 1, 1]), Some(Cause::OverSubscribed(alphabet)));
            assert_eq!(cause(alphabet, &[15; 288]), Some(Cause::Incomplete(alphabet)));
            assert_eq!(cause(alphabet, &[1, 2]), Some(Cause::Incomplete(alphabet)));
            assert_eq!(cause(alphabet, &[0, 2]), Some(Cause::Incomplete(alphabet)));
            let few = (alphabet != Alphabet::Distances).then_some(Cause::Incomplete(alphabet));
            assert_eq!(cause(alphabet, &[0, 1]), few);
            assert_eq!(cause(alphabet, &[0, 0]), few);
        }
    }
}
