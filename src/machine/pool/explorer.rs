//! A model checker for the pool: it explores every interleaving of the steps of a few threads.
//!
//! A system is a start state and the steps that its threads can take from each state. [`explore`] visits every
//! reachable state and checks three claims:
//!
//! 1. The system's own invariants hold in every state: no call outlives its caller, no task runs too often, and while a
//!    task has free places, enough idle helpers are awake to take them.
//! 2. The end can be reached from every state: no interleaving deadlocks, and fairly scheduled threads finish.
//! 3. The search terminates, so there are no other states.
//!
//! The pool's steps are the very methods of [`State`] that the pool runs. One step is one critical section. What a
//! thread does outside the lock changes no state, so it can be ordered before or after any step. Spurious wake-ups,
//! which only add a check, are left out. Spinning may end at any time, with either result, and a signal may wake any
//! sleeper. Deliberately broken rules show that the explorer detects errors; so does [`Flags`], a design that hangs if
//! a task is stored before its flag is raised.

use super::{Side, State};
use core::fmt::Debug;
use core::hash::Hash;
use std::collections::{HashMap, VecDeque};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

trait System {
    type State: Clone + Eq + Hash + Debug;
    fn start(&self) -> Self::State;
    /// Each step that a thread can take, by name, with the state after it.
    fn steps(&self, state: &Self::State) -> Vec<(String, Self::State)>;
    fn check(&self, state: &Self::State) -> Result<(), &'static str>;
    /// Whether all callers have returned from all calls.
    fn is_over(&self, state: &Self::State) -> bool;
}

/// A state that must not be, and the shortest way there.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    cause: &'static str,
    steps: Vec<String>,
}

/// The number of states, all of them sound, or the first that is not.
fn explore<S: System>(system: &S) -> Result<usize, Finding> {
    let mut states = vec![system.start()];
    let mut number: HashMap<S::State, usize> = HashMap::from([(states[0].clone(), 0)]);
    let mut reached_by: Vec<Option<(usize, String)>> = vec![None];
    let mut before: Vec<Vec<usize>> = vec![vec![]];
    let finding = |cause, mut at: usize, reached_by: &[Option<(usize, String)>]| {
        let mut steps = Vec::new();
        while let Some((from, step)) = &reached_by[at] {
            steps.insert(0, step.clone());
            at = *from;
        }
        Finding { cause, steps }
    };
    let mut at = 0;
    while at < states.len() {
        if let Err(cause) = system.check(&states[at]) {
            return Err(finding(cause, at, &reached_by));
        }
        for (step, state) in system.steps(&states[at]) {
            let next = *number.entry(state.clone()).or_insert(states.len());
            if next == states.len() {
                states.push(state);
                reached_by.push(Some((at, step)));
                before.push(vec![]);
            }
            before[next].push(at);
        }
        at += 1;
    }
    // Backward from every end.
    let mut can_end: Vec<bool> = states.iter().map(|state| system.is_over(state)).collect();
    let mut queue: VecDeque<usize> = (0..states.len()).filter(|&i| can_end[i]).collect();
    while let Some(i) = queue.pop_front() {
        for &from in &before[i] {
            if !core::mem::replace(&mut can_end[from], true) {
                queue.push_back(from);
            }
        }
    }
    match can_end.iter().position(|&can| !can) {
        Some(hangs) => Err(finding("it hangs", hangs, &reached_by)),
        None => Ok(states.len()),
    }
}

/// How the pool's rules are bent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rules {
    AsWritten,
    /// The threads of one side unlock after their check and sleep in a later step.
    SleepLater(Side),
    /// (TP.3) wakes nobody.
    NoSignalAtEnd,
    /// (TP.1) wakes nobody.
    NoSignalAtPost,
    /// (TP.4) is left out.
    NoClose,
    /// (TP.5) does not look at `running`.
    ReleaseAtOnce,
    /// (TP.2) does not count places.
    EndlessPlaces,
}

/// The pool with callers, the helpers that each of their calls requests, and helpers of which some may not start.
struct Pool {
    rules: Rules,
    calls: Vec<Vec<usize>>,
    helpers: usize,
}

/// Where a thread is between two stretches under the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    /// A helper that was not started.
    Absent,
    /// A caller between calls.
    Outside,
    /// A caller on threads of its own.
    Apart,
    /// A caller that is starting the helpers that are missing.
    Starting(usize),
    /// Inside a call of this number.
    Working(usize),
    Spinning,
    /// About to check again.
    Checking {
        has_spun: bool,
    },
    /// Has checked, and sleeps next (only by [`Rules::SleepLater`]).
    Drowsy,
    Asleep,
    Woken,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Threads {
    pool: State<usize, ()>,
    callers: Vec<At>,
    /// Calls that each caller has returned from.
    returned: Vec<usize>,
    helpers: Vec<At>,
    /// How many helpers have begun each call.
    begun: Vec<usize>,
}

