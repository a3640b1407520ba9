//! Benchmarks: the expensive steps of the tutorial, each defined so that other libraries can run it too.
//!
//! | benchmark | one call computes |
//! | --- | --- |
//! | `gemm/TYPE/MxKxN/LAYOUT/tT` | C = A·B, M x K times K x N; in `nt` B is stored as its transpose, in `tn` A is |
//! | `rfft/TYPE/N` | the Fourier transform of N real samples |
//! | `logmel/f32/60s/t1` | the log-mel spectrum of a minute at 44100 Hz: 1024 samples every 256, Hann, 40 bands |
//! | `sae/TYPE/784-196x10000/tT` | cost and gradient of the sparse autoencoder on 10000 examples |
//! | `stacked/TYPE/784-200-200-10x10000/tT` | cost and gradient of a stacked network on 10000 examples |
//! | `conv/f32/400@8x8x3/64x64x8/tT` | 400 filters of 3 x 8 x 8 over 8 images of 3 x 64 x 64, bias and sigmoid |
//! | `cnn/f32/fsdd/tT` | cost and gradient of the tutorial's `convolutional` network on 64 images of 40 x 48 |
//! | `cnn/f32/mnist/tT` | the same of a network of 5 x 5 filters and a dense layer on 64 images of 28 x 28 |
//! | `eigen/TYPE/784` | eigenvalues and eigenvectors of a symmetric matrix of 784 rows |
//! | `sigmoid/TYPE/1000000` | the sigmoid of a million elements, into another vector |
//! | `scale/N` | `sparse-pooled` on a folder of N recordings, with one step of each training: what grows with N |
//! | `lbfgs/TYPE/784-196x10000/50it/tT` | 50 steps of L-BFGS on that cost for MNIST's first 10000 images, timed once |
//!
//! TYPE is f32 or f64, and T is the number of threads. A benchmark without T in its name uses one thread, except
//! `scale`, which uses as many as there are processors.

use super::methods::{Method, Methods};
use super::pipeline::{prepare, run_split};
use super::progress::Silent;
use super::settings::PipelineSettings;
use super::sound_network::{self, ConvolutionalSettings};
use super::training::Run;
use crate::audio::frames::Framing;
use crate::dataset::folder;
use crate::dataset::idx::{self, Idx};
use crate::dataset::split::Fold;
use crate::machine::{Lanes, Operation, Vector, run, threads};
use crate::matrix::symmetric::eigen;
use crate::matrix::{Matrix, Product};
use crate::model::convolution::filters::apply_filters_into;
use crate::model::convolution::{Convolution, Convolver, Filters, MapShape, PoolingMode};
use crate::model::network::{InMemory, Layer, Network, Target};
use crate::model::{Activation, Autoencoder, DenseCost, Stacked};
use crate::number::exponential::sigmoid_into;
use crate::number::{Random, Real};
use crate::optimize::{Lbfgs, Objective};
use crate::spectrum::bank::{Bank, LogBands};
use crate::spectrum::fourier::RealFft;
use crate::spectrum::mel::{MelSettings, Norm, Scale};
use crate::spectrum::spectrogram::Spectrogram;
use std::boxed::Box;
use std::format;
use std::path::Path;
use std::rc::Rc;
use std::string::String;
use std::string::ToString;
use std::time::Instant;
use std::vec;
use std::vec::Vec;

/// A benchmark.
pub struct Benchmark {
    /// Its name, as in the table above.
    pub name: String,
    /// The number of threads.
    pub threads: usize,
    /// Floating-point operations of a call; 0 for benchmarks whose operations are not counted.
    pub operations: f64,
    /// Whether it computes in f64; else in f32.
    pub is_f64: bool,
    /// Whether it takes so long that it is timed only once.
    pub once: bool,
    prepare: Prepare,
}

/// Creates the data of a benchmark, and returns a closure of which each call does the work once.
type Prepare = Box<dyn Fn() -> Box<dyn FnMut()>>;

impl Benchmark {
    fn new<T: Real>(name: String, threads: usize, prepare: Prepare) -> Self {
        Benchmark { name, threads, operations: 0.0, is_f64: T::NAME == "f64", once: false, prepare }
    }

