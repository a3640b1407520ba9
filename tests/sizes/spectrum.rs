//! Fourier transforms, banks of filters, cepstra, constant-Q.

use super::{Draw, Test, outcome, product, tolerances};
use ossicle::audio::frames::Framing;
use ossicle::audio::window::{Ends, Window};
use ossicle::matrix::Matrix;
use ossicle::spectrum::bank::{Bank, LogBands};
use ossicle::spectrum::bark;
use ossicle::spectrum::cepstrum::{dct, deltas, lifter};
use ossicle::spectrum::constant_q::{ConstantQ, ConstantQSettings};
use ossicle::spectrum::convention::Convention;
use ossicle::spectrum::fourier::{ComplexFft, RealFft, real_by_definition};
use ossicle::spectrum::mel::{MelSettings, Norm, Scale};
use ossicle::spectrum::mfcc::{Lifter, Mfcc};
use ossicle::spectrum::spectrogram::Spectrogram;
use ossicle::spectrum::stft::{Edges, Stft, StftSettings};

pub const TESTS: &[(&str, Test)] = &[
    ("transforms", transforms),
    ("short-time transforms", short_time),
    ("banks", banks),
    ("logarithms of bands", log_bands),
    ("cepstra", cepstra),
    ("constant-Q", constant_q),
    ("conventions", conventions),
    ("mel-frequency cepstra", mel_cepstra),
];

fn transforms(draw: &mut Draw) {
    let length = draw.size();
    let complex = outcome(("complex", length), || ComplexFft::<f32>::new(length));
    assert!(complex.map_or(length == 0 || length > 1 << 20, |fft| fft.length() == length));
    let Some(mut fft) = outcome(("real", length), || RealFft::<f64>::new(length)) else {
        assert!(length == 0 || length > 1 << 20);
        return;
    };
    assert_eq!((fft.length(), fft.bins()), (length, length / 2 + 1));
    if length > 100 {
        return;
    }
    let mut vary = |size: usize| if draw.below(10) == 0 { draw.small() } else { size };
    let lengths = [vary(length), vary(fft.bins()), vary(fft.bins())];
    let samples: Vec<f64> = (0..lengths[0]).map(|i| i as f64).collect();
    let (mut re, mut im) = (vec![0.0; lengths[1]], vec![0.0; lengths[2]]);
    let fits = lengths == [length, fft.bins(), fft.bins()];
    assert_eq!(outcome(lengths, || fft.transform(&samples, &mut re, &mut im)).is_some(), fits);
    let mut back = samples.clone();
    assert_eq!(outcome(lengths, || fft.inverse(&re, &im, &mut back)).is_some(), fits);
    if fits {
        let (expected_re, expected_im): (Vec<f64>, Vec<f64>) =
            real_by_definition(&samples).iter().map(|x| (x.re, x.im)).unzip();
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerances::RAMP_TRANSFORM);
        assert!(near(&re, &expected_re) && near(&im, &expected_im) && near(&back, &samples));
    }
}

fn short_time(draw: &mut Draw) {
    let edges = [Edges::Whole, Edges::Zero, Edges::Reflect][draw.below(3)];
    let (frame, hop, more) = (draw.mostly_small(), draw.mostly_small(), draw.mostly_small());
    let transform = if draw.coin() { frame.saturating_add(more) } else { more };
    let settings = StftSettings { frame, hop, transform, window: Window::Hamming, ends: Ends::Symmetric, edges };
    let Some(mut stft) = outcome(settings, || Stft::<f64>::new(settings)) else {
        assert!(frame == 0 || hop == 0 || transform < frame || transform > 1 << 20);
        return;
    };
    let samples = draw.size();
    let margin = if edges == Edges::Whole { 0 } else { frame / 2 };
    let all = samples as u128 + 2 * margin as u128;
    let expected = if samples == 0 || all < frame as u128 { 0 } else { 1 + (all - frame as u128) / hop as u128 };
    let count = outcome((settings, samples), || stft.count(samples));
    assert!(count.map_or(all > usize::MAX as u128, |count| count as u128 == expected), "{settings:?}, {samples}");

    let x = {
        let count = 3 * draw.small();
        draw.numbers(count)
    };
    let Some([re, im]) = outcome((settings, x.len()), || stft.parts(&x)) else { return };
    assert_eq!((re.rows(), re.columns()), (stft.bins(), stft.count(x.len())));
    let back = outcome((settings, "inverse", samples), || stft.inverse(&re, &im, samples));
    assert!(back.is_none_or(|back| back.len() == samples && stft.count(samples) == re.columns()));
    let back = outcome((settings, "back"), || stft.inverse(&re, &im, x.len())).unwrap();
    assert_eq!(back.len(), x.len());

    let framing = Framing { length: frame, hop };
    let mut spectrogram = outcome(framing, || Spectrogram::<f64>::new(framing)).unwrap();
    let power = outcome((framing, x.len()), || spectrogram.power(&x)).unwrap();
    assert_eq!((power.rows(), power.columns()), (frame / 2 + 1, framing.count(x.len())));
    let (some, bins) = (vec![0.0; draw.small()], draw.small());
    let found = outcome((framing, some.len(), bins), || spectrogram.frame_power(&some, &mut vec![0.0; bins]));
    assert_eq!(found.is_some(), some.len() == frame && bins == frame / 2 + 1);
}

