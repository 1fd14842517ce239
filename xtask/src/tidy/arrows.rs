//! Which crate may import which: the arrows of the design. Dev-dependencies
//! are left alone, since tests may look at everything.

use std::path::Path;

use super::Source;

/// A crate's manifest, and what of the workspace it may depend on.
const ARROWS: [(&str, &[&str]); 9] = [
    ("engine", &[]),
    ("rules", &["vitrine-engine"]),
    ("trainer", &["vitrine-engine"]),
    ("learn", &["vitrine-engine"]),
    ("collector", &["vitrine-engine", "vitrine-rules", "vitrine-learn"]),
    ("cli", &["vitrine-engine", "vitrine-rules", "vitrine-trainer", "vitrine-learn", "vitrine-collector"]),
    ("benches", &["vitrine-engine", "vitrine-rules", "vitrine-trainer"]),
    ("xtask", &[]),
    // The wasm module; that only its studio uses more than the engine is checked below.
    ("", &["vitrine-engine", "vitrine-rules", "vitrine-trainer"]),
];

/// What the engine may use from outside: mathematics without std. Each addition
/// is a decision, taken here.
const ENGINE_HELPERS: [&str; 1] = ["libm"];

pub fn check(root: &Path, sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (folder, allowed) in ARROWS {
        let name = format!("{folder}/Cargo.toml");
        let name = name.trim_start_matches('/');
        match std::fs::read_to_string(root.join(name)) {
            Ok(text) => found.extend(manifest((folder, name), allowed, &text)),
            Err(e) => found.push(format!("{name}:1: cannot be read: {e}.")),
        }
    }
    for source in sources {
        found.extend(studio_only(source));
    }
    found
}

fn manifest((folder, name): (&str, &str), allowed: &[&str], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (line, dependency) in dependencies(text) {
        let ours = dependency.starts_with("vitrine") || dependency == "xtask";
        if ours && !allowed.contains(&dependency.as_str()) {
            let who = if folder.is_empty() { "src" } else { folder };
            found.push(format!(
                "{name}:{line}: `{who}` may not depend on `{dependency}`; the arrows are in ARCHITECTURE.md."
            ));
        }
        if folder == "engine" && !ours && !ENGINE_HELPERS.contains(&dependency.as_str()) {
            found.push(format!(
                "{name}:{line}: the engine depends on `{dependency}`, which is not among what it may use from outside ({}).",
                ENGINE_HELPERS.join(", ")
            ));
        }
    }
    found
}

/// The names under every `[dependencies]`, also those of one target.
fn dependencies(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section == "dependencies"
                || section == "build-dependencies"
                || section.ends_with(".dependencies") && !section.starts_with("workspace");
            if let Some(name) = section.strip_prefix("dependencies.") {
                found.push((at + 1, name.to_owned()));
            }
            continue;
        }
        let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
        if inside && !name.is_empty() && !name.starts_with('#') {
            found.push((at + 1, name.trim_matches('"').to_owned()));
        }
    }
    found
}

/// The page and the edge never carry JSON: a device gets a compiled plan.
fn studio_only(source: &Source) -> Vec<String> {
    let inside = source.name.starts_with("src/");
    if !inside || source.name.starts_with("src/studio") || source.name == "src/lib.rs" {
        return Vec::new();
    }
    source
        .code()
        .filter(|(_, line)| {
            ["vitrine_rules", "vitrine_trainer", "serde_json"].iter().any(|tool| line.contains(tool))
        })
        .map(|(line, _)| {
            format!("{}:{line}: only the studio body may use `rules`, `trainer` or JSON.", source.name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_against_the_design_is_named() {
        let text = "[dependencies]\nvitrine-engine.workspace = true\n\
                    vitrine-cli = { path = \"../cli\" }\nserde = \"1\"\n\
                    [dev-dependencies]\nvitrine-collector.workspace = true\n";
        let found = manifest(("rules", "rules/Cargo.toml"), &["vitrine-engine"], text);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("rules/Cargo.toml:3: `rules` may not depend on `vitrine-cli`"));
    }

    #[test]
    fn the_engine_takes_no_new_helper_by_accident() {
        let text = "[dependencies]\nlibm.workspace = true\n[target.'cfg(unix)'.dependencies]\nrand = \"1\"\n[dependencies.regex]\nversion = \"1\"\n";
        let found = manifest(("engine", "engine/Cargo.toml"), &[], text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("engine/Cargo.toml:4: the engine depends on `rand`"));
        assert!(found[1].contains("`regex`"));
    }

    #[test]
    fn json_stays_in_the_studio() {
        let text = "use serde_json::Value;\n".to_owned();
        assert_eq!(studio_only(&Source::new("src/edge/worker.rs", text.clone())).len(), 1);
        assert!(studio_only(&Source::new("src/studio.rs", text)).is_empty());
    }
}
