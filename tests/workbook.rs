//! A workbook as a student has it, with stubs, solutions, and damaged files.
//!
//! A student's crate builds Ossicle anew, so these are long tests: `cargo test --test workbook -- --ignored`.

mod common;

use ossicle::tutorial::workbook::record::Record;
use ossicle::tutorial::workbook::runner::{Outcome, TestEnd, run};
use ossicle::tutorial::workbook::{TASKS, tasks};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

/// Runs the program; its status, standard output and standard error.
fn ossicle(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ossicle")).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_string();
    (output.status.code().unwrap(), text(&output.stdout), common::without_log(&output.stderr))
}

/// A workbook that the tests share, since its first check builds Ossicle; one test has it at a time.
fn workbook() -> MutexGuard<'static, PathBuf> {
    static FOLDER: OnceLock<Mutex<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workbook");
        // What earlier runs built is kept; the files are not.
        for name in ["tests", "progress.tsv"] {
            let path = folder.join(name);
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { drop(fs::remove_file(path)) }
        }
        let (status, _, error) = ossicle(&["workbook", folder.to_str().unwrap()]);
        assert_eq!((status, error.contains("error")), (0, false), "{error}");
        Mutex::new(folder)
    });
    folder.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn path(folder: &Path, file: &str) -> PathBuf {
    folder.join("tests").join(format!("{file}.rs"))
}

/// Writes every file as a stub, or with its solution.
fn write_all(folder: &Path, is_solved: bool) {
    for n in tasks() {
        let text = if is_solved { n.task.solved(&n.id) } else { n.task.stub(&n.id) };
        fs::write(path(folder, &n.file), text).unwrap();
    }
}

#[test]
#[ignore = "builds Ossicle in a workbook"]
fn every_stub_compiles_and_fails_each_test() {
    let folder = workbook();
    write_all(&folder, false);
    let files: Vec<String> = tasks().into_iter().map(|n| n.file).collect();
    for (file, outcome) in files.iter().zip(run(&folder, &files, 10, |_| {}).unwrap()) {
        let Outcome::Tests(results) = outcome else { panic!("{file}: {outcome:?}") };
        assert!(results.len() >= 2, "{file}: {results:?}");
        assert!(results.iter().all(|result| result.end != TestEnd::Passed), "{file}: {results:?}");
    }
}

#[test]
#[ignore = "builds Ossicle in a workbook"]
fn every_solution_passes_and_is_recorded() {
    let folder = workbook();
    write_all(&folder, true);
    let (status, text, error) = ossicle(&["workbook", folder.to_str().unwrap(), "check", "--tsv"]);
    assert_eq!((status, error.as_str()), (0, ""), "{text}");
    assert_eq!(text.lines().count(), TASKS.len());
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!((cells[2], cells[3]), ("solved", cells[4]), "{line}");
    }
    let record = Record::parse(&fs::read_to_string(folder.join("progress.tsv")).unwrap());
    assert!(TASKS.iter().all(|task| record.entry(task.name).is_solved));
    write_all(&folder, false);
}

