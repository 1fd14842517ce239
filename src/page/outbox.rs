//! Reports on their way: kept under the same id until an answer was seen,
//! also across visits. Never sends without consent to reports.

use vitrine_engine::report::{Ledger, uuid7};

use super::net;
use super::store::Store;
use super::visit::{now, random};

/// Reports that may wait; above it the oldest is given up.
const WAITING_LIMIT: usize = 50;
/// Reports that `log()` shows.
const LOG_LIMIT: usize = 30;

/// Reports that wait for an answer, and those that have one.
#[derive(Default)]
pub struct Outbox {
    waiting: Vec<Letter>,
    sent: Vec<String>,
}

struct Letter {
    id: String,
    body: String,
    /// On its way: not sent again by this page before an answer or its end.
    under_way: bool,
}

impl Outbox {
    /// What former visits left unanswered.
    pub fn load(&mut self, store: &Store) {
        for line in store.read_outbox().lines().take(WAITING_LIMIT) {
            let Some((id, body)) = line.split_once(' ') else { continue };
            if !self.waiting.iter().any(|letter| letter.id == id) {
                self.waiting.push(Letter { id: id.into(), body: body.into(), under_way: false });
            }
        }
    }

    /// Turns what was counted into reports.
    pub fn collect(&mut self, ledger: &mut Ledger, plan: &str, store: &Store) {
        for report in ledger.reports(plan, || uuid7(now(), (random(), random()))) {
            if self.waiting.len() >= WAITING_LIMIT {
                self.waiting.remove(0);
            }
            self.waiting.push(Letter { body: report.to_json(), id: report.id, under_way: false });
        }
        self.save(store);
    }

    /// Sends what waits, by `fetch` with `keepalive`; answers come back as jobs.
    pub fn send(&mut self, url: &str) {
        for letter in self.waiting.iter_mut().filter(|letter| !letter.under_way) {
            letter.under_way = true;
            let id = letter.id.clone();
            net::post(url, &letter.body, move |status| super::with(move |body| body.answered(&id, status)));
        }
    }

    /// Sends what has no answer yet by beacon, since the page is being left. It
    /// stays in the box: a beacon has no answer.
    pub fn send_last(&mut self, url: &str) {
        for letter in &mut self.waiting {
            if !letter.under_way {
                letter.under_way = net::beacon(url, &letter.body);
            }
        }
    }

    /// Notes an answer. Merged or refused for good, the letter is done; no
    /// answer, or "later", and it waits for the next page.
    pub fn answered(&mut self, id: &str, status: u16, store: &Store) {
        let is_done = matches!(status, 200..=299 | 400 | 404 | 410 | 413);
        let Some(at) = self.waiting.iter().position(|letter| letter.id == id) else { return };
        if is_done {
            let letter = self.waiting.remove(at);
            if status < 300 {
                if self.sent.len() >= LOG_LIMIT {
                    self.sent.remove(0);
                }
                self.sent.push(letter.body);
            }
        } else if let Some(letter) = self.waiting.get_mut(at) {
            letter.under_way = false;
        }
        self.save(store);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Outbox::default();
    }

    /// What left the device on this page, and what is waiting to, as JSON.
    pub fn log(&self) -> String {
        let waiting: Vec<&str> = self.waiting.iter().map(|letter| letter.body.as_str()).collect();
        let sent: Vec<&str> = self.sent.iter().map(String::as_str).collect();
        ["{\"sent\":[", &sent.join(","), "],\"waiting\":[", &waiting.join(","), "]}"].concat()
    }

    fn save(&self, store: &Store) {
        let lines: Vec<String> =
            self.waiting.iter().map(|letter| [&letter.id, " ", &letter.body].concat()).collect();
        store.write_outbox(&lines.join("\n"));
    }
}
