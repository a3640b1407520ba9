//! From the bytes of the `data` chunk to numbers.
//!
//! An integer s in a container of b bits becomes s / 2^(b-1). Every such quotient is exact in an `f64`, 32 bits
//! included: dividing by a power of two changes the exponent alone. So an integer of any length is first moved to the
//! upper end of 32 bits, and 8 bits lose their offset by flipping the highest.
//!
//! A-law and mu-law (ITU-T G.711, 1988) are floating-point numbers of 8 bits: a sign, an exponent e of three bits, a
//! mantissa m of four. In units of 2⁻¹⁵,
//!
//! ```text
//! mu-law   ±((8m + 132)·2ᵉ - 132)                             at most 32124
//! A-law    ±(16m + 264)·2ᵉ⁻¹,   or ±(16m + 8) if e = 0        at most 32256
//! ```

use super::format::{Encoding, Format};
use super::header::Wav;
use crate::bytes::endian::Reader;
use alloc::vec::Vec;
use core::fmt;

impl<'a> Wav<'a> {
    /// All samples in the order of the file: the first frame's channels, then the second frame's,
    /// and so on.
    ///
    /// Integers lie in \[-1, 1 - 2^(1-b)\], b being [`Wav::bits`]. Floating-point numbers are
    /// passed on as they are, be they beyond ±1, infinite or NaN.
    pub fn samples(&self) -> Samples<'a> {
        Samples { format: self.format, reader: Reader::new(self.data) }
    }

    /// The mean of the channels, one number a frame:
    ///
    /// ```text
    /// mₜ = (((xₜ₁ + xₜ₂) + xₜ₃) + ... + xₜ_C) / C
    /// ```
    ///
    /// The order of the additions is part of the definition. One channel is passed on unchanged.
    /// Infinities and NaN pass through, and the sum of 64-bit floating-point numbers can overflow
    /// to an infinity; see [`Wav::first_non_finite`].
    pub fn mono(&self) -> Vec<f64> {
        let others = self.channels() - 1;
        let divisor = f64::from(self.format.channels);
        let mut mono = Vec::with_capacity(self.frames());
        let mut samples = self.samples();
        while let Some(first) = samples.next() {
            let mut sum = first;
            for sample in samples.by_ref().take(others) {
                sum += sample;
            }
            mono.push(sum / divisor);
        }
        mono
    }

    /// The first frame in which a sample is infinite or NaN; always `None` for integers.
    pub fn first_non_finite(&self) -> Option<usize> {
        let sample = self.samples().position(|sample| !sample.is_finite())?;
        Some(sample / self.channels())
    }
}

/// The samples of a [`Wav`], as [`Wav::samples`] describes them.
#[derive(Clone)]
pub struct Samples<'a> {
    format: Format,
    reader: Reader<'a>,
}

/// The first of the samples that are left, and their number if there are more.
impl fmt::Debug for Samples<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 6;
        let mut list = f.debug_list();
        list.entries(self.clone().take(SHOWN));
        if self.len() > SHOWN {
            list.entry(&format_args!("... ({})", self.len()));
        }
        list.finish()
    }
}

