//! Patterns against JavaScript's own `RegExp`, in Node. Never compares with
//! another regex crate: a marketer's pattern means what it means in a browser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::process::Command;

use serde_json::json;
use vitrine_engine::automaton::{Automaton, NO, Pattern, START, YES};
use vitrine_engine::pack::{Input, Pack};
use vitrine_engine::rng::Rng;
use vitrine_rules::regex::{Case, Fault, compile, glob};

/// Random patterns, each held against a dozen texts.
const PATTERNS: usize = 24_000;
const TEXTS: usize = 12;

/// Letters that patterns and texts are made of: ASCII, white space that only
/// Unicode knows, letters with odd capitals, Hangul, and two units in one.
const LETTERS: &[&str] = &[
    "a", "b", "k", "s", "A", "K", "S", "0", "1", "7", "_", "-", "/", ".", " ", "\n", "\r", "\u{a0}",
    "\u{2028}", "\u{feff}", "é", "É", "ß", "ſ", "K", "σ", "ς", "Σ", "ı", "İ", "ÿ", "Ÿ", "가", "방", "😀",
    "😁", "\u{1}", "\u{8}", "{", "}", "]", ",",
];
/// Parts that are more than a letter.
const ATOMS: &[&str] = &[
    ".",
    "\\d",
    "\\D",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\b",
    "\\B",
    "^",
    "$",
    "\\/",
    "\\.",
    "\\n",
    "\\t",
    "\\v",
    "\\f",
    "\\r",
    "\\0",
    "\\x61",
    "\\x6",
    "\\u0061",
    "\\u006",
    "\\uD83D",
    "\\uDE00",
    "\\u{2}",
    "\\cA",
    "\\cj",
    "\\c",
    "\\c1",
    "\\101",
    "\\08",
    "\\8",
    "\\-",
    "\\p",
    "\\k",
    "\\a",
    "[^]",
    "[]",
    "[a-k]",
    "[^a-k]",
    "[A-z0]",
    "[\\d-x]",
    "[a-]",
    "[-a]",
    "[^/]",
    "[\\w\\s]",
    "[\\b]",
    "[\\B]",
    "[😀]",
    "[^😀]",
    "[가-힣]",
    "[é]",
    "[^σ]",
    "[\\cA]",
    "[\\c1]",
    "[\\c]",
    "[\\1]",
    "[\\]]",
    "[[]",
    "(?:)",
    "()",
    "(?=a)",
    "(?<!a)",
    "\\1",
    "\\2",
    "\\k<n>",
    "{",
    "{1",
    "{,2}",
    "}",
    "]",
    "x{2",
    "(?i:a)",
    "\\",
];
const COUNTS: &[&str] = &[
    "*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1,}", "{0,2}", "{1,2}?", "{,1}", "{2,1}", "**",
    "{1}{1}", "{01}",
];

fn pick<'a>(rng: &mut Rng, list: &[&'a str]) -> &'a str {
    list[rng.below(list.len() as u64) as usize]
}

fn text(rng: &mut Rng, most: u64) -> String {
    (0..rng.below(most + 1)).map(|_| pick(rng, LETTERS)).collect()
}

/// A pattern and, where luck has it, a text that it matches.
fn pattern(rng: &mut Rng, depth: u32) -> (String, String) {
    let (mut source, mut sample) = (String::new(), String::new());
    for choice in 0..1 + u64::from(rng.below(4) == 0) {
        if choice > 0 {
            source.push('|');
        }
        for _ in 0..rng.below(4) + choice {
            let (part, one) = match rng.below(10) {
                0..=4 => {
                    let letters = text(rng, 2);
                    (letters.replace('.', "\\."), letters)
                }
                5..=7 => {
                    let atom = pick(rng, ATOMS);
                    (atom.into(), text(rng, 1))
                }
                _ if depth > 0 => {
                    let (inner, one) = pattern(rng, depth - 1);
                    let open = ["(", "(?:", "(?<n>", "(?<m>"][rng.below(4) as usize];
                    (format!("{open}{inner})"), one)
                }
                _ => ("a".into(), "a".into()),
            };
            source.push_str(&part);
            if rng.below(4) == 0 {
                source.push_str(pick(rng, COUNTS));
            }
            sample.push_str(&one);
        }
    }
    (source, sample)
}

