//! What the page tells the edge of its visitor, in a cookie. Never more than
//! 512 characters, and nothing that the edge does not need to decide. The
//! bodies write the bytes as URL-safe base64 without padding.

use alloc::vec::Vec;

use crate::arm::{Arm, HOLDOUT, Showings, Stream};
use crate::channel::{Arrival, Landing, Medium, Sites, arrive};
use crate::decide::Published;
use crate::event::Event;
use crate::facts::Facts;
use crate::hash::name32;
use crate::node::Node;
use crate::nodes::Nodes;
use crate::pace;
use crate::pack::pack_struct;
use crate::page::Moment;
use crate::plan::{Campaign, Place, Plan};
use crate::profile::{Profile, Visit};
use crate::seal::{self, Kind};
use crate::time::Millis;
use crate::truth::Truth;

/// The longest cookie value, in characters: a header line that every request
/// to the shop carries.
pub const COOKIE_LIMIT: usize = 512;
/// The most bytes that fit: base64 makes four characters of three.
pub const DIGEST_BYTES: usize = COOKIE_LIMIT / 4 * 3;
/// The most answers, a byte each: of a plan with more conditions none is
/// carried, since an unknown answer shows nothing and a lost arm would.
const FOUND_LIMIT: usize = 128;

/// The cookie's content.
#[derive(Debug, Clone, PartialEq, Default)]
struct Digest {
    /// The visitor's seed.
    seed: u64,
    /// More arms are held than fit: the edge leaves this visitor to the page.
    is_full: bool,
    /// Visits so far.
    visits: u32,
    /// Page views so far.
    views: u32,
    /// Page views of the latest visit.
    visit_views: u32,
    /// The last event, so that the edge sees a new visit begin.
    last: Millis,
    /// Where the latest visit came from.
    arrival: Arrival,
    /// The plan that was judged, by name: another asks other questions.
    plan: u32,
    /// The answers to its lasting conditions.
    found: Vec<u8>,
    /// From then on, those that time can change are unknown.
    until: Millis,
    /// The site's caps, in the plan's order, each silent for so long after the
    /// last event.
    quiet: Vec<u64>,
    /// Arms held in campaigns that an edge could draw.
    arms: Vec<Held>,
}

/// An arm, as short as it gets.
#[derive(Debug, Clone, PartialEq)]
struct Held {
    campaign: u32,
    message: u32,
    /// The segment's name, or that of `else`.
    leaf: u32,
    stream: Stream,
    epoch: u32,
    drawn: Millis,
    /// Silent for so long after the last event; 0 if it may speak.
    quiet: u64,
}

/// An answer is a truth, and three more where time alone can change it.
const IN_TIME: u8 = 3;

/// The digest of a visitor, in at most [`DIGEST_BYTES`].
#[must_use]
pub fn write(published: &Published, profile: &Profile, moment: &Moment) -> Vec<u8> {
    let plan = &published.plan;
    let mut facts = published.facts(profile, moment);
    let mut digest = Digest::default();
    digest.seed = profile.seed;
    digest.visits = profile.visits;
    digest.views = profile.views;
    digest.visit_views = profile.visit.views;
    digest.last = profile.visit.last;
    digest.arrival.clone_from(&profile.visit.arrival);
    digest.plan = name32(&published.hash);
    (digest.found, digest.until) = answers(&plan.nodes, &mut facts);
    for (kind, limits) in &plan.pace {
        let seen = profile.showings.get(usize::from(*kind)).copied().unwrap_or_default();
        digest.quiet.push(since(pace::closed_until(limits, &seen, &mut facts), digest.last));
    }
    for campaign in &plan.campaigns {
        let arm = profile.arm(&campaign.id).filter(|_| is_overlay(plan, campaign));
        if let Some(arm) = arm {
            let quiet = pace::quiet_until(&campaign.pace, arm, &mut facts);
            let quiet = since(quiet, digest.last);
            let (campaign, message) = (name32(&campaign.id), name32(&arm.message));
            let leaf = name32(&arm.leaf);
            let Arm { stream, epoch, drawn, .. } = *arm;
            digest.arms.push(Held { campaign, message, leaf, stream, epoch, drawn, quiet });
        }
    }
    let bytes = seal::seal(Kind::Digest, &digest);
    if bytes.len() <= DIGEST_BYTES {
        return bytes;
    }
    digest.is_full = true;
    digest.arrival = Arrival::default();
    digest.found.clear();
    digest.arms.clear();
    seal::seal(Kind::Digest, &digest)
}

/// The profile that an edge decides with: what the cookie's bytes say, or a
/// stranger with `seed`; then the page view in hand. `None` where the page
/// knows more than the edge can: a visitor with more arms than fit, one whom
/// the page last met with another plan, or one in the middle of a visit who
/// brings no cookie.
#[must_use]
pub fn read(bytes: &[u8], seed: u64, published: &Published, view: &Event) -> Option<Profile> {
    let plan = &published.plan;
    let mut profile = match open(bytes) {
        // Another plan asked other questions and had other caps.
        Some(digest) if digest.is_full || digest.plan != name32(&published.hash) => return None,
        Some(digest) => profile_of(digest, published, view.at),
        None => {
            let sites = Sites(&plan.terms.sites);
            let landing = view.page.as_ref().map(|page| Landing {
                page,
                referrer: &view.referrer,
                agent: &view.agent,
                sites,
            });
            let arrival = arrive(&landing?);
            if arrival.medium == Medium::Internal {
                return None;
            }
            Profile::new(seed)
        }
    };
    profile.observe(view, &plan.terms);
    Some(profile)
}

