//! The misclassified files of the best method: what each looks like, what the method believed, which other recordings
//! are most like it, and a player. Below them, the files that were nearly misclassified.
//!
//! Files with the most certain wrong answers come first: a method that is wrong and sure has learned something false,
//! or the file's label is wrong.

use super::html::{Cell, HtmlTable, figure, name, section, short};
use super::neighbors::Neighbors;
use super::sound::{SoundSettings, drawing, player, thumbnail};
use crate::dataset::recordings::{Collection, Recording};
use crate::dataset::split::Fold;
use crate::number::decimal::Count;
use crate::tutorial::classifier::Prediction;
use crate::tutorial::evaluation::MethodResult;
use crate::tutorial::methods::Method;
use crate::tutorial::report::percent;
use std::format;
use std::string::String;
use std::vec::Vec;

/// The most misclassified files that are shown.
pub const MOST_ERRORS: usize = 40;
/// The most misclassified files whose similar recordings have players, too: of more, each would be short.
const MOST_HEARD: usize = 12;
/// The most correct files that are listed.
const MOST_UNCERTAIN: usize = 10;
/// The most labels whose probabilities are shown.
const MOST_LABELS: usize = 4;

/// A file that was tested.
#[derive(Clone, Copy, Debug)]
pub struct Tested<'a> {
    /// Its index in the collection.
    index: usize,
    recording: &'a Recording,
    prediction: &'a Prediction<f64>,
    /// The recordings that the method was trained on; none if they are not known.
    train: &'a [usize],
}

impl Tested<'_> {
    fn is_correct(&self) -> bool {
        self.recording.label == self.prediction.class
    }

    /// The probability of the predicted label.
    fn certainty(&self) -> f64 {
        self.prediction.probability(self.prediction.class)
    }
}

/// What the section is about.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The recordings.
    pub collection: &'a Collection,
    /// The method that classified them.
    pub method: Method,
    /// The number of files that were tested.
    pub tested: usize,
    /// How they are drawn and played.
    pub sound: SoundSettings,
}

/// The files that a method classified.
fn tested<'a>(
    collection: &'a Collection,
    folds: &'a [Fold],
    results: &'a [Vec<MethodResult>],
    method: Method,
) -> impl Iterator<Item = Tested<'a>> {
    folds.iter().zip(results).flat_map(move |(fold, results)| {
        let results = results.iter().filter(move |result| result.method == method);
        results.flat_map(move |result| {
            fold.test.iter().zip(&result.predictions).map(move |(&index, prediction)| {
                let recording = &collection.recordings[index];
                Tested { index, recording, prediction, train: &fold.train }
            })
        })
    })
}

/// The files that the method misclassified, the surest errors first.
pub fn misclassified<'a>(
    collection: &'a Collection,
    folds: &'a [Fold],
    results: &'a [Vec<MethodResult>],
    method: Method,
) -> Vec<Tested<'a>> {
    let mut wrong: Vec<Tested> =
        tested(collection, folds, results, method).filter(|tested| !tested.is_correct()).collect();
    wrong.sort_by(|a, b| b.certainty().total_cmp(&a.certainty()));
    wrong
}

/// The files that the method classified correctly with the least probability, the least first.
pub fn uncertain<'a>(
    collection: &'a Collection,
    folds: &'a [Fold],
    results: &'a [Vec<MethodResult>],
    method: Method,
) -> Vec<Tested<'a>> {
    let mut correct: Vec<Tested> =
        tested(collection, folds, results, method).filter(|tested| tested.is_correct()).collect();
    correct.sort_by(|a, b| a.certainty().total_cmp(&b.certainty()));
    correct.truncate(MOST_UNCERTAIN);
    correct
}

/// The number of players for so many misclassified files.
pub fn players(wrong: usize) -> usize {
    if wrong <= MOST_HEARD { 3 * wrong } else { wrong.min(MOST_ERRORS) }
}

