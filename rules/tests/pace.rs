//! Caps against a reference that reads the whole log of showings again at
//! every question, and wakes against time itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vitrine_engine::arm::{HOLDOUT, Stream};
use vitrine_engine::decide::{Decision, Published};
use vitrine_engine::event::{CLICKED, DISMISSED, Event, PURCHASE, SHOWN};
use vitrine_engine::plan::Plan;
use vitrine_engine::rng::Rng;
use vitrine_engine::time::{DAY, HOUR, MINUTE, Millis};
use vitrine_engine::walk::Visitor;
use vitrine_rules::compile;

const ZONE: &str = "Europe/Berlin";
/// Three days before the clocks go forward.
const START: u64 = 1_774_746_000_000 - 3 * DAY;
const VISIT_GAP: u64 = 30 * MINUTE;

/// Caps, as a marketer writes them; 0 is none.
#[derive(Debug, Clone, Default)]
struct Caps {
    session: usize,
    day: usize,
    week: usize,
    ever: usize,
    cool_down: u64,
}

impl Caps {
    fn any(rng: &mut Rng) -> Caps {
        let mut some = |most: u64| if rng.below(4) == 0 { 1 + rng.below(most) as usize } else { 0 };
        let (session, day, week, ever) = (some(3), some(4), some(6), some(12));
        let spans = [0, 0, 10, 90, 60 * 26];
        Caps { session, day, week, ever, cool_down: spans[rng.below(5) as usize] * MINUTE }
    }

