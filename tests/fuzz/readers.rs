//! Fuzz targets of binary formats: WAV, Deflate and gzip, IDX, PNG.

use crate::mutate::{damage, odd_number, one};
use crate::{Memory, Target, reading};
use ossicle::bytes::checksum::crc32;
use ossicle::bytes::deflate::{deflate, zlib};
use ossicle::bytes::inflate::{gunzip, gunzip_start, inflate};
use ossicle::dataset::idx::Idx;
use ossicle::number::Random;
use ossicle::picture::png::{SIGNATURE, read_gray};
use std::sync::LazyLock;

pub const WAV: Target = Target { name: "wav", draw: draw_wav, eat: eat_wav };
pub const ARCHIVES: Target = Target { name: "archives", draw: draw_archive, eat: eat_archive };
pub const PNG: Target = Target { name: "png", draw: draw_png, eat: eat_png };
pub const IDX: Target = Target { name: "idx", draw: draw_idx, eat: eat_idx };

static WAVES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| [reading::fixture::files(), reading::fixture::unusual_files()].concat());

fn draw_wav(random: &mut Random, input: &mut Vec<u8>) {
    const WORDS: [&[u8]; 8] = [b"data", b"fmt ", b"RIFF", b"RIFX", b"RF64", b"ds64", b"LIST", b"WAVE"];
    input.extend_from_slice(&one(&WAVES[..], random)[..]);
    damage(input, 6, &one(&WAVES[..], random)[..], &WORDS, random);
}

fn eat_wav(input: &[u8], memory: &mut Memory) -> bool {
    let read = reading::read(input);
    memory.check("a file", 8 * input.len() + (64 << 10), read.held);
    read.is_wav
}

/// The longest message that is unpacked.
const MOST: usize = 64 << 10;
/// How long a message n bytes can hold.
const RATIO: usize = 1032;

/// Streams of each kind of block: stored; fixed codes; dynamic codes, made by zlib of the 80 first squares.
static STREAMS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    const DYNAMIC: &[u8] = b"\
        \x15\x8f\xd1\x01\x00\x31\x04\x43\x57\x31\x42\x91\xea\xd9\x7f\xb1\x7b\xf9\xd2\x12\xf1\x72\x22\x43\
        \xb1\x91\x13\x75\xa3\x27\xb4\x31\x8a\x2f\x23\xcf\x89\x2c\xaa\xc4\x14\xc5\x22\x41\x53\x97\xfa\x6d\
        \x74\x09\x3d\xdb\xe8\x24\xea\xa7\xb8\xb5\x71\xdf\xc4\xa0\x1b\xea\xe3\xff\xe8\x7f\xcc\x17\xdd\x8e\
        \x7d\x59\xcc\x83\x43\x26\x56\x69\xcf\x2c\xcc\xb3\x7d\x45\x3e\x77\x7d\x77\x0c\x30\x26\x79\x10\xe5\
        \x27\x33\x40\x58\xc7\x14\x69\xe2\x3a\x1b\xd5\x47\x51\x3a\x09\x19\x1b\x35\x7e\x3d\xf7\x3e\x4f\x17\
        \x5d\x7b\xa3\xf1\x37\x34\xe4\x8d\x5f\x0b\xe7\xf6\x8d\x7e\x5c\xeb\x8f\xbb\xbd\x10\xe8\xc0\x22\x53\
        \xa9\xe1\x93\x20\xd5\xc0\xac\xe7\xb4\x8e\x71\x0f\x79\x6e\x3a\x70\x3b\x31\x93\xb8\xce\x7c\x9f\x5f\
        \x4b\x6f\x0e\x53\xb6\x32\x7e";
    let stored = b"\x01\x07\0\xf8\xffossicle".to_vec();
    vec![
        stored,
        deflate(b"hammer, anvil, stirrup, hammer"),
        deflate(&[7; 300]),
        deflate(&[0; 5000]),
        DYNAMIC.to_vec(),
        b"\x03\0".to_vec(),
    ]
});

