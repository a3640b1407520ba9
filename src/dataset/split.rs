//! Splits: the recordings for training, and those for testing.
//!
//! **Why.** A model is trained on a few recordings, and used on all others. Training lowers the cost of the recordings
//! that it sees, and a model with enough parameters can do that in two ways. It can learn the properties that all
//! recordings of a class have in common; new recordings share these. Or it can learn the peculiarities of each
//! recording, a cough or a room; new recordings do not share those. The second way is **overfitting**: the training
//! cost falls, and the cost of new recordings rises. At the extreme the model memorizes: a table of all training
//! examples and their labels has a training accuracy of 100%, and guesses everywhere else.
//!
//! **Why training accuracy misleads.** It cannot distinguish a good model from that table. Even softmax regression on d
//! features can become such a table. To separate two classes, it needs w and b with w·x_j + b = 1 for the examples of
//! one class and -1 for those of the other. With m examples these are m linear equations for d + 1 unknowns. If m <=
//! d + 1 and no vector (x_j, 1) is a combination of the others, they have a solution for any labels, even for labels
//! drawn by tossing a coin. The training accuracy is then 100%, and the accuracy on new examples is 50%.
//!
//! The accuracy on recordings that were not used in training has no such fault. They had no influence on the
//! parameters, so each is classified correctly with the same probability as any new recording. So the accuracy on them
//! is right on average; `tutorial::metrics` shows how far chance can move it. Hence the rule: no recording is used both
//! for training and for testing.
//!
//! **Validation and test.** Settings, such as λ, the number of units or the number of epochs, are chosen by comparing
//! accuracies. Whoever compares many models on the same recordings and keeps the best has fitted these recordings too,
//! by hand. So there are three parts:
//!
//! | part | decides | used |
//! | --- | --- | --- |
//! | training | the parameters θ | in every step |
//! | validation | the settings | once for each candidate |
//! | test | nothing; its accuracy is reported | once, at the end |
//!
//! By hand: 100 models guess between two classes. On 10 examples, a given model is right 9 or 10 times with probability
//! (10 + 1)/2¹⁰ = 1.07%. At least one of the 100 does so with probability 1 - (1 - 0.0107)¹⁰⁰ = 66%. So the best of
//! them probably reports 90% on the examples that chose it, and 50% on others.
//!
//! **Cross-validation.** A small validation set gives a noisy accuracy. Divide the recordings into K folds; each fold
//! is used once, to test a model that was trained on the other K - 1. Every recording is tested once, always by a model
//! that has not seen it, so the interval of the accuracy is as narrow as that of a test on all of them. The price is K
//! trainings, each on a fraction (K - 1)/K of the recordings, so that the accuracy is slightly too low. By hand, 10
//! recordings and K = 5: five models train on 8 and are tested on 2, which gives 10 tests.
//!
//! **Groups.** Two recordings of one speaker resemble each other more than those of two speakers. If a speaker is on
//! both sides, the test rewards recognizing the speaker; it measures the accuracy on known speakers. A split by groups
//! holds out all recordings of a speaker, of a room, or of an instrument, and measures the accuracy on new ones. Which
//! of the two is right depends on who will use the model. README.md has both for real recordings, and they are far
//! apart.
//!
//! | name | tests |
//! | --- | --- |
//! | official | takes 0 to 4 |
//! | group:NAME | one group |
//! | groups | each group in its own fold |
//! | folds:K | each of K folds; each label is distributed evenly over the folds |
//! | random:F | the fraction F of each label, drawn at random |
//! | none | nothing: all recordings are used for training |
//!
//! All other recordings are used for training. *official* is the Free Spoken Digit Dataset's own test set. Labels are
//! distributed evenly (stratified), so that in each fold every label is tested and trained in the proportions of the
//! whole.
//!
//! Sources: source E, "Experiments in practice" and "Overfitting"; M. Stone, "Cross-validatory choice and assessment of
//! statistical predictions", 1974; C. Zhang, S. Bengio, M. Hardt, B. Recht and O. Vinyals, "Understanding deep learning
//! requires rethinking generalization", 2017 (networks that fit random labels).

