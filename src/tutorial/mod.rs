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
//! 15. [`classifier`], [`classifier_file`]: trained methods, recording by recording, and as files;
//! 16. [`rejection`]: recordings that have none of the labels;
//! 17. [`save`], [`export_torch`]: what was learned on a fold as a classifier, for a board, and for PyTorch;
//! 18. [`error`]: the errors of all these.
//!
//! The exercises:
//!
//! 19. [`exercise`]: the tutorial's exercises by number;
//! 20. [`mnist`]: UFLDL's exercises on images;
//! 21. [`image_network`]: a convolutional network on images;
//! 22. [`stacked_denoising`]: stacked denoising autoencoders on images;
//! 23. [`autoencoder_comparison`]: the autoencoders of the lectures in one table.
//!
//! Results and comparisons:
//!
//! 24. [`report`]: results as tables;
//! 25. [`figures`]: results as pictures;
//! 26. [`panels`]: recordings as pictures;
//! 27. [`representative_windows`]: the windows that a picture shows;
//! 28. [`resynthesis`]: frames as sounds;
//! 29. [`preferred_input`]: what excites a hidden unit most, as sound;
//! 30. [`test_functions`]: costs of two parameters with known minima;
//! 31. [`optimizer_comparison`]: optimizers on them, as a table and as maps;
//! 32. [`workloads`]: benchmarks of the expensive steps;
//! 33. [`book`]: the crate as a book of web pages;
//! 34. [`workbook`]: tasks to solve, and their tutor;
//! 35. [`learning_curves`]: the observer that records the cost of each step;
//! 36. [`report_page`]: a run as a web page.
//!
//! Tables:
//!
//! 37. [`feature_table`]: frames, windows and activations as rows;
//! 38. [`row_table`]: rows of other programs as examples;
//! 39. [`table_model`]: models of such rows.

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
