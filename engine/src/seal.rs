//! The one binary form: plan, odds, model, profile. Never trusts a byte: a
//! foreign, cut or flipped input is an error, not a panic, and decoding
//! allocates in proportion to the input's own length.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::ManuallyDrop;

use crate::hash::hash64;
use crate::pack::{Input, Pack};

/// Raised whenever the meaning of any sealed type changes; older bytes are
/// then refused and made anew (plans by recompiling, profiles by forgetting).
pub const VERSION: u8 = 5;

/// The header: `V`, kind, version, 0, then the checksum in eight bytes.
const HEADER: usize = 12;

/// What the sealed bytes hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A compiled plan.
    Plan = b'P' as isize,
    /// Published odds.
    Odds = b'O' as isize,
    /// A recommendation model.
    Model = b'M' as isize,
    /// What a device remembers.
    Memory = b'D' as isize,
    /// The edge's digest of a profile.
    Digest = b'E' as isize,
    /// A visitor at a moment, as a page hands it to `explain`.
    Glance = b'G' as isize,
}

/// Why bytes are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Not Vitrine's, or of another kind.
    Foreign,
    /// Written by another version of this format.
    Version,
    /// The checksum differs: cut, flipped or forged.
    Checksum,
    /// The checksum fits and the content does not.
    Content,
}

impl Broken {
    /// As a number, 1..=4, where 0 means that nothing is wrong.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The reason of a number.
    #[must_use]
    pub fn of(number: u8) -> Option<Broken> {
        let all = [Broken::Foreign, Broken::Version, Broken::Checksum, Broken::Content];
        all.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The reason, as the end of a sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Broken::Foreign => "is not a file of this kind",
            Broken::Version => "was written by another version of Vitrine; build it again",
            Broken::Checksum => "is damaged: its checksum does not fit",
            Broken::Content => "is damaged: its content cannot be read",
        }
    }
}

/// `value` as sealed bytes.
#[must_use]
pub fn seal<T: Pack>(kind: Kind, value: &T) -> Vec<u8> {
    let mut content = Vec::new();
    value.pack(&mut content);
    wrap(kind, &content)
}

/// Content that is packed already as sealed bytes.
#[must_use]
pub fn wrap(kind: Kind, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + content.len());
    bytes.extend_from_slice(&[b'V', kind as u8, VERSION, 0]);
    bytes.extend_from_slice(&checksum(kind, content).to_le_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// The value in sealed bytes.
///
/// # Errors
/// Says which of the four ways the bytes are wrong.
pub fn open<T: Pack>(kind: Kind, bytes: &[u8]) -> Result<T, Broken> {
    let mut input = Input::new(content_of(kind, bytes)?);
    let value = T::unpack(&mut input);
    if input.is_broken() || !input.is_done() { Err(Broken::Content) } else { Ok(value) }
}

/// As [`open`], for what is read once and kept as long as the module lives: it
/// is never freed, sound or not. Measured on the page: the code that would free
/// a plan, which never runs, is half a kilobyte of brotli.
///
/// # Errors
/// Says which of the four ways the bytes are wrong.
pub fn keep<T: Pack>(kind: Kind, bytes: &[u8]) -> Result<ManuallyDrop<T>, Broken> {
    let mut input = Input::new(content_of(kind, bytes)?);
    let value = ManuallyDrop::new(T::unpack(&mut input));
    if input.is_broken() || !input.is_done() { Err(Broken::Content) } else { Ok(value) }
}

/// What is sealed, once the header is right. Apart from [`open`], which is
/// compiled anew for every type.
fn content_of(kind: Kind, bytes: &[u8]) -> Result<&[u8], Broken> {
    let (header, content) = bytes.split_at_checked(HEADER).ok_or(Broken::Foreign)?;
    let [b'V', found, version, 0, sum @ ..] = header else {
        return Err(Broken::Foreign);
    };
    if *found != kind as u8 {
        return Err(Broken::Foreign);
    }
    if *version != VERSION {
        return Err(Broken::Version);
    }
    if sum != checksum(kind, content).to_le_bytes() {
        return Err(Broken::Checksum);
    }
    Ok(content)
}

/// The name of sealed bytes: their checksum, as the collector's addresses and
/// the reports carry it. Empty for bytes that are not sealed.
#[must_use]
pub fn name(bytes: &[u8]) -> String {
    let sum: Option<[u8; 8]> = bytes.get(4..HEADER).and_then(|sum| sum.try_into().ok());
    sum.map(|sum| crate::text::hex64(u64::from_le_bytes(sum))).unwrap_or_default()
}

fn checksum(kind: Kind, content: &[u8]) -> u64 {
    hash64(content) ^ kind as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_comes_back_from_its_number() {
        for number in 1..=4 {
            assert_eq!(Broken::of(number).map(Broken::number), Some(number));
        }
        assert_eq!((Broken::of(0), Broken::of(5)), (None, None));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let value: Vec<u32> = (0..40).collect();
        let bytes = seal(Kind::Odds, &value);
        assert_eq!(open::<Vec<u32>>(Kind::Odds, &bytes), Ok(value));
        assert_eq!(open::<Vec<u32>>(Kind::Plan, &bytes), Err(Broken::Foreign));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 4;
            assert!(open::<Vec<u32>>(Kind::Odds, &flipped).is_err(), "byte {at}");
            assert!(open::<Vec<u32>>(Kind::Odds, &bytes[..at]).is_err(), "cut at {at}");
        }
    }
}
