//! 8.5: convolution and pooling.

use super::context::{ExerciseContext, Sounds, extremes};
use crate::machine::ViewMut;
use crate::matrix::{Matrix, Product, View, product};
use crate::model::Activation;
use crate::model::convolution::definition::{by_definition, convolve, correlate};
use crate::model::convolution::filters::apply_filters;
use crate::model::convolution::patches::adjoint_by_definition;
use crate::model::convolution::pooling::Regions;
use crate::model::convolution::sobel::sobel;
use crate::model::convolution::{Convolution, Filters, MapShape, Pooling, PoolingMode};
use crate::number::sum::dot;
use crate::number::sum::sum;
use crate::number::{Random, Real};
use crate::picture::font::{text_height, text_width};
use crate::picture::image::{BLACK, Image, WHITE};
use crate::picture::tile_sheet::{TileAxes, TileSheet};
use crate::picture::tiles::{SheetOptions, TileShape, upright};
use crate::tutorial::error::TutorialError;
use crate::tutorial::front_end::FrontEnd;
use crate::tutorial::preprocessing::frames;
use crate::tutorial::report::{Table, percent};
use std::format;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec;
use std::vec::Vec;

/// A way to multiply matrices.
type Multiply<'a> = &'a dyn Fn(View<f32>, View<f32>, ViewMut<f32>);

/// An input for convolutions, rows from the top, and its name: the spectrum of the first recording, or the first
/// image.
fn input(context: &ExerciseContext) -> Result<(Matrix<f32>, String), TutorialError> {
    match &context.sounds {
        Some(Sounds { collection, .. }) => {
            let first = &collection.recordings[..1];
            let (framing, rate) = (context.settings.front_end.framing(collection.rate), collection.rate);
            let front = FrontEnd::<f32>::new(&context.settings.front_end, framing, rate, first[0].samples.count())?;
            let (bands, spectrum) = (front.bands().count(), frames(&front, first)?);
            // A filter of 3 x 3 needs three frames.
            let count = (spectrum[0].len() / bands).max(3);
            let at = |t: usize, band: usize| spectrum[0].get(t * bands + band).copied().unwrap_or(0.0);
            let what = format!("the log-mel spectrum of {}", first[0].name);
            Ok((Matrix::from_function(bands, count, |i, t| at(t, bands - 1 - i)), what))
        }
        None => {
            let image = context.train.matrix.column(0);
            Ok((Matrix::from_rows(context.tile.bands, context.tile.frames, image), "the first image".to_string()))
        }
    }
}

/// An image with edges in all directions: a word in front of a disk.
fn word() -> Matrix<f32> {
    const TEXT: (&str, usize) = ("ossicle", 2);
    let (width, height) = (text_width(TEXT.0, TEXT.1) + 24, 3 * text_height(TEXT.1) + 18);
    let mut image = Image::new(width, height, WHITE);
    let [middle, radius] = [width as f64 / 2.0, height as f64 / 2.0 - 4.0];
    for (x, y) in (0..width * height).map(|k| (k % width, k / width)) {
        let (dx, dy) = (x as f64 + 0.5 - middle, y as f64 + 0.5 - height as f64 / 2.0);
        if dx * dx + dy * dy < radius * radius {
            image.set(x, y, [150; 3]);
        }
    }
    image.text(12, (height - text_height(TEXT.1)) / 2, TEXT.1, BLACK, TEXT.0);
    Matrix::from_function(height, width, |i, j| f32::from(image.rgb()[3 * (i * width + j)]) / 255.0)
}

/// The axes of maps of [`input`]: in a spectrum bands lie upward, in an image rows downward.
fn axes(context: &ExerciseContext) -> TileAxes<'static> {
    if context.sounds.is_some() { TileAxes::Patch { step: context.step() } } else { TileAxes::Pixels }
}

/// Draws images of one size side by side, each with its label and on its own scale; zero is gray.
fn put_side_by_side(
    context: &mut ExerciseContext,
    [title, name, caption]: [&str; 3],
    axes: TileAxes,
    labels: &[&str],
    pictures: &[&Matrix<f32>],
) {
    let shape = TileShape { bands: pictures[0].rows(), frames: pictures[0].columns() };
    let numbers: Vec<f64> = pictures.iter().flat_map(|picture| picture.elements().iter().map(|x| x.to_f64())).collect();
    let options = SheetOptions { columns: Some(pictures.len()), stretch: Some(1), ..Default::default() };
    let sheet = TileSheet { title, caption, axes, rows: &[], columns: labels, shape, options };
    let image = sheet.image(&upright(&numbers, shape));
    context.put(title, name, &image);
}

