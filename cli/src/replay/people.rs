//! Many visitors at once, in one order of time: what the log says, what the
//! shoppers do about it, and every look that the engine asked for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use vitrine_engine::decide::{Decision, Published};
use vitrine_engine::event::{self, Event};
use vitrine_engine::hash::{hash64, mix};
use vitrine_engine::profile::VISIT_GAP;
use vitrine_engine::report::{Counts, uuid7};
use vitrine_engine::rng::Rng;
use vitrine_engine::time::Millis;
use vitrine_engine::walk::Visitor;
use vitrine_trainer::line::Line;

use super::shoppers::Shoppers;

/// What a replay has to say.
pub enum Said {
    /// A line of decisions.
    Decision(String),
    /// A report that would have left a device.
    Report(String),
}

/// Everybody in the log.
pub struct People {
    /// What all of them see.
    pub published: Published,
    seed: u64,
    shoppers: Option<Shoppers>,
    names: BTreeMap<String, usize>,
    people: Vec<Person>,
    /// What is still to come, earliest first; a look before an event.
    queue: BinaryHeap<Reverse<(Millis, bool, u64)>>,
    jobs: BTreeMap<u64, Job>,
    order: u64,
    said: Vec<Said>,
    counted: Counts,
    reports: u64,
}

struct Person {
    name: String,
    visitor: Visitor,
    decision: Decision,
    last: Millis,
    /// Raised with every decision: an older look is void.
    turn: u64,
    letters: Rng,
}

enum Job {
    Act(usize, Box<Event>),
    Look(usize, u64),
}

impl People {
    /// Nobody yet.
    pub fn new(published: Published, seed: u64, shoppers: Option<Shoppers>) -> People {
        People {
            published,
            seed,
            shoppers,
            names: BTreeMap::new(),
            people: Vec::new(),
            queue: BinaryHeap::new(),
            jobs: BTreeMap::new(),
            order: 0,
            said: Vec::new(),
            counted: Counts::default(),
            reports: 0,
        }
    }

    /// Takes a line of the log in, after all that comes before it.
    pub fn take(&mut self, line: Line) -> Vec<Said> {
        self.run_until(line.event.at);
        let who = self.person(&line);
        self.step(who, &line.event);
        std::mem::take(&mut self.said)
    }

    /// All that is still to come; then everybody leaves.
    pub fn finish(&mut self) -> Vec<Said> {
        self.run_until(Millis(u64::MAX));
        for who in 0..self.people.len() {
            self.post(who);
        }
        std::mem::take(&mut self.said)
    }

    /// Who was met under a name, as they are at a moment.
    pub fn at(&mut self, name: &str, moment: Millis) -> Option<&Visitor> {
        self.run_until(moment);
        let who = self.names.get(name)?;
        self.people.get(*who).map(|person| &person.visitor)
    }

    /// The sums of all reports, in a sentence.
    pub fn sums(&self) -> String {
        let c = &self.counted;
        format!(
            "{} visitors, {} reports: visitors {}, converters {}, revenue {}, due {}, shown {}, clicked {}, dismissed {}",
            self.people.len(),
            self.reports,
            c.visitors,
            c.converters,
            c.revenue,
            c.due,
            c.shown,
            c.clicked,
            c.dismissed
        )
    }

    fn person(&mut self, line: &Line) -> usize {
        if let Some(who) = self.names.get(&line.visitor) {
            return *who;
        }
        let seed = line.seed.unwrap_or_else(|| mix(self.seed ^ hash64(line.visitor.as_bytes())));
        let letters = Rng::new(seed, hash64(b"letters") ^ line.event.at.0);
        let (name, visitor) = (line.visitor.clone(), Visitor::new(seed));
        self.people.push(Person {
            name,
            visitor,
            decision: Decision::default(),
            last: line.event.at,
            turn: 0,
            letters,
        });
        self.names.insert(line.visitor.clone(), self.people.len() - 1);
        self.people.len() - 1
    }

    /// Does what is due before `until`; looks that are due at that very moment too.
    fn run_until(&mut self, until: Millis) {
        while let Some(Reverse((at, is_act, order))) = self.queue.peek().copied() {
            if at > until || (at == until && is_act) {
                return;
            }
            self.queue.pop();
            match self.jobs.remove(&order) {
                Some(Job::Act(who, event)) => self.step(who, &event),
                Some(Job::Look(who, turn)) => self.look(who, turn, at),
                None => {}
            }
        }
    }

    fn step(&mut self, who: usize, event: &Event) {
        let Some(person) = self.people.get(who) else { return };
        if event.at.since(person.last) >= VISIT_GAP {
            self.post(who);
        }
        let Some(person) = self.people.get_mut(who) else { return };
        person.last = event.at;
        person.decision = person.visitor.replay(&self.published, event);
        if event.name == event::PAGE_LEAVE {
            person.turn += 1;
            return self.post(who);
        }
        let line = person.decision.to_json(&self.published.plan, &person.name, event.at);
        self.said.push(Said::Decision(line));
        self.follow_up(who, event.at);
    }

    fn look(&mut self, who: usize, turn: u64, at: Millis) {
        let Some(person) = self.people.get_mut(who).filter(|person| person.turn == turn) else { return };
        let decision = person.visitor.look(&self.published, at);
        let is_same = decision.shows_same(&person.decision);
        person.decision = decision;
        if !is_same {
            let line = person.decision.to_json(&self.published.plan, &person.name, at);
            self.said.push(Said::Decision(line));
        }
        self.follow_up(who, at);
    }

    /// Sets the next look, and lets the shopper react to what is newly due.
    fn follow_up(&mut self, who: usize, now: Millis) {
        let Some(person) = self.people.get_mut(who) else { return };
        person.turn += 1;
        // Whoever says nothing for half an hour is taken to have left the page.
        let wake = person.decision.wake.filter(|wake| wake.since(person.last) < VISIT_GAP);
        let mut jobs: Vec<(Millis, Job)> =
            wake.map(|wake| (wake, Job::Look(who, person.turn))).into_iter().collect();
        if let Some(shoppers) = &self.shoppers {
            for choice in person.decision.choices.iter().filter(|choice| choice.fresh) {
                let is_first = choice.arm.drawn == now;
                let acts =
                    shoppers.react(&person.name, choice, (is_first, person.visitor.profile.views), now);
                jobs.extend(acts.into_iter().map(|act| (act.at, Job::Act(who, Box::new(act)))));
            }
        }
        for (at, job) in jobs {
            self.order += 1;
            self.queue.push(Reverse((at, matches!(job, Job::Act(..)), self.order)));
            self.jobs.insert(self.order, job);
        }
    }

    /// What a device has counted leaves it.
    fn post(&mut self, who: usize) {
        let Some(person) = self.people.get_mut(who) else { return };
        let (letters, last) = (&mut person.letters, person.last);
        let id = || uuid7(last, (letters.next_u64(), letters.next_u64()));
        for report in person.visitor.ledger.reports(&self.published.hash, id) {
            report.rows.iter().for_each(|row| self.counted.add(&row.counts));
            self.reports += 1;
            self.said.push(Said::Report(report.to_json()));
        }
    }
}