/// The pattern with a slip of the finger, as people and attackers make them.
fn slip(rng: &mut Rng, source: &str) -> String {
    let mut letters: Vec<char> = source.chars().collect();
    if !letters.is_empty() && rng.below(6) == 0 {
        let at = rng.below(letters.len() as u64) as usize;
        let signs: Vec<char> = "()[]{}|\\^$*+?-:<,0".chars().collect();
        match rng.below(3) {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, signs[rng.below(signs.len() as u64) as usize]),
            _ => letters[at] = signs[rng.below(signs.len() as u64) as usize],
        }
    }
    letters.into_iter().collect()
}

/// What Node answers to each question.
fn node(questions: &[(String, bool, Vec<String>)]) -> Vec<String> {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("regexp.jsonl");
    let lines: Vec<String> = questions
        .iter()
        .map(|(pattern, insensitive, texts)| {
            json!({ "pattern": pattern, "flags": if *insensitive { "i" } else { "" }, "texts": texts })
                .to_string()
        })
        .collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regexp.mjs");
    let said = Command::new("node")
        .arg(script)
        .arg(&file)
        .output()
        .expect("these tests need `node` (see `cargo xtask setup`)");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim_end().split('\n').map(String::from).collect()
}

fn bits(pattern: &Pattern, texts: &[String]) -> String {
    texts.iter().map(|text| if pattern.is_match(text) { '1' } else { '0' }).collect()
}

fn round(pattern: &Pattern) -> Pattern {
    let mut bytes = Vec::new();
    pattern.pack(&mut bytes);
    let mut input = Input::new(&bytes);
    let back = Pattern::unpack(&mut input);
    assert!(!input.is_broken() && input.is_done(), "{pattern:?}");
    assert_eq!(&back, pattern);
    back
}

#[test]
fn patterns_mean_what_they_mean_in_javascript() {
    let mut rng = Rng::new(2026, 1);
    let mut questions = Vec::new();
    for _ in 0..PATTERNS {
        let (source, sample) = pattern(&mut rng, 2);
        let source = slip(&mut rng, &source);
        let mut texts = vec![String::new(), sample.clone(), sample.to_lowercase(), sample.to_uppercase()];
        texts.push(format!("{}{sample}", text(&mut rng, 2)));
        texts.push(format!("{sample}{}", text(&mut rng, 2)));
        while texts.len() < TEXTS {
            let most = 1 + rng.below(6);
            texts.push(text(&mut rng, most));
        }
        questions.push((source, rng.below(3) == 0, texts));
    }
    let answers = node(&questions);
    assert_eq!(answers.len(), PATTERNS);
    let (mut compiled, mut refused, mut beyond, mut ones) = (0, 0, 0, 0);
    for ((source, insensitive, texts), answer) in questions.iter().zip(&answers) {
        let case = if *insensitive { Case::Insensitive } else { Case::Sensitive };
        match compile(source, case) {
            Ok(pattern) => {
                assert_eq!(&bits(&round(&pattern), texts), answer, "/{source}/ {insensitive} on {texts:?}");
                compiled += 1;
                ones += answer.matches('1').count();
            }
            Err(refusal) => {
                assert!(source.is_char_boundary(refusal.at), "{source:?} {refusal:?}");
                match refusal.fault {
                    // JavaScript may still find a mistake behind it.
                    Fault::LookAround | Fault::BackReference => beyond += 1,
                    _ => {
                        assert_eq!(answer, "!", "/{source}/ {refusal:?}");
                        refused += 1;
                    }
                }
            }
        }
    }
    eprintln!(
        "{compiled} patterns compiled, {ones} matches; {refused} refused as browsers do, {beyond} beyond a table"
    );
    assert!(compiled > 14_000 && ones > 50_000 && refused > 1_000 && beyond > 500);
}

