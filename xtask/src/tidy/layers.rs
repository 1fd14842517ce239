//! Where things may stand inside a crate: the engine's layers, markup,
//! exports, and the one object that is the browser's window.

use std::collections::BTreeMap;

use super::Source;

/// The engine's list of layers.
const ENGINE: &str = "engine/src/lib.rs";
/// The one file of the engine that may hold markup.
const MARKUP_HOME: &str = "engine/src/banner";
/// The one file whose functions JavaScript can call.
const EXPORTS_HOME: &str = "src/lib.rs";
/// The bench's module is a file, and is not shipped.
const BENCH: &str = "benches/src/lib.rs";
/// The folder that may know a window.
const WINDOW_HOME: &str = "src/page";

pub fn check(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    let order = sources.iter().find(|source| source.name == ENGINE).map(declared).unwrap_or_default();
    for source in sources {
        if source.name.ends_with(".rs") && !source.is_test() {
            found.extend(layering(source, &order));
            found.extend(markup(source));
            found.extend(exports(source));
            found.extend(window(source));
        }
    }
    found
}

/// The modules in the order in which `lib.rs` declares them.
fn declared(lib: &Source) -> BTreeMap<String, usize> {
    let mut order = BTreeMap::new();
    for (_, line) in lib.code() {
        let line = line.trim();
        let line = line.strip_prefix("pub ").unwrap_or(line);
        if let Some(name) = line.strip_prefix("mod ").and_then(|l| l.strip_suffix(';')) {
            let next = order.len();
            order.insert(name.trim().to_owned(), next);
        }
    }
    order
}

/// A module imports only from those declared before it.
fn layering(source: &Source, order: &BTreeMap<String, usize>) -> Vec<String> {
    let Some(own) = source.name.strip_prefix("engine/src/") else {
        return Vec::new();
    };
    let own = own.split(['/', '.']).next().unwrap_or_default();
    let Some(place) = order.get(own) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (line, name) in crate_names(source) {
        if order.get(&name).is_some_and(|other| other > place) {
            found.push(format!(
                "{}:{line}: `{own}` imports `{name}`, which `{ENGINE}` lists below it: a module imports only from layers above its own.",
                source.name
            ));
        }
    }
    found
}

/// Every module named by a path through the crate's root: after `crate::`, in
/// braces after it too, and after `super::` in a file of the first level.
fn crate_names(source: &Source) -> Vec<(usize, String)> {
    let code: String = source.masked.code.split_inclusive('\n').take(source.own_lines).collect();
    let mut found = Vec::new();
    let first_level = source.name.matches('/').count() == 2;
    let roots: &[&str] = if first_level { &["crate::", "super::"] } else { &["crate::"] };
    for root in roots {
        for (at, _) in code.match_indices(root) {
            let before = code.get(..at).unwrap_or_default();
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = before.matches('\n').count() + 1;
            let after = code.get(at + root.len()..).unwrap_or_default();
            found.extend(heads(after).into_iter().map(|name| (line, name)));
        }
    }
    found
}

/// `x::y` → x; `{x::y, z}` → x and z.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(inside) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let mut depth = 1_usize;
    let mut pieces = vec![String::new()];
    for c in inside.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => pieces.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.iter().map(|p| name(p.trim_start_matches(','))).collect()
}

/// Markup is written in one place, so that escaping is looked after in one place.
fn markup(source: &Source) -> Vec<String> {
    if !source.name.starts_with("engine/src/") || source.name.starts_with(MARKUP_HOME) {
        return Vec::new();
    }
    let own = source.masked.strings.iter();
    own.filter(|(line, text)| *line <= source.own_lines && is_markup(text))
        .map(|(line, _)| {
            format!("{}:{line}: markup in a string; only `{MARKUP_HOME}.rs` writes markup.", source.name)
        })
        .collect()
}

/// A tag that opens or closes: `<div`, `</b>`, `<!--`; not `<=` and not `(?<name>`.
fn is_markup(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let group = text.get(..at).is_some_and(|before| before.ends_with('?'));
        let mut after = text.get(at + 1..).unwrap_or_default().chars();
        let opens = match after.next() {
            Some('/') => after.next().is_some_and(|c| c.is_ascii_alphabetic()),
            Some(c) => c.is_ascii_lowercase() || c == '!',
            None => false,
        };
        opens && !group
    })
}

