//! AVX2 with FMA, and AVX-512: the lanes of x86-64.
//!
//! Each method is the instruction with the meaning that `lanes` defines. Where an instruction has another rule for NaN
//! or zeros, a comparison and a blend replace it. All methods are inlined into functions that are compiled for the
//! instruction set (`dispatch`).

use super::Element;
use super::lanes::{Lanes, Vector};
use core::arch::x86_64::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// AVX2 and FMA: 256 bits.
#[derive(Clone, Copy)]
pub struct Avx2(());

/// AVX-512 F and DQ: 512 bits.
#[derive(Clone, Copy)]
pub struct Avx512(());

impl Avx2 {
    /// # Safety
    /// The processor must have AVX2 and FMA.
    pub unsafe fn new() -> Self {
        Avx2(())
    }
}

impl Avx512 {
    /// # Safety
    /// The processor must have AVX-512 F and DQ.
    pub unsafe fn new() -> Self {
        Avx512(())
    }
}

macro_rules! operator {
    ($vector:ident, $name:ident, $method:ident, $instruction:ident) => {
        impl $name for $vector {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a register of this type exists only where its instruction set was detected.
                unsafe { $vector($instruction(self.0, other.0)) }
            }
        }
    };
}

/// One type of register: its name, its type in `core::arch`, its elements, their bits as integers, and the
/// instructions.
macro_rules! register {
    (
        $vector:ident($register:ident) of $width:literal $float:ident in $set:ident with $registers:literal;
        integers $bits:ident, fraction $fraction_bits:literal, bias $bias:literal, root_half $root_half:literal;
        $add:ident $sub:ident $mul:ident $div:ident $fma:ident $sqrt:ident $splat:ident $load:ident $store:ident;
        $to_bits:ident $from_bits:ident $splat_bits:ident $add_bits:ident $sub_bits:ident $and:ident $or:ident $xor:ident
        $shift_left:ident $shift_right:ident;
        select_less $select_less:expr;
        interleave $interleave:expr; deinterleave $deinterleave:expr; reverse $reverse:expr;
        max $max:ident; $(scale $scale:ident;)?
    ) => {
        /// A register; only the `Lanes` of its instruction set makes one.
        #[derive(Clone, Copy)]
        pub struct $vector($register);

        operator!($vector, Add, add, $add);
        operator!($vector, Sub, sub, $sub);
        operator!($vector, Mul, mul, $mul);
        operator!($vector, Div, div, $div);

        impl $vector {
            const SIGN: $bits = $bits::MIN;

            #[inline(always)]
            fn masked(self, mask: $bits) -> Self {
                // SAFETY: a register of this type exists only where its instruction set was detected.
                unsafe { $vector($from_bits($and($to_bits(self.0), $splat_bits(mask)))) }
            }
        }

        impl Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($from_bits($xor($to_bits(self.0), $splat_bits(Self::SIGN)))) }
            }
        }

        impl Vector<$float> for $vector {
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($fma(self.0, b.0, c.0)) }
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($sqrt(self.0)) }
            }

            #[inline(always)]
            fn abs(self) -> Self {
                self.masked(!Self::SIGN)
            }

            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                let (magnitude, sign) = (self.abs(), sign.masked(Self::SIGN));
                // SAFETY: as above.
                unsafe { $vector($from_bits($or($to_bits(magnitude.0), $to_bits(sign.0)))) }
            }

            #[inline(always)]
            fn select_less(self, bound: Self, yes: Self, no: Self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($select_less(self.0, bound.0, yes.0, no.0)) }
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // SAFETY: as above. If an operand is NaN or both are zeros, the result is the second operand.
                unsafe { $vector($max(self.0, other.0)) }
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
                let (low, high) = unsafe { $interleave(self.0, other.0) };
                ($vector(low), $vector(high))
            }

            #[inline(always)]
            fn deinterleave(self, other: Self) -> (Self, Self) {
                // SAFETY: as above.
                let (even, odd) = unsafe { $deinterleave(self.0, other.0) };
                ($vector(even), $vector(odd))
            }

            #[inline(always)]
            fn reverse(self) -> Self {
                // SAFETY: as above.
                unsafe { $vector($reverse(self.0)) }
            }

            #[inline(always)]
            fn frexp(self) -> (Self, Self) {
                const FRACTION: $bits = (1 << $fraction_bits) - 1;
                const SIGN_AND_EXPONENT: $bits = (1 << ($bits::BITS - $fraction_bits)) - 1;
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

        impl Lanes<$float> for $set {
            type Vector = $vector;
            const WIDTH: usize = $width;
            const REGISTERS: usize = $registers;

            #[inline(always)]
            fn splat(self, x: $float) -> $vector {
                // SAFETY: `self` proves that the instruction set was detected.
                unsafe { $vector($splat(x)) }
            }

            #[inline(always)]
            fn load(self, from: &[$float]) -> $vector {
                let from = &from[..$width];
                // SAFETY: as above; the slice holds a whole register, and the load needs no alignment.
                unsafe { $vector($load(from.as_ptr())) }
            }

            #[inline(always)]
            unsafe fn load_at(self, from: *const $float) -> $vector {
                // SAFETY: the caller's promise, and `self` as above.
                unsafe { $vector($load(from)) }
            }

            #[inline(always)]
            fn prefetch(self, address: *const $float) {
                // SAFETY: a prefetch has no visible effect, and no address makes it fault.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
            }

            #[inline(always)]
            fn prefetch_l2(self, address: *const $float) {
                // SAFETY: as above.
                unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) }
            }

            #[inline(always)]
            unsafe fn store_at(self, v: $vector, to: *mut $float) {
                // SAFETY: the caller's promise, and `self` as above.
                unsafe { $store(to, v.0) }
            }

            $(
                #[inline(always)]
                fn ldexp(self, x: $vector, k: $vector) -> $vector {
                    // SAFETY: as above.
                    unsafe { $vector($scale(x.0, k.0)) }
                }
            )?

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
    F64x4(__m256d) of 4 f64 in Avx2 with 16;
    integers i64, fraction 52, bias 1023, root_half 0x3fe6_a09e_667f_3bcd;
    _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd _mm256_fmadd_pd _mm256_sqrt_pd
    _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd;
    _mm256_castpd_si256 _mm256_castsi256_pd _mm256_set1_epi64x _mm256_add_epi64 _mm256_sub_epi64
    _mm256_and_si256 _mm256_or_si256 _mm256_xor_si256 _mm256_slli_epi64 _mm256_srli_epi64;
    select_less |x, bound, yes, no| _mm256_blendv_pd(no, yes, _mm256_cmp_pd::<_CMP_LT_OQ>(x, bound));
    interleave |a, b| {
        let (even, odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
        (_mm256_permute2f128_pd::<0x20>(even, odd), _mm256_permute2f128_pd::<0x31>(even, odd))
    };
    deinterleave |a, b| {
        let (low, high) = (_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b));
        (_mm256_unpacklo_pd(low, high), _mm256_unpackhi_pd(low, high))
    };
    reverse |a| _mm256_permute4x64_pd::<0x1b>(a);
    max _mm256_max_pd;
}

