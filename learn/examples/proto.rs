#![allow(clippy::all, clippy::indexing_slicing, missing_docs)]
use vitrine_engine::rng::Rng;
use vitrine_engine::bandit::Tally;
use vitrine_learn::best::{Beta, of_betas};
use vitrine_learn::binomial::{binomial, multinomial};
use std::collections::BTreeMap;

type Pol = Box<dyn Fn(&[Tally], u64, u64) -> Vec<f64> + Sync>; // counts, visitors so far, batch

fn uniform(k: usize) -> Vec<f64> { vec![1.0 / k as f64; k] }
fn leader(a: &[Tally]) -> usize {
    let mut b = 0; let mut best = -1.0;
    for (i, t) in a.iter().enumerate() { let r = if t.visitors>0 {t.converters as f64 / t.visitors as f64} else {1.0}; if r > best { best = r; b = i } }
    b
}
fn lead_w(a: &[Tally]) -> Vec<f64> { let r: Vec<f64> = a.iter().map(|t| if t.visitors>0 {t.converters as f64 / t.visitors as f64} else {1.0}).collect(); let m = r.iter().cloned().fold(-1.0, f64::max); let n = r.iter().filter(|x| **x == m).count() as f64; r.iter().map(|x| if *x == m {1.0/n} else {0.0}).collect() }
fn ec(h: u64) -> Pol { Box::new(move |a, t, _| if t < h / 5 { uniform(a.len()) } else { lead_w(a) }) }
fn eps(e: f64) -> Pol { Box::new(move |a, t, _| if t == 0 { uniform(a.len()) } else { let k = a.len() as f64; lead_w(a).into_iter().map(|x| x*(1.0-e) + e/k).collect() }) }
fn ts() -> Pol { Box::new(|a, t, _| if t == 0 { uniform(a.len()) } else { of_betas(&a.iter().map(|t| Beta{hits: 1.0 + t.converters as f64, misses: 1.0 + (t.visitors - t.converters) as f64}).collect::<Vec<_>>()) }) }

/// EB: mean and between variance (relative cv)
fn eb(a: &[Tally], cv0: f64, nu0: f64) -> (f64, f64) {
    let n: f64 = a.iter().map(|t| t.visitors as f64).sum();
    let c: f64 = a.iter().map(|t| t.converters as f64).sum();
    let m = (c + 0.5) / (n + 25.0);
    // grid over tau with normal marginal likelihood
    let grid = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7];
    let mut best = (0.0, 0.0); let mut sw = 0.0;
    let mut lls = vec![];
    for cv in grid {
        let (mut sw_, mut sm) = (0.0, 0.0);
        for t in a { if t.visitors == 0 { continue } let v = m*(1.0-m)/t.visitors as f64 + (cv*m)*(cv*m); sw_ += 1.0/v; sm += (t.converters as f64/t.visitors as f64)/v; }
        let mu = sm / sw_;
        let mut ll = -0.5 * sw_.ln();
        for t in a { if t.visitors == 0 { continue } let v = m*(1.0-m)/t.visitors as f64 + (cv*m)*(cv*m); let y = t.converters as f64/t.visitors as f64; ll -= 0.5*((y-mu)*(y-mu)/v + v.ln()); }
        let pr = -0.5*((cv/cv0).ln()/nu0).powi(2);
        lls.push((ll+pr, mu, cv));
    }
    let top = lls.iter().map(|x| x.0).fold(f64::NEG_INFINITY, f64::max);
    for (ll, mu, cv) in lls { let w = (ll-top).exp(); sw += w; best.0 += w*mu; best.1 += w*cv*cv; }
    let mu = (best.0/sw).max(m*0.3).min(0.95);
    (mu, mu * (best.1/sw).sqrt())
}
fn post(a: &[Tally], cv0: f64, nu0: f64) -> Vec<(f64,f64,f64)> { // mean, sd, noise var
    let (m, tau) = eb(a, cv0, nu0);
    let k = (m*(1.0-m)/(tau*tau) - 1.0).max(2.0);
    a.iter().map(|t| { let h = m*k + t.converters as f64; let s = (1.0-m)*k + (t.visitors-t.converters) as f64; let b = Beta{hits:h, misses:s}; (b.mean(), b.spread(), b.mean()*(1.0-b.mean())) }).collect()
}
fn sharp(s: f64, cv0: f64, nu0: f64, alpha: f64) -> Pol { Box::new(move |a, t, _| if t == 0 { uniform(a.len()) } else {
    let (m, tau) = eb(a, cv0, nu0);
    let k = (m*(1.0-m)/(tau*tau) - 1.0).max(2.0);
    let mut w = of_betas(&a.iter().map(|t| Beta{hits: s*(m*k + t.converters as f64), misses: s*((1.0-m)*k + (t.visitors - t.converters) as f64)}).collect::<Vec<_>>());
    if alpha != 1.0 { let mut z=0.0; for x in w.iter_mut() { *x = x.powf(alpha); z += *x } for x in w.iter_mut() { *x /= z } }
    w }) }
