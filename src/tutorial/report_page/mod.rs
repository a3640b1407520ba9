//! The report: one HTML file that shows a run.
//!
//! **Why.** A table says how often a method is right. It does not say what the recordings are like, what was learned,
//! whether the training had ended, or which files are misclassified and why. These are questions for eyes and ears. So
//! the page shows pictures and plays sounds, and whoever looks at it needs nothing but a browser:
//!
//! - it is one file, which can be sent, archived, and printed;
//! - it fetches nothing and runs no script, and a policy in its head enforces both: a name of a file that is HTML could
//!   not do anything even if it were not escaped;
//! - values appear under the pointer by means of style sheets and of the tooltips of SVG.
//!
//! **Size.** The number of recordings does not matter: a bounded number of them is shown ([`MOST_EXAMPLES`] and
//! [`MOST_ERRORS`]), and each picture has a bounded number of pixels. In the worst case, where nothing can be
//! compressed,
//!
//! | part | bytes |
//! | --- | --- |
//! | players: [`MOST_SAMPLES`] of 2 bytes, in base64 | 1.6 million |
//! | spectrograms: 52 of 200 x 64 and 80 of 100 x 32 pixels, with 48 colors | 2.2 million |
//! | features, learning curves | 0.7 million |
//! | tables, waveforms, texts | 0.6 million |
//!
//! Together this is less than 5 million bytes, which a test confirms with noise.
//!
//! 1. [`html`]: names, tables, figures and the frame of the page;
//! 2. [`sound`]: a recording as a picture and as a player;
//! 3. [`recordings`]: counts and examples;
//! 4. [`features`]: the learned features;
//! 5. [`curves`](mod@curves): the learning curves;
//! 6. [`results`]: the table of methods and the confusion matrices;
//! 7. [`errors`](mod@errors): the misclassified files;
//! 8. [`neighbors`]: the recordings that are most similar to them.

pub mod curves;
pub mod errors;
pub mod features;
pub mod html;
pub mod neighbors;
pub mod recordings;
pub mod results;
pub mod sound;

use super::evaluation::MethodResult;
use super::learning_curves::Curve;
use super::report::{Summary, best};
use super::settings::Transform;
use crate::dataset::recordings::Collection;
use crate::dataset::split::Fold;
use errors::{MOST_ERRORS, Shown};
use features::LearnedFeatures;
use html::{Cell, HtmlTable, document, name, section};
use recordings::MOST_EXAMPLES;
use sound::{MOST_SAMPLES, SoundSettings};
use std::format;
use std::string::String;
use std::vec::Vec;

/// What a page shows.
#[derive(Clone, Debug)]
pub struct ReportPage<'a> {
    /// What was run: names and values, as texts.
    pub run: Vec<(&'static str, String)>,
    /// The recordings.
    pub collection: &'a Collection,
    /// The folds of the split.
    pub folds: &'a [Fold],
    /// The transform of the front end.
    pub transform: Transform,
    /// The learned features, if there are any.
    pub features: Option<LearnedFeatures>,
    /// The learning curves; none if nothing was trained.
    pub curves: &'a [Curve],
    /// The results of each fold.
    pub results: &'a [Vec<MethodResult>],
    /// Their summary.
    pub summaries: &'a [Summary],
}

impl ReportPage<'_> {
    /// The page.
    ///
    /// # Panics
    /// If the results are not those of the folds, or the folds not those of the collection.
    pub fn html(&self) -> String {
        let ReportPage { collection, folds, transform, results, summaries, .. } = self;
        let best = best(summaries);
        let wrong = best.map_or(Vec::new(), |best| errors::misclassified(collection, folds, results, best.method));
        let examples = recordings::examples_of(collection);
        let players = examples.len() + errors::players(wrong.len());
        debug_assert!(players <= MOST_EXAMPLES + MOST_ERRORS, "{players} players");
        let most_samples = MOST_SAMPLES / players.max(1);
        let sound = SoundSettings { transform: *transform, rate: collection.rate, most_samples };
        let sections = [
            ("run", "Run", self.run()),
            ("results", "Results", results::methods(summaries, folds.iter().all(|fold| !fold.train.is_empty()))),
            ("confusions", "Confusions", results::confusions(&collection.labels, summaries)),
            (
                "errors",
                "Misclassified files",
                best.map_or(String::new(), |best| {
                    let uncertain = errors::uncertain(collection, folds, results, best.method);
                    let shown = Shown { collection, method: best.method, tested: best.confusion.total(), sound };
                    errors::errors(&shown, &wrong, &uncertain)
                }),
            ),
            ("recordings", "Recordings", recordings::counts(collection, folds)),
            ("examples", "Examples", recordings::examples(collection, &examples, sound)),
            (
                "features",
                "Features",
                self.features.as_ref().map_or(String::new(), |features| features.section(collection)),
            ),
            ("curves", "Learning curves", curves::curves(self.curves)),
        ];
        let present: Vec<(&str, &str)> =
            sections.iter().filter(|section| !section.2.is_empty()).map(|&(id, title, _)| (id, title)).collect();
        let body: String = sections.iter().map(|(_, _, body)| body.as_str()).collect();
        document("A run of Ossicle", &body, &present)
    }

    /// The section on what was run.
    fn run(&self) -> String {
        let mut table = HtmlTable::new(
            "What was run; the same command on the same recordings gives the same digest.",
            &["item".into(), "value".into()],
        );
        for (item, value) in &self.run {
            table.row(item, &[Cell::html(format!("<code>{}</code>", whole(value)))]);
        }
        section("run", "Run", &table.finish())
    }
}

/// A text of any length, escaped.
fn whole(text: &str) -> String {
    // A command may be longer than a name; the command line bounds it.
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(80).map(|part| name(&part.iter().collect::<String>())).collect()
}

#[cfg(test)]
mod tests;
