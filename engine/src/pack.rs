//! Values to bytes and back. Never fails half-way and never trusts a length:
//! reading past the end gives zeros and marks the input as broken, so that
//! the code for a foreign plan is as short as the code for a good one.
//!
//! Measured on the page's module: derived `serde` with `postcard` was 60 kB of
//! wasm for the same types, since every field has an error path of its own.

use alloc::string::String;
use alloc::vec::Vec;

/// Lists within lists: a plan's campaigns, their messages, texts and conditions
/// need a dozen; what nests deeper could only be meant to exhaust a stack.
const NESTING_LIMIT: u8 = 24;

/// What can be written to bytes and read back.
pub trait Pack: Sized {
    /// Appends the value.
    fn pack(&self, out: &mut Vec<u8>);

    /// Reads a value; after [`Input::is_broken`] it means nothing.
    fn unpack(input: &mut Input) -> Self;
}

/// Bytes that are kept as they came: copied at once, not one by one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packed(pub Vec<u8>);

impl Pack for Packed {
    fn pack(&self, out: &mut Vec<u8>) {
        push_varint(out, self.0.len() as u64);
        out.extend(&self.0);
    }

    fn unpack(input: &mut Input) -> Self {
        let length = input.length();
        Packed(input.slice(length).to_vec())
    }
}

/// Bytes on their way to a value.
#[derive(Debug)]
pub struct Input<'a> {
    rest: &'a [u8],
    broken: bool,
    nesting: u8,
}

impl<'a> Input<'a> {
    /// All of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Input<'a> {
        Input { rest: bytes, broken: false, nesting: 0 }
    }

    /// Whether anything was missing or out of range.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether every byte was read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left; together with [`Input::since`] it gives the bytes of a value
    /// that was just read, which tell it from others without writing it anew.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The bytes read since `rest` was left.
    #[must_use]
    pub fn since(&self, rest: &'a [u8]) -> &'a [u8] {
        rest.get(..rest.len().saturating_sub(self.rest.len())).unwrap_or_default()
    }

    /// Marks the input as broken.
    pub fn fail(&mut self) {
        self.broken = true;
        self.rest = &[];
    }

    /// The next byte, or 0.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else {
            self.fail();
            return 0;
        };
        self.rest = rest;
        *first
    }

    /// A whole number in seven bits a byte, low bits first.
    pub fn number(&mut self) -> u64 {
        let mut value = 0u64;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return value;
            }
            shift += 7;
            if shift > 63 {
                self.fail();
                return 0;
            }
        }
    }

    /// A length, at most what is left: every entry takes a byte or more.
    pub fn length(&mut self) -> usize {
        let length = self.number();
        if length > self.rest.len() as u64 {
            self.fail();
            return 0;
        }
        length as usize
    }

    /// A text of so many bytes.
    pub fn text(&mut self, length: u64) -> String {
        let bytes = self.slice(usize::try_from(length).unwrap_or(usize::MAX));
        let Ok(text) = core::str::from_utf8(bytes) else {
            self.fail();
            return String::new();
        };
        text.into()
    }

    /// The next `length` bytes.
    pub fn slice(&mut self, length: usize) -> &'a [u8] {
        let Some((head, rest)) = self.rest.split_at_checked(length) else {
            self.fail();
            return &[];
        };
        self.rest = rest;
        head
    }
}

/// Appends a whole number as [`Input::number`] reads it.
pub fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

macro_rules! pack_number {
    ($($type:ty)*) => { $(
        impl Pack for $type {
            fn pack(&self, out: &mut Vec<u8>) {
                push_varint(out, u64::from(*self));
            }
            fn unpack(input: &mut Input) -> Self {
                <$type>::try_from(input.number()).unwrap_or_else(|_| {
                    input.fail();
                    0
                })
            }
        }
    )* };
}
pack_number!(u16 u32 u64);

/// In two halves: shifts by whole words cost nothing.
impl Pack for u128 {
    fn pack(&self, out: &mut Vec<u8>) {
        push_varint(out, *self as u64);
        push_varint(out, (*self >> 64) as u64);
    }

    fn unpack(input: &mut Input) -> Self {
        let low = input.number();
        u128::from(input.number()) << 64 | u128::from(low)
    }
}

impl Pack for u8 {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn unpack(input: &mut Input) -> Self {
        input.byte()
    }
}

impl Pack for bool {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn unpack(input: &mut Input) -> Self {
        let byte = input.byte();
        if byte > 1 {
            input.fail();
        }
        byte == 1
    }
}

/// Signed numbers zigzag, so that small ones of either sign are short.
impl Pack for i32 {
    fn pack(&self, out: &mut Vec<u8>) {
        zigzag(*self).pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        unzigzag(u32::unpack(input))
    }
}

/// Only finite numbers. Whole ones of 31 bits, which most are, are short; the
/// lowest bit tells them from the others, whose eight bytes follow.
impl Pack for f64 {
    fn pack(&self, out: &mut Vec<u8>) {
        let whole = *self as i32;
        if f64::from(whole).to_bits() == self.to_bits() && whole != i32::MIN {
            return push_varint(out, u64::from(zigzag(whole)) << 1);
        }
        out.push(1);
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn unpack(input: &mut Input) -> Self {
        let number = input.number();
        if number & 1 == 0 {
            return f64::from(unzigzag((number >> 1) as u32));
        }
        let value = f64::from_le_bytes(input.slice(8).try_into().unwrap_or_default());
        if !value.is_finite() {
            input.fail();
        }
        value
    }
}

fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)).cast_unsigned()
}

