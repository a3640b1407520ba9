//! The tutorial end to end: from a folder of recordings to a table of accuracies, and the exercises.
//!
//! The pipeline:
//!
//! 1. [`settings`]: its settings, with defaults for sound;
//! 2. [`methods`]: the methods that it compares;
//! 3. [`front_end`]: from samples to frames, by each of the transforms;
//! 4. [`frame_source`]: the frames of recordings, a group of recordings at a time;
//! 5. [`preprocessing`]: from recordings to frames to normalized windows;
//! 6. [`time_pooling`]: a recording's features averaged over regions of time;
//! 7. [`examples`]: labeled examples;
//! 8. [`progress`]: observers of training;
//! 9. [`run_checkpoint`]: the observer that lets an interrupted run resume;
//! 10. [`training`]: the loops of training and the trained models;
//! 11. [`metrics`]: confusion matrix, accuracy, confidence interval;
//! 12. [`evaluation`]: regressions and confusion matrices on a fold of a split;
//! 13. [`convolved_features`]: features of small patches, evaluated at every position of a recording;
//! 14. [`sound_network`]: convolutional networks on whole recordings;
//! 15. [`pipeline`]: all methods on a fold;
//! 16. [`classifier`], [`classifier_file`]: trained methods, recording by recording, and as files;
//! 17. [`rejection`]: recordings that have none of the labels;
//! 18. [`save`], [`export_torch`]: what was learned on a fold as a classifier, for a board, and for PyTorch;
//! 19. [`error`]: the errors of all these.
//!
//! The exercises:
//!
//! 20. [`exercise`]: the tutorial's exercises by number;
//! 21. [`mnist`]: UFLDL's exercises on images;
//! 22. [`image_network`]: a convolutional network on images;
//! 23. [`stacked_denoising`]: stacked denoising autoencoders on images;
//! 24. [`autoencoder_comparison`]: the autoencoders of the lectures in one table.
//!
//! Results and comparisons:
//!
//! 25. [`report`]: results as tables;
//! 26. [`figures`]: results as pictures;
//! 27. [`panels`]: recordings as pictures;
//! 28. [`representative_windows`]: the windows that a picture shows;
//! 29. [`resynthesis`]: frames as sounds;
//! 30. [`preferred_input`]: what excites a hidden unit most, as sound;
//! 31. [`test_functions`]: costs of two parameters with known minima;
//! 32. [`optimizer_comparison`]: optimizers on them, as a table and as maps;
//! 33. [`workloads`]: benchmarks of the expensive steps;
//! 34. [`book`]: the crate as a book of web pages;
//! 35. [`workbook`]: tasks to solve, and their tutor;
//! 36. [`learning_curves`]: the observer that records the cost of each step;
//! 37. [`report_page`]: a run as a web page.
//!
//! Tables:
//!
//! 38. [`feature_table`]: frames, windows and activations as rows;
//! 39. [`row_table`]: rows of other programs as examples;
//! 40. [`table_model`]: models of such rows.

// The head lists the modules that only the crate sees, too.
#![allow(rustdoc::private_intra_doc_links)]
// Some parts have no user but the program.
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]

pub mod autoencoder_comparison;
pub mod book;
pub mod classifier;
pub mod classifier_file;
pub mod convolved_features;
pub mod error;
pub mod evaluation;
pub mod examples;
pub mod exercise;
#[doc(hidden)]
pub mod export_torch;
pub(crate) mod feature_table;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod frame_source;
pub mod front_end;
pub(crate) mod image_network;
pub(crate) mod learning_curves;
pub mod methods;
pub mod metrics;
pub(crate) mod mnist;
pub(crate) mod optimizer_comparison;
pub(crate) mod panels;
pub mod pipeline;
pub(crate) mod preferred_input;
pub mod preprocessing;
pub mod progress;
pub mod rejection;
pub mod report;
pub(crate) mod report_page;
pub mod representative_windows;
pub mod resynthesis;
pub(crate) mod row_table;
pub mod run_checkpoint;
pub mod save;
pub mod settings;
pub mod sound_network;
pub(crate) mod stacked_denoising;
pub(crate) mod table_model;
pub(crate) mod test_functions;
pub mod time_pooling;
pub mod training;
pub(crate) mod work_plan;
pub mod workbook;
pub mod workloads;
