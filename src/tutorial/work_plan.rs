//! The work of a run, before it begins, from which the time left is estimated.
//!
//! Training takes nearly all of the time, and a step of training is nearly all products of matrices. The work of a
//! stage is therefore counted in multiplications: those of one evaluation of its cost and gradient, times the most
//! steps that it can take. Minimizations that converge early make the estimate an upper bound; it mends itself, since
//! the work that was saved counts as done once the next stage begins.

use super::convolved_features::half;
use super::methods::Method;
use super::pipeline::Prepared;
use super::settings::{Normalization, PipelineSettings};
use super::sound_network::{Spectrograms, network};
use crate::dataset::recordings::Collection;
use crate::dataset::split::Fold;
use crate::number::Real;
use std::vec::Vec;

/// The work of each stage of [`run_split`](super::pipeline::run_split) that counts its steps, in the order in which it
/// begins them, relative to that of the others.
///
/// # Panics
/// If the fold has no training recording.
pub(crate) fn stages<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    prepared: &Prepared<T>,
    fold: &Fold,
) -> Vec<f64> {
    let methods = settings.methods.with_members();
    let context = settings.context_window;
    let windows = prepared.labeled.windows(fold.train.iter().copied(), context);
    let unlabeled = prepared.unlabeled.windows(0..prepared.unlabeled.recordings(), context);
    let files = fold.train.len().min(settings.most_recordings);
    let [chosen, more, files] =
        [windows.min(settings.most_windows), unlabeled.min(settings.most_windows), files].map(|n| n as f64);
    let [visible, hidden, deep, classes, regions] = [
        prepared.bands.count() * context.width,
        settings.hidden,
        settings.deep,
        collection.labels.len(),
        settings.regions,
    ]
    .map(|n| n as f64);
    // How many components whitening keeps is not known yet. Of the digits, it is 61 of 160 for windows, and 22 of 60
    // for patches.
    let whitened = |values: f64| 0.375 * values;
    let visible = if matches!(settings.normalization, Normalization::Whiten(_)) { whitened(visible) } else { visible };
    // Forward and the weights' gradient, each once; a layer below another one also passes on an error.
    let softmax =
        |features: f64, examples: f64| settings.softmax_iterations as f64 * 2.0 * features * classes * examples;
    let autoencoder = |visible: f64, hidden: f64, examples: f64, iterations: usize| {
        iterations as f64 * 5.0 * visible * hidden * examples
    };
    let mut work = Vec::new();
    if methods.contains(Method::RawWindows) {
        work.push(softmax(visible, chosen));
    }
    if methods.need_features() {
        work.push(autoencoder(visible, hidden, chosen + more, settings.iterations));
        if methods.contains(Method::SparseWindows) {
            work.push(softmax(hidden, chosen));
        }
        if methods.contains(Method::SparsePooled) {
            work.push(softmax(hidden * regions, files));
        }
        if methods.any(&[Method::Stacked, Method::StackedPooled]) {
            work.push(autoencoder(hidden, deep, chosen, settings.deep_iterations));
            work.push(softmax(deep, chosen));
            let all_layers = 2.0 * visible * hidden + 3.0 * hidden * deep + 3.0 * deep * classes;
            work.push(settings.tuning_iterations as f64 * all_layers * chosen);
        }
        if methods.contains(Method::StackedPooled) {
            work.push(softmax(deep * regions, files));
        }
    }
    if methods.contains(Method::ConvolvedPooled) {
        let [rows, columns] = settings.convolved.size;
        let maps = half(settings.hidden);
        let patch = whitened((rows * columns.min(prepared.bands.count())) as f64);
        work.push(autoencoder(patch, maps as f64, settings.convolved.patches as f64, half(settings.iterations)));
        let regions = settings.convolved.regions.iter().product::<usize>();
        work.push(softmax((maps * regions) as f64, files));
    }
    if methods.contains(Method::Convolutional) {
        let choices = &settings.convolutional;
        let size = Spectrograms::of(settings, prepared, &fold.train).size();
        let once = 3.0 * network(choices, size, collection.labels.len()).multiplications() * files;
        work.extend(
            (0..choices.networks)
                .map(|_| choices.epochs_on(fold.train.len().min(settings.most_recordings)) as f64 * once),
        );
    }
    work
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::Reason;
    use crate::tutorial::fixture;
    use crate::tutorial::methods::{METHODS, Methods};
    use crate::tutorial::pipeline::run_split;
    use crate::tutorial::progress::Progress;
    use crate::tutorial::training::Run;

    /// Counts the stages that have steps.
    struct Counter(usize);

    impl Progress for Counter {
        fn stage(&mut self, _: &str, steps: usize) {
            self.0 += usize::from(steps > 0);
        }
        fn step(&mut self, _: usize, _: f64) {}
        fn ended(&mut self, _: &str, _: Reason) {}
    }

    #[test]
    fn each_stage_of_each_method_is_planned() {
        let settings = fixture::settings();
        let (collection, fold) = (fixture::collection(&settings), fixture::fold());
        let prepared = fixture::prepared::<f32>(&settings, &collection);
        let sets = METHODS.iter().map(|&(_, method)| Methods::of(&[method])).chain([Methods::ALL]);
        for methods in sets {
            let settings = PipelineSettings { methods, ..settings };
            let mut counter = Counter(0);
            run_split(&settings, &collection, &prepared, &fold, &mut Run::new(&mut counter)).unwrap();
            let work = stages(&settings, &collection, &prepared, &fold);
            assert_eq!(work.len(), counter.0, "{methods:?}");
            assert!(work.iter().all(|&work| work > 0.0), "{work:?}");
        }
    }
}
