//! The command line: output, exit statuses, and errors that say what to do; names and arguments from outside do not
//! affect the output.

mod common;

use common::tolerances::RESAMPLED;
use common::{Folder, ossicle, tones, tones_by, without_log};
use ossicle::audio::wav::write_pcm16;
use ossicle::bytes::digest::Digest;
use ossicle::number::{Random, Real};
use ossicle::picture::image::Image;
use ossicle::picture::png::png;
use ossicle::storage::array::{Array, Elements};
use ossicle::storage::{csv, model, npy, safetensors};
use ossicle::tutorial::exercise::EXERCISES;
use std::io::Read;
use std::process::Stdio;

/// Status, standard output and standard error of a command line.
fn run(line: &str) -> (i32, String, String) {
    run_words(&line.split_whitespace().collect::<Vec<_>>())
}

fn run_words(words: &[&str]) -> (i32, String, String) {
    let output = ossicle().args(words).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let status = output.status.code().expect("no signal ends the program");
    (status, text(output.stdout), without_log(&output.stderr))
}

/// Asserts that the command fails with this status and an error that contains `expected`, with an empty output and
/// without a panic.
fn fails(line: &str, status: i32, expected: &str) {
    assert_eq!(failure(line, status, expected), "", "{line}");
}

/// What a command line prints that ends with this status and an error that contains this text.
fn failure(line: &str, status: i32, expected: &str) -> String {
    let (found, out, error) = run(line);
    assert_eq!(found, status, "{line}: {error}");
    assert!(error.contains(expected), "{line}: {error}");
    assert!(error.lines().any(|line| line.starts_with("ossicle: ")), "{line}: {error}");
    assert!(!error.contains("panicked"), "{line}: {error}");
    out
}

const COMMANDS: [&str; 20] = [
    "tutorial",
    "compare",
    "exercise",
    "mnist",
    "autoencoders",
    "predict",
    "report",
    "export",
    "import",
    "features",
    "train",
    "check-gradients",
    "wav",
    "spectrogram",
    "resynthesize",
    "listen",
    "optimize",
    "book",
    "workbook",
    "bench",
];

/// Whether no line is wider than a terminal.
fn has_width(help: &str) -> bool {
    help.lines().all(|line| line.chars().count() <= 100)
}

#[test]
fn every_command_has_help() {
    for line in ["--help", "-h", "help"] {
        let (status, out, error) = run(line);
        assert_eq!((status, error.as_str()), (0, ""), "{line}");
        assert!(out.contains("check-gradients") && out.contains("examples:") && has_width(&out), "{line}");
        assert!(out.ends_with("exit status: 0 success, 1 failure, 2 wrong usage\n"), "{line}");
    }
    for command in COMMANDS {
        for line in [format!("{command} --help"), format!("help {command}"), format!("{command} --nonsense -h")] {
            let (status, out, _) = run(&line);
            assert_eq!(status, 0, "{line}");
            let sections = ["\nusage: ossicle ", "\nexamples:\n", "\noptions:\n", "\n  --quiet  "];
            assert!(sections.iter().all(|section| out.contains(section)) && has_width(&out), "{line}");
            assert_eq!(out.contains("\n  --tsv  "), out.contains(r"and \\ for a backslash"), "{line}");
        }
    }
    assert_eq!(run("--version").1, format!("ossicle {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_are_errors_with_status_2() {
    fails("tutroial", 2, "there is no command 'tutroial'; did you mean 'tutorial'?");
    fails("frobnicate", 2, "there is no command 'frobnicate'");
    fails("src", 2, "for the tutorial on that folder: ossicle tutorial src");
    fails("NOTES.md", 2, "to see what is in that file: ossicle wav NOTES.md");
    fails("mnist", 2, "a folder was expected: ossicle mnist DIR");
    fails("mnist a b", 2, "unexpected argument 'b'");
    fails("mnist a --exercise stakced", 2, "did you mean 'stacked'?");
    fails("mnist no-such-folder", 1, "no-such-folder");
    fails("autoencoders --models raw", 2, "--models 'raw': the first row of every table, not a model");
    fails("exercise 8.6.1", 2, "there is no exercise '8.6.1'; `ossicle exercise` lists the exercises");
    fails("exercise 8.1.1 a b", 2, "unexpected argument 'b'");
    fails("exercise --seed abc", 2, "--seed abc: a number from 0 to 18446744073709551615 was expected");
    fails("export a b --rust c", 2, "unexpected argument 'b'");
    fails("tutorial --out --quiet", 2, "--out needs a value");
    fails("tutorial --hiden 5", 2, "did you mean '--hidden'?");
    fails("--hiden 5", 2, "did you mean '--hidden'?");
    fails("tutorial --hidden", 2, "--hidden needs a value");
    fails("tutorial --hidden 0", 2, "a number from 1 to 10000 was expected");
    fails("tutorial --hidden many", 2, "--hidden many");
    fails("tutorial --threads 0", 2, "a number from 1 to 1024 was expected");
    fails("tutorial --sparsity 1", 2, "a number between 0 and 1");
    fails("tutorial --weight-decay nan", 2, "a number from 0");
    fails("tutorial --rate 5", 2, "a number from 1000 to 384000 was expected");
    fails("tutorial --precision f16", 2, "one of f32, f64 was expected");
    fails("tutorial --split offical", 2, "'offical' names no split");
    fails("tutorial --seed -1", 2, "--seed -1");
    fails("tutorial a b", 2, "unexpected argument 'b'");
    fails("wav", 2, "a WAV file was expected");
    fails("predict src a.wav", 1, "src: this is a folder; a model file of ossicle tutorial --save was expected");
    for line in ["wav src", "wav --raw src", "spectrogram src"] {
        fails(line, 1, "src: this is a folder; a file was expected");
    }
    fails("wav --raw a.wav b.wav", 2, "--raw takes one file");
    fails("wav --raw --tsv a.wav", 2, "cannot be used together");
    fails("check-gradients now", 2, "unexpected argument 'now'");
    fails(
        "optimize rosenbrok",
        2,
        "PROBLEM 'rosenbrok': one of rosenbrock, quadratic, beale, himmelblau, saddle, monkey, two-wells, logarithm was expected; \
         did you mean 'rosenbrock'?",
    );
    fails("optimize beale saddle", 2, "unexpected argument 'saddle'");
    fails(
        "optimize --method adam,lbgfs",
        2,
        "--method 'lbgfs': one of all, lbfgs, lbfgs-zoom, lbfgs-backtracking, gradient-descent, momentum, nesterov, \
         adagrad, rmsprop, adam was expected; did you mean 'lbfgs'?",
    );
    fails("optimize --method adam,adam", 2, "'adam' is given twice");
    fails("optimize --method lbfgs --rate 1", 2, "only the first-order rules have one");
    fails("optimize --rate 0", 2, "a positive number was expected");
    fails("optimize --rate inf", 2, "a positive number was expected");
    fails("optimize --iterations 0", 2, "a number from 1 to 1000000 was expected");
    fails("optimize --start 1", 2, "two numbers between");
    fails("optimize --start 1,nan", 2, "two numbers between");
    fails("tutorial --transform fourier", 2, "one of fft, mel, bark, cepstrum, chroma, constant-q was expected");
    fails(
        "tutorial --transform bark --bands 20",
        2,
        "--bands is an option of mel bands, but --transform bark has none",
    );
    fails("tutorial --coefficients 13", 2, "--coefficients is an option of the cepstrum, not of --transform mel");
    fails("tutorial --transform cepstrum --bands 16 --coefficients 17", 2, "a number from 1 to the 16 mel bands");
    fails("spectrogram", 2, "a WAV file was expected");
    fails("spectrogram a.wav --transform wavelet", 2, "constant-q, all was expected");
    fails("spectrogram a.wav -o a.jpg", 2, "a name that ends with .png or .svg was expected");
}

#[test]
fn an_instruction_set_that_cannot_run_names_those_that_can() {
    let output = ossicle().args(["check-gradients"]).env("OSSICLE_ISA", "mmx").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("OSSICLE_ISA=mmx: no instruction set has that name; this machine has portable"), "{error}");
}

#[test]
fn folders_without_usable_recordings_are_errors_with_status_1() {
    let folder = Folder::new("unfit");
    let path = folder.text().to_string();
    fails(&format!("tutorial {path}/nowhere"), 1, "nowhere: there is no such folder");
    for line in ["exercise 8.1.1", "mnist", "bench --mnist"] {
        fails(&format!("{line} {path}/nowhere"), 1, "nowhere: there is no such folder");
    }
    fails(&format!("tutorial {path}"), 1, "there is no WAV file in this folder");
    folder.put("notes_x_1.wav", b"not sound");
    fails(&format!("tutorial {path}/notes_x_1.wav"), 1, "this is a file; a folder of WAV files was expected");
    fails(&format!("tutorial {path}"), 1, "1 WAV file found, but none can be used");
    let sound: Vec<f64> = (0..3000).map(|i| f64::from(i % 50) / 60.0).collect();
    folder.put("a_x_1.wav", &write_pcm16(8000, 1, &sound));
    fails(&format!("tutorial {path}"), 1, "all recordings have the label 'a'");
    folder.put("b_x_1.wav", &write_pcm16(8000, 1, &sound));
    fails(
        &format!("tutorial {path}"),
        1,
        "the label 'a' has one recording: one to train on and one to test on are needed",
    );
    folder.put("a_x_2.wav", &write_pcm16(8000, 1, &sound));
    folder.put("b_x_2.wav", &write_pcm16(8000, 1, &sound));
    fails(&format!("tutorial {path} --split official"), 1, "leaves no recording to train on");
    fails(&format!("tutorial {path} --split group:zoe"), 1, "no recording is of the group 'zoe'; the groups are x");
    fails(&format!("tutorial {path} --split groups"), 1, "needs at least two groups, but the names state only one");
    fails(&format!("tutorial {path} --split folds:9"), 1, "9 folds are too many: no label has more than 2 recordings");
}

#[test]
fn broken_files_among_good_ones_are_listed_and_skipped() {
    let folder = tones("mixed", &["high", "low"], 7);
    folder.put("high_ann_90.wav", b"RIFF");
    folder.put("low_ann_91.wav", &write_pcm16(8000, 1, &[0.0; 4000]));
    folder.put("low_ann_92.wav", &write_pcm16(8000, 1, &[0.1; 100]));
    folder.put("nonsense.wav", &write_pcm16(8000, 1, &[0.1; 4000]));
    let out = Folder::new("mixed-out");
    let words = ["tutorial", folder.text(), "--hidden", "8", "--iterations", "5", "--epochs", "1", "--out", out.text()];
    let (status, text, error) = run_words(&words);
    assert_eq!(status, 0, "{error}");
    assert!(error.contains("skipped 4 of 32 files:"), "{error}");
    for cause in ["high_ann_90.wav: ", "silent", "one window needs", "does not fit {label}_{group}_{index}.wav"] {
        assert!(error.contains(cause), "{error}");
    }
    assert!(text.contains("sparse-pooled") && text.contains("95% interval"), "{text}");
    for picture in ["filters.png", "windows.png", "confusion.png"] {
        let bytes = std::fs::read(out.0.join(picture)).unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 500, "{picture}");
    }
    is_page(&out.0.join("report.html"));
    assert_eq!(std::fs::read_dir(&out.0).unwrap().count(), 4);
}

/// Asserts that the file is a page of balanced tags without a script, and that nothing in it is fetched; returns it.
#[track_caller]
fn is_page(path: &std::path::Path) -> String {
    let html = std::fs::read_to_string(path).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>\n") && html.ends_with("</html>\n"), "{path:?}");
    assert!(!html.contains("<script") && !html.contains("http:") && !html.contains("https:") && !html.contains("url("));
    // An ellipsis, which shortens long names, is between these ranges.
    let hides = |c: char| ('\u{200b}'..='\u{200f}').contains(&c) || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!html.contains(|c: char| c.is_control() && c != '\n' || hides(c)));
    for element in ["section", "table", "tr", "td", "th", "figure", "figcaption", "svg", "g", "audio", "p", "b", "div"]
    {
        let opened = html.matches(&format!("<{element}>")).count() + html.matches(&format!("<{element} ")).count();
        assert_eq!(opened, html.matches(&format!("</{element}>")).count(), "{element}");
    }
    for attribute in [" src=\"", " href=\""] {
        assert!(html.split(attribute).skip(1).all(|value| value.starts_with("data:") || value.starts_with('#')));
    }
    html
}

#[test]
fn a_report_shows_the_run_and_that_of_a_saved_model_its_files() {
    let folder = tones("report", &["high", "low", "mid"], 7);
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (out, model, page) = (path("out"), path("a.model"), path("a.html"));
    let small = "--hidden 8 --iterations 5 --deep 3 --tuning 3 --epochs 1 --regions 1 --bands 8 --save";
    let line = format!("tutorial {} {small} {model} --method stacked-pooled --out {out}", folder.text());
    let (status, text, error) = run(&line);
    assert_eq!(status, 0, "{error}");
    let html = is_page(&folder.0.join("out/report.html"));
    let digest = text.lines().find(|line| line.starts_with("digest")).unwrap().rsplit(' ').next().unwrap();
    for expected in [digest, &line, "Learning curves", "<b>sparse autoencoder</b>", "8 features, sorted by frequency"] {
        assert!(html.contains(expected), "{expected}");
    }
    // The table has the numbers of the printed one.
    let row = text.lines().find(|line| line.starts_with("raw-windows")).unwrap();
    for number in row.split_whitespace().skip(1).take(2) {
        assert!(html.contains(&format!("<td>{number}</td>")) || html.contains(&format!("<b>{number}</b>")), "{number}");
    }
    // Each section is there, and so are an example of each label and each misclassified file.
    assert_eq!((html.matches("<h2>").count(), html.matches("<section id=").count()), (8, 8));
    let wrong: usize = html.split(" misclassifies ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert_eq!(html.matches("<audio ").count(), 3 + wrong);

    let more = tones_by("report-more", &["high", "low", "unheard"], &["eve"], 2);
    let (status, text, error) = run(&format!("report {model} {} -o {page}", more.text()));
    assert_eq!(status, 0, "{error}");
    assert!(text.contains(" of 4 files correct: ") && error.contains("left out 2 recordings"), "{text}{error}");
    assert!(error.ends_with(&format!("the report: {page}\n")), "{error}");
    let html = is_page(&folder.0.join("a.html"));
    assert!(html.contains("ossicle tutorial ") && html.contains(">stacked-pooled</b>") && html.contains("Features"));
    assert!(!html.contains("id=\"curves\"") && html.contains(&format!("ossicle report {model}")));
    // The predictions are those of the command predict.
    let (_, rows, _) = run(&format!("predict {model} {} --tsv", more.text()));
    let cells = rows.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    let correct = cells.filter(|cells| cells[1] == cells[2] && cells[1] != "unheard").count();
    assert!(text.starts_with(&format!("{correct} of 4 files")), "{text}{rows}");

    fails("report", 2, "a model file and a folder were expected");
    fails(&format!("report {model}"), 2, "a folder was expected after the model");
    fails(&format!("report {model} a b"), 2, "unexpected argument 'b'");
    fails(&format!("report {model} a -o a.model"), 2, "-o a.model: a name that ends with .html was expected");
    fails(&format!("report no-model a -o {}", path("no/a.html")), 1, "no/a.html: No such file");
    fails(&format!("report {model} no-folder -o {page}"), 1, "no-folder: there is no such folder");
    let others = tones("report-others", &["one", "two"], 1);
    let unknown = "no recording has a label of the model, which knows high, low, mid";
    fails(&format!("report {model} {} -o {page}", others.text()), 1, unknown);
}

#[test]
fn transforms_are_compared_on_the_same_split() {
    let folder = tones("compare", &["high", "low"], 7);
    let small = "--hidden 8 --iterations 5 --epochs 1 --rate 8000";
    let line = format!("compare {} {small} --transforms mel,chroma --methods raw-windows,convolutional", folder.text());
    let (status, text, error) = run(&line);
    assert_eq!((status, error.as_str()), (0, ""));
    let lines: Vec<&str> = text.lines().collect();
    let heading = format!("{}: 28 recordings of 2 labels at 8000 Hz; split official, 20 test files", folder.text());
    assert_eq!((lines.len(), lines[0]), (5, heading.as_str()));
    assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["transform", "raw-windows", "convolutional"]);
    assert!(lines[3].starts_with("mel ") && lines[4].starts_with("chroma ") && lines[4].matches(" - ").count() == 2);
    let (status, rows, _) = run(&format!("{line} --tsv --split folds:2 --quiet"));
    assert_eq!(status, 0);
    let rows: Vec<Vec<&str>> = rows.lines().map(|row| row.split('\t').collect()).collect();
    assert_eq!(rows[0], ["transform", "method", "windows", "files", "low", "high", "seconds"]);
    assert_eq!(
        rows[1..].iter().map(|row| (row[0], row[1])).collect::<Vec<_>>(),
        [("mel", "raw-windows"), ("mel", "convolutional"), ("chroma", "raw-windows"), ("chroma", "convolutional")]
    );
    // The accuracies are those of the tutorial with the same settings.
    let tutorial = format!("tutorial {} {small} --transform mel --methods raw-windows,convolutional", folder.text());
    let (_, same, _) = run(&format!("{tutorial} --tsv --split folds:2 --quiet --no-pictures"));
    let same: Vec<&str> = same.lines().nth(1).unwrap().split('\t').collect();
    assert_eq!((rows[1][2], rows[1][3]), (same[1], same[2]));
    for low_high in &rows[1..] {
        let numbers: Vec<f64> = low_high[3..6].iter().map(|cell| cell.parse().unwrap()).collect();
        assert!(numbers[1] <= numbers[0] && numbers[0] <= numbers[2], "{low_high:?}");
    }
    fails("compare --transforms mel,barck", 2, "did you mean 'bark'?");
    fails("compare --transforms mel,mel", 2, "'mel' is given twice");
    fails("compare --split none", 2, "there is nothing to compare");
    fails("compare a b", 2, "unexpected argument 'b'");
    fails("compare --methods svm", 2, "--methods 'svm': one of raw-windows");
    fails("compare no-such-folder", 1, "no-such-folder: there is no such folder");
}

