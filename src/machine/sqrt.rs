//! The square root, correctly rounded, by the processor's instruction or in integer software.
//!
//! `core` has no square root, but it has the instruction of most processors; that of a Cortex-M is written here in
//! assembly. Elsewhere the software runs.
//!
//! **Method of the software.** Write x = m·2^(2h) with an integer m of 107 or 108 bits. Then √x = √m·2^h. The integer
//! square root of m has 54 bits, one more than the result. A further bit below them, the sticky bit, is 1 if the root
//! is inexact. That is enough to round correctly, and a tie cannot occur: the square of a number of 54 significant
//! bits, the last of them 1, has more than the 53 bits of x.

use super::fma::{compose, decompose};

// If the processor has the instruction, only tests call the software.

/// √x rounded to nearest, in integer software. NaN for x < 0; ±0 and +∞ are their own roots.
#[allow(dead_code)]
pub fn software_f64(x: f64) -> f64 {
    if x.is_nan() || x == 0.0 || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    let (_, exponent, digits) = decompose(x);
    let odd = exponent & 1; // -3 & 1 == 1, and -3 - 1 is even
    let radicand = u128::from(digits) << (54 + odd);
    let half_exponent = (exponent - odd - 54) / 2;
    let root = radicand.isqrt();
    let sticky = u128::from(root * root != radicand);
    compose(false, half_exponent - 1, root << 1 | sticky)
}

/// √x in binary32. The root of a binary32 rounded to 53 bits is never near enough to a tie of 24 bits to round twice.
#[allow(dead_code)]
pub fn software_f32(x: f32) -> f32 {
    software_f64(f64::from(x)) as f32
}

/// √x, correctly rounded.
#[inline(always)]
pub fn f64(x: f64) -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_mm_cvtsd_f64, _mm_set_sd, _mm_sqrt_sd};
        // SAFETY: SSE2 belongs to every x86-64.
        unsafe { _mm_cvtsd_f64(_mm_sqrt_sd(_mm_set_sd(x), _mm_set_sd(x))) }
    }
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    {
        use core::arch::aarch64::{vdup_n_f64, vget_lane_f64, vsqrt_f64};
        // SAFETY: the build has NEON.
        unsafe { vget_lane_f64::<0>(vsqrt_f64(vdup_n_f64(x))) }
    }
    #[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
    software_f64(x)
}

/// √x, correctly rounded.
#[inline(always)]
pub fn f32(x: f32) -> f32 {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_mm_cvtss_f32, _mm_set_ss, _mm_sqrt_ss};
        // SAFETY: SSE belongs to every x86-64.
        unsafe { _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))) }
    }
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    {
        use core::arch::aarch64::{vdup_n_f32, vget_lane_f32, vsqrt_f32};
        // SAFETY: the build has NEON.
        unsafe { vget_lane_f32::<0>(vsqrt_f32(vdup_n_f32(x))) }
    }
    // A Cortex-M with hardware floats, as in `fma`.
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none", not(target_has_atomic = "64")))]
    {
        let mut bits = x.to_bits();
        // SAFETY: the instructions read and write these registers alone.
        unsafe {
            core::arch::asm!(
                "vmov s0, {x}",
                "vsqrt.f32 s0, s0",
                "vmov {x}, s0",
                x = inout(reg) bits,
                out("s0") _,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        f32::from_bits(bits)
    }
    #[cfg(not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", target_feature = "neon"),
        all(target_arch = "arm", target_abi = "eabihf", target_os = "none", not(target_has_atomic = "64"))
    )))]
    {
        f64(f64::from(x)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_equals_hardware() {
        let mut bits = 12345u64;
        for _ in 0..200_000 {
            bits = bits.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let x = f64::from_bits(bits & !(1 << 63));
            assert!(software_f64(x).to_bits() == f64(x).to_bits() || x.is_nan(), "√{x:e}");
            let x = f32::from_bits((bits >> 33) as u32);
            assert!(software_f32(x).to_bits() == f32(x).to_bits() || x.is_nan(), "√{x:e}");
        }
    }

    #[test]
    fn roots_of_squares_and_special_values() {
        assert_eq!(software_f64(4.0), 2.0);
        assert_eq!(software_f64(f64::from_bits(1)), f64::from_bits((1023 - 537) << 52)); // √2^-1074 = 2^-537
        assert_eq!(software_f64(-0.0).to_bits(), (-0.0f64).to_bits());
        assert!(software_f64(-1.0).is_nan() && software_f64(f64::NAN).is_nan());
        assert_eq!(software_f64(f64::INFINITY), f64::INFINITY);
    }
}
