//! The pool at work: real threads.

use super::broadcast;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

#[test]
fn calls_that_have_begun_are_over_when_broadcast_returns() {
    for others in [0, 1, 3, 2, 0, 5] {
        for round in 0..200 {
            let (begun, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
            broadcast(others, &|| {
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
        // No call continues before all three have begun.
        broadcast(2, &|| {
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
                    broadcast(2, &|| {
                        broadcast(1, &|| {
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
            broadcast(1, &|| {
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

/// A billion calls on two workers whose items are trivial: the shortest calls, so that each step of one thread meets
/// each step of the other. A stalled pool ends the process with a message. `OSSICLE_CALLS` sets another number of
/// calls.
#[test]
#[ignore = "minutes: see tests/README.md"]
fn a_billion_calls_stall_nowhere() {
    let calls = std::env::var("OSSICLE_CALLS").map_or(1_000_000_000, |n| n.parse::<usize>().unwrap());
    static CALL: AtomicUsize = AtomicUsize::new(0);
    thread::spawn(|| {
        let mut last = usize::MAX;
        loop {
            thread::sleep(Duration::from_secs(30));
            let call = CALL.load(SeqCst);
            if call == last {
                std::eprintln!("the pool stalled at call {call}");
                std::process::exit(9);
            }
            last = call;
        }
    });
    let caller = thread::current().id();
    let by_helpers = AtomicUsize::new(0);
    let begun = std::time::Instant::now();
    for call in 0..calls {
        CALL.store(call, SeqCst);
        // One call in sixteen lasts until the helper has come; the others race with it.
        let (begun, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
        broadcast(1, &|| {
            begun.fetch_add(1, SeqCst);
            if thread::current().id() != caller {
                by_helpers.fetch_add(1, SeqCst);
            }
            let mut rounds = 0;
            while call % 16 == 0 && begun.load(SeqCst) < 2 && rounds < 10_000 {
                rounds += 1;
                core::hint::spin_loop();
            }
            over.fetch_add(1, SeqCst);
        });
        let (begun, over) = (begun.into_inner(), over.into_inner());
        assert!(begun == over && (1..=2).contains(&begun), "call {call}: {begun} begun, {over} over");
    }
    std::eprintln!("{calls} calls, {} by the helper, {:?}", by_helpers.into_inner(), begun.elapsed());
}
