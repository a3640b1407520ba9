//! Windows of spectra, pictures of recordings, whitening, splits, IDX files.

use super::{Draw, Test, index_outcome, outcome, product};
use ossicle::dataset::augment::{Augmentation, Augmented, Mask, SpectrogramImage};
use ossicle::dataset::context_windows::ContextFraming;
use ossicle::dataset::idx::Idx;
use ossicle::dataset::normalize::{Squash, StandardScaler};
use ossicle::dataset::recordings::{Collection, Recording};
use ossicle::dataset::split::Split;
use ossicle::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use ossicle::matrix::Matrix;

pub const TESTS: &[(&str, Test)] = &[
    ("windows of frames", windows),
    ("pictures of recordings", pictures),
    ("whitening and scales", whitening),
    ("splits", splits),
    ("IDX files", idx_files),
];

fn windows(draw: &mut Draw) {
    let framing = ContextFraming { width: draw.mostly_small(), step: draw.mostly_small() };
    let (bands, frames) = (draw.mostly_small(), draw.size());
    let count = outcome((framing, frames), || framing.count(frames));
    assert_eq!(count.is_some(), framing.width > 0 && framing.step > 0);
    let recordings: Vec<Vec<usize>> =
        (0..draw.small()).map(|r| (0..3 * draw.small()).map(|i| 100 * r + i).collect()).collect();
    let numbers: Vec<Vec<f64>> = recordings.iter().map(|r| r.iter().map(|&x| x as f64).collect()).collect();
    let Some(windows) = outcome((framing, bands), || framing.sample(&numbers, bands)) else {
        assert!(count.is_none() || bands == 0 || product(&[framing.width, bands]) > 1 << 20 || recordings.is_empty());
        return;
    };
    assert_eq!(windows.matrix.rows() as u128, product(&[framing.width, bands]));
    for (frames, range) in numbers.iter().zip(&windows.ranges) {
        assert_eq!(range.len(), framing.count(frames.len() / bands));
        for (t, column) in range.clone().enumerate() {
            let start = t * framing.step * bands;
            assert_eq!(windows.matrix.column(column), frames[start..start + framing.width * bands]);
        }
    }
}

fn pictures(draw: &mut Draw) {
    let (bands, rows, columns) = (draw.mostly_small(), draw.mostly_small(), draw.mostly_small());
    let centers: Vec<f64> = match draw.below(3) {
        0 => Vec::new(),
        1 => (0..draw.small()).map(|f| f as f64).collect(),
        _ => (0..bands.min(20)).map(|f| f as f64).collect(),
    };
    let Some(picture) =
        outcome((bands, rows, columns, centers.len()), || SpectrogramImage::new(bands, &centers, rows, columns))
    else {
        assert!(bands == 0 || rows == 0 || columns == 0 || !centers.is_empty() && centers.len() != bands);
        return;
    };
    assert_eq!(picture.size(), [rows, columns]);
    let mut mask = || Mask { stripes: draw.small(), max_width: draw.size() };
    let masks = [mask(), mask()];
    let variation = Augmentation { ends: 0.2, warp: 0.1, tilt: 0.1, gain: 0.1, noise: 0.1, masks };
    let frames = {
        let count = 5 * draw.small();
        draw.numbers(count)
    };
    let length = if draw.coin() { rows.wrapping_mul(columns).min(1000) } else { draw.small() };
    let mut to = vec![f64::NAN; length];
    let mut random = draw.random();
    let drawn = outcome((bands, rows, columns, length), || picture.render(&frames, &variation, &mut random, &mut to));
    assert_eq!(drawn.is_some(), frames.len() / bands > 0 && product(&[rows, columns]) == length as u128);
    assert!(drawn.is_none() || to.iter().all(|x| x.is_finite()));
    let varied =
        Augmented { image: picture, recordings: vec![frames.clone(); draw.small()], augmentation: variation, seed: 1 };
    let plain = outcome((bands, rows, columns, "plain"), || varied.plain());
    if let Some(plain) = plain {
        assert_eq!((plain.rows(), plain.columns() as u128), (varied.recordings.len(), product(&[rows, columns])));
    }
}

