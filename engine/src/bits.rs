//! Bits and symbols in few bytes. Never trusts what it reads: after the end come
//! zeros, and whoever reads asks at last whether all was read and no more.
//!
//! Symbols are coded by rANS (Duda, "Asymmetric numeral systems", 2013; the
//! byte-wise form of Giesen's `ryg_rans`) with tables of fixed frequencies: a
//! symbol costs what its frequency says, also less than a bit.

use alloc::vec;
use alloc::vec::Vec;

use crate::pack::{Input, push_varint};

/// Frequencies of one table add up to 2 to this power.
const SHARE_BITS: u32 = 12;
/// All shares.
const SHARES: usize = 1 << SHARE_BITS;
/// Below this the coder's state takes in the next byte; where it starts and,
/// read back, ends.
const STATE_LOW: u32 = 1 << 23;
/// Zeros before a one that [`Bits::length`] accepts: numbers below 2 to the 40th.
const ZEROS_LIMIT: u32 = 40;

/// Writes bits, lowest first.
#[derive(Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    /// Appends the lowest `width` bits of `value`; at most 56, the others zero.
    pub fn bits(&mut self, value: u64, width: u32) {
        self.held |= value << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// Appends a number below 2 to the 40th as [`Bits::number`] reads it.
    pub fn number(&mut self, value: u64, low: u32) {
        let high = (value >> low) + 1;
        let width = high.ilog2();
        self.bits(0, width);
        self.bits(1, 1);
        self.bits(high & ((1 << width) - 1), width);
        self.bits(value & ((1 << low) - 1), low);
    }

    /// The bytes, the last one padded with zeros.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.held as u8);
        }
        self.bytes
    }
}

/// Reads what [`BitWriter`] wrote.
#[derive(Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    /// From the first bit on.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, at: 0 }
    }

    /// Whether all was read, but for the zeros that fill the last byte.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at.div_ceil(8) == self.bytes.len() && self.window() == 0
    }

    /// The next `width` bits, at most 56.
    pub fn take(&mut self, width: u32) -> u64 {
        let value = self.window() & ((1 << width) - 1);
        self.at += width as usize;
        value
    }

    /// A number whose lowest `low` bits stand as they are and whose rest is in
    /// Elias's gamma code; nothing where it has more than 40 bits.
    pub fn number(&mut self, low: u32) -> Option<u64> {
        let width = self.window().trailing_zeros();
        if width + low > ZEROS_LIMIT {
            return None;
        }
        self.at += width as usize + 1;
        let high = (1 << width) + self.take(width) - 1;
        Some(high << low | self.take(low))
    }

    /// At least 57 of the next bits; zeros after the end.
    fn window(&self) -> u64 {
        let from = self.bytes.get(self.at / 8..).unwrap_or_default();
        let whole = from.first_chunk::<8>().copied().unwrap_or_else(|| {
            let mut end = [0; 8];
            end.iter_mut().zip(from).for_each(|(to, byte)| *to = *byte);
            end
        });
        u64::from_le_bytes(whole) >> (self.at % 8)
    }
}

/// What the symbols of one table cost: `(first share, shares)` by symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shares(Vec<(u32, u32)>);

/// Writes symbols, each by a table of its own choice.
#[derive(Debug)]
pub struct SymbolWriter {
    said: Vec<(u8, u8)>,
    counts: Vec<Vec<u64>>,
}

impl SymbolWriter {
    /// With tables of so many symbols each, 256 at most.
    #[must_use]
    pub fn new(sizes: &[usize]) -> SymbolWriter {
        SymbolWriter { said: Vec::new(), counts: sizes.iter().map(|size| vec![0; *size]).collect() }
    }

    /// Appends a symbol; nothing happens where the table has none such.
    pub fn symbol(&mut self, table: usize, symbol: u32) {
        if let Some(count) = self.counts.get_mut(table).and_then(|counts| counts.get_mut(symbol as usize)) {
            *count += 1;
            self.said.push((table as u8, symbol as u8));
        }
    }

