//! A rule file from disk or standard input. Never reads more than a rule file
//! may have.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use vitrine_engine::plan::Plan;
use vitrine_engine::time::Millis;
use vitrine_rules::{Compiled, Language, Severity, TEXT_BYTES, compile_bytes};

use crate::failure::Failure;
use crate::input::{bytes, name};

/// A language by its tag, as the command line takes it.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Tongue {
    /// English
    #[default]
    En,
    /// 한국어
    Ko,
}

/// A rule file and what became of it.
pub struct RuleFile {
    /// Its name in sentences.
    pub name: String,
    /// The plan or the mistakes.
    pub compiled: Compiled,
    /// The language of all that is said of it.
    language: Language,
}

impl RuleFile {
    /// Reads and compiles; `-` is standard input. One byte more than allowed is
    /// enough to see that there are too many.
    pub fn read(path: &Path, tongue: Tongue) -> Result<RuleFile, Failure> {
        let bytes = bytes(path, TEXT_BYTES)?;
        let language = match tongue {
            Tongue::En => Language::English,
            Tongue::Ko => Language::Korean,
        };
        Ok(RuleFile { name: name(path), compiled: compile_bytes(&bytes, now()), language })
    }

    /// All mistakes as sentences, to standard error.
    pub fn complain(&self) {
        for diagnostic in &self.compiled.diagnostics {
            eprintln!("{}", diagnostic.sentence(&self.name, self.language));
        }
    }

    /// How many mistakes there are, in words: `2 errors, 1 warning`.
    pub fn count(&self) -> String {
        let count =
            |severity| self.compiled.diagnostics.iter().filter(|found| found.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let words = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        match self.language {
            Language::English => format!("{}, {}", words(errors, "error"), words(warnings, "warning")),
            Language::Korean => format!("오류 {errors}개, 경고 {warnings}개"),
        }
    }

    /// That it is good, and what is in it.
    pub fn praise(&self, plan: &Plan) -> String {
        let (campaigns, segments) = (plan.campaigns.len(), plan.segments.len());
        let (name, count) = (&self.name, self.count());
        match self.language {
            Language::English => {
                format!("{name}: good; campaigns: {campaigns}, segments: {segments}; {count}")
            }
            Language::Korean => {
                format!("{name}: 게시할 수 있습니다. 캠페인 {campaigns}개, 세그먼트 {segments}개, {count}")
            }
        }
    }
}

/// The machine's clock, so that a schedule that is over is seen.
fn now() -> Option<Millis> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok().map(Millis)
}
