//! The host: its digests are the ones that the other machines must reproduce. `OSSICLE_ISA` forces an instruction set.

extern crate alloc;
mod proof;

fn main() {
    proof::all(&mut |name, digest| println!("{name} {digest:016x}"));
}
