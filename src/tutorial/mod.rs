//! The tutorial wired end to end: from a folder of recordings to a table of what was learned.
//!
//! 1. [`settings`]: every choice on the way, with defaults that are good on sound;
//! 2. [`hearing`]: recordings to log-mel frames to normalized windows;
//! 3. [`regions`]: a recording's features averaged over regions of time;
//! 4. [`score`]: right answers, counted;
//! 5. [`listener`]: the road itself: learn features without labels, then classes with them;
//! 6. [`watch`]: who is told how far the work is;
//! 7. [`bookmark`]: work that is interrupted and continued;
//! 8. [`report`]: the results as tables;
//! 9. [`gallery`]: the results as pictures;
//! 10. [`landscape`]: costs of two parameters, with known minima;
//! 11. [`race`]: minimizers on them, as a table and as a map;
//! 12. [`workloads`]: pieces of the work, to be timed.

pub mod bookmark;
pub mod gallery;
pub mod hearing;
pub mod landscape;
pub mod listener;
pub mod race;
pub mod regions;
pub mod report;
pub mod score;
pub mod settings;
pub mod watch;
pub mod workloads;
