//! Tests of inflate: streams of zlib, damaged streams, and noise.

use super::super::deflate::{BitWriter, deflate};
use super::*;
use alloc::{format, vec};

const ALL: usize = usize::MAX;

/// "0 1 4 9 16 ... 6241 ".
fn squares() -> Vec<u8> {
    (0..80).flat_map(|i| format!("{} ", i * i).into_bytes()).collect()
}

/// 1 a, 1 b, 2 c, 3 d, 5 e, ...: the frequencies that make the lengths of codes differ most.
fn fibonacci() -> Vec<u8> {
    let (mut message, mut now, mut next) = (Vec::new(), 1, 1);
    for letter in b'a'..=b'm' {
        message.extend(vec![letter; now]);
        (now, next) = (next, now + next);
    }
    message
}

/// Made by `zlib.compressobj(level, DEFLATED, -15, 9, strategy)` of Python, zlib 1.2.13.
#[test]
fn streams_of_zlib_are_read() {
    let mut runs = b"ossicle".to_vec();
    for (byte, run) in [(255, 5), (b'a', 13), (b'b', 41), (b'c', 131), (b'd', 259)] {
        runs.extend(vec![byte; run]);
    }
    runs.extend_from_slice(&[143, 144, 0, 255]);
    runs.extend_from_slice(b"ossicle");
    let streams: [(&str, u8, &[u8], Vec<u8>); 7] = [
        ("level 0", 0, STORED, b"ossicle".to_vec()),
        ("level 1", 2, LEVEL_1, squares()),
        ("level 9", 2, LEVEL_9, squares()),
        ("Z_FIXED", 1, FIXED, runs),
        ("Z_HUFFMAN_ONLY", 2, HUFFMAN_ONLY, fibonacci()),
        ("one distance", 2, ONE_DISTANCE, vec![b'a'; 10_000]),
        ("empty", 1, b"\x03\0", Vec::new()),
    ];
    for (name, kind, stream, message) in streams {
        assert_eq!(stream[0] >> 1 & 3, kind, "{name}");
        assert_eq!(inflate(stream, ALL).as_ref(), Ok(&message), "{name}");
        assert_eq!(inflate(stream, message.len()), Ok(message), "{name}");
    }
}

const STORED: &[u8] = b"\x01\x07\0\xf8\xffossicle";

const LEVEL_1: &[u8] =
    b"\x15\x8f\xc9\x01\xc00\x08\xc3Va\x04\xee\x94\xfd\x17\xab\xfc\"\x01c\x0b\xb7\xb0\xb6\xb3X\xcb\xb1Z\xeb\xb3m\
    \xfb\xc2\xc2\xdd\"\xa9\xddLQ\x1c\x1249\xd4\xef\xac\xb2\xd1\xb3\x8d\xae\x9b\xfa\xb5M\x9e\xcd[[tK}\xfc\x1f\xfd\
    \x8f\xf9\xa1;\xf4\xe1,\x86\xe3\x10\x81U\xc83\x12\xf3(\xa5\xb4\xe2F\xb9+\x80\x15\xc9\x83(>\xc8\xe2 L\x17E\x88\
    8\xfd,\xcb\xdb\xb2= c#W\xaf\xa7\xde\xa7\xe9\xa1+m\x14\xfe\x82\x86\xbc\xf0\xab\xc6\xb9\x94Q\x8f\xb4\xfa\xc8\
    \xad\x83\xa0\x1d\x96\x16U\x17|\xdd\x90\xf6\xc2\xdcO\xd7\xea\x8cq\xee\x19\x88lJ\x173\xb1\xd1\xcd\xf3\xf4:z\
    \xebL\xd9\n\xfb\x01";

const LEVEL_9: &[u8] =
    b"\x15\x8f\xd1\x01\x001\x04CW1B\x91\xea\xd9\x7f\xb1{\xf9\xd2\x12\xf1r\"C\xb1\x91\x13u\xa3'\xb41\x8a/#\xcf\x89,\
    \xaa\xc4\x14\xc5\"AS\x97\xfamt\t=\xdb\xe8$\xea\xa7\xb8\xb5q\xdf\xc4\xa0\x1b\xea\xe3\xff\xe8\x7f\xcc\x17\xdd\
    \x8e}Y\xcc\x83C&Vi\xcf,\xcc\xb3}E>w}w\x0c0&y\x10\xe5'3@X\xc7\x14i\xe2:\x1b\xd5GQ:\t\x19\x1b5~=\xf7>O\x17]{\
    \xa3\xf174\xe4\x8d_\x0b\xe7\xf6\x8d~\\\xeb\x8f\xbb\xbd\x10\xe8\xc0\"S\xa9\xe1\x93 \xd5\xc0\xac\xe7\xb4\x8eq\
    \x0fyn:p;1\x93\xb8\xce|\x9f_Ko\x0eS\xb62~";

const FIXED: &[u8] = b"\xcb/.\xceL\xceI\xfd\x0f\x02\x89\xc8 \x89X\x90<\xf0 e\x14\xf4O`\xf8\x9f\x0f\x89K\0";

