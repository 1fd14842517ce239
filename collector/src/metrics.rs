//! Counters for the operator. Never about a visitor: only how many.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What became of reports, and what the machine does.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Reports counted.
    pub merged: AtomicU64,
    /// Reports whose id was already merged.
    pub repeated: AtomicU64,
    /// Reports that were none, or said what cannot be.
    pub malformed: AtomicU64,
    /// Reports that named what was never published.
    pub foreign: AtomicU64,
    /// Reports of a place that had said enough for the day.
    pub crowded: AtomicU64,
    /// Reports older than ids are kept.
    pub too_old: AtomicU64,
    /// Reports turned away for a moment: the queue was full, or the disk failed.
    pub busy: AtomicU64,
    /// Groups of reports committed.
    pub commits: AtomicU64,
    /// Time spent in commits, in microseconds.
    pub commit_micros: AtomicU64,
    /// Commits that failed.
    pub failures: AtomicU64,
    /// Connections open now.
    pub connections: AtomicU64,
    /// Streams of results open now.
    pub live: AtomicU64,
    /// Whether the database could not be reached when it was last asked.
    pub is_away: AtomicBool,
}

impl Metrics {
    /// The text that Prometheus reads.
    #[must_use]
    pub fn text(&self, epochs: &[(&str, u32)]) -> String {
        let mut out = String::new();
        let read = |count: &AtomicU64| count.load(Relaxed);
        head(&mut out, "vitrine_reports_total", "counter", "Reports by what became of them.");
        for (result, count) in [
            ("merged", &self.merged),
            ("repeated", &self.repeated),
            ("malformed", &self.malformed),
            ("foreign", &self.foreign),
            ("crowded", &self.crowded),
            ("too_old", &self.too_old),
            ("busy", &self.busy),
        ] {
            line(&mut out, format_args!("vitrine_reports_total{{result=\"{result}\"}} {}", read(count)));
        }
        for (name, kind, help, count) in [
            ("vitrine_commits_total", "counter", "Groups of reports committed.", &self.commits),
            ("vitrine_commit_failures_total", "counter", "Commits that failed.", &self.failures),
            ("vitrine_connections", "gauge", "Connections open now.", &self.connections),
            ("vitrine_live_streams", "gauge", "Streams of results open now.", &self.live),
        ] {
            head(&mut out, name, kind, help);
            line(&mut out, format_args!("{name} {}", read(count)));
        }
        let name = "vitrine_database_away";
        head(&mut out, name, "gauge", "Whether the database cannot be reached.");
        line(&mut out, format_args!("{name} {}", u8::from(self.is_away.load(Relaxed))));
        let name = "vitrine_commit_seconds_total";
        head(&mut out, name, "counter", "Time spent in commits.");
        let seconds = read(&self.commit_micros) as f64 / 1e6;
        line(&mut out, format_args!("{name} {seconds}"));
        head(&mut out, "vitrine_odds_epoch", "gauge", "Epoch of a site's odds.");
        for (site, epoch) in epochs {
            line(&mut out, format_args!("vitrine_odds_epoch{{site=\"{site}\"}} {epoch}"));
        }
        out
    }
}

/// Adds one.
pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, format_args!("# HELP {name} {help}"));
    line(out, format_args!("# TYPE {name} {kind}"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a `String` cannot fail.
    let _ = writeln!(out, "{text}");
}
