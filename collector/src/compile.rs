//! The marketer's rules at the door: checked against the site they were sent
//! to. Never changes what is published.

use serde_json::{Value, json};
use vitrine_engine::arm::HOLDOUT;
use vitrine_engine::plan::Plan;
use vitrine_engine::seal;
use vitrine_engine::time::Millis;
use vitrine_rules::{Diagnostic, Language, compile_at};

use crate::store::Name;

/// The leaf of visitors who hold none of a campaign's `by` segments.
pub const ELSE: &str = "else";

/// Rules that compile, and their plan.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The plan.
    pub plan: Plan,
    /// Its sealed bytes.
    pub bytes: Vec<u8>,
    /// Their name.
    pub hash: String,
    /// What probably was meant otherwise, as objects of `check`.
    pub warnings: Vec<Value>,
}

/// Why rules are refused.
#[derive(Debug, Clone)]
pub struct Mistakes {
    /// As objects of `check`.
    pub diagnostics: Vec<Value>,
    /// As sentences, each with `file:line:column`.
    pub sentences: Vec<String>,
}

/// Compiles rules, for a site or for whichever they name; `file` is what
/// sentences call them.
///
/// # Errors
/// Every mistake at its place.
pub fn check(text: &str, site: Option<&str>, file: &str) -> Result<Checked, Mistakes> {
    let compiled = compile_at(text, Some(Millis(crate::now())));
    let mut mistakes = Mistakes {
        diagnostics: compiled.diagnostics.iter().map(as_json).collect(),
        sentences: compiled.diagnostics.iter().map(|d| d.sentence(file, Language::English)).collect(),
    };
    let Some(plan) = compiled.plan else {
        return Err(mistakes);
    };
    if let Some(site) = site.filter(|site| *site != plan.site) {
        mistakes.add_foreign_site(text, &plan.site, site, file);
        return Err(mistakes);
    }
    let bytes = plan.seal();
    Ok(Checked { hash: seal::name(&bytes), bytes, warnings: mistakes.diagnostics, plan })
}

fn as_json(diagnostic: &Diagnostic) -> Value {
    // Plain texts and numbers: nothing that JSON cannot hold.
    serde_json::to_value(diagnostic).unwrap_or_default()
}

impl Mistakes {
    fn add_foreign_site(&mut self, text: &str, found: &str, wanted: &str, file: &str) {
        let (line, column) = place(text, &format!("\"{found}\""));
        let message = format!("the rules are for the site `{found}`, and this is `{wanted}`");
        self.sentences.push(format!("{file}:{line}:{column}: error: {message}"));
        self.diagnostics.push(json!({
            "severity": "error", "code": "foreign_site", "message": message,
            "message_ko": format!("규칙은 사이트 `{found}`의 것인데, 이 사이트는 `{wanted}`입니다"),
            "pointer": "/site", "line": line, "column": column, "suggestion": wanted,
        }));
    }
}

/// Line and column, both from 1, of the value of the first `"site"`; of the
/// text's beginning where it is written in a way that this does not find.
fn place(text: &str, value: &str) -> (usize, usize) {
    let at = text.find("\"site\"").and_then(|key| Some(key + text.get(key..)?.find(value)?));
    let before = at.and_then(|at| text.get(..at)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default();
    (line, column.chars().count() + 1)
}

/// The leaves of a campaign, in the order in which they are looked for.
#[must_use]
pub fn leaves(plan: &Plan, by: &[u16]) -> Vec<String> {
    let mut leaves: Vec<String> = by
        .iter()
        .filter_map(|at| plan.segments.get(usize::from(*at)))
        .map(|segment| segment.id.clone())
        .filter(|id| id != ELSE)
        .collect();
    leaves.push(ELSE.into());
    leaves
}

/// Everything that reports drawn from a plan may name.
#[must_use]
pub fn names(plan: &Plan) -> Vec<Name> {
    let mut names = Vec::new();
    for campaign in &plan.campaigns {
        for leaf in leaves(plan, &campaign.by) {
            let messages = campaign.messages.iter().map(|message| message.id.as_str());
            for message in messages.chain([HOLDOUT]) {
                names.push([campaign.id.clone(), message.into(), leaf.clone()]);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_another_site_are_refused_at_their_line() {
        let text = "{\n  \"version\": 1, \"currency\": \"KRW\",\n  \"site\": \"demo\", \"campaigns\": []\n}";
        let mistakes = check(text, Some("other"), "rules.json").unwrap_err();
        assert!(
            mistakes.sentences[0].starts_with("rules.json:3:11: error: the rules are for the site `demo`"),
            "{:?}",
            mistakes.sentences
        );
    }
}
