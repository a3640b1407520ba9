//! The runner: compiles the files of a workbook with cargo, and runs each test in a process of its own.
//!
//! A file of a student may do anything: fail to compile, panic, loop forever, overflow the stack, or fill the memory.
//! So each file is a program of its own, which cargo builds whatever becomes of the others, and each test runs in a
//! process that is stopped after a limit of time. (On Unix its memory is limited too.) What it prints is read to the
//! end, and the last part of it is kept.

use std::borrow::ToOwned;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::format;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::string::{String, ToString};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use std::vec::Vec;

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// There is no such file.
    Missing,
    /// It does not compile: the compiler's first error.
    NotCompiled(String),
    /// Its tests are not those of the task; [`run`] does not look.
    TestsChanged,
    /// Its tests, in the order of their names.
    Tests(Vec<TestResult>),
}

/// What became of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// The name of its function.
    pub name: String,
    /// Its end.
    pub end: TestEnd,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TestEnd {
    /// It passed.
    Passed,
    /// The code is not written yet.
    Unwritten,
    /// It failed, at a line of the file if known, with a message.
    Failed(Option<u32>, String),
    /// It was stopped after this many seconds.
    Endless(u64),
    /// Its process ended without a message: how.
    Crashed(String),
    /// A test before it did not end, so it was not started.
    NotRun,
}

/// Why nothing could be run.
#[derive(Debug)]
pub enum RunError {
    /// Cargo could not be started.
    NoCargo(io::Error),
    /// Cargo could not build anything: what it printed.
    NotBuilt(String),
}

impl core::fmt::Display for RunError {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        match self {
            RunError::NoCargo(error) => {
                write!(f, "cargo could not be started ({error}); it comes with Rust, see https://rustup.rs")
            }
            RunError::NotBuilt(text) => write!(f, "cargo could not build the workbook:\n{}", text.trim_end()),
        }
    }
}

/// Compiles and runs the files `tests/NAME.rs` of the workbook in `folder`; `ended` is called with the name of each
/// file that is done, from several threads.
///
/// # Errors
/// If cargo is not there, or cannot build the crate that the files depend on.
pub fn run(
    folder: &Path,
    names: &[String],
    seconds: u64,
    ended: impl Fn(&str) + Sync,
) -> Result<Vec<Outcome>, RunError> {
    let is_there = |name: &String| folder.join("tests").join(format!("{name}.rs")).is_file();
    let present: Vec<&String> = names.iter().filter(|name| is_there(name)).collect();
    let mut built = if present.is_empty() { BTreeMap::new() } else { build(folder, &present)? };
    let mut programs: Vec<(usize, PathBuf)> = Vec::new();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (k, name) in names.iter().enumerate() {
        outcomes.push(match built.remove(name) {
            None => Outcome::Missing,
            Some(Err(error)) => Outcome::NotCompiled(error),
            Some(Ok(program)) => {
                programs.push((k, program));
                Outcome::Tests(Vec::new())
            }
        });
    }
    let queue = Mutex::new(programs.into_iter());
    let done = Mutex::new(&mut outcomes);
    let work = || {
        loop {
            let next = queue.lock().ok().and_then(|mut queue| queue.next());
            let Some((k, program)) = next else { return };
            let results = tests(folder, &program, Duration::from_secs(seconds));
            if let Ok(mut done) = done.lock() {
                done[k] = results;
            }
            ended(&names[k]);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    Ok(outcomes)
}

/// Builds the files: for each one its program, or the compiler's first error.
fn build(folder: &Path, names: &[&String]) -> Result<BTreeMap<String, Result<PathBuf, String>>, RunError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--offline", "--keep-going", "--message-format", "json"]).current_dir(folder);
    command.args(names.iter().flat_map(|name| ["--test", name.as_str()]));
    // The workbook has its own settings and its own folder for what is built.
    for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "RUSTFLAGS", "RUSTC_WRAPPER", "CARGO_MANIFEST_DIR"] {
        command.env_remove(name);
    }
    let output = command.stdin(Stdio::null()).output().map_err(RunError::NoCargo)?;
    let mut built = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some(name) = target(line).filter(|name| names.contains(&name)) else { continue };
        if let Some(program) = string_after(line, "\"executable\":\"") {
            built.insert(name, Ok(PathBuf::from(program)));
        } else if line.contains("\"level\":\"error\"")
            && let Some(error) = string_after(line, "\"rendered\":\"")
        {
            built.entry(name).or_insert(Err(error));
        }
    }
    match names.iter().find(|name| !built.contains_key(**name)) {
        Some(_) if built.is_empty() => Err(RunError::NotBuilt(String::from_utf8_lossy(&output.stderr).to_string())),
        _ => {
            let unbuilt = names.iter().filter(|name| !built.contains_key(**name)).cloned().cloned();
            let missing: Vec<String> = unbuilt.collect();
            for name in missing {
                built.insert(name, Err("error: cargo built no program from this file".into()));
            }
            Ok(built)
        }
    }
}