fn gzip(stream: &[u8], random: &mut Random, file: &mut Vec<u8>) {
    let flags = if random.index(4) == 0 { random.index(256) as u8 } else { 0 };
    file.extend_from_slice(&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255]);
    if flags & 4 != 0 {
        file.extend_from_slice(&[3, 0, 1, 2, 3]);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            file.extend_from_slice(b"name\0");
        }
    }
    if flags & 2 != 0 {
        let checksum = crc32(file) as u16;
        file.extend_from_slice(&checksum.to_le_bytes());
    }
    file.extend_from_slice(stream);
    // The message as far as it goes: damage of a stream is usually found before its end.
    let message = inflate(stream, MOST).unwrap_or_default();
    file.extend_from_slice(&crc32(&message).to_le_bytes());
    file.extend_from_slice(&(message.len() as u32).to_le_bytes());
}

/// Half of the inputs are streams, half files; of these most have their checksum after the damage.
fn draw_archive(random: &mut Random, input: &mut Vec<u8>) {
    let mut stream = one(&STREAMS[..], random).to_vec();
    match random.index(16) {
        // The message is damaged, and packed anew.
        0 => {
            let mut message = inflate(&stream, MOST).unwrap();
            damage(&mut message, 6, b"hammer", &[], random);
            stream = deflate(&message);
        }
        // Nothing but noise, behind the head of a block.
        1 => {
            stream.truncate(random.index(4));
            (0..random.index(60)).for_each(|_| stream.push(random.index(256) as u8));
        }
        _ => damage(&mut stream, 3, &one(&STREAMS[..], random)[..], &[], random),
    }
    if random.index(2) == 0 {
        input.extend(stream);
        return;
    }
    let start = input.len();
    gzip(&stream, random, input);
    if random.index(8) == 0 {
        // Several members are one message.
        let again = input[start..].to_vec();
        input.extend(again);
    }
    if random.index(4) == 0 {
        damage(input, 2, b"\x1f\x8b\x08", &[], random);
    }
}

fn eat_archive(input: &[u8], memory: &mut Memory) -> bool {
    // A vector that grows is held twice for a moment: the old half and the new whole.
    let allowed = 3 * MOST.min(RATIO * input.len()) + (4 << 10);
    let stream = memory.within("a stream", allowed, || inflate(input, MOST));
    let file = memory.within("a file", allowed, || gunzip(input, MOST));
    let start = memory.within("a start", allowed, || gunzip_start(input, 20));
    if let Ok(message) = &file {
        assert_eq!(start.as_deref(), Ok(&message[..message.len().min(20)]));
    }
    for message in [&stream, &file].into_iter().flatten() {
        assert!(message.len() <= MOST.min(RATIO * input.len()));
    }
    if let Ok(message) = &stream {
        // One byte less is not enough; what is packed again is the same (packing takes longer than all else).
        assert!(message.is_empty() || inflate(input, message.len() - 1).is_err());
        if input.len().is_multiple_of(16) {
            assert_eq!(inflate(&deflate(message), MOST).as_ref(), Ok(message));
        }
    }
    stream.is_ok() || file.is_ok()
}

/// A block of random sizes, which usually multiply to the numbers that follow.
fn draw_idx(random: &mut Random, input: &mut Vec<u8>) {
    let dimensions = if random.index(8) == 0 { random.index(6) } else { [1, 3][random.index(2)] };
    input.extend_from_slice(&[0, 0, 8, dimensions as u8]);
    let mut product = 1;
    for _ in 0..dimensions {
        let size = random.index(7);
        product *= size;
        input.extend_from_slice(&(size as u32).to_be_bytes());
    }
    (0..product.min(400)).for_each(|_| input.push(random.index(256) as u8));
    if random.index(3) != 0 {
        damage(input, 3, &[0, 0, 8, 3], &[], random);
    }
    if random.index(8) == 0 && input.len() >= 8 {
        let size = odd_number(random) as u32;
        input[4..8].copy_from_slice(&size.to_be_bytes());
    }
}

