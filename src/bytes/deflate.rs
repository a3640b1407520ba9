//! Deflate: lossless compression, which PNG files require.
//!
//! It combines two ideas.
//!
//! **Say it once** (LZ77, Ziv and Lempel 1977). A sequence that occurred in the last 32768 bytes is not written again:
//! a pair (length, distance) says "copy `length` bytes, beginning `distance` bytes back". The length runs from 3 to
//! 258. It may exceed the distance: a run of 100 zeros is a zero and then (99, 1), since the copy reads bytes that it
//! has just written. A byte without an earlier match is written as it is and is called a literal.
//!
//! To find matches, each position is stored under a hash of its next three bytes and points to the previous position
//! with the same hash. Following this chain visits the nearest candidates first. The longest match is taken, and a
//! chain is followed for a few dozen links only.
//!
//! **Short words for common things** (Huffman 1952). Literals and lengths share one alphabet of 288 symbols, and
//! distances have one of 30. The code of a symbol has 5 to 9 bits, and no code is the beginning of another. Deflate can
//! send codes that suit the message; this encoder uses the fixed ones (RFC 1951, §3.2.6), so it is a few lines long and
//! writes the whole message as one block:
//!
//! | symbol | meaning | code |
//! | --- | --- | --- |
//! | 0-143 | literal | 8 bits from `00110000` |
//! | 144-255 | literal | 9 bits from `110010000` |
//! | 256 | end of the block | 7 bits, `0000000` |
//! | 257-279 | length 3-114 | 7 bits from `0000001` |
//! | 280-285 | length 115-258 | 8 bits from `11000000` |
//! | 0-29 | distance 1-32768 | 5 bits |
//!
//! A length or distance symbol stands for a range, and extra bits after it give the offset in the range. A message
//! without repetition grows by at most an eighth, since no literal takes more than 9 bits.
//!
//! Sources: RFC 1951 (Deflate), RFC 1950 (the zlib wrapper).

use alloc::vec;
use alloc::vec::Vec;

use super::checksum::adler32;

const SHORTEST_MATCH: usize = 3;
const LONGEST_MATCH: usize = 258;
/// The largest distance; a power of two, so that a position's index in a ring is a mask.
const WINDOW: usize = 32768;
/// The number of candidates that are compared before the longest match so far is taken.
const CHAIN_LINKS: usize = 48;
const HASH_BITS: u32 = 15;

pub(super) const END_OF_BLOCK: u16 = 256;

/// (least length, extra bits) of the symbols 257, 258, … (RFC 1951, §3.2.5).
#[rustfmt::skip]
pub(super) const LENGTHS: [(usize, u32); 29] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0),
    (11, 1), (13, 1), (15, 1), (17, 1), (19, 2), (23, 2), (27, 2), (31, 2),
    (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4),
    (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
];

/// (least distance, extra bits) of the symbols 0, 1, … (RFC 1951, §3.2.5).
#[rustfmt::skip]
pub(super) const DISTANCES: [(usize, u32); 30] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3),
    (33, 4), (49, 4), (65, 5), (97, 5), (129, 6), (193, 6), (257, 7), (385, 7),
    (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10), (3073, 10),
    (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13), (24577, 13),
];

/// `bytes` as a zlib stream (RFC 1950): two bytes of header, the deflated message, its Adler-32.
#[must_use]
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    // Method 8 with a window of 2^(7+8) bytes; no dictionary, lowest effort; a multiple of 31.
    let mut stream = vec![0x78, 0x01];
    stream.extend(deflate(bytes));
    stream.extend(adler32(bytes).to_be_bytes());
    stream
}

/// `bytes` as a bare Deflate stream (RFC 1951), as zip and gzip hold it: one block of fixed codes.
#[must_use]
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut output = BitWriter::default();
    output.bits(1, 1); // this block is the last
    output.bits(0b01, 2); // and it uses the fixed codes

    let mut chains = Chains::new();
    let mut at = 0;
    while at < bytes.len() {
        let step = match chains.longest_match(bytes, at) {
            Some(found) => {
                output.match_(found);
                found.length
            }
            None => {
                output.symbol(u16::from(bytes[at]));
                1
            }
        };
        for passed in at..at + step {
            chains.insert(bytes, passed);
        }
        at += step;
    }

    output.symbol(END_OF_BLOCK);
    output.finish()
}

