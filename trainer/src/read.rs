//! A shop's log from its text. Never tells one format from another by a file's
//! name: the first line does.

use std::io::BufRead;

use crate::events::{Events, Visits};
use crate::lines::{Lines, Trouble};
use crate::log::{Builder, Log, Pair};
use crate::pairs;

/// Lines between two signs of life.
const STRIDE: u64 = 4096;

/// Reads a log: session text, or events or counts of pairs as JSON lines; the
/// first line tells which. `known` ids become items also where the log does not name them.
///
/// # Errors
/// Says what is wrong with the log, and in which line.
pub fn read(
    input: &mut dyn BufRead,
    known: &[String],
    progress: &mut dyn FnMut(u64),
) -> Result<Log, Trouble> {
    let mut builder = Builder::default();
    for id in known {
        builder.item(id)?;
    }
    let mut lines = Lines::new(input);
    let mut form = None;
    let mut session: Vec<u32> = Vec::new();
    while let Some((number, line)) = lines.read()? {
        if form.is_none() {
            form = Some(Form::of(number, line)?);
        }
        match &mut form {
            Some(Form::Events(events)) => events.take(number, line)?,
            Some(Form::Pairs(counted)) => pairs::take(number, line, &mut builder, counted)?,
            Some(Form::Sessions) | None => {
                session.clear();
                for id in line.split_whitespace() {
                    session.push(builder.item(id)?);
                }
                builder.session(&session, None)?;
            }
        }
        if number % STRIDE == 0 {
            progress(lines.bytes());
        }
    }
    let (mut moments, mut counted) = (None, Vec::new());
    match form {
        Some(Form::Events(events)) => {
            let mut visits = Visits::default();
            events.finish(&mut |line| visits.take(line, &mut builder))?;
            moments = Some(visits.finish(&mut builder)?);
        }
        Some(Form::Pairs(pairs)) => counted = pairs,
        Some(Form::Sessions) | None => {}
    }
    if builder.is_empty() && counted.is_empty() {
        return Err(Trouble::Bad("it holds no session: no line names an item".into()));
    }
    Ok(builder.finish(moments, counted))
}

/// What the lines of a log are.
enum Form {
    /// Ids with spaces between them, a session a line.
    Sessions,
    /// Events as JSON.
    Events(Events),
    /// Counts of pairs as JSON.
    Pairs(Vec<Pair>),
}

impl Form {
    /// By the first line.
    fn of(number: u64, line: &str) -> Result<Form, Trouble> {
        if serde_json::from_str::<Vec<serde::de::IgnoredAny>>(line).is_ok() {
            let sentence =
                "is a JSON list; a session is its ids with spaces between them, an event a JSON object";
            return Err(Trouble::at(number, sentence));
        }
        Ok(match line.trim_start().starts_with('{') {
            true if pairs::is_pair(line) => Form::Pairs(Vec::new()),
            true => Form::Events(Events::default()),
            false => Form::Sessions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_numbered_in_the_order_of_their_ids() {
        let log = read(&mut "b a\r\n\n c b \n".as_bytes(), &["aa".into()], &mut |_| ()).unwrap();
        assert_eq!(log.ids, ["a", "aa", "b", "c"]);
        assert_eq!(log.sessions.get(0), [2, 0]);
        assert_eq!(log.sessions.get(1), [3, 2]);
        assert_eq!((log.sessions.len(), log.sessions.clicks()), (2, 4));
        assert!(log.moments.is_none());
    }

    #[test]
    fn an_empty_log_is_refused_in_a_sentence() {
        let refusal = read(&mut " \n\n".as_bytes(), &[], &mut |_| ()).unwrap_err();
        assert_eq!(refusal.to_string(), "it holds no session: no line names an item");
        assert!(read(&mut [0xff, 0xfe, b'\n'].as_slice(), &[], &mut |_| ()).is_err());
        let refusal = read(&mut "[{\"visitor\": \"a\"}]\n".as_bytes(), &[], &mut |_| ()).unwrap_err();
        assert!(refusal.to_string().starts_with("line 1: is a JSON list"), "{refusal}");
    }
}