#[test]
fn the_option_tsv_prints_rows_separated_by_tabs() {
    let folder = tones("rows", &["high", "low"], 7);
    let more = tones("rows-more", &["mid"], 2);
    for split in ["official", "groups", "folds:3", "random:0.3", "group:bob"] {
        let words = ["tutorial", folder.text(), "--tsv", "--no-pictures", "--split", split, "--unlabeled", more.text()];
        let (status, out, error) =
            run_words(&[&words[..], &["--hidden", "8", "--iterations", "5", "--epochs", "1"]].concat());
        let tests = ["groups", "folds:3"].iter().position(|several| *several == split).map_or(0, |i| i + 2);
        assert_eq!((status, error.lines().count()), (0, tests), "{split}: {error}");
        let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
        let names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
        let methods = [
            "method",
            "raw-windows",
            "sparse-windows",
            "sparse-pooled",
            "stacked",
            "stacked-pooled",
            "convolved-pooled",
            "convolutional",
            "ensemble",
            "digest",
        ];
        assert_eq!(names, methods);
        assert_eq!(rows[0], ["method", "windows", "files", "seconds"]);
        for row in &rows[1..9] {
            assert_eq!(row.len(), 4, "{split}");
            assert!((0.0..=1.0).contains(&row[2].parse::<f64>().unwrap()) && row[3].parse::<f64>().unwrap() > 0.0);
        }
        assert_eq!((rows[9].len(), rows[9][1].len()), (2, 16));
    }
}

#[test]
fn a_method_gives_the_same_results_with_and_without_the_others() {
    let folder = tones("methods", &["high", "low"], 7);
    let small = ["--tsv", "--no-pictures", "--quiet", "--hidden", "8", "--iterations", "5", "--epochs", "1"];
    let rows = |methods: &[&str]| -> Vec<Vec<String>> {
        let (status, out, error) = run_words(&[&["tutorial", folder.text()], &small[..], methods].concat());
        assert_eq!((status, error.as_str()), (0, ""), "{methods:?}");
        let without_seconds = |line: &str| line.split('\t').take(3).map(String::from).collect();
        out.lines().skip(1).map(without_seconds).collect()
    };
    let all = rows(&[]);
    let names: Vec<String> = all[..8].iter().map(|row| row[0].clone()).collect();
    assert_eq!(rows(&["--methods", &names.join(",")]), all);
    for methods in ["convolutional,raw-windows", "sparse-windows", "sparse-pooled", "stacked", "ensemble"] {
        let wanted: Vec<&str> = methods.split(',').collect();
        let some = rows(&["--methods", methods]);
        let expected = all[..8].iter().filter(|row| wanted.contains(&row[0].as_str()));
        assert!(some[..some.len() - 1].iter().eq(expected), "{methods}: {some:?}");
        // The digest covers only the parameters that were learned.
        assert!(some.last().unwrap()[1] != all[8][1], "{methods}");
    }
    let out = Folder::new("methods-out");
    let words = ["tutorial", folder.text(), "--methods", "convolutional", "--epochs", "1", "--out", out.text()];
    assert_eq!(run_words(&words).0, 0);
    assert!(!out.0.join("filters.png").exists() && out.0.join("confusion.png").exists());
    // The line above the table counts features only if some were learned.
    for (methods, features) in
        [("raw-windows", "split official, f32"), ("sparse-windows", "split official, 8 features, f32")]
    {
        let words =
            ["tutorial", folder.text(), "--methods", methods, "--hidden", "8", "--iterations", "5", "--no-pictures"];
        let (_, text, error) = run_words(&words);
        assert!(text.lines().next().unwrap().ends_with(features), "{text}{error}");
    }
    let valid = "one of raw-windows, sparse-windows, sparse-pooled, stacked, stacked-pooled, convolved-pooled, \
                 convolutional, ensemble was expected";
    for (word, hint) in [
        ("sparce-pooled", "; did you mean 'sparse-pooled'?"),
        ("Sparse-Pooled", "; did you mean 'sparse-pooled'?"),
        ("STACKED", "; did you mean 'stacked'?"),
        ("svm", ""),
    ] {
        fails(&format!("tutorial --methods stacked,{word}"), 2, &format!("--methods '{word}': {valid}{hint} (see"));
    }
    for names in ["stacked,", ","] {
        fails(&format!("tutorial --methods {names}"), 2, &format!("--methods with an empty name: {valid}"));
    }
    fails("tutorial --methods=", 2, "--methods needs a value");
    let huge = "y".repeat(100_000);
    fails(&format!("tutorial --methods {huge}"), 2, &format!("--methods '{}...': {valid} (see", &huge[..60]));
    let save = format!("tutorial {} --save {}/a.model --methods stacked", folder.text(), out.text());
    let save = format!("{save} --method sparse-pooled");
    fails(&save, 2, "--method sparse-pooled: --methods leaves it out");
}

#[test]
fn labels_may_be_the_names_of_folders() {
    let folder = Folder::new("labels");
    for k in 0..4 {
        for label in ["saw", "square"] {
            let wave = |i: usize| if label == "saw" { (i % 40) as f64 / 50.0 } else { (i / (20 + k) % 2) as f64 * 0.5 };
            let samples: Vec<f64> = (0..22_050).map(wave).collect();
            folder.put(&format!("{label}/{k}.wav"), &write_pcm16(44_100, 1, &samples));
        }
    }
    let (status, out, error) =
        run_words(&["tutorial", folder.text(), "--no-pictures", "--hidden", "8", "--iterations", "5", "--epochs", "1"]);
    assert_eq!(status, 0, "{error}");
    assert!(out.contains("8 recordings of 2 labels at 44100 Hz") && out.contains("split folds:4"), "{out}");
    assert!(out.contains("The files name no groups"), "{out}");
}

#[test]
fn what_an_accuracy_says_of_groups_is_stated() {
    let folder = tones("caution", &["high", "low"], 8);
    folder.put("high/deeper/1.wav", &write_pcm16(8000, 1, &[0.1; 4000]));
    folder.put("high/high_ann_9.wav", &write_pcm16(8000, 1, &[0.1, -0.1].repeat(2000)));
    let output = |split: &str| {
        let words = ["tutorial", folder.text(), "--no-pictures", "--methods", "raw-windows", "--split", split];
        let (status, out, error) = run_words(&words);
        assert_eq!(status, 0, "{error}");
        assert!(error.contains("deeper: its files are not read"), "{error}");
        out
    };
    for split in ["official", "folds:2"] {
        assert!(output(split).contains("of the same groups"), "{split}");
    }
    let groups = output("groups");
    assert!(groups.contains("raw-windows: from ") && groups.contains("A new group can differ"), "{groups}");
    let one = output("group:bob");
    assert!(!one.contains("groups") && !one.contains("A new group"), "{one}");
}

#[test]
fn files_of_other_rates_are_resampled_and_counted() {
    let folder = tones("several-rates", &["high", "low"], 7);
    let sound: Vec<f64> = (0..8000).map(|i| f64::from(i % 50) / 60.0).collect();
    folder.put("high_ann_8.wav", &write_pcm16(16_000, 1, &sound));
    let words = ["tutorial", folder.text(), "--no-pictures", "--hidden", "8", "--iterations", "5", "--epochs", "1"];
    let (status, out, error) = run_words(&words);
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(out.contains("29 recordings of 2 labels at 8000 Hz (resampled: 1 from 16000 Hz), "), "{out}");
    let (status, out, error) = run_words(&[&words[..], &["--rate", "16000"]].concat());
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(out.contains("at 16000 Hz (resampled: 28 from 8000 Hz), "), "{out}");
}

#[test]
fn wav_converts_sample_types_and_rates() {
    let folder = Folder::new("convert");
    folder.put("a.wav", &write_pcm16(8000, 2, &[0.5, -0.25].repeat(800)));
    let (a, b) = (format!("{}/a.wav", folder.text()), format!("{}/b.wav", folder.text()));
    for (kind, bits) in [("pcm16", "16\tPCM"), ("pcm24", "24\tPCM"), ("float64", "64\tfloat")] {
        let (status, out, error) = run_words(&["wav", &a, "--to", &b, "--type", kind, "--rate", "16000"]);
        assert_eq!((status, out.as_str(), error.as_str()), (0, "", ""));
        assert_eq!(run_words(&["wav", "--tsv", &b]).1, format!("{b}\t16000\t2\t1600\t{bits}\t0.100000\n"));
    }
    let bytes = std::fs::read(&b).unwrap();
    let wav = ossicle::audio::wav::Wav::parse(&bytes).unwrap();
    let middle: Vec<f64> = wav.samples().skip(1600).take(2).collect();
    assert!((middle[0] - 0.5).abs() <= RESAMPLED && (middle[1] + 0.25).abs() <= RESAMPLED, "{middle:?}");
    fails(&format!("wav {a} --to {}/no/b.wav", folder.text()), 1, "no/b.wav");
    fails(&format!("wav {a} --rate 8000"), 2, "requires --to FILE");
    fails(&format!("wav {a} --to {b} --type mp3"), 2, "one of pcm16, pcm24, pcm32, float32, float64 was expected");
}

#[test]
fn a_picture_folder_that_cannot_be_written_is_an_error_before_the_work() {
    let folder = tones("unwritable", &["high", "low"], 7);
    folder.put("taken", b"a file");
    let out = format!("{}/taken", folder.text());
    let (status, text, error) = run_words(&["tutorial", folder.text(), "--out", &out, "--epochs", "1"]);
    assert_eq!((status, text.as_str()), (1, ""));
    assert!(error.contains("taken: this is a file; pictures need a folder: use --out DIR or --no-pictures"), "{error}");
    std::fs::create_dir_all(format!("{}/out/confusion.png", folder.text())).unwrap();
    let out = format!("{}/out", folder.text());
    let (status, text, error) = run_words(&["tutorial", folder.text(), "--out", &out, "--epochs", "1"]);
    assert_eq!((status, text.as_str()), (1, ""));
    assert!(error.contains("confusion.png: this is a folder"), "{error}");
    // Each command tries the names of the pictures that it would draw, and no others.
    images(&folder, 20, 16, 10);
    for name in ["filters.png", "8.4.2-decoded.png", "mnist-sparse.png"] {
        std::fs::create_dir_all(folder.0.join("other").join(name)).unwrap();
    }
    let path = folder.text();
    let draws = format!("--quick --out {path}/other");
    fails(&format!("exercise 8.4.2 {path} {draws}"), 1, "8.4.2-decoded.png: this is a folder");
    fails(&format!("mnist {path} {draws}"), 1, "mnist-sparse.png: this is a folder");
    let words = "--hidden 8 --iterations 5 --deep 3 --tuning 3 --epochs 1 --regions 1 --bands 8";
    fails(&format!("tutorial {path} {words} --out {path}/other"), 1, "filters.png: this is a folder");
    for line in [
        format!("exercise 8.4.3 {path} {draws}"),
        format!("mnist {path} {draws} --exercise stacked"),
        format!("tutorial {path} {words} --out {path}/other --methods raw-windows"),
    ] {
        let (status, _, error) = run(&line);
        assert_eq!(status, 0, "{line}: {error}");
    }
}

#[test]
fn pictures_of_an_earlier_run_are_said_to_be_so() {
    let folder = tones("earlier", &["high", "low"], 7);
    let path = folder.text();
    let words = "--hidden 8 --iterations 5 --deep 3 --tuning 3 --epochs 1 --regions 1 --bands 8";
    let learn = |methods: &str| run(&format!("tutorial {path} {words} --out {path}/out --methods {methods}")).2;
    assert!(!learn("sparse-windows").contains("from an earlier run"));
    assert_eq!(
        learn("raw-windows"),
        format!(
            "ten windows: {path}/out/windows.png\nthe confusion matrix of raw-windows: {path}/out/confusion.png\n\
             the report: {path}/out/report.html\n\
             from an earlier run, not from this one: {path}/out/filters.png\n"
        )
    );
}

#[test]
fn a_folder_without_pictures_is_not_left_behind() {
    let folder = tones("no-pictures", &["high", "low"], 7);
    let path = folder.text();
    let out = format!("{path}/new/out");
    let (status, _, error) = run(&format!("exercise 8.1.3 {path} --quick --out {out}"));
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(!folder.0.join("new").exists());
    // The folder of the pictures is made before the file of the model is tried.
    fails(&format!("tutorial {path} --out {out} --save {path}/no/a.model"), 1, "a.model: No such file");
    assert!(!folder.0.join("new").exists());
}

