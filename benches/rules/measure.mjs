// The same 200 rules and 32 visitors, judged by each contender in turn: the
// same code in Node and in a page. It refuses to measure what is wrong: every
// contender must give every expected answer first.
import { events, pageView, rules as toRules } from "./convert.mjs";

/** Rounds of all contenders, in another order each time. */
const ROUNDS = 101;
/** A sample lasts at least so long, so that no clock is too coarse for it. */
const SAMPLE_MS = 3;
/** Copies of a visitor that are shown one page view in one sample. */
const COPIES = 16;
/** The page view comes so long after the one before it. */
const LATER_S = 30;

const median = (list) => [...list].sort((one, other) => one - other)[Math.floor(list.length / 2)];
const sum = (list) => list.reduce((total, value) => total + value, 0);

/** Microseconds a pass of each contender, their ratios to the closures, and the page views. */
export function measure({ ours, closures, evalCondition }, workload) {
  const { rules, profiles, expected, derived, growthbook } = workload;
  const compiled = rules.rules.map((rule) => closures.compile(rule.when));
  const counters = derived.map(({ key, leaf }) => [key, closures.counter(leaf)]);
  const counted = (profile) => {
    const attributes = { ...profile.attributes };
    for (const [key, count] of counters) attributes[key] = count(profile);
    return attributes;
  };
  const given = profiles.map(counted);
  const { bench, bytes } = open(ours, toRules(rules, profiles), profiles.map((profile) => [profile, events(profile)]));

  const wanted = profiles.map((profile) => expected.by_profile[profile.id]);
  const same = (who, answers) => answers.forEach((answer, at) => {
    if (answer !== wanted[at]) throw new Error(`${who} judges ${profiles[at].id} otherwise than expected`);
  });
  const bits = (list) => list.map((held) => (held ? 1 : 0)).join("");
  same("Vitrine", profiles.map((_, at) => (bench.judge(at), [...bench.segments(at)].join(""))));
  same("a closure", profiles.map((profile) => bits(compiled.map((rule) => rule(profile)))));
  same("GrowthBook", given.map((attributes) => bits(growthbook.map((rule) => evalCondition(attributes, rule)))));

  // Each returns how many rules hold, so that nothing can be left out.
  const count = (list, judge) => list.reduce((total, one) => total + (judge(one) ? 1 : 0), 0);
  const passes = {
    ours: () => sum(profiles.map((_, at) => bench.judge(at))),
    closures: () => sum(profiles.map((profile) => count(compiled, (rule) => rule(profile)))),
    growthbookGiven: () => sum(given.map((own) => count(growthbook, (rule) => evalCondition(own, rule)))),
    growthbook: () => sum(profiles.map((profile) => {
      const own = counted(profile);
      return count(growthbook, (rule) => evalCondition(own, rule));
    })),
  };
  const checks = Object.values(passes).map((pass) => pass());
  if (new Set(checks).size !== 1) throw new Error(`the contenders count ${checks.join(", ")} rules held`);

  const again = redecisions({ ours, compiled, toRules: toRules(rules, profiles) }, profiles);
  const us = inTurn({ ...batched(passes, profiles.length), see: again.see });
  return { us, changed: again.changed, rules: rules.rules.length, visitors: profiles.length, bytes };
}

function open(ours, rules, visitors) {
  const bytes = ours.compile(JSON.stringify(rules));
  const bench = new ours.Bench(bytes);
  for (const [profile, log] of visitors) {
    const text = log.map((event) => JSON.stringify(event)).join("\n");
    bench.visitor(text, profile.attributes.path, profile.now * 1000);
  }
  return { bench, bytes };
}

/** For each visitor, who stands on a page, a page view that changes an answer of every contender's. */
function redecisions({ ours, compiled, toRules: file }, profiles) {
  const here = profiles.map((profile) => arrive(profile, profile.attributes.path, "direct", 0));
  const { bench } = open(ours, file, here.map((profile) => [profile, events(profile)]));
  const paths = [...new Set(profiles.flatMap((profile) => profile.page_views.map((view) => view.path)))].sort();
  const lines = here.map((profile, at) => {
    const before = compiled.map((rule) => rule(profile));
    // The visitor's number picks where to begin, so that visitors differ.
    for (let step = 0; step < paths.length; step += 1) {
      const next = arrive(profile, paths[(at * 7 + step) % paths.length], "internal", LATER_S);
      const changed = compiled.filter((rule, number) => rule(next) !== before[number]).length;
      if (changed === 0) continue;
      const line = JSON.stringify(pageView(profile.id, next.page_views.at(-1)));
      const found = bench.prepare(at, line, 1);
      const held = compiled.filter((rule) => rule(next)).length;
      if (found !== changed || bench.see() !== held) throw new Error(`a page view of ${profile.id} is judged otherwise`);
      return [line, changed];
    }
    throw new Error(`no page view changes anything for ${profile.id}`);
  });
  const see = () => {
    let took = 0;
    lines.forEach(([line], at) => {
      bench.prepare(at, line, COPIES);
      const began = performance.now();
      for (let copy = 0; copy < COPIES; copy += 1) bench.see();
      took += performance.now() - began;
    });
    return (took / (COPIES * lines.length)) * 1000;
  };
  return { see, changed: median(lines.map(([, changed]) => changed)) };
}

/** The visitor after one more page view, so many seconds later. */
function arrive(profile, path, channel, seconds) {
  const now = profile.now + seconds;
  const view = { ts: now, path, referrer: "https://shop.example/", channel };
  return {
    ...profile, now, attributes: { ...profile.attributes, path }, page_views: [...profile.page_views, view],
  };
}

/** Samplers of passes: microseconds a visitor, over as many passes as a clock can tell. */
function batched(passes, visitors) {
  return Object.fromEntries(Object.entries(passes).map(([name, pass]) => {
    const time = (times) => {
      const began = performance.now();
      for (let at = 0; at < times; at += 1) pass();
      return performance.now() - began;
    };
    let times = 1;
    // Also what makes the code hot.
    while (time(times) < SAMPLE_MS) times *= 2;
    return [name, () => (time(times) / (times * visitors)) * 1000];
  }));
}

function inTurn(samplers) {
  const names = Object.keys(samplers);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let at = 0; at < names.length; at += 1) {
      const name = names[(at + round) % names.length];
      samples[name].push(samplers[name]());
    }
  }
  return Object.fromEntries(names.map((name) => {
    const ratios = samples[name].map((value, round) => value / samples.closures[round]);
    return [name, { median: median(samples[name]), best: Math.min(...samples[name]), ratio: median(ratios) }];
  }));
}