    fn json(&self) -> Vec<String> {
        let mut fields = Vec::new();
        for (name, limit) in
            [("perSession", self.session), ("perDay", self.day), ("perWeek", self.week), ("ever", self.ever)]
        {
            if limit > 0 {
                fields.push(format!(r#""{name}": {limit}"#));
            }
        }
        if self.cool_down > 0 {
            fields.push(format!(r#""coolDown": "{}m""#, self.cool_down / MINUTE));
        }
        fields
    }

    /// Whether another showing is allowed, `more` of them being as good as made.
    fn allow(&self, shown: &[&Showing], more: usize, now: &Now) -> bool {
        let below = |limit: usize, of: &dyn Fn(&Showing) -> bool| {
            limit == 0 || shown.iter().filter(|one| of(one)).count() + more < limit
        };
        let rested = shown.iter().all(|one| one.at + self.cool_down <= now.at) && more == 0;
        below(self.session, &|one| one.visit == now.visit)
            && below(self.day, &|one| day(one.at) == day(now.at))
            && below(self.week, &|one| day(one.at) + 7 > day(now.at))
            && below(self.ever, &|_| true)
            && (self.cool_down == 0 || rested)
    }
}

/// The local day, by the calendar.
fn day(at: u64) -> i64 {
    let local = Timestamp::from_millisecond(at as i64).unwrap().to_zoned(TimeZone::get(ZONE).unwrap());
    let epoch = jiff::civil::date(1970, 1, 1);
    i64::from(epoch.until((jiff::Unit::Day, local.date())).unwrap().get_days())
}

struct Now {
    at: u64,
    visit: u32,
}

#[derive(Debug)]
struct Showing {
    campaign: usize,
    kind: &'static str,
    at: u64,
    visit: u32,
}

#[derive(Debug, Clone)]
struct Campaign {
    slot: &'static str,
    /// The kind of the message that everybody draws, and one that nobody does.
    kinds: [&'static str; 2],
    caps: Caps,
    stops: Vec<&'static str>,
}

impl Campaign {
    fn any(rng: &mut Rng) -> Campaign {
        let kinds = ["bar", "modal", "products"];
        let mut kind = || kinds[rng.below(3) as usize];
        let kinds = [kind(), kind()];
        let slot = ["top", "bottom", "center"][rng.below(3) as usize];
        let stops = ["clicked", "dismissed", "converted"].into_iter().filter(|_| rng.below(5) == 0).collect();
        Campaign { slot, kinds, caps: Caps::any(rng), stops }
    }

    fn json(&self, id: usize) -> String {
        let mut pace = self.caps.json();
        if !self.stops.is_empty() {
            pace.push(format!(r#""stopAfter": {:?}"#, self.stops));
        }
        format!(
            r#"{{ "id": "c{id}", "slot": "{}", "pace": {{ {} }}, "allocation": {{ "aim": "split" }}, "messages": [
                {{ "id": "a", "kind": "{}", "title": "T" }}, {{ "id": "b", "kind": "{}", "title": "T", "weight": 0 }} ] }}"#,
            self.slot,
            pace.join(", "),
            self.kinds[0],
            self.kinds[1]
        )
    }

    fn has(&self, kind: &str) -> bool {
        kind == "all" || self.kinds.contains(&kind)
    }
}

fn plan(campaigns: &[Campaign], site: &[(&str, Caps)], holdout: f64) -> Plan {
    let campaigns: Vec<String> = campaigns.iter().zip(0..).map(|(one, id)| one.json(id)).collect();
    let site: Vec<String> =
        site.iter().map(|(kind, caps)| format!(r#""{kind}": {{ {} }}"#, caps.json().join(", "))).collect();
    let rules = format!(
        r#"{{ "version": 1, "site": "s", "currency": "EUR", "timezone": "{ZONE}", "holdout": {holdout}, "pace": {{ {} }}, "campaigns": [ {} ] }}"#,
        site.join(", "),
        campaigns.join(",\n")
    );
    let compiled = compile(&rules);
    compiled.plan.unwrap_or_else(|| panic!("{rules}\n{:?}", compiled.diagnostics))
}

/// All that happened, and what it means for caps, worked out anew each time.
#[derive(Default)]
struct Log {
    visit: u32,
    last: u64,
    showings: Vec<Showing>,
    /// In this page view: due, seen, dismissed.
    due: BTreeSet<usize>,
    seen: BTreeSet<usize>,
    away: BTreeSet<usize>,
    /// What happened to a campaign at any time.
    fates: BTreeSet<(usize, &'static str)>,
}

impl Log {
    fn hear(&mut self, at: u64) {
        if self.visit == 0 || at - self.last >= VISIT_GAP {
            self.visit += 1;
        }
        self.last = at;
    }

    fn decide(&mut self, campaigns: &[Campaign], site: &[(&str, Caps)], at: u64) -> BTreeSet<usize> {
        let now = Now { at, visit: self.visit };
        let mut found = BTreeSet::new();
        for (id, campaign) in campaigns.iter().enumerate() {
            if found.iter().any(|other: &usize| campaigns[*other].slot == campaign.slot) {
                continue;
            }
            if self.due.contains(&id) && !self.away.contains(&id) {
                found.insert(id);
                continue;
            }
            let own: Vec<&Showing> = self.showings.iter().filter(|one| one.campaign == id).collect();
            let is_over = campaign.stops.iter().any(|stop| self.fates.contains(&(id, *stop)));
            let is_capped = site.iter().any(|(kind, caps)| {
                let of_kind = |known: &str| *kind == "all" || *kind == known;
                let shown: Vec<&Showing> = self.showings.iter().filter(|one| of_kind(one.kind)).collect();
                let waiting = self.due.iter().filter(|id| {
                    of_kind(campaigns[**id].kinds[0]) && !self.seen.contains(id) && !self.away.contains(id)
                });
                let more = waiting.count();
                campaign.has(kind) && !caps.allow(&shown, more, &now)
            });
            if self.away.contains(&id) || is_over || is_capped || !campaign.caps.allow(&own, 0, &now) {
                continue;
            }
            found.insert(id);
            self.due.insert(id);
        }
        found
    }
}

fn due(decision: &Decision) -> BTreeSet<usize> {
    decision.choices.iter().map(|choice| usize::from(choice.campaign)).collect()
}

/// Between now and `wake` nothing changes, and at `wake` somebody looks.
fn look_ahead(visitor: &Visitor, published: &Published, decision: &Decision, rng: &mut Rng, now: u64) {
    let end = decision.wake.map_or(now + 40 * DAY, |wake| wake.0);
    assert!(end > now && end < now + 400 * DAY, "a moment that comes");
    let mut moments = vec![end - 1];
    for _ in 0..6 {
        moments.push(now + rng.below(end - now));
    }
    for at in moments {
        let then = visitor.clone().look(published, Millis(at));
        assert_eq!(due(&then), due(decision), "{} ms on, {} before `wake`", at - now, end - at);
    }
}

#[test]
fn caps_are_what_the_whole_log_of_showings_says() {
    let (mut steps, mut shown) = (0, 0);
    for seed in 0..300 {
        let mut rng = Rng::new(seed, 1);
        let campaigns: Vec<Campaign> = (0..=rng.below(5)).map(|_| Campaign::any(&mut rng)).collect();
        let kinds = ["all", "bar", "modal", "products"];
        let site: Vec<(&str, Caps)> = kinds
            .into_iter()
            .map(|kind| (kind, rng.below(3) == 0, Caps::any(&mut rng)))
            .filter_map(|(kind, is_capped, caps)| is_capped.then_some((kind, caps)))
            .collect();
        let plan = plan(&campaigns, &site, 0.0);
        let published = Published { plan, hash: "5eed".into(), ..Published::default() };
        let (mut visitor, mut log) = (Visitor::new(seed), Log::default());
        let mut now = START + rng.below(DAY);
        for step in 0..60 {
            let event = match rng.below(10) {
                _ if step == 0 => Event::page_view("/", "", Millis(now)),
                0..5 => Event::page_view("/", "", Millis(now)),
                5 => Event::new("view_item", Millis(now)),
                6 => Event::new(PURCHASE, Millis(now)),
                7 => {
                    // Nothing but time.
                    let decision = visitor.look(&published, Millis(now));
                    assert_eq!(
                        due(&decision),
                        log.decide(&campaigns, &site, now),
                        "{seed} {step} {campaigns:?} {site:?}"
                    );
                    now += rng.below(2 * HOUR);
                    continue;
                }
                _ => match log.due.iter().nth(rng.below(log.due.len().max(1) as u64) as usize) {
                    Some(id) => {
                        let name = [SHOWN, SHOWN, SHOWN, SHOWN, CLICKED, DISMISSED][rng.below(6) as usize];
                        Event {
                            campaign: format!("c{id}"),
                            message: "a".into(),
                            ..Event::new(name, Millis(now))
                        }
                    }
                    None => Event::new("search", Millis(now)),
                },
            };
            log.hear(now);
            if event.page.is_some() {
                log.due.clear();
                log.seen.clear();
                log.away.clear();
            }
            if event.name == PURCHASE {
                // Every arm's window is open for a week.
                let held: Vec<usize> = visitor
                    .profile
                    .arms
                    .iter()
                    .filter(|arm| now - arm.drawn.0 <= 7 * DAY)
                    .map(|arm| arm.campaign[1..].parse().unwrap())
                    .collect();
                log.fates.extend(held.into_iter().map(|id| (id, "converted")));
            }
            if let Some(id) = event.campaign.strip_prefix('c').map(|id| id.parse().unwrap()) {
                match event.name.as_str() {
                    SHOWN if log.seen.insert(id) => {
                        let kind = campaigns[id].kinds[0];
                        log.showings.push(Showing { campaign: id, kind, at: now, visit: log.visit });
                        shown += 1;
                    }
                    DISMISSED => {
                        log.away.insert(id);
                        log.fates.insert((id, "dismissed"));
                    }
                    CLICKED => {
                        log.fates.insert((id, "clicked"));
                    }
                    _ => {}
                }
            }
            let decision = visitor.step(&published, &event);
            let want = log.decide(&campaigns, &site, now);
            assert_eq!(due(&decision), want, "{seed} {step} {campaigns:?} {site:?} {:?}", log.showings);
            look_ahead(&visitor, &published, &decision, &mut rng, now);
            steps += 1;
            let pauses = [0, 1_000, MINUTE, 20 * MINUTE, 31 * MINUTE, 7 * HOUR, DAY, 3 * DAY];
            now += pauses[rng.below(8) as usize] + rng.below(MINUTE);
        }
    }
    println!("{steps} decisions, {shown} showings");
    assert!(steps > 15_000 && shown > 1_500, "{steps} {shown}");
}

/// A visitor who is kept from everything meets the campaigns that the others
/// meet, as long as nobody clicks anything away.
#[test]
fn who_is_kept_from_everything_would_have_been_due_where_the_others_are() {
    let (mut kept, mut dues) = (0, 0);
    for seed in 0..400 {
        let mut rng = Rng::new(seed, 2);
        let mut campaigns: Vec<Campaign> = (0..4).map(|_| Campaign::any(&mut rng)).collect();
        campaigns.iter_mut().for_each(|campaign| campaign.stops.clear());
        let site = [("all", Caps::any(&mut rng)), ("modal", Caps::any(&mut rng))];
        let open = Published { plan: plan(&campaigns, &site, 0.0), ..Published::default() };
        let half = Published { plan: plan(&campaigns, &site, 0.5), ..Published::default() };
        let (mut one, mut other) = (Visitor::new(seed), Visitor::new(seed));
        let mut now = START;
        for _ in 0..40 {
            let view = Event::page_view("/", "", Millis(now));
            let (seen, met) = (one.step(&open, &view), other.step(&half, &view));
            assert_eq!(due(&seen), due(&met), "{seed}: {campaigns:?} {site:?}");
            let is_kept = met.choices.iter().any(|choice| choice.arm.stream == Stream::Global);
            for choice in &met.choices {
                assert_eq!(
                    (choice.message.is_none(), choice.arm.stream == Stream::Global),
                    (is_kept, is_kept)
                );
                assert_eq!(choice.arm.message == HOLDOUT, is_kept);
                dues += u32::from(is_kept);
            }
            for (visitor, published, decision) in [(&mut one, &open, &seen), (&mut other, &half, &met)] {
                for choice in decision.choices.iter().filter(|choice| choice.message.is_some()) {
                    let arm = &choice.arm;
                    let (campaign, message) = (arm.campaign.clone(), arm.message.clone());
                    visitor.step(published, &Event { campaign, message, ..Event::new(SHOWN, Millis(now)) });
                }
            }
            now += [MINUTE, 40 * MINUTE, 9 * HOUR, 2 * DAY][rng.below(4) as usize];
        }
        let rows = other.ledger.rows.iter();
        let is_kept = rows.clone().any(|row| row.stream == Stream::Global);
        assert!(rows.clone().all(|row| (row.stream == Stream::Global) == is_kept), "the same in all of them");
        assert!(!is_kept || rows.clone().all(|row| row.counts.shown == 0));
        kept += u32::from(is_kept);
    }
    println!("{kept} of 400 are kept from everything, and would have been due {dues} times");
    assert!((160..240).contains(&kept) && dues > 2_000, "{kept} {dues}");
}

#[test]
fn the_sites_holdout_and_a_campaigns_own_are_drawn_apart() {
    let rules = r#"{ "version": 1, "site": "s", "currency": "EUR", "holdout": 0.1, "campaigns": [
        { "id": "one", "slot": "top", "holdout": 0.2, "messages": [ { "id": "a", "kind": "bar", "title": "T" } ] },
        { "id": "two", "slot": "bottom", "holdout": 0.2, "messages": [ { "id": "a", "kind": "bar", "title": "T" } ] } ] }"#;
    let published = Published { plan: compile(rules).plan.unwrap(), ..Published::default() };
    let (mut kept, mut own, mut both) = (0, [0, 0], 0);
    for seed in 0..20_000 {
        let decision = Visitor::new(seed).step(&published, &Event::page_view("/", "", Millis(START)));
        let streams: Vec<Stream> = decision.choices.iter().map(|choice| choice.arm.stream).collect();
        let is_kept = streams.iter().filter(|stream| **stream == Stream::Global).count();
        assert!(is_kept == 0 || is_kept == 2, "kept from one is kept from all");
        kept += u32::from(is_kept == 2);
        let held = [0, 1].map(|at| u32::from(streams[at] == Stream::Holdout));
        own = [own[0] + held[0], own[1] + held[1]];
        both += held[0] * held[1];
    }
    // 10 % of all; 20 % of the rest, twice; 4 % of the rest in both.
    assert!(u32::abs_diff(kept, 2_000) < 130, "{kept}");
    assert!(own.iter().all(|own| own.abs_diff(3_600) < 170), "{own:?}");
    assert!(u32::abs_diff(both, 720) < 80, "{both}");
}

#[test]
fn who_saw_a_campaign_before_the_sites_holdout_began_is_counted_in_neither() {
    let rules = |holdout: f64| {
        format!(
            r#"{{ "version": 1, "site": "s", "currency": "EUR", "holdout": {holdout}, "campaigns": [
            {{ "id": "c", "slot": "top", "messages": [ {{ "id": "a", "kind": "bar", "title": "T" }} ] }} ] }}"#
        )
    };
    let published =
        |holdout| Published { plan: compile(&rules(holdout)).plan.unwrap(), ..Published::default() };
    let (open, half) = (published(0.0), published(0.5));
    let view = |at: u64| Event::page_view("/", "", Millis(START + at));
    let is_kept =
        |seed: &u64| Visitor::new(*seed).step(&half, &view(0)).choices[0].arm.stream == Stream::Global;
    let seed = (0..).find(is_kept).unwrap();
    let mut visitor = Visitor::new(seed);
    assert_eq!(visitor.step(&open, &view(0)).choices.len(), 1);
    let counted = visitor.ledger.clone();
    assert_eq!(visitor.step(&half, &view(1)).choices.len(), 0, "out of everything from now on");
    assert_eq!(visitor.ledger, counted);
    // And who was kept and no longer is, begins as a stranger to the campaign.
    let mut visitor = Visitor::new(seed);
    visitor.step(&half, &view(0));
    let choice = visitor.step(&open, &view(1)).choices[0].clone();
    assert_eq!((choice.message, choice.arm.stream), (Some(0), Stream::Random));
    let visitors: Vec<u64> = visitor.ledger.rows.iter().map(|row| row.counts.visitors).collect();
    assert_eq!(visitors, [1, 1]);
}
