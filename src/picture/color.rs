//! Color maps, and a list of colors for lines.
//!
//! There are four color maps, for four kinds of values. A **signed** value, such as a weight, is black, mid-gray (at
//! zero) or white. A **level**, such as the energy in a band, goes from dark blue through teal to yellow. A
//! **fraction** of a whole goes from white, the color of paper, to dark blue. The probability of one of **two classes**
//! goes from blue through white, where both are equally likely, to orange.
//!
//! To the eye, equal steps of lightness L* look equal. So the maps of levels and of fractions have five anchors at even
//! steps of L* (CIE 1976, computed from sRGB), and interpolate linearly between them in sRGB, which is itself nearly
//! uniform in lightness; the map of signed values is linear in sRGB throughout. Because lightness alone gives the
//! order, pictures remain readable in grayscale and to color-blind readers. The map of two classes gets darker toward
//! both ends: lightness shows the certainty, and the hue, blue or orange, the class; color-blind readers distinguish
//! this pair of hues.

use super::image::{BLACK, Rgb, WHITE};

/// The color of zero on the signed map; also the color of NaN on every map.
pub const MID_GREY: Rgb = [128, 128, 128];

/// L* = 10, 30.5, 51, 71.5, 92.
const LEVELS: [Rgb; 5] = [[14, 18, 82], [24, 72, 132], [35, 134, 143], [116, 192, 132], [252, 234, 98]];

/// L* = 100, 79.5, 59, 38.5, 18.
const FRACTIONS: [Rgb; 5] = [WHITE, [168, 200, 230], [98, 146, 196], [44, 92, 150], [18, 42, 98]];

/// L* = 65, 83, 100, 83, 65: blue for class 0, orange for class 1.
const TWO_CLASSES: [Rgb; 5] = [[98, 164, 212], [176, 212, 236], WHITE, [247, 197, 152], [228, 134, 64]];

/// Colors for lines, which color-blind readers can distinguish too: M. Okabe and K. Ito, "Color universal design",
/// 2008. Their eighth color, yellow, is left out, because a thin yellow line cannot be seen on white.
pub const DISTINCT: [Rgb; 7] = [
    [0, 114, 178],   // blue
    [213, 94, 0],    // vermilion
    [0, 158, 115],   // bluish green
    [204, 121, 167], // reddish purple
    [230, 159, 0],   // orange
    [0, 0, 0],       // black
    [86, 180, 233],  // sky blue
];

/// -1 is black, 0 mid-gray, 1 white. Values outside are clamped; NaN is mid-gray.
#[must_use]
pub fn signed(value: f64) -> Rgb {
    if value.is_nan() {
        return MID_GREY;
    }
    // 127.5 + 127.5·v, rounded: `as` drops the fraction.
    let grey = (128.0 + 127.5 * value.clamp(-1.0, 1.0)) as u8;
    [grey; 3]
}

/// 0 is dark blue, 1 yellow. Values outside are clamped; NaN is mid-gray.
#[must_use]
pub fn level(value: f64) -> Rgb {
    between(&LEVELS, value)
}

/// 0 is white, 1 dark blue. Values outside are clamped; NaN is mid-gray.
#[must_use]
pub fn fraction(value: f64) -> Rgb {
    between(&FRACTIONS, value)
}

/// The probability of class 1: 0 is blue, ½ white, 1 orange. Values outside are clamped; NaN is mid-gray.
#[must_use]
pub fn two_classes(probability: f64) -> Rgb {
    between(&TWO_CLASSES, probability)
}

/// The linear interpolation between the anchors at `value`, from 0 to 1.
fn between(anchors: &[Rgb; 5], value: f64) -> Rgb {
    if value.is_nan() {
        return MID_GREY;
    }
    let place = value.clamp(0.0, 1.0) * 4.0;
    let segment = (place as usize).min(3);
    let rest = place - segment as f64;
    let (from, to) = (anchors[segment], anchors[segment + 1]);
    [0, 1, 2].map(|i| {
        let (a, b) = (f64::from(from[i]), f64::from(to[i]));
        (a + (b - a) * rest + 0.5) as u8
    })
}

