//! Bytes, frames, windows, resampling, and WAV files.

use super::tolerances::WINDOW_RANGE;
use super::{Draw, Test, outcome};
use ossicle::audio::frames::Framing;
use ossicle::audio::resample::Resampler;
use ossicle::audio::wav::{self, SampleType, Wav};
use ossicle::audio::window::{Ends, Window};
use ossicle::bytes::deflate::zlib;
use ossicle::bytes::endian::Reader;
use ossicle::bytes::inflate::inflate;

pub const TESTS: &[(&str, Test)] = &[
    ("frames", frames),
    ("windows", windows),
    ("resampling", resampling),
    ("WAV files", wav_files),
    ("readers", readers),
    ("inflating", inflating),
    ("sums", sums),
];

fn frames(draw: &mut Draw) {
    let framing = Framing { length: draw.size(), hop: draw.size() };
    let samples = draw.size();
    let count = outcome((framing, samples), || framing.count(samples));
    assert_eq!(count.is_some(), framing.length > 0 && framing.hop > 0);
    let Some(count) = count else { return };
    let end = |frames: usize| (frames as u128 - 1) * framing.hop as u128 + framing.length as u128;
    assert!(count == 0 || end(count) <= samples as u128);
    assert!(if count == 0 { framing.length > samples } else { end(count) + framing.hop as u128 > samples as u128 });
    let samples: Vec<usize> = (0..draw.small()).collect();
    let frames: Vec<&[usize]> = framing.frames(&samples).collect();
    assert_eq!(frames.len(), framing.count(samples.len()));
    for (t, frame) in frames.iter().enumerate() {
        assert!(frame.len() == framing.length && frame[0] == t * framing.hop);
    }
}

fn windows(draw: &mut Draw) {
    let ends = [Ends::Periodic, Ends::Symmetric, Ends::Open][draw.below(3)];
    let window = [Window::Rectangular, Window::Hann, Window::Hamming, Window::Blackman][draw.below(4)];
    let length = draw.size();
    match outcome((window, ends, length), || window.weights::<f64>(ends, length)) {
        Some(weights) => {
            assert!(weights.len() == length && weights.iter().all(|w| (-WINDOW_RANGE..=1.0 + WINDOW_RANGE).contains(w)))
        }
        None => assert!(length > 1 << 22),
    }
}

fn resampling(draw: &mut Draw) {
    const RATES: [u32; 12] = [0, 1, 2, 3, 5, 64, 65, 1 << 16, 1 << 31, u32::MAX, u32::MAX - 1, u32::MAX / 64];
    let [from, to] = [RATES[draw.below(12)], RATES[draw.below(12)]];
    let Some(Ok(resampler)) = outcome((from, to), || Resampler::<f32>::new(from, to)) else { return };
    let length = draw.size();
    let expected = (length as u128 * u128::from(to)).div_ceil(u128::from(from));
    let found = resampler.length(length);
    assert!(u128::from(found) == expected || found >= u64::MAX / u64::from(to.max(from)), "{from}, {to}, {length}");
    let count = draw.small();
    let samples = vec![1.0; count];
    let found = outcome((from, to, count), || resampler.resample(&samples));
    assert_eq!(found.map(|samples| samples.len() as u64), Some(resampler.length(count)));
}

fn wav_files(draw: &mut Draw) {
    let kind = [SampleType::Pcm16, SampleType::Pcm24, SampleType::Pcm32, SampleType::Float32, SampleType::Float64];
    let kind = kind[draw.below(5)];
    let (rate, channels, count) = (draw.size() as u32, draw.size() as u16, draw.small());
    let samples = vec![0.5; count];
    let Some(bytes) = outcome((kind, rate, channels, count), || wav::write(kind, rate, channels, &samples)) else {
        assert!(rate == 0 || channels == 0 || channels > 8000 || count % usize::from(channels) > 0);
        return;
    };
    let wav = Wav::parse(&bytes).unwrap();
    assert_eq!((wav.rate(), wav.channels(), wav.frames()), (rate, channels.into(), count / usize::from(channels)));
    assert!(wav.samples().eq(samples));
    // Lengths in the header that are not those of what follows.
    let mut bytes = bytes;
    let at = 4 * draw.below(bytes.len() / 4);
    bytes[at..at + 4].copy_from_slice(&(draw.size() as u32).to_le_bytes());
    if let Ok(wav) = outcome(("changed", at, &bytes), || Wav::parse(&bytes)).unwrap() {
        assert_eq!(wav.samples().count(), wav.frames() * wav.channels());
    }
}

fn readers(draw: &mut Draw) {
    let bytes = [7; 20];
    let mut reader = Reader::new(&bytes);
    for _ in 0..5 {
        let (n, left) = (draw.mostly_small(), reader.remaining());
        let taken = if draw.coin() { reader.take(n).map(<[u8]>::len) } else { reader.skip(n).map(|()| n) };
        assert_eq!(taken, (n <= left).then_some(n));
        assert_eq!(reader.position() + reader.remaining(), bytes.len());
    }
}

fn inflating(draw: &mut Draw) {
    let bytes = vec![1; 10 * draw.small()];
    let most = draw.size();
    // Without zlib's two bytes in front and its checksum behind.
    let packed = zlib(&bytes);
    let packed = &packed[2..packed.len() - 4];
    let found = outcome(("inflate", bytes.len(), most), || inflate(packed, most)).unwrap();
    assert_eq!(found.is_ok(), bytes.len() <= most);
    assert!(found.is_err() || found == Ok(bytes));
}

fn sums(draw: &mut Draw) {
    use ossicle::number::exponential::sigmoid_into;
    use ossicle::number::sum::{axpy, difference_and_products, dot, replace_and_dot, squared_distance};
    let [m, n] = [draw.small(), draw.small()];
    let (x, mut y, mut z) = (draw.numbers(m), draw.numbers(n), draw.numbers(m));
    let all = [
        outcome(("dot", m, n), || dot(&x, &y)),
        outcome(("distance", m, n), || squared_distance(&x, &y)),
        outcome(("add", m, n), || axpy(1.0, &x, &mut y)).map(|()| 0.0),
        outcome(("sigmoid", m, n), || sigmoid_into(&x, &mut y)).map(|()| 0.0),
        outcome(("replace", m, n), || replace_and_dot(&mut y, &x, &x, |a, b| a + b)),
        outcome(("difference", m, n), || difference_and_products([&x, &x], &mut z, [&x, &x], &mut y)[0]),
    ];
    assert_eq!(all.map(|found| found.is_some()), [m == n; 6]);
    let below = draw.size();
    let found = outcome(("below", below), || draw.random().index(below));
    assert!(found.map_or(below == 0, |found| found < below));
}
