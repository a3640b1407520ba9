//! gzip: a header, a Deflate stream, and the message's checksum and length.
//!
//! A file consists of one or more such members. Its message is that of all members, one after the other. Integers are
//! little-endian.
//!
//! | byte | size | field |
//! | --- | --- | --- |
//! | 0 | 2 | 1f 8b |
//! | 2 | 1 | the method, 8 for Deflate |
//! | 3 | 1 | the flags |
//! | 4 | 6 | time, effort, and operating system: ignored |
//! | 10 | 2 + n | with flag 4: a length n of 2 bytes, then n bytes |
//! | | | with flag 8: the file's name, up to a zero byte |
//! | | | with flag 16: a comment, up to a zero byte |
//! | | 2 | with flag 2: the lower 2 bytes of the CRC-32 of the header so far |
//! | | | the Deflate stream |
//! | | 4 | the CRC-32 of the message |
//! | | 4 | the length of the message modulo 2³² |
//!
//! Source: RFC 1952.

use alloc::vec::Vec;

use super::super::checksum::crc32;
use super::super::endian::Reader;
use super::append;
use super::error::{Cause, InflateError, Section};

/// The first two bytes of a gzip file.
pub const GZIP: [u8; 2] = [0x1f, 0x8b];

const DEFLATE: u8 = 8;

const FLAG_SUM: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;
/// The known flags: these, and 1, which marks the message as probably text.
const KNOWN_FLAGS: u8 = 0x1f;

/// The message of a gzip file, of at most `most` bytes.
///
/// ```
/// use ossicle::bytes::inflate::{Cause, InflateError, gunzip};
///
/// let file = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb/.\xceL\xceI\x05\0\x8ezy+\x07\0\0\0";
/// assert_eq!(gunzip(file, 7)?, b"ossicle");
/// assert_eq!(gunzip(file, 6).unwrap_err().cause, Cause::TooLong(6));
/// let error = gunzip(&file[..20], 7).unwrap_err();
/// assert_eq!(error.to_string(), "at byte 20, the bytes end within the checksum and length after the stream");
/// # Ok::<(), InflateError>(())
/// ```
///
/// # Errors
/// If the bytes are not one gzip file from the first to the last, a checksum or length does not match, or the message
/// is longer than allowed.
pub fn gunzip(bytes: &[u8], most: usize) -> Result<Vec<u8>, InflateError> {
    let mut reader = Reader::new(bytes);
    let mut out = Vec::new();
    loop {
        header(bytes, &mut reader).unwrap_or(Err(cut(bytes, Section::Header)))?;
        let start = out.len();
        let stream = append(bytes, reader.position(), &mut out, most)?;
        reader.skip(stream).ok_or(cut(bytes, Section::Stream))?;
        trailer(&mut reader, &out[start..]).unwrap_or(Err(cut(bytes, Section::Trailer)))?;
        if reader.remaining() == 0 {
            return Ok(out);
        }
    }
}

/// The first `n` bytes of the message of a gzip file, or all if it has fewer. Little more is decompressed: a message
/// often begins with a header that states its length.
///
/// # Errors
/// As [`gunzip`], for errors before the end of these bytes.
pub fn gunzip_start(bytes: &[u8], n: usize) -> Result<Vec<u8>, InflateError> {
    // A stored block is appended as a whole and has at most 65535 bytes. If it exceeds this limit, n bytes are there.
    let most = n.saturating_add(usize::from(u16::MAX));
    let mut reader = Reader::new(bytes);
    let mut out = Vec::new();
    loop {
        header(bytes, &mut reader).unwrap_or(Err(cut(bytes, Section::Header)))?;
        let start = out.len();
        let stream = append(bytes, reader.position(), &mut out, most);
        if out.len() >= n {
            out.truncate(n);
            return Ok(out);
        }
        reader.skip(stream?).ok_or(cut(bytes, Section::Stream))?;
        trailer(&mut reader, &out[start..]).unwrap_or(Err(cut(bytes, Section::Trailer)))?;
        if reader.remaining() == 0 {
            return Ok(out);
        }
    }
}

fn cut(bytes: &[u8], part: Section) -> InflateError {
    InflateError { offset: bytes.len(), cause: Cause::Truncated(part) }
}

