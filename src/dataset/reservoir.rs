//! Reservoir sampling: a random choice of k items of a stream, in memory for k items.
//!
//! **Why.** A hundred hours of sound have thirty-six million windows, and an autoencoder learns from twenty thousand of
//! them. Shuffling the list of all windows needs memory for all. And if several threads draw from one random generator,
//! the choice depends on which thread comes first.
//!
//! **Idea.** Each item draws a ticket, a random number that depends on the seed and on the item alone. The k smallest
//! tickets win. To know them at the end, it is enough to hold the k smallest so far.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | i = (r, w) | an item: window w of recording r |
//! | u_i | its ticket, uniform among 64-bit numbers; of equal tickets, the smaller item's counts as smaller |
//! | A, B | sets of items |
//! | S_k(A) | the sample: the k items of A with the smallest tickets, or A if it has no more than k |
//!
//! ```text
//! (RV.1)  u_i = hash(seed, r, w)
//! (RV.2)  S_k(A) = { i ∈ A : fewer than k items of A have a smaller ticket than i }
//! (RV.3)  S_k(A ∪ B) = S_k(S_k(A) ∪ S_k(B))
//! ```
//!
//! **Each item is equally likely.** The tickets of n items are independent and equally distributed, so each of the n!
//! orders of the tickets is as likely as any other. A set of k items wins in the k!·(n - k)! orders that begin with it:
//! each set with the probability k!·(n - k)!/n! = 1/C(n, k). An item belongs to C(n - 1, k - 1) of the sets, so it wins
//! with the probability C(n - 1, k - 1)/C(n, k) = k/n.
//!
//! **Neither order nor threads matter.** (RV.2) speaks of a set: no order of the items occurs in it. (RV.3) holds
//! because an item that loses within A, to k smaller tickets of A, loses within A ∪ B to the same ones. So an item that
//! has lost can be forgotten, one stream can be read in any order, and each thread can sample its own part.
//!
//! **By hand**, k = 2, tickets 70, 20, 90, 10, 50 in this order: after two items {70, 20}; 90 is larger than 70 and
//! loses; 10 displaces 70; 50 is larger than 20 and loses: {20, 10}. In two parts, {70, 20} and {90, 10, 50}: the
//! second keeps {10, 50}, and the two smallest of {70, 20, 10, 50} are again {20, 10}.
//!
//! **Cost.** Item n displaces another one with the probability k/n, so that of N items about k·(1 + ln(N/k)) enter the
//! heap of the k smallest tickets; all others cost one comparison.
//!
//! Sources: J. Vitter, "Random sampling with a reservoir", 1985; E. Cohen and H. Kaplan, "Summarizing data using
//! bottom-k sketches", 2007 (the k smallest tickets).

use crate::number::Random;
use alloc::collections::BinaryHeap;
use alloc::vec::Vec;

/// An item: the index of a recording, and that of a window in it.
pub type Item = (usize, usize);

/// The random choice so far.
#[derive(Clone, Debug)]
pub struct Reservoir {
    seed: u64,
    most: usize,
    /// The smallest tickets with their items; the largest of them is on top.
    kept: BinaryHeap<(u64, Item)>,
}

impl Reservoir {
    /// An empty choice of at most `most` items.
    pub fn new(seed: u64, most: usize) -> Self {
        Reservoir { seed, most, kept: BinaryHeap::new() }
    }

    /// Offers an item, which must not have been offered before.
    pub fn offer(&mut self, item: Item) {
        self.insert((ticket(self.seed, item), item));
    }

    fn insert(&mut self, entry: (u64, Item)) {
        if self.kept.len() < self.most {
            self.kept.push(entry);
        } else if let Some(mut largest) = self.kept.peek_mut()
            && entry < *largest
        {
            *largest = entry; // (RV.2)
        }
    }

    /// Adds the items of another choice with the same seed and size, made of other items.
    pub fn merge(&mut self, other: Self) {
        other.kept.into_iter().for_each(|entry| self.insert(entry)); // (RV.3)
    }

    /// The chosen items, in ascending order.
    pub fn chosen(self) -> Vec<Item> {
        let mut items: Vec<Item> = self.kept.into_iter().map(|(_, item)| item).collect();
        items.sort_unstable();
        items
    }
}

fn ticket(seed: u64, (recording, window): Item) -> u64 {
    Random::stream(seed, &[recording as u64, window as u64]).next_u64() // (RV.1)
}

/// The choice by sorting all tickets.
pub fn by_definition(seed: u64, most: usize, items: &[Item]) -> Vec<Item> {
    let mut tickets: Vec<(u64, Item)> = Vec::new();
    for &item in items {
        tickets.push((ticket(seed, item), item)); // (RV.1)
    }
    tickets.sort_unstable();
    tickets.truncate(most); // (RV.2)
    let mut chosen: Vec<Item> = tickets.into_iter().map(|(_, item)| item).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<Item> {
        (0..40).flat_map(|r| (0..1 + r % 7).map(move |w| (r, w))).collect()
    }

    fn sampled(seed: u64, most: usize, items: &[Item]) -> Reservoir {
        let mut reservoir = Reservoir::new(seed, most);
        items.iter().for_each(|&item| reservoir.offer(item));
        reservoir
    }

    #[test]
    fn the_choice_is_that_of_the_definition_in_any_order_and_in_any_parts() {
        let mut items = items();
        let mut random = Random::new(1);
        for most in [0, 1, 2, 30, items.len(), items.len() + 1] {
            let expected = by_definition(7, most, &items);
            assert_eq!(expected.len(), most.min(items.len()));
            for part in [1, 3, 50, items.len()] {
                random.shuffle(&mut items);
                assert_eq!(sampled(7, most, &items).chosen(), expected);
                let mut whole = Reservoir::new(7, most);
                items.chunks(part).for_each(|part| whole.merge(sampled(7, most, part)));
                assert_eq!(whole.chosen(), expected, "{most} of parts of {part}");
            }
        }
    }

    #[test]
    fn each_item_is_chosen_as_often_as_any_other() {
        let (items, most, rounds) = (items(), 30, 4000);
        let mut counts = alloc::collections::BTreeMap::new();
        for seed in 0..rounds {
            for item in sampled(seed, most, &items).chosen() {
                *counts.entry(item).or_insert(0) += 1;
            }
        }
        let p = most as f64 / items.len() as f64;
        let (mean, variance) = (p * rounds as f64, p * (1.0 - p) * rounds as f64);
        assert_eq!(counts.len(), items.len());
        // Of some 150 items, one beyond five standard deviations has a probability of 10⁻⁴.
        for (item, &count) in &counts {
            let distance = f64::from(count) - mean;
            assert!(distance * distance < 25.0 * variance, "{item:?}: {count}, not {mean}");
        }
    }
}