#[test]
#[ignore = "builds Ossicle in a workbook"]
fn damaged_files_have_plain_messages_and_the_others_are_checked() {
    let folder = workbook();
    write_all(&folder, true);
    let name = folder.to_str().unwrap();
    let files: Vec<String> = tasks().into_iter().map(|n| n.file).collect();
    // The first function of the first file, as damaged by each of these.
    let solved = |k: usize| fs::read_to_string(path(&folder, &files[k])).unwrap();
    let body = |code: &str| format!("\n#[test]\nfn a_test() {{\n    {code}\n}}\n");
    let whole = solved(1);
    let damages = [
        (whole[..whole.len() / 2].to_string() + "fn (", "does not compile"),
        (whole.clone() + &body("let x: f64 = 1;"), "does not compile"),
        (whole.clone() + &body("loop {}"), "does not end"),
        (whole.clone() + &body("loop { println!(\"x\") }"), "does not end"),
        (whole.clone() + &body("let mut x = vec![0u8]; loop { x.extend_from_within(..) }"), "wrong"),
        (
            whole.clone() + &body("fn f(x: u64) -> u64 { if x == 1 { 0 } else { 1 + f(x + 2) } } assert_eq!(f(0), 1)"),
            "wrong",
        ),
        (whole.clone() + &body("panic!(\"a \\u{1b}[31m panic\")"), "wrong"),
        (whole.clone() + &body("std::process::exit(0)"), "wrong"),
        (whole.clone() + &body("std::process::abort()"), "wrong"),
        ("fn main() {}".into(), "tests changed"),
        (String::new(), "tests changed"),
        ("\u{0}\u{feff}\u{202e}".into(), "does not compile"),
    ];
    for (text, state) in damages {
        fs::write(path(&folder, &files[1]), &text).unwrap();
        let (status, table, error) = ossicle(&["workbook", name, "check", "1", "2", "3", "--tsv", "--limit", "3"]);
        let states: Vec<&str> = table.lines().map(|line| line.split('\t').nth(2).unwrap()).collect();
        // A slow machine may not fill the memory within the limit.
        let is_filling = text.contains("extend_from_within") && states[1] == "does not end";
        let expected = if is_filling { "does not end" } else { state };
        assert_eq!((status, error.as_str(), states), (1, "", vec!["solved", expected, "solved"]), "{text}");
        let (status, report, error) = ossicle(&["workbook", name, "check", "2", "--limit", "3"]);
        assert_eq!((status, error.as_str()), (1, ""));
        assert!(!report.contains(['\u{1b}', '\u{0}', '\u{202e}']), "{report}");
        assert!(report.lines().count() < 60, "{report}");
    }
    fs::remove_file(path(&folder, &files[1])).unwrap();
    let (status, report, _) = ossicle(&["workbook", name, "check", "2"]);
    assert!(status == 1 && report.contains("is not there. To write it anew:"), "{report}");
    let (status, _, error) = ossicle(&["workbook", name]);
    assert!(status == 0 && error.contains("1 missing task written anew"), "{error}");
    // Bytes that are no text, and a folder in the place of a file.
    fs::write(path(&folder, &files[1]), [0xff, 0xfe, 0x00]).unwrap();
    let (status, report, _) = ossicle(&["workbook", name, "check", "2"]);
    assert!(status == 1 && report.contains("does not compile"), "{report}");
    fs::remove_file(path(&folder, &files[1])).unwrap();
    fs::create_dir(path(&folder, &files[1])).unwrap();
    assert_eq!(ossicle(&["workbook", name, "check", "2", "--tsv"]).0, 1);
    fs::remove_dir(path(&folder, &files[1])).unwrap();
    // A damaged record is no record.
    fs::write(folder.join("progress.tsv"), [0xff, b'\t', b'\n', 0]).unwrap();
    write_all(&folder, true);
    assert_eq!(ossicle(&["workbook", name, "check", "1"]).0, 0);
    write_all(&folder, false);
}

#[test]
#[ignore = "builds Ossicle in a workbook"]
fn a_saved_file_is_checked() {
    let folder = workbook();
    write_all(&folder, false);
    let first = tasks().into_iter().next().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ossicle"))
        .args(["workbook", folder.to_str().unwrap(), "watch", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let stdout = child.stdout.take().unwrap();
    std::thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).for_each(|l| drop(sender.send(l))));
    let until = |part: &str| {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(120) {
            match receiver.recv_timeout(Duration::from_secs(1)) {
                Ok(line) if line.contains(part) => return true,
                _ => {}
            }
        }
        false
    };
    assert!(until("Watching 1 task"));
    // A clock of files may count in seconds.
    std::thread::sleep(Duration::from_millis(1100));
    fs::write(path(&folder, &first.file), first.task.solved(&first.id)).unwrap();
    let is_solved = until("Solved. ");
    child.kill().unwrap();
    child.wait().unwrap();
    write_all(&folder, false);
    assert!(is_solved);
}