    /// Creates the data, sets the number of threads, and returns a closure of which each call does the work once.
    pub fn prepare(&self) -> Box<dyn FnMut()> {
        threads::set_count(self.threads);
        (self.prepare)()
    }

    /// Seconds for a call: the median of several calls, or the time of the only one.
    pub fn seconds(&self) -> f64 {
        let mut call = self.prepare();
        if self.once {
            let begun = Instant::now();
            call();
            return begun.elapsed().as_secs_f64();
        }
        median(call)
    }
}

/// The autoencoder of `sae` and `lbfgs`: UFLDL's for MNIST.
pub const AUTOENCODER: Autoencoder =
    Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(784, 196) };

const EXAMPLES: usize = 10_000;

/// All benchmarks but those on MNIST. Benchmarks that use threads are listed once for each of the `counts` of threads.
pub fn benchmarks(counts: &[usize]) -> Vec<Benchmark> {
    let mut benchmarks = Vec::new();
    add::<f32>(counts, &mut benchmarks);
    add::<f64>(counts, &mut benchmarks);
    for &t in counts {
        let operations = 2.0 * (CONVOLUTION.filters * CONVOLUTION.taps()) as f64 * positions() as f64;
        let name = format!("conv/f32/400@8x8x3/64x64x8/t{t}");
        benchmarks.push(Benchmark { operations, ..Benchmark::new::<f32>(name, t, Box::new(convolution)) });
    }
    for name in ["fsdd", "mnist"] {
        for &t in counts {
            let operations = training_operations(&convolutional_network(name), IMAGES_IN_BATCH);
            let prepare = Box::new(move || training_step(convolutional_network(name)));
            benchmarks
                .push(Benchmark { operations, ..Benchmark::new::<f32>(format!("cnn/f32/{name}/t{t}"), t, prepare) });
        }
    }
    benchmarks.push(Benchmark::new::<f32>("logmel/f32/60s/t1".into(), 1, Box::new(log_mel)));
    benchmarks
}

fn add<T: Real>(counts: &[usize], benchmarks: &mut Vec<Benchmark>) {
    let mut push = |name: String, threads: usize, operations: f64, prepare: Prepare| {
        benchmarks.push(Benchmark { operations, ..Benchmark::new::<T>(name, threads, prepare) });
    };
    for (m, k, n, layout) in SHAPES {
        for &t in counts {
            let name = format!("gemm/{}/{m}x{k}x{n}/{layout}/t{t}", T::NAME);
            push(name, t, 2.0 * (m * k * n) as f64, Box::new(move || product::<T>(m, k, n, layout)));
        }
    }
    for n in [256, 512, 1024, 2048, 4096] {
        push(format!("rfft/{}/{n}", T::NAME), 1, 0.0, Box::new(move || fourier::<T>(n)));
    }
    for &t in counts {
        let products = 5.0 * 2.0 * (AUTOENCODER.visible * AUTOENCODER.hidden * EXAMPLES) as f64;
        push(format!("sae/{}/784-196x{EXAMPLES}/t{t}", T::NAME), t, products, Box::new(autoencoder::<T>));
    }
    for &t in counts {
        let operations = 2.0 * (2 * 784 * 200 + 3 * 200 * 200 + 3 * 200 * 10) as f64 * EXAMPLES as f64;
        push(format!("stacked/{}/784-200-200-10x{EXAMPLES}/t{t}", T::NAME), t, operations, Box::new(stacked::<T>));
    }
    push(format!("eigen/{}/784", T::NAME), 1, 0.0, Box::new(eigenvalues::<T>));
    push(format!("sigmoid/{}/1000000", T::NAME), 1, 0.0, Box::new(sigmoid::<T>));
}

/// The benchmarks on MNIST's images, which are read from a folder.
///
/// # Errors
/// If the images cannot be read or converted; the message names the file and the cause.
pub fn benchmarks_on_mnist(folder: &Path, counts: &[usize]) -> Result<Vec<Benchmark>, String> {
    let images = Rc::new(idx::mnist(folder).map_err(|error| error.to_string())?.train_images);
    // Images that cannot be converted are an error now, not in the middle of the benchmark.
    images.first_images::<f32>(1).map_err(|error| error.to_string())?;
    let mut benchmarks = Vec::new();
    for &t in counts {
        let name = |kind: &str| format!("lbfgs/{kind}/784-196x{EXAMPLES}/50it/t{t}");
        let single = Benchmark::new::<f32>(name("f32"), t, descent::<f32>(&images));
        let double = Benchmark::new::<f64>(name("f64"), t, descent::<f64>(&images));
        benchmarks.extend([single, double].map(|benchmark| Benchmark { once: true, ..benchmark }));
    }
    Ok(benchmarks)
}

