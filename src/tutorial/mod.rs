//! The tutorial wired end to end: from a folder of recordings to a table of what was learned.
//!
//! 1. [`settings`]: every choice on the way, with defaults that are good on sound;
//! 2. [`hearing`]: recordings to log-mel frames to normalized windows;
//! 3. [`regions`]: a recording's features averaged over regions of time;
//! 4. [`score`]: right answers, counted;
//! 5. [`listener`]: the road itself: learn features without labels, then classes with them;
//! 6. [`keep`]: what was learned, for a predictor;
//! 7. [`watch`]: who is told how far the work is;
//! 8. [`bookmark`]: work that is interrupted and continued;
//! 9. [`report`]: the results as tables;
//! 10. [`gallery`]: the results as pictures;
//! 11. [`landscape`]: costs of two parameters, with known minima;
//! 12. [`race`]: minimizers on them, as a table and as a map;
//! 13. [`workloads`]: pieces of the work, to be timed.

pub mod bookmark;
pub mod gallery;
pub mod hearing;
pub mod keep;
pub mod landscape;
pub mod listener;
pub mod race;
pub mod regions;
pub mod report;
pub mod score;
pub mod settings;
pub mod watch;
pub mod workloads;