/// 8.5.1: the convolution operator, from its definition to the fast form, and Sobel's filters.
pub fn operator(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (a, input_name) = input(context)?;
    let size = [5.min(a.rows()), 5.min(a.columns())];
    let filters = context.settings.hidden;
    let shape = Convolution::new(MapShape { channels: 1, rows: a.rows(), columns: a.columns() }, filters, size);
    let maps = Matrix::from_rows(1, a.rows() * a.columns(), a.elements().to_vec());
    let mut random = Random::new(context.settings.seed);
    let w: Matrix<f32> = Matrix::from_function(filters, shape.taps(), |_, _| random.uniform(-1.0, 1.0));
    let (taps, places, columns) = (shape.taps(), shape.output().plane(), shape.output().columns);

    let definition = || by_definition(&shape, w.view(), &vec![0.0; filters], &maps);
    // conv2 flips the flipped filter back.
    let by_convolution = || {
        let mut z = Matrix::zeros(filters, places);
        for k in 0..filters {
            let flipped = Matrix::from_function(size[0], size[1], |r, s| w.row(k)[taps - 1 - r * size[1] - s]);
            z.row_mut(k).copy_from_slice(convolve(flipped.view(), a.view()).elements());
        }
        z
    };
    let loop_of_patches = || {
        let mut z = Matrix::zeros(filters, places);
        for n in 0..places {
            let (i, j) = (n / columns, n % columns);
            let patch = Matrix::from_function(taps, 1, |t, _| a.row(i + t / size[1])[j + t % size[1]]);
            product::by_definition(w.view(), patch.view(), z.view_mut().part([0, n], [filters, 1]));
        }
        z
    };
    let patches = || {
        let mut patches = Matrix::zeros(taps, places);
        shape.patches(&maps, 0..places, patches.view_mut());
        patches
    };
    let whole = |multiply: Multiply| {
        let (p, mut z) = (patches(), Matrix::zeros(filters, places));
        multiply(w.view(), p.view(), z.view_mut());
        z
    };
    let im2col = || whole(&|a, b, c| product::by_definition(a, b, c));
    let multiplied = || whole(&|a, b, c| Product::new().store(a, b, c));
    let bias = vec![0.0; filters];
    let layer = Filters { weights: w.view(), bias: &bias, activation: Activation::Linear };
    let in_place = || apply_filters(&shape, layer, &maps);

    let expected = definition();
    let mut table = Table::new(&["method", "milliseconds", "million products/s", "equal"]);
    let methods: [(&str, &dyn Fn() -> Matrix<f32>); 6] = [
        ("the definition: loops over all indices", &definition),
        ("convolution with the flipped filters", &by_convolution),
        ("patch by patch, the product by definition", &loop_of_patches),
        ("all patches as a matrix, the product by definition", &im2col),
        ("all patches as a matrix, the fast product", &multiplied),
        ("patches read in place, the fast product, threads", &in_place),
    ];
    for (name, compute) in methods {
        compute(); // the first call includes the allocation of memory
        let start = Instant::now();
        let z = compute();
        let seconds = start.elapsed().as_secs_f64();
        let millions = (filters * taps * places) as f64 / seconds / 1e6;
        let is_equal = if z == expected { "yes" } else { "NO" };
        table.cells(&[&name, &format_args!("{:.2}", 1e3 * seconds), &format_args!("{millions:.0}"), &is_equal]);
    }
    context.say(&format!(
        "{filters} random filters of {} x {} on {input_name} of {} x {}: {places} positions. Equal results are bit-identical.\n",
        size[0],
        size[1],
        a.rows(),
        a.columns()
    ));
    context.table(&table);

    let drawn: Vec<f32> = (0..filters).map(|_| random.uniform(-1.0, 1.0)).collect();
    let step = |bias: &[f32], activation| apply_filters(&shape, Filters { weights: w.view(), bias, activation }, &maps);
    let steps = [
        ("W·x", step(&bias, Activation::Linear)),
        ("W·x + b", step(&drawn, Activation::Linear)),
        ("σ(W·x + b)", step(&drawn, Activation::Sigmoid)),
    ];
    let mut table = Table::new(&["step", "at the first position", "smallest", "mean", "largest"]);
    for (name, map) in &steps {
        let z = map.row(0);
        let [low, high] = extremes(z);
        let numbers = [z[0], low, sum(z) / places as f32, high].map(|x| format!("{x:.4}"));
        table.cells(&[name, &numbers[0], &numbers[1], &numbers[2], &numbers[3]]);
    }
    context.say(&format!("A unit takes three steps at each position. Filter 1, with the bias b = {:.4}:\n", drawn[0]));
    context.table(&table);
    let of_filter = |map: &Matrix<f32>| Matrix::from_rows(shape.output().rows, columns, map.row(0).to_vec());
    let pictures = steps.map(|(_, map)| of_filter(&map));
    let inside = Matrix::from_function(pictures[0].rows(), columns, |i, j| a.row(i + size[0] / 2)[j + size[1] / 2]);
    let pictures = [&inside, &pictures[0], &pictures[1], &pictures[2]];
    let what = "the input, then filter 1's map after each step";
    let caption = "The bias shifts all values of the map alike. The sigmoid maps them to values between 0 and 1, most of \
                   them near an end.";
    let labels = ["input", "W x", "W x + b", "sigmoid"];
    put_side_by_side(context, [what, "8.5.1-steps.png", caption], axes(context), &labels, &pictures);

    let convolved = convolve(View::new(w.row(0), size[0], size[1]), a.view());
    let correlated = correlate(View::new(w.row(0), size[0], size[1]), a.view());
    context.say(&format!(
        "Convolution without flipping the filter gives another result: {} of {places} positions agree.\n",
        convolved.elements().iter().zip(correlated.elements()).filter(|(x, y)| x == y).count()
    ));
    context.say("Sobel's filters estimate the gradient of an image: Gx, Gy, and its magnitude G = √(Gx² + Gy²), large at edges.");
    let axes = axes(context);
    for (name, picture, what, axes) in
        [("8.5.1-word.png", &word(), "a word", TileAxes::Pixels), ("8.5.1-sobel.png", &a, &*input_name, axes)]
    {
        let [gx, gy, g] = sobel(picture.view());
        let inside = Matrix::from_function(g.rows(), g.columns(), |i, j| picture.row(i + 1)[j + 1]);
        let title = format!("{what}, and its Gx, Gy, G");
        let caption = "Gx shows changes from left to right, Gy changes from top to bottom, and G edges in all \
                       directions.";
        put_side_by_side(context, [&title, name, caption], axes, &["input", "Gx", "Gy", "G"], &[&inside, &gx, &gy, &g]);
    }
    Ok(())
}

