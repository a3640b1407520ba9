//! The thread pool: helper threads that run a caller's closure beside it and then wait for the next one.
//!
//! **Why.** Starting a thread takes some fifty microseconds, as long as a small matrix product. Here, a helper that has
//! just finished spins for about as long and then sleeps. The helpers work for one caller at a time. A second caller, or a
//! helper that wants help itself, starts threads of its own.
//!
//! **The idea.** All that the pool knows is one [`State`] under one lock. A thread makes each of its decisions while it
//! holds the lock, by one method of the state, and waits on a condition variable of that lock:
//!
//! | step | thread | under the lock |
//! | --- | --- | --- |
//! | (TP.1) `post` | caller | if no other caller has the pool: take it, store the task, wake sleeping helpers |
//! | (TP.2) `begin` | helper | if the task has a free place: occupy it, `running` + 1, run the task; else wait |
//! | (TP.3) `end` | helper | `running` - 1; if that gives 0, wake the caller |
//! | (TP.4) `close` | caller, its own call done | remove the task, so that `begin` finds none |
//! | (TP.5) `release` | caller | if `running` is 0: give the pool back and return; else wait |
//!
//! **Why it is right.** *No call outlives its caller.* After (TP.4) no call begins, and each call that has begun counts in
//! `running` until (TP.3); the caller returns at `running` = 0. *No task runs too often.* Each `begin` occupies a
//! place, and there are as many places as calls asked for. *No wake-up is lost.* A thread checks its condition and goes to sleep
//! without giving up the lock in between, and whoever makes the condition true holds that lock and then signals. A
//! thread that is not asleep needs no signal: it will check again.
//!
//! Spinning is outside this argument. It is a delay between two checks that a counter ends early: whatever the counter
//! says, the next decision is made under the lock. The tests run these methods in every order that two callers
//! and two helpers can reach (`explorer`).

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

/// What the pool knows. `W` is the work, `P` the payload of a panic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State<W, P> {
    /// Whether a caller has the pool.
    is_taken: bool,
    /// What that caller wants done; none before `post` and after `close`.
    task: Option<Task<W>>,
    /// Helpers inside a call of the work.
    running: usize,
    /// The first panic of a call.
    panic: Option<P>,
    /// Helpers that exist or are about to.
    helpers: usize,
    /// Helpers that sleep, or have been woken and do not have the lock yet.
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

/// What a caller has to do after `post`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Posted {
    /// Sleeping helpers to wake.
    wake: usize,
    /// Helpers to start.
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
            // The payload of a further panic is never dropped: its destructor might panic in turn.
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

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    Helper,
    Caller,
}

/// What one side waits for.
struct Signal {
    /// Changes of the state that this side waits for; only spinning reads it.
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

    /// Spins until the changes are not those `seen` before; false if they are after [`SPINS`] rounds.
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

/// Calls `work` here and, at the same time, on up to `others` other threads; returns when all calls are over. Fewer
/// threads call it where the system gives no more, or where `work` is over here before they begin.
///
/// # Panics
/// If a call does.
pub fn broadcast(others: usize, work: &(dyn Fn() + Sync)) {
    // SAFETY: the longer lifetime is used by the pool alone, and `posted` keeps this function from returning or unwinding
    // until the pool has given up the reference: `close` has removed it, and no call of it is running.
    let lasting = unsafe { core::mem::transmute::<&(dyn Fn() + Sync), Work>(work) };
    let Some(posted) = POOL.post(lasting, others) else {
        thread::scope(|scope| {
            // Without a thread to spare, this one does more of the work.
            let spawned = (0..others).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
            spawned.for_each(drop);
            work();
        });
        return;
    };
    work();
    if let Some(panic) = posted.finish() {
        resume_unwind(panic);
    }
}

/// A task in the pool. Dropped, it waits until no helper runs it.
struct PostedTask<'a>(&'a Pool);

impl PostedTask<'_> {
    fn finish(self) -> Option<Panic> {
        let panic = self.0.finish();
        core::mem::forget(self);
        panic
    }
}

impl Drop for PostedTask<'_> {
    fn drop(&mut self) {
        // The caller's own panic goes on; a helper's is forgotten, since its destructor might panic.
        core::mem::forget(self.0.finish());
    }
}

impl Pool {
    fn lock(&self) -> Guard<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the helpers work, and starts those that are missing; none if another caller has the pool.
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
            let (unlocked, work) = self.wait(state, Side::Helper, |state| state.begin()); // (TP.2)
            drop(unlocked);
            let panic = catch_unwind(AssertUnwindSafe(work)).err();
            state = self.lock();
            if state.end(panic) {
                self.for_caller.send(state.callers_asleep); // (TP.3)
            }
        }
    }

    /// Returns what `check` gives, once it gives something. The lock is held whenever `check` is called, and from there until
    /// the thread sleeps or returns.
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
