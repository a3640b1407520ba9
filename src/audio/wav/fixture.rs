//! Files for the tests, put together by hand so that they may be wrong.

use crate::bytes::endian::{put_u16_le, put_u32_le};
use alloc::vec::Vec;

pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A chunk, padded.
pub(super) fn chunk(id: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let mut chunk = id.to_vec();
    put_u32_le(&mut chunk, contents.len() as u32);
    chunk.extend_from_slice(contents);
    if contents.len() % 2 == 1 {
        chunk.push(0);
    }
    chunk
}

/// A WAV file of these chunks.
pub(super) fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

/// The contents of a `fmt ` chunk of 16 bytes.
pub(super) fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let block_align = channels.wrapping_mul(bits / 8);
    let mut fmt = Vec::new();
    put_u16_le(&mut fmt, tag);
    put_u16_le(&mut fmt, channels);
    put_u32_le(&mut fmt, rate);
    put_u32_le(&mut fmt, rate.wrapping_mul(u32::from(block_align)));
    put_u16_le(&mut fmt, block_align);
    put_u16_le(&mut fmt, bits);
    fmt
}

/// The contents of a `fmt ` chunk of 40 bytes, of the extensible kind.
pub(super) fn extensible(tag: u16, channels: u16, rate: u32, bits: u16, valid: u16) -> Vec<u8> {
    let mut fmt = fmt(0xfffe, channels, rate, bits);
    put_u16_le(&mut fmt, 22);
    put_u16_le(&mut fmt, valid);
    put_u32_le(&mut fmt, 0);
    put_u16_le(&mut fmt, tag);
    fmt.extend_from_slice(b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
    fmt
}