fn whitening(draw: &mut Draw) {
    let (rows, columns, others) = (draw.small(), draw.small(), draw.small());
    let mut random = draw.random();
    let mut matrix = |rows, columns| Matrix::<f64>::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0));
    let (examples, mut new) = (matrix(rows, columns), matrix(others, columns));
    let settings = WhiteningSettings {
        retained: 0.9,
        epsilon: 0.1,
        form: if draw.coin() { WhiteningForm::Pca } else { WhiteningForm::Zca },
    };
    let whitening = outcome((settings, rows, columns), || Whitening::measure(&settings, &examples));
    assert_eq!(whitening.is_some(), columns > 0);
    if let Some(whitening) = whitening {
        let white = outcome((rows, others), || whitening.apply(new.clone()));
        assert_eq!(white.is_some(), rows == others);
    }
    let standard = outcome((rows, columns), || StandardScaler::measure(&examples)).unwrap();
    assert_eq!(outcome((rows, others), || standard.apply(&mut new)).is_some(), rows == others);
    let squash = outcome((rows, columns), || Squash::measure(&examples)).unwrap();
    outcome((rows, others), || squash.apply(&mut new)).unwrap();
}

fn splits(draw: &mut Draw) {
    let recording = |label: usize, index: usize| Recording {
        name: format!("{label}-{index}"),
        label,
        group: format!("{}", index % 3),
        index: Some(index as u64),
        samples: Vec::new().into(),
    };
    let labels = draw.small();
    let counts: Vec<usize> = (0..labels).map(|_| draw.small()).collect();
    let recordings = counts.iter().enumerate().flat_map(|(label, &count)| (0..count).map(move |i| recording(label, i)));
    let collection = Collection {
        rate: 8000,
        labels: (0..labels).map(|label| label.to_string()).collect(),
        recordings: recordings.collect(),
    };
    let split = match draw.below(3) {
        0 => Split::Folds(draw.size()),
        1 => Split::Random([0.0, 0.5, 1e-300, 1e300, f64::NAN][draw.below(5)]),
        _ => Split::default_for(&collection),
    };
    let far: Vec<usize> = collection.recordings.iter().map(|recording| usize::MAX - labels + recording.label).collect();
    let groups: Vec<usize> = (0..far.len()).map(|_| draw.size()).collect();
    let found = outcome((&split, &far), || split.folds_of_groups(&far, &groups, 1)).unwrap();
    assert_eq!(found.is_ok(), outcome((&split, &far), || split.folds_of_labels(&far, 1)).unwrap().is_ok());
    outcome(("groups", &far, &groups), || Split::Groups.folds_of_groups(&far, &groups, 1)).unwrap().ok();
    let Ok(parts) = outcome((&split, &counts), || split.folds(&collection, 1)).unwrap() else { return };
    for part in parts {
        let mut all = [part.train, part.test].concat();
        all.sort();
        assert!(all.into_iter().eq(0..collection.recordings.len()));
    }
}

fn idx_files(draw: &mut Draw) {
    let sizes: Vec<u32> = (0..draw.small()).map(|_| draw.mostly_small() as u32).collect();
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| bytes.extend_from_slice(&size.to_be_bytes()));
    let count = if draw.coin() { sizes.iter().fold(1_u32, |n, &size| n.wrapping_mul(size)) % 1000 } else { 5 };
    bytes.resize(bytes.len() + count as usize, 9);
    let Ok(idx) = outcome(&bytes, || Idx::parse(&bytes)).unwrap() else { return };
    let sizes: Vec<usize> = sizes.into_iter().map(|size| size as usize).collect();
    assert_eq!((idx.sizes(), product(&sizes)), (&sizes[..], idx.values().len() as u128));
    let n = draw.size();
    match outcome((&sizes, n), || idx.first_images::<f32>(n)) {
        None => assert!(product(&sizes[1..]) > 1 << 20),
        Some(Err(_)) => assert!(sizes.len() != 3),
        Some(Ok(images)) => assert_eq!(images.columns(), sizes[0].min(n)),
    }
    assert_eq!(outcome(&sizes, || idx.labels()).unwrap().is_ok(), sizes.len() == 1);
    assert!(index_outcome(n, || idx.values()[n]).is_none_or(|number| number == 9));
}