/// Skips the header before a stream; `None` if the bytes end.
fn header(bytes: &[u8], reader: &mut Reader) -> Option<Result<(), InflateError>> {
    let start = reader.position();
    let wrong = |offset, cause| Some(Err(InflateError { offset, cause }));
    let first = reader.array()?;
    if first != GZIP {
        return wrong(start, Cause::NotGzip(first));
    }
    let method = reader.u8()?;
    if method != DEFLATE {
        return wrong(start + 2, Cause::Method(method));
    }
    let flags = reader.u8()?;
    if flags & !KNOWN_FLAGS != 0 {
        return wrong(start + 3, Cause::Flags(flags));
    }
    reader.skip(6)?;
    if flags & FLAG_EXTRA != 0 {
        let length = reader.u16_le()?;
        reader.skip(usize::from(length))?;
    }
    for text in [FLAG_NAME, FLAG_COMMENT] {
        if flags & text != 0 {
            while reader.u8()? != 0 {}
        }
    }
    if flags & FLAG_SUM != 0 {
        let offset = reader.position();
        let found = crc32(&bytes[start..offset]) as u16; // its lower half
        let expected = reader.u16_le()?;
        if found != expected {
            return wrong(offset, Cause::HeaderSum { expected, found });
        }
    }
    Some(Ok(()))
}

