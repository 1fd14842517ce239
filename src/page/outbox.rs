//! Reports on their way: kept under the same id until an answer was seen,
//! also across visits. Never sends without consent to reports.

use vitrine_engine::json::Json;
use vitrine_engine::report::{Ledger, uuid7};
use vitrine_engine::text::{cut, join, next_part};

use super::given::text;
use super::store::Store;
use super::visit::now;

/// Tasks of the network with a lower number are the body's own.
pub const FIRST_REPORT: u32 = 4;
/// Reports that may wait; above it the oldest is given up.
const WAITING_LIMIT: usize = 50;
/// Reports that `log()` shows.
const LOG_LIMIT: usize = 30;

/// Reports that wait for an answer, and those that have one.
#[derive(Default)]
pub struct Outbox {
    waiting: Vec<Letter>,
    sent: Vec<String>,
    /// Ids that have an answer, so that another tab's copy is not taken in again.
    done: Vec<String>,
    tasks: u32,
}

struct Letter {
    id: String,
    body: String,
    /// The number under which it is on its way; 0 if it is not. A letter is not
    /// sent again by this page before its answer, or word that none came.
    task: u32,
}

impl Outbox {
    /// What former visits, or other tabs, left unanswered.
    pub fn load(&mut self, store: &Store) {
        let kept = store.read_outbox();
        let mut lines = text(&kept);
        while !lines.is_empty() && self.waiting.len() < WAITING_LIMIT {
            let Some((id, body)) = cut(next_part(&mut lines, b'\n'), b' ') else { continue };
            if !self.done.iter().any(|done| done == id) && !self.waiting.iter().any(|letter| letter.id == id)
            {
                self.waiting.push(Letter { id: id.into(), body: body.into(), task: 0 });
            }
        }
    }

    /// Turns what was counted into reports.
    pub fn collect(&mut self, ledger: &mut Ledger, plan: &str, store: &Store) {
        for report in ledger.reports(plan, || uuid7(now(), (crate::random(), crate::random()))) {
            if self.waiting.len() >= WAITING_LIMIT {
                self.waiting.remove(0);
            }
            self.waiting.push(Letter { body: report.to_json(), id: report.id, task: 0 });
        }
        self.save(store);
    }

    /// Sends what waits, by `fetch` with `keepalive`.
    pub fn send(&mut self, url: &str) {
        for letter in self.waiting.iter_mut().filter(|letter| letter.task == 0) {
            self.tasks += 1;
            letter.task = self.tasks;
            crate::send(url, &letter.body, FIRST_REPORT + letter.task);
        }
    }

    /// Sends what is not on its way by beacon, since the page is being left. It
    /// stays in the box: a beacon has no answer.
    pub fn send_last(&mut self, url: &str) {
        for letter in self.waiting.iter_mut().filter(|letter| letter.task == 0) {
            if crate::beacon(url, &letter.body) {
                self.tasks += 1;
                letter.task = self.tasks;
            }
        }
    }

    /// Notes an answer and gives the report's id. Merged or refused for good,
    /// the letter is done; no answer, or "later", and it waits for the next page.
    pub fn answered(&mut self, task: u32, status: u16, store: &Store) -> String {
        let Some(at) = self.waiting.iter().position(|letter| letter.task == task) else {
            return String::new();
        };
        let mut letter = self.waiting.remove(at);
        let id = letter.id.clone();
        if matches!(status, 200..=299 | 400 | 404 | 410 | 413) {
            if status < 300 {
                if self.sent.len() >= LOG_LIMIT {
                    self.sent.remove(0);
                }
                self.sent.push(letter.body);
            }
            self.done.push(letter.id);
        } else {
            letter.task = 0;
            self.waiting.push(letter);
        }
        self.save(store);
        id
    }

    /// What left the device on this page, and what is waiting to, as JSON.
    pub fn log(&self) -> String {
        let mut json = Json::default();
        json.begin('{');
        json.key("sent");
        json.begin('[');
        for body in &self.sent {
            json.raw(body);
        }
        json.end(']');
        json.key("waiting");
        json.begin('[');
        for letter in &self.waiting {
            json.raw(&letter.body);
        }
        json.end(']');
        json.end('}');
        json.finish()
    }

    /// Keeps what waits, and with it what another tab kept meanwhile.
    fn save(&mut self, store: &Store) {
        self.load(store);
        let mut lines = String::new();
        for letter in &self.waiting {
            lines.push_str(&join(&[&letter.id, " ", &letter.body, "\n"]));
        }
        store.write_outbox(&lines);
    }
}