const HUFFMAN_ONLY: &[u8] =
    b"\x05\xc1A\x02\xc30\x0c\xc3\xb0\xb7nk\x13[\"\xff\x7f\x1d\xf0\xf9\xfe~\xcf\xf3\xbc\xef\xfb\xbe\xe7\x9cs\xce9\
    \xf7\xde{\xef\xbd\xf7\xde{gffffffffffwwwwwwwwwwwwwwww7I\x92$I\x92$I\x92$I\x92$I\x92$I\x92$I\x92\xb4m\xdb\xb6\
    m\xdb\xb6m\xdb\xb6m\xdb\xb6m\xdb\xb6m\xdb\xb6m\xdb\xb6m\xdb\xb6m\xdb\xb6m\xdb\xb6m\xdb\x16\0\0\0\0\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0@UUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUU\
    UU\xd5?";

const ONE_DISTANCE: &[u8] = b"\xed\xc1\x01\r\0\0\0\xc2\xa0\xac\xef_\xc2\x1cn@\x01\0\0\0\0\0\0\0\0\xc0\xbf\x01";

const STREAMS: [&[u8]; 6] = [STORED, LEVEL_1, LEVEL_9, FIXED, HUFFMAN_ONLY, ONE_DISTANCE];

#[test]
fn every_prefix_is_found_to_be_cut_off() {
    for stream in STREAMS {
        for end in 0..stream.len() {
            assert_eq!(inflate(&stream[..end], ALL), error(end, Cause::Truncated(Section::Stream)));
        }
    }
}

#[test]
fn a_changed_byte_ends_in_a_message_or_an_error() {
    for stream in STREAMS {
        for at in 0..stream.len() {
            for change in 1..=255 {
                let mut stream = stream.to_vec();
                stream[at] ^= change;
                assert!(inflate(&stream, 20_000).map_or(0, |message| message.len()) <= 20_000);
            }
        }
    }
}

#[test]
fn inflating_a_deflated_message_restores_it() {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for length in [0, 1, 2, 3, 10, 257, 258, 259, 32_767, 32_768, 32_769, 100_000] {
        for letters in [1, 2, 17, 255] {
            let message: Vec<u8> = (0..length).map(|_| next() % letters).collect();
            assert!(inflate(&deflate(&message), length).unwrap() == message, "{length} of {letters}");
        }
    }
}

fn error(offset: usize, cause: Cause) -> Result<Vec<u8>, InflateError> {
    Err(InflateError { offset, cause })
}

/// The error of a stream, without its position.
fn cause(stream: BitWriter) -> Cause {
    inflate(&[stream.finish(), vec![0; 8]].concat(), ALL).unwrap_err().cause
}

/// A last block of dynamic codes, as far as its symbols; a length of 4 bits is sent as itself.
fn dynamic(literals: &[u8], distances: &[u8]) -> BitWriter {
    let mut bits = sizes(literals.len() as u32 - 257, distances.len() as u32 - 1, 15);
    for symbol in ORDER {
        bits.bits(if symbol < 16 { 4 } else { 0 }, 3);
    }
    for &length in literals.iter().chain(distances) {
        bits.code(u32::from(length), 4);
    }
    bits
}

fn sizes(literals: u32, distances: u32, lengths: u32) -> BitWriter {
    let mut bits = BitWriter::default();
    bits.bits(0b101, 3);
    bits.bits(literals, 5);
    bits.bits(distances, 5);
    bits.bits(lengths, 4);
    bits
}

/// Writes a symbol in the code of these lengths, numbered as in RFC 1951, §3.2.2.
fn write(bits: &mut BitWriter, lengths: &[u8], symbol: usize) {
    let (mut code, mut first) = (0, [0; 17]);
    for length in 1..=15 {
        first[length] = code;
        code = (code + lengths.iter().filter(|&&l| usize::from(l) == length).count() as u32) << 1;
    }
    let length = lengths[symbol];
    let before = lengths[..symbol].iter().filter(|&&l| l == length).count() as u32;
    bits.code(first[usize::from(length)] + before, u32::from(length));
}

/// The end of the block, and the first letters of the alphabet, by the lengths of their codes.
fn letters(end: u8, letters: &[u8]) -> Vec<u8> {
    let mut lengths = vec![0; 257];
    lengths[97..][..letters.len()].copy_from_slice(letters);
    lengths[256] = end;
    lengths
}