/// Compares a message with the checksum and length after its stream; `None` if the bytes end.
fn trailer(reader: &mut Reader, message: &[u8]) -> Option<Result<(), InflateError>> {
    let offset = reader.position();
    let expected = reader.u32_le()?;
    let found = crc32(message);
    if found != expected {
        return Some(Err(InflateError { offset, cause: Cause::Sum { expected, found } }));
    }
    let offset = reader.position();
    let expected = reader.u32_le()?;
    let found = message.len() as u32; // modulo 2³²
    if found != expected {
        return Some(Err(InflateError { offset, cause: Cause::Size { expected, found } }));
    }
    Some(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::super::super::deflate::{BitWriter, deflate};
    use super::*;
    use alloc::vec;

    const ALL: usize = usize::MAX;

    /// Made by `GzipFile("bones.txt", "wb", 9, file, 1700000000)` of Python.
    const BONES: &[u8] =
        b"\x1f\x8b\x08\x08\0\xf1Se\x02\xffbones.txt\0\xcbH\xcc\xcdM-\xd2QH\xcc+\xcb\xcc\xd1Q(.\xc9,**-\xb0V\xc8\xc0!\
        \x0e\0O[\xe1\x170\0\0\0";
    const MESSAGE: &[u8] = b"hammer, anvil, stirrup; hammer, anvil, stirrup; ";
    /// The start of its stream, and the start of the checksum after the stream.
    const STREAM: usize = 20;
    const TRAILER: usize = 49;

    /// A member with these flags, and these bytes between header and stream.
    fn member(flags: u8, fields: &[u8], message: &[u8]) -> Vec<u8> {
        let mut file = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 5, 6];
        file.extend_from_slice(fields);
        file.extend(deflate(message));
        file.extend(crc32(message).to_le_bytes());
        file.extend((message.len() as u32).to_le_bytes());
        file
    }

    fn error(offset: usize, cause: Cause) -> Result<Vec<u8>, InflateError> {
        Err(InflateError { offset, cause })
    }

    #[test]
    fn a_file_with_a_name_is_read() {
        assert_eq!(gunzip(BONES, MESSAGE.len()).unwrap(), MESSAGE);
    }

    #[test]
    fn optional_fields_are_passed_over() {
        let fields = b"\x03\0\0\xff\x1fname\0comment\0";
        assert_eq!(gunzip(&member(1, &[], b"m"), ALL).unwrap(), b"m");
        assert_eq!(gunzip(&member(FLAG_EXTRA, &fields[..5], b"m"), ALL).unwrap(), b"m");
        assert_eq!(gunzip(&member(FLAG_NAME, &fields[5..10], b"m"), ALL).unwrap(), b"m");
        assert_eq!(gunzip(&member(FLAG_COMMENT, &fields[10..], b"m"), ALL).unwrap(), b"m");

        let header = &member(KNOWN_FLAGS, fields, b"")[..10 + fields.len()];
        let found = crc32(header) as u16;
        let with = |sum: u16| gunzip(&member(KNOWN_FLAGS, &[&fields[..], &sum.to_le_bytes()].concat(), b"m"), ALL);
        assert_eq!(with(found).unwrap(), b"m");
        let expected = found ^ 1;
        assert_eq!(with(expected), error(header.len(), Cause::HeaderSum { expected, found }));
    }

    #[test]
    fn several_members_are_one_message() {
        let (one, two) = (member(0, &[], b"hammer"), member(FLAG_NAME, b"two\0", b"anvil"));
        assert_eq!(gunzip(&[&one[..], &two].concat(), 11).unwrap(), b"hammeranvil");
        assert_eq!(gunzip(&[&one[..], &two, &one].concat(), ALL).unwrap(), b"hammeranvilhammer");
        // Only another member may follow a member.
        let offset = one.len();
        assert_eq!(gunzip(&[&one[..], b"--"].concat(), ALL), error(offset, Cause::NotGzip(*b"--")));
        assert_eq!(gunzip(&[&one[..], &[0; 9]].concat(), ALL), error(offset, Cause::NotGzip([0, 0])));
    }

    #[test]
    fn a_distance_does_not_reach_into_the_member_before() {
        let one = member(0, &[], b"hammer");
        let mut stream = BitWriter::default();
        stream.bits(0b011, 3);
        stream.code(1, 7); // length 3
        stream.code(2, 5); // distance 3
        let bad = [&one, &one[..10], &stream.finish(), &[0; 8]].concat();
        let offset = one.len() + 10 + 1;
        assert_eq!(gunzip(&bad, ALL), error(offset, Cause::Distance { expected: 0, found: 3 }));
    }

    #[test]
    fn other_headers_are_errors() {
        for (at, byte, offset, cause) in [
            (0, b'B', 0, Cause::NotGzip([b'B', 0x8b])),
            (1, 0x9e, 0, Cause::NotGzip([0x1f, 0x9e])),
            (2, 7, 2, Cause::Method(7)),
            (3, 0x28, 3, Cause::Flags(0x28)),
        ] {
            let mut file = BONES.to_vec();
            file[at] = byte;
            assert_eq!(gunzip(&file, ALL), error(offset, cause));
        }
    }

    #[test]
    fn a_wrong_checksum_or_length_is_an_error() {
        let mut file = BONES.to_vec();
        let found = crc32(MESSAGE);
        file[TRAILER] ^= 1;
        assert_eq!(gunzip(&file, ALL), error(TRAILER, Cause::Sum { expected: found ^ 1, found }));
        file[TRAILER] ^= 1;
        file[TRAILER + 7] = 1;
        let (expected, found) = ((1 << 24) + 48, 48);
        assert_eq!(gunzip(&file, ALL), error(TRAILER + 4, Cause::Size { expected, found }));
    }

    #[test]
    fn every_prefix_is_found_to_be_cut_off() {
        for end in 0..BONES.len() {
            let part = match end {
                0..STREAM => Section::Header,
                STREAM..TRAILER => Section::Stream,
                _ => Section::Trailer,
            };
            assert_eq!(gunzip(&BONES[..end], ALL), error(end, Cause::Truncated(part)));
        }
    }

    #[test]
    fn no_changed_byte_gives_another_message() {
        for at in 0..BONES.len() {
            for change in 1..=255 {
                let mut file = BONES.to_vec();
                file[at] ^= change;
                // The file's name and time are not in the message.
                if let Ok(message) = gunzip(&file, ALL) {
                    assert_eq!(message, MESSAGE, "byte {at}");
                }
            }
        }
    }

    #[test]
    fn the_start_of_a_message_is_its_first_bytes() {
        let file = [member(0, &[], b"ham"), member(0, &[], b"mer, anvil")].concat();
        for n in 0..20 {
            assert_eq!(gunzip_start(&file, n).unwrap(), b"hammer, anvil"[..n.min(13)]);
        }
        // Little more of a long message is decompressed, so errors behind it are not found.
        let long: Vec<u8> = (0..3_000_000).map(|i| (i % 251) as u8).collect();
        let file = member(0, &[], &long);
        assert_eq!(gunzip_start(&file[..file.len() - 9], 1000).unwrap(), long[..1000]);
        let stored = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0, 0][..], &long[..65_535]].concat();
        assert_eq!(gunzip_start(&stored, 1).unwrap(), [0]);
        assert_eq!(gunzip_start(&stored, 65_535).unwrap(), long[..65_535]);
        assert_eq!(gunzip_start(&stored[..99], 1), error(99, Cause::Truncated(Section::Stream)));
    }

    #[test]
    fn a_bomb_goes_off_at_the_bound() {
        let file = member(0, &[], &vec![0; 3_000_000]);
        assert!(file.len() < 30_000);
        let bomb = gunzip(&file, 1_000_000).unwrap_err();
        assert!(bomb.cause == Cause::TooLong(1_000_000) && bomb.offset < file.len() / 2, "{bomb}");
        // Each member is small, all together are not.
        let many = member(0, &[], b"ossicle").repeat(1000);
        assert_eq!(gunzip(&many, 7000).unwrap().len(), 7000);
        assert_eq!(gunzip(&many, 6999).unwrap_err().cause, Cause::TooLong(6999));
    }
}
