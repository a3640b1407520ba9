//! Instruction sets: which ones this machine has, and which one runs.
//!
//! The choice is made once, at the first use: the fastest that the machine has, or the one that the environment forces
//! with `OSSICLE_ISA=portable|neon|avx2|avx512`. It changes the speed and no bit of a result. [`run`](super::run)
//! executes an operation on it.

use core::fmt;
use core::sync::atomic::{AtomicU8, Ordering};

/// Whether the processor has a feature: detected at run time with `std`, else known from the build.
#[cfg(target_arch = "x86_64")]
macro_rules! has {
    ($feature:tt) => {{
        #[cfg(feature = "std")]
        let has = std::is_x86_feature_detected!($feature);
        #[cfg(not(feature = "std"))]
        let has = cfg!(target_feature = $feature);
        has
    }};
}

/// An instruction set for which the crate has [`Lanes`](super::Lanes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// Plain arrays, on every machine.
    Portable,
    /// NEON (aarch64).
    Neon,
    /// AVX2 with FMA (x86-64).
    Avx2,
    /// AVX-512 F and DQ (x86-64).
    Avx512,
}

impl Isa {
    /// All instruction sets, the fastest last.
    pub const ALL: [Isa; 4] = [Isa::Portable, Isa::Neon, Isa::Avx2, Isa::Avx512];

    /// The value of `OSSICLE_ISA` that forces it.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Neon => "neon",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }

    /// Whether this machine can run it.
    pub fn is_here(self) -> bool {
        match self {
            Isa::Portable => true,
            Isa::Neon => cfg!(all(target_arch = "aarch64", target_feature = "neon")),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => has!("avx2") && has!("fma"),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => has!("avx512f") && has!("avx512dq") && Isa::Avx2.is_here(),
            #[cfg(not(target_arch = "x86_64"))]
            Isa::Avx2 | Isa::Avx512 => false,
        }
    }

    /// The instruction sets that this machine can run, the fastest last.
    pub fn here() -> impl Iterator<Item = Isa> {
        Self::ALL.into_iter().filter(|isa| isa.is_here())
    }

    /// The instruction set with that name.
    ///
    /// # Errors
    /// If no instruction set has that name, or this machine cannot run it.
    pub fn named(name: &str) -> Result<Isa, IsaError> {
        match Self::ALL.into_iter().find(|isa| isa.name() == name) {
            None => Err(IsaError::Unknown),
            Some(isa) if !isa.is_here() => Err(IsaError::NotHere(isa)),
            Some(isa) => Ok(isa),
        }
    }
}

/// Why a forced instruction set cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsaError {
    /// No instruction set has that name.
    Unknown,
    /// The machine lacks its instructions.
    NotHere(Isa),
}

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IsaError::Unknown => write!(f, "no instruction set has that name; this machine has")?,
            IsaError::NotHere(isa) => write!(f, "this machine cannot run {}; it has", isa.name())?,
        }
        for (i, isa) in Isa::here().enumerate() {
            write!(f, "{}{}", if i == 0 { " " } else { ", " }, isa.name())?;
        }
        Ok(())
    }
}

impl core::error::Error for IsaError {}

/// The index in [`Isa::ALL`] of the instruction set in use, plus one; 0 before the choice.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// The instruction set in use: the one that `OSSICLE_ISA` forces, else the fastest that the machine has.
///
/// # Panics
/// At the first use, if the environment forces one that cannot run. [`from_environment`] returns that error instead.
#[inline]
pub fn isa() -> Isa {
    match CHOSEN.load(Ordering::Relaxed) {
        0 => choose(),
        number => Isa::ALL[usize::from(number) - 1],
    }
}

#[cold]
fn choose() -> Isa {
    let isa = match from_environment() {
        Ok(isa) => isa,
        Err(error) => panic!("OSSICLE_ISA: {error}"),
    };
    let number = Isa::ALL.iter().position(|&k| k == isa).map_or(0, |index| index as u8 + 1);
    CHOSEN.store(number, Ordering::Relaxed);
    isa
}

/// The instruction set that `OSSICLE_ISA` forces, else the fastest that the machine has.
///
/// # Errors
/// If the environment forces one that cannot run.
pub fn from_environment() -> Result<Isa, IsaError> {
    #[cfg(feature = "std")]
    if let Some(name) = std::env::var_os("OSSICLE_ISA").filter(|name| !name.is_empty()) {
        return Isa::named(name.to_str().ok_or(IsaError::Unknown)?);
    }
    Ok(Isa::here().last().unwrap_or(Isa::Portable))
}

/// Whether the processor has the fused multiply-add that `fma::hardware` uses.
#[inline(always)]
pub(super) fn has_fma() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        has!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_unknown_ones_are_errors() {
        assert_eq!(Isa::named("portable"), Ok(Isa::Portable));
        assert_eq!(Isa::named("mmx"), Err(IsaError::Unknown));
        assert!(alloc::format!("{}", IsaError::Unknown).contains("portable"));
    }
}