/// `scale` on a folder of recordings, of which every tenth tests.
///
/// # Errors
/// If the folder cannot be read; the message names the cause.
pub fn benchmark_on_recordings(folder: &Path) -> Result<Benchmark, String> {
    let (sounds, _) = folder::find(folder).map_err(|error| error.to_string())?;
    let (name, folder) = (format!("scale/{}", sounds.len()), folder.to_path_buf());
    let prepare = move || -> Box<dyn FnMut()> {
        let folder = folder.clone();
        Box::new(move || {
            if let Err(error) = scale(&folder) {
                panic!("{error}");
            }
        })
    };
    let benchmark = Benchmark::new::<f32>(name, threads::count(), Box::new(prepare));
    Ok(Benchmark { once: true, ..benchmark })
}

fn scale(folder: &Path) -> Result<(), String> {
    let settings = PipelineSettings {
        methods: Methods::of(&[Method::SparsePooled]),
        iterations: 1,
        softmax_iterations: 1,
        ..PipelineSettings::default()
    };
    let read = folder::read(folder, None, &|rate| settings.shortest(rate));
    let collection = read.map_err(|error| error.to_string())?.collection;
    let (test, train) = (0..collection.recordings.len()).partition(|r| r % 10 == 0);
    let fold = Fold { name: "every tenth".into(), train, test };
    let prepared = prepare::<f32>(&settings, &collection, &[], &mut Silent).map_err(|error| error.to_string())?;
    let learned = run_split(&settings, &collection, &prepared, &fold, &mut Run::new(&mut Silent));
    learned.map(|_| ()).map_err(|error| error.to_string())
}

fn descent<T: Real>(images: &Rc<Idx>) -> Prepare {
    let images = images.clone();
    Box::new(move || {
        let examples = match images.first_images::<T>(EXAMPLES) {
            Ok(examples) => lasting(examples),
            Err(error) => panic!("one of these images was converted before: {error}"),
        };
        let mut theta = AUTOENCODER.draw::<T>(&mut Random::new(2));
        let mut objective = AUTOENCODER.cost(examples);
        let settings = Lbfgs { iterations: 50, gradient_tolerance: 0.0, cost_tolerance: -1.0, ..Lbfgs::default() };
        Box::new(move || {
            settings.minimize(&mut objective, &mut theta, |_| true);
        })
    })
}

/// Examples that live as long as the program, since the objective that borrows them is part of a closure.
fn lasting<T>(examples: Matrix<T>) -> &'static Matrix<T> {
    Box::leak(Box::new(examples))
}

const SHAPES: [(usize, usize, usize, &str); 7] = [
    (196, 784, 10_000, "nn"),
    (784, 196, 10_000, "nn"),
    (196, 10_000, 784, "nt"),
    (784, 10_000, 196, "nt"),
    (196, 784, 10_000, "tn"),
    (512, 512, 512, "nn"),
    (64, 64, 64, "nn"),
];

fn uniform<T: Real>(rows: usize, columns: usize) -> Matrix<T> {
    let mut random = Random::new(1);
    Matrix::from_function(rows, columns, |_, _| random.uniform(0.0, 1.0))
}

fn product<T: Real>(m: usize, k: usize, n: usize, layout: &str) -> Box<dyn FnMut()> {
    let (a_transposed, b_transposed) = (layout == "tn", layout == "nt");
    let a = if a_transposed { uniform::<T>(k, m) } else { uniform(m, k) };
    let b = if b_transposed { uniform::<T>(n, k) } else { uniform(k, n) };
    let (mut c, mut product) = (Matrix::zeros(m, n), Product::new());
    Box::new(move || {
        let a = if a_transposed { a.view().transposed() } else { a.view() };
        let b = if b_transposed { b.view().transposed() } else { b.view() };
        product.store(a, b, c.view_mut());
    })
}

