//! What a visitor downloads, counted: raw, gzip and brotli of each artefact,
//! against `size-budget.toml`. It never raises a ceiling; people do, with a
//! reason in the commit.

use std::collections::BTreeMap;

use crate::fingerprint::{read, write};
use crate::shell::{Outcome, Workshop};

/// The ceilings, in bytes of brotli.
const BUDGET: &str = "size-budget.toml";
/// The section of ceilings that `--record` may lower.
const RECORDED: &str = "[recorded]";
/// Recorded ceilings are rounded up to this many bytes: a patch release of the
/// compiler moves a few bytes either way.
const STEP: u64 = 256;

/// A line of the table: a name, and the files that it adds up.
const ARTEFACTS: [(&str, &[&str]); 14] = [
    ("loader", &["vitrine.js"]),
    ("page-glue", &["vitrine_page.js"]),
    ("page-wasm", &["vitrine_page_bg.wasm"]),
    ("page-total", &["vitrine.js", "vitrine_page.js", "vitrine_page_bg.wasm"]),
    ("page-full-wasm", &["vitrine_page_full_bg.wasm"]),
    ("recode", &["vitrine_recode.js"]),
    ("signs", &["vitrine_signs.js"]),
    ("preview", &["vitrine_preview.js"]),
    ("shelf-wasm", &["vitrine_shelf_bg.wasm"]),
    ("shelf-glue", &["vitrine_shelf.js"]),
    ("edge-glue", &["vitrine_edge.js"]),
    ("edge-wasm", &["vitrine_edge_bg.wasm"]),
    ("studio-glue", &["vitrine_studio.js"]),
    ("studio-wasm", &["vitrine_studio_bg.wasm"]),
];

/// Bytes of one artefact.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints the table; `false` when an artefact is above its ceiling.
///
/// # Errors
/// A file is missing, or the budget cannot be read.
pub fn report(shop: &Workshop, record: bool) -> Outcome<bool> {
    let place = shop.root.join(BUDGET);
    let text = String::from_utf8_lossy(&read(&place)?).into_owned();
    let mut sizes = Vec::new();
    for (name, files) in ARTEFACTS {
        sizes.push((name, measure(shop, files)?));
    }
    if record {
        write(&place, lowered(&text, &sizes)?.as_bytes())?;
    }
    let text = String::from_utf8_lossy(&read(&place)?).into_owned();
    let (table, fits) = table(&sizes, &ceilings(&text)?);
    println!("{table}");
    Ok(fits)
}

fn measure(shop: &Workshop, files: &[&str]) -> Outcome<Size> {
    let mut sum = Size::default();
    for file in files {
        let length = |ending: &str| {
            let path = shop.root.join("pkg").join(format!("{file}{ending}"));
            std::fs::metadata(&path).map(|m| m.len()).map_err(|e| {
                format!("`{}` cannot be measured: {e}. Run `cargo xtask build`.", path.display())
            })
        };
        sum.raw += length("")?;
        sum.gzip += length(".gz")?;
        sum.brotli += length(".br")?;
    }
    Ok(sum)
}

/// The table for people, and whether everything is within its ceiling.
fn table(sizes: &[(&str, Size)], ceilings: &BTreeMap<String, u64>) -> (String, bool) {
    let mut text = format!("{:<14} {:>10} {:>10} {:>10} {:>10}", "bytes", "raw", "gzip", "brotli", "ceiling");
    let mut fits = true;
    for (name, size) in sizes {
        let Size { raw, gzip, brotli } = *size;
        let ceiling = ceilings.get(*name);
        let limit = ceiling.map_or_else(|| "-".to_owned(), u64::to_string);
        text.push_str(&format!("\n{name:<14} {raw:>10} {gzip:>10} {brotli:>10} {limit:>10}"));
        if let Some(over) = ceiling.and_then(|limit| brotli.checked_sub(*limit))
            && over > 0
        {
            text.push_str(&format!("  {over} above"));
            fits = false;
        }
    }
    (text, fits)
}

/// Reads `name = bytes` lines; sections only tell people and `--record` apart.
fn ceilings(text: &str) -> Outcome<BTreeMap<String, u64>> {
    let mut found = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('[') {
            continue;
        }
        let wrong = || format!("`{line}` in {BUDGET}, line {}: expected `name = bytes`.", at + 1);
        let (name, bytes) = line.split_once('=').ok_or_else(wrong)?;
        let name = name.trim();
        if !ARTEFACTS.iter().any(|(known, _)| *known == name) {
            return Err(format!("`{name}` in {BUDGET}, line {}: no artefact has this name.", at + 1));
        }
        let bytes = bytes.trim().replace('_', "");
        found.insert(name.to_owned(), bytes.parse().map_err(|_| wrong())?);
    }
    Ok(found)
}

/// The budget with every recorded ceiling lowered to what was measured, and
/// with those that were not there yet. Promised ceilings stay.
fn lowered(text: &str, sizes: &[(&str, Size)]) -> Outcome<String> {
    let (promised, recorded) =
        text.split_once(RECORDED).ok_or_else(|| format!("{BUDGET} has no section `{RECORDED}`."))?;
    let (promised_for, kept) = (ceilings(promised)?, ceilings(recorded)?);
    let mut new = format!("{promised}{RECORDED}\n");
    for (name, size) in sizes {
        if promised_for.contains_key(*name) {
            continue;
        }
        let measured = size.brotli.div_ceil(STEP) * STEP;
        let bytes = kept.get(*name).map_or(measured, |old| measured.min(*old));
        new.push_str(&format!("{name} = {bytes}\n"));
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# why\n[promised]\nloader = 1_536\n\n[recorded]\nedge-wasm = 1024\n";

    fn brotli(name: &'static str, bytes: u64) -> (&'static str, Size) {
        let size = Size { brotli: bytes, ..Size::default() };
        (name, size)
    }

    #[test]
    fn one_byte_above_the_ceiling_fails() {
        let limits = ceilings(TEXT).unwrap();
        assert!(table(&[brotli("loader", 1536)], &limits).1);
        let (text, fits) = table(&[brotli("loader", 1537)], &limits);
        assert!(!fits);
        assert!(text.contains("1 above"), "{text}");
    }

    #[test]
    fn recording_lowers_and_never_raises() {
        let sizes = [brotli("loader", 9), brotli("edge-wasm", 700), brotli("page-wasm", 300)];
        let new = lowered(TEXT, &sizes).unwrap();
        let limits = ceilings(&new).unwrap();
        assert_eq!(limits.get("loader"), Some(&1536), "a promise stays");
        assert_eq!(limits.get("edge-wasm"), Some(&768));
        assert_eq!(limits.get("page-wasm"), Some(&512), "new ones are added");
        let again = lowered(&new, &[brotli("edge-wasm", 5000)]).unwrap();
        assert_eq!(ceilings(&again).unwrap().get("edge-wasm"), Some(&768));
    }

    #[test]
    fn a_wrong_line_is_named() {
        assert!(ceilings("loader : 5").unwrap_err().contains("line 1"));
        assert!(ceilings("loadr = 5").unwrap_err().contains("`loadr`"));
        assert!(ceilings("loader = many").is_err());
    }
}