/// What JavaScript can call is listed in one file; what is called from Rust
/// (`extern` blocks) may stand where it is used.
fn exports(source: &Source) -> Vec<String> {
    if source.name == EXPORTS_HOME || source.name == BENCH {
        return Vec::new();
    }
    let lines: Vec<(usize, &str)> = source.code().collect();
    let mut found = Vec::new();
    for (at, (line, text)) in lines.iter().enumerate() {
        let text = text.trim();
        if text.starts_with("#[unsafe(no_mangle)]") {
            found.push(format!(
                "{}:{line}: `no_mangle` exports something; exports stand only in `{EXPORTS_HOME}`.",
                source.name
            ));
        }
        if !(text.starts_with("#[wasm_bindgen]") || text.starts_with("#[wasm_bindgen(")) {
            continue;
        }
        let mut next = lines.iter().skip(at + 1).map(|(_, l)| l.trim());
        let imports = text.contains("extern")
            || next
                .find(|l| !l.is_empty() && !l.starts_with("#["))
                .is_some_and(|l| l.starts_with("extern") || l.starts_with("unsafe extern"));
        let inside_block =
            lines.get(at).is_some_and(|(_, l)| l.starts_with(' ') && within_extern(&lines, at));
        if !imports && !inside_block {
            found.push(format!(
                "{}:{line}: `#[wasm_bindgen]` exports something; exports stand only in `{EXPORTS_HOME}`.",
                source.name
            ));
        }
    }
    found
}

/// Whether the last line at the margin before this one opens an `extern` block.
fn within_extern(lines: &[(usize, &str)], at: usize) -> bool {
    lines
        .iter()
        .take(at)
        .rev()
        .map(|(_, line)| *line)
        .find(|line| !line.is_empty() && !line.starts_with(' '))
        .is_some_and(|line| line.contains("extern \"") || line.contains("extern "))
}

/// A window exists on a page only; the edge and the studio have none.
fn window(source: &Source) -> Vec<String> {
    if source.name.starts_with(WINDOW_HOME) {
        return Vec::new();
    }
    source
        .code()
        .filter(|(_, line)| line.contains("web_sys::window") || line.contains("web_sys::Window"))
        .map(|(line, _)| {
            format!(
                "{}:{line}: `web_sys::window` outside `{WINDOW_HOME}/`, which alone runs on a page.",
                source.name
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "// values\npub mod hash;\npub mod text;\nmod plan;\npub mod banner;\n";

    fn complaints(name: &str, text: &str) -> Vec<String> {
        let file = |name: &str, text: &str| Source::new(name, text.to_owned());
        check(&[file(ENGINE, LIB), file(name, text)])
    }

    #[test]
    fn an_import_from_below_is_named_with_its_line() {
        let found = complaints("engine/src/text.rs", "use crate::hash::x;\nuse crate::plan::Plan;\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("engine/src/text.rs:2: `text` imports `plan`"), "{found:?}");
    }

    #[test]
    fn braces_supers_and_submodules_are_seen_too() {
        let braces = "use crate::{hash::{a, b}, text,\n    plan::P};\n";
        assert_eq!(complaints("engine/src/text.rs", braces).len(), 1);
        assert_eq!(complaints("engine/src/text.rs", "use super::plan;\n").len(), 1);
        assert_eq!(complaints("engine/src/text/fold.rs", "crate::banner::x()").len(), 1);
        assert!(complaints("engine/src/text/fold.rs", "use super::plan;\n").is_empty());
    }

    #[test]
    fn comments_strings_and_tests_may_name_what_they_like() {
        let text = "//! See [`crate::plan`].\nlet s = \"crate::plan\";\n#[cfg(test)]\nmod tests {\n    use crate::plan;\n}\n";
        assert!(complaints("engine/src/text.rs", text).is_empty());
        assert!(complaints("engine/src/plan.rs", "use crate::text;").is_empty());
    }

    #[test]
    fn markup_stands_only_in_the_banner() {
        let text = "let open = \"<div class=\";\nlet close = \"</b>\";\n";
        assert_eq!(complaints("engine/src/plan.rs", text).len(), 2);
        assert!(complaints("engine/src/banner.rs", text).is_empty());
        let harmless = "\"a <= b\"; \"(?<name>x)\"; \"x < y\"; r\"<\"";
        assert!(complaints("engine/src/plan.rs", harmless).is_empty());
    }

    #[test]
    fn exports_stand_only_in_lib() {
        let text = "#[wasm_bindgen]\npub fn f() {}\n";
        assert_eq!(complaints("src/page/slot.rs", text).len(), 1);
        assert!(complaints("src/lib.rs", text).is_empty());
        let bare = "#[unsafe(no_mangle)]\npub extern \"C\" fn f() {}\n";
        assert_eq!(complaints("src/page/slot.rs", bare).len(), 1);
        let imports = "#[wasm_bindgen]\nextern \"C\" {\n    #[wasm_bindgen(js_name = g)]\n    fn g();\n}\n";
        assert!(complaints("src/page/slot.rs", imports).is_empty());
        let after = format!(
            "{imports}\n#[wasm_bindgen]\nimpl X {{\n    #[wasm_bindgen(getter)]\n    fn f() {{}}\n}}\n"
        );
        assert_eq!(complaints("src/page/slot.rs", &after).len(), 2);
    }

    #[test]
    fn a_window_is_known_only_to_the_page() {
        let text = "let w = web_sys::window();\n";
        assert_eq!(complaints("src/edge.rs", text).len(), 1);
        assert!(complaints("src/page/visit.rs", text).is_empty());
    }
}
