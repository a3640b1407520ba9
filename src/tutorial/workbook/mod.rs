//! The workbook: tasks that a student solves in a crate of their own, and a tutor that says what is wrong.
//!
//! In an exercise the program computes, and the reader watches. In a task the reader writes the code. A task asks for
//! one idea of a chapter, in plain loops over `f64`. Its tests have numbers worked by hand, and the last test asks the
//! tutor, who compares the answer with the chapter's own definition and knows what common mistakes compute. Detective
//! tasks hand out code with a mistake, and a symptom.
//!
//! 1. [`judge`]: an answer compared with ours, and a mistake recognized by its values;
//! 2. [`mutants`]: gradients with one mistake each, and the blocks in which each shows;
//! 3. [`tutor`]: what the tests of the tasks call;
//! 4. [`task`]: a task's story, stub, solution, and hints, from one file;
//! 5. [`runner`]: cargo, and the processes of a student's tests;
//! 6. [`record`]: the progress of a student.
//!
//! The files of the tasks are in `tasks/`. The unit tests compile all of them with their solutions. Only a student's
//! tests call the judge, the mutants, and the tutor, so the program is compiled without them; a student's crate asks
//! for the feature `workbook`.

#[cfg(any(doc, test, feature = "workbook"))]
#[doc(hidden)]
pub mod judge;
#[cfg(any(doc, test, feature = "workbook"))]
#[doc(hidden)]
pub mod mutants;
pub mod record;
#[doc(hidden)]
pub mod runner;
pub mod task;
#[cfg(any(doc, test, feature = "workbook"))]
#[doc(hidden)]
pub mod tutor;

use super::book::File;
use super::report::Table;
use std::format;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;
use task::Task;

/// The known mistake of a detective task: nothing has been mended.
const HANDED_OUT: &str = "the code as it was handed out";

/// How a detective task begins its answer to no letter.
const NO_LETTER: &str = "Write the letter of the wrong line";

/// A task: its name, its chapter, its definition in the crate, its minutes, and what it teaches.
macro_rules! task {
    ($name:literal, $chapter:literal, $path:literal, [$($definition:literal),*], $minutes:literal, $teaches:literal) => {
        Task {
            name: $name,
            text: include_str!(concat!("tasks/", $name, ".rs")),
            chapter: $chapter,
            ours: ($path, &[$($definition),*]),
            minutes: $minutes,
            teaches: $teaches,
        }
    };
}