/// The section on them, or nothing if no file was tested.
pub fn errors(about: &Shown, wrong: &[Tested], uncertain: &[Tested]) -> String {
    let Shown { collection, method, tested, sound } = *about;
    if tested == 0 {
        return String::new();
    }
    let shown = &wrong[..wrong.len().min(MOST_ERRORS)];
    let which = match wrong.len() {
        0 => ".".into(),
        all if all == shown.len() => ", those with the highest probability of the wrong label first.".into(),
        _ => format!(". These are the {} with the highest probability of the wrong label.", shown.len()),
    };
    let count = format!("{} misclassifies {} of {}", method.name(), wrong.len(), Count(tested, "test file"));
    let mut body = format!("<p>{count}{which}</p>\n");
    if !shown.is_empty() {
        body += "<p>Listen to each: it may be cut off, noisy, or have a wrong label. Then compare it with the two \
                 recordings below it: with the most similar one of its true label, and with that of the predicted \
                 label. Their distance is a difference of spectrograms in dB: a smaller one means more alike. If that \
                 of the predicted label is nearer, the two sounds are alike, and more recordings of this \
                 kind would help the method to tell them apart. If that of the true label is nearer, the method has \
                 learned too little of what the spectra show: try another method, or another --transform.</p>\n";
        let indices: Vec<usize> = shown.iter().map(|one| one.index).collect();
        let neighbors = Neighbors::measure(collection, &indices, sound);
        let cards: String =
            shown.iter().map(|one| card(collection, one, &neighbors, sound, wrong.len() <= MOST_HEARD)).collect();
        body += &format!("<div class=\"cards\">\n{cards}</div>\n");
    }
    if !uncertain.is_empty() {
        body += &nearly(collection, uncertain);
    }
    section("errors", "Misclassified files", &body)
}

/// The table of the correct files with the least probability.
fn nearly(collection: &Collection, uncertain: &[Tested]) -> String {
    let headings = ["file", "label", "probability", "next label", "its probability"].map(String::from);
    let mut table = HtmlTable::new("The correct files with the lowest probability of their label.", &headings);
    for Tested { recording, prediction, .. } in uncertain {
        let percentage = |class: usize| Cell::html(percent(prediction.probability(class)));
        let label = |class: usize| Cell::html(short(&collection.labels[class]));
        let next = prediction.ranking().get(1).copied();
        let [other, its] = next.map_or(["-", "-"].map(Cell::html), |next| [label(next), percentage(next)]);
        table.row(&name(&recording.name), &[label(recording.label), percentage(prediction.class), other, its]);
    }
    table.finish()
}

fn card(
    collection: &Collection,
    one: &Tested,
    neighbors: &Neighbors,
    settings: SoundSettings,
    are_similar_heard: bool,
) -> String {
    let Tested { recording, prediction, .. } = one;
    let label = |class: usize| short(&collection.labels[class]);
    // The most likely labels, and the true one in any case.
    let mut classes: Vec<usize> = prediction.ranking().into_iter().take(MOST_LABELS).collect();
    if !classes.contains(&recording.label) {
        classes.pop();
        classes.push(recording.label);
    }
    let rows: String = classes
        .iter()
        .map(|&class| {
            let p = prediction.probability(class);
            let is_true = if class == recording.label { " (true)" } else { "" };
            format!(
                "<li style=\"--f:{:.3}\"><span>{}{is_true}</span> <span>{}</span></li>\n",
                if p.is_finite() { p } else { 0.0 },
                label(class),
                percent(p)
            )
        })
        .collect();
    let caption = format!(
        "<b>{}</b>: true {}, predicted {}\n<ul class=\"probabilities\">\n{rows}</ul>\n{}{}",
        name(&recording.name),
        label(recording.label),
        label(prediction.class),
        player(recording, settings),
        similar(collection, one, neighbors, settings, are_similar_heard)
    );
    figure("card", &drawing(recording, settings, false), &caption)
}