/// Most inputs do not exist: commands try their outputs before they read.
#[test]
fn a_file_that_cannot_be_written_is_an_error_before_the_work() {
    let folder = tones("beforehand", &["high", "low"], 7);
    let learn = format!("tutorial {} --no-pictures", folder.text());
    let nowhere = format!("{}/no/file", folder.text());
    let taken = format!("{}/taken", folder.text());
    std::fs::create_dir(&taken).unwrap();
    for (file, cause) in [(&nowhere, "No such file"), (&taken, "this is a folder; the name of a file was expected")] {
        fails(&format!("{learn} --save {file}"), 1, &format!("{file}: {cause}"));
        fails(&format!("{learn} --checkpoint {file}"), 1, &format!("{file}: {cause}"));
        fails(&format!("export no-sounds --rust {file}"), 1, &format!("{file}: {cause}"));
        fails(&format!("wav no-sound --to {file}"), 1, &format!("{file}: {cause}"));
    }
    fails(&format!("export no-sounds --c {nowhere}.c"), 1, "no/file.c: No such file");
    std::fs::create_dir(format!("{taken}.h")).unwrap();
    fails(&format!("export no-sounds --c {taken}.c"), 1, "taken.h: this is a folder");
    fails(&format!("spectrogram no-sound -o {nowhere}.png"), 1, "no/file.png: No such file");
    fails(&format!("optimize --plot {nowhere}.svg"), 1, "no/file.svg: No such file");
    let once = format!("{}/once.c", folder.text());
    fails(&format!("export no-sounds --c {once} --rust {once}"), 2, "two files would be written to this name");
    fails(&format!("{learn} --save {once} --checkpoint {once}"), 2, "two files would be written");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 28 + 2);
    // A file may go into the folder of the pictures, which is made first, but not in place of one.
    let out = format!("{}/out", folder.text());
    let learn = format!("tutorial {} --out {out}", folder.text());
    fails(&format!("{learn} --save {out}/filters.png"), 2, "filters.png: two files would be written to this name");
    fails(&format!("{learn} --checkpoint {out}/windows.png"), 2, "windows.png: two files would be written");
    fails(&format!("{learn} --predictions {out}/report.html"), 2, "report.html: two files would be written");
    let words = "--hidden 8 --iterations 5 --deep 3 --tuning 3 --epochs 1 --regions 1 --bands 8";
    let line = format!("tutorial {} {words} --out {out} --save {out}/a.model --checkpoint {out}/work", folder.text());
    let (status, _, error) = run(&line);
    assert_eq!((status, std::fs::read_dir(&out).unwrap().count()), (0, 6), "{error}");
}

/// A device that is always full fails only when it is written to.
#[cfg(target_os = "linux")]
#[test]
fn results_are_printed_and_saved_although_one_file_cannot_be_written() {
    let folder = tones("late", &["high", "low"], 7);
    let path = |name: &str| format!("{}/{name}", folder.text());
    let small = "--tsv --hidden 8 --iterations 5 --deep 3 --tuning 3 --epochs 1 --regions 1 --bands 8";
    let learn = [&["tutorial", folder.text()][..], &small.split(' ').collect::<Vec<_>>()].concat();
    let (out, model, full, null) = (path("out"), path("a.model"), path("full"), path("null"));
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    std::os::unix::fs::symlink("/dev/null", &null).unwrap();
    let cases = [(["--save", &full, "--checkpoint", &null], 1), (["--save", &model, "--checkpoint", &full], 0)];
    for (words, rows_and_pictures) in cases {
        let (status, text, error) = run_words(&[&learn[..], &words, &["--out", &out]].concat());
        assert!(status == 1 && error.contains(&format!("{full}: No space left")), "{error}");
        assert_eq!(text.lines().count(), 10 * rows_and_pictures, "{text}");
        assert_eq!(error.matches(".png\n").count(), 3 * rows_and_pictures, "{error}");
    }
}

