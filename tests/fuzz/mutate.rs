//! Damage: random changes of a valid file.

use ossicle::number::Random;

/// A number at which programs fail: small, next to a power of two, or next to the largest.
pub fn odd_number(random: &mut Random) -> u64 {
    let power = 1u64 << random.index(64);
    match random.index(5) {
        0 => random.index(16) as u64,
        1 => power,
        2 => power - 1,
        3 => power.wrapping_add(1),
        _ => u64::MAX - random.index(16) as u64,
    }
}

/// Makes zero to `most` changes: replaces bytes, bits and integers of both byte orders, truncates the file, removes or
/// doubles stretches, inserts stretches of another file or words.
pub fn damage(file: &mut Vec<u8>, most: usize, other: &[u8], words: &[&[u8]], random: &mut Random) {
    for _ in 0..random.index(most + 1) {
        let at = random.index(file.len() + 1);
        let rest = file.len() - at;
        match random.index(14) {
            0 | 1 if rest > 0 => file[at] = random.index(256) as u8,
            2 if rest > 0 => file[at] ^= 1 << random.index(8),
            3 if rest >= 2 => file[at..at + 2].copy_from_slice(&(odd_number(random) as u16).to_le_bytes()),
            4 | 5 if rest >= 4 => file[at..at + 4].copy_from_slice(&(odd_number(random) as u32).to_le_bytes()),
            6 if rest >= 4 => file[at..at + 4].copy_from_slice(&(odd_number(random) as u32).to_be_bytes()),
            7 if rest >= 8 => file[at..at + 8].copy_from_slice(&odd_number(random).to_le_bytes()),
            8 => file.truncate(at),
            9 => {
                file.drain(at..at + random.index(rest + 1));
            }
            10 => {
                let stretch = file[at..at + random.index(rest + 1)].to_vec();
                file.splice(at..at, stretch);
            }
            11 => {
                let start = random.index(other.len() + 1);
                let end = start + random.index(other.len() - start + 1);
                file.splice(at..at, other[start..end].iter().copied());
            }
            12 if !words.is_empty() => {
                let word = words[random.index(words.len())];
                // Overwrites bytes, or is inserted between two.
                let end = if random.index(2) == 0 { at } else { file.len().min(at + word.len()) };
                file.splice(at..end, word.iter().copied());
            }
            _ => {}
        }
        file.truncate(2000);
    }
}

/// One of a few.
pub fn one<'a, T>(all: &'a [T], random: &mut Random) -> &'a T {
    &all[random.index(all.len())]
}
