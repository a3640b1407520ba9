//! Checkpoints: the format in which the state of a minimization is stored, so that it can continue later.
//!
//! Integers and floats are little-endian; floats have the precision of the minimization.
//!
//! | field | type |
//! | --- | --- |
//! | name | `OSSLBFGS`, 8 bytes |
//! | version, bits of a float | u32 each |
//! | number of parameters, number of remembered steps | u64 each |
//! | iterations, evaluations, steps without progress | u64 each |
//! | 1 if a lowest point follows, else 0 | u64 |
//! | θ, ∇J(θ), J(θ) at the current point | floats |
//! | the same at the lowest point, if there is one | floats |
//! | s, y of each remembered step, the oldest first | floats |
//! | CRC-32 of all bytes before it | u32 |
//!
//! [`decode`] checks, in this order: name, version, precision, length, checksum, and that the values can be the state
//! of a minimization. It allocates no memory for a length unless the bytes are that long.

use crate::bytes::checksum::crc32;
use crate::bytes::endian::{Reader, put_u32_le, put_u64_le};
use crate::number::Real;
use crate::number::decimal::Count;
use crate::optimize::outcome::Iterate;
use crate::optimize::state::{State, StateError};
use alloc::vec::Vec;

const NAME: &[u8; 8] = b"OSSLBFGS";
const VERSION: u32 = 1;
/// Bytes before the floats.
const HEAD: usize = 8 + 2 * 4 + 6 * 8;

/// Why bytes cannot be decoded as a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// They do not start with the name of the format.
    NotACheckpoint,
    /// They have another version of the format.
    Version {
        /// The version found; this program reads 1.
        found: u32,
    },
    /// Their floats have another precision.
    Precision {
        /// Bits of a float.
        expected: u32,
        /// Bits of a float in the checkpoint.
        found: u32,
    },
    /// Bytes are missing, or too many.
    Length {
        /// The number of bytes that the header requires; `usize::MAX` if this machine cannot count that far.
        expected: usize,
        /// The number of bytes.
        found: usize,
    },
    /// The bytes are damaged.
    Checksum {
        /// The checksum in the file.
        expected: u32,
        /// The checksum of its bytes.
        found: u32,
    },
    /// A counter is larger than this machine can count.
    Counter,
    /// There are remembered steps, but no parameters.
    NoParameters {
        /// The number of steps.
        steps: usize,
    },
    /// The values cannot be the state of a minimization.
    State(StateError),
}

impl core::fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            CheckpointError::NotACheckpoint => write!(f, "this is not a checkpoint of a minimization"),
            CheckpointError::Version { found } => {
                write!(f, "the checkpoint has version {found}, but this program reads version {VERSION}")
            }
            CheckpointError::Precision { expected, found } => {
                write!(f, "the checkpoint has floats of {found} bits, but {expected} bits were expected")
            }
            CheckpointError::Length { expected, found } => {
                write!(f, "the checkpoint has {}, but its header requires {expected}", Count(*found, "byte"))
            }
            CheckpointError::Checksum { expected, found } => {
                write!(f, "the checkpoint is damaged: its checksum is {found:08x}, but should be {expected:08x}")
            }
            CheckpointError::Counter => write!(f, "a counter in the checkpoint is larger than this machine can count"),
            CheckpointError::NoParameters { steps } => {
                write!(f, "the checkpoint has {steps} remembered steps, but no parameters")
            }
            CheckpointError::State(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for CheckpointError {}

impl From<StateError> for CheckpointError {
    fn from(error: StateError) -> Self {
        CheckpointError::State(error)
    }
}

/// The bytes of a checkpoint.
pub fn encode<T: Real>(state: &State<T>) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(NAME);
    put_u32_le(&mut out, VERSION);
    put_u32_le(&mut out, bits::<T>());
    let (n, steps, lowest) = (state.current.theta.len(), state.pairs.len(), usize::from(state.lowest.is_some()));
    for count in [n, steps, state.iterations, state.evaluations, state.flat_steps, lowest] {
        put_u64_le(&mut out, count as u64);
    }
    for point in [&state.current].into_iter().chain(&state.lowest) {
        put_numbers(&mut out, &point.theta);
        put_numbers(&mut out, &point.gradient);
        put_numbers(&mut out, &[point.cost]);
    }
    for (s, y) in &state.pairs {
        put_numbers(&mut out, s);
        put_numbers(&mut out, y);
    }
    let checksum = crc32(&out);
    put_u32_le(&mut out, checksum);
    out
}