#[test]
fn a_new_run_does_not_overwrite_an_existing_file_as_its_checkpoint() {
    let folder = tones("replace", &["high", "low"], 7);
    let small = "--tsv --no-pictures --hidden 8 --iterations 5 --deep 3 --tuning 3 --epochs 1 --regions 1 --bands 8";
    let file = format!("{}/work", folder.text());
    let line = format!("tutorial {} {small} --checkpoint {file}", folder.text());
    fails(
        &format!("tutorial {} --no-pictures --replace", folder.text()),
        2,
        "--replace requires --checkpoint FILE, the checkpoint to replace",
    );
    fails(&format!("{line} --resume --replace"), 2, "--resume and --replace cannot be used together");
    fails(&format!("{line} --resume"), 1, "work: there is no checkpoint to resume from");
    for bytes in [&b"notes of a year"[..], b"RIFF"] {
        folder.put("work", bytes);
        fails(&line, 1, "work: this file exists and is not a checkpoint; --replace overwrites it");
        fails(&format!("{line} --resume"), 1, "work: this is not a checkpoint");
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
    folder.put("work", b"");
    fails(&format!("{line} --resume"), 1, "work: this file is empty, not a checkpoint; leave out --resume to start");
    let resume = format!("after an interruption, continue with: ossicle {line} --resume\n");
    let (status, digest, error) = run(&line);
    assert_eq!((status, error.as_str()), (0, &*resume));
    let digest = digest.lines().last();
    let saved = std::fs::read(&file).unwrap();
    fails(&line, 1, "work: a checkpoint already exists; --resume resumes from it, --replace starts over");
    assert_eq!(std::fs::read(&file).unwrap(), saved);
    for word in ["--resume", "--replace"] {
        let (status, text, error) = run(&format!("{line} {word}"));
        assert!(error.starts_with("after an interruption, continue with: ossicle tutorial "), "{error}");
        assert_eq!((status, text.lines().last()), (0, digest), "{word}");
    }
}

#[test]
fn a_model_replaces_only_a_model() {
    let folder = tones("spare", &["high", "low"], 7);
    let small = "--tsv --no-pictures --methods sparse-pooled --hidden 8 --iterations 5 --regions 1 --bands 8";
    let learn = |file: &str| format!("tutorial {0} {small} --save {0}/{file}", folder.text());
    folder.put("notes", b"notes of a year");
    folder.put("short", b"OSS");
    for file in ["low_bob_6.wav", "notes", "short"] {
        let before = std::fs::read(folder.0.join(file)).unwrap();
        fails(&learn(file), 1, &format!("{file}: this file is not a model, and --save replaces only models"));
        assert_eq!(std::fs::read(folder.0.join(file)).unwrap(), before);
    }
    folder.put("a.model", b"");
    for _ in 0..2 {
        let (status, _, error) = run(&learn("a.model"));
        assert_eq!((status, error.lines().count()), (0, 1), "{error}");
        assert!(error.starts_with("the model of sparse-pooled: "), "{error}");
        assert!(std::fs::read(folder.0.join("a.model")).unwrap().starts_with(b"OSSICLE"));
    }
    let model = format!("{}/a.model", folder.text());
    fails(&format!("export {model} --rust {model}"), 2, "a.model: this is the model; write to another file");
    for file in ["low_bob_6.wav", "a.model"] {
        let before = std::fs::read(folder.0.join(file)).unwrap();
        let rows = format!("{} --predictions {}/{file}", learn("b.model"), folder.text());
        fails(&rows, 1, &format!("{file}: this file is a recording or a model; write to another file"));
        assert_eq!(std::fs::read(folder.0.join(file)).unwrap(), before);
    }
}

#[cfg(unix)]
#[test]
fn no_file_that_is_read_is_replaced() {
    let folder = Folder::new("read");
    let path = |name: &str| format!("{}/{name}", folder.text());
    folder.put("a.model", &example_model(&["no", "yes"]));
    folder.put("classes.npy", b"");
    folder.put("x.safetensors", b"");
    for link in ["a.wav", "a.html"] {
        std::os::unix::fs::symlink(path("a.model"), path(link)).unwrap();
    }
    let (model, labels, dir) = (path("a.model"), path("classes.npy"), folder.text());
    let table = path("x.safetensors");
    for line in [
        format!("listen {model} --unit 1 -o {}", path("a.wav")),
        format!("report {model} {dir} -o {}", path("a.html")),
        format!("train softmax x.npy --labels {labels} -o {dir}"),
        format!("train softmax {table} --labels {labels} -o {table}"),
    ] {
        fails(&line, 2, "this is read; write to another file");
    }
    assert_eq!(std::fs::read(model).unwrap(), example_model(&["no", "yes"]));
}

#[cfg(target_os = "linux")]
#[test]
fn an_argument_that_is_not_utf8_is_named_with_its_option() {
    use std::os::unix::ffi::OsStrExt;
    let word = std::ffi::OsStr::from_bytes(b"stack\xff");
    let output = ossicle().args(["tutorial", "--methods"]).arg(word).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(error.starts_with(r"ossicle: --methods stack\xff: this argument is not valid UTF-8"), "{error}");
}

#[test]
fn wav_describes_files_and_says_why_one_is_not_a_wav_file() {
    let folder = Folder::new("wav");
    folder.put("good.wav", &write_pcm16(44_100, 2, &[0.5, -0.5, 0.25, 1.0]));
    folder.put("bad.wav", b"ID3 and so on, music");
    let (good, bad) = (format!("{}/good.wav", folder.text()), format!("{}/bad.wav", folder.text()));
    let (status, out, error) = run_words(&["wav", &good, "--tsv"]);
    assert_eq!((status, error.as_str()), (0, ""));
    assert_eq!(out, format!("{good}\t44100\t2\t2\t16\tPCM\t0.000045\n"));
    let (status, out, error) = run_words(&["wav", &bad, &good]);
    assert_eq!(status, 1);
    assert!(out.contains("good.wav") && error.contains("bad.wav: ") && error.contains("MP3"), "{out}{error}");
    let output = ossicle().args(["wav", "--raw", &good]).output().unwrap();
    let samples: Vec<f64> =
        output.stdout.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect();
    assert_eq!(samples, [0.5, -0.5, 0.25, 1.0 - 1.0 / 32768.0]);
}

/// The output's pipe is closed before the start, and one of two files does not exist.
#[test]
fn a_closed_pipe_does_not_hide_another_error() {
    let folder = Folder::new("pipe-failure");
    folder.put("a.wav", &write_pcm16(8000, 1, &[0.1; 800]));
    let (there, missing) = (format!("{}/a.wav", folder.text()), format!("{}/b.wav", folder.text()));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = ossicle().args(["wav", &there, &missing]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && error.contains("b.wav: No such file"), "{error}");
}

/// Writes the four files of MNIST: `count` square images to train on and to test on, of this number of digits.
fn images(folder: &Folder, count: u32, side: u32, digits: u32) {
    for set in ["train", "t10k"] {
        let sizes = [0x803, count, side, side].map(u32::to_be_bytes).concat();
        let points = (0..count * side * side).map(|i| (i * 7919 % 251) as u8);
        folder.put(&format!("{set}-images-idx3-ubyte"), &sizes.into_iter().chain(points).collect::<Vec<u8>>());
        let head = [0x801, count].map(u32::to_be_bytes).concat();
        let labels = (0..count).map(|i| (i % digits) as u8);
        folder.put(&format!("{set}-labels-idx1-ubyte"), &head.into_iter().chain(labels).collect::<Vec<u8>>());
    }
}

/// Images unlike MNIST's: too small for the exercises, too few, and too large to train on.
#[test]
fn images_of_unusable_sizes_or_counts_are_errors() {
    let folder = Folder::new("images");
    let put_classes = |count, side, classes| images(&folder, count, side, classes);
    let put = |count, side| put_classes(count, side, 10);
    let exercise = |number: &str| format!("exercise {number} {} --quick --no-pictures", folder.text());
    put(20, 12);
    fails(&exercise("8.5.4"), 1, "images of 12 x 12; the exercises need at least 16 x 16");
    put(1, 16);
    fails(&exercise("8.3.2"), 1, "1 image to learn from; the exercises need at least 10");
    put(2, 129);
    let line = format!("mnist {} --quick --no-pictures --exercise sparse", folder.text());
    fails(&line, 1, "the size of an image is 16641 points; at most 16384 points are accepted");
    put(20, 16);
    for number in ["8.5.1", "8.5.4", "E.11"] {
        assert_eq!(run(&exercise(number)).0, 0, "{number}");
    }
    // What the other exercises of MNIST gave is printed, although one of them needs digits that are not there.
    put_classes(20, 16, 3);
    let (status, out, error) = run(&format!("mnist {} --quick --no-pictures --tsv", folder.text()));
    assert!(status == 1 && error.contains("self-taught: it needs images of the digits 5 to 9"), "{error}");
    let rows = ["sparse\tcost\t", "softmax\taccuracy\t", "stacked\tafter-accuracy\t"];
    assert!(rows.iter().all(|row| out.contains(row)), "{out}");
    let line = format!("mnist {} --quick --tuned --exercise softmax", folder.text());
    fails(&line, 2, "--tuned is an option of the exercise stacked");
    fails(&format!("mnist {} --unshifted", folder.text()), 2, "--unshifted is an option of --tuned");
    // A folder with some of the four files names the others.
    for name in ["train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"] {
        std::fs::remove_file(folder.0.join(name)).unwrap();
    }
    for line in [exercise("8.5.1"), format!("mnist {}", folder.text())] {
        let missing = "lacks files of MNIST (plain or .gz): train-labels-idx1-ubyte, t10k-images-idx3-ubyte";
        fails(&line, 1, missing);
    }
    folder.put("train-labels-idx1-ubyte", b"<html>");
    folder.put("t10k-images-idx3-ubyte", b"<html>");
    let cause =
        "labels-idx1-ubyte: this is not an IDX file: it begins with the bytes 3c 68, and an IDX file with 00 00";
    fails(&format!("mnist {}", folder.text()), 1, cause);
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let folder = Folder::new("pipe");
    folder.put("long.wav", &write_pcm16(8000, 1, &vec![0.1; 200_000]));
    let long = format!("{}/long.wav", folder.text());
    let mut child =
        ossicle().args(["wav", "--raw", &long]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 8];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}

#[test]
fn the_tutorial_runs_with_every_transform() {
    let folder = tones("transforms", &["high", "low"], 7);
    let pictures = format!("{}/pictures", folder.text());
    let words =
        ["tutorial", folder.text(), "--tsv", "--out", &pictures, "--hidden", "8", "--iterations", "5", "--epochs", "1"];
    let mut digests = std::collections::HashSet::new();
    for transform in ["fft", "mel", "bark", "cepstrum", "chroma", "constant-q"] {
        // Whitening takes time in proportion to the cube of the number of bands: a low rate limits it.
        let many = ["fft", "constant-q"].contains(&transform);
        let rate = if many { "1000" } else { "8000" };
        let (status, out, error) = run_words(&[&words[..], &["--transform", transform, "--rate", rate]].concat());
        assert_eq!(status, 0, "{transform}: {error}");
        assert!(error.lines().all(|line| line.contains("pictures/")), "{error}");
        digests.insert(out.lines().last().unwrap().to_string());
    }
    assert_eq!(digests.len(), 6);
    // A recording of 0.1 s raises the lowest frequency.
    let short: Vec<f64> = (0..800).map(|i| f64::from(i % 50) / 60.0).collect();
    folder.put("high_ann_8.wav", &write_pcm16(8000, 1, &short));
    let (status, _, error) =
        run_words(&[&words[..], &["--transform", "constant-q", "--no-pictures", "--rate", "1000"]].concat());
    assert!(status == 0 && error.contains("instead of 27.5 Hz"), "{error}");
}

#[test]
fn spectrograms_are_drawn_and_bad_files_are_reported() {
    let folder = Folder::new("spectrogram");
    let sound: Vec<f64> = (0..3000).map(|i| f64::from(i % 50) / 60.0).collect();
    folder.put("a.wav", &write_pcm16(8000, 1, &sound));
    folder.put("bad.wav", b"not sound");
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (sound, bad, png, svg) = (path("a.wav"), path("bad.wav"), path("a.png"), path("a.svg"));
    let (status, out, error) = run_words(&["spectrogram", &sound, "-o", &png]);
    assert_eq!((status, out.as_str(), error), (0, "", format!("the picture: {png}\n")));
    assert!(std::fs::read(&png).unwrap().starts_with(b"\x89PNG\r\n"));
    // The good file is drawn, the bad one is an error.
    let (status, out, error) = run_words(&["spectrogram", &bad, &sound, "--transform", "all", "-o", &svg, "--quiet"]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(error.contains("bad.wav: ") && error.lines().count() == 1, "{error}");
    let text = std::fs::read_to_string(&svg).unwrap();
    assert!(text.contains(">constant-q: a.wav</text>") && text.matches(">time (s)</text>").count() == 6);
    let (status, _, _) = run_words(&["spectrogram", &bad, "-o", &path("none.png"), "--quiet"]);
    assert!(status == 1 && !std::path::Path::new(&path("none.png")).exists());
    fails(&format!("spectrogram {sound} -o {}", path("no/a.png")), 1, "no/a.png: No such file");
    let many = vec![sound.as_str(); 121].join(" ");
    fails(
        &format!("spectrogram {many}"),
        2,
        "one picture holds at most 120 recordings with this --transform, but there are 121",
    );
}

/// The array of a .npy file.
fn array(path: &str) -> Array {
    npy::decode(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn features_are_tables_of_frames_windows_and_activations() {
    let folder = Folder::new("features");
    let path = |name: &str| format!("{}/{name}", folder.text());
    for name in ["low", "high", "none"] {
        std::fs::create_dir(path(name)).unwrap();
    }
    let sound = |period: usize| -> Vec<f64> { (0..2000).map(|i| (i % period) as f64 / 200.0 - 0.1).collect() };
    for (name, period) in [("low/a.wav", 50), ("low/b_x_1.wav", 45), ("high/c.wav", 20), ("none/d.wav", 20)] {
        folder.put(name, &write_pcm16(8000, 1, &sound(period)));
    }
    folder.put("low/broken.wav", b"RIFF");
    let to = path("x.npy");
    let (status, out, error) = run(&format!("features {} -o {to}", folder.text()));
    // 22 frames of 256 samples every 80.
    assert_eq!(status, 0, "{error}");
    assert!(error.starts_with("skipped 1 of 5 files:\n") && error.contains("broken.wav: "), "{error}");
    assert_eq!(
        out,
        format!(
            "88 rows of 40 values; 4 recordings at 8000 Hz, 3 labels\nwritten: {to}, {}, {}\n",
            path("x.labels.npy"),
            path("x.files.csv")
        )
    );
    let frames = array(&to).to_matrix::<f32>().unwrap();
    assert_eq!((array(&to).elements().name(), frames.rows(), frames.columns()), ("f32", 88, 40));
    let labels: Vec<&str> = ["high", "low", "low", "none"].into_iter().flat_map(|label| [label; 22]).collect();
    assert_eq!(array(&path("x.labels.npy")), Array::from_texts(&labels));
    let files = std::fs::read_to_string(path("x.files.csv")).unwrap();
    assert!(
        files.starts_with("file,first row,rows,label\r\nhigh/c.wav,0,22,high\r\nlow/a.wav,22,22,low\r\n"),
        "{files}"
    );

    // One file, and the same values as text, on any number of threads.
    for threads in [1, 3] {
        let line = format!("features {} -o {} --threads {threads} --quiet", path("high/c.wav"), path("c.csv"));
        assert_eq!(run(&line).0, 0);
        let text = std::fs::read(path("c.csv")).unwrap();
        let table = csv::Table::parse(&text, &csv::Settings::default()).unwrap();
        let values = table.numbers::<f32>(&(0..table.columns()).collect::<Vec<_>>()).unwrap().transpose();
        assert_eq!((table.name(39), values.rows()), (Some("x39"), 22));
        assert!((0..22).all(|i| values.row(i) == frames.row(i)));
    }
    // A window is its frames.
    let (_, out, _) = run(&format!("features {} -o {to} --unlabeled --windows --width 3 --f64 --tsv", path("low")));
    assert_eq!(out, "rows\t40\nvalues\t120\nrecordings\t2\nlabels\t0\nskipped\t1\nrate\t8000\n");
    let windows = array(&to).to_matrix::<f64>().unwrap();
    assert!((0..40).all(|j| (windows.row(1)[j] as f32 - frames.row(23)[j]).abs() < 1e-3));
    assert_eq!(windows.row(0)[40..], windows.row(1)[..80]);

    // A folder without labels.
    let (_, out, _) = run(&format!("features {} -o {to} --tsv", path("high")));
    assert!(out.starts_with("rows\t22\n") && out.contains("\nlabels\t0\n"), "{out}");

    // With a model, each value is as the model receives it.
    let model = path("a.model");
    let line = format!(
        "tutorial {} --methods sparse-windows --hidden 6 --iterations 3 --split none --no-pictures --save {model} --quiet",
        folder.text()
    );
    assert_eq!(run(&line).0, 0, "{:?}", run(&line));
    let features = |options: &str| {
        let line = format!("features {} -o {} --model {model} --quiet {options}", folder.text(), path("y.npy"));
        let (status, _, error) = run(&line);
        assert_eq!((status, error.as_str()), (0, ""), "{line}");
        array(&path("y.npy")).to_matrix::<f32>().unwrap()
    };
    assert_eq!(features(""), frames);
    assert_eq!(features("--windows").columns(), 160);
    assert_eq!(features("--layer 0").rows(), 76);
    let hidden = features("--layer 1");
    assert!(hidden.columns() == 6 && hidden.elements().iter().all(|a| (0.0..=1.0).contains(a)));
    let bytes = std::fs::read(&model).unwrap();
    let (status, _, error) =
        run_piped(&["features", &path("low/a.wav"), "-o", &path("y.npy"), "--model", "-", "--quiet"], &bytes);
    assert_eq!((status, error.as_str()), (0, ""));
    // Standard output has the array alone.
    let output = ossicle().args(["features", &path("low/a.wav"), "-o", "-", "--model", &model]).output().unwrap();
    let alone = npy::decode(&output.stdout).unwrap().to_matrix::<f32>().unwrap();
    assert!((0..22).all(|i| alone.row(i) == frames.row(22 + i)));

    fails("features", 2, "a WAV file or a folder of WAV files was expected");
    fails("features a.wav", 2, "-o FILE was expected");
    fails("features a.wav -o x.txt", 2, "a name that ends with .npy or .csv was expected");
    fails("features a.wav b.wav -o x.npy", 2, "unexpected argument 'b.wav'");
    fails("features a.wav -o - --tsv", 2, "--tsv cannot be used with -o -");
    fails("features a.wav -o x.npy --layer 1", 2, "--layer requires --model");
    fails("features a.wav -o x.npy --width 2", 2, "--width requires --windows");
    fails(&format!("features a.wav -o x.npy --model {model} --f64"), 2, "--f64 cannot be used with --model");
    fails(&format!("features a.wav -o x.npy --model {model} --layer 1 --windows"), 2, "cannot be used together");
    fails(&format!("features a.wav -o {to} --model {to}"), 2, "this is read; write to another file");
    fails(&format!("features a.wav -o {to}"), 1, "a.wav: No such file");
    fails(&format!("features {} -o {to}", path("low/broken.wav")), 1, "broken.wav: ");
    fails(&format!("features {} -o {to} --model {to}.model", path("low/a.wav")), 1, "x.npy.model: No such file");
    fails(&format!("features {} -o {to} --model {model} --layer 2", path("low/a.wav")), 1, "has 1 hidden layer");
    fails(&format!("features {} -o {} ", path("low/a.wav"), path("no/x.npy")), 1, "no/x.npy: No such file");
    folder.put("short.wav", &write_pcm16(8000, 1, &[0.5; 255]));
    fails(&format!("features {} -o {to}", path("short.wav")), 1, "needs 256");
    std::fs::create_dir(path("empty")).unwrap();
    fails(&format!("features {} -o {to}", path("empty")), 1, "there is no WAV file in this folder");
}

#[test]
fn models_are_trained_on_rows() {
    let folder = Folder::new("train");
    let path = |name: &str| format!("{}/{name}", folder.text());
    let mut random = Random::new(1);
    // 40 rows of 4 values near 10 or 11; each recording has two rows.
    let class = |row: usize| row / 2 % 2;
    let value = |row: usize, j: usize, noise: f64| 10.0 + ((class(row) + j) % 2) as f64 + 0.3 * noise;
    let values: Vec<f32> = (0..160).map(|i| value(i / 4, i % 4, random.uniform(-1.0, 1.0)) as f32).collect();
    let put = |name: &str, array: &Array| folder.put(name, &npy::encode(array));
    let rows = |values: &[f32]| Array::new(&[values.len() / 4, 4], Elements::F32(values.to_vec()));
    put("x.npy", &rows(&values));
    let labels: Vec<&str> = (0..40).map(|row| ["kick", "snare"][class(row)]).collect();
    put("y.npy", &Array::from_texts(&labels));
    let recordings: String = (0..20).map(|k| format!("{}.wav,{},2,\n", k, 2 * k)).collect();
    folder.put("x.files.csv", format!("file,first row,rows,label\n{recordings}").as_bytes());
    let line = |i: usize| values[4 * i..][..4].iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let text: String = (0..40).map(|i| format!("{},{}\n", line(i), labels[i])).collect();
    folder.put("x.csv", text.as_bytes());
    let (x, y, to) = (path("x.npy"), path("y.npy"), path("w"));

    let with_labels = format!("--labels {y} --recordings {}", path("x.files.csv"));
    let (status, out, error) = run(&format!("train softmax {x} {with_labels} -o {to} --quiet"));
    assert_eq!((status, error.as_str()), (0, ""));
    let heading = format!("{x}: 40 rows of 4 values, 20 recordings, 2 labels: kick, snare; split random:0.2\n\n");
    assert!(out.starts_with(&heading), "{out}");
    // 10 weights, and a mean and a deviation of each value.
    assert!(out.contains("100.0%") && out.contains("\n18 parameters; digest of the learned weights: "), "{out}");
    let weights = array(&path("w/softmax.weight.npy"));
    assert_eq!((weights.shape(), weights.elements().name()), (&[2, 4][..], "f32"));
    assert_eq!(array(&path("w/classes.npy")), Array::from_texts(&["kick", "snare"]));
    assert_eq!(array(&path("w/scaler.deviation.npy")).shape(), [4]);

    // The same rows as text give the same weights; so does any number of threads. The seed counts.
    let digest = |line: &str| {
        let (status, out, error) = run(&format!("train {line} --tsv -o {to} --quiet"));
        assert_eq!((status, error.as_str()), (0, ""), "{line}");
        assert!(out.starts_with("test set\ttraining rows\ttest rows\t"), "{out}");
        out.lines().last().unwrap().to_string()
    };
    let column = format!("softmax {} --label-column last", path("x.csv"));
    let from_array = digest(&format!("softmax {x} --labels {y} --threads 1"));
    assert_eq!(digest(&format!("{column} --threads 3")), from_array);
    assert!(digest(&format!("{column} --seed 2")) != from_array);

    let (_, out, _) =
        run(&format!("train network {x} {with_labels} --split folds:4 --epochs 5 --tsv -o {to}.safetensors --f64"));
    let lines: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((lines.len(), &lines[5][..3]), (8, &["all", "120", "40"][..]), "{out}");
    let tensors = safetensors::decode(&std::fs::read(format!("{to}.safetensors")).unwrap()).unwrap();
    assert_eq!(tensors.metadata, [("classes".to_string(), "[\"kick\", \"snare\"]".to_string())]);
    assert_eq!(tensors.get("dense.1.weight").unwrap().shape(), [100, 4]);
    assert_eq!(tensors.get("softmax.weight").unwrap().elements().name(), "f64");
    let images = "--shape 2x2 --filters 3 --hidden 4,3 --dropout 0.1 --epochs 2";
    digest(&format!("network {x} --labels {y} {images} --split none"));
    assert_eq!(array(&path("w/convolution.1.weight.npy")).shape(), [3, 1, 3, 3]);
    assert_eq!(array(&path("w/dense.2.weight.npy")).shape(), [3, 4]);
    let (status, out, _) = run(&format!("train autoencoder {x} --hidden 6 --iterations 20 -o {}", path("a")));
    assert!(status == 0 && out.lines().nth(2).unwrap().contains("explained"), "{out}");
    assert_eq!(array(&path("a/encoder.1.weight.npy")).shape(), [6, 4]);
    assert_eq!(array(&path("a/decoder.1.bias.npy")).shape(), [4]);

    fails("train", 2, "a model was expected: autoencoder, softmax or network");
    fails("train sotfmax x.npy", 2, "did you mean 'softmax'?");
    fails("train softmax", 2, "a table was expected");
    fails("train softmax x.npy -o w", 2, "softmax needs labels");
    fails("train autoencoder x.npy", 2, "-o DIR or -o FILE.safetensors was expected");
    fails("train autoencoder x.npy --labels y.npy -o w", 2, "an autoencoder learns without labels");
    fails("train softmax x.npy --labels y --label-column z -o w", 2, "cannot be used together");
    fails("train softmax x.npy --labels y.npy --hidden 3 -o w", 2, "--hidden is no option of softmax");
    fails("train network x.npy --labels y.npy --hidden 3,x -o w", 2, "numbers from 1 to 10000");
    fails("train network x.npy --labels y.npy --shape 3 -o w", 2, "2 numbers from 1 to 10000, separated by 'x'");
    fails("train network x.npy --labels y.npy --filters 3 -o w", 2, "--filters requires --shape");
    fails("train autoencoder x.npy --split groups -o w", 2, "random:F, folds:K or none was expected for rows");
    fails(&format!("train autoencoder {x} -o {x}"), 2, "this is read; write to another file");
    fails(&format!("train autoencoder {x} -o {y}"), 2, "this is a file; a folder or a name that ends with");
    fails(&format!("train autoencoder {} -o {to}", path("none.npy")), 1, "none.npy: No such file");
    fails(&format!("train autoencoder {} -o {to}", path("w")), 1, "this is a folder");
    let fails_with = |table: &str, labels: &str, expected: &str| {
        let line = format!("train softmax {} --labels {} -o {}", path(table), path(labels), path("no"));
        fails(&line, 1, expected);
        assert!(!std::path::Path::new(&path("no")).exists());
    };
    // The weights are written even if nobody reads the heading.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let words = ["train", "softmax", &x, "--labels", &y, "--quiet", "-o", &path("unread")];
    assert!(ossicle().args(words).stdout(writer).status().unwrap().success());
    assert_eq!(array(&path("unread/classes.npy")), Array::from_texts(&["kick", "snare"]));
    // A weight that cannot be written is an error before the training.
    std::fs::create_dir_all(path("taken/softmax.bias.npy")).unwrap();
    let (status, out, error) = run(&format!("train softmax {x} --labels {y} -o {}", path("taken")));
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(error.contains("taken/softmax.bias.npy: "), "{error}");
    put("nan.npy", &rows(&[&values[..6], &[f32::NAN], &values[7..]].concat()));
    fails_with("nan.npy", "y.npy", "nan.npy: row 1, value 2, counted from 0, is NaN");
    put("line.npy", &Array::from_slice(&values));
    fails_with("line.npy", "y.npy", "the array has the rank 1, but 2 was expected");
    put("empty.npy", &Array::new(&[0, 4], Elements::F64(Vec::new())));
    fails_with("empty.npy", "y.npy", "the table has no rows");
    folder.put("empty.csv", b"");
    fails_with("empty.csv", "y.npy", "empty.csv: line 1, column 1: ");
    put("short.npy", &Array::from_texts(&labels[..39]));
    fails_with("x.npy", "short.npy", "short.npy: 39 labels for 40 rows; one for each row was expected");
    put("one.npy", &Array::from_slice(&[7_i64; 40]));
    fails_with("x.npy", "one.npy", "all rows have the label '7': with one class there is nothing to classify");
    put("float.npy", &Array::from_slice(&[0.5_f64; 40]));
    fails_with("x.npy", "float.npy", "whole numbers or texts were expected");
    let mut object = npy::encode(&Array::from_slice(&[1_i64; 40]));
    let at = object.windows(3).position(|bytes| bytes == b"<i8").unwrap();
    object[at..at + 3].copy_from_slice(b"|O8");
    folder.put("object.npy", &object);
    fails_with("x.npy", "object.npy", "elements of type '|O8' are not read");
    fails_with("object.npy", "y.npy", "elements of type '|O8' are not read");
    fails_with("x.csv", "y.npy", "a number was expected, but \"kick\" was found");
    fails(&format!("train softmax {x} --label-column a -o {to}"), 1, "a .npy array has no named columns");
    fails(&format!("train softmax {} --label-column a -o {to}", path("x.csv")), 1, "x.csv: line 1");
    folder.put("bad.csv", b"first row,rows\n0,39\n");
    let line = format!("train autoencoder {x} --recordings {} -o {to}", path("bad.csv"));
    fails(&line, 1, "bad.csv: the recordings have 39 rows, but the table has 40");
    fails(&format!("train network {x} --labels {y} --shape 2x3 -o {to}"), 1, "an image of 2 x 3 was expected");
}

#[test]
fn a_recording_is_made_anew_from_each_transform() {
    let folder = Folder::new("resynthesize");
    let sound: Vec<f64> = (0..3000).map(|i| f64::from(i % 50) / 200.0 - 0.12).collect();
    let original = write_pcm16(8000, 1, &sound);
    folder.put("a.wav", &original);
    folder.put("loud.wav", &write_pcm16(11_025, 2, &[1.0, 1.0, -1.0, -1.0].repeat(2000)));
    folder.put("short.wav", &write_pcm16(8000, 1, &[0.5; 10]));
    folder.put("empty.wav", &write_pcm16(8000, 1, &[]));
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (sound, to) = (path("a.wav"), path("b.wav"));
    for transform in ["fft", "mel", "bark", "cepstrum", "chroma", "constant-q"] {
        let words = ["resynthesize", &sound, "--transform", transform, "--iterations", "4", "-o", &to];
        let (status, out, error) = run_words(&words);
        assert_eq!((status, error), (0, format!("the sound: {to}\n")), "{transform}");
        let row: Vec<&str> = out.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(row[..4], [transform, "peaks", "0.99", "4"], "{out}");
        assert!(row[4].parse::<f64>().is_ok_and(|d| d < -5.0) && out.contains("\n\nListen for "), "{out}");
        assert!(run(&format!("wav {to} --tsv")).1.ends_with("\t8000\t1\t3000\t16\tPCM\t0.375000\n"));
    }
    // The same seed gives the same bytes on any number of threads; the seed counts, and so does --plain.
    let bytes = |options: &str| {
        let (status, _, error) = run(&format!("resynthesize {sound} --iterations 3 -o {to} --quiet {options}"));
        assert_eq!((status, error.as_str()), (0, ""));
        std::fs::read(&to).unwrap()
    };
    let first = bytes("--seed 1 --threads 1");
    assert_eq!(first, bytes("--seed 1 --threads 3"));
    assert!(first != bytes("--seed 2") && first != bytes("--seed 1 --plain") && first != bytes(""));
    // A file of two channels, which would be clipped.
    let (status, out, error) = run(&format!("resynthesize {} --plain --iterations 2 -o {to}", path("loud.wav")));
    let row: Vec<&str> = out.lines().nth(1).unwrap().split_whitespace().collect();
    assert!(status == 0 && row[..4] == ["mel", "peaks", "0", "2"] && error.contains("is softer by"), "{out}{error}");

    fails("resynthesize", 2, "a WAV file was expected");
    fails("resynthesize a.wav b.wav", 2, "one WAV file was expected, but there are 2");
    fails("resynthesize a.wav --transform mell", 2, "did you mean 'mel'?");
    fails("resynthesize a.wav --iterations 0", 2, "a number from 1 to 10000 was expected");
    fails("resynthesize a.wav --seed -1", 2, "--seed -1: a number");
    fails("resynthesize a.wav -o a.mp3", 2, "a name that ends with .wav was expected");
    fails(&format!("resynthesize {sound} -o {}", path("./a.wav")), 2, "the recording itself");
    fails(&format!("resynthesize src -o {to}"), 1, "this is a folder");
    fails(&format!("resynthesize {} -o {to}", path("empty.wav")), 1, "the file has no samples");
    fails(&format!("resynthesize {} -o {to} --transform constant-q", path("short.wav")), 1, "no bin of constant-Q");
    fails(&format!("resynthesize {sound} -o {}", path("no/b.wav")), 1, "no/b.wav: No such file");
    assert_eq!(std::fs::read(&sound).unwrap(), original);
}

#[test]
fn a_hidden_unit_is_heard_with_the_recordings_that_excite_it() {
    let folder = Folder::new("listen");
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (model, raw, to) = (path("a.model"), path("raw.model"), path("u.wav"));
    let digits = Folder::new("listen-digits");
    for name in ["1_kal_0", "1_kal_1", "1_kal_5", "6_kal_0", "6_kal_5", "6_kal_6"].map(|name| format!("{name}.wav")) {
        std::fs::copy(format!("data/digits/{name}"), digits.0.join(&name)).unwrap();
    }
    let small = "--hidden 8 --iterations 5 --deep 3 --tuning 3 --regions 1 --no-pictures --quiet";
    for (method, to) in [("stacked-pooled", &model), ("raw-windows", &raw)] {
        let (status, _, error) = run(&format!("tutorial {} {small} --methods {method} --save {to}", digits.text()));
        assert_eq!((status, error.as_str()), (0, ""));
    }
    let is_sound = |name: &str, seconds: std::ops::Range<f64>| {
        let bytes = std::fs::read(path(name)).unwrap();
        let wav = ossicle::audio::wav::Wav::parse(&bytes).unwrap();
        let largest = wav.mono().iter().fold(0.0, |most, x| Real::max(most, x.abs()));
        assert!((largest - 0.891).abs() < 1e-3 && wav.rate() == 8000, "{name}: {largest}");
        assert!(seconds.contains(&wav.seconds()), "{name}: {} s", wav.seconds());
    };
    // The sounds of a first layer and of a deeper one; the same bits each time.
    for options in ["--unit 8", "--unit 3 --layer 2"] {
        let (status, out, error) = run(&format!("listen {model} {options} -o {to}"));
        assert_eq!((status, error.as_str()), (0, ""), "{options}");
        assert!(out.contains("the preferred input") && out.contains("Listen for") && out.contains(&to), "{out}");
        is_sound("u.wav", 0.5..0.7);
        let first = std::fs::read(&to).unwrap();
        assert_eq!(run(&format!("listen {model} {options} -o {to} --threads 1")).0, 0);
        assert!(first == std::fs::read(&to).unwrap(), "{options}");
    }
    let (status, out, error) = run(&format!("listen {model} --unit 2 --data {} -o {to} --tsv", digits.text()));
    assert_eq!((status, error.as_str()), (0, ""));
    let rows: Vec<Vec<&str>> = out.lines().map(|row| row.split('\t').collect()).collect();
    assert_eq!((rows[0].join(" ").as_str(), rows.len()), ("rank file seconds activation sound", 7), "{out}");
    assert_eq!(rows[1][..3], ["0", "", ""]);
    let activation = |row: &[&str]| row[3].parse::<f64>().unwrap();
    for (rank, row) in rows[2..].iter().enumerate() {
        assert_eq!(
            (row[0].to_string(), row[4].to_string()),
            ((rank + 1).to_string(), path(&format!("u-{}.wav", rank + 1)))
        );
        assert!(
            rows[2..rank + 2].iter().all(|other| other[1] != row[1] && activation(other) >= activation(row)),
            "{out}"
        );
        assert!(digits.0.join(row[1]).is_file() && row[2].parse::<f64>().is_ok(), "{out}");
        is_sound(&format!("u-{}.wav", rank + 1), 0.05..0.3);
    }

    fails("listen", 2, "a model file was expected");
    fails("listen a b --unit 1", 2, "unexpected argument 'b'");
    fails(&format!("listen {model}"), 2, "--unit N was expected");
    fails(&format!("listen {model} --unit 0"), 2, "--unit 0: a number from 1 was expected");
    fails(&format!("listen {model} --unit 1 --layer -1"), 2, "--layer -1: a number from 1 was expected");
    fails(&format!("listen {model} --unit 1 -o a.mp3"), 2, "a name that ends with .wav was expected");
    fails(&format!("listen {model} --unit 1 -o - --data src"), 2, "the name of a file was expected");
    let among = format!("listen {model} --unit 1 --data {} -o {}/a.wav", digits.text(), digits.text());
    fails(&among, 2, "the sounds would be among the recordings");
    fails(&format!("listen {model} --unit 9 -o {to}"), 1, "there is no unit 9: layer 1 has 8 units, counted from 1");
    fails(&format!("listen {model} --unit 1 --layer 3 -o {to}"), 1, "there is no layer 3: stacked-pooled has 2");
    fails(&format!("listen {raw} --unit 1 -o {to}"), 1, "raw-windows has no hidden layer");
    fails(&format!("listen {to} --unit 1 -o {}", path("b.wav")), 1, "not a model file");
    fails(&format!("listen {model} --unit 1 -o {to} --data no-folder"), 1, "no-folder: there is no such folder");
    fails(&format!("listen {model} --unit 1 -o {}", path("no/b.wav")), 1, "no/b.wav: No such file");
    // A damaged model.
    let mut bytes = std::fs::read(&model).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(path("damaged.model"), &bytes).unwrap();
    assert_eq!(run(&format!("listen {} --unit 1 -o {to}", path("damaged.model"))).0, 1);
}

#[test]
fn optimize_compares_the_optimizers_on_a_test_function() {
    let folder = Folder::new("optimize");
    let plot = format!("{}/paths.svg", folder.text());
    let (status, out, error) = run_words(&["optimize", "himmelblau", "--plot", &plot]);
    assert_eq!(status, 0, "{error}");
    assert!(error.contains("paths.svg"), "{error}");
    assert!(out.contains("four minima") && out.contains("reason") && out.contains("lbfgs-backtracking"), "{out}");
    let svg = std::fs::read_to_string(&plot).unwrap();
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n") && svg.contains("adam: 335 evaluations"));
    // A second run replaces the file by the same bytes and leaves no other file.
    assert_eq!(run_words(&["optimize", "himmelblau", "--plot", &plot, "--quiet"]).2, "");
    assert_eq!(std::fs::read_to_string(&plot).unwrap(), svg);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);

    let (status, out, error) = run("optimize --tsv --method lbfgs,adam --start=-2,2 --iterations 30 --rate 0.5");
    assert_eq!((status, error.as_str()), (0, ""));
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ["lbfgs", "adam"]);
    assert_eq!((rows[0][1], rows[1][1], rows[1][2], rows[1][3]), ("-", "0.5", "31", "30"));
    for row in rows {
        assert_eq!(row.len(), 7);
        assert!(row[4].parse::<f64>().unwrap() < 401.0 + 8.0 && row[5].parse::<f64>().unwrap() >= 0.0, "{row:?}");
    }
    // A start without a finite cost is a reason to end. A plot that cannot be written is an error.
    let (status, out, _) = run("optimize logarithm --tsv --start=-1,2");
    assert_eq!(status, 0);
    assert!(out.lines().count() == 9 && out.lines().all(|line| line.ends_with("not finite")), "{out}");
    fails(&format!("optimize --quiet --plot {}/no/where.svg", folder.text()), 1, "where.svg: No such file");
}

#[test]
fn check_gradients_prints_a_passing_row_for_each_block() {
    let (status, out, error) = run("check-gradients --tsv");
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(out.lines().count() > 50);
    for line in out.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, _, _, error, _, "pass"] = cells[..] else { panic!("{line}") };
        assert!(error.parse::<f64>().unwrap() < ossicle::optimize::check::TOLERANCE, "{line}");
    }
}

