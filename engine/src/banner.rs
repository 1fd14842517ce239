//! Markup: the only place where HTML is made. Never carries a script, a style
//! or an unescaped byte of anybody's.

pub mod strip;
mod tags;

use alloc::string::String;

use crate::decide::{Choice, Published};
use crate::facts::Facts;
use crate::page::Moment;
use crate::plan::{Campaign, Form, Message, Place, Slot, is_safe_link};
use crate::profile::Profile;
use crate::template::{Currency, pick};
use crate::text::{join, push_html, push_number};
use tags::{Tags, attribute};

/// The style sheet of every banner; adopted by its shadow root.
pub const STYLE: &str = include_str!("banner.css");

/// All that drawing needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// What was published.
    pub published: &'a Published,
    /// Who it is for.
    pub profile: &'a Profile,
    /// When and where.
    pub moment: &'a Moment,
}

/// A message as markup for a shadow root, or `None` where there is nothing to
/// show: a product strip without a product. `shelf` draws a strip from its
/// packed order as [`strip::draw`] does, wherever the model lies.
#[must_use]
pub fn render(scene: &Scene, choice: &Choice, shelf: &dyn Fn(&[u8]) -> Option<String>) -> Option<String> {
    let Scene { published, profile, moment } = *scene;
    let plan = &published.plan;
    let campaign = plan.campaigns.get(usize::from(choice.campaign))?;
    let message = campaign.messages.get(usize::from(choice.message?))?;
    let slot = plan.slots.get(usize::from(choice.slot))?;
    let facts = published.facts(profile, moment);
    let tags = Tags { out: String::new(), language: &moment.page.language };
    let mut page = Markup { tags, facts, currency: &plan.currency };
    match &message.form {
        Form::Bar => page.bar(campaign, message, slot),
        Form::Modal => page.modal(message),
        Form::Products { wish } => {
            let title = message.title.fill(&page.facts, page.currency);
            let frame = [&title, edge(slot), page.tags.language];
            return shelf(&strip::order(frame, wish, scene));
        }
    }
    Some(page.tags.out)
}

/// A banner in the making.
struct Markup<'a> {
    tags: Tags<'a>,
    facts: Facts<'a>,
    currency: &'a Currency,
}

impl Markup<'_> {
    fn bar(&mut self, campaign: &Campaign, message: &Message, slot: &Slot) {
        let title = message.title.fill(&self.facts, self.currency);
        self.tags.open("section", &join(&["bar ", edge(slot)]));
        self.tags.attribute("aria-label", if title.is_empty() { &campaign.id } else { &title });
        self.tags.out.push_str("><p class=\"vt-text\">");
        self.tags.element("strong", "vt-title", &title);
        let body = message.body.fill(&self.facts, self.currency);
        if !body.is_empty() {
            self.tags.out.push(' ');
            self.tags.element("span", "vt-body", &body);
        }
        self.tags.out.push_str("</p>");
        self.cta(message);
        self.tags.close_button();
        self.tags.out.push_str("</section>");
    }

    fn modal(&mut self, message: &Message) {
        let title = message.title.fill(&self.facts, self.currency);
        let body = message.body.fill(&self.facts, self.currency);
        self.tags.open("dialog", "modal");
        self.tags.attribute("aria-labelledby", "vt-title");
        if !body.is_empty() {
            self.tags.attribute("aria-describedby", "vt-body");
        }
        self.tags.out.push_str("><h2 id=\"vt-title\" class=\"vt-title\">");
        push_html(&mut self.tags.out, &title);
        self.tags.out.push_str("</h2>");
        if !body.is_empty() {
            self.tags.out.push_str("<p id=\"vt-body\" class=\"vt-body\">");
            push_html(&mut self.tags.out, &body);
            self.tags.out.push_str("</p>");
        }
        self.cta(message);
        self.tags.close_button();
        self.tags.out.push_str("</dialog>");
    }

    fn cta(&mut self, message: &Message) {
        let Some(cta) = &message.cta else { return };
        let text = cta.text.fill(&self.facts, self.currency);
        let href = pick(&cta.href, self.tags.language);
        let Some(href) = href.filter(|href| !text.is_empty() && is_safe_link(href)) else { return };
        self.tags.out.push_str("<a class=\"vt-cta\" data-vt=\"click\"");
        self.tags.attribute("href", href);
        self.tags.out.push('>');
        push_html(&mut self.tags.out, &text);
        self.tags.out.push_str("</a>");
    }
}

/// The class of the page's edge that an overlay keeps to.
fn edge(slot: &Slot) -> &'static str {
    match slot.place {
        Place::Top => "vt-top",
        Place::Bottom => "vt-bottom",
        Place::Center => "vt-center",
        Place::Inline { .. } => "vt-inline",
    }
}

/// What the page's module must know of a choice that an edge made.
#[derive(Debug, Clone, Copy)]
pub struct Marker<'a> {
    /// The plan's name.
    pub plan: &'a str,
    /// What was chosen.
    pub choice: &'a Choice,
    /// The seed that it was drawn with.
    pub seed: u64,
}

impl Marker<'_> {
    /// In words: campaign, message, plan, leaf, stream, epoch, day, moment of
    /// the draw, seed.
    fn words(&self) -> String {
        let arm = &self.choice.arm;
        let mut out = String::new();
        for text in [&arm.campaign, &arm.message, self.plan, &arm.leaf, arm.stream.word()] {
            out.push_str(text);
            out.push(' ');
        }
        for value in [u64::from(arm.epoch), u64::from(arm.day), arm.drawn.0] {
            push_number(&mut out, value, 1);
            out.push(' ');
        }
        push_number(&mut out, self.seed, 1);
        out
    }
}

/// The element that an edge sends: with markup, a shadow root that browsers
/// make while they read the page; without, only the note. The sheet is linked,
/// since a policy may forbid a style in the page; the markup is hidden until
/// it has come.
#[must_use]
pub fn host(marker: &Marker, sheet: &str, markup: Option<String>) -> String {
    let mut page = String::from("<div");
    let arm = &marker.choice.arm;
    attribute(&mut page, "data-vitrine-edge", &marker.words());
    match markup {
        Some(markup) => {
            attribute(&mut page, "data-vitrine", &[&arm.campaign, " ", &arm.message].concat());
            page.push_str("><template shadowrootmode=\"open\"><link rel=\"stylesheet\"");
            attribute(&mut page, "href", sheet);
            page.push('>');
            page.push_str(&markup);
            page.push_str("</template></div>");
        }
        None => page.push_str(" hidden></div>"),
    }
    page
}
