//! How much one place may say in a day. Never keeps an address: of where a
//! report came from only a salted hash is held, in memory, until midnight UTC,
//! and the salt is drawn anew with it.
//!
//! A place is the first 24 bits of an IPv4 address or the first 48 of an IPv6
//! one. Whoever sends plausible reports from one place adds to a campaign at
//! most [`REPORTS`] reports and [`CONVERTERS`] converters a day, or as much as
//! makes the place's part [`SHARE`] of that day's. What is above it is not
//! refused for good: a device keeps it and sends it on another day, so that a
//! crowded office is counted late, and a forger waits for nothing.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};

use sha2::{Digest, Sha256};
use vitrine_engine::report::Row;
use vitrine_engine::time::DAY;

/// The most of a campaign's day that one place may say: of the largest mobile
/// carriers' pools a /24 carries less.
const SHARE: f64 = 0.05;
/// Reports a day that every place may send.
pub const REPORTS: f64 = 50.0;
/// Converters a day that every place may report.
pub const CONVERTERS: f64 = 3.0;
/// Purchases at the site's upper bound that a place may report in any case.
pub const PURCHASES: f64 = 10.0;
/// Places of a campaign that are told apart in a day; further ones share one
/// tally, so that a forger of many addresses fills no memory.
const PLACES: usize = 100_000;

/// A place, by its hash of the day.
type Hash = [u8; 8];

/// What was said today of one site's campaigns.
#[derive(Debug, Default)]
pub struct Places {
    /// Days since 1970, UTC.
    day: u64,
    salt: [u8; 16],
    campaigns: BTreeMap<String, Campaign>,
}

#[derive(Debug, Default)]
struct Campaign {
    all: Said,
    places: HashMap<Hash, Said>,
    turned_away: u64,
}

/// What was said.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    reports: f64,
    converters: f64,
    revenue: f64,
}

/// Where the connection of a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

impl Places {
    /// Whether a report may still be counted today; if so, it is. `most` is the
    /// site's upper bound of a purchase.
    pub fn admit(&mut self, address: IpAddr, rows: &[Row], most: u64, now: u64) -> bool {
        if self.day != now / DAY || self.salt == [0; 16] {
            // Without randomness the hash is still no address; it can be guessed only by who reads this memory.
            let mut salt = [1; 16];
            let _ = getrandom::fill(&mut salt);
            *self = Places { day: now / DAY, salt, campaigns: BTreeMap::new() };
        }
        let Some(first) = rows.first() else { return true };
        let mut said = Said { reports: 1.0, ..Said::default() };
        for row in rows {
            said.converters += row.counts.converters as f64;
            said.revenue += row.counts.revenue as f64;
        }
        let hash = self.hash(address);
        let campaign = self.campaigns.entry(first.campaign.clone()).or_default();
        let is_known = campaign.places.contains_key(&hash) || campaign.places.len() < PLACES;
        let place = campaign.places.entry(if is_known { hash } else { Hash::default() }).or_default();
        let after = place.and(&said);
        let others = campaign.all.less(place);
        let is_within =
            |mine: f64, others: f64, floor: f64| mine <= f64::max(floor, others * SHARE / (1.0 - SHARE));
        let is_admitted = is_within(after.reports, others.reports, REPORTS)
            && is_within(after.converters, others.converters, CONVERTERS)
            && is_within(after.revenue, others.revenue, PURCHASES * most as f64);
        if is_admitted {
            *place = after;
            campaign.all = campaign.all.and(&said);
        } else {
            campaign.turned_away += 1;
        }
        is_admitted
    }

    /// Reports of a campaign that were turned away today.
    #[must_use]
    pub fn turned_away(&self, campaign: &str) -> u64 {
        self.campaigns.get(campaign).map_or(0, |campaign| campaign.turned_away)
    }

    fn hash(&self, address: IpAddr) -> Hash {
        let bits = match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits() >> 8),
            IpAddr::V6(v6) => v6.to_bits() >> 80,
        };
        let mut hasher = Sha256::new();
        hasher.update(self.salt);
        hasher.update([u8::from(address.is_ipv4())]);
        hasher.update(bits.to_be_bytes());
        let digest = hasher.finalize();
        let mut hash = Hash::default();
        hash.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        hash
    }
}

impl Said {
    fn and(&self, more: &Said) -> Said {
        Said {
            reports: self.reports + more.reports,
            converters: self.converters + more.converters,
            revenue: self.revenue + more.revenue,
        }
    }

    fn less(&self, part: &Said) -> Said {
        Said {
            reports: self.reports - part.reports,
            converters: self.converters - part.converters,
            revenue: self.revenue - part.revenue,
        }
    }
}

