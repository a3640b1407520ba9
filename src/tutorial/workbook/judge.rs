//! The judge: a student's answer compared with ours, and a mistake recognized by its numbers.
//!
//! An answer consists of parts with names, such as the blocks of a gradient. The judge asks for the answer to a few
//! inputs, compares each part with ours, and looks for the mistake if one differs. A mistake is recognized by what it
//! computes: each task lists common mistakes as functions. An answer that agrees with one of them, value by value on
//! every input, made that mistake. If no mistake agrees, the wrong parts narrow it down: a forgotten sparsity term, for
//! example, makes W1 and b1 wrong and leaves W2 and b2 right.

use super::{HANDED_OUT, NO_LETTER};
use crate::number::Real;
use crate::number::decimal::Count;
use core::cell::Cell;
use core::fmt::{Debug, Display};
use std::boxed::Box;
use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::string::{String, ToString};
use std::vec::Vec;

/// Values with a name: a block of a gradient, an intermediate result, or a single number.
pub type Part = (&'static str, Vec<f64>);

/// The largest difference that passes, relative to the largest value of a part on the input: the roundings of two
/// orders of summation differ by some 10⁻¹⁵, a mistake by more than 10⁻⁶.
pub const TOLERANCE: f64 = 1e-9;

/// What a detective task says of a letter; nothing of that of the wrong line. `lines` says for each line, in the order
/// of the letters, why it is right, and nothing for the wrong one.
pub fn evidence(lines: &[Option<&str>], letter: char) -> Option<String> {
    let line = ('A'..='Z').position(|other| other == letter).and_then(|k| lines.get(k));
    let last = ('A'..='Z').take(lines.len()).last().unwrap_or('A');
    match line {
        Some(evidence) => evidence.map(ToString::to_string),
        None if letter == '?' => Some(format!("{NO_LETTER}, 'A' to '{last}', as the value of WRONG_LINE.")),
        None => Some(format!("No line has this letter: the letters are 'A' to '{last}'.")),
    }
}

/// Accepts an answer without a fault.
///
/// # Panics
/// If there is a fault, with it as the message.
#[track_caller]
pub fn accept(fault: Option<impl Display>) {
    if let Some(fault) = fault {
        panic!("{fault}");
    }
}

/// Computes an answer from an input.
type Answer<I> = Box<dyn Fn(&I) -> Vec<Part>>;

/// A task's inputs, our answer, and the known mistakes.
pub struct Judge<I> {
    inputs: Vec<(String, I)>,
    ours: Answer<I>,
    mistakes: Vec<(String, Answer<I>)>,
}

impl<I> Judge<I> {
    /// A judge of answers to these inputs, each with a name for messages, such as "z = 0.5"; the simplest one first.
    pub fn new(inputs: Vec<(String, I)>, ours: impl Fn(&I) -> Vec<Part> + 'static) -> Self {
        Judge { inputs, ours: Box::new(ours), mistakes: Vec::new() }
    }

    /// Adds a known mistake: what it is, as a noun phrase, and the answer that it leads to.
    #[must_use]
    pub fn mistake(mut self, what: impl Into<String>, answer: impl Fn(&I) -> Vec<Part> + 'static) -> Self {
        self.mistakes.push((what.into(), Box::new(answer)));
        self
    }

    /// What is wrong with an answer, for a student, the diagnosis in the first two lines; none if it is right.
    pub fn verdict(&self, yours: impl Fn(&I) -> Vec<Part>) -> Option<String> {
        verdict(self, &|k| yours(&self.inputs[k].1))
    }

    /// The verdict on an answer whose rows may have the wrong shape: what is wrong with it comes with the parts. Values
    /// of another shape stand at other positions, so only a known mistake is worth telling beside the shape.
    pub fn verdict_with_shape(&self, yours: impl Fn(&I) -> (Vec<Part>, Option<String>)) -> Option<String> {
        let wrong = Cell::new(None);
        let verdict = self.verdict(|input| {
            let (parts, shape) = yours(input);
            wrong.set(wrong.take().or(shape));
            parts
        });
        let Some(wrong) = wrong.take() else { return verdict };
        let is_known = |line: &&str| line.starts_with("The values are exactly") || line.starts_with("or of this one");
        let known = verdict.as_deref().unwrap_or("").lines().take_while(is_known);
        Some(known.chain([&*wrong]).collect::<Vec<_>>().join("\n"))
    }

    /// Accepts the right answer.
    ///
    /// # Panics
    /// If the answer is wrong, with the [`verdict`](Self::verdict) as its message.
    #[track_caller]
    pub fn check(&self, yours: impl Fn(&I) -> Vec<Part>) {
        accept(self.verdict(yours));
    }
}

impl<I: Debug> Judge<I> {
    /// Checks the judge itself: our answer passes, and each mistake's first two lines name it.
    ///
    /// # Panics
    /// If not.
    pub fn check_itself(&self) {
        assert_eq!(self.verdict(|input| (self.ours)(input)), None);
        for (what, answer) in &self.mistakes {
            let verdict = self.verdict(answer).unwrap_or_else(|| panic!("not found to be a mistake: {what}"));
            let start: Vec<&str> = verdict.lines().take(2).collect();
            assert!(start.iter().any(|line| line.contains(what.as_str())), "{what}\nin:\n{verdict}");
        }
    }
}

/// A judge whose inputs are named by their index, so that what follows is compiled once, not for each type of input.
trait Cases {
    /// The names of the inputs.
    fn names(&self) -> Vec<&str>;

    /// Our answer to an input.
    fn ours(&self, input: usize) -> Vec<Part>;

    /// What the known mistakes are.
    fn mistakes(&self) -> Vec<&str>;

    /// The answer to an input with a mistake.
    fn mistaken(&self, mistake: usize, input: usize) -> Vec<Part>;
}

impl<I> Cases for Judge<I> {
    fn names(&self) -> Vec<&str> {
        self.inputs.iter().map(|(name, _)| &**name).collect()
    }

    fn ours(&self, input: usize) -> Vec<Part> {
        (self.ours)(&self.inputs[input].1)
    }

    fn mistakes(&self) -> Vec<&str> {
        self.mistakes.iter().map(|(what, _)| &**what).collect()
    }

    fn mistaken(&self, mistake: usize, input: usize) -> Vec<Part> {
        (self.mistakes[mistake].1)(&self.inputs[input].1)
    }
}

/// An answer to an input, given by its index: ours, and a student's.
struct Given {
    input: usize,
    ours: Vec<Part>,
    yours: Vec<Part>,
}

/// See [`Judge::verdict`].
fn verdict(cases: &dyn Cases, yours: &dyn Fn(usize) -> Vec<Part>) -> Option<String> {
    let (mut given, mut wrong) = (Vec::new(), Vec::new());
    let mut example = None;
    let mut stop = None;
    for (input, name) in cases.names().into_iter().enumerate() {
        let ours = cases.ours(input);
        let yours = match guarded(|| yours(input)) {
            Ok(yours) => yours,
            Err(cause) => {
                stop = Some(format!("With {name}, the code stops: {cause}."));
                break;
            }
        };
        for ((part, ours), (_, yours)) in ours.iter().zip(&yours) {
            if ours.len() != yours.len() {
                let expected = format!("{} expected, {} found", values(ours.len()), yours.len());
                return Some(format!("{part} has the wrong length: {expected}.\nThis is with {name}."));
            }
            if let Some(at) = difference(ours, yours) {
                let element = if ours.len() == 1 { String::new() } else { format!("element {at} of ") };
                let (found, expected) = (shown(yours[at]), shown(ours[at]));
                example.get_or_insert(format!("With {name}: {element}{part} is {found}; expected {expected}."));
                if !wrong.contains(part) {
                    wrong.push(*part);
                }
            }
        }
        given.push(Given { input, ours, yours });
    }
    let Some(example) = example else { return stop };
    let example = stop.map_or(example.clone(), |stop| format!("{example}\n{stop}"));
    let made = cases.mistakes().into_iter().enumerate().filter(|&(mistake, _)| agrees(cases, mistake, &given));
    let made: Vec<&str> = made.map(|(_, what)| what).collect();
    let parts: Vec<&str> = given[0].ours.iter().map(|(part, _)| *part).collect();
    wrong.sort_by_key(|part| parts.iter().position(|other| other == part));
    let pattern = if parts.len() > 1 { format!("{}\n", pattern(&parts, &wrong)) } else { String::new() };
    Some(match (&made[..], form(&given)) {
        ([], form) => {
            let form = form.map_or(String::new(), |form| format!("{form}\n"));
            let single = of_single_parts(cases, &given, &wrong);
            if !single.is_empty() || !form.is_empty() {
                return Some(format!("{form}{single}{pattern}{example}"));
            }
            let similar = if parts.len() > 2 { similar(cases, &given, &wrong) } else { String::new() };
            let similar = if similar.is_empty() { "No known mistake gives these values.\n".into() } else { similar };
            format!("{pattern}{similar}{example}")
        }
        ([HANDED_OUT, ..], _) => format!("This is still {HANDED_OUT}. Mend the line that you found."),
        ([one], _) => format!("The values are exactly those of a known mistake: {one}.\n{pattern}{example}"),
        ([one, other, ..], _) => format!(
            "The values are exactly those of a known mistake: {one};\nor of this one: {other}.\n{pattern}{example}"
        ),
    })
}

/// The known mistakes that the wrong parts agree with, each for itself: an answer may have several mistakes.
fn of_single_parts(cases: &dyn Cases, given: &[Given], wrong: &[&'static str]) -> String {
    let values = |parts: &[Part], name: &str| -> Vec<f64> {
        parts.iter().find(|(part, _)| *part == name).map_or(Vec::new(), |(_, values)| values.clone())
    };
    let mut text = String::new();
    for part in wrong {
        let agrees = |mistake: usize| {
            given.iter().all(|one| {
                let (theirs, yours) = (values(&cases.mistaken(mistake, one.input), part), values(&one.yours, part));
                theirs.len() == yours.len() && difference(&theirs, &yours).is_none()
            })
        };
        if let Some((_, what)) = cases.mistakes().into_iter().enumerate().find(|&(mistake, _)| agrees(mistake)) {
            text += &format!("The values of {part} are exactly those of a known mistake: {what}.\n");
        }
    }
    text
}

/// The known mistakes in the same parts, most similar first: at most three. Only where there are several parts,
/// such as the blocks of a gradient, do they say something about the cause.
fn similar(cases: &dyn Cases, given: &[Given], wrong: &[&str]) -> String {
    let mut found: Vec<(f64, &str)> = Vec::new();
    for (mistake, what) in cases.mistakes().into_iter().enumerate() {
        let answers: Vec<Vec<Part>> = given.iter().map(|one| cases.mistaken(mistake, one.input)).collect();
        let mut theirs: Vec<&str> = Vec::new();
        let mut distance = 0.0;
        for (one, answer) in given.iter().zip(&answers) {
            for (((part, ours), (_, yours)), (_, answer)) in one.ours.iter().zip(&one.yours).zip(answer) {
                if difference(ours, answer).is_some() && !theirs.contains(part) {
                    theirs.push(part);
                }
                let scale = largest(ours);
                distance = yours.iter().zip(answer).fold(distance, |sum, (y, a)| sum + ((y - a) / scale).abs());
            }
        }
        if theirs.len() == wrong.len() && theirs.iter().all(|part| wrong.contains(part)) && distance.is_finite() {
            found.push((distance, what));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let names: Vec<&str> = found.iter().take(3).map(|(_, what)| *what).collect();
    match &names[..] {
        [] => String::new(),
        names => {
            let names = names.join("; or ");
            format!("Known mistakes in just these parts, none of which gives exactly these values: {names}.\n")
        }
    }
}

/// What is wrong with the shape of rows that a function returns; none if it is right.
pub fn wrong_shape(function: &str, found: &[Vec<f64>], rows: usize, columns: usize) -> Option<String> {
    let shape = |rows: usize, columns: usize| format!("{} of {}", Count(rows, "row"), values(columns));
    let other = found.iter().map(Vec::len).find(|&length| length != columns);
    (found.len() != rows || other.is_some()).then(|| {
        let found = shape(found.len(), other.unwrap_or(columns));
        format!("{function} returns {found}; {} expected", shape(rows, columns))
    })
}

/// Runs a student's code; if it panics, the message.
pub fn guarded<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|cause| {
        let message = cause.downcast_ref::<&str>().map(ToString::to_string);
        match message.or_else(|| cause.downcast_ref::<String>().cloned()) {
            // Code that is not written yet has no mistake.
            Some(message) if message.starts_with("not yet implemented") => resume_unwind(cause),
            Some(message) if message.contains("subtract with overflow") => {
                format!("{message} (a usize cannot be less than 0)")
            }
            Some(message) => message,
            None => resume_unwind(cause),
        }
    })
}

/// Whether a mistake's answers are those given, on every input.
fn agrees(cases: &dyn Cases, mistake: usize, given: &[Given]) -> bool {
    given.iter().all(|Given { input, yours, .. }| {
        let answer = cases.mistaken(mistake, *input);
        let same = |((_, a), (_, y)): (&Part, &Part)| a.len() == y.len() && difference(a, y).is_none();
        answer.len() == yours.len() && answer.iter().zip(yours).all(same)
    })
}

/// The index of the first difference beyond the tolerance; a NaN differs from everything but a NaN.
fn difference(ours: &[f64], yours: &[f64]) -> Option<usize> {
    let scale = TOLERANCE * largest(ours);
    let error = |i: usize| match (ours[i].is_nan(), yours[i].is_nan()) {
        (true, true) => 0.0,
        (false, false) if ours[i] == yours[i] => 0.0,
        (false, false) => (ours[i] - yours[i]).abs(),
        _ => f64::INFINITY,
    };
    (0..ours.len().min(yours.len())).find(|&i| error(i) > scale)
}

/// The largest absolute value, or 1 if all are tiny.
fn largest(values: &[f64]) -> f64 {
    let largest = values.iter().filter(|v| v.is_finite()).fold(0.0, |largest: f64, v| Real::max(largest, v.abs()));
    if largest > 1e-6 { largest } else { 1.0 }
}

/// What is right and what is wrong.
fn pattern(parts: &[&str], wrong: &[&str]) -> String {
    let right: Vec<&str> = parts.iter().copied().filter(|part| !wrong.contains(part)).collect();
    let is = |names: &[&str]| if names.len() == 1 { "is" } else { "are" };
    let wrong_text = format!("{} {} wrong", list(wrong), is(wrong));
    match right.len() {
        0 => format!("{wrong_text}."),
        _ => format!("{wrong_text}; {} {} right.", list(&right), is(&right)),
    }
}

/// A form in which all values differ alike: a sign, a factor, an order.
fn form(given: &[Given]) -> Option<String> {
    let pairs = || {
        given.iter().flat_map(|Given { ours, yours, .. }| {
            ours.iter().zip(yours).flat_map(|((_, o), (_, y))| o.iter().copied().zip(y.iter().copied()))
        })
    };
    if pairs().any(|(_, y)| y.is_nan()) {
        return Some("There is a NaN: look for 0/0, or the logarithm or root of a negative number.".into());
    }
    let wrong_parts = || {
        given
            .iter()
            .flat_map(|Given { ours, yours, .. }| ours.iter().zip(yours).map(|((_, o), (_, y))| (o, y)))
            .filter(|(o, y)| difference(o, y).is_some())
    };
    if wrong_parts().all(|(_, y)| y.iter().all(|v| *v == 0.0)) {
        return Some("The wrong values are all 0: is a result never written, or a sum never added to?".into());
    }
    let mut factor = None;
    let has_factor = wrong_parts().flat_map(|(o, y)| o.iter().zip(y)).all(|(&o, &y)| {
        if o == 0.0 || y == 0.0 {
            return o == y;
        }
        let ratio = y / o;
        (ratio / *factor.get_or_insert(ratio) - 1.0).abs() < 1e-9
    });
    let count = wrong_parts().map(|(o, _)| o.len()).sum::<usize>();
    if let (true, Some(factor), true) = (has_factor, factor, count > 1) {
        return Some(match factor {
            f if (f + 1.0).abs() < 1e-9 => "The wrong values have the right size and the opposite sign.".to_string(),
            f if f.abs() < 1.0 => format!("The wrong values are all too small by the same factor, {}.", shown(1.0 / f)),
            f => format!("The wrong values are all too large by the same factor, {}.", shown(f)),
        });
    }
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    if wrong_parts().all(|(o, y)| o.len() > 1 && difference(&sorted(o), &sorted(y)).is_none()) {
        return Some("These are the right values in the wrong order: look at the indices.".into());
    }
    None
}

/// "W1", "W1 and b1", "W1, b1, and b2".
fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).into(),
        [one, other] => format!("{one} and {other}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    }
}

/// A number with six significant digits.
pub fn shown(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() || (1e-4..1e7).contains(&size) {
        let digits = if size >= 1e5 {
            1
        } else if size >= 10.0 {
            4
        } else if size >= 0.1 {
            6
        } else {
            9
        };
        let text = format!("{x:.digits$}");
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        return text.into();
    }
    format!("{x:.5e}")
}

/// "1 value", "3 values".
fn values(n: usize) -> String {
    format!("{}", Count(n, "value"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    /// x² and x³, with mistakes.
    fn judge() -> Judge<f64> {
        let inputs = vec![("x = 2".to_string(), 2.0), ("x = -3".to_string(), -3.0)];
        let answer = |x: f64| vec![("square", vec![x * x]), ("cube", vec![x * x * x, 1.0])];
        Judge::new(inputs, move |&x| answer(x))
            .mistake("2·x in place of x²", |&x| vec![("square", vec![2.0 * x]), ("cube", vec![x * x * x, 1.0])])
            .mistake("x² in place of x³", |&x| vec![("square", vec![x * x]), ("cube", vec![x * x, 1.0])])
    }

    #[test]
    fn each_mistake_is_named() {
        judge().check_itself();
    }

    #[test]
    fn an_unknown_mistake_is_narrowed_down_by_its_parts() {
        let verdict = judge().verdict(|&x| vec![("square", vec![x * x]), ("cube", vec![5.0, 1.0])]).unwrap();
        let expected = "cube is wrong; square is right.\n\
            No known mistake gives these values.\n\
            With x = 2: element 0 of cube is 5; expected 8.";
        assert_eq!(verdict, expected);
    }

    #[test]
    fn two_mistakes_are_both_named() {
        let verdict = judge().verdict(|&x| vec![("square", vec![2.0 * x]), ("cube", vec![x * x, 1.0])]).unwrap();
        let lines: Vec<&str> = verdict.lines().collect();
        assert_eq!(lines[0], "The values of square are exactly those of a known mistake: 2·x in place of x².");
        assert_eq!(lines[1], "The values of cube are exactly those of a known mistake: x² in place of x³.");
    }

    #[test]
    fn forms_are_recognized() {
        let inputs = vec![("x".to_string(), [1.0, 2.0, 4.0])];
        let judge = Judge::new(inputs, |x: &[f64; 3]| vec![("y", x.to_vec())]);
        let first = |f: fn(&[f64; 3]) -> Vec<f64>| {
            let verdict = judge.verdict(|x| vec![("y", f(x))]).unwrap();
            verdict.lines().next().unwrap().to_string()
        };
        assert!(first(|x| x.map(|x| -x).to_vec()).contains("opposite sign"));
        assert!(first(|x| x.map(|x| x / 7.0).to_vec()).contains("too small by the same factor, 7."));
        assert!(first(|x| vec![x[2], x[1], x[0]]).contains("wrong order"));
        assert!(first(|x| vec![x[0], f64::NAN, x[2]]).contains("NaN"));
        assert!(first(|_| vec![0.0; 3]).contains("all 0"));
        assert_eq!(first(|x| x[..2].to_vec()), "y has the wrong length: 3 values expected, 2 found.");
    }

    #[test]
    fn code_that_panics_is_reported_with_its_input() {
        let panics =
            |&x: &f64| if x < 0.0 { panic!("at {x}") } else { vec![("square", vec![x * x]), ("cube", vec![8.0, 1.0])] };
        assert_eq!(judge().verdict(panics).unwrap(), "With x = -3, the code stops: at -3.");
        let wrong =
            |&x: &f64| if x < 0.0 { panic!("at {x}") } else { vec![("square", vec![5.0]), ("cube", vec![8.0, 1.0])] };
        assert!(judge().verdict(wrong).unwrap().ends_with("expected 4.\nWith x = -3, the code stops: at -3."));
    }

    #[test]
    fn numbers_are_short() {
        let texts = [0.5, -2.0, 0.0, 1e-7, 123456.75, 1.0 / 3.0, f64::INFINITY].map(shown);
        assert_eq!(texts, ["0.5", "-2", "0", "1.00000e-7", "123456.8", "0.333333", "inf"]);
    }
}