/// The state in the bytes of a checkpoint.
///
/// # Errors
/// If [`encode`] did not make the bytes, or they were changed or cut off: see [`CheckpointError`].
pub fn decode<T: Real>(bytes: &[u8]) -> Result<State<T>, CheckpointError> {
    let mut reader = Reader::new(bytes);
    if reader.array::<8>() != Some(*NAME) {
        return Err(CheckpointError::NotACheckpoint);
    }
    let short = CheckpointError::Length { expected: HEAD + 4, found: bytes.len() };
    match reader.u32_le().ok_or(short)? {
        VERSION => {}
        found => return Err(CheckpointError::Version { found }),
    }
    match (bits::<T>(), reader.u32_le().ok_or(short)?) {
        (expected, found) if expected != found => return Err(CheckpointError::Precision { expected, found }),
        _ => {}
    }
    let mut count = || {
        let count = reader.u64_le().ok_or(short)?;
        usize::try_from(count).map_err(|_| CheckpointError::Counter)
    };
    let [n, steps, iterations, evaluations, flat, lowest] =
        [count()?, count()?, count()?, count()?, count()?, count()?];
    if n == 0 && steps > 0 {
        return Err(CheckpointError::NoParameters { steps });
    }
    // A point has 2n + 1 floats, a step 2n.
    let points = if lowest == 0 { 1 } else { 2 };
    let numbers = (|| n.checked_mul(2)?.checked_mul(steps.checked_add(points)?)?.checked_add(points))();
    let expected =
        numbers.and_then(|numbers| numbers.checked_mul(size_of::<T>())?.checked_add(HEAD + 4)).unwrap_or(usize::MAX);
    if bytes.len() != expected {
        return Err(CheckpointError::Length { expected, found: bytes.len() });
    }
    let (body, end) = bytes.split_at(expected - 4);
    let written = Reader::new(end).u32_le().ok_or(short)?;
    if written != crc32(body) {
        return Err(CheckpointError::Checksum { expected: written, found: crc32(body) });
    }
    let mut numbers = |n: usize| -> Result<Vec<T>, CheckpointError> {
        let bytes = reader.take(n * size_of::<T>()).ok_or(short)?;
        Ok(bytes.chunks_exact(size_of::<T>()).map(number).collect())
    };
    let mut point = || -> Result<Iterate<T>, CheckpointError> {
        Ok(Iterate { theta: numbers(n)?, gradient: numbers(n)?, cost: numbers(1)?[0] })
    };
    let current = point()?;
    let lowest = if lowest == 0 { None } else { Some(point()?) };
    let steps = (0..steps).map(|_| Ok((numbers(n)?, numbers(n)?))).collect::<Result<_, CheckpointError>>()?;
    let state = State { iterations, evaluations, flat_steps: flat, current, lowest, pairs: steps };
    state.check()?;
    Ok(state)
}

fn bits<T>() -> u32 {
    8 * size_of::<T>() as u32
}

/// Appends floats in their own precision. Conversion to f64 and back leaves every f32 unchanged.
pub fn put_numbers<T: Real>(out: &mut Vec<u8>, numbers: &[T]) {
    for x in numbers {
        match size_of::<T>() {
            4 => out.extend_from_slice(&(x.to_f64() as f32).to_le_bytes()),
            _ => out.extend_from_slice(&x.to_f64().to_le_bytes()),
        }
    }
}