/// Where a report came from, behind so many proxies of the operator's own, each
/// of which adds the address it was asked by to `x-forwarded-for`. `None` where
/// that cannot be told: a private address is a proxy that nobody named.
#[must_use]
pub fn place(peer: Option<Peer>, forwarded: &[&str], proxies: usize) -> Option<IpAddr> {
    let address = match proxies.checked_sub(1) {
        None => peer?.0,
        Some(last) => {
            let hops: Vec<&str> = forwarded.iter().flat_map(|header| header.split(',')).collect();
            hops.iter().rev().nth(last)?.trim().parse().ok()?
        }
    };
    let address = address.to_canonical();
    (!is_private(address)).then_some(address)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => {
            let is_unique_local = |v6: Ipv6Addr| v6.to_bits() >> 121 == 0x7e;
            v6.is_loopback() || v6.is_unspecified() || is_unique_local(v6) || v6.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::arm::Stream;
    use vitrine_engine::bandit::{Aim, WHOLE};
    use vitrine_engine::report::Counts;
    use vitrine_engine::rng::Rng;
    use vitrine_learn::evidence::{Count, Evidence};
    use vitrine_learn::odds::odds;
    use vitrine_learn::tally::Tally;

    fn rows(converters: u64, revenue: u128) -> Vec<Row> {
        let counts = Counts { visitors: 1, converters, revenue, ..Counts::default() };
        vec![Row {
            campaign: "c".into(),
            message: "m".into(),
            leaf: "else".into(),
            stream: Stream::Random,
            epoch: 0,
            day: 0,
            counts,
        }]
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Admitted of so many, sent by one address.
    fn send(places: &mut Places, from: &str, many: u32, rows: &[Row]) -> u32 {
        (0..many).map(|_| u32::from(places.admit(address(from), rows, 1000, DAY))).sum()
    }

    #[test]
    fn one_place_says_no_more_than_its_part_whatever_it_sends() {
        let mut places = Places::default();
        // Forged conversions from neighbouring addresses, before anybody else came.
        let forged = send(&mut places, "203.0.113.7", 300, &rows(1, 10))
            + send(&mut places, "203.0.113.200", 300, &rows(1, 10));
        assert_eq!(forged, 3);
        assert_eq!(send(&mut places, "203.0.113.9", 300, &rows(0, 0)), 47);
        // 4,000 visitors of a hundred other places, one in fifty of whom buys.
        for at in 0..4000u32 {
            let from = format!("198.51.{}.{}", at % 97, at % 250);
            assert!(places.admit(address(&from), &rows(u64::from(at % 50 == 7), 0), 1000, DAY), "{at}");
        }
        let more = send(&mut places, "203.0.113.7", 5000, &rows(1, 10));
        assert_eq!(more, 1, "80 honest converters let a place have 4");
        assert_eq!(send(&mut places, "203.0.113.7", 5000, &rows(0, 0)), 210 - 51);
        assert!(places.turned_away("c") > 10_000 && places.turned_away("d") == 0);
        // Tomorrow is another day.
        assert!(places.admit(address("203.0.113.7"), &rows(1, 10), 1000, 2 * DAY));
        assert_eq!(places.turned_away("c"), 0);
    }

    #[test]
    fn a_forger_moves_a_rate_by_a_twentieth_of_the_converters_and_not_the_odds() {
        let mut rng = Rng::new(1, 1);
        let mut arms = [Tally::default(); 2];
        let mut forged = 0;
        for day in 1..=10 {
            let mut places = Places::default();
            for at in 0..4000u32 {
                let arm = rng.below(2) as usize;
                let bought = u64::from(rng.unit() < [0.02, 0.026][arm]);
                let from = address(&format!("198.{}.{}.1", at % 50, at % 251));
                let is_in = places.admit(from, &rows(bought, 0), 1000, day * DAY);
                arms[arm].visitors += u64::from(is_in);
                arms[arm].converters += bought * u64::from(is_in);
                // For every visitor the forger invents a buyer of the worse message.
                let is_in = u64::from(places.admit(address("203.0.113.7"), &rows(1, 0), 1000, day * DAY));
                arms[0].visitors += is_in;
                arms[0].converters += is_in;
                forged += is_in;
            }
        }
        let honest = arms[0].converters + arms[1].converters - forged;
        assert!(forged <= 10 * 3 + honest / 19, "{forged} beside {honest}");
        let counts = arms.map(|tally| Count { tally, ..Count::default() }).to_vec();
        let evidence = Evidence { windows: vec![vec![counts]], ..Evidence::default() };
        let odds = odds(Aim::Earn, &evidence).unwrap().remove(0);
        assert!(odds[1] > WHOLE * 9 / 10, "{odds:?} of {arms:?}");
    }

    #[test]
    fn one_big_basket_is_turned_away_too() {
        let mut places = Places::default();
        assert!(!places.admit(address("203.0.113.7"), &rows(1, 1_000_000_000_000), 1000, DAY));
        assert!(places.admit(address("203.0.113.7"), &rows(1, 10_000), 1000, DAY));
    }

    #[test]
    fn a_place_is_told_by_the_proxy_that_is_ones_own() {
        let peer = |text| Some(Peer(address(text)));
        assert_eq!(place(peer("203.0.113.7"), &["9.9.9.9"], 0), Some(address("203.0.113.7")));
        assert_eq!(place(peer("::ffff:203.0.113.7"), &[], 0), Some(address("203.0.113.7")));
        assert_eq!(place(peer("127.0.0.1"), &["9.9.9.9"], 0), None);
        // What the client wrote itself stands to the left of what proxies added.
        assert_eq!(place(peer("10.0.0.2"), &["9.9.9.9, 203.0.113.7"], 1), Some(address("203.0.113.7")));
        assert_eq!(
            place(peer("10.0.0.2"), &["9.9.9.9", "203.0.113.7, 198.51.100.1"], 2),
            Some(address("203.0.113.7"))
        );
        assert_eq!(place(peer("10.0.0.2"), &["nonsense"], 1), None);
        assert_eq!(place(peer("10.0.0.2"), &[], 1), None);
        assert_eq!(place(None, &[], 0), None);
        let mut places = Places::default();
        places.salt = [3; 16];
        assert_eq!(places.hash(address("2001:db8:1:2::3")), places.hash(address("2001:db8:1:ffff::9")));
        assert_ne!(places.hash(address("2001:db8:1::")), places.hash(address("2001:db8:2::")));
    }
}
