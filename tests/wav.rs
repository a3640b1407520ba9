//! The WAV reader against files that were damaged: how much memory it takes, and that it always comes to an end.
//!
//! `cargo test --test wav -- --ignored --nocapture` reads 50 million damaged files; OSSICLE_FUZZ_SEED chooses others.

extern crate alloc;

#[path = "../src/audio/wav/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "common/memory.rs"]
mod memory;

use memory::measured;
use ossicle::audio::wav::{Encoding, ReadError, Source, Stream, Wav};
use ossicle::number::Random;
use std::convert::Infallible;

/// Nine times the file and 64 KiB, without the file itself, which the caller holds.
fn most_memory(bytes: &[u8]) -> usize {
    8 * bytes.len() + (64 << 10)
}

/// Hands out a few bytes at a time.
struct Pieces<'a>(&'a [u8]);

impl Source for Pieces<'_> {
    type Error = Infallible;
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let most = buffer.len().min(7);
        self.0.read(&mut buffer[..most])
    }
}

/// Reads a file at once and as a stream; checks that both agree, and the memory. Returns whether it is a WAV file.
fn exercise(bytes: &[u8]) -> bool {
    let (result, held) = measured(|| {
        Wav::parse(bytes).inspect(|wav| {
            let mono = wav.mono();
            assert_eq!(mono.len(), wav.frames());
            assert_eq!(wav.samples().len(), wav.frames() * wav.channels());
            if wav.encoding() != Encoding::Float {
                assert!(mono.iter().all(|x| (-1.0..1.0).contains(x)));
            }
        })
    });
    assert!(held <= most_memory(bytes), "{held} bytes held for {}", bytes.len());
    let (streamed, held) = measured(|| {
        let mut stream = Stream::open(Pieces(bytes))?;
        let mut frames = 0;
        while let Some(block) = stream.block()? {
            frames += block.frames();
        }
        Ok(frames)
    });
    assert!(held <= most_memory(bytes), "{held} bytes held for a stream of {}", bytes.len());
    match (&result, streamed) {
        (Ok(wav), Ok(frames)) => assert_eq!(wav.frames(), frames),
        (Err(error), Err(ReadError::Wav(found))) => assert_eq!(*error, found),
        (_, streamed) => panic!("at once: {result:?}, streamed: {streamed:?}"),
    }
    result.is_ok()
}

/// A file with one to eight things wrong with it.
fn damage(file: &mut Vec<u8>, files: &[Vec<u8>], random: &mut Random) {
    const WORDS: [u32; 10] = [0, 1, 3, 7, 0x7fff_f000, 0x7fff_ffff, 0x8000_0000, u32::MAX - 8, u32::MAX - 1, u32::MAX];
    const NAMES: [&[u8; 4]; 8] = [b"data", b"fmt ", b"RIFF", b"RIFX", b"RF64", b"ds64", b"LIST", b"WAVE"];
    let place = |file: &Vec<u8>, random: &mut Random| random.below(file.len().max(1));
    for _ in 0..=random.below(8) {
        let at = place(file, random);
        let rest = file.len() - at;
        match random.below(8) {
            0 | 1 if rest > 0 => file[at] = random.below(256) as u8,
            2 if rest > 0 => file[at] ^= 1 << random.below(8),
            3 if rest >= 4 => file[at..at + 4].copy_from_slice(&WORDS[random.below(10)].to_le_bytes()),
            4 if rest >= 4 => file[at..at + 4].copy_from_slice(NAMES[random.below(8)]),
            5 => file.truncate(at),
            6 if rest > 0 => {
                // A stretch is taken out.
                let end = at + random.below(rest + 1);
                file.drain(at..end);
            }
            7 => {
                // A stretch of another file is put in.
                let other = &files[random.below(files.len())];
                let start = place(other, random);
                let length = random.below(other.len() - start + 1);
                file.splice(at..at, other[start..start + length].iter().copied());
                file.truncate(2000);
            }
            _ => {}
        }
    }
}

/// Reads so many damaged files; returns how many were WAV files still.
fn fuzz(seed: u64, inputs: u64) -> u64 {
    let files = [fixture::files(), fixture::unusual_files()].concat();
    let mut random = Random::new(seed);
    let mut file = Vec::with_capacity(4096);
    let mut good = 0;
    for _ in 0..inputs {
        file.clear();
        file.extend_from_slice(&files[random.below(files.len())]);
        damage(&mut file, &files, &mut random);
        good += u64::from(exercise(&file));
    }
    good
}

#[test]
fn a_hundred_thousand_damaged_files_end_in_a_result_or_an_error() {
    let good = fuzz(1, 100_000);
    assert!((1000..99_000).contains(&good), "{good} of them are files still");
}

#[test]
#[ignore = "half a minute: 50 million files"]
fn fifty_million_damaged_files_end_in_a_result_or_an_error() {
    const WORKERS: u64 = 2;
    const INPUTS: u64 = 50_000_000;
    let first = std::env::var("OSSICLE_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1_000_u64);
    let start = std::time::Instant::now();
    let good: u64 = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|w| scope.spawn(move || fuzz(first + w, INPUTS / WORKERS))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum::<u64>()
    });
    println!(
        "{INPUTS} files from seed {first}, {good} of them WAV files still, {:.1} s",
        start.elapsed().as_secs_f64()
    );
}

#[test]
fn no_claim_takes_more_than_nine_times_the_file() {
    for file in [fixture::files(), fixture::unusual_files()].concat() {
        assert!(exercise(&file));
        for position in 0..file.len() - 4 {
            for word in [0_u32, u32::MAX, 0x7fff_ffff, 0x7fff_f000] {
                let mut changed = file.clone();
                changed[position..position + 4].copy_from_slice(&word.to_le_bytes());
                exercise(&changed);
            }
        }
    }
}

#[test]
fn the_largest_files_take_nine_times_their_size_and_streams_a_block() {
    // A million frames of one byte, the worst there is: eight bytes become of each.
    for tag in [1, 6, 7] {
        let file = fixture::riff(&[
            fixture::chunk(b"fmt ", &fixture::fmt(tag, 1, 8000, 8)),
            fixture::chunk(b"data", &vec![7; 1_000_000]),
        ]);
        let (mono, held) = measured(|| Wav::parse(&file).unwrap().mono());
        assert_eq!(mono.len(), 1_000_000);
        assert!(held <= 8 * file.len() + (64 << 10), "{held}");
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
