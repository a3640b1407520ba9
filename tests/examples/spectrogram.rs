//! The spectrogram and the MFCC of a WAV file: `cargo run --example spectrogram [FILE.wav]`.

use ossicle::audio::wav::Wav;
use ossicle::spectrum::convention::Convention;
use ossicle::spectrum::decibel::{Decibels, Reference};
use ossicle::spectrum::mfcc::Mfcc;
use ossicle::spectrum::stft::Stft;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/data/digits/0_awb_0.wav");
    let path = std::env::args().find(|argument| argument.ends_with(".wav")).unwrap_or(bundled.into());
    let file = std::fs::read(&path)?;
    let wav = Wav::parse(&file)?;
    println!("{path}: {} Hz, {:.2} s", wav.rate(), wav.seconds());
    let samples = wav.mono();

    // Power, frequencies x frames, in decibels below the loudest point.
    let mut stft = Stft::new(Convention::Matlab.stft(wav.rate()));
    let levels = Decibels { reference: Reference::Largest, ..Decibels::default() }.levels(&stft.power(&samples));
    println!("spectrogram, in dB:\n{levels:.0}");
    assert!(levels.elements().iter().all(|level| (-80.0..=0.0).contains(level)));

    let mfcc = Mfcc::new(Convention::Librosa, wav.rate())?.frames(&samples);
    println!("MFCC, as librosa computes them:\n{mfcc:.1}");
    assert_eq!((mfcc.rows(), mfcc.columns()), (20, 1 + samples.len() / 512));
    Ok(())
}
