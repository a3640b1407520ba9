//! Spectra, costs and gradients agree with other programs: NumPy, librosa, the tutorial's MATLAB code in Octave, and
//! PyTorch's automatic differentiation in float64. The files under `tests/reference/` describe each value.

mod common;

use common::{assert_close, reference, tolerances};
use ossicle::audio::frames::Framing;
use ossicle::audio::window::{Ends, Window};
use ossicle::matrix::Matrix;
use ossicle::model::autoencoder::reconstruction_by_definition;
use ossicle::model::convolution::pooling::Regions;
use ossicle::model::convolution::{Convolution, ConvolutionCost, MapShape, Pooling, PoolingMode};
use ossicle::model::parameters::Block;
use ossicle::model::{Activation, Autoencoder, Contractive, Loss, Softmax, Stacked};
use ossicle::optimize::Objective;
use ossicle::spectrum::bank::{Bank, LogBands};
use ossicle::spectrum::convention::Convention;
use ossicle::spectrum::fourier::{RealFft, real_by_definition};
use ossicle::spectrum::mel::{MelSettings, Norm, Scale};
use ossicle::spectrum::mfcc::Mfcc;
use ossicle::spectrum::spectrogram::Spectrogram;
use ossicle::spectrum::{bark, cepstrum};

#[test]
fn windows_transforms_and_spectrograms_agree_with_numpy() {
    let r = reference("spectrum.txt");
    let close = |name: &str, got: &[f64], tolerance| assert_close(name, got, r[name].elements(), tolerance);
    close("hann_periodic", &Window::Hann.weights(Ends::Periodic, 64), tolerances::WINDOW);
    close("hann_symmetric", &Window::Hann.weights(Ends::Symmetric, 64), tolerances::WINDOW);

    let x = r["x"].elements();
    let (re, im): (Vec<f64>, Vec<f64>) = real_by_definition(&x[..256]).iter().map(|x| (x.re, x.im)).unzip();
    close("rfft.re", &re, tolerances::FOURIER_SUM);
    close("rfft.im", &im, tolerances::FOURIER_SUM);
    let (mut re, mut im) = ([0.0; 129], [0.0; 129]);
    RealFft::new(256).transform(&x[..256], &mut re, &mut im);
    close("rfft.re", &re, tolerances::FFT);
    close("rfft.im", &im, tolerances::FFT);

    close("power", Spectrogram::new(Framing { length: 256, hop: 80 }).power(x).elements(), tolerances::POWER);
}

#[test]
fn mel_filterbanks_agree_with_librosa() {
    let r = reference("spectrum.txt");
    for (name, scale, norm) in [("mel_slaney", Scale::Slaney, Norm::Area), ("mel_htk", Scale::Htk, Norm::Peak)] {
        let settings = MelSettings { scale, norm, bands: 20, lowest: 0.0, highest: 4000.0 };
        let bank = Bank::<f64>::mel(&settings, 256, 8000.0).unwrap();
        assert_close(name, bank.matrix().elements(), r[name].elements(), tolerances::MEL);
    }
}

#[test]
fn bark_chroma_and_cosine_transform_agree_with_the_tutorials_code() {
    let r = reference("tutorial_filterbanks.txt");
    let close = |name: &str, got: Matrix<f64>, tolerance| {
        assert_close(name, got.elements(), r[name].elements(), tolerance);
    };
    close("bark", Bank::bark(bark::default_bands(8000.0), 256, 8000.0).matrix(), tolerances::BARK);
    close("chroma", Bank::chroma(256, 8000.0).matrix(), tolerances::CHROMA);
    close("dct2", cepstrum::dct(13, 20), tolerances::COSINE_TRANSFORM);
    for (name, norm) in [("mel_slaney_amplitude", Norm::Peak), ("mel_slaney_area", Norm::Area)] {
        let settings = MelSettings { scale: Scale::Slaney, norm, bands: 20, lowest: 0.0, highest: 4000.0 };
        close(name, Bank::mel(&settings, 256, 8000.0).unwrap().matrix(), tolerances::MEL);
    }
}

