//! The host, with its operating system: what the other machines are compared with. `OSSICLE_ISA` forces an
//! instruction set.

extern crate alloc;
mod proof;

fn main() {
    proof::all(&mut |name, digest| println!("{name} {digest:016x}"));
}