/// The tasks, in the order of learning.
pub const TASKS: &[Task] = &[
    task!("unit", "unit", "model/activation.rs", ["value", "slope"], 10, "the sigmoid, and its slope from its value"),
    task!(
        "descent",
        "descent",
        "optimize/rule.rs",
        ["step"],
        15,
        "each step needs a new gradient, and the steepest direction limits the learning rate"
    ),
    task!(
        "difference",
        "check",
        "optimize/check.rs",
        ["by_definition"],
        15,
        "a slope from values of the cost alone, with two points and with five"
    ),
    task!("step", "check", "optimize/check.rs", ["step"], 15, "the smallest step is not the best one"),
    task!(
        "forward",
        "backpropagation",
        "model/layer.rs",
        ["forward_by_definition"],
        15,
        "a layer is two loops, and a network is one layer after another"
    ),
    task!("detective_layer", "backpropagation", "", [], 8, "what the gradient check says if a sum is not a mean"),
    task!(
        "error",
        "autoencoder",
        "model/autoencoder.rs",
        ["reconstruction_by_definition"],
        8,
        "errors are summed over values and averaged over examples"
    ),
    task!(
        "deltas",
        "autoencoder",
        "model/layer.rs",
        ["backward_by_definition"],
        15,
        "δ at the outputs, and back through the weights and the slope"
    ),
    task!(
        "sparsity",
        "autoencoder",
        "model/autoencoder.rs",
        ["reconstruction_by_definition"],
        15,
        "the mean activation of a unit, the penalty on it, and the slope of the penalty"
    ),
    task!(
        "sparse_delta",
        "autoencoder",
        "model/autoencoder.rs",
        ["reconstruction_by_definition"],
        20,
        "a penalty on a mean reaches every example, before the slope of the unit"
    ),
    task!(
        "decay",
        "autoencoder",
        "model/autoencoder.rs",
        ["reconstruction_by_definition"],
        30,
        "the cost and its gradient as a whole, with weights decayed and biases not"
    ),
    task!(
        "detective_autoencoder",
        "autoencoder",
        "",
        [],
        12,
        "what changes with the number of examples, and what does not"
    ),
    task!(
        "best_input",
        "features",
        "model/visualization.rs",
        ["maximal_inputs"],
        10,
        "the input that excites a unit most is its weights, scaled to length 1"
    ),
    task!(
        "log_sum_exp",
        "softmax",
        "model/softmax.rs",
        ["log_probabilities_by_definition"],
        10,
        "probabilities from scores of any size, without overflow"
    ),
    task!(
        "softmax",
        "softmax",
        "model/softmax.rs",
        ["by_definition"],
        20,
        "the gradient of a classifier is the probability minus the truth, times the input"
    ),
    task!("detective_softmax", "softmax", "", [], 8, "how a number too large or too small for f64 gets into a cost"),
    task!(
        "transfer",
        "stacked",
        "model/stacked.rs",
        ["pack", "unpack"],
        15,
        "parameters are slices of one vector, and the order of the blocks differs between models"
    ),
    task!(
        "stack",
        "stacked",
        "model/stacked.rs",
        ["by_definition"],
        25,
        "one rule takes δ back through any number of layers"
    ),
    task!("detective_stack", "stacked", "", [], 10, "what a square or symmetric matrix hides"),
    task!("detective_accuracy", "overfitting", "", [], 8, "how cross-validation can lie"),
    task!(
        "taper",
        "samples",
        "audio/window.rs",
        ["weight"],
        12,
        "frames of a recording, and why their ends are tapered"
    ),
    task!(
        "dft",
        "fourier",
        "spectrum/fourier/mod.rs",
        ["real_by_definition"],
        15,
        "a coefficient is the sum of the samples times a wave"
    ),
    task!(
        "fft",
        "fourier",
        "spectrum/fourier/radix2.rs",
        ["fft"],
        20,
        "two transforms of half the length make the whole"
    ),
    task!("detective_spectrogram", "spectrogram", "", [], 10, "how an index that is off shows in a picture"),
    task!("mel", "mel", "spectrum/mel.rs", ["by_definition"], 20, "a scale of pitch, and triangular bands on it"),
    task!(
        "detective_scaling",
        "windows",
        "",
        [],
        8,
        "how test examples get into what is measured on training examples"
    ),
    task!(
        "whitening",
        "whitening",
        "dataset/whiten.rs",
        ["by_definition"],
        20,
        "covariance, its eigenvalues, and axes of equal variance"
    ),
    task!(
        "armijo",
        "line-search",
        "optimize/line_search/backtracking.rs",
        ["search"],
        20,
        "a step is accepted if it lowers the cost enough, and a parabola chooses the next"
    ),
    task!(
        "two_loop",
        "lbfgs",
        "optimize/two_loop.rs",
        ["by_definition"],
        20,
        "two loops over pairs multiply by a matrix that is never formed"
    ),
    task!("detective_direction", "lbfgs", "", [], 15, "why a direction goes uphill"),
    task!(
        "correlation",
        "convolution",
        "model/convolution/definition.rs",
        ["correlate", "convolve"],
        15,
        "the same weights at every position, and convolution as correlation with a rotated filter"
    ),
    task!(
        "im2col",
        "im2col",
        "model/convolution/patches.rs",
        ["by_definition"],
        15,
        "patches as columns turn a convolution into a matrix product"
    ),
    task!(
        "adjoint",
        "im2col",
        "model/convolution/patches.rs",
        ["adjoint_by_definition"],
        15,
        "the way back adds every copy, and an inner product tests it"
    ),
    task!("detective_convolution", "im2col", "", [], 8, "what a symmetric filter hides"),
    task!(
        "max_pooling",
        "pooling",
        "model/convolution/pooling.rs",
        ["by_definition", "backward_by_definition"],
        20,
        "the maximum's position is remembered, and all of δ goes back to it"
    ),
    task!(
        "dropout",
        "networks",
        "model/network/pass.rs",
        ["fill_mask", "multiply"],
        15,
        "why kept values are divided by the probability of keeping them"
    ),
    task!("detective_network", "networks", "", [], 12, "why a random draw must be the same on the way back"),
    task!(
        "denoising",
        "denoising",
        "model/denoising.rs",
        ["by_definition"],
        20,
        "the network reads the corrupted example and is compared with the clean one"
    ),
    task!(
        "vectorize",
        "engine",
        "matrix/product.rs",
        ["by_definition"],
        15,
        "one matrix product computes a layer for all examples"
    ),
    task!(
        "pipeline",
        "pipeline",
        "model/softmax.rs",
        ["by_definition"],
        60,
        "everything from samples to an accuracy on recordings that were not trained on"
    ),
];

