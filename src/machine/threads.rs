//! Workers: their number, and the distribution of independent work among them.
//!
//! Items of work are independent results, and no sum is divided among workers. So results do not depend on the number
//! of workers. The threads are those of `pool`, which outlive a call. Callers run small work on one thread.

use core::sync::atomic::{AtomicUsize, Ordering};

/// The number of workers; 0 before the choice.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The number of workers: as set, else the number of processors that the system gives this process.
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

/// Sets the number of workers, at least one. Without `std` this has no effect, and there is one.
pub fn set_count(count: usize) {
    COUNT.store(count.max(1), Ordering::Relaxed);
}

/// Calls `job` once for each item. Each worker owns one of the `spaces`, its working memory, and takes item after item.
///
/// # Panics
/// If there is no space, or if a call of `job` panics.
pub fn for_each<I: Send, S: Send>(
    spaces: &mut [S],
    items: impl Iterator<Item = I> + Send,
    job: impl Fn(&mut S, I) + Sync,
) {
    assert!(!spaces.is_empty(), "work for no worker");
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