impl Pool {
    /// The number of a caller's call among all calls.
    fn call(&self, caller: usize, which: usize) -> usize {
        self.calls[..caller].iter().map(Vec::len).sum::<usize>() + which
    }

    /// The critical section of `wait`: the thread continues, spins, or sleeps.
    fn wait(&self, state: &mut Threads, side: Side, thread: usize, has_spun: bool) {
        let next = match side {
            Side::Helper => self.begin(&mut state.pool).map(|call| {
                state.begun[call] += 1;
                At::Working(call)
            }),
            Side::Caller => self.release(&mut state.pool).then(|| {
                state.returned[thread] += 1;
                At::Outside
            }),
        };
        let at = next.unwrap_or_else(|| match (has_spun, self.rules) {
            (false, _) => At::Spinning,
            (true, Rules::SleepLater(drowsy)) if drowsy == side => At::Drowsy,
            (true, _) => {
                *state.pool.asleep(side) += 1;
                At::Asleep
            }
        });
        match side {
            Side::Helper => state.helpers[thread] = at,
            Side::Caller => state.callers[thread] = at,
        }
    }

    fn begin(&self, pool: &mut State<usize, ()>) -> Option<usize> {
        if self.rules == Rules::EndlessPlaces
            && let Some(task) = &mut pool.task
        {
            task.places = 1;
        }
        pool.begin()
    }

    fn release(&self, pool: &mut State<usize, ()>) -> bool {
        let running = pool.running;
        if self.rules == Rules::ReleaseAtOnce {
            pool.running = 0;
        }
        let is_released = pool.release().is_some();
        pool.running = running;
        is_released
    }

    /// A thread's next step, in each way that it can go.
    fn step(&self, state: &Threads, side: Side, thread: usize) -> Vec<(&'static str, Threads)> {
        let at = match side {
            Side::Helper => state.helpers[thread],
            Side::Caller => state.callers[thread],
        };
        let mut s = state.clone();
        let go = |to: At| {
            let mut s = state.clone();
            match side {
                Side::Helper => s.helpers[thread] = to,
                Side::Caller => s.callers[thread] = to,
            }
            s
        };
        match (at, side) {
            (At::Outside, _) => {
                let which = s.returned[thread];
                let Some(&places) = self.calls[thread].get(which) else { return vec![] };
                match s.pool.post(self.call(thread, which), places) {
                    None => vec![("finds the pool taken", go(At::Apart))],
                    Some(posted) => {
                        s.callers[thread] = At::Starting(posted.missing);
                        let wake = if self.rules == Rules::NoSignalAtPost { 0 } else { posted.wake };
                        notified(s, Side::Helper, wake).into_iter().map(|s| ("posts", s)).collect()
                    }
                }
            }
            (At::Apart, _) => {
                s.callers[thread] = At::Outside;
                s.returned[thread] += 1;
                vec![("is done on threads of its own", s)]
            }
            (At::Starting(0), _) => vec![("works", go(At::Working(self.call(thread, s.returned[thread]))))],
            (At::Starting(missing), _) => {
                let mut refused = go(At::Starting(0));
                refused.pool.helpers -= missing;
                let mut started = go(At::Starting(missing - 1));
                if let Some(absent) = started.helpers.iter_mut().find(|helper| **helper == At::Absent) {
                    *absent = At::Checking { has_spun: false };
                }
                vec![("gets no thread", refused), ("starts a helper", started)]
            }
            (At::Working(_), Side::Caller) => {
                if self.rules != Rules::NoClose {
                    s.pool.close();
                }
                self.wait(&mut s, side, thread, false);
                vec![("closes", s)]
            }
            (At::Working(_), Side::Helper) => {
                let is_last = s.pool.end(None);
                let asleep = if is_last && self.rules != Rules::NoSignalAtEnd { s.pool.callers_asleep } else { 0 };
                self.wait(&mut s, side, thread, false);
                notified(s, Side::Caller, asleep).into_iter().map(|s| ("ends", s)).collect()
            }
            (At::Spinning, _) => vec![
                ("sees a change", go(At::Checking { has_spun: false })),
                ("has spun long enough", go(At::Checking { has_spun: true })),
            ],
            (At::Checking { has_spun }, _) => {
                self.wait(&mut s, side, thread, has_spun);
                vec![("checks", s)]
            }
            (At::Drowsy, _) => {
                let mut asleep = go(At::Asleep);
                *asleep.pool.asleep(side) += 1;
                vec![("sleeps without a check", asleep)]
            }
            (At::Woken, _) => {
                *s.pool.asleep(side) -= 1;
                self.wait(&mut s, side, thread, false);
                vec![("wakes and checks", s)]
            }
            (At::Asleep | At::Absent, _) => vec![],
        }
    }
}

