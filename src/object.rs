//! Typed data objects: a tag that knows what its value means.

use crate::tag::Tag;
use core::{fmt, marker::PhantomData};

/// A value that a data object carries.
pub trait Value: Copy {
    /// The coded value.
    type Bytes: AsRef<[u8]>;
    /// Reads a value field; `None` when length or content do not fit.
    fn decode(bytes: &[u8]) -> Option<Self>;
    /// The value field.
    fn encode(self) -> Self::Bytes;
}

impl<const N: usize> Value for [u8; N] {
    type Bytes = Self;
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }
    fn encode(self) -> Self {
        self
    }
}

impl Value for u8 {
    type Bytes = [u8; 1];
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
    fn encode(self) -> [u8; 1] {
        self.to_be_bytes()
    }
}

impl Value for u16 {
    type Bytes = [u8; 2];
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
    fn encode(self) -> [u8; 2] {
        self.to_be_bytes()
    }
}

impl Value for u32 {
    type Bytes = [u8; 4];
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
    fn encode(self) -> [u8; 4] {
        self.to_be_bytes()
    }
}

/// The key of a data object whose value is a `T`.
pub struct Object<T> {
    /// The tag.
    pub tag: Tag,
    value: PhantomData<fn() -> T>,
}

impl<T> Object<T> {
    /// The object with this tag.
    pub const fn new(tag: u32) -> Self {
        Self { tag: Tag(tag), value: PhantomData }
    }
}

impl<T> Clone for Object<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Object<T> {}

impl<T> fmt::Debug for Object<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.tag, f)
    }
}

/// An object of variable length, read as bytes.
#[derive(Clone, Copy, Debug)]
pub enum Bytes {}
