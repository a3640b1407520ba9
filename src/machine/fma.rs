//! Fused multiply-add: a·b + c with one rounding.
//!
//! The matrix product is defined by chains of this operation, so it must have the same bits everywhere. If the
//! processor has the instruction, it is used; otherwise the software below computes the result exactly with integers.
//! The standard library's `mul_add` is not used, because on some platforms it calls a C function that rounds twice.
//!
//! **binary64 in software.** A significand is an integer of 53 bits, so the product of two has 106 bits and is exact in
//! an integer of 128 bits. Product and addend are shifted to one exponent, then added or subtracted exactly, and the
//! sum is rounded. If the smaller of the two loses bits in the shift, its last bit, the sticky bit, is set to 1:
//! rounding needs to know only that a remainder lies below, not its value.
//!
//! **binary32 in software.** The product of two significands of 24 bits is exact in binary64, but the sum may be
//! rounded to binary64, and then again to binary32. If the first result is a tie of binary32, the second rounding
//! cannot know on which side of the tie the sum was. So the first rounding is to odd: an inexact sum becomes the
//! neighbor whose last bit is 1, which is never a tie of binary32. By hand, with a·b = 2⁻²⁴ + 2⁻⁶⁰ and c = 1, where
//! binary32 has the neighbors 1 and 1 + 2⁻²³:
//!
//! ```text
//! exact                   1 + 2⁻²⁴ + 2⁻⁶⁰    above the tie, so 1 + 2⁻²³ is right
//! to nearest, to nearest  1 + 2⁻²⁴           a tie, so the even neighbor 1: wrong
//! to odd, to nearest      1 + 2⁻²⁴ + 2⁻⁵²    above the tie, so 1 + 2⁻²³
//! ```
//!
//! Sources: IEEE 754-2008 §5.4.1; for binary32 by way of binary64, S. Boldo and G. Melquiond, "Emulation of a FMA and
//! correctly rounded sums: proved algorithms using rounding to odd", 2008.

/// a·b + c in binary64, rounded once to nearest even, in integer software.
///
/// Method: the 106-bit product and the addend are aligned in 128 bits. If bits are lost at the low end of the smaller
/// one, its last bit is set to 1 (the sticky bit). One bit is enough: only terms of similar magnitude cancel, and those
/// are aligned exactly.
///
/// Special cases: as in IEEE 754. The payload of a NaN is not specified.
#[inline(never)]
pub fn software_f64(a: f64, b: f64, c: f64) -> f64 {
    if !a.is_finite() || !b.is_finite() || !c.is_finite() || a == 0.0 || b == 0.0 {
        return a * b + c; // nothing is rounded before the addition
    }
    if c == 0.0 {
        return a * b; // adding a zero could only change the sign of a product that underflowed
    }
    let (sign_a, exponent_a, digits_a) = decompose(a);
    let (sign_b, exponent_b, digits_b) = decompose(b);
    let (sign_c, exponent_c, digits_c) = decompose(c);
    let sign_p = sign_a ^ sign_b;
    // Both magnitudes with their top bit at 124 or 125, so that their sum fits.
    let mut product = (u128::from(digits_a) * u128::from(digits_b)) << 20;
    let exponent_p = exponent_a + exponent_b - 20;
    let mut addend = u128::from(digits_c) << 72;
    let exponent_c = exponent_c - 72;
    let exponent = exponent_p.max(exponent_c);
    product = shift_sticky(product, (exponent - exponent_p) as u32);
    addend = shift_sticky(addend, (exponent - exponent_c) as u32);
    if sign_p == sign_c {
        return compose(sign_p, exponent, product + addend);
    }
    match product.cmp(&addend) {
        core::cmp::Ordering::Greater => compose(sign_p, exponent, product - addend),
        core::cmp::Ordering::Less => compose(sign_c, exponent, addend - product),
        core::cmp::Ordering::Equal => 0.0,
    }
}

/// a·b + c in binary32, rounded once to nearest even, by way of binary64.
///
/// The product of two 24-bit significands is exact in binary64. The sum is rounded to odd there: if it is inexact and
/// its last bit is even, it moves to the odd neighbor on the side of the exact value. The rounding to binary32 then
/// sees on which side of a tie the exact value lies.
#[inline(never)]
pub fn software_f32(a: f32, b: f32, c: f32) -> f32 {
    let product = f64::from(a) * f64::from(b);
    let addend = f64::from(c);
    let sum = product + addend;
    if !sum.is_finite() || sum == 0.0 {
        return sum as f32;
    }
    // Knuth's two-sum: the exact error of the addition.
    let virtual_addend = sum - product;
    let error = (product - (sum - virtual_addend)) + (addend - virtual_addend);
    if error == 0.0 || sum.to_bits() & 1 == 1 {
        return sum as f32;
    }
    let away_from_zero = (error > 0.0) == (sum > 0.0);
    let odd = if away_from_zero { sum.to_bits() + 1 } else { sum.to_bits() - 1 };
    f64::from_bits(odd) as f32
}

