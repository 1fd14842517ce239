//! What nobody can need any more of a site's odds and rules. Never takes what
//! a device, a count, a roll-back or an audit of the last 400 days still asks
//! for.
//!
//! A report may name odds from which its visitor was drawn up to 400 days ago,
//! so younger ones stay whole, and the audit computes all of them again. Of
//! older odds only those stay from which a visitor was counted, since results
//! weigh them by the odds; without the counts that they were computed from,
//! which are most of the bytes and which only the audit asks for.

use vitrine_engine::time::DAY;

use crate::report::DRAWN_BEFORE;

/// Beyond this age, in milliseconds, odds and rules are looked at: as long as a
/// report may name them, and a month for clocks and late ones.
pub const AGE: u64 = (DRAWN_BEFORE as u64 + 31) * DAY;
/// Versions of rules that stay however old they are: a marketer who goes back
/// does not go further.
pub const VERSIONS: u32 = 50;
/// What stands in place of the counts that were taken away.
pub const TAKEN: &str = "{}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;
    use crate::store::{Place, SavedOdds, Version, open};
    use vitrine_engine::arm::Stream;
    use vitrine_engine::report::{Counts, Row};

    #[test]
    fn odds_that_a_count_names_stay_without_what_the_audit_asks_and_young_ones_whole() {
        let folder = std::env::temp_dir().join(format!("vitrine-prune-{}", std::process::id()));
        let mut store = open(&Place::Folder(folder.clone())).unwrap();
        for epoch in 1..=6 {
            let (bytes, evidence) = (vec![epoch as u8], format!("{{\"e\":{epoch}}}"));
            let saved = SavedOdds { epoch, bytes, evidence, at: u64::from(epoch) * DAY };
            assert!(store.save_odds("demo", &saved).unwrap());
            assert!(store.save_odds("other", &SavedOdds { at: 0, ..saved }).unwrap());
        }
        let row = Row {
            campaign: "c".into(),
            message: "m".into(),
            leaf: "else".into(),
            stream: Stream::Adaptive,
            epoch: 2,
            day: 2,
            counts: Counts { visitors: 1, ..Counts::default() },
        };
        let report = Report { id: [7; 16], rows: vec![row], made: 2, is_forgetful: false };
        store.merge(&[("demo", vec![&report])]).remove(0).unwrap();
        assert_eq!(store.prune("demo", 5 * DAY).unwrap(), [3, 0], "1, 3 and 4");
        let mut left = Vec::new();
        store.each_odds("demo", &mut |odds| left.push((odds.epoch, odds.evidence.clone()))).unwrap();
        let left: Vec<(u32, &str)> = left.iter().map(|(epoch, text)| (*epoch, text.as_str())).collect();
        assert_eq!(left, [(2, "{}"), (5, "{\"e\":5}"), (6, "{\"e\":6}")]);
        // The newest stays whatever its age, and another site keeps its own.
        assert_eq!(store.prune("demo", 500 * DAY).unwrap(), [1, 0]);
        let mut last = SavedOdds::default();
        store.each_odds("demo", &mut |odds| last = odds).unwrap();
        assert_eq!(last.evidence, "{\"e\":6}");
        let mut others = 0;
        store.each_odds("other", &mut |_| others += 1).unwrap();
        assert_eq!(others, 6);
        drop(store);
        let _ = std::fs::remove_dir_all(&folder);
    }

    #[test]
    fn old_rules_go_but_what_ruled_last_the_latest_and_what_was_repeated_stay() {
        let folder = std::env::temp_dir().join(format!("vitrine-prune-rules-{}", std::process::id()));
        let mut store = open(&Place::Folder(folder.clone())).unwrap();
        for version in 1..=100 {
            let origin = if version == 95 { 7 } else { version };
            let rules = format!("{{\"n\":{version}}}");
            let (plan, bytes) = (format!("p{version}"), vec![1]);
            let at = u64::from(version) * DAY;
            let version = Version { version, origin, plan, rules, bytes, at };
            assert!(store.publish("demo", &version, &[]).unwrap());
        }
        assert_eq!(store.prune("demo", 30 * DAY).unwrap(), [0, 27], "28 of 29, but the one repeated");
        let left: Vec<u32> = store.versions("demo").unwrap().iter().rev().map(|v| v.version).collect();
        assert_eq!(left.iter().take(4).copied().collect::<Vec<_>>(), [7, 29, 30, 31]);
        assert_eq!(left.len(), 73);
        assert_eq!(store.prune("demo", 1_000 * DAY).unwrap(), [0, 23], "the latest fifty stay");
        assert_eq!(store.versions("demo").unwrap().len(), VERSIONS as usize);
        drop(store);
        let _ = std::fs::remove_dir_all(&folder);
    }
}
