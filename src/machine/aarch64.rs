//! NEON (Advanced SIMD): the lanes of aarch64.
//!
//! Each method is the instruction with the meaning that `lanes` defines. The instructions round as IEEE 754 says and
//! keep subnormal numbers; those of 32-bit ARM do not, so they have no lanes here. Every aarch64 build has NEON, except
//! those for software floats. So nothing is detected at run time, and no function needs `#[target_feature]`.

use super::Element;
use super::lanes::{Lanes, Vector};
use core::arch::aarch64::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// NEON: 128 bits.
#[derive(Clone, Copy)]
pub struct Neon(());

impl Neon {
    /// # Safety
    /// The processor must have NEON.
    pub unsafe fn new() -> Self {
        Neon(())
    }
}

macro_rules! operator {
    ($vector:ident, $name:ident, $method:ident, $instruction:ident) => {
        impl $name for $vector {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a register of this type exists only where NEON does.
                unsafe { $vector($instruction(self.0, other.0)) }
            }
        }
    };
}

/// One type of register: its name, its type in `core::arch`, its elements, their bits as integers, and the
/// instructions.
macro_rules! register {
    (
        $vector:ident($register:ident) of $width:literal $float:ident;
        integers $bits:ident, fraction $fraction_bits:literal, bias $bias:literal, root_half $root_half:literal;
        $add:ident $sub:ident $mul:ident $div:ident $add_product:ident $sqrt:ident $neg:ident $abs:ident
        $splat:ident $load:ident $store:ident;
        $to_bits:ident $from_bits:ident $splat_bits:ident $add_bits:ident $sub_bits:ident $and:ident $or:ident
        $shift_left:ident $shift_right:ident;
        $is_less:ident $select:ident $interleave_low:ident $interleave_high:ident $even:ident $odd:ident;
        reverse $reverse:expr;
    ) => {
        /// A register; only `Neon` makes one.
        #[derive(Clone, Copy)]
        pub struct $vector($register);

        operator!($vector, Add, add, $add);
        operator!($vector, Sub, sub, $sub);
        operator!($vector, Mul, mul, $mul);
        operator!($vector, Div, div, $div);

        impl Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: a register of this type exists only where NEON does.
                unsafe { $vector($neg(self.0)) }
            }
        }

        impl Vector<$float> for $vector {
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($add_product(c.0, self.0, b.0)) }
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($sqrt(self.0)) }
            }

            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($abs(self.0)) }
            }

            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                // SAFETY: as above.
                unsafe { $vector($select($splat_bits(SIGN), sign.0, self.0)) }
            }

            #[inline(always)]
            fn select_less(self, bound: Self, yes: Self, no: Self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($select($is_less(self.0, bound.0), yes.0, no.0)) }
            }

            #[inline(always)]
            fn exp2i(k: Self) -> Self {
                const SHIFTER: $float = <$float as Element>::SHIFTER;
                // SAFETY: as above.
                unsafe {
                    let low = $to_bits($add(k.0, $splat(SHIFTER)));
                    $vector($from_bits($shift_left::<$fraction_bits>($add_bits(low, $splat_bits($bias)))))
                }
            }

            #[inline(always)]
            fn interleave(self, other: Self) -> (Self, Self) {
                // SAFETY: as above.
                unsafe { ($vector($interleave_low(self.0, other.0)), $vector($interleave_high(self.0, other.0))) }
            }

            #[inline(always)]
            fn deinterleave(self, other: Self) -> (Self, Self) {
                // SAFETY: as above.
                unsafe { ($vector($even(self.0, other.0)), $vector($odd(self.0, other.0))) }
            }

            #[inline(always)]
            fn reverse(self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($reverse(self.0)) }
            }

            #[inline(always)]
            fn frexp(self) -> (Self, Self) {
                const FRACTION: $bits = (1 << $fraction_bits) - 1;
                const SIGN_AND_EXPONENT: $bits = <$bits>::MAX >> $fraction_bits;
                const TWO_TO: $float = (1u64 << $fraction_bits) as $float;
                // SAFETY: as above.
                unsafe {
                    let offset = $sub_bits($to_bits(self.0), $splat_bits($root_half));
                    let biased = $add_bits($shift_right::<$fraction_bits>(offset), $splat_bits($bias));
                    let biased = $and(biased, $splat_bits(SIGN_AND_EXPONENT));
                    let read = $from_bits($or(biased, $to_bits($splat(TWO_TO))));
                    let k = $sub(read, $splat(TWO_TO + $bias as $float));
                    let fraction = $and(offset, $splat_bits(FRACTION));
                    let m = $from_bits($add_bits(fraction, $splat_bits($root_half)));
                    ($vector(k), $vector(m))
                }
            }
        }

        impl Lanes<$float> for Neon {
            type Vector = $vector;
            const WIDTH: usize = $width;
            const REGISTERS: usize = 32;

            #[inline(always)]
            fn splat(self, x: $float) -> $vector {
                // SAFETY: `self` proves that NEON is there.
                unsafe { $vector($splat(x)) }
            }

            #[inline(always)]
            fn load(self, from: &[$float]) -> $vector {
                let from = &from[..$width];
                // SAFETY: as above; the slice holds a whole register, and the load needs no alignment beyond an
                // element's.
                unsafe { $vector($load(from.as_ptr())) }
            }

            #[inline(always)]
            unsafe fn load_at(self, from: *const $float) -> $vector {
                // SAFETY: the caller's promise, and `self` as above.
                unsafe { $vector($load(from)) }
            }

            #[inline(always)]
            unsafe fn store_at(self, v: $vector, to: *mut $float) {
                // SAFETY: as above.
                unsafe { $store(to, v.0) }
            }

            #[inline(always)]
            fn store(self, v: $vector, to: &mut [$float]) {
                let to = &mut to[..$width];
                // SAFETY: as above.
                unsafe { $store(to.as_mut_ptr(), v.0) }
            }
        }
    };
}

register! {
    F64x2(float64x2_t) of 2 f64;
    integers u64, fraction 52, bias 1023, root_half 0x3fe6_a09e_667f_3bcd;
    vaddq_f64 vsubq_f64 vmulq_f64 vdivq_f64 vfmaq_f64 vsqrtq_f64 vnegq_f64 vabsq_f64
    vdupq_n_f64 vld1q_f64 vst1q_f64;
    vreinterpretq_u64_f64 vreinterpretq_f64_u64 vdupq_n_u64 vaddq_u64 vsubq_u64 vandq_u64 vorrq_u64
    vshlq_n_u64 vshrq_n_u64;
    vcltq_f64 vbslq_f64 vzip1q_f64 vzip2q_f64 vuzp1q_f64 vuzp2q_f64;
    reverse |a| vextq_f64::<1>(a, a);
}

register! {
    F32x4(float32x4_t) of 4 f32;
    integers u32, fraction 23, bias 127, root_half 0x3f35_04f3;
    vaddq_f32 vsubq_f32 vmulq_f32 vdivq_f32 vfmaq_f32 vsqrtq_f32 vnegq_f32 vabsq_f32
    vdupq_n_f32 vld1q_f32 vst1q_f32;
    vreinterpretq_u32_f32 vreinterpretq_f32_u32 vdupq_n_u32 vaddq_u32 vsubq_u32 vandq_u32 vorrq_u32
    vshlq_n_u32 vshrq_n_u32;
    vcltq_f32 vbslq_f32 vzip1q_f32 vzip2q_f32 vuzp1q_f32 vuzp2q_f32;
    reverse |a| vextq_f32::<2>(vrev64q_f32(a), vrev64q_f32(a));
}
