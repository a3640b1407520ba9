//! The misclassified files of the best method: what each looks like, what the method believed, and a player.
//!
//! Files with the most certain wrong answers come first: a method that is wrong and sure has learned something false,
//! or the file's label is wrong.

use super::html::{figure, name, section, short};
use super::sound::{SoundSettings, drawing, player};
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

/// The most files that are shown.
pub const MOST_ERRORS: usize = 40;
/// The most labels whose probabilities are shown.
const MOST_LABELS: usize = 4;

/// A misclassified file.
#[derive(Clone, Copy, Debug)]
pub struct Misclassified<'a> {
    recording: &'a Recording,
    prediction: &'a Prediction<f64>,
}

/// The files that the method misclassified, the surest errors first.
pub fn misclassified<'a>(
    collection: &'a Collection,
    folds: &[Fold],
    results: &'a [Vec<MethodResult>],
    method: Method,
) -> Vec<Misclassified<'a>> {
    let mut wrong = Vec::new();
    for (fold, results) in folds.iter().zip(results) {
        for result in results.iter().filter(|result| result.method == method) {
            let tested = fold.test.iter().map(|&r| &collection.recordings[r]).zip(&result.predictions);
            let tested = tested.map(|(recording, prediction)| Misclassified { recording, prediction });
            wrong.extend(tested.filter(|one| one.recording.label != one.prediction.class));
        }
    }
    let certainty = |one: &Misclassified| one.prediction.probability(one.prediction.class);
    wrong.sort_by(|a, b| certainty(b).total_cmp(&certainty(a)));
    wrong
}

/// The section on them, or nothing if no file was tested.
pub fn errors(
    collection: &Collection,
    wrong: &[Misclassified],
    method: Method,
    tested: usize,
    settings: SoundSettings,
) -> String {
    if tested == 0 {
        return String::new();
    }
    let shown = &wrong[..wrong.len().min(MOST_ERRORS)];
    let which = match wrong.len() {
        0 => ".".into(),
        all if all == shown.len() => {
            ", those with the highest probability of the wrong label first. Listen: a file may be cut off, noisy, or have \
             a wrong label."
                .into()
        }
        _ => format!(". These are the {} with the highest probability of the wrong label.", shown.len()),
    };
    let count = format!("{} misclassifies {} of {}", method.name(), wrong.len(), Count(tested, "test file"));
    let cards: String = shown.iter().map(|one| card(collection, one, settings)).collect();
    let cards = if cards.is_empty() { cards } else { format!("<div class=\"cards\">\n{cards}</div>\n") };
    section("errors", "Misclassified files", &format!("<p>{count}{which}</p>\n{cards}"))
}

fn card(collection: &Collection, one: &Misclassified, settings: SoundSettings) -> String {
    let Misclassified { recording, prediction } = one;
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
        "<b>{}</b>: true {}, predicted {}\n<ul class=\"probabilities\">\n{rows}</ul>\n{}",
        name(&recording.name),
        label(recording.label),
        label(prediction.class),
        player(recording, settings)
    );
    figure("card", &drawing(recording, settings, false), &caption)
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
        let wrong = misclassified(&collection, &[fold], &results, method);
        assert_eq!((wrong.len(), wrong[0].recording.name.as_str()), (50, "<49>"));
        let sound = SoundSettings { transform: Transform::Mel, rate: 8000, most_samples: 500 };
        let html = errors(&collection, &wrong, method, 60, sound);
        assert_eq!((html.matches("<audio").count(), html.matches("<svg").count()), (40, 40));
        assert!(html.contains("sparse-pooled misclassifies 50 of 60 test files. These are the 40"), "{html}");
        assert!(html.contains("<b>&lt;49&gt;</b>: true low, predicted high"), "{html}");
        assert!(html.contains("<li style=\"--f:0.245\"><span>low (true)</span> <span>24.5%</span></li>"), "{html}");
        assert!(errors(&collection, &[], method, 60, sound).contains("misclassifies 0 of 60 test files.</p>"));
        assert_eq!(errors(&collection, &[], method, 0, sound), "");
    }
}