fn unzigzag(bits: u32) -> i32 {
    (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()
}

/// Appends a text as [`String`] reads it.
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    push_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

impl Pack for String {
    fn pack(&self, out: &mut Vec<u8>) {
        push_text(out, self);
    }

    fn unpack(input: &mut Input) -> Self {
        let length = input.number();
        input.text(length)
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        push_varint(out, self.len() as u64);
        self.iter().for_each(|entry| entry.pack(out));
    }

    fn unpack(input: &mut Input) -> Self {
        let length = input.length();
        let mut list = Vec::new();
        // Whatever holds its own kind holds it in a list.
        input.nesting += 1;
        if input.nesting > NESTING_LIMIT {
            input.fail();
        }
        for _ in 0..length {
            list.push(T::unpack(input));
            if input.is_broken() {
                break;
            }
        }
        input.nesting -= 1;
        list
    }
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.is_some().pack(out);
        if let Some(value) = self {
            value.pack(out);
        }
    }

    fn unpack(input: &mut Input) -> Self {
        if bool::unpack(input) { Some(T::unpack(input)) } else { None }
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
        self.1.pack(out);
    }

    fn unpack(input: &mut Input) -> Self {
        (A::unpack(input), B::unpack(input))
    }
}

impl<T: Pack + Copy + Default, const N: usize> Pack for [T; N] {
    fn pack(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|entry| entry.pack(out));
    }

    fn unpack(input: &mut Input) -> Self {
        let mut list = [T::default(); N];
        list.iter_mut().for_each(|entry| *entry = T::unpack(input));
        list
    }
}

/// A struct field by field, in the order written here.
macro_rules! pack_struct {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::pack::Pack for $name {
            fn pack(&self, out: &mut alloc::vec::Vec<u8>) {
                let $name { $($field),* } = self;
                $( $field.pack(out); )*
            }
            fn unpack(input: &mut $crate::pack::Input) -> Self {
                $( let $field = $crate::pack::Pack::unpack(input); )*
                $name { $($field),* }
            }
        }
    };
}

/// An enum as a number and its fields. An unknown number is broken input.
macro_rules! pack_enum {
    ($name:ident { $($tag:literal $variant:ident $(($($t:ident),*))? $({ $($s:ident),* })?),* $(,)? } else $other:expr) => {
        impl $crate::pack::Pack for $name {
            fn pack(&self, out: &mut alloc::vec::Vec<u8>) {
                match self {
                    $( Self::$variant $(($($t),*))? $({ $($s),* })? => {
                        out.push($tag);
                        $( $( $t.pack(out); )* )? $( $( $s.pack(out); )* )?
                    } )*
                }
            }
            fn unpack(input: &mut $crate::pack::Input) -> Self {
                match input.byte() {
                    $( $tag => {
                        $( $( let $t = $crate::pack::Pack::unpack(input); )* )?
                        $( $( let $s = $crate::pack::Pack::unpack(input); )* )?
                        Self::$variant $(($($t),*))? $({ $($s),* })?
                    } )*
                    _ => {
                        input.fail();
                        $other
                    }
                }
            }
        }
    };
}

pub(crate) use {pack_enum, pack_struct};

#[cfg(test)]
mod tests {
    use super::*;

    fn round<T: Pack + PartialEq + core::fmt::Debug>(value: T) {
        let mut bytes = Vec::new();
        value.pack(&mut bytes);
        let mut input = Input::new(&bytes);
        assert_eq!(T::unpack(&mut input), value);
        assert!(!input.is_broken() && input.is_done());
        for cut in 0..bytes.len() {
            let mut input = Input::new(&bytes[..cut]);
            let _ = T::unpack(&mut input);
            assert!(input.is_broken(), "cut at {cut}");
        }
    }

    #[test]
    fn every_value_comes_back_and_every_cut_is_noticed() {
        round(0u8);
        round(300u16);
        round(u64::MAX);
        round(u128::MAX >> 2);
        round(i32::MIN);
        round(-1i32);
        let _ = [1.5f64, 0.0, -0.0, 7.0, -7.0, 1e300, f64::from(i32::MAX), f64::from(i32::MIN)].map(round);
        let mut bytes = Vec::new();
        (-0.0f64).pack(&mut bytes);
        assert!(f64::unpack(&mut Input::new(&bytes)).is_sign_negative());
        round((String::from("신발"), alloc::vec![Some(true), None]));
        round([7u32; 3]);
    }

    #[test]
    fn a_length_beyond_the_input_allocates_nothing() {
        let mut bytes = Vec::new();
        push_varint(&mut bytes, u64::MAX);
        let mut input = Input::new(&bytes);
        assert!(Vec::<u64>::unpack(&mut input).is_empty());
        assert!(input.is_broken());
    }
}
