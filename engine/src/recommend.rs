//! What to offer next: a trained model, and its order for one visitor. Never
//! ships another visitor's session, never touches a float, and never trusts a
//! model's bytes.

pub mod directory;
pub mod hours;
mod index;
mod model;
mod past;
mod picks;
mod rank;
mod shelves;
mod weigh;
mod wish;

pub use index::{Index, pack_places};
pub use model::{
    Card, DECAY_ONE, HISTORY, HOP_MAX, HOP_SHIFT, HOPS, ITEM_LIMIT, MODEL_BYTES, Model, POPULAR_LIMIT,
    REPEAT_MAX, Stock, wanted as wanted_level,
};
pub use past::Past;
pub(crate) use past::tell;
pub use picks::{Moved, Pick, Source, picks, wanted};
pub use rank::{Lists, rank};
pub use wish::{COUNT_LIMIT, Exclude, FACTOR_MAX, FACTOR_ONE, NAMED_LIMIT, Otherwise, Ranking, Trait, Wish};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::pack_ids;
    use crate::intent::{CLUSTER_LIMIT, FEATURES, Intent};
    use crate::lists::{Follower, Writer};
    use crate::rng::Rng;
    use crate::seal::Broken;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Followers by place: `(scale, [(item, weight)])` for each of the ids.
    fn model(ids: &[&str], lists: &[(u8, &[(u32, u8)])]) -> Model {
        let mut writer = Writer::default();
        for (scale, list) in lists {
            let followers: Vec<Follower> =
                list.iter().map(|(item, weight)| Follower { item: *item, weight: *weight }).collect();
            writer.list(*scale, &followers);
        }
        Model {
            items: ids.len() as u32,
            ids: pack_ids(ids),
            lists: writer.finish(),
            decay: vec![256, 128],
            repeat: vec![0, 1 << 20],
            popular: vec![2, 0],
            ..Model::default()
        }
    }

    fn shoes() -> Model {
        // belt, boot, polish, shoe, sock
        model(
            &["belt", "boot", "polish", "shoe", "sock"],
            &[(0, &[]), (4, &[(2, 5), (3, 15)]), (0, &[]), (4, &[(0, 6), (1, 15), (4, 10)]), (0, &[(3, 1)])],
        )
    }

    fn names(model: &Model, session: &[&str], exclude: &[&str], count: usize) -> Vec<String> {
        let index = Index::new(model);
        let best = rank((model, &index), session, exclude, count);
        best.into_iter().map(|item| index.id(item).unwrap()).collect()
    }

    fn card(item: u32, title: &str, category: &str) -> Card {
        Card { item, title: title.into(), link: "/p".into(), category: category.into(), ..Card::default() }
    }

    #[test]
    fn followers_of_the_last_item_come_first_and_popular_ones_fill_up() {
        let model = shoes();
        assert_eq!(names(&model, &["shoe"], &[], 9), ["boot", "sock", "belt", "polish"]);
        assert_eq!(names(&model, &["shoe"], &["boot", "polish"], 9), ["sock", "belt"]);
        assert_eq!(names(&model, &["unheard-of"], &[], 9), ["polish", "belt"]);
        assert_eq!(names(&model, &[], &[], 1), ["polish"]);
        assert_eq!(names(&Model::default(), &["shoe"], &[], 5), [""; 0]);
    }

    #[test]
    fn an_item_left_a_moment_ago_is_offered_again_unless_it_is_excluded() {
        let model = shoes();
        assert_eq!(names(&model, &["boot", "shoe"], &[], 2), ["boot", "sock"]);
        assert_eq!(names(&model, &["sock", "shoe"], &[], 1), ["sock"]);
        // The same item twice is one item, seen when it was seen last.
        assert_eq!(
            names(&model, &["shoe", "sock", "shoe"], &[], 9),
            names(&model, &["sock", "shoe"], &[], 9)
        );
        assert!(!names(&model, &["sock", "shoe"], &["sock", "shoe"], 9).contains(&"sock".into()));
    }

    #[test]
    fn every_id_is_found_and_no_other() {
        let ids: Vec<String> = (0..333u32).map(|n| alloc::format!("{:05}", n * 7)).collect();
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let model = model(&names, &vec![(0, [].as_slice()); 333]);
        let index = Index::new(&model);
        for (id, at) in ids.iter().zip(0..) {
            assert_eq!(index.find(id), Some(at));
            assert_eq!(index.id(at).as_ref(), Some(id));
        }
        for other in ["", "0", "00001", "99999", "000000"] {
            assert_eq!(index.find(other), None, "{other}");
        }
        assert_eq!(index.id(333), None);
    }

    #[test]
    fn a_model_is_opened_as_it_was_sealed_and_every_flipped_byte_is_refused() {
        let mut model = shoes();
        model.cards = vec![card(1, "Boot", "shoes")];
        let bytes = model.seal();
        assert_eq!(Model::open(&bytes), Ok(model));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(Model::open(&flipped).is_err(), "byte {at}");
            assert!(Model::open(&bytes[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(Model::open(&vec![0; MODEL_BYTES + 1]), Err(Broken::Foreign));
    }

    #[test]
    fn what_points_nowhere_or_leads_astray_is_refused() {
        let broken: [fn(&mut Model); 15] = [
            |model| model.items = 4,
            |model| model.items = 6,
            |model| model.items = u32::MAX,
            |model| model.ids = pack_ids(&["a", "b", "b", "c", "d"]),
            |model| model.lists.0.push(0),
            |model| model.lists.0.clear(),
            |model| model.together.0.push(0),
            |model| {
                model.intent = Some(Intent { lines: vec![[0.0; FEATURES]; CLUSTER_LIMIT + 2] });
            },
            |model| model.popular = vec![5],
            |model| model.decay = vec![257],
            |model| model.repeat = vec![1; HISTORY + 1],
            |model| model.cards = vec![card(5, "", "")],
            |model| model.cards = vec![card(2, "", ""), card(1, "", "")],
            |model| model.cards = vec![Card { link: "javascript:alert(1)".into(), ..Card::default() }],
            |model| {
                model.intent = Some(Intent { lines: vec![[f64::NAN; FEATURES]] });
            },
        ];
        for (at, spoil) in broken.iter().enumerate() {
            let mut model = shoes();
            spoil(&mut model);
            assert_eq!(Model::open(&model.seal()), Err(Broken::Content), "way {at}");
        }
    }

    #[test]
    fn forged_models_are_refused_or_rank_within_their_bounds() {
        let mut rng = Rng::new(7, 0);
        let mut opened = 0;
        for _ in 0..4000 {
            let mut model = shoes();
            for _ in 0..=rng.below(2) {
                let part = if rng.below(2) == 0 { &mut model.ids.0 } else { &mut model.lists.0 };
                let at = rng.below(part.len() as u64) as usize;
                part[at] ^= 1 << rng.below(8);
            }
            let Ok(model) = Model::open(&model.seal()) else { continue };
            opened += 1;
            let index = Index::new(&model);
            let best = rank((&model, &index), &["shoe", "boot", "sock"], &[], 50);
            assert!(best.iter().all(|item| *item < model.items));
            assert!((0..model.items).all(|item| index.id(item).is_some()));
        }
        assert!(opened > 100, "{opened} forgeries could be opened at all");
    }

    #[test]
    fn a_thousand_items_of_history_and_the_highest_scores_stay_within_bounds() {
        let mut model = shoes();
        model.repeat = vec![REPEAT_MAX; HISTORY];
        model.decay = vec![DECAY_ONE; HISTORY];
        let session: Vec<&str> = ["shoe", "boot", "sock", "belt", "polish"].repeat(200);
        assert_eq!(names(&model, &session, &[], 99).len(), 5);
    }
}