/// 8.5.2: the derivatives of convolution and pooling: adjoints, gradients, region maps.
pub fn derivatives(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    context.say(
        "z = W·P(x) + b with the patches P(x), and δ = ∂J/∂z. Then ∂J/∂W = δ·P(x)ᵀ, ∂J/∂b = Σ δ, ∂J/∂x = Pᵀ(Wᵀ·δ), where Pᵀ adds\n\
         each value to the position that P copied it from. Pooling to a mean p of n values gives each of them ∂J/∂p / n; pooling\n\
         to a maximum gives ∂J/∂p to the first largest value.\n",
    );
    let mut random = Random::new(context.settings.seed);
    let mut draw =
        |rows, columns| -> Matrix<f64> { Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0)) };
    let mut table = Table::new(&["operation A", "on", "<D, A(x)>", "<Aᵀ(D), x>", "difference"]);
    let mut row = |operation: &str, how: &str, one: f64, other: f64| {
        let difference = format!("{:.0e}", (one - other).abs());
        table.cells(&[&operation, &how, &format_args!("{one:.12}"), &format_args!("{other:.12}"), &difference]);
    };
    let input = MapShape { channels: 2, rows: 7, columns: 9 };
    let shape = Convolution { input, filters: 3, size: [3, 2], stride: [2, 1], padding: [1, 0] };
    let (x, places) = (draw(2, input.plane()), shape.output().plane());
    let (d, mut patches) = (draw(shape.taps(), places), Matrix::zeros(shape.taps(), places));
    shape.patches(&x, 0..places, patches.view_mut());
    let back = adjoint_by_definition(&shape, &d);
    row("patches", "2 maps of 7 x 9", dot(d.elements(), patches.elements()), dot(back.elements(), x.elements()));
    for (mode, name) in [(PoolingMode::Mean, "mean"), (PoolingMode::Max, "maximum")] {
        let pooling = Pooling { mode, input, regions: [Regions::by(2), Regions::Adaptive(4)] };
        let (mut pooled, mut taken, mut back) = (Matrix::empty(), Vec::new(), Matrix::empty());
        pooling.forward(&x, &mut pooled, &mut taken);
        let d = draw(2, pooled.columns());
        pooling.backward(&d, &taken, &mut back);
        let (one, other) = (dot(d.elements(), pooled.elements()), dot(back.elements(), x.elements()));
        row(name, "regions of 2 rows, ¼ of the columns", one, other);
    }
    context.say(
        "Backpropagation is the adjoint Aᵀ of the forward operation A (of a maximum, with its position held fixed):\n",
    );
    context.table(&table);
    context.say("Gradients of ½·Σ p² by filters, bias and input, where p is pooled from the sigmoids of z:\n");
    context.gradient_check(|objective| objective.starts_with("convolution"));
    regions(context)
}

