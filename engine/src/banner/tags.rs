//! Elements and attributes, escaped. Never knows what they are for.

use alloc::string::String;

use crate::text::{join, push_html};

/// The class of the banner's outermost element, in every form. The sheet gives
/// it its display, so that markup without the sheet stays hidden.
const ROOT: &str = "vt";

/// Markup in the making, for a page of a language.
pub struct Tags<'a> {
    pub out: String,
    pub language: &'a str,
}

impl Tags<'_> {
    /// `<tag class="vt vt-…" hidden`, left open for more attributes.
    pub fn open(&mut self, tag: &str, form: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        self.attribute("class", &join(&[ROOT, " vt-", form]));
        self.out.push_str(" hidden");
        if !self.language.is_empty() {
            self.attribute("lang", self.language);
        }
    }

    pub fn element(&mut self, tag: &str, class: &str, text: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        self.attribute("class", class);
        self.out.push('>');
        push_html(&mut self.out, text);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    pub fn attribute(&mut self, name: &str, value: &str) {
        attribute(&mut self.out, name, value);
    }

    pub fn close_button(&mut self) {
        let word = if self.language.starts_with("ko") { "닫기" } else { "Close" };
        self.out.push_str("<button class=\"vt-close\" type=\"button\" data-vt=\"close\"");
        self.attribute("aria-label", word);
        self.out.push_str("><span aria-hidden=\"true\">×</span></button>");
    }
}

/// One attribute, with the space before it.
pub fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_html(out, value);
    out.push('"');
}
