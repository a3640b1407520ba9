//! Mel bands
//!
//! The ear separates low frequencies better than high ones. On the mel scale, equal distances sound
//! equally large, so bands that are evenly spaced on it are narrow where the ear is precise. This
//! is the scale of the HTK toolkit, one formula for all frequencies f in Hz:
//!
//!   m = 2595·log₁₀(1 + f/700)                             (ME.1)
//!
//! The bands are triangles in Hz with peaks of 1: the weight rises in a straight line from 0 at the
//! left corner to 1 at the peak, then falls to 0 at the right corner; outside it is 0. Neighbors
//! share corners: the peak of one band is the left corner of the next and the right corner of the
//! one before. All corners are evenly spaced in mel. Write the scale, its inverse, the corners, and
//! the triangle. In Rust, log₁₀ x is x.log10(), and 10ˣ is 10.0_f64.powf(x).

use ossicle::tutorial::workbook::tutor;

/// The pitch in mel of a frequency in Hz.
pub fn mel(hertz: f64) -> f64 {
    // solution
    2595.0 * (1.0 + hertz / 700.0).log10() // (ME.1)
    // end
}

/// The frequency in Hz of a pitch in mel.
pub fn hertz(mel: f64) -> f64 {
    // solution
    700.0 * (10.0_f64.powf(mel / 2595.0) - 1.0) // (ME.3)
    // end
}

/// All corners in Hz, ascending, of n bands between two frequencies in Hz: band b has its left corner at index b, its
/// peak at b + 1, and its right corner at b + 2.
pub fn corners(n: usize, lowest: f64, highest: f64) -> Vec<f64> {
    // solution
    let (low, high) = (mel(lowest), mel(highest));
    let mut corners = Vec::new();
    for i in 0..n + 2 {
        corners.push(hertz(low + (high - low) * i as f64 / (n + 1) as f64)); // (ME.5)
    }
    corners
    // end
}

/// The weight of the frequency f in a band; all in Hz, left < peak < right.
pub fn weight(f: f64, left: f64, peak: f64, right: f64) -> f64 {
    // solution
    let rising = (f - left) / (peak - left);
    let falling = (right - f) / (right - peak);
    rising.min(falling).max(0.0) // (ME.7)
    // end
}

/// The factor is that of 1 + f/700: 1 + 6300/700 = 10, and log₁₀ 10 = 1; 1 + 69300/700 = 100, and log₁₀ 100 = 2.
#[test]
fn a_factor_of_ten_is_2595_mel() {
    let frequencies = [0.0, 6300.0, 69300.0];
    tutor::all_near(&frequencies.map(mel), &[0.0, 2595.0, 5190.0], 1e-9);
    tutor::all_near(&[0.0, 2595.0, 5190.0].map(hertz), &frequencies, 1e-6);
}

/// Equal steps in mel multiply 1 + f/700 by equal factors: 1, 2, 4, 8 are f = 0, 700, 2100, 4900.
#[test]
fn two_bands_have_four_corners() {
    tutor::all_near(&corners(2, 0.0, 4900.0), &[0.0, 700.0, 2100.0, 4900.0], 1e-6);
    tutor::all_near(&corners(1, 700.0, 4900.0), &[700.0, 2100.0, 4900.0], 1e-6);
}

/// (156.25 - 100)/100 on the way up, (500 - 440)/300 on the way down.
#[test]
fn a_triangle_has_two_slopes_and_is_zero_outside() {
    let at = |f: f64| weight(f, 100.0, 200.0, 500.0);
    tutor::all_near(&[at(156.25), at(200.0), at(440.0)], &[0.5625, 1.0, 0.2], 1e-12);
    tutor::all_near(&[at(50.0), at(100.0), at(500.0), at(700.0)], &[0.0; 4], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::mel::check(mel, hertz, corners, weight);
}

// hint: In `hertz`, solve (ME.1) for f. In `corners`, count: how many different corners do two neighboring bands have,
//   and how many steps lie between the first corner and the last? In `weight`, draw the triangle.
// hint: In `hertz`, 10 to the power m/2595 is 1 + f/700. In `corners`, n bands have n + 2 corners and n + 1 steps:
//   divide the distance in mel from the lowest to the highest frequency into n + 1 equal steps, and convert each corner
//   back to Hz. In `weight`, there are two straight lines, one through 0 at `left` and 1 at `peak`, the other through 1
//   at `peak` and 0 at `right`.
// hint: `hertz` is 700·(10^(m/2595) - 1). In `corners`, corner i is `hertz(low + (high - low) * i as f64 / (n + 1) as
//   f64)`, where `low` and `high` are in mel. In `weight`, the lines are (f - left)/(peak - left) and
//   (right - f)/(right - peak): take the smaller one, and 0 if it is negative.
