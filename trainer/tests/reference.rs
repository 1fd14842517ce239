//! The figures on a real shop's sessions. Passes over, saying so, where the
//! reference folder is absent: its data are not part of the project.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use vitrine_engine::recommend::{Index, Model};
use vitrine_trainer::catalog::Catalog;
use vitrine_trainer::evaluate::by_file;
use vitrine_trainer::library::Library;
use vitrine_trainer::{Wish, train};

#[test]
fn on_a_real_shops_sessions_the_lists_hit_as_often_as_promised() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");
    let folder = std::env::var("VITRINE_REFERENCE").unwrap_or_else(|_| beside.into());
    let folder = PathBuf::from(folder).join("data/sessions/bol_last2d");
    let Ok(log) = File::open(folder.join("train.txt")) else {
        eprintln!("passed over: {} is absent; VITRINE_REFERENCE can name it", folder.display());
        return;
    };
    let wish = Wish { support: 1, ..Wish::default() };
    let trained = train(&mut BufReader::new(log), &Catalog::default(), wish, &mut |_| ()).unwrap();
    assert_eq!((trained.items, trained.sessions, trained.clicks), (17_676, 22_207, 106_135));
    assert!(trained.bytes.len() <= 140_000, "{} bytes: it was 126,957", trained.bytes.len());

    let model = Model::open(&trained.bytes).unwrap();
    let index = Index::new(&model);
    let library = Library::Whole(Box::new((model, index)));
    let mut rows = BufReader::new(File::open(folder.join("test.txt")).unwrap());
    let (figures, intervals) = by_file(&library, &mut rows).unwrap();
    assert_eq!((figures.rows, figures.novel_rows), (5091, 3268));
    // A little below what was measured: .7278 / .3922 and .5979 / .2781.
    assert!(figures.hr20 >= 0.720 && figures.mrr20 >= 0.387, "{figures:?}");
    assert!(figures.novel_hr20 >= 0.590 && figures.novel_mrr20 >= 0.273, "{figures:?}");
    assert!(intervals.novel_hr20.low > 0.533, "{intervals:?}");
}