/// The states after `signals` signals to one side. Each wakes any one sleeper, and is lost if there is none.
fn notified(state: Threads, side: Side, signals: usize) -> Vec<Threads> {
    let mut states = vec![state];
    for _ in 0..signals {
        states = states.iter().flat_map(|state| notified_once(state, side)).collect();
    }
    states
}

fn notified_once(state: &Threads, side: Side) -> Vec<Threads> {
    let threads = |state: &mut Threads| match side {
        Side::Helper => core::mem::take(&mut state.helpers),
        Side::Caller => core::mem::take(&mut state.callers),
    };
    let all = threads(&mut state.clone());
    let sleepers: Vec<usize> = (0..all.len()).filter(|&i| all[i] == At::Asleep).collect();
    let woken = sleepers.iter().map(|&sleeper| {
        let (mut state, mut all) = (state.clone(), all.clone());
        all[sleeper] = At::Woken;
        match side {
            Side::Helper => state.helpers = all,
            Side::Caller => state.callers = all,
        }
        state
    });
    if sleepers.is_empty() { vec![state.clone()] } else { woken.collect() }
}

impl System for Pool {
    type State = Threads;

    fn start(&self) -> Threads {
        Threads {
            pool: State::new(),
            callers: vec![At::Outside; self.calls.len()],
            returned: vec![0; self.calls.len()],
            helpers: vec![At::Absent; self.helpers],
            begun: vec![0; self.calls.iter().map(Vec::len).sum()],
        }
    }

    fn steps(&self, state: &Threads) -> Vec<(String, Threads)> {
        let callers = (0..self.calls.len()).map(|i| (Side::Caller, i));
        let helpers = (0..self.helpers).map(|i| (Side::Helper, i));
        let mut steps = Vec::new();
        for (side, thread) in callers.chain(helpers) {
            let named = self.step(state, side, thread).into_iter();
            steps.extend(named.map(|(step, state)| (format!("{side:?} {thread} {step}"), state)));
        }
        steps
    }

    fn check(&self, state: &Threads) -> Result<(), &'static str> {
        for (caller, calls) in self.calls.iter().enumerate() {
            for (which, &places) in calls.iter().enumerate() {
                let call = self.call(caller, which);
                if which < state.returned[caller] && state.helpers.contains(&At::Working(call)) {
                    return Err("a call outlives its caller");
                }
                if state.begun[call] > places {
                    return Err("a task runs too often");
                }
            }
        }
        let count = |is: &dyn Fn(&At) -> bool| state.helpers.iter().filter(|at| is(at)).count();
        let idle = count(&|at| !matches!(at, At::Working(_) | At::Absent));
        let places = state.pool.task.as_ref().map_or(0, |task| task.places);
        if idle - count(&|at| *at == At::Asleep) < places.min(idle) {
            return Err("a helper sleeps although there is work");
        }
        Ok(())
    }

    fn is_over(&self, state: &Threads) -> bool {
        state.returned.iter().zip(&self.calls).all(|(&returned, calls)| returned == calls.len())
    }
}

/// A pool with a known defect: the caller has a lock, and each helper has a task under a lock, a flag that says whether
/// it is working, and a token by which it is unparked.
struct Flags {
    /// Whether the task is stored before the flag is raised (the defect) or after.
    is_task_first: bool,
    calls: usize,
}

/// One caller and one helper are enough for the defect.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Flagged {
    is_at_work: bool,
    has_task: bool,
    /// The helper's token and the caller's.
    may_helper_go: bool,
    may_caller_go: bool,
    caller: usize,
    helper: usize,
    returned: usize,
}

impl System for Flags {
    type State = Flagged;

    fn start(&self) -> Flagged {
        Flagged::default()
    }

