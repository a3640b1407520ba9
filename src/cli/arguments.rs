//! The words of the command line, taken apart by hand.
//!
//! A command declares its options once, with their help; parsing, the list of them in `--help`, and the suggestion for a
//! mistyped one are all made from that declaration.

use crate::bytes::escape::shown;
use std::format;
use std::string::String;
use std::vec::Vec;

/// An option that a command takes.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its name with the dashes.
    pub name: &'static str,
    /// What its value is called in the help; empty for an option without a value.
    pub value: &'static str,
    /// What it does, in one line; its default at the end.
    pub help: &'static str,
}

/// The words after a command, sorted out.
#[derive(Debug, Default)]
pub struct Arguments {
    options: Vec<(&'static str, String)>,
    /// What is no option, in order.
    pub others: Vec<String>,
}

/// Sorts words into the options declared and the rest. `--name value` and `--name=value` are the same; after `--`
/// nothing is an option.
///
/// # Errors
/// A sentence on an option that is not declared, lacks its value, has one too many, or is given twice.
pub fn parse(args: &[String], flags: &[&[Flag]]) -> Result<Arguments, String> {
    let declared = || flags.iter().flat_map(|flags| flags.iter());
    let mut arguments = Arguments::default();
    let mut args = args.iter();
    while let Some(word) = args.next() {
        if word == "--" {
            arguments.others.extend(args.by_ref().cloned());
        } else if word.starts_with('-') && word.len() > 1 {
            let (name, given) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.into())),
                None => (word.as_str(), None),
            };
            let Some(flag) = declared().find(|flag| flag.name == name) else {
                let names: Vec<&str> = declared().map(|flag| flag.name).collect();
                return Err(format!("there is no option '{}'{}", shown(name), suggestion(name, &names)));
            };
            let value = match (flag.value.is_empty(), given) {
                (true, None) => String::new(),
                (true, Some(_)) => return Err(format!("{name} takes no value")),
                (false, Some(value)) => value,
                // A value that looks like an option is a forgotten value; `--name=--value` says it on purpose.
                (false, None) => args.next().filter(|value| !value.starts_with("--")).cloned().unwrap_or_default(),
            };
            if value.is_empty() && !flag.value.is_empty() {
                return Err(format!("{name} needs a value: {name} {}", flag.value));
            }
            if arguments.options.iter().any(|(seen, _)| *seen == flag.name) {
                return Err(format!("{name} is given twice"));
            }
            arguments.options.push((flag.name, value));
        } else if word.is_empty() {
            return Err("an empty word stands where a name was expected".into());
        } else {
            arguments.others.push(word.clone());
        }
    }
    Ok(arguments)
}

impl Arguments {
    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// An option's value as it was written.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// An option's value as a number that meets a condition, put into `to` if the option was given.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn number<T: core::str::FromStr>(
        &self,
        name: &str,
        expected: &str,
        meets: impl Fn(&T) -> bool,
        to: &mut T,
    ) -> Result<(), String> {
        if let Some(text) = self.text(name) {
            *to = text.parse().ok().filter(meets).ok_or_else(|| {
                let text = shown(text);
                format!("{name} {text}: {expected} was expected")
            })?;
        }
        Ok(())
    }

    /// An option's value as one of a few words, put into `to` as what stands beside the word.
    ///
    /// # Errors
    /// A sentence that lists the words.
    pub fn choice<T: Clone>(&self, name: &str, choices: &[(&str, T)], to: &mut T) -> Result<(), String> {
        if let Some(text) = self.text(name) {
            let args: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text) else {
                let hint = suggestion(text, &args);
                return Err(format!("{name} {}: one of {} was expected{hint}", shown(text), args.join(", ")));
            };
            *to = choice.clone();
        }
        Ok(())
    }
}

/// "; did you mean 'word'?" for the nearest word, or nothing if none is near.
pub fn suggestion(mistyped: &str, args: &[&str]) -> String {
    let letters = mistyped.chars().count();
    let most = 1 + mistyped.trim_start_matches('-').chars().count() / 4;
    // A word that is much longer or shorter need not be compared: it is as far at least.
    let likely = args.iter().filter(|word| word.chars().count().abs_diff(letters) <= most);
    match likely.map(|word| (distance(mistyped, word), word)).min() {
        Some((distance, word)) if distance <= most => format!("; did you mean '{word}'?"),
        _ => String::new(),
    }
}

/// How many letters must be put in, left out, replaced, or exchanged with their neighbor to turn one word into the other
/// (V. Levenshtein 1965, F. Damerau 1964).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // The rows of the table for i - 2, i - 1 and i letters of a.
    let mut rows: [Vec<usize>; 3] = [Vec::new(), Vec::new(), (0..=b.len()).collect()];
    for i in 1..=a.len() {
        rows.rotate_left(1);
        let [before, above, row] = &mut rows;
        row.clear();
        row.push(i);
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
    }
    rows[2][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    const FLAGS: &[Flag] =
        &[Flag { name: "--hidden", value: "N", help: "" }, Flag { name: "--tsv", value: "", help: "" }];

    fn parsed(line: &str) -> Result<Arguments, String> {
        parse(&line.split_whitespace().map(ToString::to_string).collect::<Vec<_>>(), &[FLAGS])
    }

    #[test]
    fn options_and_others_are_told_apart() {
        let arguments = parsed("dir --hidden 5 --tsv -- --odd -").unwrap();
        assert_eq!(arguments.others, ["dir", "--odd", "-"]);
        assert!(arguments.has("--tsv") && arguments.text("--hidden") == Some("5"));
        assert_eq!(parsed("--hidden=7").unwrap().text("--hidden"), Some("7"));
    }

    #[test]
    fn mistakes_are_explained() {
        let error = |line: &str| parsed(line).unwrap_err();
        assert_eq!(error("--hiden 5"), "there is no option '--hiden'; did you mean '--hidden'?");
        assert_eq!(error("--frequency"), "there is no option '--frequency'");
        assert_eq!(error("--\x1b[2J"), "there is no option '--\\u{1b}[2J'");
        assert_eq!(error("--hidden"), "--hidden needs a value: --hidden N");
        assert_eq!(error("--hidden --tsv"), "--hidden needs a value: --hidden N");
        assert_eq!(error("--hidden="), "--hidden needs a value: --hidden N");
        assert_eq!(error("--tsv=1"), "--tsv takes no value");
        assert_eq!(error("--tsv --tsv"), "--tsv is given twice");
        let mut n = 1usize;
        let result = parsed("--hidden x").unwrap().number("--hidden", "a count", |&n| n > 0, &mut n);
        assert_eq!(result.unwrap_err(), "--hidden x: a count was expected");
    }

    #[test]
    fn letters_may_be_exchanged() {
        assert_eq!(distance("tutroial", "tutorial"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(suggestion("tutroial", &["wav", "tutorial"]), "; did you mean 'tutorial'?");
    }
}
