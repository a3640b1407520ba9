//! Arrays: a shape and its elements, of any type that exchange formats have.
//!
//! Why not a [`Matrix`]: this crate computes with floats in two dimensions, but files hold labels as integers, images
//! as bytes, and recordings in one or three dimensions. An [`Array`] is what was in the file, unchanged. The matrix is
//! made of it in a second step, which can then say what does not fit.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | r | the rank: the number of dimensions; 0 for a single number |
//! | n₁ … nᵣ | the shape: the size of each dimension |
//! | i₁ … iᵣ | the index of an element, from 0 |
//! | sₖ | the stride of dimension k: the distance of elements whose indices differ by 1 in iₖ |
//!
//! Elements lie in memory one after another. In C order the last index varies fastest, in Fortran order the first:
//!
//! ```text
//! position = i₁·s₁ + i₂·s₂ + ... + iᵣ·sᵣ
//! C order:        sᵣ = 1,   sₖ = nₖ₊₁·sₖ₊₁
//! Fortran order:  s₁ = 1,   sₖ = nₖ₋₁·sₖ₋₁
//! ```
//!
//! By hand: the shape 2 x 3 has the strides (3, 1) in C order and (1, 2) in Fortran order. The element (1, 0) is the
//! fourth in C order and the second in Fortran order. An array here is in C order, like a row-major matrix; readers put
//! other files in this order.
//!
//! The product of the sizes is the number of elements. It is 1 for rank 0, and 0 if a size is 0.
//!
//! Source: C. R. Harris et al., "Array programming with NumPy", Nature 585, 2020 (shape, strides, order).

use crate::bytes::endian::Order;
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// A shape, and elements in C order, as many as the sizes multiply to.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    elements: Elements,
}

/// A type of elements that have all the same number of bytes.
pub trait Scalar: Copy {
    /// The type as a value.
    const TYPE: ElementType;

    /// Elements of this type.
    fn wrap(elements: Vec<Self>) -> Elements;

    /// The elements, if they are of this type.
    fn of(elements: &Elements) -> Option<&[Self]>;
}

macro_rules! types {
    ($($name:ident, $type:ident, $number:ident, $value:expr, $about:literal;)*) => {
        /// Elements of one type.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Elements {
            $(#[doc = $about] $name(Vec<$type>),)*
            /// Texts.
            Text(Vec<String>),
        }

        /// The type of elements that have all the same number of bytes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ElementType {
            $(#[doc = $about] $name,)*
        }

        $(impl Scalar for $type {
            const TYPE: ElementType = ElementType::$name;

            fn wrap(elements: Vec<Self>) -> Elements {
                Elements::$name(elements)
            }

            fn of(elements: &Elements) -> Option<&[Self]> {
                if let Elements::$name(elements) = elements { Some(elements) } else { None }
            }
        })*

        impl ElementType {
            /// The bytes of an element.
            pub const fn size(self) -> usize {
                match self {
                    $(ElementType::$name => size_of::<$type>(),)*
                }
            }

            /// The type's name in Rust.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ElementType::$name => stringify!($type),)*
                }
            }
        }

        impl Elements {
            /// The number of elements.
            pub fn len(&self) -> usize {
                match self {
                    $(Elements::$name(elements) => elements.len(),)*
                    Elements::Text(texts) => texts.len(),
                }
            }

            /// The type; `None` for texts.
            pub fn element_type(&self) -> Option<ElementType> {
                match self {
                    $(Elements::$name(_) => Some(ElementType::$name),)*
                    Elements::Text(_) => None,
                }
            }

            /// Elements of this shape in Fortran order, put in C order.
            pub(super) fn fortran_to_c(self, shape: &[usize]) -> Elements {
                match self {
                    $(Elements::$name(elements) => Elements::$name(fortran_to_c(elements, shape)),)*
                    Elements::Text(texts) => Elements::Text(fortran_to_c(texts, shape)),
                }
            }

            /// The elements as floats; `None` for texts.
            fn floats<T: Real>(&self) -> Option<Vec<T>> {
                match self {
                    $(Elements::$name(elements) => {
                        let float = |&$number: &$type| T::from_f64($value);
                        Some(elements.iter().map(float).collect())
                    })*
                    Elements::Text(_) => None,
                }
            }
        }
    };
}