/// Whether bytes are a digest, and so worth keeping alive.
#[must_use]
pub fn is_digest(bytes: &[u8]) -> bool {
    open(bytes).is_some()
}

/// Whether a campaign's messages stand over the page, where an edge can put them.
#[must_use]
pub fn is_overlay(plan: &Plan, campaign: &Campaign) -> bool {
    let slot = plan.slots.get(usize::from(campaign.slot));
    slot.is_some_and(|slot| !matches!(slot.place, Place::Inline { .. }))
}

fn open(bytes: &[u8]) -> Option<Digest> {
    if bytes.len() > DIGEST_BYTES { None } else { seal::open(Kind::Digest, bytes).ok() }
}

fn profile_of(digest: Digest, published: &Published, now: Millis) -> Profile {
    let is_in_time = now < digest.until;
    let believed = |answer: u8| match answer {
        lasting if lasting < IN_TIME => lasting,
        timed if is_in_time => timed - IN_TIME,
        _ => Truth::Unknown as u8,
    };
    let mut profile = Profile {
        partial: true,
        found: digest.found.iter().map(|answer| believed(*answer)).collect(),
        visits: digest.visits.max(1),
        views: digest.views,
        visit: Visit {
            last: digest.last,
            views: digest.visit_views,
            arrival: digest.arrival,
            ..Visit::default()
        },
        ..Profile::new(digest.seed)
    };
    for campaign in &published.plan.campaigns {
        let held = digest.arms.iter().find(|held| held.campaign == name32(&campaign.id));
        if let Some(arm) = held.and_then(|held| held.arm(&published.plan, campaign, digest.last)) {
            profile.hold(arm);
        }
    }
    for ((kind, _), quiet) in published.plan.pace.iter().zip(&digest.quiet) {
        let kind = usize::from(*kind);
        if profile.showings.len() <= kind {
            profile.showings.resize(kind + 1, Showings::default());
        }
        if let Some(seen) = profile.showings.get_mut(kind) {
            seen.quiet_until = until(*quiet, digest.last);
        }
    }
    profile
}

impl Held {
    /// The arm itself, if its message still exists.
    fn arm(&self, plan: &Plan, campaign: &Campaign, last: Millis) -> Option<Arm> {
        let mut ids = campaign.messages.iter().map(|message| message.id.as_str()).chain([HOLDOUT]);
        let message = ids.find(|id| name32(id) == self.message)?;
        Some(Arm {
            campaign: campaign.id.clone(),
            message: message.into(),
            leaf: leaf_of(plan, campaign, self.leaf).unwrap_or("else").into(),
            stream: self.stream,
            epoch: self.epoch,
            day: plan.terms.zone.day(self.drawn),
            drawn: self.drawn,
            seen: Showings { quiet_until: until(self.quiet, last), ..Showings::default() },
            ..Arm::default()
        })
    }
}

/// The segment of a campaign's `by` that has this name.
fn leaf_of<'a>(plan: &'a Plan, campaign: &Campaign, name: u32) -> Option<&'a str> {
    let segments = campaign.by.iter().filter_map(|at| plan.segments.get(usize::from(*at)));
    segments.map(|segment| segment.id.as_str()).find(|id| name32(id) == name)
}

/// The answers to a plan's lasting conditions, and how long those hold that
/// time can change.
fn answers(nodes: &Nodes, facts: &mut Facts) -> (Vec<u8>, Millis) {
    let mut until = Millis::NEVER;
    let mut found = Vec::new();
    for node in nodes.iter().filter(|node| nodes.lasts(node, &facts.terms.kinds)) {
        let value = match node {
            Node::Test(subject, _) => nodes.subject(*subject).and_then(|subject| subject.read(facts)),
            _ => None,
        };
        let mut answer = nodes.ask(node, value.as_ref(), facts) as u8;
        if let Some(wake) = facts.wake.take() {
            until = until.min(wake);
            answer += IN_TIME;
        }
        found.push(answer);
    }
    if found.len() > FOUND_LIMIT {
        found.clear();
    }
    (found, until)
}

/// How long after `last` a silence ends; 0 where it is over by then.
fn since(quiet: Millis, last: Millis) -> u64 {
    if quiet == Millis::NEVER { u64::MAX } else { quiet.since(last) }
}

/// The end of a silence, again.
fn until(quiet: u64, last: Millis) -> Millis {
    if quiet == 0 { Millis(0) } else { last.plus(quiet) }
}

pack_struct!(Digest {
    seed,
    is_full,
    visits,
    views,
    visit_views,
    last,
    arrival,
    plan,
    found,
    until,
    quiet,
    arms
});
pack_struct!(Held { campaign, message, leaf, stream, epoch, drawn, quiet });
