//! `ossicle bench`: the time that parts of the tutorial take.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::bytes::escape::shown;
use crate::tutorial::report::Table;
use crate::tutorial::workloads::{self, peak};
use std::format;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "bench",
    summary: "time parts of the tutorial on this machine",
    help: "\
Times parts of the tutorial. Each row is the median of several calls, without their setup. Where it
makes sense, the table also shows GFLOP/s, and which fraction that is of the fastest fused
multiply-adds measured on this machine. On a shared machine, times vary: compare two programs only
within the same run.

usage: ossicle bench [TEXT...] [OPTIONS]

With TEXT, only rows whose name contains one of the texts are timed. The rows, on T threads:
  gemm/TYPE/MxKxN/LAYOUT/tT              the matrix product; LAYOUT is nn, or nt (B transposed),
                                         or tn (A transposed)
  rfft/TYPE/N                            the Fourier transform of N real samples
  logmel/f32/60s/t1                      log-mel frames of one minute of sound
  sae/TYPE/784-196x10000/tT              cost and gradient of a sparse autoencoder
  stacked/TYPE/784-200-200-10x10000/tT   cost and gradient of a stacked network
  conv/f32/400@8x8x3/64x64x8/tT          400 filters of 3 x 8 x 8 over 8 images of 3 x 64 x 64
  cnn/f32/NETWORK/tT                     cost and gradient of a convolutional network on 64 images;
                                         NETWORK is fsdd (40 x 48) or mnist (28 x 28)
  eigen/TYPE/784                         eigenvalues and eigenvectors of a symmetric matrix
  sigmoid/TYPE/1000000                   the sigmoid of a million values
  scale/N                                reading, transforming, pooling and classifying the N
                                         recordings of a folder (needs --recordings)
  lbfgs/TYPE/784-196x10000/50it/tT       50 steps of L-BFGS on 10000 images (needs --mnist)

examples:
  ossicle bench
  ossicle bench gemm/f64 sae --threads 1",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--tsv", value: "", help: "print rows: ROW SECONDS" },
    Flag { name: "--recordings", value: "DIR", help: "a folder of recordings, for the row scale" },
    Flag { name: "--mnist", value: "DIR", help: "the folder with the four files of MNIST, for the rows lbfgs" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let counts = match arguments.text("--threads") {
        Some(_) => Vec::from([crate::machine::threads::count()]),
        None => Vec::from([1, 2]),
    };
    let wanted = |name: &str| arguments.others.is_empty() || arguments.others.iter().any(|text| name.contains(text));
    let mut rows: Vec<_> = workloads::benchmarks(&counts).into_iter().filter(|row| wanted(&row.name)).collect();
    if let Some(folder) = arguments.text("--mnist") {
        let more = workloads::benchmarks_on_mnist(Path::new(folder), &counts).map_err(Failure::Failed)?;
        rows.extend(more.into_iter().filter(|row| wanted(&row.name)));
    }
    if let Some(folder) = arguments.text("--recordings") {
        let row = workloads::benchmark_on_recordings(Path::new(folder)).map_err(Failure::Failed)?;
        rows.extend(wanted(&row.name).then_some(row));
    }
    if rows.is_empty() {
        return Err(Failure::Usage(format!(
            "there is no row whose name contains {}",
            shown(&arguments.others.join(" or "))
        )));
    }
    if arguments.has("--tsv") {
        for row in &rows {
            super::print(&format!("{}\t{:.9}\n", row.name, row.seconds()))?;
        }
        return Ok(());
    }
    let peaks = [peak::<f32>(), peak::<f64>()];
    let mut table = Table::new(&["row", "milliseconds", "GFLOP/s", "of peak"]);
    for row in &rows {
        let seconds = row.seconds();
        let speed = row.operations / seconds;
        let fraction = speed / (peaks[usize::from(row.is_f64)] * row.threads as f64);
        let counted = |text: String| if row.operations > 0.0 { text } else { "-".to_string() };
        table.row(&[
            row.name.clone(),
            milliseconds(seconds),
            counted(format!("{:.1}", speed / 1e9)),
            counted(format!("{:.0}%", 100.0 * fraction)),
        ]);
    }
    let peaks = format!(
        "\nfastest fused multiply-adds on one thread: {:.1} GFLOP/s in f32, {:.1} in f64 ({})\n",
        peaks[0] / 1e9,
        peaks[1] / 1e9,
        crate::machine::isa::isa().name()
    );
    super::print(&(super::with_bold_heading(&table.text()) + &peaks))
}

/// Milliseconds with three decimals, or as many as three significant digits need, down to a picosecond.
fn milliseconds(seconds: f64) -> String {
    let (mut decimals, mut thousandths) = (3, 1e6 * seconds);
    while thousandths < 100.0 && decimals < 9 {
        (decimals, thousandths) = (decimals + 1, 10.0 * thousandths);
    }
    format!("{:.decimals$}", 1e3 * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_times_have_three_significant_digits() {
        let texts = [0.0, 4.12e-7, 9.99e-5, 3.4e-3, 2.5].map(milliseconds);
        assert_eq!(texts, ["0.000000000", "0.000412", "0.0999", "3.400", "2500.000"]);
    }
}
