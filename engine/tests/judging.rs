//! After one event only what it can have changed is judged again: the answers
//! and the next moment to look are those of judging everything anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use vitrine_engine::arm::Arm;
use vitrine_engine::attribute::Attribute;
use vitrine_engine::automaton::Pattern;
use vitrine_engine::compare::Compare;
use vitrine_engine::event::{Event, Item};
use vitrine_engine::facts::Facts;
use vitrine_engine::hash::name32;
use vitrine_engine::judge::Judge;
use vitrine_engine::kind::{Asked, Filter, Kind, Kinds};
use vitrine_engine::node::Node;
use vitrine_engine::nodes::Nodes;
use vitrine_engine::page::{Moment, Page};
use vitrine_engine::pattern::{Did, Sequence, Span, Step};
use vitrine_engine::profile::{Profile, Terms};
use vitrine_engine::ring::folded;
use vitrine_engine::rng::Rng;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::truth::Truth;
use vitrine_engine::value::Value;

/// Every attribute whose value can change, by each way in which one can.
const SUBJECTS: [&str; 24] = [
    "visits",
    "views",
    "session.views",
    "session.seconds",
    "days_since_first",
    "days_since_last",
    "days_since_purchase",
    "channel",
    "landing",
    "path",
    "query.size",
    "hour",
    "weekday",
    "cart.count",
    "cart.value",
    "cart.categories",
    "purchases",
    "interest.category.shoes",
    "interest.top",
    "search.last",
    "member.tier",
    "member.age",
    "messages.nudge.shown",
    "messages.nudge.days_since_shown",
];
/// The place of `path` among them.
const PATH: u16 = 9;
const EVENTS: [&str; 4] = ["page_view", "view_item", "add_to_cart", "purchase"];
const PATHS: [&str; 4] = ["/", "/list/shoes?size=42", "/list/bags", "/cart"];
const WORDS: [&str; 5] = ["shoes", "gold", "/cart", "direct", "42"];

struct Dice(Rng);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0.below(limit)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    fn compare(&mut self) -> Compare {
        let number = Value::number(self.below(30));
        let share = Value::Number(self.below(10) as f64 / 10.0);
        let text = Value::text(self.pick(&WORDS));
        let any = match self.below(3) {
            0 => number,
            1 => share,
            _ => text.clone(),
        };
        match self.below(7) {
            0 => Compare::Is(any),
            1 => Compare::Ne(any),
            2 => Compare::Lt(any),
            3 => Compare::Gte(any),
            4 => Compare::In(vec![text, any]),
            5 => Compare::Exists(self.one_in(2)),
            _ => Compare::Gt(any),
        }
    }

    fn span(&mut self) -> Span {
        match self.below(3) {
            0 => Span::Ever,
            1 => Span::Visit,
            _ => Span::Last(1 + self.below(3 * DAY)),
        }
    }

    fn kinds(&mut self) -> Kinds {
        let kinds = (0..6).map(|_| {
            let filters = match self.below(4) {
                0 => vec![Filter::Category(vec![folded("shoes")])],
                1 => vec![Filter::Page(vec![Pattern::Starts("/list".into())])],
                2 => vec![Filter::Parameter("colour".into(), vec![Compare::Is(Value::text("red"))])],
                _ => vec![],
            };
            let event = name32(self.pick(&EVENTS));
            Asked { kind: Kind { event, filters }, keep: 8 }
        });
        Kinds::new(kinds.collect())
    }

    fn nodes(&mut self) -> Nodes {
        let count = 5 + self.below(60);
        let mut list = Vec::new();
        for at in 0..count {
            let parts = |dice: &mut Dice| {
                (0..dice.below(4))
                    .map(|_| dice.below(at.max(1)) as u16)
                    .filter(|part| u64::from(*part) < at)
                    .collect()
            };
            list.push(match self.below(9) {
                0 => Node::All(parts(self)),
                1 => Node::Any(parts(self)),
                2 if at > 0 => Node::Not(self.below(at) as u16),
                3 | 4 => {
                    let low = self.below(5) as u32;
                    let high = if self.one_in(2) { u32::MAX } else { low + self.below(3) as u32 };
                    let kind = self.below(6) as u16;
                    Node::Did(Did { kind, at_least: low, at_most: high, span: self.span() })
                }
                5 => Node::Sequence(self.sequence()),
                6 => Node::Test(PATH, Compare::Matches(Pattern::Has("list".into()))),
                _ => Node::Test(self.below(SUBJECTS.len() as u64) as u16, self.compare()),
            });
        }
        let subjects = SUBJECTS.iter().map(|name| Attribute::parse(name)).collect();
        Nodes::new(list, subjects)
    }

    fn sequence(&mut self) -> Sequence {
        let next = self.one_in(2);
        let steps = (0..1 + self.below(3)).map(|_| Step {
            kind: self.below(6) as u16,
            times: 1 + self.below(2) as u32,
            or_more: self.one_in(2),
            next,
            gap: (0, if self.one_in(3) { HOUR } else { u64::MAX }),
            without: self.one_in(4).then(|| self.below(6) as u16),
        });
        let steps = steps.collect();
        let without = self.one_in(3).then(|| self.below(6) as u16);
        Sequence {
            steps,
            within: self.one_in(2).then_some(2 * HOUR),
            without,
            span: self.span(),
            beside: vec![],
            only: false,
        }
    }

    fn event(&mut self, at: Millis) -> Event {
        let name = match self.below(8) {
            0 => "set",
            1 => "search",
            2 => "shown",
            _ => self.pick(&EVENTS),
        };
        let mut event = match name {
            "page_view" => Event::page_view(&format!("https://shop.example{}", self.pick(&PATHS)), "", at),
            _ => Event::new(name, at),
        };
        match name {
            "set" => {
                let value = if self.one_in(4) { Value::Null } else { Value::text(self.pick(&WORDS)) };
                event.attributes = vec![(self.pick(&["member.tier", "member.age"]).into(), value)];
            }
            "search" => event.term = self.pick(&WORDS).into(),
            "shown" => (event.campaign, event.message) = ("nudge".into(), "a".into()),
            "page_view" => {}
            _ => {
                let category = self.pick(&["shoes", "bags"]).into();
                event.items =
                    vec![Item { id: "a".into(), category, price: 100, quantity: 1, ..Item::default() }];
                event.value = 100;
            }
        }
        event.parameters = vec![("colour".into(), Value::text(self.pick(&["red", "blue"])))];
        event
    }
}

