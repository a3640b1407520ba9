//! The tutorial wired end to end: from a folder of recordings to a table of what was learned.
//!
//! 1. [`settings`]: every choice on the way, with defaults that are good on sound;
//! 2. [`front_end`]: from samples to frames, by each of the transforms;
//! 3. [`preprocessing`]: recordings to frames to normalized windows;
//! 4. [`time_pooling`]: a recording's features averaged over regions of time;
//! 5. [`metrics`]: right answers, counted;
//! 6. [`progress`]: who is told how far the work is;
//! 7. [`run_checkpoint`]: work that is interrupted and continued;
//! 8. [`training`]: what is trained, watched;
//! 9. [`evaluation`]: what a classifier makes of recordings not heard before;
//! 10. [`convolved_features`]: features of small patches, at every place of a recording;
//! 11. [`sound_network`]: the convolutional network that hears whole recordings;
//! 12. [`pipeline`]: the road itself: learn features without labels, then classes with them;
//! 13. [`save`]: what was learned, for a predictor;
//! 14. [`exercise`]: the tutorial's exercises, one by one;
//! 15. [`mnist`]: UFLDL's exercises on images;
//! 16. [`image_network`]: a convolutional network on them;
//! 17. [`stacked_denoising`]: a stacked network on them, by all means of the lectures;
//! 18. [`report`]: the results as tables;
//! 19. [`figures`]: the results as pictures;
//! 20. [`panels`]: recordings as pictures;
//! 21. [`test_functions`]: costs of two parameters, with known minima;
//! 22. [`optimizer_comparison`]: minimizers on them, as a table and as a map;
//! 23. [`workloads`]: benchmarks of the expensive steps.

pub mod convolved_features;
pub mod evaluation;
pub mod exercise;
pub mod figures;
pub mod front_end;
pub mod image_network;
pub mod metrics;
pub mod mnist;
pub mod optimizer_comparison;
pub mod panels;
pub mod pipeline;
pub mod preprocessing;
pub mod progress;
pub mod report;
pub mod run_checkpoint;
pub mod save;
pub mod settings;
pub mod sound_network;
pub mod stacked_denoising;
pub mod test_functions;
pub mod time_pooling;
pub mod training;
pub mod workloads;