/// The most similar recordings of the true and of the predicted label.
fn similar(
    collection: &Collection,
    one: &Tested,
    neighbors: &Neighbors,
    settings: SoundSettings,
    are_heard: bool,
) -> String {
    let all: Vec<usize> = match one.train {
        [] => (0..collection.recordings.len()).filter(|&other| other != one.index).collect(),
        train => train.to_vec(),
    };
    let of = |class: usize| {
        let recordings = &collection.recordings;
        let among = all.iter().copied().filter(|&other| recordings[other].label == class);
        neighbors.nearest(one.index, among)
    };
    let nearest = [one.recording.label, one.prediction.class].map(|class| Some((class, of(class)?)));
    let rows: String = (nearest.iter().flatten())
        .map(|&(class, (other, distance))| {
            let recording = &collection.recordings[other];
            format!(
                "<li><span>{}: {}, {distance:.1}{}{} apart</span>\n{}{}</li>\n",
                short(&collection.labels[class]),
                short(&recording.name),
                if neighbors.unit.is_empty() { "" } else { " " },
                neighbors.unit,
                thumbnail(recording, settings),
                if are_heard { player(recording, settings) } else { String::new() }
            )
        })
        .collect();
    let what = if one.train.is_empty() { "other" } else { "training" };
    if rows.is_empty() {
        rows
    } else {
        format!("<p>Most similar {what} recordings:</p>\n<ul class=\"similar\">\n{rows}</ul>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Real;
    use crate::tutorial::fixture;
    use crate::tutorial::metrics::Confusion;
    use crate::tutorial::settings::Transform;

    #[test]
    fn the_surest_errors_come_first_and_at_most_forty_are_shown() {
        let settings = fixture::settings();
        let mut collection = fixture::collection(&settings);
        let some = collection.recordings.clone();
        for i in 0..60 {
            collection.recordings.push(Recording { name: format!("<{i}>"), label: 0, ..some[0].clone() });
        }
        let prediction = |class: usize, p: f64| {
            let mut log_probabilities = [Real::ln(1.0 - p); 2];
            log_probabilities[class] = Real::ln(p);
            Prediction { class, log_probabilities: log_probabilities.to_vec() }
        };
        // Every recording but the last ten is misclassified, later ones more surely.
        let predictions: Vec<_> = (0..60).map(|i| prediction(usize::from(i < 50), 0.51 + 0.005 * i as f64)).collect();
        let fold = Fold { name: "x".into(), train: Vec::new(), test: (12..72).collect() };
        let method = Method::SparsePooled;
        let files = Confusion::new(2);
        let result = MethodResult { method, windows: None, files, predictions, parameters: 1, seconds: 1.0 };
        let results = [Vec::from([result])];
        let folds = [fold];
        let wrong = misclassified(&collection, &folds, &results, method);
        assert_eq!((wrong.len(), wrong[0].recording.name.as_str()), (50, "<49>"));
        let sound = SoundSettings { transform: Transform::Mel, rate: 8000, most_samples: 500 };
        let shown = Shown { collection: &collection, method, tested: 60, sound };
        let uncertain = uncertain(&collection, &folds, &results, method);
        let html = errors(&shown, &wrong, &uncertain);
        assert_eq!((html.matches("<audio").count(), html.matches("<svg").count()), (40, 40));
        assert!(html.contains("sparse-pooled misclassifies 50 of 60 test files. These are the 40"), "{html}");
        assert!(html.contains("<b>&lt;49&gt;</b>: true low, predicted high"), "{html}");
        assert!(html.contains("<li style=\"--f:0.245\"><span>low (true)</span> <span>24.5%</span></li>"), "{html}");
        // The most similar recordings, of both labels; the correct ones are surer the later they come.
        assert_eq!((html.matches("<ul class=\"similar\">").count(), html.matches("<img ").count()), (40, 80));
        assert!(html.contains("<p>Most similar other recordings:</p>"), "{html}");
        assert_eq!((uncertain.len(), uncertain[0].recording.name.as_str()), (10, "<50>"));
        assert!(html.contains("<th scope=\"row\">&lt;50&gt;</th><td>low</td><td>76.0%</td><td>high</td>"), "{html}");
        assert!(errors(&shown, &[], &[]).contains("misclassifies 0 of 60 test files.</p>"));
        assert_eq!(errors(&Shown { tested: 0, ..shown }, &[], &[]), "");
    }
}
