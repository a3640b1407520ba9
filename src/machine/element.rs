//! The element types of lanes, f32 and f64, with the two operations that `core` does not offer for them.
//!
//! The trait has only what an instruction set needs; `number::Real` adds the elementary functions.

use super::dispatch::Dispatch;
use super::isa::has_fma;
use super::{fma, sqrt};
use core::fmt;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// f32 or f64. No other type can implement it, since `Dispatch` is private to `machine`.
pub trait Element:
    Copy
    + PartialOrd
    + PartialEq
    + fmt::Debug
    + Send
    + Sync
    + Default
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + Dispatch
{
    /// +0.
    const ZERO: Self;
    /// ½.
    const HALF: Self;
    /// 1.5·2^(fraction bits): adding and subtracting it rounds to the nearest integer.
    const SHIFTER: Self;

    /// self·b + c, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// √self, correctly rounded.
    fn sqrt(self) -> Self;
}

macro_rules! element {
    ($float:ident, $software:ident, $shifter:literal) => {
        impl Element for $float {
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const SHIFTER: Self = $shifter;

            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                if has_fma() {
                    // SAFETY: just detected.
                    unsafe { compiled_for_fma::$float(self, b, c) }
                } else {
                    fma::$software(self, b, c)
                }
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                sqrt::$float(self)
            }
        }
    };
}

element!(f32, software_f32, 12582912.0);
element!(f64, software_f64, 6755399441055744.0);

/// The fused multiply-add in functions that are compiled for it, for callers outside an operation.
mod compiled_for_fma {
    use super::fma::hardware;

    /// # Safety
    /// The processor must have a fused multiply-add.
    #[inline]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
    pub unsafe fn f32(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: the caller's promise.
        unsafe { hardware::f32(a, b, c) }
    }

    /// # Safety
    /// The processor must have a fused multiply-add.
    #[inline]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
    pub unsafe fn f64(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: the caller's promise.
        unsafe { hardware::f64(a, b, c) }
    }
}
