//! The methods that the tutorial compares, and sets of them.
//!
//! **Why eight.** Each row changes one or two steps of an earlier row, and the difference in accuracy shows the effect:
//!
//! | method | features | classifier | compared with | the difference shows |
//! | --- | --- | --- | --- | --- |
//! | raw-windows | normalized windows | on windows, summed | | the baseline |
//! | sparse-windows | of a sparse autoencoder | on windows, summed | raw-windows | learned features |
//! | sparse-pooled | the same | on means over regions of time | sparse-windows | the order of sounds |
//! | stacked | two layers, fine-tuned on labels | on windows, summed | sparse-windows | depth and tuning |
//! | stacked-pooled | the second layer's | on means over regions of time | sparse-pooled | depth and tuning |
//! | convolved-pooled | of patches, at all positions | on maxima over regions | sparse-pooled | smaller features |
//! | convolutional | learned with the classifier | on whole recordings | convolved-pooled | learning from labels |
//! | ensemble | | the three above, summed | each of them | whether their errors differ |
//!
//! All classifiers are [softmax regressions](crate::model::softmax); that of `convolutional` is the last layer of the
//! network.
//!
//! **Why log-probabilities are summed.** A classifier of windows gives each window x_t of a recording, t = 1 to T, its
//! probabilities P(k | x_t). If the windows were independent, given the class, and the classes equally frequent, Bayes'
//! theorem would give for the recording, up to factors that do not depend on k,
//!
//! ```text
//! P(k | x_1, ..., x_T) ∝ P(k)·Π_t P(x_t | k) = P(k)·Π_t P(k | x_t)·P(x_t)/P(k) ∝ Π_t P(k | x_t)
//! ```
//!
//! and the logarithm makes a sum of the product, which does not underflow. Windows overlap, so they are not
//! independent, and the product is too sure of its class. But if each piece of evidence is counted equally often, all
//! sums are larger by the same factor, and the largest stays the largest. By hand: three windows give class 0 the
//! probabilities 0.6, 0.6, 0.1. Two of three prefer class 0, but 0.6·0.6·0.1 = 0.036 is less than 0.4·0.4·0.9 = 0.144:
//! the recording is of class 1, since the third window is surer than the two others together.

use crate::bytes::escape::shown;
use core::fmt;
use core::str::FromStr;
use std::string::String;

/// A way to classify recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Softmax regression on windows; a recording's class is the one with the largest sum of log-probabilities.
    RawWindows,
    /// The same on the sparse autoencoder's features of windows.
    SparseWindows,
    /// Softmax regression on these features, averaged over regions of time.
    SparsePooled,
    /// Two stacked encoders and a softmax layer, fine-tuned on windows.
    Stacked,
    /// Softmax regression on the fine-tuned network's deepest features, averaged over regions of time.
    StackedPooled,
    /// Softmax regression on pooled features of small patches.
    ConvolvedPooled,
    /// Convolutional networks on whole recordings.
    Convolutional,
    /// The sum of the log-probabilities of the three methods before it.
    Ensemble,
}

/// The methods by name, in the order in which they run.
pub const METHODS: [(&str, Method); 8] = [
    ("raw-windows", Method::RawWindows),
    ("sparse-windows", Method::SparseWindows),
    ("sparse-pooled", Method::SparsePooled),
    ("stacked", Method::Stacked),
    ("stacked-pooled", Method::StackedPooled),
    ("convolved-pooled", Method::ConvolvedPooled),
    ("convolutional", Method::Convolutional),
    ("ensemble", Method::Ensemble),
];

/// The members of the ensemble.
pub const ENSEMBLE: [Method; 3] = [Method::StackedPooled, Method::ConvolvedPooled, Method::Convolutional];

impl Method {
    /// Its name.
    pub fn name(self) -> &'static str {
        METHODS[self as usize].0
    }
}

/// A set of methods.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Methods([bool; METHODS.len()]);

impl Methods {
    /// All methods.
    pub const ALL: Methods = Methods([true; METHODS.len()]);

    /// The set of these methods.
    pub fn of(methods: &[Method]) -> Self {
        let mut selected = [false; METHODS.len()];
        methods.iter().for_each(|&method| selected[method as usize] = true);
        Methods(selected)
    }

    /// Whether the method is in the set.
    pub fn contains(self, method: Method) -> bool {
        self.0[method as usize]
    }

    /// Whether one of these methods is in the set.
    pub fn any(self, methods: &[Method]) -> bool {
        methods.iter().any(|&method| self.contains(method))
    }

    /// Whether a member needs the features of the sparse autoencoder.
    pub fn need_features(self) -> bool {
        let on_features = [Method::SparseWindows, Method::SparsePooled, Method::Stacked, Method::StackedPooled];
        self.with_members().any(&on_features)
    }

    /// The set, and the methods that its members need: an ensemble needs its three members.
    pub fn with_members(self) -> Self {
        let mut all = self;
        if self.contains(Method::Ensemble) {
            ENSEMBLE.iter().for_each(|&member| all.0[member as usize] = true);
        }
        all
    }
}

/// The names with commas between them, as [`FromStr`] reads them.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (name, _) in METHODS.iter().filter(|(_, method)| self.contains(*method)) {
            write!(f, "{separator}{name}")?;
            separator = ",";
        }
        Ok(())
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The name of no method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMethod(String);

impl UnknownMethod {
    /// The name, as it was written.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnknownMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a method; the methods are {}", shown(&self.0), Methods::ALL)
    }
}

impl core::error::Error for UnknownMethod {}

impl FromStr for Methods {
    type Err = UnknownMethod;

    fn from_str(names: &str) -> Result<Self, UnknownMethod> {
        let mut methods = Methods::of(&[]);
        for name in names.split(',') {
            let found = METHODS.iter().find(|(known, _)| *known == name);
            let (_, method) = found.ok_or_else(|| UnknownMethod(name.into()))?;
            methods.0[*method as usize] = true;
        }
        Ok(methods)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn sets_are_read_and_written_in_the_order_of_the_methods() {
        for (i, (name, method)) in METHODS.into_iter().enumerate() {
            assert_eq!((method as usize, method.name(), name.parse()), (i, name, Ok(Methods::of(&[method]))));
        }
        let some: Methods = "ensemble,raw-windows,ensemble".parse().unwrap();
        assert_eq!(some.to_string(), "raw-windows,ensemble");
        assert_eq!(
            some.with_members().to_string(),
            "raw-windows,stacked-pooled,convolved-pooled,convolutional,ensemble"
        );
        assert_eq!(Methods::ALL.to_string().parse(), Ok(Methods::ALL));
        for wrong in ["", ",", "raw", "raw-windows,", "raw-windows stacked"] {
            assert!(wrong.parse::<Methods>().is_err(), "{wrong}");
        }
    }
}
