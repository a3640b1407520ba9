//! Dual numbers x + x'·ε with ε² = 0: a formula evaluated on them gives its value and its exact derivative.

use ossicle::number::Real;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value and its derivative by one chosen variable.
#[derive(Clone, Copy, Debug)]
pub struct Dual {
    pub value: f64,
    pub slope: f64,
}

/// A constant.
pub const fn c(value: f64) -> Dual {
    Dual { value, slope: 0.0 }
}

impl Dual {
    fn chain(self, value: f64, derivative: f64) -> Dual {
        Dual { value, slope: derivative * self.slope }
    }

    pub fn exp(self) -> Dual {
        let e = Real::exp(self.value);
        self.chain(e, e)
    }

    pub fn ln(self) -> Dual {
        self.chain(Real::ln(self.value), 1.0 / self.value)
    }

    pub fn sqrt(self) -> Dual {
        let root = ossicle::machine::Element::sqrt(self.value);
        self.chain(root, 0.5 / root)
    }

    pub fn sin_cos(self) -> (Dual, Dual) {
        let (sin, cos) = Real::sin_cos_pi(self.value / std::f64::consts::PI);
        (self.chain(sin, cos), self.chain(cos, -sin))
    }

    /// arctan x. With the error δ of an estimate t, sin δ = (x·cos t - sin t) / √(1 + x²): each step cubes it.
    pub fn arctan(self) -> Dual {
        let x = self.value;
        let mut t = 0.0;
        for _ in 0..8 {
            let (sin, cos) = c(t).sin_cos();
            t += (x * cos.value - sin.value) / ossicle::machine::Element::sqrt(1.0 + x * x);
        }
        self.chain(t, 1.0 / (1.0 + x * x))
    }
}

impl Add for Dual {
    type Output = Dual;
    fn add(self, b: Dual) -> Dual {
        Dual { value: self.value + b.value, slope: self.slope + b.slope }
    }
}

impl Sub for Dual {
    type Output = Dual;
    fn sub(self, b: Dual) -> Dual {
        Dual { value: self.value - b.value, slope: self.slope - b.slope }
    }
}

impl Mul for Dual {
    type Output = Dual;
    fn mul(self, b: Dual) -> Dual {
        Dual { value: self.value * b.value, slope: self.slope * b.value + self.value * b.slope }
    }
}

impl Div for Dual {
    type Output = Dual;
    fn div(self, b: Dual) -> Dual {
        let value = self.value / b.value;
        Dual { value, slope: (self.slope - value * b.slope) / b.value }
    }
}

impl Neg for Dual {
    type Output = Dual;
    fn neg(self) -> Dual {
        Dual { value: -self.value, slope: -self.slope }
    }
}

/// A constant on either side.
macro_rules! with_constants {
    ($($operator:ident, $method:ident;)*) => {$(
        impl $operator<f64> for Dual {
            type Output = Dual;
            fn $method(self, b: f64) -> Dual {
                $operator::$method(self, c(b))
            }
        }
        impl $operator<Dual> for f64 {
            type Output = Dual;
            fn $method(self, b: Dual) -> Dual {
                $operator::$method(c(self), b)
            }
        }
    )*};
}
with_constants! { Add, add; Sub, sub; Mul, mul; Div, div; }
