//! Drafts: rules that their marketer looks at in the shop before they are
//! published. Never counted, and never seen without a token that nobody can
//! guess; they end after a day. One collector keeps them in memory alone, and
//! they end with it; several share them in their database.

use std::sync::{Arc, Mutex, PoisonError};

use vitrine_engine::bandit::Odds;
use vitrine_engine::plan::Plan;

use crate::compile::{Checked, leaves};
use crate::keys::{hex, same};
use crate::state::File;
use crate::store::SavedDraft;

/// A draft's life, in milliseconds: a day, so that a colleague in another
/// office can look too.
pub const DRAFT_MILLIS: u64 = 24 * 60 * 60 * 1000;
/// Drafts of a site at once: above it the oldest ends. A sealed plan has at most
/// 512 KiB, so they take 10 MiB of a site's memory at most, and what the opened
/// plans take besides.
pub const DRAFT_LIMIT: usize = 20;
/// Bytes of a token: 128 random bits.
const TOKEN_BYTES: usize = 16;
/// The parameter of a shop's address that asks for a draft.
const PARAMETER: &str = "vitrine-preview";

/// One draft.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name, 32 hexadecimal digits.
    pub token: String,
    /// The plan.
    pub plan: Plan,
    /// As it is served.
    pub file: File,
    /// When it ends, in milliseconds since 1970.
    pub ends: u64,
}

/// The drafts of one site, oldest first.
#[derive(Debug, Default)]
pub struct Drafts {
    kept: Mutex<Vec<Arc<Draft>>>,
}

impl Drafts {
    /// Keeps rules that were checked; the same plan again keeps its token and
    /// lives a day from now on.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn keep(&self, checked: Checked, now: u64) -> Result<Arc<Draft>, String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|draft| draft.ends > now);
        let known = kept.iter().position(|draft| draft.file.hash == checked.hash);
        let draft = Arc::new(Draft {
            token: match known {
                Some(at) => kept.remove(at).token.clone(),
                None => new_token()?,
            },
            plan: checked.plan,
            file: File::new(checked.bytes),
            ends: now + DRAFT_MILLIS,
        });
        if kept.len() >= DRAFT_LIMIT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&draft));
        Ok(draft)
    }

    /// Takes up a draft that another collector keeps too; one that cannot be
    /// opened is none.
    pub fn take_up(&self, saved: SavedDraft) {
        let Ok(plan) = Plan::open(&saved.bytes) else { return };
        let draft = Draft { token: saved.token, plan, file: File::new(saved.bytes), ends: saved.ends };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|known| known.token != draft.token);
        if kept.len() >= DRAFT_LIMIT {
            kept.remove(0);
        }
        kept.push(Arc::new(draft));
    }

    /// The draft of a token, if it has not ended.
    #[must_use]
    pub fn find(&self, token: &str, now: u64) -> Option<Arc<Draft>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |draft: &&Arc<Draft>| draft.ends > now && same(draft.token.as_bytes(), token.as_bytes());
        kept.iter().find(is_it).cloned()
    }
}

/// Whether this may be a draft's token: nothing else is looked for.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() == 2 * TOKEN_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn new_token() -> Result<String, String> {
    let mut bytes = [0u8; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|e| format!("no random numbers: {e}"))?;
    Ok(hex(&bytes))
}

/// Where a shop shows a draft.
#[must_use]
pub fn address(shop: &str, token: &str) -> String {
    let page = shop.split('#').next().unwrap_or_default();
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}{PARAMETER}={token}")
}

