//! The runner: compiles the files of a workbook with cargo, and runs each test in a process of its own.
//!
//! A file of a student may do anything: fail to compile, panic, loop forever, overflow the stack, or fill the memory.
//! So each file is a program of its own, which cargo builds whatever becomes of the others, and each test runs in a
//! process that is stopped after a limit of time. (On Unix its memory is limited too.) What it prints is read to the
//! end, and the last part of it is kept.

use super::{HANDED_OUT, NO_LETTER};
use crate::bytes::checksum::crc32;
use std::borrow::ToOwned;
use std::collections::BTreeMap;
use std::format;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::string::{String, ToString};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
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
#[non_exhaustive]
pub enum RunError {
    /// Cargo could not be started.
    NoCargo(io::Error),
    /// Cargo could not build anything: what it printed.
    NotBuilt(String),
    /// Cargo did not end within this many seconds.
    Slow(u64),
}

impl core::fmt::Display for RunError {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        match self {
            RunError::NoCargo(error) => {
                write!(f, "cargo could not be started ({error}); it comes with Rust, see https://rustup.rs")
            }
            RunError::Slow(seconds) => write!(f, "cargo did not end within {seconds} seconds"),
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
    thread::scope(|scope| {
        // A system that has no threads left still has this one.
        (1..threads).for_each(|_| drop(thread::Builder::new().spawn_scoped(scope, work)));
        work();
    });
    Ok(outcomes)
}

/// How long cargo may take, the first time on a slow machine included.
const BUILD_SECONDS: u64 = 1200;

/// Builds the files: for each one its program, or the compiler's first error.
fn build(folder: &Path, names: &[&String]) -> Result<BTreeMap<String, Result<PathBuf, String>>, RunError> {
    note_changes(folder, names);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--offline", "--keep-going", "--message-format", "json"]).current_dir(folder);
    command.args(names.iter().flat_map(|name| ["--test", name.as_str()]));
    // The workbook has its own settings and its own folder for what is built.
    let settings = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_TARGET", "CARGO_MANIFEST_DIR"];
    for name in settings.into_iter().chain(["RUSTFLAGS", "RUSTC_WRAPPER"]) {
        command.env_remove(name);
    }
    command.env("CARGO_TERM_COLOR", "never");
    let limit = Duration::from_secs(BUILD_SECONDS);
    let ended = start(&mut command).map_err(RunError::NoCargo).and_then(|child| {
        // The messages about forty files may be long.
        finish(child, limit, 1 << 26).map_err(RunError::NoCargo)
    })?;
    if ended.status.is_none() {
        return Err(RunError::Slow(BUILD_SECONDS));
    }
    let (mut built, mut first_error) = (BTreeMap::new(), None);
    for line in ended.stdout.lines() {
        let Some(name) = target(line) else { continue };
        let is_ours = names.contains(&&name);
        if let Some(program) = string_after(line, "\"executable\":\"").filter(|_| is_ours) {
            built.insert(name, Ok(PathBuf::from(program)));
        } else if line.contains("\"level\":\"error\"")
            && let Some(error) = string_after(line, "\"rendered\":\"")
        {
            let error = essential(&error);
            if is_ours {
                built.entry(name).or_insert(Err(error));
            } else {
                first_error.get_or_insert(error);
            }
        }
    }
    if built.is_empty() {
        return Err(RunError::NotBuilt(first_error.unwrap_or(ended.stderr)));
    }
    for name in names {
        let nothing = || Err("error: cargo built no program from this file".into());
        built.entry((*name).clone()).or_insert_with(nothing);
    }
    Ok(built)
}

/// Gives the files that changed since the last build the time of now: cargo looks at times, and a file that was copied
/// with its old time would count as built.
fn note_changes(folder: &Path, names: &[&String]) {
    let list = folder.join("target").join("workbook-checksums.tsv");
    let old = fs::read_to_string(&list).unwrap_or_default();
    let mut sums: BTreeMap<&str, &str> = old.lines().filter_map(|line| line.split_once('\t')).collect();
    let new: Vec<(&str, String)> = names
        .iter()
        .filter_map(|name| {
            let bytes = fs::read(folder.join("tests").join(format!("{name}.rs"))).ok()?;
            Some((name.as_str(), format!("{} {:08x}", bytes.len(), crc32(&bytes))))
        })
        .collect();
    for (name, sum) in &new {
        if sums.insert(name, sum) != Some(sum.as_str()) {
            let file = fs::File::options().append(true).open(folder.join("tests").join(format!("{name}.rs")));
            let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
        }
    }
    let text: String = sums.iter().map(|(name, sum)| format!("{name}\t{sum}\n")).collect();
    let _ = fs::create_dir_all(folder.join("target"));
    let _ = fs::write(list, text);
}

/// An error of the compiler without its notes, which list other types and quote the standard library.
fn essential(error: &str) -> String {
    let mut is_note = false;
    let mut text = String::new();
    for line in error.lines() {
        let start = line.trim_start_matches([' ', '=']);
        if start.starts_with("note:") || start.starts_with("help: the following") {
            is_note = true;
        } else if start.starts_with("help:") {
            is_note = false;
        }
        if !is_note {
            text += &format!("{line}\n");
        }
    }
    text.trim_end().to_string()
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
                'r' | 'b' | 'f' => {}
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
    let listed = match ran(folder, program, &["--list", "--format", "terse"], limit) {
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
    let ended = ran(folder, program, &["--exact", name, "--nocapture", "--test-threads", "1"], limit);
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
        Some((_, message)) if is_unwritten(&message) => TestEnd::Unwritten,
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

/// Whether a message says that a student has not begun.
fn is_unwritten(message: &str) -> bool {
    message.starts_with("not yet implemented") || message.starts_with(NO_LETTER) || message.contains(HANDED_OUT)
}

/// The line of the first panic and the message of the last one, in what a test printed to standard error: the tutor
/// catches a panic of the student's code, and reports it in a panic of its own.
fn panic_message(stderr: &str) -> Option<(Option<u32>, String)> {
    let is_place = |line: &&str| line.contains("panicked at ");
    let place = stderr.lines().find(is_place)?.split("panicked at ").nth(1)?.trim_end_matches(':');
    let mut numbers = place.rsplit(':').skip(1);
    let line = numbers.next().and_then(|line| line.parse().ok()).filter(|_| place.contains("tests"));
    let lines: Vec<&str> = stderr.lines().collect();
    let last = lines.iter().rposition(is_place)?;
    let message: Vec<&str> = lines[last + 1..]
        .iter()
        .copied()
        .take_while(|line| !line.starts_with("note: run with `RUST_BACKTRACE"))
        .collect();
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

/// Runs a program of the workbook.
fn ran(folder: &Path, program: &Path, args: &[&str], limit: Duration) -> io::Result<Ended> {
    let mut command = if cfg!(unix) {
        // 4 GiB of addresses, and an end even if nobody is left to stop it, where the system has such limits; `exec`
        // keeps the process that is stopped.
        let mut shell = Command::new("sh");
        let limits = format!("ulimit -v 4194304; ulimit -c 0; ulimit -t {}", limit.as_secs() + 5);
        shell.args(["-c", &format!("{{ {limits}; }} 2>/dev/null; exec \"$@\""), "sh"]).arg(program);
        shell
    } else {
        Command::new(program)
    };
    command.args(args).current_dir(folder).env_remove("RUST_BACKTRACE").env_remove("RUST_TEST_THREADS");
    finish(start(&mut command)?, limit, 1 << 16)
}

/// Starts a program without input, on Unix in a process group of its own, to which all belong that it starts.
fn start(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Stops a process, and those that it started.
fn stop(child: &mut Child) {
    if cfg!(unix) {
        let line = format!("kill -KILL -- -{}", child.id());
        let _ = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).status();
    }
    let _ = child.kill();
}

/// Waits for a process, and stops it after `limit`; keeps the last `most` bytes of its output.
fn finish(mut child: Child, limit: Duration, most: usize) -> io::Result<Ended> {
    let stdout = child.stdout.take().map(|stream| Reader::new(stream, most)).transpose()?;
    let stderr = child.stderr.take().map(|stream| Reader::new(stream, 1 << 16)).transpose()?;
    let begun = Instant::now();
    let mut pause = Duration::from_millis(1);
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if begun.elapsed() >= limit => {
                stop(&mut child);
                child.wait()?;
                break None;
            }
            None => thread::sleep(pause),
        }
        pause = (2 * pause).min(Duration::from_millis(20));
    };
    let is_whole = |reader: &Option<Reader>| reader.as_ref().is_none_or(|reader| reader.thread.is_finished());
    let wait = |ends: Duration| {
        let begun = Instant::now();
        while begun.elapsed() < ends && !(is_whole(&stdout) && is_whole(&stderr)) {
            thread::sleep(Duration::from_millis(1));
        }
    };
    wait(Duration::from_millis(500));
    if !(is_whole(&stdout) && is_whole(&stderr)) {
        // A process that it started has the stream open.
        stop(&mut child);
        wait(Duration::from_millis(500));
    }
    let text = |reader: Option<Reader>| reader.map_or(String::new(), |reader| reader.text());
    Ok(Ended { status, stdout: text(stdout), stderr: text(stderr) })
}

/// A thread that reads a stream to its end, and the last bytes that it has read so far.
struct Reader {
    bytes: Arc<Mutex<Vec<u8>>>,
    thread: thread::JoinHandle<()>,
}

impl Reader {
    fn new(mut stream: impl Read + Send + 'static, most: usize) -> io::Result<Self> {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let work = move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = stream.read(&mut buffer) {
                let Ok(mut kept) = kept.lock() else { return };
                kept.extend_from_slice(&buffer[..n]);
                if kept.len() > 2 * most {
                    let surplus = kept.len() - most;
                    kept.drain(..surplus);
                }
            }
        };
        Ok(Reader { bytes, thread: thread::Builder::new().spawn(work)? })
    }

    fn text(&self) -> String {
        self.bytes.lock().map_or(String::new(), |bytes| String::from_utf8_lossy(&bytes).to_string())
    }
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
    fn notes_of_the_compiler_are_left_out() {
        let error = "error[E0277]: cannot divide\n --> tests/t.rs:2:1\n  |\n  = help: the trait is not there\n  = help: the \
            following other types:\n            `&f64`\nnote: x\n  --> core.rs\nhelp: write 1.0\n";
        let expected =
            "error[E0277]: cannot divide\n --> tests/t.rs:2:1\n  |\n  = help: the trait is not there\nhelp: write 1.0";
        assert_eq!(essential(error), expected);
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
        let two = "thread 'a' panicked at tests/t.rs:28:5:\nindex\nthread 'a' panicked at tests/t.rs:60:5:\nthe code stops: index\n";
        assert_eq!(panic_message(two), Some((Some(28), "the code stops: index".into())));
        assert_eq!(panic_message("all is well"), None);
    }
}