#[test]
fn codes_of_every_length_are_read() {
    let lengths = letters(15, &[15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let mut bits = dynamic(&lengths, &[0]);
    let message = b"abcdefghijklmnonmlkjihgfedcba";
    for &letter in message {
        write(&mut bits, &lengths, usize::from(letter));
    }
    write(&mut bits, &lengths, 256);
    assert_eq!(inflate(&bits.finish(), ALL).unwrap(), message);
}

#[test]
fn codes_that_are_none_are_errors() {
    let read = |literals: &[u8], distances: &[u8]| cause(dynamic(literals, distances));
    let whole = letters(1, &[1]);
    assert_eq!(read(&letters(1, &[1, 15]), &[0]), Cause::OverSubscribed(Alphabet::Literals));
    assert_eq!(read(&letters(2, &[2, 2]), &[0]), Cause::Incomplete(Alphabet::Literals));
    assert_eq!(read(&letters(1, &[]), &[0]), Cause::Incomplete(Alphabet::Literals));
    assert_eq!(read(&whole, &[1, 1, 1]), Cause::OverSubscribed(Alphabet::Distances));
    assert_eq!(read(&whole, &[1, 2]), Cause::Incomplete(Alphabet::Distances));
    assert_eq!(read(&letters(0, &[1, 1]), &[0]), Cause::NoEnd);
    assert_eq!(cause(sizes(0, 0, 15)), Cause::Incomplete(Alphabet::CodeLengths));
    let mut three_of_one_bit = sizes(0, 0, 0);
    three_of_one_bit.bits(0o111, 12);
    assert_eq!(cause(three_of_one_bit), Cause::OverSubscribed(Alphabet::CodeLengths));
}

#[test]
fn sizes_that_do_not_fit_are_errors() {
    let (alphabet, expected) = (Alphabet::Literals, 286);
    assert_eq!(cause(sizes(29, 29, 0)), Cause::Incomplete(Alphabet::CodeLengths));
    assert_eq!(cause(sizes(30, 29, 0)), Cause::TooManySymbols { alphabet, expected, found: 287 });
    let (alphabet, expected) = (Alphabet::Distances, 30);
    assert_eq!(cause(sizes(29, 30, 0)), Cause::TooManySymbols { alphabet, expected, found: 31 });

    // In this code, the symbol 16 is the bit 0, and 18 the bit 1.
    let repetitions = |then: u32| {
        let mut bits = sizes(0, 0, 0);
        bits.bits(0o101, 12);
        bits.bits(then, 16);
        cause(bits)
    };
    assert_eq!(repetitions(0), Cause::NothingToRepeat);
    assert_eq!(repetitions(0xffff), Cause::TooManyLengths { expected: 258, found: 276 });
}

#[test]
fn a_distance_may_have_the_only_code() {
    let mut lengths = letters(2, &[1]);
    lengths.push(2); // of the symbol for the length 3
    let read = |distances: &[u8], code| {
        let mut bits = dynamic(&lengths, distances);
        write(&mut bits, &lengths, 97);
        write(&mut bits, &lengths, 257);
        bits.code(code, 1);
        write(&mut bits, &lengths, 256);
        inflate(&bits.finish(), ALL).map_err(|error| error.cause)
    };
    assert_eq!(read(&[1], 0).unwrap(), b"aaaa");
    assert_eq!(read(&[1], 1), Err(Cause::UnusedCode(Alphabet::Distances)));
    assert_eq!(read(&[0], 0), Err(Cause::UnusedCode(Alphabet::Distances)));
}

#[test]
fn symbols_without_meaning_are_errors() {
    let fixed = |codes: &[(u32, u32)]| {
        let mut bits = BitWriter::default();
        bits.bits(0b011, 3);
        codes.iter().for_each(|&(code, count)| bits.code(code, count));
        cause(bits)
    };
    assert_eq!(fixed(&[(0b1100_0110, 8)]), Cause::UnusedSymbol(Alphabet::Literals, 286));
    assert_eq!(fixed(&[(0b1100_0111, 8)]), Cause::UnusedSymbol(Alphabet::Literals, 287));
    assert_eq!(fixed(&[(1, 7), (30, 5)]), Cause::UnusedSymbol(Alphabet::Distances, 30));
    assert_eq!(fixed(&[(1, 7), (31, 5)]), Cause::UnusedSymbol(Alphabet::Distances, 31));
    assert_eq!(fixed(&[(1, 7), (0, 5)]), Cause::Distance { expected: 0, found: 1 });
}

#[test]
fn errors_have_positions() {
    assert_eq!(inflate(&[0b111], ALL), error(0, Cause::BlockKind));
    assert_eq!(inflate(b"\x01\x07\0\xf9\xffossicle", ALL), error(5, Cause::StoredLength(7, 0xfff9)));
    assert_eq!(inflate(STORED, 6), error(5, Cause::TooLong(6)));
    assert_eq!(inflate(b"\x03\0--", ALL), error(2, Cause::Trailing(2)));
    assert_eq!(inflate(b"\x03\0", 0), Ok(Vec::new()));
    // Three bits, seven for the length 3, five for the distance 9, and its two extra bits: the next is in byte 2.
    let mut bits = BitWriter::default();
    bits.bits(0b011, 3);
    bits.code(1, 7);
    bits.code(6, 5);
    bits.bits(0, 2);
    assert_eq!(inflate(&bits.finish(), ALL), error(2, Cause::Distance { expected: 0, found: 9 }));
}

#[test]
fn noise_ends_in_a_message_or_an_error() {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    for length in (0..200).cycle().take(20_000) {
        let mut noise: Vec<u8> = (0..length).map(|_| next()).collect();
        let _ = inflate(&noise, 10_000);
        noise.splice(..0, *b"\x1f\x8b\x08\0\0\0\0\0\x02\x03");
        assert!(gunzip(&noise, 10_000).is_err());
    }
}