impl Iterator for Samples<'_> {
    type Item = f64;

    #[inline]
    fn next(&mut self) -> Option<f64> {
        let Samples { format: Format { encoding, order, bytes, .. }, reader } = self;
        // The bytes of an integer at the upper end of 32 bits.
        let integer = match (*encoding, *bytes) {
            (Encoding::ALaw, _) => return reader.u8().map(a_law),
            (Encoding::MuLaw, _) => return reader.u8().map(mu_law),
            (Encoding::Float, 8) => return reader.array().map(|x| f64::from_le_bytes(order.to_little(x))),
            (Encoding::Float, _) => return reader.array().map(|x| f64::from(f32::from_le_bytes(order.to_little(x)))),
            (Encoding::Pcm, 1) => [0, 0, 0, reader.u8()? ^ 0x80],
            (Encoding::Pcm, 2) => {
                let [low, high] = order.to_little(reader.array()?);
                [0, 0, low, high]
            }
            (Encoding::Pcm, 3) => {
                let [low, middle, high] = order.to_little(reader.array()?);
                [0, low, middle, high]
            }
            (Encoding::Pcm, _) => order.to_little(reader.array()?),
        };
        Some(f64::from(i32::from_le_bytes(integer)) / 2_147_483_648.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.reader.remaining() / usize::from(self.format.bytes);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Samples<'_> {}

/// A sample of G.711's mu-law: 14 bits, of which sign, exponent and four bits of the mantissa are stored, all inverted.
fn mu_law(byte: u8) -> f64 {
    let (exponent, mantissa) = (!byte >> 4 & 7, i32::from(!byte & 15));
    let size = ((8 * mantissa + 132) << exponent) - 132;
    f64::from(if byte < 128 { -size } else { size }) / 32_768.0
}

/// A sample of G.711's A-law: 13 bits, stored likewise, every other bit inverted.
fn a_law(byte: u8) -> f64 {
    let code = byte ^ 0x55;
    let (exponent, mantissa) = (code >> 4 & 7, i32::from(code & 15));
    let size = match exponent {
        0 => 16 * mantissa + 8,
        _ => (16 * mantissa + 264) << (exponent - 1),
    };
    f64::from(if code < 128 { -size } else { size }) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{chunk, extensible, fmt, riff};
    use super::*;
    use crate::bytes::endian::Order;

    /// The samples of a file, read with a plain and with an extensible header.
    fn samples(tag: u16, bits: u16, data: &[u8]) -> Vec<f64> {
        let data = chunk(b"data", data);
        let plain = riff(&[chunk(b"fmt ", &fmt(tag, 1, 8000, bits)), data.clone()]);
        let other = riff(&[chunk(b"fmt ", &extensible(tag, 1, 8000, bits, bits)), data]);
        let plain: Vec<f64> = Wav::parse(&plain).unwrap().samples().collect();
        let other: Vec<f64> = Wav::parse(&other).unwrap().samples().collect();
        assert_eq!(plain, other);
        plain
    }

    fn mono(tag: u16, channels: u16, bits: u16, data: &[u8]) -> (Vec<f64>, Option<usize>) {
        let fmt = fmt(tag, channels, 8000, bits);
        let file = riff(&[chunk(b"fmt ", &fmt), chunk(b"data", data)]);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!(wav.mono().len(), wav.frames());
        (wav.mono(), wav.first_non_finite())
    }

    #[test]
    fn eight_bits_are_unsigned_around_128() {
        assert_eq!(samples(1, 8, &[0, 64, 127, 128, 129, 255]), [-1.0, -0.5, -0.0078125, 0.0, 0.0078125, 0.9921875]);
    }

    #[test]
    fn sixteen_bits_span_minus_one_to_just_below_one() {
        assert_eq!(
            samples(1, 16, b"\x00\x80\x00\xc0\xff\xff\x00\x00\x01\x00\xff\x7f"),
            [-1.0, -0.5, -0.000030517578125, 0.0, 0.000030517578125, 0.999969482421875]
        );
    }

    #[test]
    fn twenty_four_bits_extend_their_sign() {
        let step = 1.192_092_895_507_812_5e-7; // 2⁻²³
        assert_eq!(
            samples(1, 24, b"\x00\x00\x80\xff\xff\xff\x00\x00\x00\x01\x00\x00\xff\xff\x7f"),
            [-1.0, -step, 0.0, step, 1.0 - step]
        );
    }

    #[test]
    fn thirty_two_bits_are_exact() {
        let step = 4.656_612_873_077_393e-10; // 2⁻³¹
        assert_eq!(
            samples(1, 32, b"\0\0\0\x80\xff\xff\xff\xff\0\0\0\0\x01\0\0\0\xff\xff\xff\x7f"),
            [-1.0, -step, 0.0, step, 1.0 - step]
        );
    }

    #[test]
    fn twenty_valid_bits_in_twenty_four_are_scaled_as_twenty_four() {
        let fmt = chunk(b"fmt ", &extensible(1, 1, 8000, 24, 20));
        let file = riff(&[fmt, chunk(b"data", b"\x00\x00\x40\xf0\xff\x7f")]);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!((wav.bits(), wav.valid_bits()), (24, 20));
        assert_eq!(wav.mono(), [0.5, 1.0 - 1.0 / 524_288.0]);
    }

    #[test]
    fn floats_stand_for_themselves_even_beyond_one() {
        assert_eq!(
            samples(3, 32, b"\x00\x00\x80\x3f\x00\x00\x20\xc0\xcd\xcc\xcc\x3d\x01\x00\x00\x00"),
            [1.0, -2.5, f64::from(0.1f32), f64::from(f32::from_bits(1))]
        );
        assert_eq!(samples(3, 64, b"\0\0\0\0\0\0\xf0\x3f\x9a\x99\x99\x99\x99\x99\xb9\xbf"), [1.0, -0.1]);
    }

    #[test]
    fn telephone_samples_are_those_of_g711() {
        let step = 1.0 / 32_768.0;
        let mu = [0x00, 0x80, 0x7f, 0xff, 0x0f, 0xf0, 0x55];
        assert_eq!(
            samples(7, 8, &mu),
            [-32_124.0, 32_124.0, 0.0, 0.0, -16_764.0, 120.0, -716.0].map(|x: f64| x * step)
        );
        let a = [0xd5, 0x55, 0xaa, 0x2a, 0x80, 0xc5];
        assert_eq!(samples(6, 8, &a), [8.0, -8.0, 32_256.0, -32_256.0, 5504.0, 264.0].map(|x: f64| x * step));
    }

    #[test]
    fn telephone_samples_rise_with_their_codes_and_are_odd() {
        let all: Vec<u8> = (0..=255).collect();
        let (mu, a) = (samples(7, 8, &all), samples(6, 8, &all));
        for i in 0..128 {
            assert_eq!(mu[i], -mu[i + 128]);
            assert_eq!(a[i], -a[i + 128]);
            if i > 0 {
                assert!(mu[i] > mu[i - 1]);
                assert!(a[i ^ 0x55].abs() > a[(i - 1) ^ 0x55].abs());
            }
        }
    }

    #[test]
    fn most_significant_bytes_may_come_first() {
        for (tag, bits) in [(1, 16), (1, 24), (1, 32), (3, 32), (3, 64)] {
            let bytes = usize::from(bits / 8);
            let data: Vec<u8> = (0..4 * bytes).map(|i| (i * 41 + 3) as u8).collect();
            let mut turned = data.clone();
            turned.chunks_exact_mut(bytes).for_each(|sample| sample.reverse());
            let little = Format::parse(&fmt(tag, 1, 8000, bits), 20, Order::Little).unwrap();
            let big = Format { order: Order::Big, ..little };
            let read = |format, data| Wav { format, data }.samples().collect::<Vec<f64>>();
            assert_eq!(read(big, &turned), read(little, &data));
        }
    }

    #[test]
    fn twenty_four_bits_in_thirty_two_are_scaled_as_thirty_two() {
        let mut fmt = fmt(1, 1, 8000, 24);
        fmt[12] = 4;
        let file = riff(&[chunk(b"fmt ", &fmt), chunk(b"data", b"\0\0\0\x40\0\x01\0\0")]);
        let wav = Wav::parse(&file).unwrap();
        assert_eq!((wav.bits(), wav.valid_bits()), (32, 24));
        assert_eq!(wav.mono(), [0.5, 1.192_092_895_507_812_5e-7]);
    }

    #[test]
    fn the_iterator_knows_how_many_samples_are_left() {
        let fmt = chunk(b"fmt ", &fmt(1, 2, 8000, 24));
        let file = riff(&[fmt, chunk(b"data", &[0; 18])]);
        let mut samples = Wav::parse(&file).unwrap().samples();
        for left in (0..6).rev() {
            samples.next();
            assert_eq!(samples.len(), left);
        }
        assert_eq!(samples.next(), None);
    }

    #[test]
    fn mono_is_the_mean_of_the_channels() {
        assert_eq!(mono(1, 2, 8, &[192, 128, 0, 255, 128, 64]).0, [0.25, -0.00390625, -0.25]);
        assert_eq!(mono(1, 3, 8, &[224, 224, 128]).0, [0.5]);
    }

    #[test]
    fn mono_adds_in_ascending_order_of_channels() {
        let data: Vec<u8> = [1e16, 1.0, -1e16].iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
        assert_eq!(mono(3, 3, 64, &data).0, [0.0]);
        let data: Vec<u8> = [1e16, -1e16, 3.0].iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
        assert_eq!(mono(3, 3, 64, &data).0, [1.0]);
    }

    #[test]
    fn one_channel_is_left_alone_down_to_the_sign_of_zero() {
        let x = [0.1, -0.0, f64::MIN_POSITIVE, f64::from_bits(1), f64::MAX];
        let data: Vec<u8> = x.iter().flat_map(|x| x.to_le_bytes()).collect();
        let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
        assert_eq!(bits(&mono(3, 1, 64, &data).0), bits(&x));
    }

    #[test]
    fn non_finite_samples_pass_through_and_are_found_by_frame() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let x = [0.0, 0.5, 1.0, 1.5, 2.0, bad];
            let data: Vec<u8> = x.iter().flat_map(|x: &f32| x.to_le_bytes()).collect();
            let (mono, found) = mono(3, 2, 32, &data);
            assert_eq!(mono[..2], [0.25, 1.25]);
            assert!(!mono[2].is_finite());
            assert_eq!(found, Some(2));
        }
        assert_eq!(mono(1, 1, 16, &[0xff; 8]).1, None);
        assert_eq!(mono(3, 1, 32, &[0; 8]).1, None);
    }

    #[test]
    fn no_frames_give_no_samples() {
        assert_eq!(mono(1, 2, 16, &[]), (Vec::new(), None));
    }
}
