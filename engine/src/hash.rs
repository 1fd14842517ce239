//! Names as numbers. Never a defence against forgery: an index and a checksum.

/// A 64-bit hash of bytes: FNV-1a, then the finaliser of MurmurHash3, so that
/// every bit of the input moves every bit of the result.
///
/// Stable for ever: profiles, models and odds store it.
#[must_use]
pub fn hash64(bytes: &[u8]) -> u64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for &byte in bytes {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mix(state)
}

/// A 32-bit name: event names, categories, segments. The compiler refuses a
/// plan in which two names collide; among 200 names that happens once in
/// 200,000 plans.
#[must_use]
pub fn name32(text: &str) -> u32 {
    (hash64(text.as_bytes()) >> 32) as u32
}

/// MurmurHash3's 64-bit finaliser: a bijection with full avalanche.
#[must_use]
pub fn mix(mut state: u64) -> u64 {
    state ^= state >> 33;
    state = state.wrapping_mul(0xff51_afd7_ed55_8ccd);
    state ^= state >> 33;
    state = state.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    state ^ (state >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes_because_devices_store_it() {
        assert_eq!(hash64(b""), 0xefd0_1f60_ba99_2926);
        assert_eq!(hash64("신발".as_bytes()), 0x2c77_a283_2507_d4f3);
        assert_eq!(name32("purchase"), 0xf899_f926);
    }
}
