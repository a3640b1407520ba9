//! The tutorial wired end to end: from a folder of recordings to a table of what was learned.
//!
//! 1. [`settings`]: every choice on the way, with defaults that are good on sound;
//! 2. [`hearing`]: recordings to log-mel frames to normalized windows;
//! 3. [`regions`]: a recording's features averaged over regions of time;
//! 4. [`score`]: right answers, counted;
//! 5. [`watch`]: who is told how far the work is;
//! 6. [`training`]: what is trained, watched;
//! 7. [`judge`]: what a classifier makes of recordings not heard before;
//! 8. [`listener`]: the road itself: learn features without labels, then classes with them;
//! 9. [`exercise`]: the tutorial's exercises, one by one;
//! 10. [`mnist`]: UFLDL's exercises on images;
//! 11. [`report`]: the results as tables;
//! 12. [`gallery`]: the results as pictures;
//! 13. [`workloads`]: pieces of the work, to be timed.

pub mod exercise;
pub mod gallery;
pub mod hearing;
pub mod judge;
pub mod listener;
pub mod mnist;
pub mod regions;
pub mod report;
pub mod score;
pub mod settings;
pub mod training;
pub mod watch;
pub mod workloads;