types! {
    Bool, bool, x, f64::from(x), "True or false, as a byte 1 or 0.";
    I8, i8, x, f64::from(x), "Signed integers of 1 byte.";
    I16, i16, x, f64::from(x), "Signed integers of 2 bytes.";
    I32, i32, x, f64::from(x), "Signed integers of 4 bytes.";
    I64, i64, x, x as f64, "Signed integers of 8 bytes.";
    U8, u8, x, f64::from(x), "Unsigned integers of 1 byte.";
    U16, u16, x, f64::from(x), "Unsigned integers of 2 bytes.";
    U32, u32, x, f64::from(x), "Unsigned integers of 4 bytes.";
    U64, u64, x, x as f64, "Unsigned integers of 8 bytes.";
    F32, f32, x, f64::from(x), "Floats of 4 bytes.";
    F64, f64, x, x, "Floats of 8 bytes.";
}

/// What is wrong with an array for a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArrayError {
    /// The elements are of another type.
    Type {
        /// The type that is needed.
        expected: &'static str,
        /// The type of the elements.
        found: &'static str,
    },
    /// The array has another rank.
    Rank {
        /// The rank that is needed.
        expected: usize,
        /// The rank of the array.
        found: usize,
    },
}

impl fmt::Display for ArrayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArrayError::Type { expected, found } => {
                write!(f, "the elements are of type {found}, but {expected} was expected")
            }
            ArrayError::Rank { expected, found } => {
                write!(f, "the array has the rank {found}, but {expected} was expected")
            }
        }
    }
}

impl core::error::Error for ArrayError {}

