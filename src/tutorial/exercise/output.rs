//! The output of an exercise: its page and its pictures, as the book shows them.
//!
//! Exercises are independent of one another, and their results do not depend on the number of threads. So the fastest
//! way to run all of them is one exercise on each thread.

use super::context::{ExerciseContext, small};
use super::{EXERCISES, Exercise};
use crate::dataset::recordings::Collection;
use crate::machine::threads;
use crate::tutorial::error::TutorialError;
use crate::tutorial::figures::FigureWriter;
use crate::tutorial::progress::Silent;
use std::string::String;
use std::vec::Vec;

/// The random seed of the outputs in the book: the default of the command line.
pub const SEED: u64 = 1;

/// A picture of an exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its file's name.
    pub file: String,
    /// Its subject.
    pub what: String,
}

/// The output of an exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The exercise's number.
    pub number: &'static str,
    /// The text that it prints.
    pub page: String,
    /// The pictures that it drew.
    pub pictures: Vec<Picture>,
}

/// Runs an exercise on these recordings, with the sizes of `--quick`.
///
/// # Errors
/// The errors of the exercise, or a picture that cannot be written.
pub fn quick(
    exercise: &Exercise,
    collection: Collection,
    figures: Option<&FigureWriter>,
) -> Result<Output, TutorialError> {
    let mut silent = Silent;
    let mut context = ExerciseContext::of_recordings(collection, small(true, SEED), true, figures, &mut silent)?;
    (exercise.run)(&mut context)?;
    let ExerciseContext { page, pictures, .. } = context;
    let mut drawn = Vec::new();
    for figure in pictures {
        figure.written.map_err(TutorialError::Picture)?;
        let file = figure.path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        drawn.push(Picture { file, what: figure.what });
    }
    Ok(Output { number: exercise.number, page, pictures: drawn })
}

/// Runs all exercises with the sizes of `--quick`, one on each thread; reports the end of each.
///
/// # Errors
/// The first one, as [`quick`].
pub fn all(
    collection: &Collection,
    figures: Option<&FigureWriter>,
    ended: impl Fn() + Sync,
) -> Result<Vec<Output>, TutorialError> {
    let workers = threads::count();
    threads::set_count(1);
    let mut results: Vec<Vec<Result<Output, TutorialError>>> = (0..workers).map(|_| Vec::new()).collect();
    threads::for_each(&mut results, EXERCISES.iter(), |results, exercise| {
        results.push(quick(exercise, collection.clone(), figures));
        ended();
    });
    threads::set_count(workers);
    let mut outputs = results.into_iter().flatten().collect::<Result<Vec<Output>, _>>()?;
    let place = |output: &Output| EXERCISES.iter().position(|exercise| exercise.number == output.number);
    outputs.sort_by_key(place);
    Ok(outputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::digest::Digest;
    use crate::dataset::folder;
    use crate::tutorial::settings::PipelineSettings;
    use std::format;
    use std::fs;
    use std::path::PathBuf;

    /// The outputs of all exercises, as last reviewed.
    const PINNED: &str = include_str!("../../../tests/exercises.txt");

    /// The exercises that take half a second or more in a release build.
    const SLOW: [&str; 22] = [
        "8.1.2", "8.1.4", "8.1.6", "8.1.8", "8.3.1", "8.5.2", "8.5.3", "8.5.4", "8.5.5", "B.1", "C.3", "D.1", "D.2",
        "D.4", "D.5", "D.7", "D.8", "E.11", "E.12", "E.5", "E.6", "E.9",
    ];

    /// The output as the pinned text has it: the page, without the columns of seconds, and the digest of each picture.
    fn pinned(output: &Output, folder: &std::path::Path) -> String {
        let mut text = format!("=== {}\n{}", output.number, without_seconds(&output.page));
        for Picture { file, .. } in output.pictures.iter().filter(|picture| !picture.file.contains("seconds")) {
            let mut digest = Digest::new();
            digest.bytes(&fs::read(folder.join(file)).unwrap());
            text += &format!("--- {file} {}\n", digest.hex());
        }
        text
    }

    /// The page without the columns of its tables whose headings name a unit of time, and those right of them.
    fn without_seconds(page: &str) -> String {
        let (mut text, mut end) = (String::new(), None);
        for line in page.lines() {
            let heading = ["milliseconds", "microseconds", "seconds"].iter().filter_map(|unit| line.find(unit)).min();
            if line.trim().is_empty() {
                end = None;
            } else if let Some(at) = heading.filter(|&at| line[..at].ends_with("  ")) {
                end = Some(line[..at].chars().count());
            }
            text.extend(line.chars().take(end.unwrap_or(usize::MAX)));
            text = text.trim_end_matches(' ').into();
            text += "\n";
        }
        text
    }

    /// Runs exercises, and compares their outputs with the pinned ones. If they differ, the new text is left in the
    /// folder for temporary files.
    fn compare(name: &str, is_wanted: impl Fn(&str) -> bool) {
        let folder = std::env::temp_dir().join(format!("ossicle-{name}-{}", std::process::id()));
        let names: Vec<&str> = EXERCISES.iter().flat_map(|exercise| exercise.pictures).copied().collect();
        let figures = FigureWriter::open(&folder, &names).unwrap();
        let data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data/digits"));
        let shortest = |rate| PipelineSettings::default().shortest(rate);
        let collection = folder::read(&data, None, &shortest).unwrap().collection;
        let (mut new, mut changed) = (String::new(), Vec::new());
        for exercise in &EXERCISES {
            let start = format!("=== {}\n", exercise.number);
            let old = PINNED.split_once(&start).map_or("", |(_, rest)| rest.split("=== ").next().unwrap_or(""));
            let mut text = format!("{start}{old}");
            if is_wanted(exercise.number) {
                let output = quick(exercise, collection.clone(), Some(&figures)).unwrap();
                let now = pinned(&output, &folder);
                if now != text {
                    changed.push(exercise.number);
                }
                text = now;
            }
            new += &text;
        }
        fs::remove_dir_all(&folder).unwrap();
        if !changed.is_empty() {
            let path = std::env::temp_dir().join(format!("exercises-{name}.txt"));
            fs::write(&path, new).unwrap();
            panic!(
                "{changed:?} print or draw something else than tests/exercises.txt; the new text is {}",
                path.display()
            );
        }
    }

    #[test]
    fn the_fast_exercises_print_what_the_book_says() {
        compare("fast", |number| !SLOW.contains(&number));
    }

    #[test]
    #[ignore = "takes a minute"]
    fn the_slow_exercises_print_what_the_book_says() {
        compare("slow", |number| SLOW.contains(&number));
    }

    #[test]
    fn columns_of_seconds_are_left_out() {
        let page = "A second thing.\n\nrow   cost  seconds\na      1.0      0.3\n\nseconds\n";
        assert_eq!(without_seconds(page), "A second thing.\n\nrow   cost\na      1.0\n\nseconds\n");
    }
}
