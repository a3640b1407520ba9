//! Writing: from numbers to the bytes of a file, in the five sample types that every program reads: PCM of 16, 24 and
//! 32 bits, and floating-point numbers of 32 and 64.
//!
//! ```text
//! s = x·2^(b-1), rounded to the nearest integer, ties away from zero, clamped to -2^(b-1) and 2^(b-1) - 1
//! ```
//!
//! NaN is stored as 0 in PCM. Floating-point samples take a longer `fmt ` chunk and a `fact` chunk, as Microsoft
//! requires.

use super::format::Encoding;
use crate::bytes::endian::{put_u16_le, put_u32_le};
use alloc::vec::Vec;

/// The type of stored samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleType {
    /// Integers of 16 bits.
    Pcm16,
    /// Integers of 24 bits.
    Pcm24,
    /// Integers of 32 bits.
    Pcm32,
    /// Floating-point numbers of 32 bits.
    Float32,
    /// Floating-point numbers of 64 bits.
    Float64,
}

impl SampleType {
    /// The kind of number, and its bits.
    pub fn encoding(self) -> (Encoding, u16) {
        match self {
            SampleType::Pcm16 => (Encoding::Pcm, 16),
            SampleType::Pcm24 => (Encoding::Pcm, 24),
            SampleType::Pcm32 => (Encoding::Pcm, 32),
            SampleType::Float32 => (Encoding::Float, 32),
            SampleType::Float64 => (Encoding::Float, 64),
        }
    }
}

/// The bytes of a WAV file of 16 bits: [`write()`] with [`SampleType::Pcm16`].
///
/// # Panics
///
/// As [`write()`].
pub fn write_pcm16(rate: u32, channels: u16, samples: &[f64]) -> Vec<u8> {
    write(SampleType::Pcm16, rate, channels, samples)
}

/// The bytes of a WAV file.
///
/// `rate` is in Hz; `samples` are interleaved as [`Wav::samples`](super::Wav::samples) yields them. Samples read from a
/// type are written back to it, and to a type of more bits, without a change.
///
/// # Panics
///
/// If `rate` or `channels` is 0; if a frame is longer than 65535 bytes (its length is a field of 16 bits). Also if the
/// number of samples is not a multiple of `channels`, or if the file's length does not fit in RIFF's 32 bits.
pub fn write(kind: SampleType, rate: u32, channels: u16, samples: &[f64]) -> Vec<u8> {
    let (encoding, bits) = kind.encoding();
    let bytes = bits / 8;
    let most = u16::MAX / bytes;
    assert!(rate > 0, "a WAV file needs a sample rate above 0 Hz");
    assert!((1..=most).contains(&channels), "a {bits}-bit WAV file has 1 to {most} channels, not {channels}");
    assert!(
        samples.len().is_multiple_of(usize::from(channels)),
        "{} samples are no whole number of frames of {channels} channels",
        samples.len()
    );
    // Between the RIFF length and the first sample: "WAVE", the `fmt ` chunk, perhaps `fact`, the head of `data`.
    let (codec, format_bytes, fact_bytes) = match encoding {
        Encoding::Pcm => (1, 16, 0),
        _ => (3, 18, 12),
    };
    let header = 4 + (8 + format_bytes) + fact_bytes + 8;
    let length = |n: u64| u32::try_from(n).ok();
    let data_bytes = samples.len() as u64 * u64::from(bytes);
    let pad = data_bytes % 2;
    let (Some(data_length), Some(riff_length)) = (length(data_bytes), length(u64::from(header) + data_bytes + pad))
    else {
        panic!("{} samples are too many for a WAV file", samples.len());
    };

    let block_align = channels * bytes;
    let mut out = Vec::with_capacity(riff_length as usize + 8);
    out.extend_from_slice(b"RIFF");
    put_u32_le(&mut out, riff_length);
    out.extend_from_slice(b"WAVEfmt ");
    put_u32_le(&mut out, format_bytes);
    put_u16_le(&mut out, codec);
    put_u16_le(&mut out, channels);
    put_u32_le(&mut out, rate);
    put_u32_le(&mut out, rate.saturating_mul(u32::from(block_align)));
    put_u16_le(&mut out, block_align);
    put_u16_le(&mut out, bits);
    if encoding != Encoding::Pcm {
        put_u16_le(&mut out, 0);
        out.extend_from_slice(b"fact");
        put_u32_le(&mut out, 4);
        put_u32_le(&mut out, data_length / u32::from(block_align));
    }
    out.extend_from_slice(b"data");
    put_u32_le(&mut out, data_length);
    for &x in samples {
        match kind {
            SampleType::Float32 => out.extend_from_slice(&(x as f32).to_le_bytes()),
            SampleType::Float64 => out.extend_from_slice(&x.to_le_bytes()),
            _ => out.extend_from_slice(&quantize(x, bits).to_le_bytes()[..usize::from(bytes)]),
        }
    }
    out.resize(out.len() + pad as usize, 0);
    out
}