register! {
    F32x8(__m256) of 8 f32 in Avx2 with 16;
    integers i32, fraction 23, bias 127, root_half 0x3f35_04f3;
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_fmadd_ps _mm256_sqrt_ps
    _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps;
    _mm256_castps_si256 _mm256_castsi256_ps _mm256_set1_epi32 _mm256_add_epi32 _mm256_sub_epi32
    _mm256_and_si256 _mm256_or_si256 _mm256_xor_si256 _mm256_slli_epi32 _mm256_srli_epi32;
    select_less |x, bound, yes, no| _mm256_blendv_ps(no, yes, _mm256_cmp_ps::<_CMP_LT_OQ>(x, bound));
    interleave |a, b| {
        let (even, odd) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        (_mm256_permute2f128_ps::<0x20>(even, odd), _mm256_permute2f128_ps::<0x31>(even, odd))
    };
    deinterleave |a, b| {
        let (low, high) = (_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b));
        (_mm256_shuffle_ps::<0x88>(low, high), _mm256_shuffle_ps::<0xdd>(low, high))
    };
    reverse |a| _mm256_permutevar8x32_ps(a, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
    max _mm256_max_ps;
}

register! {
    F64x8(__m512d) of 8 f64 in Avx512 with 32;
    integers i64, fraction 52, bias 1023, root_half 0x3fe6_a09e_667f_3bcd;
    _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_fmadd_pd _mm512_sqrt_pd
    _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd;
    _mm512_castpd_si512 _mm512_castsi512_pd _mm512_set1_epi64 _mm512_add_epi64 _mm512_sub_epi64
    _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512 _mm512_slli_epi64 _mm512_srli_epi64;
    select_less |x, bound, yes, no| _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(x, bound), no, yes);
    interleave |a, b| {
        let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
        let high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
        (_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b))
    };
    deinterleave |a, b| {
        let even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
        let odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
        (_mm512_permutex2var_pd(a, even, b), _mm512_permutex2var_pd(a, odd, b))
    };
    reverse |a| _mm512_permutexvar_pd(_mm512_setr_epi64(7, 6, 5, 4, 3, 2, 1, 0), a);
    max _mm512_max_pd; scale _mm512_scalef_pd;
}

register! {
    F32x16(__m512) of 16 f32 in Avx512 with 32;
    integers i32, fraction 23, bias 127, root_half 0x3f35_04f3;
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_fmadd_ps _mm512_sqrt_ps
    _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps;
    _mm512_castps_si512 _mm512_castsi512_ps _mm512_set1_epi32 _mm512_add_epi32 _mm512_sub_epi32
    _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512 _mm512_slli_epi32 _mm512_srli_epi32;
    select_less |x, bound, yes, no| _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(x, bound), no, yes);
    interleave |a, b| {
        let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        (_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b))
    };
    deinterleave |a, b| {
        let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
        (_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b))
    };
    reverse |a| {
        _mm512_permutexvar_ps(_mm512_setr_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), a)
    };
    max _mm512_max_ps; scale _mm512_scalef_ps;
}
