//! Behavioural clusters: a few groups of moments that lie near each other in
//! the engine's own features. Never names a group, and never draws a number
//! that another run would draw otherwise: the seed is fixed.

use vitrine_engine::intent::{CLUSTER_LIMIT, COUNTS, FEATURES, Line};
use vitrine_engine::rng::Rng;

use crate::logistic::{Row, Spread};

/// Moments that the groups are made from: enough for any few of them.
const SAMPLE: usize = 8_000;
/// The most groups: more could not be told apart by a person who gives each a
/// message.
const MOST: usize = 6;
/// Ways to begin, of which the tightest is kept.
const STARTS: u64 = 6;
/// Rounds of moving the centres; they stand still long before.
const ROUNDS: usize = 60;
/// The least share of the moments in one group: a smaller one is an accident.
const LEAST_SHARE: f64 = 0.02;

const _: () = assert!(MOST <= CLUSTER_LIMIT);

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its line in the model: the group whose line is highest is the nearest.
    pub line: Line,
    /// Its share of the moments, 0..=1.
    pub share: f64,
    /// The share of its moments that led to a purchase within the horizon.
    pub bought: f64,
    /// The features' means, without the constant, as counts: visits, page
    /// views of the visit, product views, cart lines, purchases, searches.
    pub means: Vec<f64>,
}

/// Groups of moments, who buys most often first; none where the moments fall
/// into no groups.
pub(crate) fn find(rows: &[Row]) -> Vec<Cluster> {
    let spread = Spread::of(rows);
    // Evenly over time, so that no season speaks for all.
    let stride = rows.len().div_ceil(SAMPLE).max(1);
    let points: Vec<(Line, f64)> =
        rows.iter().step_by(stride).map(|row| (place(&spread, row), row.weight)).collect();
    let mut best: Option<(f64, Vec<Line>)> = None;
    for count in 2..=MOST {
        let mut tightest: Option<(f64, Vec<Line>)> = None;
        for start in 0..STARTS {
            let (loss, centres) = settle(&points, begin(&points, count, start));
            if tightest.as_ref().is_none_or(|(known, _)| loss < *known) {
                tightest = Some((loss, centres));
            }
        }
        let Some((loss, centres)) = tightest else { continue };
        let score = contrast(&points, loss, centres.len());
        let is_whole = shares(&points, &centres).iter().all(|share| *share >= LEAST_SHARE);
        if is_whole && centres.len() == count && best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, centres));
        }
    }
    let Some((_, centres)) = best else { return Vec::new() };
    let mut clusters: Vec<Cluster> =
        centres.iter().map(|centre| describe(rows, &spread, &centres, centre)).collect();
    clusters.sort_by(|a, b| b.bought.total_cmp(&a.bought).then(b.share.total_cmp(&a.share)));
    clusters
}

/// Where a moment lies: by the counts alone, not by their squares.
fn place(spread: &Spread, row: &Row) -> Line {
    let mut place = spread.seen(&row.x);
    place.iter_mut().skip(1 + COUNTS).for_each(|square| *square = 0.0);
    place
}

/// Centres to begin with: each far from those before it (k-means++).
fn begin(points: &[(Line, f64)], count: usize, start: u64) -> Vec<Line> {
    let mut rng = Rng::new(start, count as u64);
    let mut centres: Vec<Line> = Vec::new();
    let mut distances = vec![1.0; points.len()];
    while centres.len() < count {
        let total: f64 = points.iter().zip(&distances).map(|((_, weight), far)| weight * far).sum();
        let mut left = rng.unit() * total;
        let drawn = points.iter().zip(&distances).find(|((_, weight), far)| {
            left -= weight * **far;
            left < 0.0
        });
        let Some(((centre, _), _)) = drawn.or_else(|| points.last().zip(distances.last())) else { break };
        centres.push(*centre);
        let is_first = centres.len() == 1;
        for ((point, _), known) in points.iter().zip(&mut distances) {
            let far = distance(point, centre);
            *known = if is_first { far } else { known.min(far) };
        }
    }
    centres
}

/// Moves each centre into the middle of what is nearest to it, until none
/// moves; the weighted sum of squared distances, and the centres.
fn settle(points: &[(Line, f64)], mut centres: Vec<Line>) -> (f64, Vec<Line>) {
    let mut loss = f64::MAX;
    for _ in 0..ROUNDS {
        let mut sums = vec![([0.0; FEATURES], 0.0); centres.len()];
        let mut now = 0.0;
        for (point, weight) in points {
            let at = nearest(point, &centres);
            now += weight * centres.get(at).map_or(0.0, |centre| distance(point, centre));
            if let Some((sum, all)) = sums.get_mut(at) {
                *all += weight;
                sum.iter_mut().zip(point).for_each(|(sum, x)| *sum += weight * x);
            }
        }
        for (centre, (sum, all)) in centres.iter_mut().zip(&sums) {
            if *all > 0.0 {
                *centre = sum.map(|sum| sum / all);
            }
        }
        if now >= loss {
            break;
        }
        loss = now;
    }
    (loss, centres)
}

/// How far the groups lie apart beside how wide they are (Caliński and
/// Harabasz): higher is better, and more groups have to pay for themselves.
fn contrast(points: &[(Line, f64)], within: f64, count: usize) -> f64 {
    let all: f64 = points.iter().map(|(_, weight)| weight).sum();
    // In their spread, the moments lie around 0.
    let total: f64 =
        points.iter().map(|(point, weight)| weight * distance(point, &[0.0; FEATURES])).sum::<f64>() - all;
    let groups = count as f64;
    ((total - within) / (groups - 1.0)) / (within.max(f64::MIN_POSITIVE) / (points.len() as f64 - groups))
}

fn shares(points: &[(Line, f64)], centres: &[Line]) -> Vec<f64> {
    let mut shares = vec![0.0; centres.len()];
    let all: f64 = points.iter().map(|(_, weight)| weight).sum();
    for (point, weight) in points {
        if let Some(share) = shares.get_mut(nearest(point, centres)) {
            *share += weight / all;
        }
    }
    shares
}

fn nearest(point: &Line, centres: &[Line]) -> usize {
    let far = |centre: &Line| distance(point, centre);
    (0..centres.len()).zip(centres).min_by(|(_, a), (_, b)| far(a).total_cmp(&far(b))).map_or(0, |(at, _)| at)
}

fn distance(a: &Line, b: &Line) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn describe(rows: &[Row], spread: &Spread, centres: &[Line], centre: &Line) -> Cluster {
    // |x - c|² is least where c·x - |c|²/2 is highest.
    let mut over = *centre;
    let half = centre.iter().skip(1).map(|c| c * c).sum::<f64>() / 2.0;
    over[0] = -half;
    let line = spread.line(&over);
    let (mut all, mut own, mut bought) = (0.0, 0.0, 0.0);
    let mut means = vec![0.0; COUNTS];
    for row in rows {
        all += row.weight;
        let seen = place(spread, row);
        let is_own = centres.get(nearest(&seen, centres)).is_some_and(|known| known == centre);
        if is_own {
            own += row.weight;
            bought += row.weight * f64::from(u8::from(row.bought));
            let counts = row.x.iter().skip(1).take(COUNTS).map(|log| libm::exp(*log) - 1.0);
            means.iter_mut().zip(counts).for_each(|(mean, count)| *mean += row.weight * count);
        }
    }
    means.iter_mut().for_each(|mean| *mean /= own.max(f64::MIN_POSITIVE));
    Cluster { line, share: own / all, bought: bought / own.max(f64::MIN_POSITIVE), means }
}