fn banks(draw: &mut Draw) {
    let (bands, length) = (draw.size(), draw.size());
    let settings = MelSettings { scale: Scale::Htk, norm: Norm::Peak, bands, lowest: 0.0, highest: 4000.0 };
    let mel = outcome(settings, || Bank::<f32>::mel(&settings, length, 8000.0)).and_then(Result::ok);
    let bark = outcome(("bark", bands, length), || Bank::<f32>::bark(bands, length, 8000.0));
    let chroma = outcome(("chroma", length), || Bank::<f32>::chroma(length, 8000.0));
    let centers = outcome(("centers", bands), || bark::centers(bands, 8000.0).len());
    assert!(centers.map_or(!(2..=1 << 20).contains(&bands), |found| found == bands));
    for (bank, bands) in [(mel, bands), (bark, bands), (chroma, 12)] {
        let Some(bank) = bank else { continue };
        assert_eq!((bank.bands(), bank.bins()), (bands, length / 2 + 1));
        let mut vary = |size: usize| if draw.below(4) == 0 { draw.small() } else { size };
        let (power, mut out) = (vec![1.0; vary(bank.bins())], vec![0.0; vary(bands)]);
        let found = outcome(("apply", power.len(), out.len()), || bank.apply(&power, &mut out));
        assert_eq!(found.is_some(), power.len() == bank.bins() && out.len() == bands);
    }
    let (rows, columns) = (draw.size(), draw.size());
    if let Some(weights) = outcome((rows, columns), || Matrix::<f32>::zeros(rows, columns))
        && let Some(bank) = outcome(("from", rows, columns), || Bank::from_matrix(&weights))
    {
        assert_eq!((bank.bands(), bank.bins(), bank.empty().len()), (rows, columns, rows));
        assert_eq!(outcome(("matrix", rows, columns), || bank.matrix()), Some(weights));
    }
    let rate = [0.0, -1.0, 1e308, f64::INFINITY, f64::NAN, 8000.0][draw.below(6)];
    assert!(outcome(("usual", rate), || bark::default_bands(rate)).unwrap() > 0);
}

fn log_bands(draw: &mut Draw) {
    let framing = Framing { length: 1 + draw.small(), hop: 1 + draw.small() };
    let (bands, bins) = (draw.mostly_small(), if draw.below(4) == 0 { draw.small() } else { framing.length / 2 + 1 });
    let Some(bank) = outcome((bands, bins), || Bank::from_matrix(&Matrix::<f64>::zeros(bands, bins))) else { return };
    let spectrogram = Spectrogram::new(framing);
    let log_bands = outcome(("bins", bins), || LogBands::new(spectrogram, bank, 1.0));
    assert_eq!(log_bands.is_some(), bins == framing.length / 2 + 1);
    let samples = vec![0.0; 3 * draw.small()];
    let expected = product(&[bands, framing.count(samples.len())]);
    if let Some(mut log_bands) = log_bands {
        let frames = outcome(("frames", bands), || log_bands.frames(&samples));
        assert!(frames.is_none_or(|frames| frames == vec![0.0; expected as usize]));
    }
}

