//! `ossicle bench`.

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
    summary: "how long the pieces of the tutorial take on this machine",
    help: "\
Times pieces of the tutorial's work: for each row the median of several calls, set-up left out, and where it makes sense the
operations a second and their share of the fused multiply-adds that the machine was measured to do at best. Times on a shared
machine say little alone; compare two programs in one run.

usage: ossicle bench [WORD...] [OPTIONS]

Rows whose name contains one of the WORDs are timed; all of them without one.
  gemm/TYPE/MxKxN/LAYOUT/tT     the matrix product, plain (nn), with B (nt) or A (tn) stored as its transpose, on T threads
  rfft/TYPE/N                   the Fourier transform of N real samples
  logmel/f32/60s/t1             a minute of sound to log-mel frames
  sae/TYPE/784-196x10000/tT     cost and gradient of a sparse autoencoder
  stacked/TYPE/784-200-200-10x10000/tT   cost and gradient of a stacked network
  conv/f32/400@8x8x3/64x64x8/tT   400 filters of 3 x 8 x 8 over 8 images of 3 x 64 x 64
  eigen/TYPE/784                eigenvalues and eigenvectors of a symmetric matrix
  sigmoid/TYPE/1000000          the sigmoid of a million numbers
  lbfgs/TYPE/784-196x10000/50it/tT   50 steps of L-BFGS on MNIST's first 10000 images (with --mnist)

examples:
  ossicle bench
  ossicle bench gemm/f64 sae --threads 1",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--tsv", value: "", help: "rows for machines: ROW SECONDS" },
    Flag { name: "--mnist", value: "DIR", help: "the folder of MNIST's four files, for the rows lbfgs" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let counts = match arguments.text("--threads") {
        Some(_) => Vec::from([crate::machine::threads::count()]),
        None => Vec::from([1, 2]),
    };
    let wanted = |name: &str| arguments.others.is_empty() || arguments.others.iter().any(|word| name.contains(word));
    let mut rows: Vec<_> = workloads::rows(&counts).into_iter().filter(|row| wanted(&row.name)).collect();
    if let Some(folder) = arguments.text("--mnist") {
        let more = workloads::rows_on_mnist(Path::new(folder), &counts).map_err(Failure::Failed)?;
        rows.extend(more.into_iter().filter(|row| wanted(&row.name)));
    }
    if rows.is_empty() {
        return Err(Failure::Usage(format!("no row's name contains {}", shown(&arguments.others.join(" or ")))));
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
        let share = speed / (peaks[usize::from(row.double)] * row.threads as f64);
        let counted = |text: String| if row.operations > 0.0 { text } else { "-".to_string() };
        table.row(&[
            row.name.clone(),
            format!("{:.3}", 1e3 * seconds),
            counted(format!("{:.1}", speed / 1e9)),
            counted(format!("{:.0}%", 100.0 * share)),
        ]);
    }
    let peaks = format!(
        "\nfused multiply-adds at best, one thread: {:.1} GFLOP/s in f32, {:.1} in f64 ({})\n",
        peaks[0] / 1e9,
        peaks[1] / 1e9,
        crate::machine::isa::isa().name()
    );
    super::print(&(super::with_bold_heading(&table.text()) + &peaks))
}