    fn steps(&self, state: &Flagged) -> Vec<(String, Flagged)> {
        let mut steps = Vec::new();
        let mut add = |step: &str, change: &dyn Fn(&mut Flagged)| {
            let mut next = state.clone();
            change(&mut next);
            steps.push((step.to_string(), next));
        };
        match state.caller {
            0 if state.returned == self.calls => {}
            0 | 1 if (state.caller == 0) == self.is_task_first => add("Caller stores the task", &|s| {
                (s.has_task, s.caller) = (true, s.caller + 1);
            }),
            0 | 1 => add("Caller raises the flag", &|s| (s.is_at_work, s.caller) = (true, s.caller + 1)),
            2 => add("Caller unparks the helper", &|s| (s.may_helper_go, s.caller) = (true, 3)),
            3 => add("Caller takes back the task, if it is there", &|s| {
                s.is_at_work &= !core::mem::take(&mut s.has_task);
                s.caller = 4;
            }),
            4 if !state.is_at_work => add("Caller returns", &|s| (s.returned, s.caller) = (s.returned + 1, 0)),
            4 => add("Caller parks", &|s| s.caller = 5),
            _ if state.may_caller_go => add("Caller continues", &|s| (s.may_caller_go, s.caller) = (false, 4)),
            _ => {}
        }
        match state.helper {
            0 if state.is_at_work => add("Helper sees the flag", &|s| s.helper = 2),
            0 => add("Helper parks", &|s| s.helper = 1),
            1 if state.may_helper_go => add("Helper continues", &|s| (s.may_helper_go, s.helper) = (false, 0)),
            1 => {}
            2 if !state.has_task => add("Helper finds no task", &|s| s.helper = 0),
            2 => add("Helper takes the task", &|s| (s.has_task, s.helper) = (false, 3)),
            3 => add("Helper is done and lowers the flag", &|s| (s.is_at_work, s.helper) = (false, 4)),
            _ => add("Helper unparks the caller", &|s| (s.may_caller_go, s.helper) = (true, 0)),
        }
        steps
    }

    fn check(&self, state: &Flagged) -> Result<(), &'static str> {
        // A helper inside a call while the caller is between calls.
        if state.caller == 0 && state.helper == 3 { Err("a call outlives its caller") } else { Ok(()) }
    }

    fn is_over(&self, state: &Flagged) -> bool {
        state.returned == self.calls
    }
}

#[test]
fn storing_the_task_before_raising_the_flag_hangs_and_the_explorer_finds_it() {
    let finding = explore(&Flags { is_task_first: true, calls: 2 }).unwrap_err();
    assert_eq!(finding.cause, "it hangs", "{finding:#?}");
    let steps: Vec<&str> = finding.steps.iter().map(String::as_str).collect();
    // The helper still believes in the flag of the call before: it takes the new task and lowers the flag. Only then
    // does the caller raise it, and waits for a helper that has nothing to do.
    let second = steps.iter().rposition(|step| *step == "Caller stores the task").unwrap();
    assert_eq!(steps[second + 1..], ["Helper takes the task", "Helper is done and lowers the flag"]);
    // With the two lines exchanged, no order hangs.
    explore(&Flags { is_task_first: false, calls: 3 }).unwrap();
}

#[test]
fn in_every_order_calls_end_within_their_caller_and_nobody_hangs() {
    let mut all = 0;
    for (calls, helpers) in [
        (vec![vec![1, 1, 1]], 1),
        (vec![vec![2, 1, 2]], 2),
        (vec![vec![0, 1], vec![1]], 1),
        (vec![vec![1, 2], vec![2, 1]], 2),
        (vec![vec![2, 2], vec![2, 2]], 2),
    ] {
        let states = explore(&Pool { rules: Rules::AsWritten, calls: calls.clone(), helpers });
        all += states.unwrap_or_else(|finding| panic!("{calls:?}: {finding:#?}"));
    }
    std::println!("{all} states");
}

#[test]
fn every_bent_rule_is_found() {
    for (rules, cause) in [
        (Rules::SleepLater(Side::Caller), "it hangs"),
        (Rules::SleepLater(Side::Helper), "a helper sleeps although there is work"),
        (Rules::NoSignalAtEnd, "it hangs"),
        (Rules::NoSignalAtPost, "a helper sleeps although there is work"),
        (Rules::NoClose, "a call outlives its caller"),
        (Rules::ReleaseAtOnce, "a call outlives its caller"),
        (Rules::EndlessPlaces, "a task runs too often"),
    ] {
        let finding = explore(&Pool { rules, calls: vec![vec![1, 1]], helpers: 2 }).unwrap_err();
        assert_eq!(finding.cause, cause, "{rules:?}: {finding:#?}");
    }
}
