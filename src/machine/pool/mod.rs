//! The thread pool: helper threads that run a closure together with its caller and then wait for the next closure.
//!
//! **The problem.** Starting a thread takes some fifty microseconds, as long as a small matrix product. If every
//! product started its threads, a second processor would gain nothing on small ones.
//!
//! **The idea.** Helper threads are started once and never end. A helper that has run a caller's closure spins for
//! about fifty microseconds, since the next closure often comes within that time; then it sleeps. Helpers serve one
//! caller at a time. A second caller that comes meanwhile starts threads of its own, and so does a closure that wants
//! help itself. Everything that the pool knows is one [`State`] under one lock, and every decision is a method of the
//! state:
//!
//! | step | by | the method | then |
//! | --- | --- | --- | --- |
//! | (TP.1) | caller | `post`: if no caller has the pool, takes it, stores the task | wakes helpers, runs it too |
//! | (TP.2) | helper | `begin`: if a task has a free place, occupies it; `running` + 1 | runs the task, or waits |
//! | (TP.3) | helper | `end`: `running` - 1 | at 0, wakes the caller |
//! | (TP.4) | caller, its own call over | `close`: removes the task | |
//! | (TP.5) | caller | `release`: if `running` is 0, gives the pool back | returns, or waits |
//!
//! **Why it is right.** *No helper runs a task after its caller has returned.* A helper takes the task and counts
//! itself in `running` in one step under the lock. After (TP.4) no helper can take it; the caller returns only once
//! `running` is 0.
//!
//! *No task runs too often.* It has one place for each helper that the caller requested, and each `begin` occupies one.
//!
//! *No wake-up is lost.* To wait on a condition variable means to release the lock and to fall asleep in one step. A
//! thread that is about to sleep holds the lock from its last check to that step, and whoever changes the condition
//! must hold the lock too. So the change comes before the check, which sees it, or after the thread is asleep, and then
//! the signal that follows the change wakes it. A thread that is not asleep needs no signal, because it checks before
//! it sleeps.
//!
//! Spinning is outside this argument. It is a delay without the lock, between one check and the next. A counter can end
//! the delay early, but it decides nothing: if it always read 0, the pool would be slower and still right. The tests
//! run the methods of the state in every order in which two callers and two helpers can call them (`explorer`).

use core::sync::atomic::{AtomicUsize, Ordering};
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

#[cfg(test)]
mod explorer;
#[cfg(test)]
mod tests;

/// Rounds of spinning before a thread sleeps; a round takes some tens of nanoseconds.
const SPINS: usize = 1000;

type Work = &'static (dyn Fn() + Sync);
type Panic = Box<dyn core::any::Any + Send>;

/// The pool's state. `W` is the type of the work, `P` that of a panic's payload.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State<W, P> {
    /// Whether a caller has the pool.
    is_taken: bool,
    /// That caller's task; none before `post` and after `close`.
    task: Option<Task<W>>,
    /// Helpers inside a call of the work.
    running: usize,
    /// The first panic of a call.
    panic: Option<P>,
    /// Helpers that have been started, or are about to be. They never end.
    helpers: usize,
    /// Helpers that sleep, or have been woken and do not have the lock yet. A signal can wake at most this number; a
    /// further signal wakes nobody.
    helpers_asleep: usize,
    /// The same for the caller: 0 or 1.
    callers_asleep: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Task<W> {
    work: W,
    /// How many more helpers may begin it.
    places: usize,
}

/// The caller's duties after `post`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Posted {
    /// Sleeping helpers to wake.
    wake: usize,
    /// Helpers to start: places beyond those that exist.
    missing: usize,
}

impl<W: Copy, P> State<W, P> {
    const fn new() -> Self {
        State { is_taken: false, task: None, running: 0, panic: None, helpers: 0, helpers_asleep: 0, callers_asleep: 0 }
    }

    /// (TP.1) None if another caller has the pool.
    fn post(&mut self, work: W, places: usize) -> Option<Posted> {
        if self.is_taken {
            return None;
        }
        self.is_taken = true;
        self.task = Some(Task { work, places });
        let missing = places.saturating_sub(self.helpers);
        self.helpers += missing;
        Some(Posted { wake: places.min(self.helpers_asleep), missing })
    }

    /// (TP.2) The work, if there is a place.
    fn begin(&mut self) -> Option<W> {
        let task = self.task.as_mut()?;
        task.places = task.places.checked_sub(1)?;
        self.running += 1;
        Some(task.work)
    }

    /// (TP.3) Whether that was the last call.
    fn end(&mut self, panic: Option<P>) -> bool {
        self.running -= 1;
        match &self.panic {
            None => self.panic = panic,
            // The payload of a further panic is leaked: its destructor might panic as well.
            Some(_) => core::mem::forget(panic),
        }
        self.running == 0
    }

    /// (TP.4)
    fn close(&mut self) {
        self.task = None;
    }

    /// (TP.5) None as long as calls run; then the panic of one of them, if any.
    fn release(&mut self) -> Option<Option<P>> {
        if self.running > 0 {
            return None;
        }
        self.is_taken = false;
        Some(self.panic.take())
    }