/// A task with its number.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// "7"; "d3" for the third detective.
    pub id: String,
    /// The name of its file in the workbook's folder `tests`, without `.rs`: "t07_sparsity".
    pub file: String,
    /// The task.
    pub task: &'static Task,
}

impl Numbered {
    /// The path of its file in the workbook.
    pub fn path(&self) -> String {
        format!("tests/{}.rs", self.file)
    }
}

/// All tasks with their numbers.
pub fn tasks() -> Vec<Numbered> {
    let mut counts = [0, 0];
    let number = |task: &'static Task| {
        let count = &mut counts[usize::from(task.is_detective())];
        *count += 1;
        let (letter, sign) = if task.is_detective() { ("d", "d") } else { ("", "t") };
        let name = task.name.trim_start_matches("detective_");
        let (id, file) = (format!("{letter}{count}"), format!("{sign}{count:02}_{name}"));
        Numbered { id, file, task }
    };
    TASKS.iter().map(number).collect()
}

/// The workbook's files as they are handed out; the crate in the folder `root` is what its tests depend on.
pub fn files(root: &Path) -> Vec<File> {
    let root: String = root.to_string_lossy().chars().flat_map(quoted).collect();
    let file = |name: &str, text: String| File { name: name.into(), text };
    let mut files = Vec::from([
        file("Cargo.toml", include_str!("template/Cargo.toml.txt").replace("{root}", &root)),
        file("README.md", with_table(include_str!("template/README.md"))),
        file("TEACHERS.md", with_table(include_str!("template/TEACHERS.md"))),
        file("src/lib.rs", include_str!("template/lib.rs.txt").to_string()),
        file(".gitignore", "target/\n".to_string()),
        // Editors that format a file when it is saved leave the tests as they are.
        file("rustfmt.toml", "max_width = 120\nuse_small_heuristics = \"Max\"\n".to_string()),
    ]);
    files.extend(tasks().iter().map(|n| file(&n.path(), n.task.stub(&n.id))));
    files
}

/// A letter of a TOML string.
fn quoted(c: char) -> Vec<char> {
    match c {
        '"' | '\\' => Vec::from(['\\', c]),
        c if c.is_control() => format!("\\u{:04x}", c as u32).chars().collect(),
        c => Vec::from([c]),
    }
}

/// Tasks that can be assigned together: a title, and the names of the first and of the last one.
const GROUPS: &[(&str, &str, &str)] = &[
    ("Slopes and gradients", "unit", "step"),
    ("The sparse autoencoder", "forward", "best_input"),
    ("Classifiers, and deep networks", "log_sum_exp", "detective_accuracy"),
    ("Sound", "taper", "whitening"),
    ("Minimizing", "armijo", "detective_direction"),
    ("Convolution", "correlation", "detective_network"),
    ("Beyond", "denoising", "pipeline"),
];

/// A row of the table of groups.
fn group((title, first, last): &(&str, &str, &str)) -> String {
    let at = |name: &str| TASKS.iter().position(|task| task.name == name).unwrap_or(0);
    let group = &tasks()[at(first)..=at(last)];
    let mut chapters: Vec<&str> = group.iter().map(|n| n.task.chapter().title).collect();
    chapters.dedup();
    let ids: Vec<&str> = group.iter().map(|n| n.id.as_str()).collect();
    let minutes = group.iter().map(|n| n.task.minutes).sum::<u32>();
    let hours = format!("{}.{}", minutes / 60, minutes % 60 / 6);
    format!("| {title} | {} | {} | {hours} |\n", ids.join(", "), chapters.join("; "))
}

/// The heads of the tables of tasks, without and with what a task teaches.
const HEADS: [&str; 2] = [
    "| task | title | chapter | minutes |\n| --- | --- | --- | --- |\n",
    "| task | title | chapter | minutes | what it teaches |\n| --- | --- | --- | --- | --- |\n",
];

