//! A line whose promises of a purchase are kept: logistic regression and its
//! calibration. Never knows what the features mean.

use vitrine_engine::intent::{FEATURES, Line};

/// The share of the moments given, the latest ones, on which promises are
/// brought to what came of them.
const CALIBRATION: f64 = 0.25;
/// Pulls the weights of features in their own spread towards 0, in moments: a
/// feature that never occurs keeps 0.
const RIDGE: f64 = 1.0;
/// Newton's steps; five or six suffice.
const STEPS: usize = 40;

/// One moment, ready to fit: features, the outcome, a weight.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub at: u64,
    pub x: Line,
    pub bought: bool,
    pub weight: f64,
}

/// The earlier rows, and a share of the latest.
pub(crate) fn split(rows: &[Row], share: f64) -> (&[Row], &[Row]) {
    rows.split_at((rows.len() as f64 * (1.0 - share)) as usize)
}

/// A line whose promises are kept: fitted on the earlier moments, then moved
/// and stretched so that it fits the later ones (Platt's method, on log-odds).
/// What a model promises of its own moments is too sure, most of all after few.
pub(crate) fn calibrated(rows: &[Row]) -> Line {
    let (early, late) = split(rows, CALIBRATION);
    let line = fit(early);
    let odds: Vec<Row> = late
        .iter()
        .map(|row| {
            let mut x = [0.0; FEATURES];
            let heads = [1.0, value(&line, &row.x)];
            x.iter_mut().zip(heads).for_each(|(to, head)| *to = head);
            Row { x, ..row.clone() }
        })
        .collect();
    let [move_by, stretch, ..] = newton(&odds);
    let mut kept = line.map(|weight| weight * stretch);
    kept[0] += move_by;
    kept
}

/// The line of most likelihood, fitted in the features' own spread, so that
/// the ridge pulls all of them alike.
fn fit(rows: &[Row]) -> Line {
    let spread = Spread::of(rows);
    let rows: Vec<Row> = rows.iter().map(|row| Row { x: spread.seen(&row.x), ..row.clone() }).collect();
    spread.line(&newton(&rows))
}

/// How features lie: their mean and standard deviation.
#[derive(Debug, Clone)]
pub(crate) struct Spread {
    mean: Line,
    deviation: Line,
}

impl Spread {
    /// Of weighted rows.
    pub fn of(rows: &[Row]) -> Spread {
        let all: f64 = rows.iter().map(|row| row.weight).sum();
        let mut spread = Spread { mean: [0.0; FEATURES], deviation: [0.0; FEATURES] };
        for row in rows {
            for (mean, x) in spread.mean.iter_mut().zip(row.x) {
                *mean += row.weight * x / all;
            }
        }
        for row in rows {
            for ((deviation, mean), x) in spread.deviation.iter_mut().zip(spread.mean).zip(row.x) {
                *deviation += row.weight * (x - mean) * (x - mean) / all;
            }
        }
        // The constant has no spread, and stays as it is.
        spread.deviation = spread.deviation.map(libm::sqrt);
        spread.mean[0] = 0.0;
        spread.deviation[0] = 1.0;
        spread
    }

    /// Features as they stand in their spread; one that never varies says nothing.
    pub fn seen(&self, x: &Line) -> Line {
        let mut seen = *x;
        for ((x, mean), deviation) in seen.iter_mut().zip(self.mean).zip(self.deviation) {
            *x = if deviation > 0.0 { (*x - mean) / deviation } else { 0.0 };
        }
        seen
    }

    /// A line over the spread as a line over the features themselves.
    pub fn line(&self, over: &Line) -> Line {
        let mut line = [0.0; FEATURES];
        let mut bias = 0.0;
        for (((to, weight), mean), deviation) in line.iter_mut().zip(over).zip(self.mean).zip(self.deviation)
        {
            if deviation > 0.0 {
                *to = weight / deviation;
                bias -= *to * mean;
            }
        }
        line[0] += bias;
        line
    }
}

/// The weights of most likelihood, by Newton's method.
fn newton(rows: &[Row]) -> Line {
    /// A step below this moves no propensity in its sixth digit.
    const STILL: f64 = 1e-9;
    let mut solution = [0.0; FEATURES];
    for _ in 0..STEPS {
        let mut slope = [0.0; FEATURES];
        let mut bend = [[0.0; FEATURES]; FEATURES];
        for row in rows {
            let p = probability(&solution, &row.x);
            let miss = row.weight * (f64::from(u8::from(row.bought)) - p);
            let spread = row.weight * p * (1.0 - p);
            for ((slope, bend), x) in slope.iter_mut().zip(&mut bend).zip(row.x) {
                *slope += miss * x;
                bend.iter_mut().zip(row.x).for_each(|(bend, other)| *bend += spread * x * other);
            }
        }
        for (at, ((slope, bend), value)) in slope.iter_mut().zip(&mut bend).zip(solution).enumerate() {
            // The bias is not pulled: it is the rate itself.
            let pull = if at == 0 { 1e-9 } else { RIDGE };
            *slope -= pull * value;
            if let Some(own) = bend.get_mut(at) {
                *own += pull;
            }
        }
        let step = solve(bend, slope);
        solution.iter_mut().zip(step).for_each(|(value, step)| *value += step);
        if step.iter().all(|step| step.abs() < STILL) {
            break;
        }
    }
    solution
}

/// Solves a symmetric, positive system by Gauss's elimination, the largest
/// pivot first.
fn solve(matrix: [[f64; FEATURES]; FEATURES], right: [f64; FEATURES]) -> [f64; FEATURES] {
    let mut rows: Vec<Vec<f64>> =
        matrix.iter().zip(right).map(|(row, right)| row.iter().copied().chain([right]).collect()).collect();
    let at = |row: &[f64], column: usize| row.get(column).copied().unwrap_or_default();
    for column in 0..FEATURES {
        let pivot = (column..FEATURES).max_by(|a, b| {
            let size = |row: &usize| rows.get(*row).map_or(0.0, |row| at(row, column).abs());
            size(a).total_cmp(&size(b))
        });
        rows.swap(column, pivot.unwrap_or(column));
        let Some(top) = rows.get(column).cloned() else { break };
        for row in rows.iter_mut().skip(column + 1) {
            let share = at(row, column) / at(&top, column);
            row.iter_mut().zip(&top).for_each(|(value, top)| *value -= share * top);
        }
    }
    let mut solution = [0.0; FEATURES];
    for (column, row) in rows.iter().enumerate().rev() {
        let known: f64 = row.iter().zip(solution).skip(column + 1).map(|(a, b)| a * b).sum();
        let value = (at(row, FEATURES) - known) / at(row, column);
        if let Some(to) = solution.get_mut(column) {
            *to = if value.is_finite() { value } else { 0.0 };
        }
    }
    solution
}

fn value(line: &Line, x: &Line) -> f64 {
    line.iter().zip(x).map(|(a, b)| a * b).sum()
}

pub(crate) fn probability(line: &Line, x: &Line) -> f64 {
    1.0 / (1.0 + libm::exp(-value(line, x)))
}