    fn asleep(&mut self, side: Side) -> &mut usize {
        match side {
            Side::Helper => &mut self.helpers_asleep,
            Side::Caller => &mut self.callers_asleep,
        }
    }
}

/// The two sides that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    Helper,
    Caller,
}

/// Wakes the threads of one side, spinning or asleep.
struct Signal {
    /// How often this signal was sent. Only spinning threads read it.
    changes: AtomicUsize,
    condvar: Condvar,
}

impl Signal {
    const fn new() -> Self {
        Signal { changes: AtomicUsize::new(0), condvar: Condvar::new() }
    }

    fn send(&self, asleep: usize) {
        self.changes.fetch_add(1, Ordering::Relaxed);
        for _ in 0..asleep {
            self.condvar.notify_one();
        }
    }

    /// Spins until the counter differs from `seen`. False if it still does not after [`SPINS`] rounds.
    fn spin(&self, seen: usize) -> bool {
        for _ in 0..SPINS {
            if self.changes.load(Ordering::Relaxed) != seen {
                return true;
            }
            core::hint::spin_loop();
        }
        false
    }
}

type Guard<'a> = MutexGuard<'a, State<Work, Panic>>;

struct Pool {
    state: Mutex<State<Work, Panic>>,
    for_helpers: Signal,
    for_caller: Signal,
}

static POOL: Pool = Pool { state: Mutex::new(State::new()), for_helpers: Signal::new(), for_caller: Signal::new() };

/// Calls `work` in this thread and, at the same time, in up to `others` helper threads. Returns when all calls are
/// over. Fewer helpers call it if the system refuses threads, or if this thread's call ends before they begin. So the
/// calls of `work` must take their items from a common queue until it is empty.
///
/// # Panics
/// If one of the calls panics.
pub fn broadcast(others: usize, work: &(dyn Fn() + Sync)) {
    // SAFETY: the pool alone sees the reference as 'static. Finished or dropped, `posted` keeps this function from
    // returning, or a panic from leaving it, until `close` has removed the reference from the pool and no helper runs
    // it.
    let lasting = unsafe { core::mem::transmute::<&(dyn Fn() + Sync), Work>(work) };
    let Some(posted) = POOL.post(lasting, others) else {
        thread::scope(|scope| {
            // The pool serves another caller. The scope waits for these threads.
            for _ in 0..others {
                if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        return;
    };
    work();
    if let Some(panic) = posted.finish() {
        resume_unwind(panic);
    }
}

/// A task in the pool. If it is dropped, as a panic of the caller's own call does, it closes the task and waits until
/// no helper runs it.
struct PostedTask<'a>(&'a Pool);

impl PostedTask<'_> {
    fn finish(self) -> Option<Panic> {
        let panic = self.0.finish();
        core::mem::forget(self); // or `drop` would finish it again
        panic
    }
}

impl Drop for PostedTask<'_> {
    fn drop(&mut self) {
        // The caller's own panic continues. A helper's is leaked, because its destructor might panic.
        core::mem::forget(self.0.finish());
    }
}

impl Pool {
    fn lock(&self) -> Guard<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts a task and starts missing helpers. Returns `None` if another caller has the pool.
    fn post(&'static self, work: Work, others: usize) -> Option<PostedTask<'static>> {
        let mut state = self.lock();
        let Posted { wake, missing } = state.post(work, others)?; // (TP.1)
        self.for_helpers.send(wake);
        drop(state);
        let posted = PostedTask(self);
        for started in 0..missing {
            if thread::Builder::new().spawn(|| self.serve()).is_err() {
                self.lock().helpers -= missing - started;
                break;
            }
        }
        Some(posted)
    }

    fn finish(&self) -> Option<Panic> {
        let mut state = self.lock();
        state.close(); // (TP.4)
        self.wait(state, Side::Caller, |state| state.release()).1 // (TP.5)
    }

    fn serve(&self) {
        let mut state = self.lock();
        loop {
            let (locked, work) = self.wait(state, Side::Helper, |state| state.begin()); // (TP.2)
            drop(locked);
            let panic = catch_unwind(AssertUnwindSafe(work)).err();
            state = self.lock();
            if state.end(panic) {
                self.for_caller.send(state.callers_asleep); // (TP.3)
            }
        }
    }

    /// Calls `check`, with the lock held, until it returns something, and returns that. Between two checks the thread
    /// spins without the lock or sleeps. From the last check before it sleeps or returns, it holds the lock.
    fn wait<'a, R>(
        &'a self,
        mut state: Guard<'a>,
        side: Side,
        mut check: impl FnMut(&mut State<Work, Panic>) -> Option<R>,
    ) -> (Guard<'a>, R) {
        let signal = match side {
            Side::Helper => &self.for_helpers,
            Side::Caller => &self.for_caller,
        };
        let mut has_spun = false;
        loop {
            if let Some(result) = check(&mut state) {
                return (state, result);
            }
            if has_spun {
                *state.asleep(side) += 1;
                state = signal.condvar.wait(state).unwrap_or_else(PoisonError::into_inner);
                *state.asleep(side) -= 1;
                has_spun = false;
            } else {
                let seen = signal.changes.load(Ordering::Relaxed);
                drop(state);
                has_spun = !signal.spin(seen);
                state = self.lock();
            }
        }
    }
}