fn cepstra(draw: &mut Draw) {
    let (coefficients, bands) = (draw.mostly_small(), draw.mostly_small());
    match outcome(("dct", coefficients, bands), || dct::<f64>(coefficients, bands)) {
        None => assert!(coefficients > bands || product(&[coefficients, bands]) > 1 << 20),
        Some(found) => {
            assert_eq!((found.rows(), found.columns()), (coefficients, bands));
            // Rows are of length 1.
            for k in 0..if bands == 0 { 0 } else { coefficients } {
                let squares = found.row(k).iter().fold(0.0, |sum, x| sum + x * x);
                assert!((squares - 1.0).abs() <= tolerances::COSINE_ROW, "{coefficients} of {bands}");
            }
        }
    }
    let l = draw.size();
    match outcome(("lifter", coefficients, l), || lifter::<f32>(coefficients, l)) {
        None => assert!(l == 0 || coefficients > 1 << 20),
        Some(weights) => assert!(weights.len() == coefficients && weights.iter().all(|w| w.is_finite())),
    }
    let (rows, columns, w) = (draw.small(), draw.small(), draw.size());
    // The slope of a line is 1; only beyond the ends it is flat.
    let line = Matrix::<f64>::from_function(rows, columns, |_, t| t as f64);
    if let Some(found) = outcome(("deltas", rows, columns, w), || deltas(&line, w)) {
        assert_eq!((found.rows(), found.columns()), (rows, columns));
        for t in w..columns.saturating_sub(w) {
            assert!((0..rows).all(|k| (found.row(k)[t] - 1.0).abs() <= tolerances::SLOPE));
        }
    }
}

fn constant_q(draw: &mut Draw) {
    let settings = ConstantQSettings {
        bins_per_octave: draw.mostly_small(),
        lowest: [0.0, 1e-300, 100.0][draw.below(3)],
        highest: 4000.0,
        gamma: [0.0, 20.0, 1e300][draw.below(3)],
        hop: draw.size(),
    };
    let (rate, shortest) = ([0, 8000, 9000][draw.below(3)], draw.size());
    let Ok(transform) =
        outcome((settings, rate, shortest), || ConstantQ::<f32>::new(&settings, rate, shortest)).unwrap()
    else {
        return;
    };
    let samples = draw.size();
    let expected = if samples == 0 { 0 } else { 1 + (samples / settings.hop) as u128 };
    let found = outcome((settings, samples), || transform.count(samples));
    assert!(found.map_or(expected > usize::MAX as u128, |found| found as u128 == expected));
    let samples = vec![0.0; draw.small()];
    let found = outcome((settings, samples.len()), || transform.magnitudes(&samples)).unwrap();
    assert_eq!(found, Matrix::zeros(transform.frequencies().len(), transform.count(samples.len())));
}

fn conventions(draw: &mut Draw) {
    let convention = [Convention::Matlab, Convention::Librosa, Convention::Htk][draw.below(3)];
    let rate = draw.size() as u32;
    let settings = outcome((convention, rate), || convention.stft(rate)).unwrap();
    assert!(settings.hop > 0 && settings.frame <= settings.transform && settings.transform.is_power_of_two());
}

fn mel_cepstra(draw: &mut Draw) {
    let mut settings = [Convention::Matlab, Convention::Librosa, Convention::Htk][draw.below(3)].mfcc(16_000);
    (settings.stft.frame, settings.stft.hop) = (draw.mostly_small(), draw.mostly_small());
    settings.stft.transform = settings.stft.frame.saturating_add(draw.small());
    (settings.mel.bands, settings.coefficients) = (draw.mostly_small(), draw.mostly_small());
    if draw.coin() {
        settings.lifter = Lifter::Sine(draw.mostly_small());
    }
    let Some(Ok(mut mfcc)) = outcome(settings, || Mfcc::<f32>::with_settings(settings, 16_000)) else { return };
    let samples = vec![0.5; 3 * draw.small()];
    if let Some(frames) = outcome((settings, samples.len()), || mfcc.frames(&samples)) {
        assert_eq!(frames.rows(), settings.coefficients);
        assert!(frames.elements().iter().all(|c| c.is_finite()));
    }
}