use super::recordings::Collection;
use crate::bytes::escape::shown;
use crate::number::Random;
use crate::number::decimal::{Count, Short};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// A way to split.
///
/// ```
/// use ossicle::dataset::split::{Split, SplitError};
/// use ossicle::matrix::Matrix;
///
/// // Six examples, the columns of a matrix, of two classes and three speakers.
/// let examples = Matrix::from_function(4, 6, |i, j| (10 * i + j) as f64);
/// let labels = [0, 0, 0, 1, 1, 1];
/// let speakers = ["ann", "bob", "cat", "ann", "bob", "cat"];
///
/// for fold in Split::Folds(3).folds_of_labels(&labels, 1)? {
///     let (train, test) = (examples.select_columns(&fold.train), examples.select_columns(&fold.test));
///     assert_eq!((train.columns(), test.columns()), (4, 2));
/// }
/// let folds = Split::Groups.folds_of_groups(&labels, &speakers, 1)?;
/// assert_eq!((&*folds[1].name, &folds[1].test[..], folds.len()), ("bob", &[1, 4][..], 3));
/// # Ok::<(), SplitError>(())
/// ```
#[doc(alias = "cross-validation")]
#[doc(alias = "KFold")]
#[derive(Clone, Debug, PartialEq)]
pub enum Split {
    /// Takes 0 to 4 test, the others train.
    Official,
    /// This group tests, the others train.
    Group(String),
    /// Each group tests in one fold.
    Groups,
    /// K folds, each of which tests once; each label is distributed evenly over the folds.
    Folds(usize),
    /// This fraction of each label, drawn at random, tests.
    Random(f64),
    /// All recordings train, none tests.
    None,
}

/// Recordings to train on and to test on, as indices into a collection, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The name of the test set: "takes 0-4", "theo", "fold 1".
    pub name: String,
    /// Recordings to train on.
    pub train: Vec<usize>,
    /// Recordings to test on.
    pub test: Vec<usize>,
}

impl Fold {
    /// Trains on all of this number of recordings, and tests on none.
    pub fn of_all(recordings: usize) -> Self {
        Fold { name: "no recording".into(), train: (0..recordings).collect(), test: Vec::new() }
    }
}

/// Why a split cannot be made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SplitError {
    /// The word does not name a split.
    Unknown(String),
    /// The collection has one label only, so there is nothing to classify.
    OneLabel(String),
    /// This label has one recording only, which cannot be on both sides.
    OneRecording(String),
    /// One side would have no recording of this label.
    Missing {
        /// The name of the test set.
        part: String,
        /// The label.
        label: String,
        /// "train" or "test".
        side: &'static str,
    },
    /// One side would be empty.
    Empty {
        /// The name of the test set.
        part: String,
        /// "train" or "test".
        side: &'static str,
    },
    /// No recording has this group; the groups of the collection.
    NoGroup(String, Vec<String>),
    /// The number of folds, which is larger than the number of recordings of any label, and that number.
    ManyFolds(usize, usize),
    /// There are fewer than two groups.
    FewGroups(usize),
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SplitError::Unknown(word) => write!(
                f,
                "'{}' names no split; expected official, group:NAME, groups, folds:K (K from 2 on), random:F (F between \
                 0 and 1) or none",
                shown(word)
            ),
            SplitError::OneLabel(label) => {
                let label = shown(label);
                write!(f, "all recordings have the label '{label}': with one class there is nothing to classify")
            }
            SplitError::OneRecording(label) => {
                let label = shown(label);
                write!(f, "the label '{label}' has one recording: one to train on and one to test on are needed")
            }
            SplitError::Missing { part, label, side } => {
                let (part, label) = (shown(part), shown(label));
                write!(f, "the split ({part} as the test set) leaves no recording of '{label}' to {side} on")
            }
            SplitError::Empty { part, side } => {
                let part = shown(part);
                write!(f, "the split ({part} as the test set) leaves no recording to {side} on")
            }
            SplitError::NoGroup(name, groups) => {
                let (name, groups) = (shown(name), groups.join(", "));
                write!(f, "no recording is of the group '{name}'; the groups are {}", shown(&groups))
            }
            SplitError::ManyFolds(folds, most) => {
                write!(f, "{folds} folds are too many: no label has more than {}", Count(*most, "recording"))
            }
            SplitError::FewGroups(count) => write!(
                f,
                "a split by groups needs at least two groups, but the names state {}; \
                 groups are the middle part of the names {{label}}_{{group}}_{{index}}.wav",
                if *count == 0 { "none" } else { "only one" }
            ),
        }
    }
}