/// The bytes from here on repeat those `distance` bytes back, for `length` bytes.
#[derive(Clone, Copy)]
struct Match {
    length: usize,
    distance: usize,
}

/// Earlier positions by the hash of their next three bytes. A position is stored plus one; 0 is none.
struct Chains {
    /// The latest position of each hash.
    latest: Vec<usize>,
    /// A ring over the window: for each position, the previous one with the same hash.
    before: Vec<usize>,
}

impl Chains {
    fn new() -> Self {
        Chains { latest: vec![0; 1 << HASH_BITS], before: vec![0; WINDOW] }
    }

    /// The index in `latest` of the three bytes at `at`; none if fewer remain.
    fn hash(bytes: &[u8], at: usize) -> Option<usize> {
        let three = bytes.get(at..at + SHORTEST_MATCH)?;
        let key = three.iter().fold(0, |key, &byte| (key << 8) | u32::from(byte));
        // Knuth's multiplicative hashing: 2³² over the golden ratio, and the highest bits.
        Some((key.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize)
    }

    fn insert(&mut self, bytes: &[u8], at: usize) {
        if let Some(hash) = Self::hash(bytes, at) {
            self.before[at % WINDOW] = self.latest[hash];
            self.latest[hash] = at + 1;
        }
    }

    /// The longest match among the nearest candidates; of equally long ones the nearest, whose distance takes the
    /// fewest bits.
    fn longest_match(&self, bytes: &[u8], at: usize) -> Option<Match> {
        let limit = LONGEST_MATCH.min(bytes.len() - at);
        let mut best = None;
        let mut best_length = SHORTEST_MATCH - 1;
        let mut candidate = self.latest[Self::hash(bytes, at)?];
        for _ in 0..CHAIN_LINKS {
            // A slot of the ring is overwritten after WINDOW positions, exactly when its position is too far back.
            if candidate == 0 || at - (candidate - 1) > WINDOW {
                break;
            }
            let start = candidate - 1;
            let length = (0..limit).take_while(|&i| bytes[start + i] == bytes[at + i]).count();
            if length > best_length {
                best_length = length;
                let distance = at - start;
                best = Some(Match { length, distance });
                if length == limit {
                    break;
                }
            }
            candidate = self.before[start % WINDOW];
        }
        best
    }
}

/// Bits in the order of RFC 1951, §3.1.1: each byte is filled from its lowest bit.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u32,
    pending_bits: u32,
}

impl BitWriter {
    /// Writes the lowest `count` ≤ 16 bits of `value`, lowest first; its other bits are 0.
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        self.pending |= value << self.pending_bits;
        self.pending_bits += count;
        while self.pending_bits >= 8 {
            let [lowest, ..] = self.pending.to_le_bytes();
            self.bytes.push(lowest);
            self.pending >>= 8;
            self.pending_bits -= 8;
        }
    }

    /// Writes a code. Codes, unlike integers, are stored highest bit first.
    pub(super) fn code(&mut self, code: u32, count: u32) {
        self.bits(code.reverse_bits() >> (32 - count), count);
    }

    /// A symbol of the alphabet of literals and lengths, by its fixed code.
    fn symbol(&mut self, symbol: u16) {
        let s = u32::from(symbol);
        match symbol {
            0..144 => self.code(0b0011_0000 + s, 8),
            144..256 => self.code(0b1_1001_0000 + (s - 144), 9),
            256..280 => self.code(s - 256, 7),
            _ => self.code(0b1100_0000 + (s - 280), 8),
        }
    }

    fn match_(&mut self, found: Match) {
        let (index, rest, extra) = range_of(&LENGTHS, found.length);
        self.symbol(257 + index as u16);
        self.bits(rest, extra);
        let (index, rest, extra) = range_of(&DISTANCES, found.distance);
        self.code(index as u32, 5);
        self.bits(rest, extra);
    }

    /// The bytes, with zeros in the unused bits of the last one.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.pending_bits > 0 {
            self.bits(0, 8 - self.pending_bits);
        }
        self.bytes
    }
}

/// The range that holds `value`: its index, how far `value` is into it, and its extra bits.
fn range_of(ranges: &[(usize, u32)], value: usize) -> (usize, u32, u32) {
    let index = ranges.partition_point(|&(least, _)| least <= value) - 1;
    let (least, extra) = ranges[index];
    (index, (value - least) as u32, extra)
}

