//! From numbers to the bytes of a file: PCM of 16 bits, the one kind that everything can play.

use crate::bytes::endian::{put_u16_le, put_u32_le};
use alloc::vec::Vec;

/// Bytes of the file between the RIFF length and the first sample: "WAVE", the `fmt ` chunk, the
/// head of `data`.
const HEADER: u32 = 4 + (8 + 16) + 8;

/// The bytes of a WAV file of 16 bits.
///
/// `rate` is in Hz; `samples` are interleaved as [`Wav::samples`](super::Wav::samples) yields them.
/// A number x is stored as x·2¹⁵, rounded to the nearest integer, ties away from zero, and clamped
/// to -32768 and 32767: x is thus clamped to \[-1, 1 - 2⁻¹⁵\]. NaN is stored as 0. What was read
/// from 16 bits is written back without a change.
///
/// # Panics
///
/// If `rate` is 0; if `channels` is 0 or over 32767 (a frame's length is a field of 16 bits); if
/// the number of samples is no multiple of `channels`; or if the file's length does not fit in the
/// 32 bits that RIFF has for it.
pub fn write_pcm16(rate: u32, channels: u16, samples: &[f64]) -> Vec<u8> {
    assert!(rate > 0, "a WAV file needs a sample rate above 0 Hz");
    assert!((1..=32_767).contains(&channels), "a 16-bit WAV file has 1 to 32767 channels, not {channels}");
    assert!(
        samples.len().is_multiple_of(usize::from(channels)),
        "{} samples are no whole number of frames of {channels} channels",
        samples.len()
    );
    let data_bytes =
        u32::try_from(samples.len()).ok().and_then(|n| n.checked_mul(2)).filter(|&n| n <= u32::MAX - HEADER);
    let Some(data_bytes) = data_bytes else {
        panic!("{} samples are too many for a WAV file", samples.len());
    };

    let block_align = channels * 2;
    let mut out = Vec::with_capacity(8 + HEADER as usize + samples.len() * 2);
    out.extend_from_slice(b"RIFF");
    put_u32_le(&mut out, HEADER + data_bytes);
    out.extend_from_slice(b"WAVEfmt ");
    put_u32_le(&mut out, 16);
    put_u16_le(&mut out, 1);
    put_u16_le(&mut out, channels);
    put_u32_le(&mut out, rate);
    put_u32_le(&mut out, rate.saturating_mul(u32::from(block_align)));
    put_u16_le(&mut out, block_align);
    put_u16_le(&mut out, 16);
    out.extend_from_slice(b"data");
    put_u32_le(&mut out, data_bytes);
    for &x in samples {
        out.extend_from_slice(&quantize(x).to_le_bytes());
    }
    out
}

/// x·2¹⁵ to the nearest integer, ties away from zero.
fn quantize(x: f64) -> i16 {
    let scaled = (x * 32_768.0).clamp(-32_768.0, 32_767.0);
    // A cast drops the fraction and takes NaN to 0. The clamp leaves no fraction at the ends, so ±1
    // cannot overflow.
    let whole = scaled as i16;
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
            assert_eq!(quantize(steps / 32_768.0), stored, "{steps}");
            assert_eq!(quantize(-steps / 32_768.0), -stored, "-{steps}");
        }
        assert_eq!(quantize(-32_767.5 / 32_768.0), -32_768);
        assert_eq!(quantize(-32_767.4 / 32_768.0), -32_767);
    }

    #[test]
    fn numbers_beyond_the_range_are_clamped_and_nan_is_silence() {
        for x in [1.0, 1.5, 1e300, f64::INFINITY, 32_767.4 / 32_768.0] {
            assert_eq!(quantize(x), 32_767);
        }
        for x in [-1.0, -1.5, -1e300, f64::NEG_INFINITY] {
            assert_eq!(quantize(x), -32_768);
        }
        for x in [f64::NAN, -f64::NAN, 0.0, -0.0, f64::MIN_POSITIVE] {
            assert_eq!(quantize(x), 0);
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