fn mixp(s: f64, e: f64, cv0: f64, nu0: f64, s2: f64) -> Pol { let (x, y) = (sharp(s, cv0, nu0, 1.0), sharp(s2, cv0, nu0, 1.0)); Box::new(move |a, t, b| { let (p, q) = (x(a,t,b), y(a,t,b)); p.iter().zip(q).map(|(p,q)| p*(1.0-e)+q*e).collect() }) }
fn fade(lo: f64, hi: f64, c0: f64, cv0: f64, nu0: f64) -> Pol { Box::new(move |a, t, _| if t == 0 { uniform(a.len()) } else {
    let (m, tau) = eb(a, cv0, nu0);
    let k = (m*(1.0-m)/(tau*tau) - 1.0).max(2.0);
    let c = a.iter().map(|t| t.converters as f64).sum::<f64>() / (1.0 - m);
    let s = lo + (hi-lo)/(1.0 + c/(c0*a.len() as f64));
    of_betas(&a.iter().map(|t| Beta{hits: s*(m*k + t.converters as f64), misses: s*((1.0-m)*k + (t.visitors - t.converters) as f64)}).collect::<Vec<_>>())
     }) }
fn fkg(z: f64) -> f64 { // phi(z) - z*Q(z)
    (-(0.5*z*z)).exp()*0.3989422804 - z*0.5*libm::erfc(z/std::f64::consts::SQRT_2)
}
/// value of information: horizon c*t + h0
fn voi(c: f64, h0: f64, cv0: f64, nu0: f64, cap: f64) -> Pol { Box::new(move |a, t, b| if t == 0 { uniform(a.len()) } else {
    let p = post(a, cv0, nu0);
    let h = c * t as f64 + h0;
    let mut l = 0; for i in 0..p.len() { if p[i].0 > p[l].0 { l = i } }
    let bb = b as f64;
    let mut w = vec![0.0; p.len()]; let mut sum = 0.0;
    for i in 0..p.len() { if i == l { continue }
        let d = p[l].0 - p[i].0;
        let s2 = p[i].1*p[i].1; let s2l = p[l].1*p[l].1;
        let mut best = (0.0, 0.0);
        for f in [0.002,0.005, 0.01,0.02,0.03,0.05,0.07,0.1,0.15,0.2,0.3,0.4,0.5,0.7,1.0] {
            let n = f*bb; 
            let st = s2/(s2 + p[i].2/n).sqrt();
            let st = if h0 < 0.0 { (st*st + s2l*s2l/(s2l+p[l].2/n)).sqrt() } else { st };
            let v = h.abs()*st*fkg(d/st) - n*d;
            if v > best.0 { best = (v, f) }
        }
        w[i] = best.1; sum += best.1;
    }
    let lim = cap;
    if sum > lim { for x in w.iter_mut() { *x *= lim/sum } sum = lim; }
    w[l] = 1.0 - sum;
    w }) }

