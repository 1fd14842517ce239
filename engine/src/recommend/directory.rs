//! Which shard of a large shop's model knows an item. Never holds an id: a few
//! bits an item say where it is, and for an id of nobody they say anything.
//!
//! Three of the table's entries, found by the id's hash, are added without carry
//! (a Bloomier filter; Chazelle, Kilian, Rubinfeld and Tal 2004).

use alloc::string::String;
use alloc::vec::Vec;

use crate::hash::{hash64, mix};
use crate::pack::{Packed, pack_struct};

/// Shards of one model.
pub const SHARD_LIMIT: usize = 256;
/// Entries of a third of the table, so that three of them are still small numbers:
/// ten million items.
const THIRD_LIMIT: u32 = 1 << 22;

/// Where a model's shards are, and who is in which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// The seed that the table was made with.
    pub seed: u32,
    /// Items in all shards.
    pub items: u32,
    /// Entries of a third of the table.
    pub third: u32,
    /// The table, of as many bits an entry as the shards' numbers need.
    pub table: Packed,
    /// The sealed shards' names, at most [`SHARD_LIMIT`].
    pub shards: Vec<String>,
}

impl Directory {
    /// The shard of an item; of an unknown one any, or none.
    #[must_use]
    pub fn shard(&self, id: &str) -> Option<usize> {
        let mut found = 0;
        let width = self.width();
        for entry in entries(id, self.seed, self.third)? {
            let bit = entry as usize * width;
            let low = *self.table.0.get(bit / 8)?;
            let high = self.table.0.get(bit / 8 + 1).copied().unwrap_or_default();
            found ^= usize::from(u16::from_le_bytes([low, high]) >> (bit % 8));
        }
        Some(found & ((1 << width) - 1)).filter(|shard| *shard < self.shards.len())
    }

    /// Bounds hold, and every name is hexadecimal: a page asks for what is called
    /// so beside the model, and for nothing elsewhere.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.shards.len() <= SHARD_LIMIT && self.third < THIRD_LIMIT && self.shards.iter().all(is_plain)
    }

    /// Bits of an entry, 1..=8.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shards.len().max(2).next_power_of_two().ilog2() as usize
    }
}

/// The three entries of an id; nothing for an empty table.
#[must_use]
pub fn entries(id: &str, seed: u32, third: u32) -> Option<[u32; 3]> {
    let hash = mix(hash64(id.as_bytes()) ^ u64::from(seed));
    let other = mix(hash);
    let within = |hash: u32| ((u64::from(hash) * u64::from(third)) >> 32) as u32;
    let thirds = [within(hash as u32), third + within((hash >> 32) as u32), third * 2 + within(other as u32)];
    (third > 0).then_some(thirds)
}

pack_struct!(Directory { seed, items, third, table, shards });

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_shard_is_nowhere_but_beside_its_model() {
        let named = |name: &str| Directory { shards: vec![name.into()], ..Directory::default() };
        assert!(named("00c0ffee").is_sound());
        for name in ["https://elsewhere.example/0", "../odds", "//elsewhere.example", "a?b"] {
            assert!(!named(name).is_sound(), "{name}");
        }
    }
}
