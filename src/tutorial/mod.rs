//! The tutorial wired end to end: from a folder of recordings to a table of what was learned.
//!
//! 1. [`settings`]: every choice on the way, with defaults that are good on sound;
//! 2. [`front`]: from samples to frames, by each of the transforms;
//! 3. [`hearing`]: recordings to frames to normalized windows;
//! 4. [`regions`]: a recording's features averaged over regions of time;
//! 5. [`score`]: right answers, counted;
//! 6. [`watch`]: who is told how far the work is;
//! 7. [`bookmark`]: work that is interrupted and continued;
//! 8. [`training`]: what is trained, watched;
//! 9. [`judge`]: what a classifier makes of recordings not heard before;
//! 10. [`convolved`]: features of small patches, at every place of a recording;
//! 11. [`convolutional`]: the convolutional network that hears whole recordings;
//! 12. [`listener`]: the road itself: learn features without labels, then classes with them;
//! 13. [`keep`]: what was learned, for a predictor;
//! 14. [`exercise`]: the tutorial's exercises, one by one;
//! 15. [`mnist`]: UFLDL's exercises on images;
//! 16. [`digits`]: a convolutional network on them;
//! 17. [`tuned`]: a stacked network on them, by all means of the lectures;
//! 18. [`report`]: the results as tables;
//! 19. [`gallery`]: the results as pictures;
//! 20. [`sheet`]: recordings as pictures;
//! 21. [`landscape`]: costs of two parameters, with known minima;
//! 22. [`race`]: minimizers on them, as a table and as a map;
//! 23. [`workloads`]: pieces of the work, to be timed.

pub mod bookmark;
pub mod convolutional;
pub mod convolved;
pub mod digits;
pub mod exercise;
pub mod front;
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
pub mod sheet;
pub mod training;
pub mod tuned;
pub mod watch;
pub mod workloads;
