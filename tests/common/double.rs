//! Double-double arithmetic of about 32 digits, the reference of the tests of functions and transforms.

#![allow(dead_code)] // each test uses a part

use ossicle::machine::Element;

/// hi + lo with |lo| <= ulp(hi)/2.
#[derive(Clone, Copy)]
pub struct Double(pub f64, pub f64);

impl Double {
    /// x itself.
    pub fn of(x: f64) -> Self {
        Double(x, 0.0)
    }

    /// a + b, for |a| >= |b|.
    pub fn normalized(a: f64, b: f64) -> Self {
        let sum = a + b;
        Double(sum, b - (sum - a))
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        let v = sum - self.0;
        let error = (self.0 - (sum - v)) + (other.0 - v);
        Self::normalized(sum, error + self.1 + other.1)
    }

    /// The product.
    pub fn times(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let error = Element::mul_add(self.0, other.0, -product);
        Self::normalized(product, error + self.0 * other.1 + self.1 * other.0)
    }

    /// The quotient.
    pub fn over(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self.plus(other.times(Self::of(-first)));
        let second = rest.0 / other.0;
        let rest = rest.plus(other.times(Self::of(-second)));
        Self::normalized(first, second).plus(Self::of(rest.0 / other.0))
    }

    /// Times a power of two.
    pub fn scaled(self, by: f64) -> Self {
        Double(self.0 * by, self.1 * by)
    }
}

/// π.
pub const PI: Double = Double(core::f64::consts::PI, 1.224_646_799_147_353_2e-16);

/// sin πr and cos πr, for |r| <= 1/4.
pub fn exact_sin_cos(r: f64) -> (Double, Double) {
    let y = PI.times(Double::of(r));
    let z = y.times(y);
    let (mut sine, mut cosine) = (Double::of(1.0), Double::of(1.0));
    for n in (1..=14).rev() {
        let n = f64::from(n);
        sine = Double::of(1.0).plus(z.times(sine).over(Double::of(-(2.0 * n) * (2.0 * n + 1.0))));
        cosine = Double::of(1.0).plus(z.times(cosine).over(Double::of(-(2.0 * n - 1.0) * (2.0 * n))));
    }
    (sine.times(y), cosine)
}