/// Draws the regions of pooling on the input, and the pooled values.
fn regions(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (a, what) = input(context)?;
    let input = MapShape { channels: 1, rows: a.rows(), columns: a.columns() };
    let maps = Matrix::from_rows(1, input.plane(), a.elements().to_vec());
    let side = |n: usize| (n / 6).max(2).min(n);
    let by = [side(a.rows()), side(a.columns())];
    let apart = by.map(|size| Regions::Sliding { size, step: (size / 2).max(1) });
    let least = a.elements().iter().fold(f32::INFINITY, |least, &x| Real::min(least, x));
    for (name, how, regions) in [
        ("8.5.2-side-by-side.png", "regions side by side", by.map(Regions::by)),
        ("8.5.2-overlapping.png", "overlapping regions", apart),
        (
            "8.5.2-parts.png",
            "six by six equal regions",
            [Regions::Adaptive(6.min(a.rows())), Regions::Adaptive(6.min(a.columns()))],
        ),
    ] {
        let mut drawn = Vec::new();
        for mode in [PoolingMode::Mean, PoolingMode::Max] {
            let pooling = Pooling { mode, input, regions };
            let (mut pooled, mut places) = (Matrix::empty(), Vec::new());
            pooling.forward(&maps, &mut pooled, &mut places);
            let (map, across) = (pooling.region_map(), pooling.output().columns);
            let places = |at: &dyn Fn(&[usize]) -> f32| {
                Matrix::from_function(a.rows(), a.columns(), |i, j| at(&map[i * a.columns() + j]))
            };
            if mode == PoolingMode::Mean {
                // The number of regions at each position; the sign alternates from region to region, as on a
                // chessboard.
                drawn.push(places(&|of| match of.first() {
                    Some(first) if (first / across + first % across) % 2 == 0 => of.len() as f32,
                    Some(_) => -(of.len() as f32),
                    None => 0.0,
                }));
            }
            drawn.push(places(&|of| {
                let total = of.iter().fold(0.0, |total, &region| total + pooled.row(0)[region] - least);
                total / of.len().max(1) as f32
            }));
        }
        let above = a.map(|x| x - least);
        let [board, mean, max] = &drawn[..] else { continue };
        let pooling = Pooling { mode: PoolingMode::Mean, input, regions };
        let (kept, most) = (pooling.output().plane(), pooling.region_map().iter().map(Vec::len).max().unwrap_or(0));
        let title = format!("{how} on {what}: the input, the regions, means, maxima");
        let caption = format!(
            "The regions are light and dark in turn: white and black positions are in {most} of them, {}mid-gray ones in \
             none.",
            if most > 1 { "paler ones in fewer, " } else { "" }
        );
        let labels = ["input", "regions", "means", "maxima"];
        put_side_by_side(context, [&title, name, &caption], axes(context), &labels, &[&above, board, mean, max]);
        let left_over = pooling.region_map().iter().filter(|regions| regions.is_empty()).count();
        context.say(&format!(
            "{how}: {} values are pooled to {kept} ({}); a position is in at most {most} regions, {left_over} are in none.",
            input.plane(),
            percent(kept as f64 / input.plane() as f64)
        ));
    }
    Ok(())
}
