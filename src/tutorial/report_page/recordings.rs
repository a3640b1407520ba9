//! The recordings: how many there are of each label and group, and an example of each label.

use super::html::{Cell, HtmlTable, figure, name, section, short};
use super::sound::{SoundSettings, drawing, player};
use crate::dataset::recordings::{Collection, Recording};
use crate::dataset::split::Fold;
use std::collections::BTreeMap;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// The most labels with an example, rows of the table, and groups with a column.
pub const MOST_EXAMPLES: usize = 12;
const MOST_LABELS: usize = 40;
const MOST_GROUPS: usize = 12;

/// The section on the counts. With one fold, the table says how many recordings test.
pub fn counts(collection: &Collection, folds: &[Fold]) -> String {
    let Collection { labels, recordings, .. } = collection;
    let mut of_group: BTreeMap<&str, usize> = BTreeMap::new();
    for recording in recordings {
        *of_group.entry(&recording.group).or_default() += 1;
    }
    let groups: Vec<&str> = if of_group.len() > 1 { of_group.keys().copied().collect() } else { Vec::new() };
    let shown = if groups.len() > MOST_GROUPS { MOST_GROUPS - 1 } else { groups.len() };
    let column = |group: &str| groups.binary_search(&group).unwrap_or(0).min(shown);
    let columns = shown + usize::from(groups.len() > shown);
    let is_tested = tested(recordings.len(), folds);

    let mut cells = vec![vec![0; columns]; labels.len()];
    let mut totals = vec![[0; 2]; labels.len()];
    for (recording, is_tested) in recordings.iter().zip(&is_tested) {
        if let Some(cell) = cells[recording.label].get_mut(column(&recording.group)) {
            *cell += 1;
        }
        totals[recording.label][0] += 1;
        totals[recording.label][1] += usize::from(*is_tested);
    }
    let most = cells.iter().flatten().copied().max().unwrap_or(0).max(1) as f64;
    let mut headings = Vec::from(["label".to_string()]);
    let nameless = |group: &str| if group.is_empty() { "no group".to_string() } else { short(group) };
    headings.extend(groups.iter().take(shown).map(|group| nameless(group)));
    headings.extend((columns > shown).then(|| format!("{} others", groups.len() - shown)));
    headings.extend(["all", "tested"].map(String::from));
    let caption = if groups.is_empty() { "Recordings of each label." } else { "Recordings of each label and group." };
    let mut table = HtmlTable::new(caption, &headings);
    let mut row = |heading: &str, counts: &[usize], [all, tested]: [usize; 2], is_sum: bool| {
        let shaded = |&n: &usize| {
            let cell = Cell::html(n.to_string());
            if is_sum { cell } else { cell.shaded(n as f64 / most) }
        };
        let mut cells: Vec<Cell> = counts.iter().map(shaded).collect();
        cells.extend([all, tested].map(|n| Cell::html(n.to_string()).bold(is_sum)));
        table.row(heading, &cells);
    };
    let sum = |range: core::ops::Range<usize>| {
        let mut counts = vec![0; columns];
        let mut total = [0; 2];
        for label in range {
            counts.iter_mut().zip(&cells[label]).for_each(|(sum, n)| *sum += n);
            total.iter_mut().zip(totals[label]).for_each(|(sum, n)| *sum += n);
        }
        (counts, total)
    };
    let rows = if labels.len() > MOST_LABELS { MOST_LABELS - 1 } else { labels.len() };
    for label in 0..rows {
        row(&short(&labels[label]), &cells[label], totals[label], false);
    }
    if rows < labels.len() {
        let (counts, total) = sum(rows..labels.len());
        row(&format!("{} others", labels.len() - rows), &counts, total, true);
    }
    let (counts, total) = sum(0..labels.len());
    row("all", &counts, total, true);
    let text = "<p>A model learns rare labels badly, and a group that has one label only gives that label away. The \
                darker a cell, the more recordings.</p>\n";
    section("recordings", "Recordings", &format!("{text}{}", table.finish()))
}