fn eat_idx(input: &[u8], memory: &mut Memory) -> bool {
    let allowed = 16 * input.len() + 4096;
    let Ok(idx) = memory.within("the numbers", allowed, || Idx::parse(input)) else { return false };
    let product = idx.sizes().iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    assert!(product == Some(idx.values().len()) || idx.values().is_empty());
    let images = memory.within("images", allowed, || idx.images::<f64>().map(|images| images.elements().len()));
    let labels = memory.within("labels", allowed, || idx.labels().map(|labels| labels.len()));
    for found in [images, labels].into_iter().flatten() {
        assert_eq!(found, idx.values().len());
    }
    true
}

/// The color types, each with its bytes a pixel.
const COLORS: [(u8, usize); 5] = [(0, 1), (2, 3), (3, 1), (4, 2), (6, 4)];

/// Appends a chunk; its checksum is usually right.
fn chunk(file: &mut Vec<u8>, kind: &[u8], data: &[u8], random: &mut Random) {
    file.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend_from_slice(kind);
    file.extend_from_slice(data);
    let checksum = crc32(&file[start..]) ^ u32::from(random.index(64) == 0);
    file.extend_from_slice(&checksum.to_be_bytes());
}

/// A picture of random rows, usually as many as the header claims, with damage before and after the checksums.
fn draw_png(random: &mut Random, input: &mut Vec<u8>) {
    let (color, samples) = *one(&COLORS, random);
    let (width, height) = (1 + random.index(9), 1 + random.index(9));
    let mut header = [(width as u32).to_be_bytes(), (height as u32).to_be_bytes()].concat();
    header.extend([8, color, 0, 0, 0]);
    let mut rows = Vec::new();
    for _ in 0..height {
        rows.push(random.index(5) as u8);
        (0..width * samples).for_each(|_| rows.push(random.index(256) as u8));
    }
    match random.index(16) {
        0 => damage(&mut header, 2, &[8, 2], &[], random),
        1 => header[..4].copy_from_slice(&(odd_number(random) as u32).to_be_bytes()),
        2 => damage(&mut rows, 2, &[4, 5], &[], random),
        3 => rows.resize(random.index(60_000), 0),
        _ => {}
    }
    let mut stream = zlib(&rows);
    if random.index(8) == 0 {
        damage(&mut stream, 2, &[8], &[], random);
    }
    input.extend_from_slice(&SIGNATURE);
    chunk(input, b"IHDR", &header, random);
    if color == 3 || random.index(8) == 0 {
        let colors = [256, 256, 1 + random.index(256)][random.index(3)];
        let palette: Vec<u8> = (0..3 * colors).map(|k| k as u8).collect();
        chunk(input, b"PLTE", &palette, random);
    }
    let (first, second) = stream.split_at(random.index(stream.len() + 1));
    chunk(input, b"IDAT", first, random);
    if random.index(8) == 0 {
        chunk(input, one(&[b"tEXt", b"IDAT", b"PLTE", b"NEXT"], random).as_slice(), first, random);
    }
    chunk(input, b"IDAT", second, random);
    chunk(input, b"IEND", &[], random);
    if random.index(8) == 0 {
        damage(input, 2, &SIGNATURE, &[b"IHDR", b"IDAT", b"IEND", b"PLTE"], random);
    }
}

fn eat_png(input: &[u8], memory: &mut Memory) -> bool {
    // The stream has at most 1032 bytes for each of the file; a vector that grows is held twice for a moment.
    let allowed = 8 * RATIO * input.len() + (64 << 10);
    let Ok(picture) = memory.within("a picture", allowed, || read_gray::<f32>(input)) else { return false };
    assert!(picture.rows() > 0 && picture.columns() > 0);
    assert!(picture.elements().iter().all(|shade| (0.0..=1.0).contains(shade)));
    true
}
