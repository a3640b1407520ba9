//! Integers as bytes: a cursor that cannot run off the end, and the writers that match it.
//!
//! An integer of n bytes is stored with its least significant byte first (little-endian):
//!
//! ```text
//! value = b₀ + b₁·2⁸ + b₂·2¹⁶ + ...        0x1234 is stored as 34 12
//! ```
//!
//! Names state the order (`u16_le`), so that the calling code documents the file format. A read either succeeds as a
//! whole or returns `None` and leaves the cursor where it was: the caller knows the format and can describe the error.

use alloc::vec::Vec;

/// A cursor over borrowed bytes.
///
/// ```
/// use ossicle::bytes::endian::Reader;
///
/// let mut reader = Reader::new(&[0x34, 0x12, 0xff]);
/// assert_eq!(reader.u16_le(), Some(0x1234));
/// assert_eq!(reader.u16_le(), None);
/// assert_eq!((reader.position(), reader.remaining()), (2, 1));
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    length: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A cursor at the first of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { length: bytes.len(), rest: bytes }
    }

    /// The number of bytes before the cursor.
    pub fn position(&self) -> usize {
        self.length - self.rest.len()
    }

    /// The number of bytes after the cursor.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `n` bytes, or `None` if fewer remain.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(head)
    }

    /// The next `N` bytes as an array, or `None` if fewer remain.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*head)
    }

    /// Skips `n` bytes, or returns `None` and stays if fewer remain.
    #[must_use = "a skip past the end does not move the cursor"]
    pub fn skip(&mut self, n: usize) -> Option<()> {
        self.take(n).map(|_| ())
    }

    /// The next byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    /// The next two bytes, least significant first.
    pub fn u16_le(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// The next four bytes, least significant first.
    pub fn u32_le(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next eight bytes, least significant first.
    pub fn u64_le(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// Which end of an integer comes first, where a file says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The least significant byte.
    Little,
    /// The most significant byte.
    Big,
}

impl Order {
    /// The bytes of an integer stored in this order, least significant first.
    #[inline]
    pub fn to_little<const N: usize>(self, mut bytes: [u8; N]) -> [u8; N] {
        if self == Order::Big {
            bytes.reverse();
        }
        bytes
    }
}

/// Appends two bytes, least significant first.
pub fn put_u16_le(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends four bytes, least significant first.
pub fn put_u32_le(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends eight bytes, least significant first.
pub fn put_u64_le(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 15] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    #[test]
    fn the_first_byte_is_the_least_significant() {
        let mut reader = Reader::new(&BYTES);
        assert_eq!(reader.u8(), Some(0x01));
        assert_eq!(reader.u16_le(), Some(0x0302));
        assert_eq!(reader.u32_le(), Some(0x0706_0504));
        assert_eq!(reader.u64_le(), Some(0x0f0e_0d0c_0b0a_0908));
        assert_eq!(reader.u8(), None);
    }

    #[test]
    fn position_and_remaining_always_add_up_to_the_length() {
        let mut reader = Reader::new(&BYTES);
        for (n, position) in [(0, 0), (4, 4), (0, 4), (10, 14), (1, 15), (0, 15)] {
            assert_eq!(reader.skip(n), Some(()));
            assert_eq!(reader.position(), position);
            assert_eq!(reader.remaining(), BYTES.len() - position);
        }
    }

    #[test]
    fn a_read_past_the_end_leaves_the_cursor_where_it_was() {
        let mut reader = Reader::new(&BYTES);
        assert_eq!(reader.take(14), Some(&BYTES[..14]));
        assert_eq!(reader.u16_le(), None);
        assert_eq!(reader.u32_le(), None);
        assert_eq!(reader.u64_le(), None);
        assert_eq!(reader.take(2), None);
        assert_eq!(reader.skip(usize::MAX), None);
        assert_eq!(reader.array::<2>(), None);
        assert_eq!(reader.position(), 14);
        assert_eq!(reader.u8(), Some(15));
    }

    #[test]
    fn an_empty_slice_yields_nothing_but_nothing() {
        let mut reader = Reader::new(&[]);
        assert_eq!(reader.take(0), Some(&[][..]));
        assert_eq!(reader.u8(), None);
        assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn an_order_turns_bytes_around_or_leaves_them() {
        assert_eq!(u32::from_le_bytes(Order::Big.to_little([1, 2, 3, 4])), 0x0102_0304);
        assert_eq!(u32::from_le_bytes(Order::Little.to_little([1, 2, 3, 4])), 0x0403_0201);
    }

    #[test]
    fn what_is_put_is_what_is_read() {
        let mut bytes = Vec::new();
        put_u16_le(&mut bytes, 0x1234);
        put_u32_le(&mut bytes, 0x89ab_cdef);
        put_u64_le(&mut bytes, 0xfedc_ba98_7654_3210);
        assert_eq!(bytes[..6], [0x34, 0x12, 0xef, 0xcd, 0xab, 0x89]);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u16_le(), Some(0x1234));
        assert_eq!(reader.u32_le(), Some(0x89ab_cdef));
        assert_eq!(reader.u64_le(), Some(0xfedc_ba98_7654_3210));
        assert_eq!(reader.remaining(), 0);
    }
}
