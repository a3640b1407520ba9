//! Random numbers: the seeded generator xoshiro256++, with its state filled by SplitMix64.
//!
//! A run must be repeatable, so all randomness comes from a seed that the user chooses. Indices are drawn from 64 bits
//! even where `usize` has 32, so that a seed produces the same draws on all machines.
//!
//! **The generator.** Its state is four words of 64 bits, s_0 to s_3. A draw mixes two of them into its result, and
//! then updates the state by a shift (`<<`), a rotation (`<<<`) and exclusive or (⊕), line by line:
//!
//! ```text
//! result = ((s_0 + s_3) <<< 23) + s_0      sums modulo 2⁶⁴
//! t   = s_1 << 17
//! s_2 ← s_2 ⊕ s_0
//! s_3 ← s_3 ⊕ s_1
//! s_1 ← s_1 ⊕ s_2
//! s_0 ← s_0 ⊕ s_3
//! s_2 ← s_2 ⊕ t
//! s_3 ← s_3 <<< 45
//! ```
//!
//! The updates visit all 2²⁵⁶ - 1 states other than zero before one repeats. The bits of each new state are linear
//! functions of the old ones, which statistical tests can detect; the sums and the rotation in the result hide that.
//!
//! **The seed.** A state of zeros would stay zero, and a state with few ones needs many draws to fill up. So the words
//! are seed + c, seed + 2c, seed + 3c and seed + 4c with an odd constant c, each mixed by SplitMix64. The mixing is
//! one-to-one, so the four words differ and at most one is zero; neighboring seeds give states that have nothing in
//! common.
//!
//! **From bits to numbers.** A uniform number is the upper 53 bits divided by 2⁵³. An index below n is the remainder of
//! the bits by n; bits from the largest multiple of n on are rejected and drawn again, because otherwise small indices
//! would be more likely. A normal number is √(-2·ln u)·cos(2π·v) of two uniform numbers u and v (Box and Muller): a
//! point of a two-dimensional normal distribution has a random angle 2π·v, and half the square of its distance from the
//! origin is distributed like -ln u.
//!
//! Sources: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", 2021; G. Steele, D. Lea and C.
//! Flood, "Fast splittable pseudorandom number generators", 2014.

use super::Real;
use crate::machine::Element;

/// A stream of random numbers, the same for the same seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream of a seed. All seeds are equally good.
    pub fn new(seed: u64) -> Self {
        let mut counter = seed;
        let state = core::array::from_fn(|_| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = counter;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Random { state }
    }

    /// The stream that a seed and a sequence of numbers determine. With a stream for each of many objects, the draws
    /// for one do not depend on those for the others.
    pub fn stream(seed: u64, names: &[u64]) -> Self {
        Random::new(names.iter().fold(seed, |seed, name| Random::new(seed ^ name).next_u64()))
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in [0, 1): a multiple of 2^-53.
    pub fn uniform01(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in [low, high], computed in f64, then rounded to T. Where nothing else determines T, name it:
    ///
    /// ```
    /// use ossicle::number::Random;
    ///
    /// let mut random = Random::new(1);
    /// let x: f32 = random.uniform(-1.0, 1.0);
    /// let doubled = 2.0 * random.uniform::<f64>(0.0, 0.5);
    /// assert!(x.abs() <= 1.0 && (0.0..=1.0).contains(&doubled));
    /// ```
    pub fn uniform<T: Real>(&mut self, low: f64, high: f64) -> T {
        T::from_f64(low + (high - low) * self.uniform01())
    }

    /// A draw from the normal distribution with mean 0 and variance 1: √(-2·ln u)·cos(2π·v) of two uniform draws (G.
    /// Box and M. Muller, 1958), computed in f64, then rounded to T.
    pub fn normal<T: Real>(&mut self) -> T {
        // u is in (0, 1], so that its logarithm is finite.
        let (u, v) = (1.0 - self.uniform01(), self.uniform01());
        T::from_f64(Element::sqrt(-2.0 * Real::ln(u)) * (2.0 * v).sin_cos_pi().1)
    }

    /// Uniform among 0, 1, ..., n - 1.
    ///
    /// # Panics
    /// If n is 0.
    pub fn index(&mut self, n: usize) -> usize {
        assert!(n > 0, "nothing to draw from");
        let n = n as u64;
        // Values from the largest multiple of n on are drawn again: below it, all remainders are equally likely.
        let beyond = u64::MAX - u64::MAX % n;
        loop {
            let bits = self.next_u64();
            if bits < beyond {
                return (bits % n) as usize;
            }
        }
    }

    /// Shuffles the items; all orders are equally likely (Fisher and Yates, from the end).
    pub fn shuffle<I>(&mut self, items: &mut [I]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.index(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn first_outputs_are_pinned() {
        // Computed from the published algorithms by an independent program.
        let mut random = Random::new(0);
        assert_eq!(
            [random.next_u64(), random.next_u64(), random.next_u64()],
            [0x53175d61490b23df, 0x61da6f3dc380d507, 0x5c0fdf91ec9a7bfc]
        );
        let mut random = Random::new(42);
        assert_eq!([random.next_u64(), random.next_u64()], [0xd0764d4f4476689f, 0x519e4174576f3791]);
    }

    #[test]
    fn draws_stay_in_range_and_cover_it() {
        let mut random = Random::new(1);
        let mut seen = [0; 7];
        for _ in 0..7000 {
            seen[random.index(7)] += 1;
            let x: f32 = random.uniform(-2.0, 3.0);
            assert!((-2.0..=3.0).contains(&x));
        }
        assert!(seen.iter().all(|&count| (850..1150).contains(&count)), "{seen:?}");
    }

    #[test]
    fn normal_draws_have_the_moments_of_the_normal_distribution() {
        let mut random = Random::new(1);
        let draws: std::vec::Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
        let moment = |n: i32| draws.iter().fold(0.0, |sum, x: &f64| sum + x.powi(n)) / draws.len() as f64;
        for (n, expected, error) in [(1, 0.0, 0.01), (2, 1.0, 0.02), (3, 0.0, 0.05), (4, 3.0, 0.1)] {
            assert!((moment(n) - expected).abs() < error, "moment {n}: {}", moment(n));
        }
    }

    #[test]
    fn a_shuffle_preserves_every_item() {
        let mut items: [usize; 50] = core::array::from_fn(|i| i);
        Random::new(3).shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort();
        assert!(items.iter().enumerate().all(|(i, &item)| i == item));
    }
}