    /// The tables, then the symbols behind their length.
    pub fn finish(self, out: &mut Vec<u8>) {
        let tables: Vec<Shares> = self.counts.iter().map(|counts| Shares::of(counts)).collect();
        tables.iter().for_each(|table| table.pack(out));
        // The coder is a stack: what is read first is written last.
        let mut state = STATE_LOW;
        let mut bytes = Vec::new();
        for (table, symbol) in self.said.iter().rev() {
            let entry = tables.get(usize::from(*table)).and_then(|table| table.0.get(usize::from(*symbol)));
            let Some((first, shares)) = entry.copied().filter(|(_, shares)| *shares > 0) else { continue };
            while state >= (STATE_LOW >> SHARE_BITS << 8) * shares {
                bytes.push(state as u8);
                state >>= 8;
            }
            state = ((state / shares) << SHARE_BITS) + state % shares + first;
        }
        bytes.extend(state.to_be_bytes());
        bytes.reverse();
        // The state is read as four bytes, lowest first, and refilled with the
        // bytes that follow.
        push_varint(out, bytes.len() as u64);
        out.extend(bytes);
    }
}

impl Shares {
    /// Shares in proportion to how often each symbol is said, at least one each.
    fn of(counts: &[u64]) -> Shares {
        let all: u64 = counts.iter().sum();
        let mut shares: Vec<u32> = counts
            .iter()
            .map(|count| match *count {
                0 => 0,
                count => ((count * SHARES as u64 / all.max(1)) as u32).max(1),
            })
            .collect();
        // What rounding gave too much or too little is the commonest symbols'.
        loop {
            let sum: u32 = shares.iter().sum();
            let Some(most) = shares.iter_mut().max_by_key(|share| **share).filter(|_| all > 0) else { break };
            match sum.cmp(&(SHARES as u32)) {
                core::cmp::Ordering::Equal => break,
                core::cmp::Ordering::Less => *most += SHARES as u32 - sum,
                core::cmp::Ordering::Greater => *most -= (sum - SHARES as u32).min((*most / 2).max(1)),
            }
        }
        let mut first = 0;
        Shares(
            shares
                .into_iter()
                .map(|share| {
                    first += share;
                    (first - share, share)
                })
                .collect(),
        )
    }

    /// Shares as numbers; behind a zero, how many more zeros follow.
    fn pack(&self, out: &mut Vec<u8>) {
        let mut at = 0;
        while let Some((_, share)) = self.0.get(at) {
            push_varint(out, u64::from(*share));
            at += 1;
            if *share == 0 {
                let more = self.0.iter().skip(at).take_while(|(_, share)| *share == 0).count();
                push_varint(out, more as u64);
                at += more;
            }
        }
    }
}

/// A table ready for reading: for each share its symbol, and for each symbol
/// its first share and how many it has.
#[derive(Debug)]
struct Table {
    symbols: Vec<u8>,
    shares: Vec<(u16, u16)>,
}

impl Table {
    /// Of so many symbols; a table of no shares is for symbols never said.
    fn unpack(size: usize, input: &mut Input) -> Table {
        let mut table = Table { symbols: Vec::with_capacity(SHARES), shares: Vec::with_capacity(size) };
        while table.shares.len() < size {
            let share = input.number() as usize;
            let more = if share == 0 { input.number() as usize } else { 0 };
            if share > SHARES - table.symbols.len() || more >= size - table.shares.len() || input.is_broken()
            {
                input.fail();
                break;
            }
            let (first, symbol) = (table.symbols.len(), table.shares.len());
            table.symbols.resize(first + share, symbol as u8);
            table.shares.resize(symbol + 1 + more, (first as u16, share as u16));
        }
        if !table.symbols.is_empty() && table.symbols.len() < SHARES {
            input.fail();
        }
        table
    }
}

/// Reads what [`SymbolWriter`] wrote.
#[derive(Debug)]
pub struct Symbols<'a> {
    tables: Vec<Table>,
    bytes: &'a [u8],
    state: u32,
    is_broken: bool,
}

