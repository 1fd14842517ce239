//! Whether deeds can have been done so often, and no more. Never looks at a
//! visitor: it knows only that a longer span holds no fewer deeds than a
//! shorter one, and any product no fewer than this product.

use vitrine_engine::kind::{Kind, Kinds};
use vitrine_engine::pattern::{Did, Sequence, Span};

/// Counts that are compared with each other; more were not written by hand.
const MOST: usize = 64;

/// How often one kind of deed was done within one span.
#[derive(Debug, Clone)]
pub(crate) struct Count<'a> {
    /// Of which deeds.
    pub kind: &'a Kind,
    /// Within which span.
    pub span: Span,
    /// At least.
    pub low: u32,
    /// At most.
    pub high: u32,
}

/// All that is known of what was done.
#[derive(Default)]
pub(crate) struct Counts<'a> {
    list: Vec<(Count<'a>, bool)>,
}

impl<'a> Counts<'a> {
    /// Adds that a count is so, or is not.
    pub fn add(&mut self, count: &Count<'a>, want: bool) {
        self.list.push((count.clone(), want));
    }

    /// Adds a `$did`.
    pub fn add_did(&mut self, did: &Did, kinds: &'a Kinds, want: bool) {
        if let Some(kind) = kinds.get(did.kind) {
            let count = Count { kind, span: did.span, low: did.at_least, high: did.at_most };
            self.list.push((count, want));
        }
    }

    /// Adds what a `$sequence` or `$path` implies: each deed was done.
    pub fn add_sequence(&mut self, sequence: &Sequence, kinds: &'a Kinds) {
        for step in &sequence.steps {
            let same = sequence.steps.iter().filter(|other| other.kind == step.kind);
            let low = same.map(|other| other.times).sum();
            if let Some(kind) = kinds.get(step.kind) {
                self.add(&Count { kind, span: sequence.span, low, high: u32::MAX }, true);
            }
        }
    }

    /// Whether some history fits. The least one is built up: each count is the
    /// smallest that it may be, given the counts that it includes.
    pub fn agree(&self) -> bool {
        if self.list.len() > MOST {
            return true;
        }
        let mut least: Vec<u32> = vec![0; self.list.len()];
        loop {
            let mut grown = false;
            for (at, (count, _)) in self.list.iter().enumerate() {
                let included = self.list.iter().zip(&least).filter(|((other, _), _)| includes(count, other));
                let from = included.map(|(_, times)| *times).max().unwrap_or_default();
                let Some(times) = self.next_allowed(count, from) else { return false };
                if let Some(known) = least.get_mut(at).filter(|known| **known < times) {
                    *known = times;
                    grown = true;
                }
            }
            if !grown {
                return true;
            }
        }
    }

    /// The smallest number, from one on, that fits all that is said of exactly
    /// these deeds in this span.
    fn next_allowed(&self, count: &Count, from: u32) -> Option<u32> {
        let same =
            || self.list.iter().filter(|(other, _)| other.kind == count.kind && other.span == count.span);
        let fits =
            |times: &u32| same().all(|(other, want)| (other.low..=other.high).contains(times) == *want);
        let edges = same().flat_map(|(other, _)| [Some(other.low), other.high.checked_add(1)]).flatten();
        edges.chain([from]).filter(|times| *times >= from).filter(fits).min()
    }
}

/// Whether whatever is counted in `part` is counted in `whole`.
fn includes(whole: &Count, part: &Count) -> bool {
    let is_longer = match (whole.span, part.span) {
        (Span::Ever, _) => true,
        (Span::Last(long), Span::Last(short)) => long >= short,
        (one, other) => one == other,
    };
    is_longer && is_wider(whole.kind, part.kind)
}

/// Whether every deed of one kind is of another, too.
pub(crate) fn is_wider(whole: &Kind, part: &Kind) -> bool {
    whole.event == part.event && whole.filters.iter().all(|filter| part.filters.contains(filter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_engine::kind::Filter;

    fn kind(event: u32, items: &[u32]) -> Kind {
        let filters = if items.is_empty() { vec![] } else { vec![Filter::Item(items.to_vec())] };
        Kind { event, filters }
    }

    fn agree(list: &[(&Kind, Span, u32, u32, bool)]) -> bool {
        let mut counts = Counts::default();
        for (kind, span, low, high, want) in list {
            counts.add(&Count { kind, span: *span, low: *low, high: *high }, *want);
        }
        counts.agree()
    }

    #[test]
    fn a_longer_span_holds_no_fewer_deeds() {
        let (any, more) = (kind(1, &[]), u32::MAX);
        assert!(!agree(&[(&any, Span::Last(5), 1, more, true), (&any, Span::Ever, 1, more, false)]));
        assert!(agree(&[(&any, Span::Ever, 1, more, true), (&any, Span::Last(5), 1, more, false)]));
        assert!(!agree(&[(&any, Span::Last(5), 3, more, true), (&any, Span::Last(9), 0, 2, true)]));
        assert!(agree(&[(&any, Span::Visit, 3, more, true), (&any, Span::Last(9), 0, 2, true)]));
    }

    #[test]
    fn any_product_is_no_fewer_than_this_one() {
        let (any, this, more) = (kind(1, &[]), kind(1, &[7]), u32::MAX);
        assert!(!agree(&[(&this, Span::Visit, 1, more, true), (&any, Span::Ever, 0, 0, true)]));
        assert!(agree(&[(&any, Span::Ever, 1, more, true), (&this, Span::Ever, 0, 0, true)]));
        assert!(agree(&[(&kind(2, &[]), Span::Ever, 1, more, true), (&any, Span::Ever, 0, 0, true)]));
    }

    #[test]
    fn exactly_two_and_not_exactly_two_is_nothing() {
        let any = kind(1, &[]);
        assert!(!agree(&[(&any, Span::Ever, 2, 2, true), (&any, Span::Ever, 2, 2, false)]));
        assert!(!agree(&[
            (&any, Span::Ever, 2, 3, true),
            (&any, Span::Ever, 3, 3, false),
            (&any, Span::Ever, 0, 2, false)
        ]));
        assert!(agree(&[
            (&any, Span::Ever, 2, 4, true),
            (&any, Span::Ever, 3, 3, false),
            (&any, Span::Ever, 0, 2, false)
        ]));
    }
}
