//! Model files: the format of a trained model on disk.
//!
//! | field | type |
//! | --- | --- |
//! | name | `OSSICLE`, 7 bytes |
//! | version, 1 | 1 byte |
//! | rate, frame, hop | 3 integers of 4 bytes |
//! | mel scale (0 Slaney, 1 HTK), mel norm (0 peak, 1 area), bands | 3 integers of 4 bytes |
//! | frames in a window, window step, components, features, regions, labels | 6 integers of 4 bytes |
//! | lowest and highest frequency | 2 floats of 8 bytes |
//! | floor | 1 float of 4 bytes |
//! | each label: its length, its UTF-8 | an integer of 4 bytes, and bytes |
//! | μ, whitening, W1, b1, means, deviations, Θ, b | floats of 4 bytes, matrices row by row |
//! | CRC-32 of all bytes before it | 4 bytes |
//!
//! Everything is little-endian. A damaged file cannot do harm: the checksum is compared first, and no memory is
//! allocated for a length unless the file has that many bytes.

use crate::audio::frames::Framing;
use crate::bytes::checksum::crc32;
use crate::bytes::endian::{Reader, put_u32_le};
use crate::bytes::limits::{Exceeded, SAMPLING_RATE};
use crate::dataset::context_windows::ContextFraming;
use crate::dataset::normalize::StandardScaler;
use crate::matrix::Matrix;
use crate::predictor::deployed::DeployedModel;
use crate::spectrum::mel::{MelSettings, Norm, Scale};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The first bytes of a model file.
pub const MAGIC: &[u8; 7] = b"OSSICLE";
const VERSION: u8 = 1;