fn run(world: &[f64], pol: &Pol, horizon: u64, batch: u64, seed: u64, marks: &[u64]) -> Vec<f64> {
    let k = world.len(); let best = world.iter().cloned().fold(0.0, f64::max);
    let mut a = vec![Tally::default(); k]; let mut t = 0; let mut lost = 0.0; let mut out = vec![]; let mut counts = vec![0u64; k];
    while t < horizon {
        let w = pol(&a, t, batch);
        let mut r = Rng::new(seed, t*64 + 63);
        multinomial(&mut r, batch, &w, &mut counts);
        for i in 0..k { let mut r = Rng::new(seed, t*64 + i as u64); a[i].converters += binomial(&mut r, counts[i], world[i]); a[i].visitors += counts[i]; lost += counts[i] as f64*(best-world[i]); }
        t += batch;
        if marks.contains(&t) { out.push(lost) }
    }
    out
}
fn mean(world: &[f64], pol: &Pol, horizon: u64, runs: u64, marks: &[u64]) -> Vec<(f64, f64)> {
    let rs: Vec<Vec<f64>> = (0..runs).map(|s| run(world, pol, horizon, 1000, s + 1000, marks)).collect();
    (0..marks.len()).map(|m| { let mu = rs.iter().map(|r| r[m]).sum::<f64>()/runs as f64; let v = rs.iter().map(|r| (r[m]-mu).powi(2)).sum::<f64>()/runs as f64; (mu, (v/runs as f64).sqrt()) }).collect()
}
fn main() {
    let runs: u64 = std::env::args().nth(1).map_or(200, |x| x.parse().unwrap());
    let specs: Vec<String> = std::env::args().skip(2).collect();
    let base: Vec<Vec<f64>> = vec![vec![2.0,2.4], vec![2.0,2.0,2.2,2.4,3.0], vec![1.0,1.2,1.4,1.6,1.8,1.8,2.0,2.0,2.2,2.5,3.0]];
    let marks = [10_000u64, 100_000];
    let mut pols: BTreeMap<String, Pol> = BTreeMap::new();
    for s in &specs {
        let p: Vec<f64> = s.split(':').skip(1).flat_map(|x| x.split(',')).map(|x| x.parse().unwrap()).collect();
        let pol = match s.split(':').next().unwrap() { "sharp" => sharp(p[0], p[1], p[2], p[3]), "mix" => mixp(p[0],p[1],p[2],p[3],p[4]), "fade" => fade(p[0],p[1],p[2],p[3],p[4]), "voi" => voi(p[0], p[1], p[2], p[3], p[4]), _ => panic!() };
        pols.insert(s.clone(), pol);
    }
    for scale in [1.0, 0.15, 5.0, 20.0] { for b in &base {
        let world: Vec<f64> = b.iter().map(|x| x*scale/100.0).collect();
        let mut line = format!("base {:5} K={:2} ", scale*2.0, world.len());
        let mut best = [f64::MAX; 2];
        let key = format!("/tmp/bandit_cache_{}_{}_{}", runs, scale, world.len());
        if let Ok(t) = std::fs::read_to_string(&key) { let v: Vec<f64> = t.lines().next().unwrap().split(' ').map(|x| x.parse().unwrap()).collect(); best=[v[0],v[1]]; line += t.lines().nth(1).unwrap(); }
        else {
            let mut l2 = String::new();
            let e1 = mean(&world, &ec(10_000), 10_000, runs, &[10_000]); let e2 = mean(&world, &ec(100_000), 100_000, runs, &[100_000]);
            for (n, m) in [("ec", vec![e1[0], e2[0]]), ("eps", mean(&world, &eps(0.1), 100_000, runs, &marks)), ("ts", mean(&world, &ts(), 100_000, runs, &marks))] {
                l2 += &format!("{n} {:.1}/{:.1} ", m[0].0, m[1].0);
                for i in 0..2 { if m[i].0 < best[i] { best[i] = m[i].0 } }
            }
            line += &l2;
            std::fs::write(&key, format!("{} {}\n{}", best[0], best[1], l2)).unwrap();
        }
        println!("{line}");
        for (n, pol) in &pols { let m = mean(&world, pol, 100_000, runs, &marks);
            println!("     {:36} {:6.1}±{:.1} {:6.1}±{:.1}   ratio {:.3} {:.3}", n, m[0].0, m[0].1, m[1].0, m[1].1, m[0].0/best[0], m[1].0/best[1]); }
    }}
}
