//! The tutorial wired end to end: from a folder of recordings to a table of what was learned.
//!
//! 1. [`settings`]: every choice on the way, with defaults that are good on sound;
//! 2. [`hearing`]: recordings to log-mel frames to normalized windows;
//! 3. [`regions`]: a recording's features averaged over regions of time;
//! 4. [`score`]: right answers, counted;
//! 5. [`watch`]: who is told how far the work is;
//! 6. [`bookmark`]: work that is interrupted and continued;
//! 7. [`training`]: what is trained, watched;
//! 8. [`judge`]: what a classifier makes of recordings not heard before;
//! 9. [`listener`]: the road itself: learn features without labels, then classes with them;
//! 10. [`keep`]: what was learned, for a predictor;
//! 11. [`exercise`]: the tutorial's exercises, one by one;
//! 12. [`mnist`]: UFLDL's exercises on images;
//! 13. [`report`]: the results as tables;
//! 14. [`gallery`]: the results as pictures;
//! 15. [`landscape`]: costs of two parameters, with known minima;
//! 16. [`race`]: minimizers on them, as a table and as a map;
//! 17. [`workloads`]: pieces of the work, to be timed.

pub mod bookmark;
pub mod exercise;
pub mod gallery;
pub mod hearing;
pub mod judge;
pub mod keep;
pub mod landscape;
pub mod listener;
pub mod mnist;
pub mod race;
pub mod regions;
pub mod report;
pub mod score;
pub mod settings;
pub mod training;
pub mod watch;
pub mod workloads;