#[test]
fn every_exercise_runs_on_a_few_sounds() {
    let folder = tones("exercise", &["high", "low"], 8);
    let numbers = run("exercise").1;
    let numbers = numbers.lines().filter(|line| line.starts_with("  "));
    let numbers: Vec<&str> = numbers.map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!((numbers.len(), numbers[0], numbers[23]), (EXERCISES.len(), "8.1.1", "8.5.5"));
    let out = format!("{}/pictures", folder.text());
    for number in numbers {
        let (status, text, error) = run_words(&["exercise", number, folder.text(), "--quick", "--out", &out]);
        assert_eq!(status, 0, "{number}: {error}");
        assert!(text.starts_with(number) && text.lines().count() >= 3 && !text.contains("NaN"), "{text}");
        assert!(has_width(&text), "{text}");
    }
    // Each exercise drew exactly the pictures that it declares, except those of images.
    let of_images = ["D.10-digits.png", "E.11-augmented.png"];
    let pictures = EXERCISES.iter().flat_map(|exercise| exercise.pictures).copied();
    let mut declared: Vec<&str> = pictures.filter(|name| !of_images.contains(name)).collect();
    declared.sort_unstable();
    let names = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    assert_eq!(names, declared);
    // Each picture has its bytes, except those that show seconds.
    names.retain(|name| !name.contains("seconds"));
    let drawn = names.iter().map(|name| {
        let mut digest = Digest::new();
        digest.bytes(&std::fs::read(format!("{out}/{name}")).unwrap());
        format!("{name} {}\n", digest.hex())
    });
    let (drawn, pinned) = (drawn.collect::<String>(), include_str!("pictures.txt"));
    let changed: Vec<&str> = drawn.lines().filter(|line| !pinned.lines().any(|pin| pin == *line)).collect();
    assert!(drawn == pinned, "tests/pictures.txt has other lines than these:\n{}", changed.join("\n"));
}

#[test]
fn an_exercise_says_what_to_see_where_the_book_knows() {
    for (line, is_known) in
        [("exercise E.4 --quick", true), ("exercise E.4 --quick --seed 2", false), ("exercise E.4", false)]
    {
        let (status, text, error) = run(&format!("{line} --no-pictures"));
        assert_eq!(status, 0, "{error}");
        assert_eq!(text.contains("\nYou should see "), is_known, "{text}");
        assert!(has_width(&text), "{text}");
    }
}

#[test]
fn the_book_is_written_to_a_folder_of_its_own() {
    let folder = Folder::new("book");
    let book = format!("{}/book", folder.text());
    fails("book", 2, "name the folder to write the book to");
    fails("book a b", 2, "unexpected argument 'b'");
    for _ in 0..2 {
        let (status, text, error) = run(&format!("book {book} --no-exercises"));
        assert_eq!((status, error.as_str()), (0, ""), "{text}");
        assert!(text.contains("book/index.html: "), "{text}");
    }
    let page = std::fs::read_to_string(format!("{book}/autoencoder.html")).unwrap();
    assert!(page.contains("id=\"AE.11\"") && page.ends_with("</html>\n"));
    folder.put("mine/notes.txt", b"mine");
    fails(&format!("book {}/mine --no-exercises", folder.text()), 1, "this folder has files but no book");
    fails(&format!("book {}/mine/notes.txt --no-exercises", folder.text()), 1, "this is a file");
    assert_eq!(std::fs::read(format!("{}/mine/notes.txt", folder.text())).unwrap(), b"mine");
}

