//! Files in the form of the Open Bandit Dataset: its own figures, and hostile
//! ones. Never needs the data to pass: where it is absent, it says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use vitrine_learn::csv::Trouble;
use vitrine_learn::logged::{Policy, read};
use vitrine_learn::offpolicy::{Estimator, judge};

#[test]
fn the_open_bandit_dataset_has_its_known_values() {
    let shared = std::env::var("VITRINE_REFERENCE").unwrap_or_else(|_| "../../shared".into());
    let folder = PathBuf::from(shared).join("data/open-bandit");
    let open = |name: &str| File::open(folder.join(name)).map(BufReader::new);
    let (Ok(policy), Ok(log)) = (open("bts_policy_men.csv"), open("random/men.csv")) else {
        println!("{} is absent; the dataset's values are not checked", folder.display());
        return;
    };
    let mut policy = Policy::read(policy).unwrap();
    let log = read(log, &mut policy).unwrap();
    let judged = judge(&policy, &log, &Estimator::ALL, 0).unwrap();
    let [ipw, snipw, dm, dr, sndr] = judged.values[..] else { panic!("five values") };
    assert!((ipw.value - 0.004_533_56).abs() < 1e-12, "{ipw:?}");
    assert!((snipw.value - 0.004_604_232_164_349_637).abs() < 1e-12, "{snipw:?}");
    assert!((judged.sample - 2_467.4).abs() < 0.05 && (judged.max_weight - 10.69).abs() < 0.005);
    assert_eq!(judged.rows, 10_000);
    // In the policy's own log of the same days 0.69 % were clicked.
    for value in [ipw, snipw, dm, dr, sndr] {
        assert!(value.low < value.value && value.value < value.high, "{value:?}");
        assert!((0.002..0.009).contains(&value.value), "{value:?}");
    }
}

#[test]
fn a_bad_file_is_refused_in_a_sentence_with_its_line() {
    let good = "item_id,position,probability\na,1,1\n";
    let sentence = |trouble| match trouble {
        Trouble::Bad(sentence) => sentence,
        Trouble::Io(e) => panic!("{e}"),
    };
    for (policy, wanted) in [
        ("", "it is empty"),
        ("item_id,position\n", "line 1: there is no column `probability`"),
        ("item_id,position,probability\n", "it names no choice"),
        (
            "item_id,position,probability\na,1,one\n",
            "line 2: `one` in the column `probability` is not a number",
        ),
        ("item_id,position,probability\na,1,NaN\n", "is not a number"),
        ("item_id,position,probability\na,1,-0.1\n", "it lies between 0 and 1"),
        ("item_id,position,probability\na,1,0.5\nb,1,0.4\n", "position `1` sum up to 0.9;"),
        ("item_id,position,probability\na,1,0.5\na,1,0.5\n", "line 3: item `a` at position `1` stands twice"),
        ("item_id,position,probability\na,1\n", "line 2: it has fewer fields"),
    ] {
        let found = sentence(Policy::read(policy.as_bytes()).unwrap_err());
        assert!(found.contains(wanted), "{found}");
    }
    let head = "item_id,position,click,propensity_score\n";
    for (log, wanted) in [
        (String::new(), "it is empty"),
        (head.into(), "it has no rows"),
        ("item_id,position,click\na,1,0\n".into(), "there is no column `propensity_score`"),
        ("item_id,position,propensity_score\na,1,0.5\n".into(), "neither a column `click` nor one `reward`"),
        (format!("{head}a,1,0,0\n"), "line 2: `propensity_score` is 0;"),
        (format!("{head}a,1,0,1.5\n"), "`propensity_score` is 1.5;"),
        (format!("{head}a,1,0,inf\n"), "`inf` in the column `propensity_score` is not a number"),
        (format!("{head}a,1,2,0.5\n"), "`click` is 2; it is 0 or 1"),
        (format!("{head}a,9,0,0.5\n"), "the policy says nothing of position `9`"),
        (format!("{head}\"a,1,0,0.5\n"), "line 2: a quotation mark is not closed"),
    ] {
        let mut policy = Policy::read(good.as_bytes()).unwrap();
        let found = sentence(read(log.as_bytes(), &mut policy).unwrap_err());
        assert!(found.contains(wanted), "{found}");
    }
    let mut policy = Policy::read(good.as_bytes()).unwrap();
    let found =
        sentence(read([head.as_bytes(), b"\xff,1,0,0.5\n"].concat().as_slice(), &mut policy).unwrap_err());
    assert!(found.contains("line 2: it is not UTF-8"), "{found}");
}