#[test]
fn judging_again_is_judging_everything() {
    let mut dice = Dice(Rng::new(17, 1));
    let (mut judgements, mut changed) = (0u32, 0u32);
    for case in 0..600 {
        let (nodes, kinds) = (dice.nodes(), dice.kinds());
        let terms = Terms { kinds, ..Terms::default() };
        let mut profile = Profile::new(case);
        profile.hold(Arm { campaign: "nudge".into(), message: "a".into(), ..Arm::default() });
        let mut moment = Moment { now: Millis(20_000 * DAY), page: Page::parse("https://shop.example/") };
        let mut judge = Judge::default();
        for _ in 0..dice.pick(&[20, 60, 250]) {
            let wake = {
                let facts = &mut facts(&profile, &moment, &terms);
                Judge::default().judge(&nodes, facts);
                facts.wake
            };
            // Most often something happens soon; sometimes only time passes, up
            // to the moment that was asked for.
            let event = match (wake, dice.below(5)) {
                (Some(wake), 0) => {
                    moment.now = wake;
                    None
                }
                (_, 1) => {
                    moment.now = moment.now.plus(dice.below(2 * DAY));
                    None
                }
                _ => {
                    moment.now = moment.now.plus(1 + dice.below(20) * MINUTE);
                    Some(dice.event(moment.now))
                }
            };
            if let Some(event) = &event {
                if let Some(page) = &event.page {
                    moment.page = page.clone();
                }
                profile.observe(event, &terms);
            }
            if dice.one_in(20) {
                // An arm taken over from an edge is no event.
                profile.hold(Arm { campaign: "nudge".into(), message: "b".into(), ..Arm::default() });
                judge.touch();
            }
            profile.settle(&terms.kinds);
            let before = judge.truths().to_vec();
            let (mut again, mut anew) = (facts(&profile, &moment, &terms), facts(&profile, &moment, &terms));
            judge.judge_again(&nodes, event.as_ref(), &mut again);
            let mut whole = Judge::default();
            whole.judge(&nodes, &mut anew);
            for (at, (known, want)) in judge.truths().iter().zip(whole.truths()).enumerate() {
                assert_eq!(known, want, "case {case}, condition {at}: {:?} after {event:?}", nodes[at]);
            }
            assert_eq!(again.wake, anew.wake, "case {case} after {event:?}");
            judgements += 1;
            changed += u32::from(before != judge.truths());
        }
    }
    assert!(changed > judgements / 10, "{changed} of {judgements} changed anything");
}

#[test]
fn nothing_changes_before_the_moment_to_look_again() {
    let mut dice = Dice(Rng::new(19, 1));
    let mut moved = 0;
    for case in 0..400 {
        let (nodes, kinds) = (dice.nodes(), dice.kinds());
        let terms = Terms { kinds, ..Terms::default() };
        let mut profile = Profile::new(case);
        let mut moment = Moment { now: Millis(20_000 * DAY), page: Page::parse("https://shop.example/") };
        for _ in 0..30 {
            moment.now = moment.now.plus(1 + dice.below(20) * MINUTE);
            let event = dice.event(moment.now);
            if let Some(page) = &event.page {
                moment.page = page.clone();
            }
            profile.observe(&event, &terms);
        }
        profile.settle(&terms.kinds);
        for _ in 0..20 {
            let truths = |now: Millis| -> (Vec<Truth>, Option<Millis>) {
                let moment = Moment { now, ..moment.clone() };
                let facts = &mut facts(&profile, &moment, &terms);
                let mut judge = Judge::default();
                judge.judge(&nodes, facts);
                (judge.truths().to_vec(), facts.wake)
            };
            let (known, wake) = truths(moment.now);
            let Some(wake) = wake else { break };
            for then in [moment.now.0 + dice.below(wake.0 - moment.now.0), wake.0 - 1] {
                let (later, _) = truths(Millis(then));
                let differs = (0..known.len()).find(|at| known[*at] != later[*at]);
                assert_eq!(
                    differs.map(|at| &nodes[at]),
                    None,
                    "case {case}: {} before {wake:?}",
                    wake.0 - then
                );
            }
            moved += u32::from(truths(wake).0 != known);
            moment.now = wake;
        }
    }
    assert!(moved > 500, "{moved} of the moments changed anything");
}

fn facts<'a>(profile: &'a Profile, moment: &'a Moment, terms: &'a Terms) -> Facts<'a> {
    Facts { profile, moment, terms, intent: None, wake: None }
}