#[test]
fn what_marketers_write_takes_the_plainest_form() {
    for (source, want) in [
        ("^/p/", Pattern::Starts("/p/".into())),
        ("^\\/p\\/.*", Pattern::Starts("/p/".into())),
        ("-sale$", Pattern::Ends("-sale".into())),
        (".*utm_source=.*", Pattern::Has("utm_source=".into())),
        ("^/cart$", Pattern::Is("/cart".into())),
        ("^(?:/cart)$", Pattern::Is("/cart".into())),
        ("가방", Pattern::Has("가방".into())),
        ("", Pattern::Has("".into())),
        ("^$", Pattern::Is("".into())),
    ] {
        assert_eq!(compile(source, Case::Sensitive), Ok(want), "{source}");
    }
    assert!(matches!(
        compile("^/P/", Case::Insensitive),
        Ok(Pattern::Automaton(Automaton { folded: true, .. }))
    ));
}

#[test]
fn a_refusal_names_the_part_by_its_place() {
    for (source, at, fault) in [
        ("^/p/(?!sale)", 4, Fault::LookAround),
        ("가(?<=나)", 3, Fault::LookAround),
        ("(a)\\1", 3, Fault::BackReference),
        ("(?<n>a)\\k<n>", 7, Fault::BackReference),
        ("a(b", 1, Fault::OpenGroup),
        ("a)b", 1, Fault::StrayBracket),
        ("x[a-", 1, Fault::OpenClass),
        ("[z-a]", 1, Fault::RangeReversed),
        ("a|*", 2, Fault::NothingToRepeat),
        ("^{2}", 1, Fault::NothingToRepeat),
        ("a{3,2}", 0, Fault::CountsReversed),
        ("ab\\", 2, Fault::LoneBackslash),
        ("(?<1>a)", 3, Fault::BadGroupName),
        ("(?<n>a)(?<n>b)", 10, Fault::SameGroupName),
        ("(?i:a)", 0, Fault::UnknownGroup),
        ("^(a|b)*a(a|b){20}$", 0, Fault::TooLarge),
        ("((a{100}){100}){100}", 0, Fault::TooLarge),
        ("[^]{100000}", 0, Fault::TooLarge),
    ] {
        let refusal = compile(source, Case::Sensitive).unwrap_err();
        assert_eq!((refusal.at, refusal.fault), (at, fault), "{source}");
    }
    assert_eq!(compile(&"(".repeat(1_000), Case::Sensitive).unwrap_err().fault, Fault::TooDeep);
    assert_eq!(compile(&"a".repeat(5_000), Case::Sensitive).unwrap_err().fault, Fault::TooLong);
    let many: String = ('가'..).step_by(3).take(300).flat_map(|letter| ['|', letter]).skip(1).collect();
    assert_eq!(compile(&many, Case::Sensitive).unwrap_err().fault, Fault::TooVaried);
}

#[test]
fn a_hostile_pattern_costs_one_step_a_letter() {
    for source in
        ["(a+)+$", "^(a|a)*$", "^(.*)*x$", "^(([a-z])+.)+[A-Z]([a-z])+$", "^(a*)*b", "a{1,50}a{1,50}$"]
    {
        let Ok(Pattern::Automaton(table)) = compile(source, Case::Sensitive) else { panic!("{source}") };
        let mut counts = Vec::new();
        for length in [10_000, 1_000_000] {
            let mut at = (START, 0);
            let mut steps = 0usize;
            for unit in "a".repeat(length).encode_utf16().chain([u16::from(b'!')]) {
                if matches!(at.0, NO | YES) {
                    break;
                }
                at = table.step(at, unit);
                steps += 1;
            }
            counts.push(steps);
            assert!(steps <= length + 1, "{source}");
        }
        // A hundredfold text is a hundredfold work, and a step looks at no more than the table.
        assert!(counts[1] <= counts[0] * 101 && table.table.len() < 1_000, "{source} {counts:?}");
    }
}