#[test]
fn the_cepstrum_of_a_log_mel_spectrum_agrees_with_librosa() {
    let r = reference("spectrum.txt");
    let settings = MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands: 20, lowest: 0.0, highest: 4000.0 };
    let bank = Bank::mel(&settings, 256, 8000.0).unwrap();
    let mut front = LogBands::new(Spectrogram::new(Framing { length: 256, hop: 80 }), bank, 1e-6);
    let frames = front.frames(r["x"].elements());
    let dct = cepstrum::dct::<f64>(13, 20);
    let coefficients = Matrix::from_function(13, frames.len() / 20, |k, t| {
        dct.row(k).iter().zip(&frames[20 * t..]).fold(0.0, |sum, (c, x)| sum + c * x)
    });
    assert_close("cepstrum", coefficients.elements(), r["cepstrum"].elements(), tolerances::CEPSTRUM);
}

#[test]
fn mfcc_of_three_conventions_agree_with_librosa_and_with_formulas_in_numpy() {
    let r = reference("mfcc.txt");
    let loudness = |i: usize| if (1500..2400).contains(&i) { 1.0 / 1_048_576.0 } else { 1.0 };
    let wave = |i: usize| ((i * i % 4093) * (i % 61) % 2048) as f64 / 2048.0 - 0.5;
    let x: Vec<f64> = (0..3000).map(|i| loudness(i) * wave(i)).collect();
    for (name, convention) in
        [("librosa", Convention::Librosa), ("matlab", Convention::Matlab), ("htk", Convention::Htk)]
    {
        let found = Mfcc::new(convention, 16_000).unwrap().frames(&x);
        assert_eq!((found.rows(), found.columns()), (r[name].rows(), r[name].columns()), "{name}");
        assert_close(name, found.elements(), r[name].elements(), tolerances::MFCC);
    }
    let levels = Mfcc::new(Convention::Librosa, 16_000).unwrap().log_mel(&x).select_columns(&[2, 3]);
    assert_close("levels", levels.elements(), r["librosa_frames_2_3_db"].elements(), tolerances::MFCC);
}

#[test]
fn autoencoder_costs_and_gradients_agree_with_pytorch() {
    let r = reference("autoencoder.txt");
    use Activation::{Linear, Tanh};
    let (loss, tied) = (Loss::CrossEntropy, true);
    let full = Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(5, 3) };
    for (name, model) in [
        ("plain", Autoencoder { weight_decay: 0.0, sparsity_weight: 0.0, ..full }),
        ("decayed", Autoencoder { sparsity_weight: 0.0, ..full }),
        ("sparse", full),
        ("cross_entropy", Autoencoder { loss, ..full }),
        ("linear_decoder", Autoencoder { decoder: Linear, ..full }),
        ("tied", Autoencoder { tied, ..full }),
        ("tanh", Autoencoder { sparsity_weight: 0.0, encoder: Tanh, decoder: Tanh, ..full }),
    ] {
        let blocks = model.blocks().into_iter().filter(|block| !block.range.is_empty());
        let theta: Vec<f64> = blocks.clone().flat_map(|block| r[&*block.name].elements().to_vec()).collect();
        let mut gradient = vec![f64::NAN; theta.len()];
        let cost = model.cost(&r["X"]).cost_and_gradient(&theta, &mut gradient);
        assert_close(&format!("{name}.cost"), &[cost], r[&format!("{name}.cost")].elements(), tolerances::AUTOENCODER);
        for block in blocks {
            let key = format!("{name}.d{}", block.name);
            assert_close(&key, block.values(&gradient), r[&key].elements(), tolerances::AUTOENCODER);
        }
    }
}

/// Asserts that a cost and the blocks of its gradient are those of `name` in variants.txt.
fn assert_variant(name: &str, blocks: &[Block], cost: f64, gradient: &[f64]) {
    let r = reference("variants.txt");
    assert_close(&format!("{name}.cost"), &[cost], r[&format!("{name}.cost")].elements(), tolerances::AUTOENCODER);
    for block in blocks {
        let key = format!("{name}.d{}", block.name);
        assert_close(&key, block.values(gradient), r[&key].elements(), tolerances::AUTOENCODER);
    }
}

#[test]
fn a_denoising_cost_and_its_gradient_agree_with_pytorch() {
    let (r, model) = (reference("variants.txt"), Autoencoder::new(5, 3));
    let theta = ["W1", "W2", "b1", "b2"].map(|name| r[name].elements()).concat();
    let (cost, gradient) = reconstruction_by_definition(&model, &theta, &r["XC"], &r["X"]);
    assert_variant("denoising", &model.blocks(), cost, &gradient);
}

