//! The digest: a 64-bit hash of a sequence of bytes, FNV-1a.
//!
//! Two runs that should agree to the last bit can be compared by one number each, and that number fits in a test.
//! FNV-1a takes one exclusive or (⊕) and one product modulo 2⁶⁴ for each byte b:
//!
//! ```text
//! h₀   = 14695981039346656037 = cbf29ce484222325₁₆
//! hᵢ₊₁ = (hᵢ ⊕ bᵢ) · p,       p = 2⁴⁰ + 2⁸ + b3₁₆
//! ```
//!
//! Since p is odd, a step can be undone: changing one byte always changes the digest. The digest detects accidents. It
//! is no protection against somebody who constructs two inputs with one digest.
//!
//! The digest sees only bytes. A caller that hashes floating-point numbers chooses their byte order (little-endian in
//! this crate) and first replaces every NaN with the same one, since the sign and payload of a NaN may differ between
//! machines.
//!
//! Source: G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, "The FNV Non-Cryptographic Hash Algorithm" (test vectors
//! included).

use alloc::format;
use alloc::string::String;

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = (1 << 40) + (1 << 8) + 0xb3;

/// A running 64-bit FNV-1a digest.
///
/// ```
/// use ossicle::bytes::digest::Digest;
///
/// let mut digest = Digest::new();
/// digest.bytes(b"foo");
/// digest.bytes(b"bar");
/// assert_eq!(digest.hex(), "85944171f73967e8");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    state: u64,
}

impl Digest {
    /// The digest of no bytes at all.
    pub fn new() -> Self {
        Digest { state: OFFSET_BASIS }
    }

    /// Appends `bytes` to the sequence. Its division into calls makes no difference.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = (self.state ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }

    /// The digest of the sequence so far. More may follow.
    pub fn finish(&self) -> u64 {
        self.state
    }

    /// [`Digest::finish`] as sixteen lowercase hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.state)
    }
}

impl Default for Digest {
    fn default() -> Self {
        Digest::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(bytes: &[u8]) -> Digest {
        let mut digest = Digest::new();
        digest.bytes(bytes);
        digest
    }

    #[test]
    fn the_published_test_vectors_hold() {
        assert_eq!(digest(b"").finish(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest(b"a").finish(), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(digest(b"foobar").finish(), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_offset_basis_in_decimal_is_the_published_one() {
        assert_eq!(OFFSET_BASIS, 14_695_981_039_346_656_037);
    }

    #[test]
    fn the_cut_between_calls_makes_no_difference() {
        let text = b"malleus, incus, stapes";
        for cut in 0..=text.len() {
            let mut parts = Digest::new();
            parts.bytes(&text[..cut]);
            parts.bytes(&text[cut..]);
            assert_eq!(parts, digest(text), "cut at {cut}");
        }
    }

    #[test]
    fn a_change_of_one_byte_always_changes_the_digest() {
        let original = *b"cochlea";
        for position in 0..original.len() {
            for change in 1..=255 {
                let mut changed = original;
                changed[position] ^= change;
                assert_ne!(digest(&changed), digest(&original));
            }
        }
    }

    #[test]
    fn hex_keeps_leading_zeros() {
        assert_eq!(Digest { state: 0x2a }.hex(), "000000000000002a");
        assert_eq!(Digest::default().hex(), "cbf29ce484222325");
    }
}