#[test]
fn an_exercise_asks_for_a_prediction_first() {
    let (status, text, error) = run("exercise E.4 --quick --no-pictures --ask");
    assert_eq!(status, 0, "{error}");
    assert!(error.contains("press Enter"), "{error}");
    let places = ["E.4  ", "\nPredict: ", "\nYou should see ", "\nNow try"].map(|part| text.find(part));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {text}");
}

#[test]
fn the_workbook_keeps_what_the_student_wrote() {
    let folder = Folder::new("workbook");
    let name = format!("{}/mine", folder.text());
    fails("workbook", 2, "name the folder of the workbook");
    fails("workbook a chekc", 2, "did you mean 'check'?");
    fails("workbook a check 99", 2, "there is no task '99'; the tasks are 1 to ");
    fails("workbook a hint", 2, "name the task: ossicle workbook DIR hint N");
    fails("workbook a solution 1 2", 2, "solution takes one task");
    fails("workbook a --tsv", 2, "--tsv is for check only");
    fails("workbook a check --limit 0", 2, "--limit 0: a number of seconds from 1 to 3600 was expected");
    fails(&format!("workbook {name} --crate {}", folder.text()), 1, "Ossicle's sources are not there");
    for action in ["check", "check 1", "watch", "hint 1", "solution 1"] {
        fails(&format!("workbook {name} {action}"), 1, "there is no workbook here; write one with: ossicle workbook");
    }
    let (status, text, error) = run(&format!("workbook {name}"));
    assert_eq!((status, error.as_str()), (0, ""), "{text}");
    assert!(text.contains("check 1\n"), "{text}");
    let file = format!("{name}/tests/t01_unit.rs");
    assert!(std::fs::read_to_string(&file).unwrap().contains("todo!()"));
    std::fs::write(&file, "mine").unwrap();
    std::fs::remove_file(format!("{name}/tests/t02_descent.rs")).unwrap();
    for (k, hint) in ["Hint 1 of 3. ", "Hint 2 of 3. ", "Hint 3 of 3. ", "There are no more."].iter().enumerate() {
        let (status, text, _) = run(&format!("workbook {name} hint {}", ["1", "01", "t01_unit.rs", "unit"][k]));
        assert!(status == 0 && text.contains(hint) && has_width(&text), "{text}");
    }
    let (status, text, _) = run(&format!("workbook {name} solution 1"));
    assert!(
        status == 0 && text.contains("1.0 / (1.0 + (-z).exp())") && text.contains("src/model/activation.rs"),
        "{text}"
    );
    let (status, text, error) = run(&format!("workbook {name}"));
    assert!(status == 0 && error.contains("1 missing task written anew"), "{error}");
    assert!(text.contains("Next: task 1, ") && has_width(&text), "{text}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert!(run(&format!("workbook {name} hint d02")).1.starts_with("Task d2. "));
    let spaces = format!("{}/my tasks", folder.text());
    let (status, text, _) = run_words(&["workbook", &spaces]);
    assert!(status == 0 && text.contains(&format!("ossicle workbook '{spaces}' check 1")), "{text}");
    folder.put("other/notes.txt", b"mine");
    fails(&format!("workbook {}/other", folder.text()), 1, "this folder has files but no workbook");
    fails(&format!("workbook {}/other/notes.txt", folder.text()), 1, "this is a file");
}

#[test]
fn patches_are_cut_from_photographs_of_the_reader() {
    let folder = tones("photographs", &["high", "low"], 8);
    let photographs = Folder::new("png-files");
    let exercise = |number: &str| {
        format!("exercise {number} {} --quick --no-pictures --images {}", folder.text(), photographs.text())
    };
    fails(&exercise("C.3"), 1, "this folder has no PNG file");
    fails(&exercise("8.1.1"), 2, "--images is for the exercises C.3 and D.10 only");
    let fails_after_predicting = |expected: &str| {
        let out = failure(&exercise("C.3"), 1, expected);
        assert!(out.starts_with("C.3  ") && out.contains("Predict"), "{out}");
    };
    let stripes = |side: usize| {
        let pixel = |k: usize| [if (k % side / 5).is_multiple_of(2) { 20 } else { (k * k % 251) as u8 }; 3];
        png(&Image::from_rgb(side, side, (0..side * side).flat_map(pixel).collect()).unwrap())
    };
    photographs.put("stripes.png", &png(&Image::new(40, 40, [9; 3])));
    fails_after_predicting("the pictures have a single shade each");
    let both = format!("exercise C.3 {0} --images {1} --out {1}", folder.text(), photographs.text());
    fails(&both, 2, "--images and --out are the same folder");
    photographs.put("stripes.png", &stripes(40));
    let (status, text, error) = run(&exercise("C.3"));
    assert_eq!(status, 0, "{error}");
    assert!(text.contains("from 1 PNG file,") && has_width(&text), "{text}");
    photographs.put("tiny.png", &stripes(7));
    fails_after_predicting("tiny.png: the picture is 7 pixels wide and 7 pixels high; at least 8 of each");
    photographs.put("tiny.png", &stripes(40)[..100]);
    fails_after_predicting("tiny.png: at byte 33, ");
}

#[test]
fn autoencoders_are_measured_alike() {
    let folder = tones("autoencoders", &["high", "low"], 8);
    let out = format!("{}/pictures", folder.text());
    let (status, text, error) =
        run_words(&["autoencoders", folder.text(), "--quick", "--tsv", "--quiet", "--out", &out]);
    assert_eq!((status, error.as_str()), (0, ""));
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 3), "{text}");
    let value = |model: &str, metric: &str| -> f64 {
        let row = rows.iter().find(|row| row[..2] == [model, metric]);
        row.unwrap_or_else(|| panic!("no {model} {metric} in {text}"))[2].parse().unwrap()
    };
    let mut models: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    models.dedup();
    assert_eq!((models[0], rows.len()), ("raw", 9 * models.len()));
    for model in &models[1..] {
        // Every model reconstructs better than the mean example does, and its features are better than chance, 50%.
        assert!(value(model, "error") < 1.0 && value(model, "accuracy-all") > 0.6, "{model} in {text}");
        assert!(value(model, "jacobian") > 0.0, "{model} in {text}");
    }
    assert!(value("raw", "error").is_nan() && value("linear", "error") < value("sparse", "error"), "{text}");
    assert!(std::fs::metadata(format!("{out}/autoencoders.png")).unwrap().len() > 1000);

    let one = ["autoencoders", folder.text(), "--quick", "--tsv", "--quiet", "--no-pictures", "--models", "tied"];
    let alone = run_words(&one).1;
    let same = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|row| row.starts_with("tied") && !row.contains("seconds"));
        rows.map(String::from).collect()
    };
    assert_eq!((same(&alone), same(&alone).len()), (same(&text), 8));
    let (status, _, error) = run_words(&["autoencoders", "--models", "tide"]);
    assert!(status == 2 && error.contains("tied"), "{error}");
}

/// The value of a column in the rows of a table for programs, whose first row is the heading.
fn column(text: &str, name: &str) -> Vec<String> {
    let mut rows = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let at = rows.next().unwrap().iter().position(|heading| *heading == name).unwrap();
    rows.filter_map(|row| row.get(at).map(|cell| cell.to_string())).collect()
}

#[test]
fn every_method_is_saved_and_predicts_with_the_accuracy_of_the_run() {
    let folder = tones("keep", &["high", "low"], 8);
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (model, predictions) = (path("tones.model"), path("files.tsv"));
    let small = ["--no-pictures", "--quiet", "--tsv", "--hidden", "20", "--iterations", "10", "--epochs", "1"];
    let learn = |words: &[&str]| {
        let (status, out, error) = run_words(&[&["tutorial", folder.text()], &small[..], words].concat());
        assert_eq!((status, error.as_str()), (0, ""));
        out
    };
    let speakers = ["high_ann", "high_bob", "low_ann", "low_bob"];
    let tested: Vec<String> = speakers
        .iter()
        .flat_map(|name| (0..5).map(move |take| format!("{name}_{take}.wav")))
        .map(|n| path(&n))
        .collect();
    let words: Vec<&str> = tested.iter().map(String::as_str).collect();
    for method in ["raw-windows", "sparse-pooled", "stacked", "convolved-pooled", "convolutional", "ensemble"] {
        let out = learn(&["--save", &model, "--method", method, "--methods", method, "--predictions", &predictions]);
        let row = column(&out, "method").iter().position(|name| name == method).unwrap();
        let accuracy = &column(&out, "files")[row];
        let (status, out, error) = run_words(&[&["predict", &model, "--tsv"], &words[..]].concat());
        assert_eq!((status, error.as_str()), (0, ""));
        let correct =
            |text: &str| column(text, "label").iter().zip(column(text, "predicted")).filter(|(a, b)| *a == b).count();
        assert_eq!(*accuracy, format!("{:.6}", correct(&out) as f64 / tested.len() as f64), "{method}");
        // The run's own predictions, file by file, in the order of the names.
        let text = std::fs::read_to_string(&predictions).unwrap();
        let of_method: Vec<&str> = text.lines().filter(|line| line.contains(&format!("\t{method}\t"))).collect();
        let cells = |line: &str, at: usize| line.split('\t').nth(at).unwrap().to_string();
        let expected: Vec<_> = of_method.iter().map(|line| (cells(line, 4), cells(line, 5))).collect();
        let found: Vec<_> = column(&out, "predicted").into_iter().zip(column(&out, "probability")).collect();
        assert_eq!(expected, found, "{method}");
        let (status, out, error) = run_words(&["inspect", &model]);
        assert_eq!((status, error.as_str()), (0, ""));
        let percent = format!("accuracy {:.1}% on 20 recordings", 100.0 * accuracy.parse::<f64>().unwrap());
        assert!(out.contains(&percent) && out.contains(&format!("-> {method}: ")) || method == "ensemble", "{out}");
        assert!(out.contains("run.command") && out.contains("2 labels: high, low"), "{out}");
    }
    // The bits of a model, of its digest and of its predictions do not depend on how often it is saved.
    let digest = |text: &str| text.lines().last().unwrap().to_string();
    let first = digest(&run_words(&["inspect", &model, "--tsv"]).1);
    learn(&["--save", &model, "--methods", "ensemble"]);
    assert_eq!(digest(&run_words(&["inspect", &model, "--tsv"]).1), first);
    // Cross-validated, then trained on all; and on all at once.
    learn(&["--save", &model, "--methods", "sparse-pooled", "--split", "groups"]);
    let all = run_words(&["inspect", &model, "--tsv"]).1;
    assert!(all.contains("setting\trun.trained-on\t32 recordings") && all.contains("on one of 2 folds"), "{all}");
    let out = learn(&["--save", &model, "--methods", "sparse-pooled", "--split", "none"]);
    assert_eq!(column(&out, "files")[0], "");
    assert_eq!(digest(&run_words(&["inspect", &model, "--tsv"]).1), digest(&all));
    // f64, squashed windows, another transform.
    learn(&["--save", &model, "--methods", "sparse-pooled", "--precision", "f64", "--normalize", "squash"]);
    let (status, out, _) = run_words(&["predict", &model, &tested[0], "--tsv", "--bits"]);
    assert_eq!((status, out.lines().last().unwrap().split('\t').next_back().unwrap().len()), (0, 16), "{out}");
    fails(&format!("export {model} --c {}", path("a.c")), 1, "computes in f32");
    fails(&format!("tutorial {} --method stacked", folder.text()), 2, "--method requires --save");
    let line = format!("tutorial {} --save {model} --method stacked --methods raw-windows", folder.text());
    fails(&line, 2, "--methods leaves it out");
    let line = format!("tutorial {} --split none --predictions {predictions}", folder.text());
    fails(&line, 2, "--split none has no test files");
}

#[test]
fn predictions_are_a_table_rows_or_json() {
    let folder = Folder::new("predictions");
    let path = |name: &str| format!("{}/{name}", folder.text());
    folder.put("a.model", &example_model(&["no", "yes", "\"so\""]));
    let sound = |hertz: f64| {
        let sample = |i: u32| 0.4 * (f64::from(i) * hertz / 4000.0).sin_cos_pi().0;
        write_pcm16(8000, 1, &(0..6000).map(sample).collect::<Vec<_>>())
    };
    for (i, name) in
        ["sounds/no_x_1.wav", "sounds/yes/1.wav", "sounds/yes/2.wav", "sounds/else/deep/3.wav"].iter().enumerate()
    {
        folder.put(name, &sound(200.0 * (i + 1) as f64));
    }
    folder.put("sounds/yes/broken.wav", b"RIFF");
    let (model, sounds) = (path("a.model"), path("sounds"));
    let (status, out, error) = run_words(&["predict", &model, &sounds]);
    assert!(status == 1 && error.contains("broken.wav"), "{error}");
    assert!(out.lines().count() == 8 && out.contains("of 3 files with a known label correct"), "{out}");
    assert!(out.contains("trained on says little about other files"), "{out}");
    std::fs::remove_file(path("sounds/yes/broken.wav")).unwrap();
    let (status, out, error) = run_words(&["predict", &model, &sounds, "--tsv"]);
    assert_eq!((status, error.as_str()), (0, ""));
    assert_eq!(column(&out, "label"), ["no", "", "yes", "yes"]);
    let total = |line: &str| line.split('\t').skip(6).map(|p| p.parse::<f64>().unwrap()).sum::<f64>();
    assert!(out.lines().skip(1).all(|line| (total(line) - 1.0).abs() < 1e-5), "{out}");
    // Each way of naming the files gives the same rows.
    let single = run_words(&["predict", &model, &path("sounds/yes/2.wav"), "--tsv"]).1;
    assert_eq!(single.lines().last(), out.lines().last());
    let (_, piped, _) =
        run_piped(&["predict", &model, "-", "--tsv"], &std::fs::read(path("sounds/yes/2.wav")).unwrap());
    assert_eq!(column(&piped, "probability"), column(&single, "probability"));

    let (status, out, error) = run_words(&["predict", &model, &sounds, "--json", "--top", "2"]);
    assert_eq!((status, error.as_str()), (0, ""));
    let json = ossicle::bytes::json::Json::parse(out.as_bytes()).unwrap();
    let files = json.as_array().unwrap();
    assert_eq!(files.len(), 4);
    for file in files {
        let top = file.get("top").unwrap().as_array().unwrap();
        let number = |value: &ossicle::bytes::json::Json, name| value.get(name).unwrap().as_f64().unwrap();
        assert!(top.len() == 2 && number(&top[0], "probability") >= number(&top[1], "probability"), "{out}");
        let all = file.get("probabilities").unwrap();
        assert_eq!(all.get(file.get("predicted").unwrap().as_str().unwrap()), file.get("probability"));
    }
    let (status, empty, _) = run_words(&["predict", &model, &path("none.wav"), "--json"]);
    assert_eq!(
        (status, ossicle::bytes::json::Json::parse(empty.as_bytes()).unwrap().as_array().unwrap().len()),
        (1, 0)
    );
    fails(&format!("predict {model} {sounds} --tsv --json"), 2, "cannot be used together");
    fails(&format!("predict {model} {sounds} --bits"), 2, "--bits requires --tsv");
    fails(&format!("predict {model} {sounds} --top 0"), 2, "a number from 1 to 1024");
    fails(&format!("predict {model} {sounds} --reject"), 1, "no limits for --reject");
    fails(&format!("predict {model} {sounds} --farthest 1"), 2, "--farthest requires --reject");
    fails(&format!("predict {model} {sounds} --reject --farthest 0"), 2, "a number above 0");
    fails(&format!("inspect {sounds}/no_x_1.wav"), 1, "not a model file");
    fails("inspect", 2, "a model file was expected");
}