/// Why bytes cannot be decoded as a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// They do not start with [`MAGIC`].
    NotAModel,
    /// Their version is not 1.
    Version(u8),
    /// Bytes were changed or are missing.
    Checksum {
        /// The checksum in the file.
        expected: u32,
        /// The checksum of its bytes.
        found: u32,
    },
    /// They end within this field.
    Truncated(&'static str),
    /// This number of bytes follows the model.
    Trailing(usize),
    /// This field has an impossible value.
    Value(&'static str),
    /// A size exceeds its limit.
    Limit(Exceeded),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelError::NotAModel => write!(f, "this is not a model file: it does not start with OSSICLE"),
            ModelError::Version(found) => {
                write!(f, "this is a model file of version {found}, but this program reads version {VERSION}")
            }
            ModelError::Checksum { expected, found } => {
                write!(f, "the model file is damaged: its checksum is {found:08x}, but should be {expected:08x}")
            }
            ModelError::Truncated(what) => write!(f, "the model file is cut off within {what}"),
            ModelError::Trailing(bytes) => write!(f, "{bytes} extra bytes follow the model"),
            ModelError::Value(what) => write!(f, "the model file has an impossible value for {what}"),
            ModelError::Limit(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ModelError {}

/// The bytes of a model file.
pub fn encode(t: &DeployedModel) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.push(VERSION);
    let scale = match t.mel.scale {
        Scale::Slaney => 0,
        Scale::Htk => 1,
    };
    let norm = match t.mel.norm {
        Norm::Peak => 0,
        Norm::Area => 1,
    };
    let Framing { length, hop } = t.framing;
    let ContextFraming { width, step } = t.context_window;
    let sizes = [length, hop, scale, norm, t.mel.bands, width, step, t.basis.rows(), t.weights.rows(), t.regions];
    put_u32_le(&mut out, t.rate);
    sizes.iter().for_each(|&n| put_u32_le(&mut out, n as u32));
    put_u32_le(&mut out, t.labels.len() as u32);
    [t.mel.lowest, t.mel.highest].iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
    out.extend_from_slice(&t.floor.to_le_bytes());
    for label in &t.labels {
        put_u32_le(&mut out, label.len() as u32);
        out.extend_from_slice(label.as_bytes());
    }
    let (means, deviations) = (&t.pooled.means[..], &t.pooled.deviations[..]);
    let (basis, weights, classes) = (t.basis.elements(), t.weights.elements(), t.class_weights.elements());
    for numbers in [&t.mean[..], basis, weights, &t.biases, means, deviations, classes, &t.class_biases] {
        numbers.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
    }
    let checksum = crc32(&out);
    put_u32_le(&mut out, checksum);
    out
}

/// The model in the bytes of a model file.
///
/// # Errors
/// If [`encode`] did not make the bytes, or they were changed or cut off: see [`ModelError`].
pub fn decode(bytes: &[u8]) -> Result<DeployedModel, ModelError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
    match rest.first() {
        None => return Err(ModelError::Truncated("the version")),
        Some(&VERSION) => {}
        Some(&version) => return Err(ModelError::Version(version)),
    }
    let Some((body, checksum)) = bytes.split_last_chunk() else { return Err(ModelError::Truncated("the checksum")) };
    let (expected, found) = (u32::from_le_bytes(*checksum), crc32(body));
    if expected != found {
        return Err(ModelError::Checksum { expected, found });
    }
    let mut reader = Reader::new(body.get(MAGIC.len() + 1..).ok_or(ModelError::Truncated("the checksum"))?);
    let mut sizes = [0; 12];
    for size in &mut sizes {
        *size = reader.u32_le().ok_or(ModelError::Truncated("the sizes"))?;
    }
    let rate = sizes[0];
    SAMPLING_RATE.check(rate.into()).map_err(ModelError::Limit)?;
    let [_, length, hop, scale, norm, bands, width, step, components, features, regions, labels] =
        sizes.map(|n| n as usize);
    let mut frequency = || reader.u64_le().map(f64::from_bits).ok_or(ModelError::Truncated("the frequencies"));
    let (lowest, highest) = (frequency()?, frequency()?);
    let scale = match scale {
        0 => Scale::Slaney,
        1 => Scale::Htk,
        _ => return Err(ModelError::Value("the mel scale")),
    };
    let norm = match norm {
        0 => Norm::Peak,
        1 => Norm::Area,
        _ => return Err(ModelError::Value("the mel norm")),
    };
    let floor = f32::from_bits(reader.u32_le().ok_or(ModelError::Truncated("the floor"))?);
    let mut names: Vec<String> = Vec::new();
    for _ in 0..labels {
        let name = reader.u32_le().and_then(|length| reader.take(length as usize));
        let name = core::str::from_utf8(name.ok_or(ModelError::Truncated("the labels"))?);
        names.push(name.map_err(|_| ModelError::Value("a label"))?.to_string());
    }
    let product = |a: usize, b: usize| a.checked_mul(b).ok_or(ModelError::Value("the sizes"));
    let (window, pooled) = (product(width, bands)?, product(regions, features)?);
    let mut numbers = |what: &'static str, rows: usize, columns: usize| {
        let bytes = rows.checked_mul(columns).and_then(|n| n.checked_mul(4)).and_then(|n| reader.take(n));
        let (numbers, _) = bytes.ok_or(ModelError::Truncated(what))?.as_chunks();
        let numbers: Vec<f32> = numbers.iter().map(|&x| f32::from_le_bytes(x)).collect();
        if numbers.iter().all(|x| x.is_finite()) { Ok(numbers) } else { Err(ModelError::Value(what)) }
    };
    let trained = DeployedModel {
        rate,
        framing: Framing { length, hop },
        mel: MelSettings { scale, norm, bands, lowest, highest },
        floor,
        context_window: ContextFraming { width, step },
        labels: names,
        mean: numbers("the mean window", window, 1)?,
        basis: Matrix::from_rows(components, window, numbers("the whitening", components, window)?),
        weights: Matrix::from_rows(features, components, numbers("the encoder's weights", features, components)?),
        biases: numbers("the encoder's biases", features, 1)?,
        regions,
        pooled: StandardScaler {
            means: numbers("the pooled features' means", pooled, 1)?,
            deviations: numbers("the pooled features' deviations", pooled, 1)?,
        },
        class_weights: Matrix::from_rows(labels, pooled, numbers("the softmax's weights", labels, pooled)?),
        class_biases: numbers("the softmax's biases", labels, 1)?,
    };
    if reader.remaining() > 0 {
        return Err(ModelError::Trailing(reader.remaining()));
    }
    Ok(trained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictor::deployed::example;

    #[test]
    fn decoding_reverses_encoding() {
        let trained = example();
        assert_eq!(decode(&encode(&trained)), Ok(trained));
    }

    #[test]
    fn every_prefix_and_every_changed_byte_is_an_error() {
        let mut bytes = encode(&example());
        for length in (0..200).chain((200..bytes.len()).step_by(997)) {
            assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
        }
        for place in (0..200).chain((200..bytes.len()).step_by(997)) {
            bytes[place] ^= 0x10;
            let error = decode(&bytes).unwrap_err();
            match place {
                0..7 => assert_eq!(error, ModelError::NotAModel),
                7 => assert_eq!(error, ModelError::Version(0x11)),
                _ => assert!(matches!(error, ModelError::Checksum { .. }), "{place}: {error}"),
            }
            bytes[place] ^= 0x10;
        }
    }

    #[test]
    fn sizes_that_lie_are_errors_even_with_the_right_checksum() {
        let good = encode(&example());
        for place in (8..84).step_by(4) {
            for value in [0u32, 7, 1 << 20, u32::MAX] {
                let mut bytes = good[..good.len() - 4].to_vec();
                bytes[place..place + 4].copy_from_slice(&value.to_le_bytes());
                let checksum = crc32(&bytes);
                put_u32_le(&mut bytes, checksum);
                // A file that can be decoded may still have sizes that no predictor can have.
                if let Ok(trained) = decode(&bytes) {
                    let _ = trained.tables(1.0);
                }
            }
        }
    }

    #[test]
    fn more_bytes_than_the_model_are_an_error() {
        let mut bytes = encode(&example());
        bytes.truncate(bytes.len() - 4);
        bytes.extend([0; 3]);
        let checksum = crc32(&bytes);
        put_u32_le(&mut bytes, checksum);
        assert_eq!(decode(&bytes), Err(ModelError::Trailing(3)));
    }
}
