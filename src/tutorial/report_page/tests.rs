//! The page of made-up runs: its sections, its size, and hostile names.

use super::*;
use crate::dataset::recordings::Recording;
use crate::number::Random;
use crate::picture::svg::check;
use crate::tutorial::classifier::Prediction;
use crate::tutorial::fixture;
use crate::tutorial::learning_curves::CurveRecorder;
use crate::tutorial::methods::{Method, Methods};
use crate::tutorial::metrics::Confusion;
use crate::tutorial::pipeline::run_split;
use crate::tutorial::progress::Silent;
use crate::tutorial::report::summarize;
use crate::tutorial::settings::PipelineSettings;
use crate::tutorial::training::Run;
use features::SearchedWindows;
use std::vec;

/// Asserts that every tag that is opened is closed, in order, that no attribute has a quote too many, and that the page
/// has neither a script nor an address outside itself.
fn is_sound(html: &str) {
    const VOID: [&str; 3] = ["meta", "link", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    let head = html.find("<style>").unwrap()..html.find("</style>").unwrap();
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        let at = html.len() - tag.len();
        let (tag, after) = tag.split_once('>').unwrap();
        rest = after;
        if head.contains(&at) && tag != "style" && tag != "/style" {
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        let word = tag.split([' ', '/']).next().unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "<{tag}>");
        } else if !VOID.contains(&word) && !tag.ends_with('/') {
            open.push(word);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(!html.contains("<script") && !html.contains("javascript:") && !html.contains("\u{202e}"));
    for attribute in ["src=\"", "href=\""] {
        for value in html.split(attribute).skip(1) {
            assert!(value.starts_with("data:") || value.starts_with('#'), "{attribute}{}", &value[..20]);
        }
    }
    assert!(!html.contains("url("));
    for svg in html.split("<svg ").skip(1) {
        assert_eq!(check(&format!("<svg {}</svg>", svg.split("</svg>").next().unwrap())), Ok(()));
    }
}

#[test]
fn the_page_of_a_run_is_sound_and_shows_all_of_it() {
    let settings =
        PipelineSettings { methods: Methods::of(&[Method::RawWindows, Method::SparsePooled]), ..fixture::settings() };
    let mut collection = fixture::collection(&settings);
    let hostile = "\"><script>alert(1)</script>\u{202e}\n'&";
    collection.labels[1] = hostile.into();
    for (i, recording) in collection.recordings.iter_mut().enumerate() {
        recording.name = format!("{hostile}{i}");
        recording.group = format!("{hostile}{}", i % 3);
    }
    let (prepared, folds) = (fixture::prepared::<f64>(&settings, &collection), [fixture::fold()]);
    let mut recorder = CurveRecorder::new(Silent);
    let learned = run_split(&settings, &collection, &prepared, &folds[0], &mut Run::new(&mut recorder)).unwrap();
    let sparse = learned.sparse.unwrap();
    let windows = &prepared.labeled.sample(settings.context_window, 1, usize::MAX).unwrap();
    let searched = SearchedWindows { windows, context: settings.context_window, step: 0.01 };
    let features = LearnedFeatures::measure(&sparse.normalizer, &sparse.encoder(), &prepared.bands, searched);
    let results = [learned.results];
    let summaries = summarize(&results, false);
    let page = ReportPage {
        run: Vec::from([("command", format!("ossicle tutorial {hostile}"))]),
        collection: &collection,
        folds: &folds,
        transform: settings.front_end.transform,
        features: Some(features),
        curves: &recorder.curves,
        results: &results,
        summaries: &summaries,
    };
    let html = page.html();
    is_sound(&html);
    for id in ["run", "results", "confusions", "errors", "recordings", "examples", "features", "curves"] {
        assert!(
            html.contains(&format!("<a href=\"#{id}\">")) && html.contains(&format!("<section id=\"{id}\">")),
            "{id}"
        );
    }
    assert!(html.contains("ossicle tutorial &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}\\n'&amp;"));
    assert_eq!(html, page.html());
    // Nothing trained and nothing tested: the sections on these are left out.
    let page = ReportPage { features: None, curves: &[], results: &[Vec::new()], summaries: &[], ..page };
    let html = page.html();
    is_sound(&html);
    assert!(!html.contains("#curves") && !html.contains("#errors") && html.contains("#examples"));
}

#[test]
fn no_page_has_5_million_bytes() {
    // Noise of 2.3 seconds at 44.1 kHz, which no picture compresses, with long names; all files misclassified.
    let mut random = Random::new(1);
    let long = "\u{202e}<".repeat(60);
    let noise: Vec<f64> = (0..160_000).map(|_| random.uniform(-1.0, 1.0)).collect();
    let recordings = (0..60).map(|i| Recording {
        name: format!("{long}{i}"),
        label: i % 20,
        group: format!("{long}{}", i % 30),
        index: None,
        samples: noise[1000 * i..][..100_000].to_vec().into(),
    });
    let labels = (0..20).map(|k| format!("{k}{long}")).collect();
    let collection = Collection { rate: 44_100, labels, recordings: recordings.collect() };
    let folds = [Fold { name: "x".into(), train: Vec::new(), test: (0..60).collect() }];
    let result = |method| {
        let mut files = Confusion::new(20);
        (0..60).for_each(|i| files.count(i % 20, (i + 1) % 20));
        let predictions = (0..60).map(|i| Prediction { class: (i + 1) % 20, log_probabilities: vec![-3.0; 20] });
        MethodResult { method, windows: None, files, predictions: predictions.collect(), parameters: 1, seconds: 1.0 }
    };
    let results = [crate::tutorial::methods::METHODS.map(|(_, method)| result(method)).to_vec()];
    let summaries = summarize(&results, false);
    let curves: Vec<Curve> = (0..160)
        .map(|k| Curve {
            part: "x".into(),
            stage: format!("stage {}", k % 24),
            points: (0..1000).map(|i| (i, random.uniform(1.0, 2.0))).collect(),
        })
        .collect();
    let features = features::noise(&mut random);
    let page = ReportPage {
        run: Vec::new(),
        collection: &collection,
        folds: &folds,
        transform: Transform::Fft,
        features: Some(features),
        curves: &curves,
        results: &results,
        summaries: &summaries,
    };
    let html = page.html();
    is_sound(&html);
    assert_eq!(html.matches("<audio").count(), MOST_EXAMPLES + MOST_ERRORS);
    assert!((3_000_000..5_000_000).contains(&html.len()), "{}", html.len());
}