impl core::error::Error for SplitError {}

impl FromStr for Split {
    type Err = SplitError;

    fn from_str(word: &str) -> Result<Self, SplitError> {
        let unknown = || SplitError::Unknown(word.into());
        match word.split_once(':') {
            None if word == "official" => Ok(Split::Official),
            None if word == "groups" => Ok(Split::Groups),
            None if word == "none" => Ok(Split::None),
            Some(("group", name)) if !name.is_empty() => Ok(Split::Group(name.into())),
            Some(("folds", k)) => k.parse().ok().filter(|&k| k >= 2).map(Split::Folds).ok_or_else(unknown),
            Some(("random", fraction)) => {
                let fraction: f64 = fraction.parse().map_err(|_| unknown())?;
                if fraction > 0.0 && fraction < 1.0 { Ok(Split::Random(fraction)) } else { Err(unknown()) }
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Split::Official => f.write_str("official"),
            Split::Group(name) => write!(f, "group:{}", shown(name)),
            Split::Groups => f.write_str("groups"),
            Split::Folds(k) => write!(f, "folds:{k}"),
            Split::Random(fraction) => write!(f, "random:{}", Short(*fraction)),
            Split::None => f.write_str("none"),
        }
    }
}

impl Split {
    /// Official if every label has takes on both sides; otherwise five folds, or fewer (at least two) if a label has
    /// fewer recordings.
    ///
    /// # Panics
    /// If a recording's label is not among the labels.
    pub fn default_for(collection: &Collection) -> Self {
        if Split::Official.folds(collection, 0).is_ok() {
            return Split::Official;
        }
        let fewest = Keys::of(collection).counts().into_iter().min().unwrap_or(0);
        Split::Folds(fewest.clamp(2, 5))
    }

    /// The folds of recordings; the seed determines the folds of `Folds` and of `Random`.
    ///
    /// # Errors
    /// If a side would be empty, a label would be missing on the side to train on, or all recordings have one label.
    ///
    /// # Panics
    /// If a recording's label is not among the labels.
    pub fn folds(&self, collection: &Collection, seed: u64) -> Result<Vec<Fold>, SplitError> {
        self.of_keys(&Keys::of(collection), seed)
    }

    /// The folds of examples with these labels, which may be any numbers. They have no groups and no takes.
    ///
    /// # Errors
    /// As [`folds`](Self::folds), whose messages call an example a recording and name a label by its number.
    pub fn folds_of_labels(&self, labels: &[usize], seed: u64) -> Result<Vec<Fold>, SplitError> {
        self.of_slices(labels, &[], seed)
    }

    /// The folds of examples with these labels and groups. Two groups are the same if they are written alike; a group
    /// that is written as an empty text is unknown.
    ///
    /// # Errors
    /// As [`folds_of_labels`](Self::folds_of_labels).
    ///
    /// # Panics
    /// If there is not one group for each label.
    pub fn folds_of_groups<G: ToString>(
        &self,
        labels: &[usize],
        groups: &[G],
        seed: u64,
    ) -> Result<Vec<Fold>, SplitError> {
        assert_eq!(labels.len(), groups.len(), "labels and groups");
        let groups: Vec<String> = groups.iter().map(G::to_string).collect();
        self.of_slices(labels, &groups, seed)
    }

    /// `groups` may be empty.
    fn of_slices(&self, labels: &[usize], groups: &[String], seed: u64) -> Result<Vec<Fold>, SplitError> {
        let mut values = labels.to_vec();
        values.sort_unstable();
        values.dedup();
        let names: Vec<String> = values.iter().map(usize::to_string).collect();
        let keys = Keys {
            names: &names,
            // Each value is found, being one of them.
            labels: labels.iter().map(|label| values.partition_point(|value| value < label)).collect(),
            groups: (0..labels.len()).map(|i| groups.get(i).map_or("", String::as_str)).collect(),
            takes: vec![None; labels.len()],
        };
        self.of_keys(&keys, seed)
    }