/// x·2^(bits - 1) to the nearest integer, ties away from zero.
fn quantize(x: f64, bits: u16) -> i32 {
    let one = (1_u64 << (bits - 1)) as f64;
    let scaled = (x * one).clamp(-one, one - 1.0);
    // A cast drops the fraction and takes NaN to 0. The clamp leaves no fraction at the ends, so ±1
    // cannot overflow.
    let whole = scaled as i32;
    let fraction = scaled - f64::from(whole);
    if fraction >= 0.5 {
        whole + 1
    } else if fraction <= -0.5 {
        whole - 1
    } else {
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wav;
    use super::*;

    #[test]
    fn every_byte_of_a_small_file_is_the_expected_one() {
        assert_eq!(
            write_pcm16(8000, 2, &[0.5, -1.0]),
            *b"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\x00\x7d\0\0\x04\0\x10\0\
               data\x04\0\0\0\x00\x40\x00\x80"
        );
    }

    #[test]
    fn all_65536_values_come_back_as_they_were() {
        let samples: Vec<f64> = (-32_768..32_768).map(|s| f64::from(s) / 32_768.0).collect();
        let file = write_pcm16(44_100, 4, &samples);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!(wav.samples().collect::<Vec<f64>>(), samples);
        assert_eq!(write_pcm16(44_100, 4, &samples), file);
    }

    #[test]
    fn ties_go_away_from_zero_and_all_else_to_the_nearest() {
        for (steps, stored) in [
            (0.5, 1),
            (1.5, 2),
            (2.5, 3),
            (0.5f64.next_down(), 0),
            (0.5f64.next_up(), 1),
            (2.5f64.next_down(), 2),
            (32_766.5, 32_767),
            (32_766.5f64.next_down(), 32_766),
        ] {
            assert_eq!(quantize(steps / 32_768.0, 16), stored, "{steps}");
            assert_eq!(quantize(-steps / 32_768.0, 16), -stored, "-{steps}");
        }
        assert_eq!(quantize(-32_767.5 / 32_768.0, 16), -32_768);
        assert_eq!(quantize(-32_767.4 / 32_768.0, 16), -32_767);
    }

    #[test]
    fn numbers_beyond_the_range_are_clamped_and_nan_is_silence() {
        for x in [1.0, 1.5, 1e300, f64::INFINITY, 32_767.4 / 32_768.0] {
            assert_eq!(quantize(x, 16), 32_767);
        }
        for x in [-1.0, -1.5, -1e300, f64::NEG_INFINITY] {
            assert_eq!(quantize(x, 16), -32_768);
        }
        for x in [f64::NAN, -f64::NAN, 0.0, -0.0, f64::MIN_POSITIVE] {
            assert_eq!(quantize(x, 16), 0);
        }
    }

    #[test]
    fn no_samples_make_a_valid_file_of_no_frames() {
        let file = write_pcm16(1, 1, &[]);
        assert_eq!(file.len(), 44);
        assert_eq!(Wav::parse(&file).unwrap().frames(), 0);
    }

    #[test]
    fn the_most_channels_and_the_highest_rate_can_be_read_back() {
        let file = write_pcm16(u32::MAX, 32_767, &[0.25; 32_767]);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!((wav.rate(), wav.channels()), (u32::MAX, 32_767));
        assert_eq!(file[28..32], [0xff; 4], "bytes a second stop at what fits");
        assert_eq!(wav.mono(), [0.25]);
    }

    #[test]
    fn every_type_comes_back_as_it_was_and_every_shorter_one_in_a_longer() {
        let kinds = [SampleType::Pcm16, SampleType::Pcm24, SampleType::Pcm32, SampleType::Float32, SampleType::Float64];
        let samples = [-1.0, 0.5, -0.25, 1.0 - 1.0 / 32_768.0, 1.0 / 32_768.0, 0.0, -1.0 / 32_768.0];
        for kind in kinds {
            for channels in [1, 7] {
                let file = write(kind, 8000, channels, &samples);
                assert_eq!(file.len() % 2, 0);
                assert_eq!(file[4..8], (file.len() as u32 - 8).to_le_bytes());
                let wav = Wav::parse(&file).unwrap();
                assert_eq!((wav.encoding(), wav.bits()), kind.encoding());
                assert!(wav.samples().eq(samples));
            }
        }
        let fine = [1.0 - 1.0 / 2_147_483_648.0, -1.0 / 2_147_483_648.0];
        for kind in [SampleType::Pcm32, SampleType::Float64] {
            assert!(Wav::parse(&write(kind, 8000, 1, &fine)).unwrap().samples().eq(fine));
        }
    }

    #[test]
    fn integers_of_every_length_are_rounded_and_clamped() {
        for (bits, most) in [(16, 32_767), (24, 8_388_607), (32, i32::MAX)] {
            let step = 1.0 / (f64::from(most) + 1.0);
            assert_eq!((quantize(1.0, bits), quantize(-2.0, bits)), (most, -most - 1));
            assert_eq!((quantize(1.5 * step, bits), quantize(-1.5 * step, bits)), (2, -2));
            assert_eq!(quantize(1.4 * step, bits), 1);
            assert_eq!(quantize(f64::NAN, bits), 0);
        }
    }

    #[test]
    fn a_floating_point_file_says_how_many_frames_it_has() {
        assert_eq!(
            write(SampleType::Float32, 8000, 1, &[1.0]),
            *b"RIFF\x36\0\0\0WAVEfmt \x12\0\0\0\x03\0\x01\0\x40\x1f\0\0\x00\x7d\0\0\x04\0\x20\0\0\0\
               fact\x04\0\0\0\x01\0\0\0data\x04\0\0\0\0\0\x80\x3f"
        );
    }

    #[test]
    #[should_panic(expected = "1 to 32767 channels, not 0")]
    fn no_channels_panic() {
        write_pcm16(8000, 0, &[]);
    }

    #[test]
    #[should_panic(expected = "3 samples are no whole number of frames of 2 channels")]
    fn a_partial_frame_panics() {
        write_pcm16(8000, 2, &[0.0; 3]);
    }

    #[test]
    #[should_panic(expected = "above 0 Hz")]
    fn a_rate_of_zero_panics() {
        write_pcm16(0, 1, &[]);
    }
}