#[test]
fn sounds_unlike_all_training_recordings_are_rejected() {
    let folder = tones("reject", &["high", "low"], 8);
    let path = |name: &str| format!("{}/{name}", folder.text());
    let model = path("tones.model");
    let words = ["tutorial", folder.text(), "--no-pictures", "--quiet", "--hidden", "20", "--iterations", "10"];
    let (status, _, error) = run_words(&[&words[..], &["--methods", "sparse-pooled", "--save", &model]].concat());
    assert_eq!((status, error.as_str()), (0, ""));
    let mut random = Random::new(1);
    folder
        .put("noise/1.wav", &write_pcm16(8000, 1, &(0..6000).map(|_| random.uniform(-0.5, 0.5)).collect::<Vec<f64>>()));
    folder.put("constant/1.wav", &write_pcm16(8000, 1, &[0.25; 6000]));
    folder.put("silence/1.wav", &write_pcm16(8000, 1, &[0.0; 6000]));
    let rejected = |sound: &str, farthest: &str| {
        let words = ["predict", &model, &path(sound), "--tsv", "--reject", "--farthest", farthest];
        let (status, out, error) = run_words(&words);
        assert_eq!((status, error.as_str()), (0, ""));
        let is_rejected = column(&out, "rejected")[0] == "yes";
        assert_eq!(is_rejected, column(&out, "predicted")[0] == "-" && column(&out, "probability")[0].is_empty());
        is_rejected
    };
    for sound in ["noise/1.wav", "constant/1.wav"] {
        assert!(rejected(sound, "1"), "{sound}");
    }
    assert!(!rejected("low_bob_2.wav", "1") && rejected("low_bob_2.wav", "0.01") && !rejected("noise/1.wav", "1e9"));
    let (_, out, _) = run_words(&["predict", &model, &path("constant/1.wav"), "--json", "--reject"]);
    assert!(out.contains("\"predicted\": null, \"probability\": null, \"distance\": null"), "{out}");
    failure(&format!("predict {model} {} --reject", path("silence/1.wav")), 1, "it is silent");
}

#[test]
fn a_saved_model_is_exported() {
    let folder = tones("export", &["high", "low"], 4);
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (model, rust, c) = (path("tones.model"), path("tones.rs"), path("tones.c"));
    let words = ["tutorial", folder.text(), "--no-pictures", "--quiet", "--hidden", "20", "--iterations", "5"];
    let (status, _, error) = run_words(&[&words[..], &["--methods", "sparse-pooled", "--save", &model]].concat());
    assert_eq!((status, error.as_str()), (0, ""));
    let sound = path("low_bob_2.wav");
    let (status, out, error) = run_words(&["export", &model, "--rust", &rust, "--c", &c, "--seconds", "1", "--tsv"]);
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(out.starts_with("memory\t"), "{out}");
    let text = |path: &str| std::fs::read_to_string(path).unwrap();
    assert!(text(&rust).contains("[\"high\", \"low\"]"));
    assert!(text(&c).contains("#include \"tones.h\"") && text(&path("tones.h")).contains("#define OSSICLE_CLASSES 2u"));

    fails(&format!("export {model} --c {}", path("tones.txt")), 2, "a name that ends with .c was expected");
    fails(&format!("export {sound} --rust {rust}"), 1, "not a model file");
    fails(
        &format!("export {model}"),
        2,
        "--rust FILE, --c FILE, --npy DIR, --safetensors FILE or --torch DIR was expected",
    );
    fails(&format!("predict {model}"), 2, "a WAV file, a folder or - was expected after the model");
}

#[test]
fn a_model_is_exported_as_arrays_and_imported_again() {
    let folder = Folder::new("arrays");
    let path = |name: &str| format!("{}/{name}", folder.text());
    let mut model = model::decode(&example_model(&["a", "\u{1b}[2J\n\u{202e}\"\\"])).unwrap();
    model.set("run.accuracy", "0.5");
    model.set("reject.farthest", "1.5");
    model.put("reject.mean", &[60], &[0.0; 60]);
    model.put("reject.basis", &[1, 60], &[0.1; 60]);
    let bytes = model::encode(&model).unwrap();
    folder.put("a.model", &bytes);
    let (npy, torch, file, to) = (path("npy"), path("new/torch"), path("a.safetensors"), path("b.model"));
    let export = ["export", &path("a.model"), "--npy", &npy, "--torch", &torch, "--safetensors", &file, "--tsv"];
    let (status, out, error) = run_words(&export);
    assert_eq!((status, out.as_str(), error.as_str()), (0, "tensors\t10\nparameters\t3782\n", ""));
    let program = std::fs::read_to_string(format!("{torch}/model.py")).unwrap();
    assert!(program.contains("class SparsePooled(nn.Module):") && program.contains("nn.Linear(17, 50)"), "{program}");
    for source in [&npy, &torch, &file] {
        let (status, out, error) = run_words(&["import", source, "-o", &to]);
        assert_eq!((status, error.as_str()), (0, ""), "{source}");
        assert!(out.starts_with("8 tensors with 3782 parameters; 2 more for predict --reject\n"), "{out}");
        assert!(std::fs::read(&to).unwrap() == bytes, "{source}");
    }

    let store = |name: &str, array: &Array| {
        let path = format!("{npy}/sparse-pooled.{name}.npy");
        let before = std::fs::read(&path).unwrap();
        std::fs::write(&path, npy::encode(array)).unwrap();
        move || std::fs::write(&path, before).unwrap()
    };
    let changed = format!("import {npy} --changed -o {to}");
    for (name, array, cause) in [
        ("softmax.bias", Array::from_slice(&[0.0f32; 3]), "has the shape [3], but [2] was expected"),
        ("softmax.bias", Array::from_slice(&[0.0f64; 2]), "is f64, but the model is f32"),
        ("softmax.bias", Array::from_slice(&[0_i32; 2]), "elements of type i32, but f32 or f64 was expected"),
        ("softmax.bias", Array::from_slice(&[0.0, f32::NAN]), "an impossible value for sparse-pooled.softmax.bias"),
        ("encoder.1.weight", Array::from_slice(&[0.0f32; 2]), "the dimensions of 'sparse-pooled.encoder.1.weight'"),
    ] {
        let restore = store(name, &array);
        fails(&changed, 1, cause);
        restore();
    }
    let restore = store("softmax.bias", &Array::from_slice(&[0.5f32, -0.5]));
    fails(&format!("import {npy} -o {to}"), 1, "changed after the export; to accept that, add --changed");
    assert!(std::fs::read(&to).unwrap() == bytes);
    assert_eq!(run(&changed).0, 0);
    let read = model::decode(&std::fs::read(&to).unwrap()).unwrap();
    assert_eq!(read.values::<f32>("sparse-pooled.softmax.bias", &[2]), Ok(vec![0.5, -0.5]));
    assert!(read.find("run.accuracy").is_none() && read.tensor("reject.mean").is_err());
    assert!(read.find("run.changed").is_some());
    restore();
    let settings = std::fs::read_to_string(format!("{npy}/settings.json")).unwrap();
    for (from, with, cause) in [
        ("\"bands\": \"20\"", "\"bands\": \"21\"", "but [63] was expected"),
        ("\"bands\": \"20\"", "\"bands\": \"20\", \"color\": \"red\"", "has 'color', which is unknown"),
        ("\"bands\": \"20\"", "\"bands\": 20", "an object of texts was expected"),
        ("\"sparse-pooled.softmax.bias\"", "\"../a\"", "'../a' occurs twice or has a name that no tensor has"),
        ("\"sparse-pooled.softmax.bias\"", "\"softmax.bias\"", "the tensor 'softmax.bias' is missing"),
    ] {
        std::fs::write(format!("{npy}/settings.json"), settings.replace(from, with)).unwrap();
        fails(&changed, 1, cause);
    }
    fails(&format!("import {npy} -o {npy}/settings.json"), 2, "these are the arrays");
    std::fs::remove_file(format!("{npy}/settings.json")).unwrap();
    fails(&changed, 1, "neither settings.json nor weights.safetensors");
    fails(&format!("import {file} -o {file}"), 2, "these are the arrays");
    fails(&format!("import {npy} -o {npy}/sparse-pooled.softmax.bias.npy"), 2, "these are the arrays");
    fails(&format!("import {torch} -o {torch}/weights.safetensors"), 2, "these are the arrays");
    fails(&format!("import {torch} -o {torch}/model.py"), 2, "these are the arrays");
    fails(&format!("import {file}"), 2, "-o MODEL was expected");
    fails(&format!("export {to} --safetensors -"), 2, "it cannot be standard output");
    fails(&format!("import {to} -o {}", path("c.model")), 1, "not a safetensors file");
    fails(&format!("export {npy} --torch {torch}"), 2, "need a model that ossicle tutorial --save has written");
    fails(&format!("export {to} --torch {torch} --seconds 1"), 2, "--seconds is an option of --rust and --c");
    fails(&format!("export {to} --torch {file}"), 1, "a.safetensors: ");
}

#[test]
fn a_model_of_version_1_is_read_with_the_same_bits() {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/version-1.model");
    let sound = concat!(env!("CARGO_MANIFEST_DIR"), "/data/digits/0_awb_0.wav");
    let (status, out, error) = run_words(&["predict", model, sound, "--tsv", "--bits"]);
    assert_eq!((status, error.as_str()), (0, ""));
    let row: Vec<&str> = out.lines().last().unwrap().split('\t').collect();
    assert_eq!(row[row.len() - 2..], ["00000000", "c27a6400"], "{out}");
}

/// Status, standard output and standard error of a command whose standard input is a pipe with these bytes.
fn run_piped(words: &[&str], input: &[u8]) -> (i32, String, String) {
    use std::io::Write;
    let mut command = ossicle();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), without_log(&output.stderr))
}

#[test]
fn sizes_beyond_a_limit_are_errors_that_name_the_limit() {
    let folder = Folder::new("claims");
    let mut sound = write_pcm16(8000, 1, &[0.5, -0.5]);
    sound[24..28].copy_from_slice(&u32::MAX.to_le_bytes());
    folder.put("fast.wav", &sound);
    folder.put("long.wav", &write_pcm16(8000, 1, &vec![0.1; 1 << 22]));
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (fast, long, to) = (path("fast.wav"), path("long.wav"), path("to"));
    let rate = "the sampling rate is 4294967295 Hz; at most 768000 Hz are accepted";
    for transform in ["fft", "bark", "chroma", "constant-q", "all"] {
        fails(&format!("spectrogram {fast} --transform {transform} -o {to}.png"), 1, rate);
    }
    // A description does not depend on the rate.
    assert_eq!(run(&format!("wav {fast} --tsv")).1, format!("{fast}\t4294967295\t1\t2\t16\tPCM\t0.000000\n"));
    let resampled =
        "the recording's length after resampling is 268435520 samples; at most 268435456 samples are accepted";
    folder.put("longer.wav", &write_pcm16(8000, 1, &vec![0.1; (1 << 22) + 1]));
    fails(&format!("wav {} --to {to} --rate 512000", path("longer.wav")), 1, resampled);
    fails(&format!("wav {long} --to {to} --rate 511999"), 1, "their common divisor is too small");
    assert!(!std::path::Path::new(&to).exists());
}

#[test]
fn recordings_are_read_from_a_pipe() {
    let folder = Folder::new("stdin");
    let sound = write_pcm16(8000, 1, &(0..9000).map(|i| f64::from(i % 50) / 60.0).collect::<Vec<_>>());
    let png = format!("{}/a.png", folder.text());
    let (status, _, error) = run_piped(&["spectrogram", "/dev/stdin", "-o", &png, "--quiet"], &sound);
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(std::fs::metadata(&png).unwrap().len() > 1000);
}

#[test]
fn a_file_that_is_not_a_model_is_not_read_to_its_end() {
    let folder = Folder::new("no-model");
    let path = |name: &str| format!("{}/{name}", folder.text());
    folder.put("a.wav", &write_pcm16(8000, 1, &[0.5; 8000]));
    let (sound, none) = (path("a.wav"), "this is not a model file: it does not start with OSSICLE");
    fails(&format!("predict {sound} {sound}"), 1, none);
    if std::path::Path::new("/dev/zero").exists() {
        // This file has no end.
        fails(&format!("predict /dev/zero {sound}"), 1, none);
        fails(&format!("export /dev/zero --c {}", path("a.c")), 1, none);
        fails(&format!("export /dev/zero --npy {}", path("a")), 1, none);
        fails(&format!("import /dev/zero -o {}", path("a.model")), 1, "this is not a safetensors file");
        let tones = tones("no-checkpoint", &["high", "low"], 2);
        let resume = format!("tutorial {} --no-pictures --quiet --checkpoint /dev/zero --resume", tones.text());
        fails(&resume, 1, "no checkpoint");
    }
}

/// A small model with random parameters, as a file.
fn example_model(labels: &[&str]) -> Vec<u8> {
    model::encode(&ossicle::tutorial::classifier_file::example(labels)).unwrap()
}

#[test]
fn errors_of_length_are_in_samples_and_seconds() {
    let folder = Folder::new("lengths");
    let path = |name: &str| format!("{}/{name}", folder.text());
    folder.put("a.model", &example_model(&["no", "yes", "perhaps"]));
    folder.put("none.wav", &write_pcm16(8000, 1, &[]));
    folder.put("two.wav", &write_pcm16(8000, 1, &[0.5, -0.5]));
    folder.put("twice.wav", &write_pcm16(16_000, 1, &[0.5; 800]));
    folder.put("long.wav", &write_pcm16(1000, 1, &vec![0.25; 3_600_001]));
    let model = path("a.model");
    let needed = "and one window needs 416 (0.052 s)";
    let predict = |name: &str, expected: &str| fails(&format!("predict {model} {}", path(name)), 1, expected);
    predict("none.wav", &format!("it has 0 samples at 8000 Hz (0.000 s), {needed}"));
    predict("two.wav", &format!("it has 2 samples at 8000 Hz (0.000 s), {needed}"));
    predict("twice.wav", &format!("it has 400 samples at 8000 Hz (0.050 s), {needed}"));
    predict("long.wav", "the sound's length is 3601 s; at most 3600 s are accepted");
    let sound = write_pcm16(8000, 1, &(0..9000).map(|i| f64::from(i % 50) / 60.0).collect::<Vec<_>>());
    let (status, piped, error) = run_piped(&["predict", &model, "/dev/stdin", "--tsv"], &sound);
    assert_eq!((status, error.as_str()), (0, ""));
    folder.put("sound.wav", &sound);
    let (_, out, _) = run_words(&["predict", &model, &path("sound.wav"), "--tsv"]);
    let numbers = |out: &str| out.lines().last().unwrap().split_once('\t').unwrap().1.to_string();
    assert_eq!(numbers(&out), numbers(&piped));
    let (_, out, _) = run_piped(&["predict", &model, "-", "--tsv"], &sound);
    assert_eq!(numbers(&out), numbers(&piped));
}

