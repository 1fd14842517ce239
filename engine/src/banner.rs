//! Markup: the only place where HTML is made. Never carries a script, a style
//! or an unescaped byte of anybody's.

use alloc::string::String;

use crate::decide::{Choice, Published};
use crate::facts::Facts;
use crate::page::Moment;
use crate::plan::{Campaign, Form, Message, Place, Slot, is_safe_link};
use crate::profile::Profile;
use crate::recommend::{Card, cards};
use crate::template::{Currency, pick};
use crate::text::{join, push_html, push_number};

/// The style sheet of every banner; adopted by its shadow root.
pub const STYLE: &str = include_str!("banner.css");

/// The class of the banner's outermost element, in every form. The sheet gives
/// it its display, so that markup without the sheet stays hidden.
const ROOT: &str = "vt";

/// A message as markup for a shadow root, or `None` where there is nothing to
/// show: a product strip without a product.
#[must_use]
pub fn render(published: &Published, profile: &Profile, moment: &Moment, choice: &Choice) -> Option<String> {
    let plan = &published.plan;
    let campaign = plan.campaigns.get(usize::from(choice.campaign))?;
    let message = campaign.messages.get(usize::from(choice.message?))?;
    let slot = plan.slots.get(usize::from(choice.slot))?;
    let facts = published.facts(profile, moment);
    let mut page = Markup { out: String::new(), facts, currency: &plan.currency };
    match message.form {
        Form::Bar => page.bar(campaign, message, slot),
        Form::Modal => page.modal(message),
        Form::Products { count, exclude } => {
            let (model, index) = published.model.as_ref()?;
            let cards = cards(model, index, profile, exclude, usize::from(count));
            if cards.is_empty() {
                return None;
            }
            page.products(message, slot, &cards);
        }
    }
    Some(page.out)
}

/// A banner in the making.
struct Markup<'a> {
    out: String,
    facts: Facts<'a>,
    currency: &'a Currency,
}

impl Markup<'_> {
    fn bar(&mut self, campaign: &Campaign, message: &Message, slot: &Slot) {
        let title = message.title.fill(&self.facts, self.currency);
        self.open("section", &join(&["bar ", edge(slot)]));
        self.attribute("aria-label", if title.is_empty() { &campaign.id } else { &title });
        self.out.push_str("><p class=\"vt-text\">");
        self.element("strong", "vt-title", &title);
        let body = message.body.fill(&self.facts, self.currency);
        if !body.is_empty() {
            self.out.push(' ');
            self.element("span", "vt-body", &body);
        }
        self.out.push_str("</p>");
        self.cta(message);
        self.close_button();
        self.out.push_str("</section>");
    }

    fn modal(&mut self, message: &Message) {
        let title = message.title.fill(&self.facts, self.currency);
        let body = message.body.fill(&self.facts, self.currency);
        self.open("dialog", "modal");
        self.attribute("aria-labelledby", "vt-title");
        if !body.is_empty() {
            self.attribute("aria-describedby", "vt-body");
        }
        self.out.push_str("><h2 id=\"vt-title\" class=\"vt-title\">");
        push_html(&mut self.out, &title);
        self.out.push_str("</h2>");
        if !body.is_empty() {
            self.out.push_str("<p id=\"vt-body\" class=\"vt-body\">");
            push_html(&mut self.out, &body);
            self.out.push_str("</p>");
        }
        self.cta(message);
        self.close_button();
        self.out.push_str("</dialog>");
    }

    fn products(&mut self, message: &Message, slot: &Slot, cards: &[&Card]) {
        self.open("section", &join(&["strip ", edge(slot)]));
        self.attribute("aria-labelledby", "vt-title");
        self.out.push_str("><h2 id=\"vt-title\" class=\"vt-title\">");
        push_html(&mut self.out, &message.title.fill(&self.facts, self.currency));
        self.out.push_str("</h2>");
        self.close_button();
        self.out.push_str("<ul class=\"vt-list\" role=\"list\" tabindex=\"0\"");
        self.attribute("aria-labelledby", "vt-title");
        self.out.push('>');
        for card in cards {
            self.card(card);
        }
        self.out.push_str("</ul></section>");
    }

    fn card(&mut self, card: &Card) {
        if !is_safe_link(&card.link) {
            return;
        }
        self.out.push_str("<li class=\"vt-item\"><a class=\"vt-link\" data-vt=\"click\"");
        self.attribute("href", &card.link);
        self.out.push('>');
        if is_safe_link(&card.image) {
            self.out.push_str("<img class=\"vt-image\" alt=\"\" decoding=\"async\"");
            self.attribute("src", &card.image);
            self.out.push('>');
        }
        self.element("span", "vt-name", &card.title);
        self.out.push_str("<span class=\"vt-price\">");
        let now = if card.sale > 0 && card.sale < card.price { card.sale } else { card.price };
        if now > 0 {
            self.element("b", "vt-now", &self.currency.show(now));
        }
        if now < card.price {
            self.element("s", "vt-was", &self.currency.show(card.price));
        }
        self.out.push_str("</span></a></li>");
    }

    fn cta(&mut self, message: &Message) {
        let Some(cta) = &message.cta else { return };
        let text = cta.text.fill(&self.facts, self.currency);
        let href = pick(&cta.href, &self.facts.moment.page.language);
        let Some(href) = href.filter(|href| !text.is_empty() && is_safe_link(href)) else { return };
        self.out.push_str("<a class=\"vt-cta\" data-vt=\"click\"");
        self.attribute("href", href);
        self.out.push('>');
        push_html(&mut self.out, &text);
        self.out.push_str("</a>");
    }

    fn close_button(&mut self) {
        let word = if self.facts.moment.page.language.starts_with("ko") { "닫기" } else { "Close" };
        self.out.push_str("<button class=\"vt-close\" type=\"button\" data-vt=\"close\"");
        self.attribute("aria-label", word);
        self.out.push_str("><span aria-hidden=\"true\">×</span></button>");
    }

    /// `<tag class="vt vt-…" hidden`, left open for more attributes.
    fn open(&mut self, tag: &str, form: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        self.attribute("class", &join(&[ROOT, " vt-", form]));
        self.out.push_str(" hidden");
        let language = &self.facts.moment.page.language;
        if !language.is_empty() {
            self.attribute("lang", language);
        }
    }

    fn element(&mut self, tag: &str, class: &str, text: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        self.attribute("class", class);
        self.out.push('>');
        push_html(&mut self.out, text);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        attribute(&mut self.out, name, value);
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

fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_html(out, value);
    out.push('"');
}