/// A page with the table of tasks in the place of `{tasks}`, that of groups in the place of `{groups}`, and the hours
/// of all tasks in the place of `{hours}`.
fn with_table(page: &str) -> String {
    // What a task teaches gives its answer away: a page for students does not say it.
    let (mut tasks_alone, mut with_points) = (String::from(HEADS[0]), String::from(HEADS[1]));
    for Numbered { id, task, .. } in tasks() {
        let row = format!("| {id} | {} | {} | {} |", task.title(), task.chapter().title, task.minutes);
        tasks_alone += &format!("{row}\n");
        with_points += &format!("{row} {} |\n", task.teaches);
    }
    let hours = TASKS.iter().map(|task| task.minutes).sum::<u32>().div_ceil(60);
    let id = |name: &str| tasks().into_iter().find(|n| n.task.name == name).map_or(String::new(), |n| n.id);
    let page = page.replace("{difference}", &id("difference"));
    let groups: String = GROUPS.iter().map(group).collect();
    let page = page
        .replace("{tasks}", tasks_alone.trim_end())
        .replace("{points}", with_points.trim_end())
        .replace("{groups}", groups.trim_end());
    page.replace("{hours}", &hours.to_string())
}

/// The tasks and the progress on them, as a table for people.
pub fn overview(record: &record::Record) -> String {
    let mut table = Table::new(&["task", "title", "minutes", "state", "hints"]);
    for Numbered { id, task, .. } in tasks() {
        let entry = record.entry(task.name);
        let state = match (entry.is_solved, entry.has_seen_solution, entry.checks) {
            (true, false, _) => "solved".to_string(),
            (true, true, _) => "solved, after seeing the solution".to_string(),
            (false, _, 0) => String::new(),
            (false, _, checks) => format!("checked {}", times(checks)),
        };
        let hints = if entry.hints == 0 { String::new() } else { entry.hints.to_string() };
        table.row(&[id, task.title().into(), task.minutes.to_string(), state, hints]);
    }
    table.text()
}

/// "once", "twice", "3 times".
fn times(n: u32) -> String {
    match n {
        1 => "once".into(),
        2 => "twice".into(),
        n => format!("{n} times"),
    }
}

/// The tasks with their solutions: their tests are unit tests of Ossicle.
#[cfg(test)]
#[allow(clippy::disallowed_methods, clippy::useless_vec)]
mod tasks {
    mod adjoint;
    mod armijo;
    mod best_input;
    mod correlation;
    mod decay;
    mod deltas;
    mod denoising;
    mod descent;
    mod detective_accuracy;
    mod detective_autoencoder;
    mod detective_convolution;
    mod detective_direction;
    mod detective_layer;
    mod detective_network;
    mod detective_scaling;
    mod detective_softmax;
    mod detective_spectrogram;
    mod detective_stack;
    mod dft;
    mod difference;
    mod dropout;
    mod error;
    mod fft;
    mod forward;
    mod im2col;
    mod log_sum_exp;
    mod max_pooling;
    mod mel;
    mod pipeline;
    mod softmax;
    mod sparse_delta;
    mod sparsity;
    mod stack;
    mod step;
    mod taper;
    mod transfer;
    mod two_loop;
    mod unit;
    mod vectorize;
    mod whitening;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::book::contents::chapters;
    use std::collections::HashSet;

    #[test]
    fn the_solution_of_every_task_is_tested_here() {
        for task in TASKS {
            assert!(include_str!("mod.rs").contains(&format!("\n    mod {};\n", task.name)), "{}", task.name);
        }
    }

    #[test]
    fn every_task_has_a_chapter_a_definition_and_three_hints() {
        for Numbered { id, file, task } in tasks() {
            assert_eq!(task.hints().len(), 3, "{id}");
            assert!(!task.chapter().title.is_empty() && (3..=60).contains(&task.minutes), "{id}");
            assert!(task.is_detective() || !task.definitions().is_empty(), "{id}: {:?}", task.ours);
            let stub = task.stub(&id);
            assert!(stub.contains("todo!()") || task.is_detective(), "{id}");
            assert!(!stub.contains("// hint") && !stub.contains("// solution") && !stub.contains("// end"), "{id}");
            assert!(stub.lines().all(|line| line.chars().count() <= 120), "{file}");
        }
        // The last task, on whole recordings, needs chapters up to the end of Part II.
        let order = |task: &Task| chapters().position(|chapter| chapter.slug == task.chapter);
        assert!(TASKS[..TASKS.len() - 1].is_sorted_by_key(order));
        let names: HashSet<&str> = TASKS.iter().map(|task| task.name).collect();
        assert_eq!(names.len(), TASKS.len());
    }

    #[test]
    fn a_path_is_quoted() {
        let manifest = &files(Path::new("/a \"b\"\\c\n"))[0].text;
        assert!(manifest.contains(r#"path = "/a \"b\"\\c\u000a""#), "{manifest}");
    }
}