/// Whether each recording is in the test set of a fold.
fn tested(recordings: usize, folds: &[Fold]) -> Vec<bool> {
    let mut tested = vec![false; recordings];
    folds.iter().flat_map(|fold| &fold.test).for_each(|&r| tested[r] = true);
    tested
}

/// An example of each label: the recording of median length.
pub fn examples_of(collection: &Collection) -> Vec<&Recording> {
    let of_label = |label: usize| {
        let mut all: Vec<&Recording> = collection.recordings.iter().filter(|one| one.label == label).collect();
        all.sort_by_key(|recording| recording.samples.count());
        all.get(all.len() / 2).copied()
    };
    (0..collection.labels.len()).filter_map(of_label).take(MOST_EXAMPLES).collect()
}

/// The section with an example of each label.
pub fn examples(collection: &Collection, examples: &[&Recording], settings: SoundSettings) -> String {
    let cards: String = examples.iter().map(|recording| card(collection, recording, settings)).collect();
    let labels = collection.labels.len();
    let of = if examples.len() < labels {
        format!("the first {} of {labels} labels", examples.len())
    } else {
        "each label".into()
    };
    let text = format!(
        "<p>The recording of median length of {of}. Above, the samples; below, the energy of each band over time, from \
         dark blue (little) to yellow (the most in this recording). Look for what differs between labels and is alike \
         within one.</p>\n"
    );
    section("examples", "Examples", &format!("{text}<div class=\"cards\">\n{cards}</div>\n"))
}

fn card(collection: &Collection, recording: &Recording, settings: SoundSettings) -> String {
    let seconds = recording.samples.count() as f64 / f64::from(collection.rate);
    let label = name(&collection.labels[recording.label]);
    let caption = format!("<b>{label}</b>: {}, {seconds:.2} s {}", name(&recording.name), player(recording, settings));
    figure("card", &drawing(recording, settings, true), &caption)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection(labels: usize, groups: usize) -> Collection {
        let recordings = (0..2 * labels * groups).map(|i| Recording {
            name: format!("{i}"),
            label: i % labels,
            group: format!("g{:03}", i / labels % groups),
            index: None,
            samples: vec![0.1; 100 + i].into(),
        });
        Collection {
            rate: 8000,
            labels: (0..labels).map(|k| format!("<{k}>")).collect(),
            recordings: recordings.collect(),
        }
    }

    #[test]
    fn recordings_are_counted_by_label_and_group() {
        let fold = Fold { name: "x".into(), train: Vec::new(), test: Vec::from([0, 2]) };
        let html = counts(&collection(2, 2), &[fold]);
        let cell = |n: usize| format!("<td class=\"shade\" style=\"--f:1.00\">{n}</td>");
        let row = |tested: usize| format!("{}{}<td>4</td><td>{tested}</td></tr>", cell(2), cell(2));
        assert!(html.contains(&format!("<th scope=\"row\">&lt;0&gt;</th>{}", row(2))), "{html}");
        assert!(html.contains(&format!("<th scope=\"row\">&lt;1&gt;</th>{}", row(0))), "{html}");
        assert!(html.contains("<td>4</td><td>4</td><td><b>8</b></td><td><b>2</b></td>"), "{html}");
        // One group is no column.
        assert!(counts(&collection(2, 1), &[]).contains("<th scope=\"row\">&lt;0&gt;</th><td>2</td><td>0</td>"));
    }

    #[test]
    fn many_labels_and_groups_are_summed() {
        let html = counts(&collection(100, 30), &[]);
        assert_eq!((html.matches("<tr>").count(), html.matches("<th scope=\"col\">").count()), (42, 15));
        assert!(html.contains(">61 others</th>") && html.contains(">19 others</th>"));
        assert!(html.contains("<td><b>6000</b></td>"), "{html}");
        let collection = collection(100, 1);
        assert_eq!(examples_of(&collection).len(), MOST_EXAMPLES);
        assert_eq!(examples_of(&collection)[3].samples.count(), 203);
    }
}
