//! Workers: how many, and how they share out work.
//!
//! Only independent results are shared out, never the order of a sum, so results do not depend on the number of workers.
//! The threads stay (`pool`); small work stays on one.

use core::sync::atomic::{AtomicUsize, Ordering};

/// The number of workers; 0 is undecided.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// How many workers there are: as set, else as many as the machine has processors for us.
pub fn count() -> usize {
    #[cfg(feature = "std")]
    match COUNT.load(Ordering::Relaxed) {
        0 => {
            let count = std::thread::available_parallelism().map_or(1, |n| n.get());
            COUNT.store(count, Ordering::Relaxed);
            count
        }
        count => count,
    }
    #[cfg(not(feature = "std"))]
    1
}

/// Sets the number of workers, at least one. Without `std` there is one whatever is set.
pub fn set_count(count: usize) {
    COUNT.store(count.max(1), Ordering::Relaxed);
}

/// Hands each item to `job` once; there are as many workers as `spaces`, and each owns one.
///
/// # Panics
/// If there is no space, or if a job panics.
pub fn for_each<I: Send, S: Send>(
    spaces: &mut [S],
    items: impl Iterator<Item = I> + Send,
    job: impl Fn(&mut S, I) + Sync,
) {
    assert!(!spaces.is_empty(), "no worker to share the work among");
    let (first, others) = spaces.split_at_mut(1);
    #[cfg(feature = "std")]
    if !others.is_empty() {
        let items = std::sync::Mutex::new(items);
        let next = || items.lock().map_or(None, |mut items| items.next());
        let helpers = others.len();
        let spaces = std::sync::Mutex::new(core::iter::once(&mut first[0]).chain(others));
        super::pool::broadcast(helpers, &|| {
            let Some(space) = spaces.lock().map_or(None, |mut spaces| spaces.next()) else { return };
            while let Some(item) = next() {
                job(space, item);
            }
        });
        return;
    }
    #[cfg(not(feature = "std"))]
    let _ = others;
    for item in items {
        job(&mut first[0], item);
    }
}

#[cfg(test)]
mod tests {
    use super::for_each;
    use alloc::vec;

    #[test]
    fn each_item_is_handed_out_once() {
        for workers in 1..4 {
            let mut squares = vec![0; 100];
            for_each(&mut vec![(); workers], squares.iter_mut().enumerate(), |(), (i, square)| *square += i * i);
            assert!(squares.iter().enumerate().all(|(i, &square)| square == i * i));
        }
    }
}