    fn of_keys(&self, keys: &Keys, seed: u64) -> Result<Vec<Fold>, SplitError> {
        if let [label] = keys.names {
            return Err(SplitError::OneLabel(label.clone()));
        }
        if *self == Split::None {
            return Ok(vec![Fold::of_all(keys.labels.len())]);
        }
        let counts = keys.counts();
        if let Some(label) = counts.iter().position(|&count| count < 2) {
            return Err(SplitError::OneRecording(keys.names[label].clone()));
        }
        let most = counts.into_iter().max().unwrap_or(0);
        let part = |name: String, tests: &dyn Fn(usize) -> bool| {
            let (test, train) = (0..keys.labels.len()).partition(|&i| tests(i));
            Fold { name, train, test }
        };
        let parts = match self {
            Split::None => Vec::new(),
            Split::Official => {
                vec![part("takes 0-4".into(), &|i| keys.takes[i].is_some_and(|take| take < 5))]
            }
            Split::Group(name) => {
                let groups = keys.group_names();
                if groups.is_empty() {
                    return Err(SplitError::FewGroups(0));
                }
                if !groups.contains(name) {
                    return Err(SplitError::NoGroup(name.clone(), groups));
                }
                vec![part(name.clone(), &|i| keys.groups[i] == *name)]
            }
            Split::Groups => {
                let groups = keys.group_names();
                if groups.len() < 2 {
                    return Err(SplitError::FewGroups(groups.len()));
                }
                groups.iter().map(|name| part(name.clone(), &|i| keys.groups[i] == *name)).collect()
            }
            Split::Folds(k) if *k < 2 => return Err(SplitError::Unknown(self.to_string())),
            Split::Folds(k) if *k > most => return Err(SplitError::ManyFolds(*k, most)),
            Split::Folds(k) => {
                let fold = keys.assign(seed, |rank, _| rank % k);
                (0..*k).map(|f| part(format!("fold {}", f + 1), &|i| fold[i] == f)).collect()
            }
            Split::Random(fraction) => {
                // At least one of each label tests, and at least one trains.
                let tests = |count: usize| ((count as f64 * fraction + 0.5) as usize).clamp(1, count.max(2) - 1);
                let side = keys.assign(seed, |rank, count| usize::from(rank < tests(count)));
                vec![part("a random share".into(), &|i| side[i] == 1)]
            }
        };
        for part in &parts {
            self.accept(keys, part)?;
        }
        Ok(parts)
    }

    fn accept(&self, keys: &Keys, part: &Fold) -> Result<(), SplitError> {
        for (side, chosen) in [("train", &part.train), ("test", &part.test)] {
            if chosen.is_empty() {
                return Err(SplitError::Empty { part: part.name.clone(), side });
            }
            // A group or a fold may lack a label to test on, but every label must be trained on.
            if side == "train" || *self == Split::Official {
                let mut has = vec![false; keys.names.len()];
                chosen.iter().for_each(|&i| has[keys.labels[i]] = true);
                if let Some(label) = has.iter().position(|has| !has) {
                    let label = keys.names[label].clone();
                    return Err(SplitError::Missing { part: part.name.clone(), label, side });
                }
            }
        }
        Ok(())
    }
}

/// What a split depends on.
struct Keys<'a> {
    /// Of the labels.
    names: &'a [String],
    /// The label of each example, an index into the names.
    labels: Vec<usize>,
    /// The group of each example, empty if unknown.
    groups: Vec<&'a str>,
    /// The take of each example.
    takes: Vec<Option<u64>>,
}

impl<'a> Keys<'a> {
    fn of(Collection { labels, recordings, .. }: &'a Collection) -> Self {
        Keys {
            names: labels,
            labels: recordings.iter().map(|recording| recording.label).collect(),
            groups: recordings.iter().map(|recording| &*recording.group).collect(),
            takes: recordings.iter().map(|recording| recording.index).collect(),
        }
    }