#[test]
fn path_patterns_mean_what_their_table_says() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("/", &["/"], &["/a", ""]),
        ("/cart", &["/cart"], &["/cart/1", "/carts"]),
        ("/cart/", &["/cart"], &["/cart/"]),
        ("/list/*", &["/list/a", "/list/가방"], &["/list", "/list/a/b", "/lists/a", "/list/"]),
        ("/list/**", &["/list", "/list/a", "/list/a/b"], &["/lists", "/lis"]),
        ("/**", &["/", "/a", "/a/b"], &[""]),
        ("/**/shoes", &["/shoes", "/a/shoes", "/a/b/shoes"], &["/ashoes", "/shoes/a", "/"]),
        ("/a/**/b", &["/a/b", "/a/x/b", "/a/x/y/b"], &["/ab", "/a", "/a/xb"]),
        ("/*/shoes-*", &["/w/shoes-red", "/w/shoes-"], &["/shoes-red", "/w/shoes-red/x", "/w/shoes"]),
        ("/*.html", &["/a.html", "/.html"], &["/ahtml", "/a.html/b", "/a/b.html"]),
        ("/p/{id}", &["/p/1", "/p/10154-lumo", "/p/a1", "/p/SKU_9"], &["/p/lumo", "/p/", "/p/1/2", "/p/1.2"]),
        ("/p-{id}/x", &["/p-12/x"], &["/p-/x", "/p-ab/x"]),
        ("/(women|men)/*", &["/women/a", "/men/a"], &["/kids/a", "/women"]),
        ("/{women,men}/s{hoe,ock}s", &["/women/shoes", "/men/socks"], &["/men/shoe", "/womenmen/socks"]),
        ("/({id}|new)/x*", &["/7/x", "/new/xy"], &["/old/x"]),
        ("/(a|)b", &["/ab", "/b"], &["/aab"]),
        ("/신발/*", &["/신발/1"], &["/신발"]),
        ("/%EC%8B%A0%EB%B0%9C/*", &["/신발/1"], &["/신발"]),
        ("/a%2Ab", &["/a*b"], &["/axb"]),
        ("/a.b+c", &["/a.b+c"], &["/axb+c", "/a.bbc"]),
    ];
    for (source, yes, no) in cases {
        let pattern = round(&glob(source).unwrap());
        for path in *yes {
            assert!(pattern.is_match(path), "{source} {path}");
        }
        for path in *no {
            assert!(!pattern.is_match(path), "{source} {path}");
        }
    }
    assert_eq!(glob("/cart"), Ok(Pattern::Is("/cart".into())));
    assert_eq!(glob("/**"), Ok(Pattern::Starts("/".into())));
}

#[test]
fn a_path_pattern_that_no_page_can_have_is_refused_where_it_is_wrong() {
    for (source, at, fault) in [
        ("cart", 0, Fault::NoSlash),
        ("/a?b", 2, Fault::NoPath),
        ("/list/a**", 7, Fault::StarsInPart),
        ("/list/***", 6, Fault::StarsInPart),
        ("/p/{sku}", 3, Fault::UnknownPlaceholder),
        ("/가/(a|b", 5, Fault::OpenGroup),
        ("/(a/b|c)", 1, Fault::OpenGroup),
        ("/a)", 2, Fault::StrayBracket),
        ("/(a|(b|c))", 4, Fault::NotWithinPart),
    ] {
        let refusal = glob(source).unwrap_err();
        assert_eq!((refusal.at, refusal.fault), (at, fault), "{source}");
    }
}
