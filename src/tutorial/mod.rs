//! The tutorial end to end: from a folder of recordings to a table of accuracies, and the exercises.
//!
//! The pipeline:
//!
//! 1. [`settings`]: its settings, with defaults for sound;
//! 2. [`methods`]: the methods that it compares;
//! 3. [`front_end`]: from samples to frames, by each of the transforms;
//! 4. [`preprocessing`]: from recordings to frames to normalized windows;
//! 5. [`time_pooling`]: a recording's features averaged over regions of time;
//! 6. [`examples`]: labeled examples;
//! 7. [`progress`]: observers of training;
//! 8. [`run_checkpoint`]: the observer that lets an interrupted run resume;
//! 9. [`training`]: the loops of training and the trained models;
//! 10. [`metrics`]: confusion matrix, accuracy, confidence interval;
//! 11. [`evaluation`]: regressions and confusion matrices on a fold of a split;
//! 12. [`convolved_features`]: features of small patches, evaluated at every position of a recording;
//! 13. [`sound_network`]: convolutional networks on whole recordings;
//! 14. [`pipeline`]: all methods on a fold;
//! 15. [`save`]: the export of a model for the predictor;
//! 16. [`error`]: the errors of all these.
//!
//! The exercises:
//!
//! 17. [`exercise`]: the tutorial's exercises by number;
//! 18. [`mnist`]: UFLDL's exercises on images;
//! 19. [`image_network`]: a convolutional network on images;
//! 20. [`stacked_denoising`]: stacked denoising autoencoders on images;
//! 21. [`autoencoder_comparison`]: the autoencoders of the lectures in one table.
//!
//! Results and comparisons:
//!
//! 22. [`report`]: results as tables;
//! 23. [`figures`]: results as pictures;
//! 24. [`panels`]: recordings as pictures;
//! 25. [`test_functions`]: costs of two parameters with known minima;
//! 26. [`optimizer_comparison`]: optimizers on them, as a table and as a map;
//! 27. [`workloads`]: benchmarks of the expensive steps;
//! 28. [`book`]: the crate as a book of web pages;
//! 29. [`workbook`]: tasks to solve, and their tutor.

pub mod autoencoder_comparison;
pub mod book;
pub mod convolved_features;
pub mod error;
pub mod evaluation;
pub mod examples;
pub mod exercise;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod front_end;
pub mod image_network;
pub mod methods;
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
pub mod workbook;
pub mod workloads;
