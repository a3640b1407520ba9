//! The methods that the tutorial compares, and sets of them.

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
            [Method::StackedPooled, Method::ConvolvedPooled, Method::Convolutional]
                .iter()
                .for_each(|&member| all.0[member as usize] = true);
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