impl<'a> Symbols<'a> {
    /// With tables of the sizes that they were written with.
    pub fn new(sizes: &[usize], input: &mut Input<'a>) -> Symbols<'a> {
        let mut tables = Vec::with_capacity(sizes.len());
        for size in sizes {
            tables.push(Table::unpack(*size, input));
        }
        let length = input.length();
        let (head, bytes) = input.slice(length).split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
        Symbols { tables, bytes, state: u32::from_le_bytes(*head), is_broken: input.is_broken() }
    }

    /// The next symbol of a table; 0 once anything was wrong. Within the loop that
    /// reads a model, wherever code is built for size.
    #[inline(always)]
    pub fn next(&mut self, table: usize) -> u32 {
        let share = self.state as usize % SHARES;
        let read = 'read: {
            let Some(table) = self.tables.get(table) else { break 'read None };
            let Some(symbol) = table.symbols.get(share) else { break 'read None };
            let Some(shares) = table.shares.get(usize::from(*symbol)) else { break 'read None };
            Some((*symbol, *shares))
        };
        let Some((symbol, (first, shares))) = read else {
            self.is_broken = true;
            return 0;
        };
        self.state = u32::from(shares) * (self.state >> SHARE_BITS) + share as u32 - u32::from(first);
        while self.state < STATE_LOW {
            let Some((byte, rest)) = self.bytes.split_first() else {
                // The last symbol leaves the state where the writer began.
                self.is_broken = true;
                self.state |= STATE_LOW;
                break;
            };
            self.state = self.state << 8 | u32::from(*byte);
            self.bytes = rest;
        }
        u32::from(symbol)
    }

    /// Whether all was read, and nothing that was not written.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !self.is_broken && self.bytes.is_empty() && self.state == STATE_LOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn bits_and_numbers_come_back_as_they_were() {
        let mut rng = Rng::new(3, 0);
        let said: Vec<(u64, u32)> = (0..3000)
            .map(|_| {
                let width = rng.below(41) as u32;
                (rng.next_u64() & ((1 << width) - 1), width)
            })
            .collect();
        let mut writer = BitWriter::default();
        for (value, width) in &said {
            writer.bits(*value, *width);
            writer.number(*value >> 1, width / 2);
        }
        let bytes = writer.finish();
        let mut reader = Bits::new(&bytes);
        for (value, width) in &said {
            assert_eq!(reader.take(*width), *value);
            assert_eq!(reader.number(width / 2), Some(*value >> 1));
        }
        assert!(reader.is_done());
        assert_eq!(Bits::new(&[0; 9]).number(0), None);
    }

    #[test]
    fn symbols_come_back_as_they_were_for_what_their_shares_say() {
        let mut rng = Rng::new(4, 0);
        let sizes = [2, 20, 256];
        let said: Vec<(usize, u32)> = (0..20_000)
            .map(|_| match rng.below(3) {
                0 => (0, u32::from(rng.below(100) == 0)),
                1 => (1, rng.below(20).min(rng.below(20)) as u32),
                _ => (2, rng.below(256) as u32),
            })
            .collect();
        let mut writer = SymbolWriter::new(&sizes);
        said.iter().for_each(|(table, symbol)| writer.symbol(*table, *symbol));
        let mut bytes = Vec::new();
        writer.finish(&mut bytes);
        // A third each of .08, 4.0 and 8 bits.
        assert!((9_800..10_500).contains(&bytes.len()), "{}", bytes.len());
        let mut input = Input::new(&bytes);
        let mut reader = Symbols::new(&sizes, &mut input);
        for (table, symbol) in &said {
            assert_eq!(reader.next(*table), *symbol);
        }
        assert!(reader.is_done() && input.is_done());
        reader.next(0);
        assert!(!reader.is_done());
    }

    #[test]
    fn a_writer_of_nothing_and_one_of_a_single_symbol_are_read_back() {
        for count in [0, 1, 1000] {
            let mut writer = SymbolWriter::new(&[3]);
            (0..count).for_each(|_| writer.symbol(0, 2));
            let mut bytes = Vec::new();
            writer.finish(&mut bytes);
            let mut reader = Symbols::new(&[3], &mut Input::new(&bytes));
            (0..count).for_each(|_| assert_eq!(reader.next(0), 2));
            assert!(reader.is_done(), "{count}");
        }
    }

    #[test]
    fn noise_ends_in_refusal_or_in_symbols_of_the_table() {
        let mut rng = Rng::new(5, 0);
        for _ in 0..3000 {
            let bytes: Vec<u8> = (0..rng.below(60)).map(|_| rng.next_u64() as u8).collect();
            let mut reader = Symbols::new(&[5, 30], &mut Input::new(&bytes));
            for at in 0..200 {
                assert!(reader.next(at % 2) < 30);
            }
            let mut bits = Bits::new(&bytes);
            while bits.number(3).is_some() && !bits.is_done() {}
        }
    }
}