    /// The number of examples of each label.
    fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.names.len()];
        self.labels.iter().for_each(|&label| counts[label] += 1);
        counts
    }

    /// The groups' names, in the order of their bytes.
    fn group_names(&self) -> Vec<String> {
        let mut groups: Vec<&str> = self.groups.iter().copied().filter(|group| !group.is_empty()).collect();
        groups.sort();
        groups.dedup();
        groups.into_iter().map(String::from).collect()
    }

    /// For each example, `side` of its rank in its label's random order and of the label's count.
    fn assign(&self, seed: u64, side: impl Fn(usize, usize) -> usize) -> Vec<usize> {
        let mut random = Random::new(seed);
        let mut sides = vec![0; self.labels.len()];
        let mut of_label: Vec<Vec<usize>> = vec![Vec::new(); self.names.len()];
        self.labels.iter().enumerate().for_each(|(i, &label)| of_label[label].push(i));
        for mut members in of_label {
            random.shuffle(&mut members);
            for (rank, &i) in members.iter().enumerate() {
                sides[i] = side(rank, members.len());
            }
        }
        sides
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::recordings::Recording;

    /// Two labels, three groups, ten takes each.
    fn collection() -> Collection {
        let mut recordings = Vec::new();
        for label in 0..2 {
            for group in ["ann", "bob", "cat"] {
                for index in 0..10 {
                    let name = format!("{label}_{group}_{index}");
                    recordings.push(Recording {
                        name,
                        label,
                        group: group.into(),
                        index: Some(index),
                        samples: vec![].into(),
                    });
                }
            }
        }
        Collection { rate: 8000, labels: vec!["0".into(), "1".into()], recordings }
    }

    fn whole(part: &Fold) -> Vec<usize> {
        let mut all = [&part.train[..], &part.test[..]].concat();
        all.sort();
        all
    }

    #[test]
    fn every_recording_trains_or_tests() {
        let c = collection();
        for (word, parts, tests) in
            [("official", 1, 30), ("group:bob", 1, 20), ("groups", 3, 20), ("folds:4", 4, 14), ("random:0.25", 1, 16)]
        {
            let split: Split = word.parse().unwrap();
            assert_eq!(split.to_string(), word);
            let made = split.folds(&c, 1).unwrap();
            assert_eq!(made.len(), parts, "{word}");
            for part in &made {
                assert_eq!(whole(part), (0..60).collect::<Vec<_>>(), "{word}");
                assert!(part.test.len().abs_diff(tests) <= 2, "{word}: {}", part.test.len());
            }
        }
        let folds = Split::Folds(4).folds(&c, 1).unwrap();
        let mut tested: Vec<usize> = folds.iter().flat_map(|part| part.test.clone()).collect();
        tested.sort();
        assert_eq!(tested, (0..60).collect::<Vec<_>>());
        assert_ne!(folds, Split::Folds(4).folds(&c, 2).unwrap());
    }

    #[test]
    fn slices_are_split_as_recordings_are() {
        let c = collection();
        let labels: Vec<usize> = c.recordings.iter().map(|recording| recording.label).collect();
        let groups: Vec<&str> = c.recordings.iter().map(|recording| &*recording.group).collect();
        for split in [Split::Groups, Split::Group("cat".into()), Split::Folds(4), Split::Random(0.3)] {
            assert_eq!(split.folds_of_groups(&labels, &groups, 5), split.folds(&c, 5), "{split}");
        }
        // Other numbers in the same order, as far apart as they can be.
        let far: Vec<usize> = labels.iter().map(|label| if *label == 0 { 7 } else { usize::MAX }).collect();
        assert_eq!(Split::Folds(4).folds_of_labels(&far, 5), Split::Folds(4).folds(&c, 5));
        // Groups of numbers, whose names are ordered as texts.
        let numbers: Vec<u32> = (0..60).map(|i| [2, 10, 3][i / 10 % 3]).collect();
        let folds = Split::Groups.folds_of_groups(&labels, &numbers, 0).unwrap();
        assert_eq!(folds.iter().map(|fold| &*fold.name).collect::<Vec<_>>(), ["10", "2", "3"]);
        assert!(folds[0].test.iter().all(|&i| numbers[i] == 10) && folds[0].test.len() == 20);
    }

    #[test]
    fn impossible_splits_of_slices_are_errors() {
        assert_eq!(Split::Folds(2).folds_of_labels(&[], 0), Err(SplitError::ManyFolds(2, 0)));
        assert_eq!(Split::Folds(2).folds_of_labels(&[4, 4], 0), Err(SplitError::OneLabel("4".into())));
        assert_eq!(Split::Folds(2).folds_of_labels(&[4, 9, 4], 0), Err(SplitError::OneRecording("9".into())));
        assert_eq!(Split::Folds(3).folds_of_labels(&[4, 9, 4, 9], 0), Err(SplitError::ManyFolds(3, 2)));
        assert_eq!(Split::Groups.folds_of_labels(&[4, 9, 4, 9], 0), Err(SplitError::FewGroups(0)));
        let alone = Split::Groups.folds_of_groups(&[4, 4, 9, 9], &["a", "a", "b", "b"], 0);
        assert!(matches!(alone, Err(SplitError::Missing { side: "train", .. })), "{alone:?}");
        assert!(matches!(Split::Official.folds_of_labels(&[4, 9, 4, 9], 0), Err(SplitError::Empty { .. })));
    }

    #[test]
    fn names_in_errors_are_shown() {
        let name = || String::from("a\n\x1b[2J");
        let errors = [
            SplitError::Unknown(name()),
            SplitError::OneLabel(name()),
            SplitError::OneRecording(name()),
            SplitError::Missing { part: name(), label: name(), side: "test" },
            SplitError::Empty { part: name(), side: "test" },
            SplitError::NoGroup(name(), vec![name(), name()]),
        ];
        for error in errors {
            let text = error.to_string();
            assert!(text.contains("a\\n\\u{1b}[2J") && !text.contains(char::is_control), "{text}");
        }
        assert_eq!(Split::Group(name()).to_string(), "group:a\\n\\u{1b}[2J");
        assert_eq!(Split::Random(1e-300).to_string(), "random:1e-300");
    }

    #[test]
    fn impossible_splits_are_errors() {
        let mut c = collection();
        for word in ["", "offical", "folds", "folds:1", "folds:x", "random:0", "random:1", "random:nan", "group:"] {
            assert_eq!(word.parse::<Split>(), Err(SplitError::Unknown(word.into())));
        }
        assert!(matches!(Split::Group("dan".into()).folds(&c, 0), Err(SplitError::NoGroup(..))));
        for recording in &mut c.recordings {
            recording.index = None;
            recording.group = "ann".into();
        }
        assert!(matches!(Split::Official.folds(&c, 0), Err(SplitError::Empty { side: "test", .. })));
        assert_eq!(Split::Groups.folds(&c, 0), Err(SplitError::FewGroups(1)));
        assert!(matches!(Split::Group("ann".into()).folds(&c, 0), Err(SplitError::Empty { side: "train", .. })));
        assert_eq!(Split::default_for(&c), Split::Folds(5));
        c.recordings.truncate(33); // three recordings of the second label
        assert_eq!(Split::default_for(&c), Split::Folds(3));
        c.recordings.truncate(31); // one
        assert_eq!(Split::Folds(5).folds(&c, 0), Err(SplitError::OneRecording("1".into())));
        c.labels.truncate(1);
        assert!(matches!(Split::Folds(5).folds(&c, 0), Err(SplitError::OneLabel(_))));
    }

    #[test]
    fn ten_thousand_labels_are_split_at_once() {
        let recording = |i: usize| Recording {
            name: String::new(),
            label: i / 2,
            group: String::new(),
            index: None,
            samples: vec![].into(),
        };
        let labels = (0..10_000).map(|label| label.to_string()).collect();
        let c = Collection { rate: 8000, labels, recordings: (0..20_000).map(recording).collect() };
        let parts = Split::default_for(&c).folds(&c, 1).unwrap();
        assert_eq!(parts.iter().map(|part| part.train.len()).collect::<Vec<_>>(), [10_000, 10_000]);
    }
}
