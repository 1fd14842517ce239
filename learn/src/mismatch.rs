//! Whether visitors came to the messages as the odds say. Never mends: where
//! they did not, something lost a message's visitors, and no comparison holds.

use crate::tally::Tally;

use crate::duel::Duel;

/// The share of healthy campaigns in which the alarm ever goes off.
const ALPHA: f64 = 0.01;
/// What decides between equal evidence, in logarithms: nothing otherwise.
const PREFERENCE: f64 = 1e-6;

/// Visitors against odds, for every message against the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    duels: Vec<Duel>,
    visitors: Vec<u64>,
    expected: Vec<f64>,
}

/// A message that got other visitors than its odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarm {
    /// Which.
    pub arm: usize,
    /// Its visitors.
    pub visitors: u64,
    /// The visitors that the odds would have given it.
    pub expected: f64,
}

impl Mismatch {
    /// Of so many messages.
    #[must_use]
    pub fn new(arms: usize) -> Mismatch {
        Mismatch { duels: vec![Duel::default(); arms], visitors: vec![0; arms], expected: vec![0.0; arms] }
    }

    /// Adds visitors who were drawn by the same odds.
    pub fn add(&mut self, counts: &[Tally], odds: &[u32]) {
        let all: u64 = counts.iter().map(|arm| arm.visitors).sum();
        let whole: f64 = odds.iter().map(|weight| f64::from(*weight)).sum();
        let places = self.duels.iter_mut().zip(&mut self.visitors).zip(&mut self.expected);
        for (((duel, visitors), expected), (arm, weight)) in places.zip(counts.iter().zip(odds)) {
            let share = f64::from(*weight) / whole;
            duel.add(arm.visitors, all - arm.visitors, share);
            *visitors += arm.visitors;
            *expected += all as f64 * share;
        }
    }

    /// The message with the strongest evidence that its visitors are not those
    /// of its odds, if it is strong enough for an alarm.
    #[must_use]
    pub fn alarm(&self) -> Option<Alarm> {
        let enough = libm::log(2.0 * self.duels.len() as f64 / ALPHA);
        let mut worst: Option<(f64, Alarm)> = None;
        for (arm, duel) in self.duels.iter().enumerate() {
            let (more, less) = (duel.evidence(0.0), duel.turned().evidence(0.0));
            // Of two messages one has too many and one too few, by the same
            // evidence; the one that lost its visitors is to be looked at.
            let evidence = f64::max(more, less + PREFERENCE);
            if evidence >= enough && worst.is_none_or(|(most, _)| evidence > most) {
                let visitors = self.visitors.get(arm).copied().unwrap_or_default();
                let expected = self.expected.get(arm).copied().unwrap_or_default();
                worst = Some((evidence, Alarm { arm, visitors, expected }));
            }
        }
        worst.map(|(_, alarm)| alarm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::rng::Rng;

    /// Alarms in campaigns of a hundred looks whose third message loses a
    /// share of its visitors; the odds change at every look.
    fn alarms(runs: u64, lost: f64) -> u32 {
        let mut alarms = 0;
        for run in 0..runs {
            let (mut rng, mut test) = (Rng::new(run, 9), Mismatch::new(3));
            let mut is_loud = false;
            for _ in 0..100 {
                let odds = [1 + rng.below(50) as u32, 1 + rng.below(50) as u32, 20];
                let mut counts = [Tally::default(); 3];
                for _ in 0..300 {
                    let mut left = rng.below(odds.iter().map(|o| u64::from(*o)).sum());
                    let mut at = 0;
                    while left >= u64::from(odds[at]) {
                        left -= u64::from(odds[at]);
                        at += 1;
                    }
                    counts[at].visitors += u64::from(at != 2 || rng.unit() >= lost);
                }
                test.add(&counts, &odds);
                is_loud |= test.alarm().is_some();
            }
            alarms += u32::from(is_loud);
        }
        alarms
    }

    #[test]
    fn a_healthy_campaign_is_quiet_and_one_that_loses_a_tenth_of_a_message_is_not() {
        let (healthy, ill) = (alarms(300, 0.0), alarms(40, 0.1));
        assert!(healthy <= 6, "{healthy} of 300");
        assert!(ill >= 38, "{ill} of 40");
    }
}
