//! What a visitor's past says to the ranking. Never knows a model: the page
//! packs it and the shelf reads it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pack::pack_struct;
use crate::profile::Profile;

/// What must not be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exclude {
    /// What was bought.
    pub purchased: bool,
    /// What is in the cart.
    pub in_cart: bool,
    /// What was viewed.
    pub viewed: bool,
}

/// What of a visitor's past speaks for what comes next. The page hands it to
/// the shelf, which knows no profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// Items viewed, oldest first.
    pub viewed: Vec<String>,
    /// Items that must not be offered.
    pub banned: Vec<String>,
    /// The category that the visitor leans to; empty for none.
    pub leaning: String,
}

impl Past {
    /// Of a profile; what is in view is never its own recommendation.
    #[must_use]
    pub fn of(profile: &Profile, exclude: Exclude) -> Past {
        let mut past = Past::default();
        for id in &profile.viewed {
            past.viewed.push(id.clone());
            if exclude.viewed {
                past.banned.push(id.clone());
            }
        }
        if exclude.purchased {
            profile.bought.iter().for_each(|id| past.banned.push(id.clone()));
        }
        if exclude.in_cart {
            profile.cart.iter().for_each(|line| past.banned.push(line.id.clone()));
        }
        past.banned.extend(profile.viewed.last().cloned());
        past.leaning.push_str(profile.categories.top().unwrap_or_default());
        past
    }
}

pack_struct!(Exclude { purchased, in_cart, viewed });
pack_struct!(Past { viewed, banned, leaning });