#[cfg(test)]
mod tests {
    use super::super::inflate::unzlib;
    use super::*;

    fn assert_comes_back(bytes: &[u8]) {
        assert!(unzlib(&zlib(bytes), bytes.len()).unwrap() == bytes, "{} bytes", bytes.len());
    }

    fn noise(length: usize, mut state: u64) -> Vec<u8> {
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    /// `inflate` uses the same tables, so this test computes them independently.
    #[test]
    fn each_range_begins_where_the_one_before_ends() {
        for (ranges, first, per_extra) in [(&LENGTHS[..28], 3, 4), (&DISTANCES[..], 1, 2)] {
            let mut next = first;
            for (index, &(least, extra)) in ranges.iter().enumerate() {
                assert_eq!((least, extra), (next, (index / per_extra).saturating_sub(1) as u32));
                next += 1 << extra;
            }
            assert_eq!(next, if first == 3 { 259 } else { WINDOW + 1 });
        }
        // Length 258 has a symbol of its own, although the range before would include it.
        assert_eq!(LENGTHS[28], (258, 0));
        assert_eq!(range_of(&LENGTHS, LONGEST_MATCH), (28, 0, 0));
    }

    #[test]
    fn short_messages_have_the_known_bytes() {
        assert_eq!(zlib(b""), [0x78, 1, 3, 0, 0, 0, 0, 1]);
        assert_eq!(zlib(b"a"), [0x78, 1, 0x4B, 4, 0, 0, 0x62, 0, 0x62]);
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_comes_back(&all);
        for byte in all {
            assert_comes_back(&[byte]);
        }
    }

    #[test]
    fn runs_of_every_length_come_back() {
        for length in 0..800 {
            assert_comes_back(&vec![200; length]);
        }
        assert_comes_back(&vec![0; 100_000]);
    }

    #[test]
    fn every_length_of_match_comes_back() {
        let unit = noise(LONGEST_MATCH, 1);
        for length in SHORTEST_MATCH..=LONGEST_MATCH {
            let mut bytes = unit.clone();
            bytes.extend_from_slice(&unit[..length]);
            assert_comes_back(&bytes);
        }
    }

    #[test]
    fn distances_around_every_range_come_back() {
        for (least, _) in DISTANCES {
            for distance in [least.max(2) - 1, least, least + 1] {
                let unit = noise(distance, 2);
                let mut bytes = unit.clone();
                bytes.extend_from_slice(&unit[..distance.min(20)]);
                assert_comes_back(&bytes);
            }
        }
    }

    #[test]
    fn the_longest_match_is_taken_and_of_equal_ones_the_nearest() {
        let bytes = b"abcd-abc-abc+abcd";
        let match_at = |at| {
            let mut chains = Chains::new();
            (0..at).for_each(|before| chains.insert(bytes, before));
            let found = chains.longest_match(bytes, at).unwrap();
            (found.length, found.distance)
        };
        assert_eq!(match_at(9), (3, 4));
        assert_eq!(match_at(13), (4, 13));
    }

    #[test]
    fn a_match_reaches_back_by_the_whole_window_and_no_further() {
        let once = |length| zlib(&noise(length, 3)).len();
        let twice = |length| zlib(&noise(length, 3).repeat(2)).len();
        assert!(twice(WINDOW) < once(WINDOW) + 600);
        assert!(twice(WINDOW + 1) > 2 * once(WINDOW + 1) - 1000);
        assert_comes_back(&noise(WINDOW, 3).repeat(3));
        assert_comes_back(&noise(WINDOW + 1, 3).repeat(3));
    }

    #[test]
    fn noise_comes_back_and_grows_by_at_most_an_eighth() {
        for length in [2, 3, 4, 100, 1000, 200_000] {
            let bytes = noise(length, 4);
            assert_comes_back(&bytes);
            assert!(zlib(&bytes).len() <= length + length / 8 + 9);
        }
    }

    #[test]
    fn few_letters_come_back_and_shrink() {
        let bytes: Vec<u8> = noise(300_000, 5).iter().map(|byte| byte % 3).collect();
        assert_comes_back(&bytes);
        assert!(zlib(&bytes).len() < bytes.len() / 2);
    }
}