/// The float of four or eight bytes; 0 for any other length, which no caller has.
pub fn number<T: Real>(bytes: &[u8]) -> T {
    let mut reader = Reader::new(bytes);
    T::from_f64(match bytes.len() {
        4 => f64::from(f32::from_bits(reader.u32_le().unwrap_or(0))),
        _ => f64::from_bits(reader.u64_le().unwrap_or(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::objective::FromFunction;
    use crate::optimize::{Lbfgs, Minimization};

    /// Rosenbrock's function, chained.
    fn valley<T: Real>(n: usize) -> FromFunction<impl FnMut(&[T], &mut [T]) -> T> {
        FromFunction::new(n, move |x: &[T], g: &mut [T]| {
            let [one, two, hundred] = [1.0, 2.0, 100.0].map(T::from_f64);
            let mut cost = T::ZERO;
            g.fill(T::ZERO);
            for i in 1..n {
                let (a, b) = (x[i] - x[i - 1] * x[i - 1], one - x[i - 1]);
                cost += hundred * a * a + b * b;
                g[i] += two * hundred * a;
                g[i - 1] -= two * two * hundred * a * x[i - 1] + two * b;
            }
            cost
        })
    }

    fn settings() -> Lbfgs {
        Lbfgs { memory: 5, gradient_tolerance: 0.0, cost_tolerance: -1.0, ..Lbfgs::default() }
    }

    fn halfway<T: Real>(steps: usize) -> Minimization<T> {
        let mut run = Minimization::new(settings(), &mut valley(37), &[-T::ONE; 37]);
        for _ in 0..steps {
            run.step(&mut valley(37)).unwrap();
        }
        run
    }

    fn a_minimization_continues_to_the_bit<T: Real>() {
        for steps in [0, 1, 4, 5, 6, 23] {
            let mut one = halfway::<T>(steps);
            let state = one.state();
            assert_eq!(state.pairs.len(), steps.min(5));
            let loaded = decode::<T>(&encode(&state)).unwrap();
            assert_eq!(loaded, state);
            let mut other = Minimization::resume(settings(), loaded).unwrap();
            for _ in 0..23 {
                assert_eq!(one.step(&mut valley(37)), other.step(&mut valley(37)));
            }
            assert_eq!(encode(&one.state()), encode(&other.state()));
        }
    }

    #[test]
    fn in_both_precisions_a_minimization_continues_to_the_bit() {
        a_minimization_continues_to_the_bit::<f32>();
        a_minimization_continues_to_the_bit::<f64>();
    }

    #[test]
    fn a_lowest_point_elsewhere_is_kept() {
        let mut state = halfway::<f64>(3).state();
        state.lowest = Some(Iterate { cost: state.current.cost - 1.0, ..state.current.clone() });
        assert_eq!(decode::<f64>(&encode(&state)), Ok(state.clone()));
        assert_eq!(Minimization::resume(settings(), state.clone()).unwrap().state(), state);
    }

    #[test]
    fn every_change_is_found() {
        let state = halfway::<f64>(6).state();
        let bytes = encode(&state);
        for length in 0..bytes.len() {
            assert!(decode::<f64>(&bytes[..length]).is_err(), "{length} bytes");
        }
        let changed = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x41;
            decode::<f64>(&bytes)
        };
        for at in 0..bytes.len() {
            assert!(changed(at).is_err(), "byte {at}");
        }
        assert_eq!(changed(3), Err(CheckpointError::NotACheckpoint));
        assert_eq!(changed(8), Err(CheckpointError::Version { found: 0x40 }));
        assert!(matches!(changed(23), Err(CheckpointError::Length { .. } | CheckpointError::Counter)));
        assert!(matches!(changed(500), Err(CheckpointError::Checksum { .. })));
        assert_eq!(decode::<f32>(&bytes), Err(CheckpointError::Precision { expected: 32, found: 64 }));
        let more = [&bytes[..], &[0]].concat();
        let wrong = CheckpointError::Length { expected: bytes.len(), found: bytes.len() + 1 };
        assert_eq!(decode::<f64>(&more), Err(wrong));
        // A correct checksum does not help values that cannot be a state.
        let mut bent = state.clone();
        bent.pairs[2].1.iter_mut().for_each(|y| *y = -*y);
        assert_eq!(decode::<f64>(&encode(&bent)), Err(StateError::Curvature { step: 2 }.into()));
        for wrong in [f64::NAN, f64::INFINITY] {
            let mut bent = state.clone();
            bent.current.theta[1] = wrong;
            assert_eq!(decode::<f64>(&encode(&bent)), Err(StateError::NotFinite.into()));
        }
        let mut short = state;
        short.pairs[0].0.pop();
        assert!(Minimization::resume(settings(), short).is_err());
    }
}