/// (sign, e, m) with |x| = m·2^e and 2^52 <= m < 2^53, for finite non-zero x.
pub(super) fn decompose(x: f64) -> (bool, i32, u64) {
    let bits = x.to_bits();
    let field = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let sign = bits >> 63 == 1;
    if field == 0 {
        let shift = fraction.leading_zeros() - 11;
        (sign, -1074 - shift as i32, fraction << shift)
    } else {
        (sign, field - 1075, fraction | 1 << 52)
    }
}

/// x / 2^by rounded down, with the last bit set if a nonzero bit was lost.
fn shift_sticky(x: u128, by: u32) -> u128 {
    if by == 0 {
        x
    } else if by > 127 {
        u128::from(x != 0)
    } else {
        x >> by | u128::from(x << (128 - by) != 0)
    }
}

/// ±digits·2^exponent rounded to the nearest binary64, ties to even.
pub(super) fn compose(sign: bool, exponent: i32, digits: u128) -> f64 {
    let top = 127 - digits.leading_zeros() as i32;
    let subnormal = top + exponent < -1022;
    let drop = if subnormal { -1074 - exponent } else { top - 52 };
    let kept = match drop {
        ..=0 => (digits << -drop) as u64,
        1..=127 => {
            let (whole, rest) = (digits >> drop, digits & ((1 << drop) - 1));
            let half = 1 << (drop - 1);
            let up = rest > half || rest == half && whole & 1 == 1;
            whole as u64 + u64::from(up)
        }
        _ => 0, // less than half of the smallest subnormal
    };
    let biased = if subnormal { 0 } else { exponent + drop + 1074 };
    // The leading bit of `kept` adds one to the exponent field, and so does a carry from rounding.
    let magnitude = if biased >= 2046 { 0x7ff << 52 } else { ((biased as u64) << 52) + kept };
    f64::from_bits(magnitude | u64::from(sign) << 63)
}

/// The processor's a·b + c (x86-64 with FMA).
#[cfg(target_arch = "x86_64")]
pub(super) mod hardware {
    use core::arch::x86_64::{_mm_cvtsd_f64, _mm_cvtss_f32, _mm_fmadd_sd, _mm_fmadd_ss, _mm_set_sd, _mm_set_ss};

    /// # Safety
    /// The processor must have FMA.
    #[inline(always)]
    pub unsafe fn f64(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: the caller vouches for FMA; SSE2 belongs to every x86-64.
        unsafe { _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(a), _mm_set_sd(b), _mm_set_sd(c))) }
    }

    /// # Safety
    /// The processor must have FMA.
    #[inline(always)]
    pub unsafe fn f32(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: as above.
        unsafe { _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c))) }
    }
}

/// The processor's a·b + c (aarch64, except builds for software floats).
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
pub(super) mod hardware {
    use core::arch::aarch64::{vdup_n_f32, vdup_n_f64, vfmad_lane_f64, vfmas_lane_f32};

    /// # Safety
    /// None is needed.
    #[inline(always)]
    pub unsafe fn f64(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: the build has NEON.
        unsafe { vfmad_lane_f64::<0>(c, a, vdup_n_f64(b)) }
    }

    /// # Safety
    /// None is needed.
    #[inline(always)]
    pub unsafe fn f32(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: as above.
        unsafe { vfmas_lane_f32::<0>(c, a, vdup_n_f32(b)) }
    }
}

/// The processor's a·b + c in binary32 (Cortex-M with hardware floats, on a board without an operating system; among
/// ARM's profiles only M lacks 64-bit atomics). Few of these processors have the instruction for binary64, so that
/// function is the software.
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none", not(target_has_atomic = "64")))]
pub(super) mod hardware {
    /// # Safety
    /// None is needed.
    #[inline(always)]
    pub unsafe fn f64(a: f64, b: f64, c: f64) -> f64 {
        super::software_f64(a, b, c)
    }

    /// # Safety
    /// None is needed: a build for a processor without the instruction would not be assembled.
    #[inline(always)]
    pub unsafe fn f32(a: f32, b: f32, c: f32) -> f32 {
        let mut bits = c.to_bits();
        // The compiler accepts no float operand here, so the values pass as integers. SAFETY: the instructions read and
        // write these registers alone.
        unsafe {
            core::arch::asm!(
                "vmov s0, s1, {a}, {b}",
                "vmov s2, {c}",
                "vfma.f32 s2, s0, s1",
                "vmov {c}, s2",
                a = in(reg) a.to_bits(),
                b = in(reg) b.to_bits(),
                c = inout(reg) bits,
                out("s0") _,
                out("s1") _,
                out("s2") _,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        f32::from_bits(bits)
    }
}

/// Without a known instruction, both functions are the software.
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "arm", target_abi = "eabihf", target_os = "none", not(target_has_atomic = "64"))
)))]
pub(super) mod hardware {
    /// # Safety
    /// None is needed.
    #[inline(always)]
    pub unsafe fn f64(a: f64, b: f64, c: f64) -> f64 {
        super::software_f64(a, b, c)
    }