#[test]
fn parameters_that_overflow_give_an_error_instead_of_probabilities() {
    let folder = tones("overflow", &["no", "yes"], 1);
    let path = |name: &str| format!("{}/{name}", folder.text());
    let mut file = ossicle::tutorial::classifier_file::example(&["no", "yes"]);
    let scaler = file.tensors.iter_mut().find(|tensor| tensor.name == "sparse-pooled.scaler.deviation").unwrap();
    scaler.values = model::Values::F32(vec![0.0; 450]);
    folder.put("a.model", &model::encode(&file).unwrap());
    let (model, page) = (path("a.model"), path("a.html"));
    let cause = "the probabilities of its labels sum to NaN, not to 1: the parameters of the model are too large";
    for format in ["", "--tsv", "--json"] {
        let out = failure(&format!("predict {model} {} {format}", folder.text()), 1, cause);
        assert!(!out.contains("NaN"), "{out}");
    }
    fails(&format!("report {model} {} -o {page} --quiet", folder.text()), 1, cause);
    assert!(!std::path::Path::new(&page).exists());
}

/// Names that an attacker might choose: of a folder, of labels, of speakers.
#[cfg(target_os = "linux")]
const HOSTILE: [&str; 5] = [
    "hostile\x1b]0;owned\x07\n\u{202e}",
    "a\x1b[2J\n<script>&\"]]>",
    "b\t\r\u{202e}\u{9b}31m'??\\--",
    "ann\x1b[5m\nossicle: all is well",
    "bob\u{200b}\u{2066}\x7f",
];

/// Runs the program. Asserts that no name affects the terminal or forges a line: there is no control character but the
/// newline, and the tab with `--tsv`, no bidirectional or zero-width character, and no panic.
#[cfg(target_os = "linux")]
#[track_caller]
fn harmless(words: &[&str], status: i32) -> (String, String) {
    let (found, out, error) = run_words(words);
    assert_eq!(found, status, "{words:?}: {error}");
    for (text, tab) in [(&out, words.contains(&"--tsv")), (&error, false)] {
        let acts = |c: char| {
            c.is_control() && c != '\n' && !(tab && c == '\t')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.contains(acts), "{words:?}: {text:?}");
    }
    assert!(!out.contains("\nossicle: ") && !error.contains("\nossicle: all is well"), "{words:?}: {error}");
    assert!(!error.contains("panicked"), "{words:?}: {error}");
    (out, error)
}

/// Asserts that the file is well-formed XML, if Python is installed.
#[cfg(target_os = "linux")]
fn is_xml(path: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n') && !text.contains("<script"), "{text}");
    let program = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])";
    if let Ok(python) = std::process::Command::new("python3").args(["-c", program, path]).output() {
        assert!(python.status.success(), "{path}: {}", String::from_utf8_lossy(&python.stderr));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_names_of_recordings_do_not_affect_the_output() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tones_by(HOSTILE[0], &HOSTILE[1..3], &HOSTILE[3..], 7);
    folder.put("c\x1b[5m\n_x_0.wav", b"RIFF");
    std::fs::write(folder.0.join(std::ffi::OsStr::from_bytes(b"d\xe9_x_0.wav")), b"RIFF").unwrap();
    let path = |name: &str| format!("{}/{name}", folder.text());
    let (model, pictures) = (path("kept\x1b\n.model"), path("out\x1b\n"));
    let small = ["--hidden", "8", "--iterations", "5", "--deep", "4", "--tuning", "3", "--epochs", "1"];
    let learn = |more: &[&str], status| harmless(&[&["tutorial", folder.text()], &small[..], more].concat(), status);

    let (out, error) = learn(&["--out", &pictures, "--save", &model, "--method", "sparse-pooled"], 0);
    assert!(out.contains("hostile\\u{1b}]0;owned\\u{7}\\n\\u{202e}") && out.contains("28 recordings"), "{out}");
    assert!(
        error.contains("c\\u{1b}[5m\\n_x_0.wav: ") && error.contains("d\\xe9_x_0.wav: its name is not UTF-8"),
        "{error}"
    );
    assert!(error.contains("out\\u{1b}\\n/confusion.png"), "{error}");
    is_page(&folder.0.join("out\x1b\n/report.html"));
    harmless(&["report", &model, folder.text(), "-o", &path("page\x1b\n.html")], 0);
    is_page(&folder.0.join("page\x1b\n.html"));
    let heard = Folder::new("hostile-heard");
    let to = format!("{}/u\x1b\n.wav", heard.text());
    let (out, _) = harmless(&["listen", &model, "--unit", "1", "--data", folder.text(), "-o", &to, "--tsv"], 0);
    assert!(out.lines().count() == 7 && out.lines().all(|row| row.split('\t').count() == 5), "{out}");
    harmless(&["compare", folder.text(), "--transforms", "mel", "--methods", "raw-windows"], 0);
    let checkpoint = path("work\x1b\n");
    let only = format!("group:{}", HOSTILE[3]);
    let (out, _) = learn(&["--no-pictures", "--split", &only, "--checkpoint", &checkpoint], 0);
    assert!(out.contains("split group:ann\\u{1b}[5m\\nossicle: all is well"), "{out}");
    let other = format!("group:{}", HOSTILE[4]);
    let (_, error) =
        learn(&["--no-pictures", "--quiet", "--split", &other, "--checkpoint", &checkpoint, "--resume"], 1);
    assert!(error.contains("to a different run: it has 'split: group:ann\\u{1b}[5m"), "{error}");
    let (_, error) = learn(&["--no-pictures", "--quiet", "--split", "group:x\x1b\n"], 1);
    assert!(error.contains("of the group 'x\\u{1b}\\n'; the groups are ann\\u{1b}[5m"), "{error}");

    let sounds: Vec<String> = (1..3).map(|label| path(&format!("{}_{}_0.wav", HOSTILE[label], HOSTILE[4]))).collect();
    let (a, b) = (sounds[0].as_str(), sounds[1].as_str());
    let (out, _) = harmless(&["predict", &model, a, b], 0);
    assert_eq!(out.lines().count(), 6, "{out}");
    let starts: Vec<Option<usize>> = out.lines().take(3).map(|line| line.rfind("  ")).collect();
    assert!(starts[1..].iter().all(|start| *start == starts[1]), "{out}");
    let (out, _) = harmless(&["predict", &model, a, b, "--tsv"], 0);
    assert!(out.lines().all(|row| row.split('\t').count() == 8) && out.contains("'??\\\\--"), "{out}");
    let (out, _) = harmless(&["wav", "--tsv", a, b], 0);
    assert!(out.lines().count() == 2 && out.lines().all(|row| row.split('\t').count() == 7), "{out}");
    harmless(&["wav", a, &folder.0.join("c\x1b[5m\n_x_0.wav").to_string_lossy()], 1);
    harmless(&["wav", a, "--to", &path("no\n/where.wav")], 1);
    for picture in ["s\x1b\n.svg", "s\x1b\n.png"] {
        harmless(&["spectrogram", a, b, "--transform", "mel", "-o", &path(picture)], 0);
    }
    is_xml(&path("s\x1b\n.svg"));
    let (out, _) = harmless(&["exercise", "8.3.1", folder.text(), "--quick", "--out", &pictures], 0);
    assert!(out.contains("a\\u{1b}[2J\\n<script>&\"]]>") && out.contains("b\\t\\r\\u{202e}\\u{9b}31m'??\\--"), "{out}");
    // Its picture is of the first recording.
    harmless(&["exercise", "8.5.1", folder.text(), "--quick", "--out", &pictures], 0);
    harmless(&["export", &model, "--rust", &path("k\x1b\n.rs"), "--c", &path("k'.c")], 2);
    harmless(&["export", &model, "--rust", &path("k\x1b\n.rs"), "--c", &path("k.c")], 0);
    harmless(&["export", a, "--rust", &path("k.rs")], 1);
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_arguments_do_not_affect_the_output() {
    let folder = Folder::new(&format!("words{}", HOSTILE[0]));
    folder.put("a\x1b\n.wav", b"ID3\x1b[2J");
    folder.put("train-images-idx3-ubyte", b"\x1b[2J\n");
    let (path, word) = (folder.text().to_string(), "x\x1b[2J\n\u{202e}");
    let file = format!("{path}/a\x1b\n.wav");
    let option = format!("--{word}");
    let value = format!("--threads={word}");
    for command in COMMANDS {
        harmless(&[command, &option], 2);
        harmless(&[command, &value], 2);
    }
    for words in [
        vec![word],
        vec![&path],
        vec![&file],
        vec!["help", word],
        vec!["tutorial", &path, word],
        vec!["tutorial", "--split", word],
        vec!["tutorial", "--transform", word],
        vec!["compare", "--transforms", word],
        vec!["compare", "--split", word],
        vec!["report", &file, &path, "-o", word],
        vec!["exercise", word],
        vec!["exercise", "8.1.1", &path, word],
        vec!["mnist", &path, word],
        vec!["mnist", &path, "--exercise", word],
        vec!["check-gradients", word],
        vec!["spectrogram", &file, "-o", word],
        vec!["spectrogram", &file, "--transform", word],
        vec!["resynthesize", &file, "-o", word],
        vec!["resynthesize", &file, "--transform", word],
        vec!["listen", &file, "--unit", word],
        vec!["listen", &file, "--unit", "1", "-o", word],
        vec!["wav", &file, "--to", word, "--type", word],
        vec!["export", &file, "--c", word],
        vec!["export", &file, "--c", &format!("{word}.c")],
        vec!["train", word],
        vec!["train", "softmax", &file, word],
        vec!["train", "softmax", &file, "--label-column", word, "--hidden", word],
        vec!["train", "autoencoder", &file, "-o", "w", "--hidden", word],
        vec!["train", "autoencoder", &file, "-o", "w", "--split", word],
        vec!["train", "autoencoder", &file, "-o", &file],
        vec!["features", &file, "-o", word],
        vec!["features", &file, "-o", "/dev/stdout", "--transform", word],
        vec!["export", &path, "--npy", word],
        vec!["import", &file, word],
        vec!["optimize", word],
        vec!["optimize", "beale", word],
        vec!["optimize", "--method", word],
        vec!["optimize", "--start", word],
        vec!["optimize", "--rate", word],
        vec!["bench", word],
    ] {
        harmless(&words, 2);
    }
    for words in [
        vec!["tutorial", &path],
        vec!["tutorial", &file],
        vec!["tutorial", word],
        vec!["tutorial", &path, "--save", &format!("{path}/no\n/x")],
        vec!["tutorial", &path, "--checkpoint", &file, "--resume"],
        vec!["exercise", "8.1.1", word],
        vec!["mnist", &path],
        vec!["mnist", word],
        vec!["predict", &file, &file],
        vec!["predict", word, &file],
        vec!["report", &file, &path, "-o", &format!("{path}/a.html")],
        vec!["report", word, word, "-o", &format!("{path}/a.html")],
        vec!["compare", &path],
        vec!["compare", word],
        vec!["export", &file, "--rust", &format!("{path}/a.rs")],
        vec!["train", "autoencoder", &file, "-o", &format!("{path}/w")],
        vec!["train", "autoencoder", word, "-o", &format!("{path}/w")],
        vec!["train", "softmax", &file, "--label-column", word, "-o", &format!("{path}/w")],
        vec!["train", "autoencoder", &path, "-o", &format!("{path}/no\n/w.safetensors")],
        vec!["features", &file, "-o", &format!("{path}/b\n.npy")],
        vec!["features", &path, "-o", &format!("{path}/b\n.csv")],
        vec!["features", word, "-o", &format!("{path}/b\n.npy"), "--model", &file],
        vec!["export", &file, "--torch", &format!("{path}/a\n")],
        vec!["import", &file, "-o", &format!("{path}/b\n.model")],
        vec!["import", &path, "-o", &format!("{path}/b\n.model")],
        vec!["import", word, "-o", &format!("{path}/b\n.model")],
        vec!["wav", &file, word],
        vec!["wav", &file, "--raw"],
        vec!["wav", &file, "--to", &format!("{path}/b\n.wav")],
        vec!["spectrogram", &file, word, "-o", &format!("{path}/b\n.png")],
        vec!["resynthesize", &file, "-o", &format!("{path}/b\n.wav")],
        vec!["resynthesize", word, "-o", &format!("{path}/b\n.wav")],
        vec!["listen", word, "--unit", "1", "-o", &format!("{path}/b\n.wav")],
        vec!["optimize", "--plot", &format!("{path}/no\n/x.svg")],
        vec!["bench", "sigmoid", "--mnist", &path],
    ] {
        harmless(&words, 1);
    }
    harmless(&["optimize", "--plot", &format!("{path}/p\n.svg"), "--iterations", "10"], 0);
    let output = ossicle().args(["check-gradients"]).env("OSSICLE_ISA", word).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("OSSICLE_ISA=x\\u{1b}[2J\\n\\u{202e}: no instruction set"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_labels_survive_the_export_unchanged() {
    let folder = Folder::new("compile");
    folder.put("sound.wav", &write_pcm16(8000, 1, &(0..4000).map(|i| f64::from(i % 50) / 60.0).collect::<Vec<_>>()));
    let path = |name: &str| format!("{}/{name}", folder.text());
    let store = |labels: [&str; 3]| std::fs::write(path("a.model"), example_model(&labels)).unwrap();
    let labels = [
        "*/ // \" ' \\ ??/ %s \n\r\t\x1b[2J\x7f1",
        "\u{202e}\u{2066}\u{200b}\u{feff}\u{2028} é日本🎵 #\\u{7}",
        "ends with \\",
    ];
    store(labels);
    let model = path("a.model");
    let (out, _) = harmless(&["predict", &model, &path("sound.wav"), "--tsv"], 0);
    assert_eq!(out.lines().count(), 2, "{out}");
    harmless(&["export", &model, "--rust", &path("a.rs"), "--c", &path("a b.c")], 0);
    let expected = labels.concat().into_bytes();
    // Builds a program and runs it, if the compiler is installed.
    let prints = |compiler: &str, words: &[&str]| {
        let Ok(built) = std::process::Command::new(compiler).args(words).output() else { return };
        assert!(built.status.success(), "{compiler}: {}", String::from_utf8_lossy(&built.stderr));
        let output = std::process::Command::new(path("program")).output().unwrap();
        assert!(output.stdout == expected, "{compiler}: {:?}", String::from_utf8_lossy(&output.stdout));
    };
    let main = "#include <stdio.h>\n#include \"a b.h\"\n\
        int main(void) { for (int i = 0; i < 3; i++) fputs(ossicle_labels[i], stdout); return 0; }\n";
    folder.put("main.c", main.as_bytes());
    let strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-o"];
    prints("cc", &[&strict[..], &[&path("program"), &path("main.c"), &path("a b.c")]].concat());
    let source = std::fs::read_to_string(path("a.rs")).unwrap();
    let constant = source.lines().find(|line| line.starts_with("pub static LABELS")).unwrap();
    folder.put("main.rs", format!("{constant}\nfn main() {{\n    print!(\"{{}}\", LABELS.concat());\n}}\n").as_bytes());
    let program = path("program");
    prints("rustc", &["--edition", "2024", "-D", "warnings", "-o", &program, &path("main.rs")]);

    store(["a", "a\0b", "c"]);
    let (_, error) = harmless(&["export", &model, "--c", &path("b.c")], 1);
    assert!(error.contains("label 1, counted from 0, holds the character NUL"), "{error}");
    assert!(!std::path::Path::new(&path("b.c")).exists());
}

#[test]
fn numbers_in_the_output_have_few_digits() {
    let (status, out, error) = run("optimize rosenbrock --rate 1e308 --start=1e-300,-1e5 --iterations 20");
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(out.contains("from (1e-300, -100000)") && out.contains("1e308"), "{out}");
    assert!(out.lines().all(|line| line.len() < 120), "{out}");
    fails("tutorial no-such-folder --split random:1e-300", 1, "no-such-folder: there is no such folder");
}
