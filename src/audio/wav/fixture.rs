//! Files for the tests, put together by hand so that they may be wrong. (Also used by `tests/common/wav.rs`.)

use alloc::vec::Vec;

pub(crate) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A chunk, padded.
pub(crate) fn chunk(id: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let length = (contents.len() as u32).to_le_bytes();
    join(&[id, &length, contents, &[0][..contents.len() % 2]])
}

/// A WAV file of these chunks.
pub(crate) fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

/// The contents of a `fmt ` chunk of 16 bytes.
pub(crate) fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let block_align = channels.wrapping_mul(bits / 8);
    let bytes_a_second = rate.wrapping_mul(u32::from(block_align));
    let [tag, channels, block_align, bits] = [tag, channels, block_align, bits].map(u16::to_le_bytes);
    join(&[&tag, &channels, &rate.to_le_bytes(), &bytes_a_second.to_le_bytes(), &block_align, &bits])
}

/// The contents of a `fmt ` chunk of 40 bytes, of the extensible kind.
pub(crate) fn extensible(tag: u16, channels: u16, rate: u32, bits: u16, valid: u16) -> Vec<u8> {
    let [tag, valid] = [tag, valid].map(u16::to_le_bytes);
    let guid = b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71";
    join(&[&fmt(0xfffe, channels, rate, bits), &[22, 0], &valid, &[0; 4], &tag, guid])
}

/// Small files of every kind, 3 frames each, with chunks before, between and after those that count.
pub(crate) fn files() -> Vec<Vec<u8>> {
    let list = chunk(b"LIST", b"INFOodd");
    let mut files = Vec::new();
    for (tag, bits) in [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (6, 8), (7, 8)] {
        for channels in [1, 3] {
            let data: Vec<u8> = (0..3 * channels * bits / 8).map(|i| (i * 37) as u8).collect();
            let plain = chunk(b"fmt ", &fmt(tag, channels, 8000, bits));
            let data = chunk(b"data", &data);
            files.push(riff(&[plain.clone(), data.clone()]));
            let extensible = chunk(b"fmt ", &extensible(tag, channels, 8000, bits, bits));
            files.push(riff(&[list.clone(), extensible, list.clone(), data.clone(), list.clone()]));
            if tag == 1 {
                let length = (data.len() as u64 - 8).to_le_bytes();
                let lengths = chunk(b"ds64", &join(&[&[0; 8], &length, &[0; 12]]));
                let mut long = riff(&[lengths, plain, data]);
                long[..8].copy_from_slice(b"RF64\xff\xff\xff\xff");
                files.push(long);
            }
        }
    }
    files
}

/// Big-endian samples, samples to the end of the file, and an odd chunk without its pad byte.
pub(crate) fn unusual_files() -> Vec<Vec<u8>> {
    let big = b"RIFX\0\0\0\x28WAVEfmt \0\0\0\x10\0\x01\0\x01\0\0\x1f\x40\0\0\x3e\x80\0\x02\0\x10\
        data\0\0\0\x04\x40\0\x80\0";
    let head = riff(&[chunk(b"fmt ", &fmt(1, 2, 8000, 16))]);
    let open = join(&[&head, b"data\xff\xff\xff\xff", &[1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    let rest = [chunk(b"fmt ", &fmt(1, 1, 8000, 8)), chunk(b"data", &[1, 2, 3])].concat();
    let unpadded = join(&[b"RIFF\0\0\0\0WAVEnote\x03\0\0\0odd", &rest]);
    Vec::from([big.to_vec(), open, unpadded])
}
