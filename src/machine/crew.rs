//! Threads that stay: helpers that are woken for a piece of work and wait for the next one.
//!
//! To start a thread takes some fifty microseconds, as long as a small product. A helper that has just worked looks for
//! more work for about as long, in a loop, and then sleeps until it is woken. The helpers work for one caller at a
//! time; another who comes meanwhile, or a helper that wants help itself, starts threads of its own.

use core::sync::atomic::{AtomicBool, Ordering};
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, Thread};
use std::vec::Vec;

/// How often one looks before going to sleep; a look takes some tens of nanoseconds.
const LOOKS: usize = 1000;

type Work = &'static (dyn Fn() + Sync);
type Panic = Box<dyn core::any::Any + Send>;

struct Helper {
    at_work: AtomicBool,
    task: Mutex<Task>,
    thread: Thread,
}

/// What a helper is to do and who waits for it; then the panic, if it ended in one.
#[derive(Default)]
struct Task {
    work: Option<(Work, Thread)>,
    panic: Option<Panic>,
}

static CREW: Mutex<Vec<Arc<Helper>>> = Mutex::new(Vec::new());

/// Calls `work` here and, at the same time, on up to `others` other threads; returns when all calls that have begun are
/// over. When the one here is, no further one begins.
///
/// # Panics
/// If a call does.
pub fn all_together(others: usize, work: &(dyn Fn() + Sync)) {
    let mut crew = match CREW.try_lock() {
        Ok(crew) => crew,
        Err(TryLockError::Poisoned(crew)) => crew.into_inner(),
        Err(TryLockError::WouldBlock) => {
            thread::scope(|scope| {
                for _ in 0..others {
                    scope.spawn(work);
                }
                work();
            });
            return;
        }
    };
    while crew.len() < others {
        match Helper::hire() {
            Some(helper) => crew.push(helper),
            None => break, // then fewer share the work
        }
    }
    let called = Called(&crew[..others.min(crew.len())]);
    // SAFETY: `called` waits, also while a panic unwinds, until no helper is at work; none keeps its work longer than that. So the
    // reference is not used after this function.
    let lasting = unsafe { core::mem::transmute::<&(dyn Fn() + Sync), Work>(work) };
    for helper in called.0 {
        helper.start(lasting);
    }
    work();
    if let Some(panic) = called.wait() {
        resume_unwind(panic);
    }
}

/// Helpers that have been given work; dropped, it waits for them.
struct Called<'a>(&'a [Arc<Helper>]);

impl Called<'_> {
    /// Returns when none is at work, with the panic of one, if any.
    fn wait(&self) -> Option<Panic> {
        let mut panic = None;
        for helper in self.0 {
            if helper.task().work.take().is_some() {
                helper.at_work.store(false, Ordering::Release); // it has not begun
            }
            look(|| !helper.at_work.load(Ordering::Acquire));
            panic = panic.or(helper.task().panic.take());
        }
        panic
    }
}

impl Drop for Called<'_> {
    fn drop(&mut self) {
        self.wait();
    }
}

impl Helper {
    /// A new helper; none if the system gives no thread.
    fn hire() -> Option<Arc<Helper>> {
        let (tell, told) = std::sync::mpsc::channel::<Arc<Helper>>();
        let body = move || {
            if let Ok(helper) = told.recv() {
                helper.serve();
            }
        };
        let thread = thread::Builder::new().spawn(body).ok()?.thread().clone();
        let helper = Arc::new(Helper { at_work: AtomicBool::new(false), task: Mutex::default(), thread });
        tell.send(helper.clone()).ok()?;
        Some(helper)
    }

    fn task(&self) -> MutexGuard<'_, Task> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, work: Work) {
        self.task().work = Some((work, thread::current()));
        self.at_work.store(true, Ordering::Release);
        self.thread.unpark();
    }

    fn serve(&self) {
        loop {
            look(|| self.at_work.load(Ordering::Acquire));
            let Some((work, waiting)) = self.task().work.take() else { continue };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                self.task().panic = Some(panic);
            }
            self.at_work.store(false, Ordering::Release);
            waiting.unpark();
        }
    }
}

/// Returns when it is so; whoever makes it so must unpark this thread.
fn look(is_so: impl Fn() -> bool) {
    for _ in 0..LOOKS {
        if is_so() {
            return;
        }
        core::hint::spin_loop();
    }
    while !is_so() {
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::all_together;
    use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn what_has_begun_is_over_when_it_returns() {
        for others in [0, 1, 3, 2, 0, 5] {
            for round in 0..200 {
                let (begun, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
                all_together(others, &|| {
                    begun.fetch_add(1, SeqCst);
                    if round % 50 == 0 {
                        thread::sleep(Duration::from_millis(1));
                    }
                    over.fetch_add(1, SeqCst);
                });
                let (begun, over) = (begun.into_inner(), over.into_inner());
                assert!(begun == over && (1..=others + 1).contains(&begun), "{begun} begun, {over} over");
            }
        }
    }

    #[test]
    fn helpers_that_sleep_are_woken() {
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(5));
            let here = AtomicUsize::new(0);
            // Nobody goes on before all three are there.
            all_together(2, &|| {
                here.fetch_add(1, SeqCst);
                while here.load(SeqCst) < 3 {
                    thread::yield_now();
                }
            });
        }
    }

    #[test]
    fn helpers_may_have_helpers_and_callers_may_be_many() {
        let calls = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        all_together(2, &|| {
                            all_together(1, &|| {
                                calls.fetch_add(1, SeqCst);
                            })
                        });
                    }
                });
            }
        });
        assert!((4 * 20..=4 * 20 * 6).contains(&calls.into_inner()));
    }

    #[test]
    fn a_panic_comes_through_and_the_helpers_stay_of_use() {
        let caller = thread::current().id();
        for of_helper in [true, false] {
            let here = AtomicUsize::new(0);
            let result = std::panic::catch_unwind(|| {
                all_together(1, &|| {
                    here.fetch_add(1, SeqCst);
                    while here.load(SeqCst) < 2 {
                        thread::yield_now();
                    }
                    assert!((thread::current().id() == caller) == of_helper, "on purpose");
                });
            });
            assert_eq!(*result.unwrap_err().downcast::<&str>().unwrap(), "on purpose");
        }
        helpers_that_sleep_are_woken();
    }
}
