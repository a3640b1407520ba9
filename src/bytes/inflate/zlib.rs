//! zlib: a header of two bytes, a Deflate stream, and the message's checksum.
//!
//! Other formats, such as PNG, hold their compressed parts in this form.
//!
//! | byte | size | field |
//! | --- | --- | --- |
//! | 0 | 1 | bits 0-3: the method, 8 for Deflate; bits 4-7: the size of the window, 2^(8+n) bytes, n <= 7 |
//! | 1 | 1 | bit 5: a dictionary is needed; bits 6-7: the effort, ignored; bits 0-4 complete the checksum |
//! | 2 | | the Deflate stream |
//! | | 4 | the Adler-32 of the message, highest byte first |
//!
//! The header's checksum: both bytes, as an integer with the first one higher, are a multiple of 31. The size of the
//! window matters to decoders with little memory only; here distances may be of any length.
//!
//! Source: RFC 1950.

use alloc::vec::Vec;

use super::super::checksum::adler32;
use super::super::endian::Reader;
use super::append;
use super::error::{Cause, InflateError, Section};

const DEFLATE: u8 = 8;
/// The largest n of a window of 2^(8+n) bytes.
const LARGEST_WINDOW: u8 = 7;
const FLAG_DICTIONARY: u8 = 0x20;

/// The message of a zlib stream, of at most `most` bytes.
///
/// ```
/// use ossicle::bytes::deflate::zlib;
/// use ossicle::bytes::inflate::{Cause, InflateError, unzlib};
///
/// let mut stream = zlib(b"ossicle");
/// assert_eq!(unzlib(&stream, 7)?, b"ossicle");
/// assert_eq!(unzlib(&stream, 6).unwrap_err().cause, Cause::TooLong(6));
/// stream[0] = 0;
/// assert_eq!(unzlib(&stream, 7).unwrap_err().to_string(), "at byte 0, the bytes 00 01 are no zlib header");
/// # Ok::<(), InflateError>(())
/// ```
///
/// # Errors
/// If the bytes are not one zlib stream from the first to the last, the checksum does not match, or the message is
/// longer than allowed.
pub fn unzlib(bytes: &[u8], most: usize) -> Result<Vec<u8>, InflateError> {
    let wrong = |offset, cause| Err(InflateError { offset, cause });
    let cut = |section| InflateError { offset: bytes.len(), cause: Cause::Truncated(section) };
    let mut reader = Reader::new(bytes);
    let header = reader.array().ok_or(cut(Section::ZlibHeader))?;
    let [first, flags] = header;
    if !u16::from_be_bytes(header).is_multiple_of(31) || first >> 4 > LARGEST_WINDOW {
        return wrong(0, Cause::NotZlib(header));
    }
    if first & 15 != DEFLATE {
        return wrong(0, Cause::Method(first & 15));
    }
    if flags & FLAG_DICTIONARY != 0 {
        return wrong(1, Cause::Dictionary);
    }
    let mut message = Vec::new();
    let stream = append(bytes, reader.position(), &mut message, most)?;
    reader.skip(stream).ok_or(cut(Section::Stream))?;
    let offset = reader.position();
    let expected = reader.array().map(u32::from_be_bytes).ok_or(cut(Section::ZlibTrailer))?;
    let found = adler32(&message);
    if found != expected {
        return wrong(offset, Cause::Sum { expected, found });
    }
    match reader.remaining() {
        0 => Ok(message),
        rest => wrong(reader.position(), Cause::Trailing(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::deflate::zlib;
    use super::*;

    /// The bytes with which Python's zlib compresses "ossicle, malleus, incus" at effort 9.
    const STREAM: &[u8] = b"\
        \x78\xda\xcb\x2f\x2e\xce\x4c\xce\x49\xd5\x51\xc8\x4d\xcc\xc9\x49\x2d\x2d\xd6\x51\xc8\xcc\x4b\x2e\x2d\x06\x00\x68\x58\x08\xa0";

    #[test]
    fn a_stream_of_another_program_is_read() {
        assert_eq!(unzlib(STREAM, 100).unwrap(), b"ossicle, malleus, incus");
    }

    #[test]
    fn damage_is_an_error_with_its_position() {
        let sound = zlib(b"ossicle");
        let cause = |bytes: &[u8]| unzlib(bytes, 100).map_err(|error| (error.offset, error.cause)).unwrap_err();
        let with = |index: usize, byte: u8| {
            let mut bytes = sound.clone();
            bytes[index] = byte;
            bytes
        };
        // No multiple of 31; the method 7; a window that is too large; a dictionary.
        assert_eq!(cause(&with(0, 0x79)), (0, Cause::NotZlib([0x79, 0x01])));
        assert_eq!(cause(&[0x77, 0x09]), (0, Cause::Method(7)));
        assert_eq!(cause(&[0x88, 0x1c]), (0, Cause::NotZlib([0x88, 0x1c])));
        assert_eq!(cause(&[0x78, 0x20]), (1, Cause::Dictionary));
        let end = sound.len();
        let found = adler32(b"ossicle");
        assert_eq!(cause(&with(end - 1, sound[end - 1] ^ 1)), (end - 4, Cause::Sum { expected: found ^ 1, found }));
        let longer = [&sound[..], b"!"].concat();
        assert_eq!(cause(&longer), (end, Cause::Trailing(1)));
        for length in 0..end {
            let section = match length {
                0..2 => Section::ZlibHeader,
                _ if length < end - 4 => Section::Stream,
                _ => Section::ZlibTrailer,
            };
            assert_eq!(cause(&sound[..length]), (length, Cause::Truncated(section)));
        }
    }
}