/// The name of the target that a message of cargo is about.
fn target(line: &str) -> Option<String> {
    string_after(&line[line.find("\"target\":{")?..], "\"name\":\"")
}

/// The JSON string that follows `start`.
fn string_after(line: &str, start: &str) -> Option<String> {
    let mut letters = line[line.find(start)? + start.len()..].chars();
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => match letters.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    // Half of a pair of surrogates is no character.
                    text.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?).unwrap_or('\u{fffd}'));
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

/// Runs the tests of a program one by one.
fn tests(folder: &Path, program: &Path, limit: Duration) -> Outcome {
    let listed = match start(folder, program, &["--list", "--format", "terse"]).and_then(|child| finish(child, limit)) {
        Ok(Ended { status: Some(status), stdout, .. }) if status.success() => stdout,
        _ => return Outcome::NotCompiled("error: the program of this file does not list its tests".into()),
    };
    let names = listed.lines().filter_map(|line| line.strip_suffix(": test")).map(ToOwned::to_owned);
    let mut results: Vec<TestResult> = Vec::new();
    let mut is_stopped = false;
    for name in names {
        let end = match is_stopped {
            true => TestEnd::NotRun,
            false => test(folder, program, &name, limit),
        };
        is_stopped |= matches!(end, TestEnd::Endless(_));
        results.push(TestResult { name, end });
    }
    Outcome::Tests(results)
}

/// Runs one test.
fn test(folder: &Path, program: &Path, name: &str, limit: Duration) -> TestEnd {
    let ended = start(folder, program, &["--exact", name, "--nocapture", "--test-threads", "1"])
        .and_then(|child| finish(child, limit));
    let Ended { status, stdout, stderr } = match ended {
        Ok(ended) => ended,
        Err(error) => return TestEnd::Crashed(error.to_string()),
    };
    let Some(status) = status else { return TestEnd::Endless(limit.as_secs()) };
    // A program that leaves early with the status of success did not finish its test.
    if status.success() && stdout.contains("test result: ok. 1 passed") {
        return TestEnd::Passed;
    }
    match panic_message(&stderr) {
        Some((_, message)) if message.starts_with("not yet implemented") => TestEnd::Unwritten,
        Some((line, message)) => TestEnd::Failed(line, message),
        None if stderr.contains("has overflowed its stack") => {
            TestEnd::Crashed("its stack overflowed: does a function call itself without end?".into())
        }
        None if stderr.contains("memory allocation of") => {
            TestEnd::Crashed("it ran out of memory: does a vector grow without end?".into())
        }
        None => TestEnd::Crashed(format!("it ended with {status}")),
    }
}

/// The line and the message of a panic in what a test printed to standard error.
fn panic_message(stderr: &str) -> Option<(Option<u32>, String)> {
    let mut lines = stderr.lines().skip_while(|line| !line.contains("panicked at "));
    let place = lines.next()?.split("panicked at ").nth(1)?.trim_end_matches(':');
    let mut numbers = place.rsplit(':').skip(1);
    let line = numbers.next().and_then(|line| line.parse().ok()).filter(|_| place.contains("tests"));
    let message: Vec<&str> = lines.take_while(|line| !line.starts_with("note: run with `RUST_BACKTRACE")).collect();
    let message = message.join("\n").trim().to_string();
    Some((line, equality(&message).unwrap_or(message)))
}

