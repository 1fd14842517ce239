//! All messages of a campaign against each other, and who may be called the
//! winner. Never names one that another might still equal.

use crate::tally::Tally;

use crate::duel::Duel;
use crate::interval::Interval;

/// The duels of a campaign, fed by counts that were drawn alike: those of one
/// leaf, stream, epoch and day.
#[derive(Debug, Clone, PartialEq)]
pub struct Race {
    arms: usize,
    /// Of every two arms, the earlier against the later: (0, 1), (0, 2), …
    duels: Vec<Duel>,
}

impl Race {
    /// A race of so many arms before its start.
    #[must_use]
    pub fn new(arms: usize) -> Race {
        Race { arms, duels: vec![Duel::default(); arms * arms.saturating_sub(1) / 2] }
    }

    /// Adds counts whose visitors were allotted by the same odds. `odds` are
    /// those odds, any multiple of them; without them the visitors themselves
    /// say how they were allotted.
    pub fn add(&mut self, counts: &[Tally], odds: Option<&[u32]>) {
        let drawn = |at: usize| match odds {
            Some(odds) => odds.get(at).copied().map_or(0.0, f64::from),
            None => counts.get(at).map_or(0.0, |arm| arm.visitors as f64),
        };
        let hits = |at: usize| counts.get(at).map_or(0, |arm| arm.converters.min(arm.visitors));
        let mut duels = self.duels.iter_mut();
        for ours in 0..self.arms {
            for (theirs, duel) in (ours + 1..self.arms).zip(duels.by_ref()) {
                duel.add(hits(ours), hits(theirs), drawn(ours) / (drawn(ours) + drawn(theirs)));
            }
        }
    }

    /// One arm's rate against another's, as a duel; `None` for the same arm or
    /// one that does not run.
    #[must_use]
    pub fn duel(&self, ours: usize, theirs: usize) -> Option<Duel> {
        let (first, second) = (ours.min(theirs), ours.max(theirs));
        if first == second || second >= self.arms {
            return None;
        }
        let before = first * (2 * self.arms - first - 1) / 2;
        let duel = self.duels.get(before + second - first - 1)?;
        Some(if ours < theirs { duel.clone() } else { duel.turned() })
    }

    /// The ratio of one arm's rate to another's less 1, e.g. 0.2 for 20 %
    /// better, as an interval that says a winner when [`Race::winner`] does.
    #[must_use]
    pub fn lift(&self, ours: usize, theirs: usize, alpha: f64) -> Option<Interval> {
        let Interval { low, high } = self.duel(ours, theirs)?.log_ratio(self.part(alpha));
        Some(Interval { low: libm::expm1(low), high: libm::expm1(high) })
    }

    /// The arm that is better than every other: in all campaigns together, the
    /// share in which one is ever named that is not is at most `alpha`.
    ///
    /// Whoever is named without being the best has beaten the best in one of
    /// the duels against it, of which there are fewer than arms.
    #[must_use]
    pub fn winner(&self, alpha: f64) -> Option<usize> {
        let enough = libm::log(1.0 / self.part(alpha));
        (0..self.arms).find(|ours| self.arms > 1 && self.least_evidence(*ours, enough) >= enough)
    }

    /// The message with the most evidence of being the best, and the one that is
    /// closest to it; `None` of fewer than two.
    #[must_use]
    pub fn leaders(&self) -> Option<(usize, usize)> {
        let mut leaders: Option<(f64, (usize, usize))> = None;
        for ours in 0..self.arms {
            let mut closest: Option<(f64, usize)> = None;
            for theirs in (0..self.arms).filter(|theirs| *theirs != ours) {
                // Standard errors by which we lead.
                let duel = self.duel(ours, theirs)?;
                let best = duel.best().clamp(-1.0, 1.0);
                let lead = best * libm::sqrt(duel.information(best));
                if closest.is_none_or(|(least, _)| lead < least) {
                    closest = Some((lead, theirs));
                }
            }
            let (lead, theirs) = closest?;
            if leaders.is_none_or(|(most, _)| lead > most) {
                leaders = Some((lead, (ours, theirs)));
            }
        }
        leaders.map(|(_, pair)| pair)
    }

    /// The evidence of the duel in which an arm has least for being better, in
    /// logarithms; the search ends at the first that is below `enough`.
    #[must_use]
    pub fn least_evidence(&self, ours: usize, enough: f64) -> f64 {
        let mut least = f64::INFINITY;
        for theirs in (0..self.arms).filter(|theirs| *theirs != ours) {
            let evidence = self.duel(ours, theirs).map_or(f64::NEG_INFINITY, |duel| duel.evidence(0.0));
            least = least.min(evidence);
            if least < enough {
                break;
            }
        }
        least
    }

    /// Each arm's part of the error that is left to a campaign.
    #[must_use]
    pub fn part(&self, alpha: f64) -> f64 {
        alpha / self.arms.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(counts: &[(u64, u64)]) -> Vec<Tally> {
        counts
            .iter()
            .map(|(converters, visitors)| Tally { visitors: *visitors, converters: *converters })
            .collect()
    }

    #[test]
    fn a_clear_winner_is_named_whichever_its_place() {
        for at in 0..4 {
            let mut counts = [(200, 10_000); 4];
            counts[at] = (320, 10_000);
            let mut race = Race::new(4);
            race.add(&arms(&counts), None);
            assert_eq!(race.winner(0.05), Some(at));
            for other in (0..4).filter(|other| *other != at) {
                let lift = race.lift(at, other, 0.05).unwrap();
                assert!(lift.low > 0.0 && lift.low < 0.6 && lift.high > 0.6, "{lift:?}");
                let back = race.lift(other, at, 0.05).unwrap();
                assert!((back.high - (1.0 / (1.0 + lift.low) - 1.0)).abs() < 1e-6, "{back:?}");
            }
        }
    }

    #[test]
    fn nobody_wins_without_evidence() {
        let mut race = Race::new(3);
        assert_eq!(race.winner(0.05), None);
        race.add(&arms(&[(0, 0), (5, 5), (0, 100)]), None);
        assert_eq!(race.winner(0.05), None);
        assert_eq!(Race::new(1).winner(0.05), None);
        assert_eq!(Race::new(0).duel(0, 1), None);
    }

    #[test]
    fn what_strikes_all_arms_alike_does_not_speak() {
        // A poor day with most visitors for the first, a rich day with most for the second.
        let mut race = Race::new(2);
        race.add(&arms(&[(90, 9000), (10, 1000)]), None);
        race.add(&arms(&[(50, 1000), (450, 9000)]), None);
        let lift = race.lift(1, 0, 0.05).unwrap();
        assert!(lift.low < 0.0 && lift.high > 0.0, "{lift:?}");
        // Added up over the days, the second looks three times as good.
        let mut mixed = Race::new(2);
        mixed.add(&arms(&[(140, 10_000), (460, 10_000)]), None);
        assert_eq!(mixed.winner(0.05), Some(1));
        assert_eq!(race.winner(0.05), None);
    }
}