fn fourier<T: Real>(n: usize) -> Box<dyn FnMut()> {
    let samples = uniform::<T>(1, n);
    let (mut fft, mut re, mut im) = (RealFft::new(n), vec![T::ZERO; n / 2 + 1], vec![T::ZERO; n / 2 + 1]);
    Box::new(move || fft.transform(samples.elements(), &mut re, &mut im))
}

fn autoencoder<T: Real>() -> Box<dyn FnMut()> {
    let examples = lasting(uniform(AUTOENCODER.visible, EXAMPLES));
    evaluations(AUTOENCODER.cost(examples), AUTOENCODER.draw::<T>(&mut Random::new(2)))
}

fn stacked<T: Real>() -> Box<dyn FnMut()> {
    let settings = Stacked { visible: 784, layers: vec![200, 200], classes: 10, bias: true, weight_decay: 3e-3 };
    let examples = lasting(uniform(784, EXAMPLES));
    let classes: &'static [usize] = Vec::leak((0..EXAMPLES).map(|i| i % 10).collect());
    evaluations(settings.cost(examples, classes), settings.draw::<T>(&mut Random::new(2)))
}

fn evaluations<T: Real>(mut objective: DenseCost<'static, T>, theta: Vec<T>) -> Box<dyn FnMut()> {
    let mut gradient = vec![T::ZERO; theta.len()];
    Box::new(move || {
        objective.cost_and_gradient(&theta, &mut gradient);
    })
}

/// The convolution of `conv`.
const CONVOLUTION: Convolution = Convolution {
    input: MapShape { channels: 3, rows: 64, columns: 64 },
    filters: 400,
    size: [8, 8],
    stride: [1, 1],
    padding: [0, 0],
};

const IMAGES: usize = 8;

fn positions() -> usize {
    IMAGES * CONVOLUTION.output().plane()
}

fn convolution() -> Box<dyn FnMut()> {
    let maps = uniform::<f32>(CONVOLUTION.input.channels, IMAGES * CONVOLUTION.input.plane());
    let (weights, bias) = (uniform(CONVOLUTION.filters, CONVOLUTION.taps()), uniform(1, CONVOLUTION.filters));
    let mut a = Matrix::zeros(CONVOLUTION.filters, positions());
    let mut workers = vec![Convolver::default(); threads::count()];
    Box::new(move || {
        let filters = Filters { weights: weights.view(), bias: bias.elements(), activation: Activation::Sigmoid };
        apply_filters_into(&CONVOLUTION, filters, &maps, &mut a, &mut workers);
    })
}

const IMAGES_IN_BATCH: usize = 64;

/// The network of `cnn`: `fsdd` is the tutorial's on a recording of a spoken digit, `mnist` one for images of digits.
fn convolutional_network(name: &str) -> Network {
    let (dropout, softmax) = (Layer::Dropout { rate: 0.5 }, Layer::Softmax { classes: 10 });
    if name == "fsdd" {
        return sound_network::network(&ConvolutionalSettings::default(), [40, 48], 10);
    }
    let (activation, input) = (Activation::Rectified, MapShape { channels: 1, rows: 28, columns: 28 });
    let convolution = |filters| Layer::same_convolution(filters, [5, 5], activation);
    let pooling = Layer::pooling(PoolingMode::Max, [2, 2]);
    let dense = Layer::Dense { units: 256, activation };
    Network::new(input, vec![convolution(24), pooling, convolution(48), pooling, dense, dropout, softmax])
}

/// A multiplication and an addition for each weight at each position forward, for the gradient of the weights, and for
/// that of the layer's input, which the first layer does not need.
fn training_operations(network: &Network, images: usize) -> f64 {
    let first = Network::new(network.input, network.layers[..1].to_vec());
    2.0 * (3.0 * network.multiplications() - first.multiplications()) * images as f64
}

fn training_step(network: Network) -> Box<dyn FnMut()> {
    let network: &'static Network = Box::leak(Box::new(network));
    let images: &'static InMemory<f32> =
        Box::leak(Box::new(InMemory::from_rows(uniform(IMAGES_IN_BATCH, network.input.elements()))));
    let labels: &'static [usize] = Vec::leak((0..IMAGES_IN_BATCH).map(|i| i % 10).collect());
    let theta: Vec<f32> = network.draw(&mut Random::new(2));
    let (mut cost, mut gradient) = (network.cost(images, Target::Labels(labels)), vec![0.0; theta.len()]);
    Box::new(move || {
        cost.cost_and_gradient(&theta, &mut gradient);
    })
}