#[test]
fn a_contractive_cost_and_its_gradient_agree_with_pytorch() {
    let r = reference("variants.txt");
    let model = Contractive { autoencoder: Autoencoder::new(5, 3), contraction: 0.1 };
    let theta = ["W1", "W2", "b1", "b2"].map(|name| r[name].elements()).concat();
    let mut gradient = vec![f64::NAN; theta.len()];
    let cost = model.cost(&r["X"]).cost_and_gradient(&theta, &mut gradient);
    assert_variant("contractive", &model.autoencoder.blocks(), cost, &gradient);
}

#[test]
fn softmax_cost_gradient_and_probabilities_agree_with_pytorch() {
    let r = reference("softmax.txt");
    let labels: Vec<usize> = r["y"].elements().iter().map(|&y| y as usize).collect();
    let model = Softmax { features: 5, classes: 4, bias: false, weight_decay: 0.01 };
    let theta = r["Theta"].elements();
    let mut gradient = vec![f64::NAN; 20];
    let cost = model.cost(&r["X"], &labels).cost_and_gradient(theta, &mut gradient);
    assert_close("cost", &[cost], r["cost"].elements(), tolerances::SOFTMAX);
    assert_close("dTheta", &gradient, r["dTheta"].elements(), tolerances::SOFTMAX);
    let log_p: Matrix<f64> = model.log_probabilities(theta, &r["X"]);
    let p: Vec<f64> = log_p.elements().iter().map(|&x| ossicle::number::Real::exp(x)).collect();
    assert_close("probabilities", &p, r["probabilities"].elements(), tolerances::SOFTMAX);
}

#[test]
fn stacked_cost_and_gradient_agree_with_pytorch() {
    let r = reference("stacked.txt");
    let labels: Vec<usize> = r["y"].elements().iter().map(|&y| y as usize).collect();
    let model = Stacked { visible: 5, layers: vec![4, 3], classes: 4, bias: false, weight_decay: 0.01 };
    let names = ["W1", "b1", "W2", "b2", "Theta"];
    let theta: Vec<f64> = names.iter().flat_map(|name| r[*name].elements().to_vec()).collect();
    let mut gradient = vec![f64::NAN; theta.len()];
    let cost = model.cost(&r["X"], &labels).cost_and_gradient(&theta, &mut gradient);
    assert_close("cost", &[cost], r["cost"].elements(), tolerances::STACKED);
    for (block, name) in model.blocks().iter().zip(names) {
        let key = format!("d{name}");
        assert_close(&key, block.values(&gradient), r[&key].elements(), tolerances::STACKED);
    }
}

/// What lies plane after plane (of an example, then of a map) as a matrix with a row for each map, as the library has
/// it.
fn by_maps(planes: &Matrix<f64>, maps: usize, plane: usize) -> Matrix<f64> {
    let examples = planes.elements().len() / (maps * plane);
    Matrix::from_function(maps, examples * plane, |c, at| {
        planes.elements()[(at / plane * maps + c) * plane + at % plane]
    })
}

#[test]
fn convolution_and_pooling_agree_with_pytorch_forward_and_backward() {
    let r = reference("convolution.txt");
    let shape = Convolution::new(MapShape { channels: 2, rows: 7, columns: 6 }, 3, [3, 2]);
    let theta: Vec<f64> =
        [r["filters"].elements(), r["bias"].elements(), by_maps(&r["images"], 2, 42).elements()].concat();
    for (name, kind) in [("mean", PoolingMode::Mean), ("max", PoolingMode::Max)] {
        let pooling = Pooling { mode: kind, input: shape.output(), regions: [Regions::by(2), Regions::by(2)] };
        let mut whole = ConvolutionCost::new(shape, pooling, 2);
        let [w, b, x] = whole.blocks();
        let close = |what: &str, got: &[f64], expected: &Matrix<f64>| {
            assert_close(&format!("{name}, {what}"), got, expected.elements(), tolerances::CONVOLUTION);
        };
        let forward = whole.forward(&theta);
        close("convolved", forward.a.elements(), &by_maps(&r["convolved"], 3, 25));
        close("pooled", forward.p.elements(), &by_maps(&r[&format!("{name}.pooled")], 3, 4));
        let mut gradient = vec![f64::NAN; theta.len()];
        let cost = whole.cost_and_gradient(&theta, &mut gradient);
        close("cost", &[cost], &r[&format!("{name}.cost")]);
        close("dfilters", w.values(&gradient), &r[&format!("{name}.dfilters")]);
        close("dbias", b.values(&gradient), &r[&format!("{name}.dbias")]);
        close("dimages", x.values(&gradient), &by_maps(&r[&format!("{name}.dimages")], 2, 42));
    }
}
