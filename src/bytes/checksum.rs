//! Checksums: CRC-32 and Adler-32, 32 bits each, by which a reader detects damaged bytes.
//!
//! **CRC-32** reads the message as a polynomial M(x) whose coefficients are bits. It is the remainder of a division in
//! which addition is exclusive or:
//!
//! ```text
//! crc = M(x)·x³² mod G(x)
//! G(x) = x³² + x²⁶ + x²³ + x²² + x¹⁶ + x¹² + x¹¹ + x¹⁰ + x⁸ + x⁷ + x⁵ + x⁴ + x² + x + 1
//! ```
//!
//! The lowest bit of each byte comes first, so G is written here with its bits reversed: 0xEDB88320. The register
//! starts with all bits set and is inverted at the end; from a register of zeros, zeros in front of a message would
//! change nothing. gzip and PNG use CRC-32.
//!
//! **Adler-32** is two sums modulo 65521, the largest prime below 2¹⁶. Over bytes d₁ … dₙ,
//!
//! ```text
//! a = 1 + d₁ + d₂ + … + dₙ                  mod 65521
//! b = n + n·d₁ + (n-1)·d₂ + … + 1·dₙ        mod 65521      (the sum of all values of a)
//! adler = b·65536 + a
//! ```
//!
//! A zlib stream ends with its Adler-32.
//!
//! Sources: IEEE 802.3 (the polynomial); RFC 1952 §8 and the PNG specification, annex D (CRC-32 with the table of 256
//! remainders); RFC 1950 §8.2 and §9 (Adler-32).

/// G(x) without its leading term, bits reversed: the coefficient of x³¹ is the lowest bit.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// `REMAINDERS[v]` is the remainder after the byte `v` has gone through eight steps of the division.
const REMAINDERS: [u32; 256] = remainders();

const fn remainders() -> [u32; 256] {
    let mut table = [0; 256];
    let mut value = 0;
    while value < 256 {
        let mut remainder = value as u32;
        let mut bit = 0;
        while bit < 8 {
            let carry = remainder & 1 == 1;
            remainder >>= 1;
            if carry {
                remainder ^= POLYNOMIAL;
            }
            bit += 1;
        }
        table[value] = remainder;
        value += 1;
    }
    table
}

/// CRC-32 of `bytes`, as in IEEE 802.3, gzip and PNG; 0 for no bytes.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut register = u32::MAX;
    for &byte in bytes {
        let [lowest, ..] = register.to_le_bytes();
        register = (register >> 8) ^ REMAINDERS[usize::from(lowest ^ byte)];
    }
    !register
}

/// Both sums of Adler-32 are taken modulo this prime.
const ADLER_PRIME: u32 = 65521;

/// The number of bytes that can be added before the sums are reduced: the largest n for which b, at most
/// (n+1)·(65521-1) + 255·n(n+1)/2, stays below 2³² (RFC 1950, §9).
const ADLER_RUN: usize = 5552;

/// Adler-32 of `bytes`, as at the end of a zlib stream; 1 for no bytes.
#[must_use]
pub fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1, 0);
    for run in bytes.chunks(ADLER_RUN) {
        for &byte in run {
            a += u32::from(byte);
            b += a;
        }
        a %= ADLER_PRIME;
        b %= ADLER_PRIME;
    }
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// The division bit by bit, as the definition has it.
    fn crc32_by_bits(bytes: &[u8]) -> u32 {
        let mut register = u32::MAX;
        for byte in bytes {
            for bit in 0..8 {
                let carry = (register ^ u32::from(byte >> bit)) & 1;
                register = (register >> 1) ^ (carry * POLYNOMIAL);
            }
        }
        !register
    }

    /// The two sums as in the head, in 64 bits.
    fn adler32_by_sums(bytes: &[u8]) -> u64 {
        let n = bytes.len() as u64;
        let (mut a, mut b) = (1, n);
        for (i, &byte) in bytes.iter().enumerate() {
            a += u64::from(byte);
            b += (n - i as u64) * u64::from(byte);
        }
        (b % 65521) * 65536 + a % 65521
    }

    #[test]
    fn the_reversed_polynomial_has_the_terms_of_the_standard() {
        let terms = [26, 23, 22, 16, 12, 11, 10, 8, 7, 5, 4, 2, 1, 0];
        let written = terms.iter().fold(0_u32, |sum, &term| sum | (1 << term));
        assert_eq!(written.reverse_bits(), POLYNOMIAL);
    }

    #[test]
    fn crc32_agrees_with_published_values() {
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        // The end chunk of every PNG file.
        assert_eq!(crc32(b"IEND"), 0xAE42_6082);
    }

    #[test]
    fn adler32_agrees_with_published_values() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn both_agree_with_their_definitions_on_many_bytes() {
        let mixed: Vec<u8> = (0..20_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for length in [1, 2, 255, 256, 5551, 5552, 5553, 11_104, 20_000] {
            assert_eq!(crc32(&mixed[..length]), crc32_by_bits(&mixed[..length]));
            let sums = adler32_by_sums(&mixed[..length]);
            assert_eq!(u64::from(adler32(&mixed[..length])), sums);
        }
    }

    #[test]
    fn adler32_does_not_overflow_on_the_largest_bytes() {
        let largest = vec![255; 3 * ADLER_RUN + 7];
        assert_eq!(u64::from(adler32(&largest)), adler32_by_sums(&largest));
    }

    #[test]
    fn the_run_of_adler32_is_the_longest_that_fits() {
        let b = |n: u64| (n + 1) * 65520 + 255 * n * (n + 1) / 2;
        let run = ADLER_RUN as u64;
        assert!(b(run) < 1 << 32 && b(run + 1) >= 1 << 32);
    }
}