fn eigenvalues<T: Real>() -> Box<dyn FnMut()> {
    let x = uniform::<T>(784, 784);
    let a = Matrix::from_function(784, 784, |i, j| x.row(i)[j] + x.row(j)[i]);
    Box::new(move || {
        eigen(&a);
    })
}

fn sigmoid<T: Real>() -> Box<dyn FnMut()> {
    let mut random = Random::new(3);
    let x = Matrix::<T>::from_function(1, 1_000_000, |_, _| random.uniform(-3.0, 3.0));
    let mut y = x.clone();
    Box::new(move || {
        sigmoid_into(x.elements(), y.elements_mut());
    })
}

fn log_mel() -> Box<dyn FnMut()> {
    let rate = 44_100;
    let mut random = Random::new(4);
    let samples: Vec<f32> = (0..60 * rate).map(|_| random.uniform(-0.5, 0.5)).collect();
    let settings = MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands: 40, lowest: 0.0, highest: 22_050.0 };
    let bank = match Bank::mel(&settings, 1024, rate as f64) {
        Ok(bank) => bank,
        Err(error) => panic!("these bands fit this rate: {error}"),
    };
    let mut front = LogBands::new(Spectrogram::new(Framing { length: 1024, hop: 256 }), bank, 1e-6);
    Box::new(move || {
        front.frames(&samples);
    })
}

/// The median duration of a call in seconds. One call warms up; then calls are timed for a quarter of a second, at
/// least three.
pub fn median(mut call: impl FnMut()) -> f64 {
    call();
    let (mut spent, start) = (Vec::new(), Instant::now());
    while start.elapsed().as_secs_f64() < 0.25 || spent.len() < 3 {
        let begun = Instant::now();
        call();
        spent.push(begun.elapsed().as_secs_f64());
    }
    spent.sort_by(f64::total_cmp);
    spent[spent.len() / 2]
}

/// The peak rate of one processor, in operations per second: fused multiply-adds on registers alone, the best of many
/// short runs.
pub fn peak<T: Real>() -> f64 {
    /// As many chains as a processor with 32 registers needs to be busy; with 16, half of them fill its registers.
    const MOST_CHAINS: usize = 24;
    const STEPS: usize = 20_000;
    struct Chains<T>([T; 3]);
    impl<T: Real> Operation<T> for Chains<T> {
        type Output = ([T; 16 * MOST_CHAINS], usize);
        #[inline(always)]
        fn run<L: Lanes<T>>(self, lanes: L) -> Self::Output {
            if L::REGISTERS < 32 { self.multiply::<L, 12>(lanes) } else { self.multiply::<L, MOST_CHAINS>(lanes) }
        }
    }
    impl<T: Real> Chains<T> {
        #[inline(always)]
        fn multiply<L: Lanes<T>, const CHAINS: usize>(self, lanes: L) -> ([T; 16 * MOST_CHAINS], usize) {
            let [start, a, b] = self.0;
            let (start, a, b) = (lanes.splat(start), lanes.splat(a), lanes.splat(b));
            // The chains start differently, or the compiler would compute one of them only.
            let mut s = [start; CHAINS];
            for i in 1..CHAINS {
                s[i] = s[i - 1] + start;
            }
            for _ in 0..STEPS {
                for s in &mut s {
                    *s = s.mul_add(a, b);
                }
            }
            let mut out = [T::ZERO; 16 * MOST_CHAINS];
            for (s, out) in s.into_iter().zip(out.chunks_exact_mut(16)) {
                lanes.store(s, out);
            }
            (out, 2 * L::WIDTH * CHAINS * STEPS)
        }
    }
    let mut best = 0.0;
    for _ in 0..200 {
        let inputs = std::hint::black_box([1.0, 0.999, 0.001].map(T::from_f64));
        let begun = Instant::now();
        let (sums, operations) = run(Chains(inputs));
        std::hint::black_box(sums);
        best = Real::max(operations as f64 / begun.elapsed().as_secs_f64(), best);
    }
    best
}
