//! `ossicle check-gradients`: every gradient against its numerical derivative.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::model::gradient_suite::check_all;
use crate::tutorial::report;
use std::format;
use std::string::String;

pub(super) const COMMAND: Command = Command {
    name: "check-gradients",
    summary: "compare every gradient with its numerical derivative",
    help: "\
Compares the gradient of every objective, block by block, with a numerical derivative of its cost
(the five-point central difference, in f64). A block passes if its largest error is below 1e-8 times
its largest element. The exit status is 1 if a block fails.

usage: ossicle check-gradients [OPTIONS]

examples:
  ossicle check-gradients
  ossicle check-gradients --tsv | cut -f 4 | sort -g | tail -1     the largest error of all",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] =
    &[Flag { name: "--tsv", value: "", help: "print rows: OBJECTIVE SHAPE BLOCK ERROR WORST_INDEX pass|FAIL" }];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    if let Some(other) = arguments.others.first() {
        return Err(super::unexpected(other));
    }
    let checked = check_all();
    let blocks = || checked.iter().flat_map(|c| &c.blocks);
    let failed = blocks().filter(|block| !block.passes()).count();
    if arguments.has("--tsv") {
        super::print(&report::gradients_tsv(&checked))?;
    } else {
        let all = blocks().count();
        let verdict = match failed {
            0 => format!("\nall {all} blocks of {} objectives pass\n", checked.len()),
            _ => format!("\n{failed} of {all} blocks fail\n"),
        };
        super::print(&(super::with_bold_heading(&report::gradients(&checked)) + &verdict))?;
    }
    if failed == 0 { Ok(()) } else { Err(Failure::Bad) }
}