/// The message of a failed `assert_eq!` in the words of the tutor.
fn equality(message: &str) -> Option<String> {
    let rest = message.strip_prefix("assertion `left == right` failed")?;
    let value = |name: &str| rest.split(name).nth(1)?.lines().next().map(str::trim);
    Some(format!("found {}; expected {}", value("left:")?, value("right:")?))
}

/// How a process ended, and what it printed; no status if it was stopped.
struct Ended {
    status: Option<ExitStatus>,
    stdout: String,
    stderr: String,
}

/// Starts a program of the workbook.
fn start(folder: &Path, program: &Path, args: &[&str]) -> io::Result<Child> {
    let mut command = if cfg!(unix) {
        // 4 GiB of addresses, where the system has such a limit; `exec` keeps the process that is stopped.
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 4194304 2>/dev/null; ulimit -c 0 2>/dev/null; exec \"$@\"", "sh"]);
        shell.arg(program);
        shell
    } else {
        Command::new(program)
    };
    let folder: OsString = folder.into();
    command.args(args).current_dir(folder).env_remove("RUST_BACKTRACE").env_remove("RUST_TEST_THREADS");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Waits for a process, and stops it after `limit`.
fn finish(mut child: Child, limit: Duration) -> io::Result<Ended> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let stdout = scope.spawn(|| kept(stdout));
        let stderr = scope.spawn(|| kept(stderr));
        let begun = Instant::now();
        let mut pause = Duration::from_millis(1);
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if begun.elapsed() >= limit => {
                    // It may have ended by itself in the meantime.
                    let _ = child.kill();
                    child.wait()?;
                    break None;
                }
                None => thread::sleep(pause),
            }
            pause = (2 * pause).min(Duration::from_millis(20));
        };
        let text = |read: thread::ScopedJoinHandle<'_, String>| read.join().unwrap_or_default();
        Ok(Ended { status, stdout: text(stdout), stderr: text(stderr) })
    })
}

/// The last bytes of a stream, where a panic's message and the result of a test are.
fn kept(stream: Option<impl Read>) -> String {
    const MOST: usize = 1 << 16;
    let Some(mut stream) = stream else { return String::new() };
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(n @ 1..) = stream.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..n]);
        if kept.len() > 2 * MOST {
            kept.drain(..kept.len() - MOST);
        }
    }
    String::from_utf8_lossy(&kept).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_messages_are_read() {
        let line = r#"{"target":{"kind":["test"],"name":"t01_unit","x":1},"message":{"rendered":"a \"b\"\\\n\u00e9"}}"#;
        assert_eq!(target(line).as_deref(), Some("t01_unit"));
        assert_eq!(string_after(line, "\"rendered\":\"").as_deref(), Some("a \"b\"\\\né"));
        assert_eq!(string_after("\"rendered\":\"a", "\"rendered\":\""), None);
        assert_eq!(target("{}"), None);
    }

    #[test]
    fn the_message_of_a_panic_is_found_with_its_line() {
        let stderr = "\nthread 'a' (12) panicked at tests/t01_unit.rs:41:5:\nfound 1; expected 2\nmore\nnote: run with \
            `RUST_BACKTRACE=1` environment variable\n";
        assert_eq!(panic_message(stderr), Some((Some(41), "found 1; expected 2\nmore".into())));
        let elsewhere = "thread 'a' panicked at /home/x/src/matrix.rs:4:5:\nboom\n";
        assert_eq!(panic_message(elsewhere), Some((None, "boom".into())));
        let equal = "thread 'a' panicked at tests/t.rs:4:5:\nassertion `left == right` failed\n  left: 3\n right: 4\n";
        assert_eq!(panic_message(equal), Some((Some(4), "found 3; expected 4".into())));
        assert_eq!(panic_message("all is well"), None);
    }
}
