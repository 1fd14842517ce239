// The reference workload (../shared/workload) in our own words: its 200 rules
// as segments, its profiles as events. It never looks at an expected answer.
//
//   node benches/rules/convert.mjs WORKLOAD OUT   writes rules.json, events.jsonl

/** Names that a device knows by itself, and that the workload gives as the shop's own. */
const OWN = new Set(["days_since_last", "language", "device", "hour", "weekday"]);
/** The path is the page in view: a page view changes it. */
const PAGE = "path";

const nameOf = (attribute) => (OWN.has(attribute) ? `shop_${attribute}` : attribute);
const literal = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

const PATTERNS = {
  prefix: (value) => `^${literal(value)}`,
  suffix: (value) => `${literal(value)}$`,
  contains: literal,
  exact: (value) => `^${literal(value)}$`,
  regex: (value) => value,
};

const COMPARISONS = {
  eq: (value) => ({ $eq: value }),
  ne: (value) => ({ $ne: value }),
  in: (value) => ({ $in: value }),
  not_in: (value) => ({ $nin: value }),
  gt: (value) => ({ $gt: value }),
  gte: (value) => ({ $gte: value }),
  lt: (value) => ({ $lt: value }),
  lte: (value) => ({ $lte: value }),
  exists: () => ({ $exists: true }),
  // A list has an entry in common with a list of one.
  includes: (value) => ({ $in: [value] }),
};

// Where an attribute may be missing these would compare it as 0 or as a text,
// which the workload does not mean.
const NEED_A_VALUE = new Set(["gt", "gte", "lt", "lte", "prefix", "suffix", "contains", "regex"]);

function condition(when, always) {
  if (when.all) return { $and: when.all.map((part) => condition(part, always)) };
  if (when.any) return { $or: when.any.map((part) => condition(part, always)) };
  if (when.not) return { $not: condition(when.not, always) };
  if (when.attr !== undefined) {
    const compare = PATTERNS[when.op] ? { $regex: PATTERNS[when.op](when.value) } : COMPARISONS[when.op](when.value);
    const guard = NEED_A_VALUE.has(when.op) && !always.has(when.attr) ? { $exists: true } : {};
    return { [nameOf(when.attr)]: { ...guard, ...compare } };
  }
  const often = { within: `${when.days}d`, atLeast: when.min };
  if (when.visited) {
    const { kind, value } = when.visited;
    return { $did: { event: "page_view", path: { $regex: PATTERNS[kind](value) }, ...often } };
  }
  if (when.event) {
    const where = when.category ? { where: { category: when.category } } : {};
    return { $did: { event: when.event, ...where, ...often } };
  }
  return { $did: { event: "page_view", where: { channel: { $in: when.channel } }, ...often } };
}

/** The rule file: a segment a rule, in the workload's order. */
export function rules(workload, profiles) {
  const names = [...new Set(profiles.flatMap((profile) => Object.keys(profile.attributes)))];
  const always = new Set(names.filter((name) => profiles.every((profile) => name in profile.attributes)));
  return {
    version: 1,
    site: "workload",
    currency: "EUR",
    timezone: "UTC",
    attributes: names.filter((name) => name !== PAGE).map(nameOf).sort(),
    segments: Object.fromEntries(workload.rules.map((rule) => [rule.id, { when: condition(rule.when, always) }])),
  };
}

const HOME = "https://shop.example";

/** One page view, as the device hears of it. */
export function pageView(visitor, view) {
  return {
    visitor, t: view.ts * 1000, event: "page_view", url: HOME + view.path, referrer: view.referrer,
    parameters: { channel: view.channel },
  };
}

/** The events of one profile, by time. What the site says of the visitor comes first. */
export function events(profile) {
  const visitor = profile.id;
  const views = profile.page_views.map((view) => pageView(visitor, view));
  const others = profile.events.map(({ ts, name, category }) => (
    { visitor, t: ts * 1000, event: name, parameters: { category } }
  ));
  const log = [...views, ...others].sort((one, other) => one.t - other.t);
  const own = Object.entries(profile.attributes).filter(([name]) => name !== PAGE);
  const attributes = Object.fromEntries(own.map(([name, value]) => [nameOf(name), value]));
  return [{ visitor, t: log[0].t, event: "set", attributes }, ...log];
}

if (globalThis.process && process.argv[1] === import.meta.filename) {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const [from, to] = process.argv.slice(2);
  const read = (name) => JSON.parse(readFileSync(`${from}/${name}.json`, "utf8"));
  const profiles = read("profiles");
  const lines = (list) => list.map((entry) => JSON.stringify(entry)).join("\n");
  writeFileSync(`${to}/rules.json`, JSON.stringify(rules(read("rules"), profiles)));
  writeFileSync(`${to}/events.jsonl`, profiles.map((profile) => lines(events(profile))).join("\n"));
}
