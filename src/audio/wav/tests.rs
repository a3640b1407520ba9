//! Claims about whole files: any bytes end in a `Wav` or an error, never in a panic.

use super::fixture::{files, unusual_files};
use super::source::tests::Piecewise;
use super::*;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

const FRAMES: usize = 3;

/// Uses everything a file offers, so that a panic anywhere fails the test.
fn exercise(bytes: &[u8]) -> Result<Wav<'_>, WavError> {
    let result = Wav::parse(bytes);
    match result {
        Ok(wav) => {
            assert!(wav.rate() > 0 && wav.channels() > 0);
            assert!((1..=wav.bits()).contains(&wav.valid_bits()));
            assert!(wav.seconds() >= 0.0 && wav.seconds().is_finite());
            assert_eq!(wav.samples().count(), wav.frames() * wav.channels());
            assert!(wav.frames() <= bytes.len());
            assert_eq!(wav.mono().len(), wav.frames());
            assert!(wav.first_non_finite().is_none_or(|frame| frame < wav.frames()));
            if wav.encoding() == Encoding::Pcm {
                assert!(wav.samples().all(|x| (-1.0..1.0).contains(&x)));
                assert!(wav.mono().iter().all(|x| (-1.0..1.0).contains(x)));
            }
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
        }
    }
    streamed(bytes, &result);
    result
}

/// A stream in small pieces gives the same samples, and ends with the same error.
fn streamed(bytes: &[u8], expected: &Result<Wav<'_>, WavError>) {
    let mut bits = Vec::new();
    let mut read = || -> Result<(), ReadError<core::convert::Infallible>> {
        let mut stream = Stream::open(Piecewise(bytes, 5))?;
        while let Some(block) = stream.block()? {
            bits.extend(block.samples().map(f64::to_bits));
        }
        Ok(())
    };
    match (read(), expected) {
        (Ok(()), Ok(wav)) => assert!(wav.samples().map(f64::to_bits).eq(bits)),
        (Err(ReadError::Wav(found)), Err(expected)) => assert_eq!(found, *expected),
        (found, _) => panic!("streamed: {found:?}, at once: {expected:?}"),
    }
}

#[test]
fn a_file_is_printed_with_a_few_of_its_samples() {
    let file = write_pcm16(8000, 2, &[0.5, -0.5, 0.25, 0.75, 0.0, 0.0, 0.0, 0.5]);
    let text = format!("{:?}", Wav::parse(&file).unwrap());
    assert!(text.starts_with("Wav { format: Format { encoding: Pcm, ") && text.contains("rate: 8000"), "{text}");
    assert!(text.ends_with("}, frames: 4, samples: [0.5, -0.5, 0.25, 0.75, 0.0, 0.0, ... (8)] }"), "{text}");
    let mut rest = Wav::parse(&file).unwrap().samples();
    assert_eq!((rest.nth(5), format!("{rest:?}")), (Some(0.0), "[0.0, 0.5]".into()));
}

#[test]
fn a_prefix_is_read_if_it_holds_all_samples_and_refused_otherwise() {
    for file in files() {
        let whole = exercise(&file).unwrap();
        let name = file.windows(4).position(|id| id == b"data").unwrap();
        let bytes = FRAMES * whole.channels() * usize::from(whole.bits() / 8);
        let end = name + 8 + bytes;
        for length in 0..file.len() {
            let result = exercise(&file[..length]);
            if length >= end {
                assert_eq!(result, Ok(whole));
            } else {
                let error = result.unwrap_err();
                let truncated = matches!(
                    error,
                    WavError::Truncated { expected, expected_frames: 3, found, .. }
                        if expected == bytes as u64 && found as usize == length - (name + 8)
                );
                assert_eq!(truncated, length >= name + 8, "{length} bytes: {error}");
            }
        }
    }
}

#[test]
fn every_prefix_of_an_unusual_file_ends_in_a_file_or_an_error() {
    for file in unusual_files() {
        assert!(exercise(&file).unwrap().frames() > 1);
        for length in 0..file.len() {
            let _ = exercise(&file[..length]);
        }
    }
}

#[test]
fn every_change_of_one_byte_ends_in_a_file_or_an_error() {
    for mut file in files().into_iter().chain(unusual_files()) {
        for position in 0..file.len() {
            let original = file[position];
            for changed in 0..=255 {
                file[position] = changed;
                // The outcome is up to the byte; that there is one is the claim.
                let _ = exercise(&file);
            }
            file[position] = original;
        }
    }
}

#[test]
fn every_length_in_the_header_may_be_anything() {
    let lengths = [0, 1, 2, 3, 7, 8, 0x7fff_ffff, 0x8000_0000, u32::MAX - 8, u32::MAX - 1, u32::MAX];
    for mut file in files().into_iter().chain(unusual_files()) {
        for position in (0..file.len() - 4).step_by(2) {
            let original = [file[position], file[position + 1], file[position + 2], file[position + 3]];
            for length in lengths {
                file[position..position + 4].copy_from_slice(&length.to_le_bytes());
                let _ = exercise(&file);
            }
            file[position..position + 4].copy_from_slice(&original);
        }
    }
}

#[test]
fn a_truncated_file_says_how_much_of_it_is_there() {
    let file = write_pcm16(8000, 2, &[0.0; 10]);
    assert_eq!(
        Wav::parse(&file[..file.len() - 5]).unwrap_err().to_string(),
        "the data chunk claims 20 bytes (5 frames) from byte 44 on, \
         but the file has only 15 more (3 whole frames)"
    );
}

#[test]
fn an_error_is_an_error_to_whoever_passes_it_on() {
    fn fails() -> Result<(), alloc::boxed::Box<dyn core::error::Error>> {
        Wav::parse(b"")?;
        Ok(())
    }
    assert_eq!(fails().unwrap_err().to_string(), "the file is empty");
}
