//! Lengths and leftovers: files that have grown too long to be read, documents
//! that must stay short, and notes to oneself.

use std::path::Path;

use super::Source;

/// Lines of a source file without its test module: what is read in one sitting.
const LONGEST: usize = 400;
/// Documents at the root, and the lines that they may have.
const DOCUMENTS: [(&str, usize); 3] =
    [("README.md", 150), ("ARCHITECTURE.md", 200), ("CHANGELOG.md", usize::MAX)];
/// Written in halves, so that this file does not accuse itself.
const LEFTOVERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

pub fn check(root: &Path, sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        found.extend(length(source));
        found.extend(leftovers(source));
    }
    for (name, most) in DOCUMENTS {
        match sources.iter().find(|source| source.name == name) {
            None if !root.join(name).exists() => found.push(format!("{name}:1: is missing.")),
            Some(source) if source.own_lines > most => found.push(format!(
                "{name}:{most}: has {} lines; at most {most}, so that it is read.",
                source.own_lines
            )),
            _ => {}
        }
    }
    found
}

fn length(source: &Source) -> Option<String> {
    let rust = source.name.ends_with(".rs");
    let script =
        source.name.starts_with("www/") && (source.name.ends_with(".mjs") || source.name.ends_with(".js"));
    if !(rust || script) || source.is_test() || source.own_lines <= LONGEST {
        return None;
    }
    Some(format!(
        "{}:{LONGEST}: has {} lines without its tests; at most {LONGEST}: part it by idea.",
        source.name, source.own_lines
    ))
}

fn leftovers(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        for word in words.filter(|word| LEFTOVERS.contains(word)) {
            found.push(format!("{}:{}: `{word}`: finish it, or file an issue.", source.name, at + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, lines: usize) -> Source {
        Source::new(name, "x\n".repeat(lines))
    }

    #[test]
    fn a_long_file_is_named_unless_it_is_a_test() {
        assert!(length(&source("rules/src/a.rs", LONGEST)).is_none());
        assert!(length(&source("rules/src/a.rs", LONGEST + 1)).is_some());
        assert!(length(&source("www/console/a.mjs", LONGEST + 1)).is_some());
        assert!(length(&source("tests/stories/a.mjs", LONGEST + 1)).is_none());
        assert!(length(&source("engine/src/plan/tests.rs", LONGEST + 1)).is_none());
    }

    #[test]
    fn a_note_to_oneself_is_named_with_its_line() {
        let text = format!("fine\n// {}: later\nauto{}\n", LEFTOVERS[0], LEFTOVERS[0]);
        let found = leftovers(&Source::new("www/a.mjs", text));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("www/a.mjs:2:"));
    }

    #[test]
    fn documents_are_there_and_short() {
        let nowhere = Path::new("/nowhere");
        let found = check(nowhere, &[source("README.md", 151), source("CHANGELOG.md", 9000)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("README.md:150: has 151 lines"));
        assert!(found[1].contains("ARCHITECTURE.md:1: is missing"));
    }
}
