//! What the page tells the edge of its visitor, in a cookie. Never more than
//! 512 characters, and nothing that the edge does not need to decide. The
//! bodies write the bytes as URL-safe base64 without padding.

use alloc::vec::Vec;

use crate::condition::{Facts, Truth};
use crate::decide::Published;
use crate::event::Event;
use crate::hash::name32;
use crate::judge::judge;
use crate::pace;
use crate::pack::pack_struct;
use crate::page::Moment;
use crate::profile::{Arm, HOLDOUT, Profile, Stream};
use crate::seal::{self, Kind};
use crate::time::{MINUTE, Millis};

/// The longest cookie value: a header line that every request carries.
pub const COOKIE_LIMIT: usize = 512;
/// The most bytes that fit: base64 makes four characters of three.
pub const DIGEST_BYTES: usize = COOKIE_LIMIT / 4 * 3;

/// The cookie's content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Digest {
    /// The visitor's seed.
    pub seed: u64,
    /// Visits so far.
    pub visits: u32,
    /// The last event's minute since 1970, so that the edge sees a new visit.
    pub last: u32,
    /// Segments held, by name.
    pub held: Vec<u32>,
    /// Arms held.
    pub arms: Vec<Held>,
}

/// An arm, as short as it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    campaign: u32,
    message: u32,
    stream: Stream,
    epoch: u32,
    /// Silent until this minute since 1970; 0 if it may speak.
    quiet: u32,
}

/// The cookie for a visitor; arms that no longer fit are left out, oldest first.
#[must_use]
pub fn write(published: &Published, profile: &Profile, moment: &Moment) -> Vec<u8> {
    let plan = &published.plan;
    let intent = published.model.as_ref().and_then(|(model, _)| model.intent.as_ref());
    let mut facts = Facts { profile, moment, terms: &plan.terms, intent, wake: None };
    let truths = judge(&plan.nodes, &mut facts);
    let held = |when: u16| truths.get(usize::from(when)) == Some(&Truth::True);
    let mut digest = Digest {
        seed: profile.seed,
        visits: profile.visits,
        last: minute(profile.visit.last),
        ..Digest::default()
    };
    for segment in &plan.segments {
        if held(segment.when) {
            digest.held.push(name32(&segment.id));
        }
    }
    for campaign in &plan.campaigns {
        if let Some(arm) = profile.arm(&campaign.id) {
            let quiet = pace::quiet_until(&campaign.pace, arm, &facts).map_or(0, minute);
            let (campaign, message) = (name32(&campaign.id), name32(&arm.message));
            digest.arms.push(Held { campaign, message, stream: arm.stream, epoch: arm.epoch, quiet });
        }
    }
    loop {
        let bytes = seal::seal(Kind::Digest, &digest);
        if bytes.len() <= DIGEST_BYTES {
            return bytes;
        }
        if digest.arms.pop().is_none() && digest.held.pop().is_none() {
            return Vec::new();
        }
    }
}

/// The profile that an edge decides with: what the cookie's bytes say, or a stranger
/// with `seed`; then the page view in hand.
#[must_use]
pub fn read(bytes: &[u8], seed: u64, published: &Published, view: &Event) -> Profile {
    let known =
        if bytes.len() > DIGEST_BYTES { None } else { seal::open::<Digest>(Kind::Digest, bytes).ok() };
    let digest = known.unwrap_or(Digest { seed, ..Digest::default() });
    let mut profile =
        Profile { partial: true, visits: digest.visits, held: digest.held, ..Profile::new(digest.seed) };
    profile.visit.last = Millis(u64::from(digest.last) * MINUTE);
    for campaign in &published.plan.campaigns {
        let Some(held) = digest.arms.iter().find(|held| held.campaign == name32(&campaign.id)) else {
            continue;
        };
        let ids = campaign.messages.iter().map(|message| message.id.as_str());
        let Some(message) = ids.chain([HOLDOUT]).find(|id| name32(id) == held.message) else { continue };
        let quiet_until =
            if held.quiet == u32::MAX { Millis(u64::MAX) } else { Millis(u64::from(held.quiet) * MINUTE) };
        profile.hold(Arm {
            campaign: campaign.id.clone(),
            message: message.into(),
            stream: held.stream,
            epoch: held.epoch,
            quiet_until,
            ..Arm::default()
        });
    }
    profile.observe(view, &published.plan.terms);
    profile
}

fn minute(at: Millis) -> u32 {
    u32::try_from(at.0.div_ceil(MINUTE)).unwrap_or(u32::MAX)
}

pack_struct!(Digest { seed, visits, last, held, arms });
pack_struct!(Held { campaign, message, stream, epoch, quiet });