/// Of the published odds those that a draft's visitors would draw from, were it
/// published now: of campaigns that have the same messages, leaves, aim and goal
/// in both.
#[must_use]
pub fn odds(odds: &Odds, published: &Plan, draft: &Plan) -> Odds {
    let shape = |plan: &Plan, id: &str| {
        let campaign = plan.campaigns.iter().find(|campaign| campaign.id == id)?;
        let messages: Vec<String> = campaign.messages.iter().map(|message| message.id.clone()).collect();
        let goal = plan.goals.get(usize::from(campaign.goal)).cloned();
        Some((messages, leaves(plan, &campaign.by), campaign.aim, (goal, campaign.by_revenue)))
    };
    let is_same = |id: &str| shape(draft, id).is_some_and(|found| shape(published, id) == Some(found));
    let mut odds = odds.clone();
    odds.leaves.retain(|leaf| is_same(&leaf.campaign));
    odds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::check;

    const RULES: &str = include_str!("../tests/data/rules.json");

    fn checked(word: &str) -> Checked {
        check(&RULES.replace("Still thinking?", word), None, "rules.json").unwrap()
    }

    #[test]
    fn a_draft_is_found_by_its_token_alone_and_ends_after_a_day() {
        let drafts = Drafts::default();
        let draft = drafts.keep(checked("One"), 5).unwrap();
        assert!(is_token(&draft.token));
        assert!(!is_token("") && !is_token("0\0") && !is_token(&format!("{}x", &draft.token[1..])));
        assert_eq!(drafts.find(&draft.token, 5 + DRAFT_MILLIS - 1).unwrap().file.hash, draft.file.hash);
        assert!(drafts.find(&draft.token, 5 + DRAFT_MILLIS).is_none());
        let longer = format!("{}0", draft.token);
        for wrong in ["", "0", longer.as_str(), "00000000000000000000000000000000"] {
            assert!(drafts.find(wrong, 6).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_same_rules_again_keep_their_token_and_live_anew() {
        let drafts = Drafts::default();
        let first = drafts.keep(checked("One"), 0).unwrap();
        let again = drafts.keep(checked("One"), 1000).unwrap();
        assert_eq!(first.token, again.token);
        assert!(drafts.find(&first.token, DRAFT_MILLIS + 500).is_some());
        assert_ne!(drafts.keep(checked("Two"), 0).unwrap().token, first.token);
    }

    #[test]
    fn above_the_limit_the_oldest_ends() {
        let drafts = Drafts::default();
        let tokens: Vec<String> = (0..=DRAFT_LIMIT)
            .map(|number| drafts.keep(checked(&format!("Number {number}")), 0).unwrap().token.clone())
            .collect();
        let found: Vec<bool> = tokens.iter().map(|token| drafts.find(token, 1).is_some()).collect();
        assert_eq!(found.iter().filter(|is_found| **is_found).count(), DRAFT_LIMIT);
        assert!(!found[0] && found[1]);
    }

    #[test]
    fn only_campaigns_that_are_the_same_keep_their_odds() {
        let published = checked("One").plan;
        let campaign = published.campaigns[0].clone();
        let mut all = Odds { epoch: 7, ..Odds::default() };
        for id in [campaign.id.as_str(), "gone"] {
            let leaf = vitrine_engine::bandit::LeafOdds { campaign: id.into(), ..Default::default() };
            all.leaves.push(leaf);
        }
        let same = odds(&all, &published, &checked("Other words").plan);
        assert_eq!(same.epoch, 7);
        let ids: Vec<&str> = same.leaves.iter().map(|leaf| leaf.campaign.as_str()).collect();
        assert_eq!(ids, [campaign.id.as_str()]);
        let mut dearer = published.clone();
        dearer.campaigns[0].by_revenue = true;
        assert!(odds(&all, &published, &dearer).leaves.is_empty());
        let mut other = published.clone();
        other.campaigns[0].messages[0].id = "new".into();
        assert!(odds(&all, &published, &other).leaves.is_empty());
    }

    #[test]
    fn the_address_keeps_what_the_shop_has_already() {
        for (shop, wanted) in [
            ("https://shop.example/", "https://shop.example/?vitrine-preview=ab"),
            (
                "https://shop.example/list?sort=new#top",
                "https://shop.example/list?sort=new&vitrine-preview=ab",
            ),
        ] {
            assert_eq!(address(shop, "ab"), wanted);
        }
    }
}