    /// # Safety
    /// None is needed.
    #[inline(always)]
    pub unsafe fn f32(a: f32, b: f32, c: f32) -> f32 {
        super::software_f32(a, b, c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SplitMix64, enough to scatter bits here, a room above the crate's generator.
    struct Bits(u64);

    impl Bits {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        /// Any bit pattern, or one whose exponent lies near `center`, so that sums align and cancel.
        fn near(&mut self, center: u64, spread: u64) -> f64 {
            let bits = self.next();
            let field = (center + self.next() % spread) % 2047;
            f64::from_bits(bits & 0x800f_ffff_ffff_ffff | field << 52)
        }
    }

    fn same64(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }

    #[test]
    fn known_hard_cases_round_once() {
        // (1 + 2^-52)² = 1 + 2^-51 + 2^-104: two roundings would lose the last term.
        let e = f64::EPSILON;
        assert_eq!(software_f64(1.0 + e, 1.0 + e, -(1.0 + 2.0 * e)), e * e);
        // A tie that the addend breaks: 3·3002399751580331 = 2^53 + 1, plus 2^-60.
        let little = f64::from_bits((1023 - 60) << 52);
        assert_eq!(software_f64(3002399751580331.0, 3.0, little), 9007199254740994.0);
        assert_eq!(software_f64(f64::MAX, 2.0, -f64::MAX), f64::MAX);
        assert_eq!(software_f64(f64::MAX, 2.0, 0.0), f64::INFINITY);
        let tiny = f64::from_bits(1);
        assert_eq!(software_f64(tiny, 0.5, tiny).to_bits(), 2); // 1.5 units: a tie, to even
        assert_eq!(software_f64(tiny, 0.5, 0.0), 0.0);
        assert_eq!(software_f64(tiny, -0.25, 0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!(software_f64(1.0, 1.0, -1.0).to_bits(), 0);
        assert!(software_f64(f64::INFINITY, 0.0, 1.0).is_nan());
        assert_eq!(software_f64(1.0, 1.0, f64::NEG_INFINITY), f64::NEG_INFINITY);
    }

    #[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn against_hardware(pairs: usize) {
        #[cfg(target_arch = "x86_64")]
        if !std::is_x86_feature_detected!("fma") {
            std::eprintln!("skipped: this processor has no FMA to compare with");
            return;
        }
        let mut bits = Bits(1);
        for _ in 0..pairs {
            // Exponents of product and addend within some 130 of each other, around 1 and around the smallest numbers.
            let center = if bits.next() & 1 == 0 { 1023 } else { 2 };
            let (a, b) = (bits.near(1023 - 30, 60), bits.near(center, 40));
            let c = bits.near(center.saturating_sub(60), 150);
            let any = [bits.next(), bits.next(), bits.next()].map(f64::from_bits);
            // Products that the addend cancels almost wholly.
            let close = [a, b, -(a * b)];
            for [a, b, c] in [[a, b, c], any, close] {
                // SAFETY: x86's FMA was detected above.
                let hard = unsafe { hardware::f64(a, b, c) };
                assert!(same64(software_f64(a, b, c), hard), "fma({a:e}, {b:e}, {c:e})");
                let [a, b, c] = [a, b, c].map(|x| f32::from_bits((x.to_bits() >> 29) as u32));
                // SAFETY: as above.
                let hard = unsafe { hardware::f32(a, b, c) };
                let soft = software_f32(a, b, c);
                assert!(soft.to_bits() == hard.to_bits() || soft.is_nan() && hard.is_nan(), "fma({a:e}, {b:e}, {c:e})");
                let [a, b, c] = [a, b, c].map(|x| x % 1e10 * 1e-4);
                // SAFETY: as above.
                let hard = unsafe { hardware::f32(a, b, c) };
                let soft = software_f32(a, b, c);
                assert!(soft.to_bits() == hard.to_bits() || soft.is_nan() && hard.is_nan(), "fma({a:e}, {b:e}, {c:e})");
            }
        }
    }

    #[test]
    #[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn software_equals_hardware() {
        against_hardware(200_000);
    }

    #[test]
    #[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
    #[ignore = "300 million triples take a minute"]
    fn software_equals_hardware_on_hundreds_of_millions() {
        against_hardware(100_000_000);
    }
}
