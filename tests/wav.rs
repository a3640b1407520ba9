//! Memory of the WAV reader: at most nine times the file, or one block for a stream. (`tests/fuzz` has damaged files.)

extern crate alloc;

#[path = "common/memory.rs"]
mod memory;
#[path = "common/wav.rs"]
mod reading;

use memory::measured;
use ossicle::audio::wav::{Stream, Wav};
use reading::fixture;

/// Nine times the file and 64 KiB, without the file itself, which the caller holds.
fn most_memory(bytes: &[u8]) -> usize {
    8 * bytes.len() + (64 << 10)
}

#[test]
fn no_claimed_length_takes_more_than_nine_times_the_file() {
    for file in [fixture::files(), fixture::unusual_files()].concat() {
        assert!(reading::read(&file).is_wav);
        for position in 0..file.len() - 4 {
            for word in [0_u32, u32::MAX, 0x7fff_ffff, 0x7fff_f000] {
                let mut changed = file.clone();
                changed[position..position + 4].copy_from_slice(&word.to_le_bytes());
                let held = reading::read(&changed).held;
                assert!(held <= most_memory(&changed), "{held} bytes held for {}", changed.len());
            }
        }
    }
}

#[test]
fn frames_of_one_byte_take_nine_times_the_file_and_streams_one_block() {
    // The worst case, a million frames of one byte, each of which becomes an f64.
    for tag in [1, 6, 7] {
        let file = fixture::riff(&[
            fixture::chunk(b"fmt ", &fixture::fmt(tag, 1, 8000, 8)),
            fixture::chunk(b"data", &vec![7; 1_000_000]),
        ]);
        let (mono, held) = measured(|| Wav::parse(&file).unwrap().mono());
        assert_eq!(mono.len(), 1_000_000);
        assert!(held <= most_memory(&file), "{held}");
        let (frames, held) = measured(|| {
            let mut stream = Stream::open(&file[..]).unwrap();
            let mut frames = 0;
            while let Some(block) = stream.block().unwrap() {
                frames += block.frames();
            }
            frames
        });
        assert_eq!(frames, 1_000_000);
        assert!(held <= 32 << 10, "{held}");
    }
}