impl Elements {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type's name in messages.
    pub fn name(&self) -> &'static str {
        self.element_type().map_or("text", ElementType::name)
    }

    /// Appends the bytes of each element, least significant first.
    ///
    /// # Panics
    /// If they are texts.
    pub(super) fn put_little(&self, out: &mut Vec<u8>) {
        match self {
            Elements::Bool(x) => out.extend(x.iter().map(|&x| u8::from(x))),
            Elements::I8(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::I16(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::I32(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::I64(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::U8(x) => out.extend_from_slice(x),
            Elements::U16(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::U32(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::U64(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::F32(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::F64(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Elements::Text(_) => panic!("texts have no fixed number of bytes"),
        }
    }

    /// The elements in all of `bytes`, whose number is a multiple of the type's size. `Err` is the position of a byte
    /// that is neither true nor false.
    pub(super) fn read(element_type: ElementType, order: Order, bytes: &[u8]) -> Result<Elements, usize> {
        Ok(match element_type {
            ElementType::Bool => match bytes.iter().position(|&byte| byte > 1) {
                Some(wrong) => return Err(wrong),
                None => Elements::Bool(bytes.iter().map(|&byte| byte == 1).collect()),
            },
            ElementType::U8 => Elements::U8(bytes.to_vec()),
            ElementType::I8 => Elements::I8(each(order, bytes, i8::from_le_bytes)),
            ElementType::I16 => Elements::I16(each(order, bytes, i16::from_le_bytes)),
            ElementType::I32 => Elements::I32(each(order, bytes, i32::from_le_bytes)),
            ElementType::I64 => Elements::I64(each(order, bytes, i64::from_le_bytes)),
            ElementType::U16 => Elements::U16(each(order, bytes, u16::from_le_bytes)),
            ElementType::U32 => Elements::U32(each(order, bytes, u32::from_le_bytes)),
            ElementType::U64 => Elements::U64(each(order, bytes, u64::from_le_bytes)),
            ElementType::F32 => Elements::F32(each(order, bytes, f32::from_le_bytes)),
            ElementType::F64 => Elements::F64(each(order, bytes, f64::from_le_bytes)),
        })
    }
}

/// Numbers of N bytes each.
fn each<T, const N: usize>(order: Order, bytes: &[u8], number: fn([u8; N]) -> T) -> Vec<T> {
    let (numbers, _) = bytes.as_chunks();
    numbers.iter().map(|&bytes| number(order.to_little(bytes))).collect()
}

/// Elements of this shape in Fortran order, put in C order.
fn fortran_to_c<T: Clone>(elements: Vec<T>, shape: &[usize]) -> Vec<T> {
    if elements.is_empty() || shape.iter().filter(|&&size| size > 1).count() < 2 {
        return elements;
    }
    let mut strides = vec![1; shape.len()];
    for k in 1..shape.len() {
        strides[k] = shape[k - 1] * strides[k - 1];
    }
    let (mut index, mut position) = (vec![0; shape.len()], 0);
    let mut ordered = Vec::with_capacity(elements.len());
    loop {
        ordered.push(elements[position].clone());
        // The next index in C order: the last dimension that is not at its end, and zeros after it.
        let mut k = shape.len();
        loop {
            if k == 0 {
                return ordered;
            }
            k -= 1;
            index[k] += 1;
            position += strides[k];
            if index[k] < shape[k] {
                break;
            }
            position -= strides[k] * shape[k];
            index[k] = 0;
        }
    }
}

/// The product of the sizes; `None` if the sizes other than 0 multiply to more than memory could hold.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    let product = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)))?;
    Some(if shape.contains(&0) { 0 } else { product })
}

impl Array {
    /// An array of elements in C order.
    ///
    /// # Panics
    /// If the sizes do not multiply to the number of elements.
    pub fn new(shape: &[usize], elements: Elements) -> Self {
        let found = elements.len();
        assert!(count(shape) == Some(found), "{found} elements for the shape {shape:?}");
        Array { shape: shape.to_vec(), elements }
    }

    /// An array of rank 1.
    ///
    /// ```
    /// use ossicle::storage::array::Array;
    ///
    /// let labels = Array::from_slice(&[3_i64, 0, 3]);
    /// assert_eq!((labels.shape(), labels.scalars::<i64>()), (&[3][..], Ok(&[3, 0, 3][..])));
    /// assert_eq!(
    ///     labels.scalars::<u8>().unwrap_err().to_string(),
    ///     "the elements are of type i64, but u8 was expected"
    /// );
    /// ```
    pub fn from_slice<T: Scalar>(elements: &[T]) -> Self {
        Array { shape: vec![elements.len()], elements: T::wrap(elements.to_vec()) }
    }

    /// An array of rank 1 of texts.
    pub fn from_texts<T: AsRef<str>>(texts: &[T]) -> Self {
        let elements = Elements::Text(texts.iter().map(|text| text.as_ref().into()).collect());
        Array { shape: vec![texts.len()], elements }
    }

    /// An array of rank 2 with the elements of a matrix, bit for bit.
    pub fn from_matrix<T: Real + Scalar>(matrix: &Matrix<T>) -> Self {
        Array { shape: vec![matrix.rows(), matrix.columns()], elements: T::wrap(matrix.elements().to_vec()) }
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements in C order.
    pub fn elements(&self) -> &Elements {
        &self.elements
    }

    /// The elements in C order, of a type that is known.
    ///
    /// # Errors
    /// If they are of another type.
    pub fn scalars<T: Scalar>(&self) -> Result<&[T], ArrayError> {
        let wrong = ArrayError::Type { expected: T::TYPE.name(), found: self.elements.name() };
        T::of(&self.elements).ok_or(wrong)
    }

    /// An array of rank 2 as a matrix. Floats of the type T stay as they are, bit for bit; other numbers become the
    /// nearest f64, and then the nearest T; true is 1, and false is 0.
    ///
    /// # Errors
    /// If the rank is not 2, or the elements are texts.
    pub fn to_matrix<T: Real + Scalar>(&self) -> Result<Matrix<T>, ArrayError> {
        let &[rows, columns] = &self.shape[..] else {
            return Err(ArrayError::Rank { expected: 2, found: self.shape.len() });
        };
        let elements = match T::of(&self.elements) {
            Some(elements) => elements.to_vec(),
            None => {
                let wrong = ArrayError::Type { expected: "a number", found: self.elements.name() };
                self.elements.floats().ok_or(wrong)?
            }
        };
        Ok(Matrix::from_rows(rows, columns, elements))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (position) of the head, over all indices.
    fn by_strides(shape: [usize; 3], strides: [usize; 3], elements: &[u16]) -> Vec<u16> {
        let mut ordered = Vec::new();
        for i in 0..shape[0] {
            for j in 0..shape[1] {
                for k in 0..shape[2] {
                    ordered.push(elements[i * strides[0] + j * strides[1] + k * strides[2]]);
                }
            }
        }
        ordered
    }

    #[test]
    fn fortran_order_becomes_c_order() {
        assert_eq!(fortran_to_c(vec![1, 4, 2, 5, 3, 6], &[2, 3]), [1, 2, 3, 4, 5, 6]);
        for shape in [[2, 3, 4], [1, 3, 4], [2, 1, 4], [5, 3, 1], [1, 1, 6], [0, 2, 2], [2, 2, 0]] {
            let [a, b, c] = shape;
            let elements: Vec<u16> = (0..(a * b * c) as u16).collect();
            assert_eq!(by_strides(shape, [b * c, c, 1], &elements), elements);
            assert_eq!(fortran_to_c(elements.clone(), &shape), by_strides(shape, [1, a, a * b], &elements));
        }
        assert_eq!(fortran_to_c(vec![7], &[]), [7]);
        assert_eq!(fortran_to_c(vec![7, 8], &[2]), [7, 8]);
    }

    #[test]
    fn a_shape_counts_its_elements() {
        assert_eq!(count(&[]), Some(1));
        assert_eq!(count(&[2, 3, 4]), Some(24));
        assert_eq!(count(&[usize::MAX, 0]), Some(0));
        assert_eq!(count(&[usize::MAX, 2]), None);
        assert_eq!(count(&[usize::MAX, 2, 0]), None);
    }

    #[test]
    fn a_matrix_keeps_its_bits() {
        let singles = [0x7f80_0001, 0xffc1_2345, 0x8000_0000, 1, 0x7f80_0000, 0x3f80_0000].map(f32::from_bits);
        let matrix = Matrix::from_rows(2, 3, singles.to_vec());
        let array = Array::from_matrix(&matrix);
        assert_eq!(array.shape(), [2, 3]);
        let back: Matrix<f32> = array.to_matrix().unwrap();
        assert!(back.elements().iter().zip(&singles).all(|(a, b)| a.to_bits() == b.to_bits()));
        let doubles = [0x7ff0_0000_0000_0001, 0xfff8_0000_0000_1234, 1 << 63].map(f64::from_bits);
        let back: Matrix<f64> = Array::from_matrix(&Matrix::from_rows(3, 1, doubles.to_vec())).to_matrix().unwrap();
        assert!(back.elements().iter().zip(&doubles).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn other_numbers_become_floats() {
        let array = Array::new(&[1, 3], Elements::I64(vec![-3, 0, (1 << 53) + 1]));
        assert_eq!(array.to_matrix::<f64>().unwrap().elements(), [-3.0, 0.0, 9_007_199_254_740_992.0]);
        let array = Array::new(&[2, 1], Elements::Bool(vec![true, false]));
        assert_eq!(array.to_matrix::<f32>().unwrap().elements(), [1.0, 0.0]);
        let array = Array::new(&[1, 1], Elements::F64(vec![0.1]));
        assert_eq!(array.to_matrix::<f32>().unwrap().elements(), [0.1_f32]);
    }

    #[test]
    fn what_is_no_matrix_is_an_error() {
        for (rank, shape) in [&[][..], &[1], &[1, 1], &[1, 1, 1]].into_iter().enumerate() {
            let matrix = Array::new(shape, Elements::F32(vec![2.0])).to_matrix::<f32>();
            let wrong = (rank != 2).then_some(ArrayError::Rank { expected: 2, found: rank });
            assert_eq!(matrix.err(), wrong);
        }
        let texts = Array::new(&[1, 2], Elements::Text(vec!["1".into(), "2".into()]));
        assert_eq!(texts.to_matrix::<f64>(), Err(ArrayError::Type { expected: "a number", found: "text" }));
    }

    #[test]
    #[should_panic = "5 elements for the shape [2, 3]"]
    fn elements_that_do_not_fit_the_shape_panic() {
        Array::new(&[2, 3], Elements::U8(vec![0; 5]));
    }
}