/// The color for text on `ground`: black or white, whichever has more contrast.
///
/// Both have the same contrast if the relative luminance Y satisfies (Y + 0.05)² = 0.05·1.05, that is, Y = 0.179 (Web
/// Content Accessibility Guidelines 2, contrast ratio), the luminance of the gray 118. The curve of sRGB is
/// approximated by a square.
#[must_use]
pub fn text_color_on(ground: Rgb) -> Rgb {
    let [red, green, blue] = ground.map(|channel| u32::from(channel).pow(2));
    let luminance = 2126 * red + 7152 * green + 722 * blue;
    if luminance > 10_000 * 118 * 118 { BLACK } else { WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance by the curve of sRGB (IEC 61966-2-1).
    fn luminance(color: Rgb) -> f64 {
        let [red, green, blue] = color.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// L* of CIE 1976, above its linear foot.
    fn lightness(color: Rgb) -> f64 {
        116.0 * luminance(color).cbrt() - 16.0
    }

    fn steps(map: fn(f64) -> Rgb) -> impl Iterator<Item = f64> {
        let at = move |i| lightness(map(f64::from(i) / 32.0));
        (0..32).map(move |i| at(i + 1) - at(i))
    }

    #[test]
    fn equal_steps_of_a_level_or_share_are_nearly_equal_steps_of_lightness() {
        let even = 82.0 / 32.0;
        for step in steps(level).chain(steps(fraction).map(|step| -step)) {
            assert!((step - even).abs() < 0.25 * even, "{step}");
        }
    }

    #[test]
    fn distinct_colors_stand_out_on_white() {
        for color in DISTINCT {
            assert!(lightness(color) < 75.0, "{color:?}: {}", lightness(color));
        }
    }

    #[test]
    fn anchors_are_hit_and_the_beyond_is_cut_off() {
        for (i, anchor) in LEVELS.into_iter().enumerate() {
            assert_eq!(level(i as f64 / 4.0), anchor);
        }
        assert_eq!(level(-7.0), LEVELS[0]);
        assert_eq!(level(f64::INFINITY), LEVELS[4]);
        assert_eq!(fraction(f64::NEG_INFINITY), WHITE);
        assert_eq!([level(f64::NAN), fraction(f64::NAN)], [MID_GREY; 2]);
    }

    #[test]
    fn equal_certainty_of_either_class_is_equally_light() {
        for certainty in [0.0, 0.25, 0.5] {
            let [zero, one] = [0.5 - certainty, 0.5 + certainty].map(|p| lightness(two_classes(p)));
            assert!((zero - one).abs() < 1.0 && (zero - (100.0 - 70.0 * certainty)).abs() < 1.0, "{zero} {one}");
        }
        assert_eq!([two_classes(0.5), two_classes(f64::NAN)], [WHITE, MID_GREY]);
    }

    #[test]
    fn signed_is_black_grey_white() {
        assert_eq!([-1.0, 0.0, 1.0].map(signed), [BLACK, MID_GREY, WHITE]);
        assert_eq!([f64::NEG_INFINITY, f64::NAN, 9.0].map(signed), [BLACK, MID_GREY, WHITE]);
        assert!(signed(0.01)[0] > 128 && signed(-0.01)[0] < 128);
    }

    #[test]
    fn ink_stands_out_on_every_color_of_the_maps() {
        for i in 0..=200 {
            let value = f64::from(i) / 200.0;
            for ground in [level(value), fraction(value), two_classes(value), signed(2.0 * value - 1.0)] {
                let (text, ground) = (luminance(text_color_on(ground)), luminance(ground));
                let contrast = (text.max(ground) + 0.05) / (text.min(ground) + 0.05);
                assert!(contrast > 4.2, "{contrast} at {value}");
            }
        }
    }
}
