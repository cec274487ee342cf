//! How the parts of an event are coded.

use crate::event::Octets;

/// Where bytes go.
pub(super) type Output<'o> = dyn FnMut(&[u8]) + 'o;

/// What is left to be read.
pub(super) struct Input<'e>(pub(super) &'e [u8]);

impl<'e> Input<'e> {
    fn split(&mut self, length: usize) -> Option<&'e [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }
}

/// A part of an event.
pub(super) trait Coded<'e>: Sized {
    /// Writes it.
    fn put(&self, out: &mut Output<'_>);
    /// Reads it; none when that is not how one is coded.
    fn take(input: &mut Input<'e>) -> Option<Self>;
}

impl<const N: usize> Coded<'_> for [u8; N] {
    fn put(&self, out: &mut Output<'_>) {
        out(self);
    }

    fn take(input: &mut Input<'_>) -> Option<Self> {
        let (front, rest) = input.0.split_first_chunk()?;
        input.0 = rest;
        Some(*front)
    }
}

/// Numbers.
macro_rules! numbers {
    ($($Number:ty)*) => {
        $(impl Coded<'_> for $Number {
            fn put(&self, out: &mut Output<'_>) {
                out(&self.to_be_bytes());
            }

            fn take(input: &mut Input<'_>) -> Option<Self> {
                Coded::take(input).map(Self::from_be_bytes)
            }
        })*
    };
}

numbers!(u8 u16 u32);

impl Coded<'_> for bool {
    fn put(&self, out: &mut Output<'_>) {
        u8::from(*self).put(out);
    }

    fn take(input: &mut Input<'_>) -> Option<Self> {
        match u8::take(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<'e, T: Coded<'e>> Coded<'e> for Option<T> {
    fn put(&self, out: &mut Output<'_>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(input: &mut Input<'e>) -> Option<Self> {
        if bool::take(input)? { T::take(input).map(Some) } else { Some(None) }
    }
}

/// What failed, if anything did.
impl<'e, E: Coded<'e> + Copy> Coded<'e> for Result<(), E> {
    fn put(&self, out: &mut Output<'_>) {
        self.err().put(out);
    }

    fn take(input: &mut Input<'e>) -> Option<Self> {
        let failed: Option<E> = Coded::take(input)?;
        Some(failed.map_or(Ok(()), Err))
    }
}

/// A name or a key.
impl<'e> Coded<'e> for &'e [u8] {
    fn put(&self, out: &mut Output<'_>) {
        let whole = u8::try_from(self.len()).map(|length| (length, *self));
        let (length, bytes) = whole.unwrap_or_default();
        length.put(out);
        out(bytes);
    }

    fn take(input: &mut Input<'e>) -> Option<Self> {
        let length = u8::take(input)?;
        input.split(length.into())
    }
}

/// A command, an answer, static data.
impl<'e> Coded<'e> for Octets<'e> {
    fn put(&self, out: &mut Output<'_>) {
        let whole = u16::try_from(self.len()).map(|length| (length, self.0));
        let (length, bytes) = whole.unwrap_or_default();
        length.put(out);
        out(bytes);
    }

    fn take(input: &mut Input<'e>) -> Option<Self> {
        let length = u16::take(input)?;
        input.split(length.into()).map(Octets)
    }
}

/// Values as data objects code them.
macro_rules! values {
    ($($Value:ty)*) => {
        $(impl Coded<'_> for $Value {
            fn put(&self, out: &mut Output<'_>) {
                out(&self.encode());
            }

            fn take(input: &mut Input<'_>) -> Option<Self> {
                Coded::take(input).and_then(|bytes: <$Value as Value>::Bytes| Value::decode(&bytes))
            }
        })*
    };
}

/// Structures, field by field.
macro_rules! fields {
    ($($Structure:ident $(<$life:lifetime>)? { $($field:ident),* $(,)? })*) => {
        $(impl<'e> Coded<'e> for $Structure $(<$life>)? {
            fn put(&self, out: &mut Output<'_>) {
                let Self { $($field),* } = self;
                $($field.put(out);)*
            }

            fn take(input: &mut Input<'e>) -> Option<Self> {
                Some(Self { $($field: Coded::take(input)?),* })
            }
        })*
    };
}

/// Enumerations: the number of each variant, and what it holds. What is only written is written
/// by the last arm.
macro_rules! variants {
    ($($Enumeration:ident $(<$life:lifetime>)? {
        $($number:literal $Variant:ident
            $(($($value:ident),*))?
            $({ $($field:ident),* })?
        ),* $(,)?
    } $(; |$out:ident| $pattern:pat => $put:block)?)*) => {
        $(impl<'e> Coded<'e> for $Enumeration $(<$life>)? {
            fn put(&self, out: &mut Output<'_>) {
                match self {
                    $(Self::$Variant $(($($value),*))? $({ $($field),* })? => {
                        out(&[$number]);
                        $($($value.put(out);)*)?
                        $($($field.put(out);)*)?
                    })*
                    $($pattern => { let $out = out; $put })?
                }
            }

            fn take(input: &mut Input<'e>) -> Option<Self> {
                Some(match u8::take(input)? {
                    $($number => Self::$Variant
                        $(($({ let $value = Coded::take(input)?; $value }),*))?
                        $({ $($field: Coded::take(input)?),* })?,)*
                    _ => return None,
                })
            }
        })*
    };
}

/// Enumerations that have numbers of their own.
macro_rules! numbered {
    ($($Enumeration:ident: $Number:ty { $($Variant:ident),* $(,)? })*) => {
        $(impl Coded<'_> for $Enumeration {
            fn put(&self, out: &mut Output<'_>) {
                match self {
                    $(Self::$Variant => (Self::$Variant as $Number).put(out),)*
                }
            }

            fn take(input: &mut Input<'_>) -> Option<Self> {
                let number = <$Number>::take(input)?;
                [$(Self::$Variant),*].into_iter().find(|known| *known as $Number == number)
            }
        })*
    };
}

/// Structures of one unnamed field.
macro_rules! wrapped {
    ($($Structure:ident)*) => {
        $(impl Coded<'_> for $Structure {
            fn put(&self, out: &mut Output<'_>) {
                self.0.put(out);
            }

            fn take(input: &mut Input<'_>) -> Option<Self> {
                Coded::take(input).map(Self)
            }
        })*
    };
}

pub(super) use {fields, numbered, values, variants, wrapped};
