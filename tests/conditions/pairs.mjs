/* Seeded pairs of a condition and attributes, of all operators and of odd
   types. Never what the two sides are known to differ in: letters beyond
   Latin, Greek and Cyrillic whose case counts, numbers of more than 15 digits,
   and names that JavaScript's objects inherit. */

import { generator } from "../../www/shop/generator.mjs";

/** A small seeded generator: the same pairs everywhere. */
export const seeded = (seed) => {
  const next = generator(seed);
  const below = (bound) => Math.floor(next() * bound);
  const pick = (list) => list[below(list.length)];
  return { below, pick, chance: (share) => next() < share, some: (most, make) => Array.from({ length: below(most + 1) }, make) };
};

const NUMBERS = [0, -0, 1, -1, 2, 3, 5, 8, 10, 65, 0.1, 0.5, -2.75, 1e3, 1e21, 1.5e-7, 123456.789, 100000000000000, 9007199254740991];
const TEXTS = [
  "", " ", "a", "b", "A", "ab", "Ab", "abc", "hello", "Hello World", "0", "1", "01", "2", "3.0", " 8 ", "10", "1e3", "0x10",
  "0b11", "-1", "+1", ".5", "5.", "1_000", "Infinity", "-Infinity", "NaN", "null", "undefined", "true", "false", "1,2", "a,b",
  "[object Object]", "신발", "가방", "ÉCLAIR", "éclair", "Ωμέγα", "ωμέγα", "ДОМ", "дом", "😀", "\uff5e", "ab-12-25", "user@example.com",
  "Mozilla/5.0 (Linux; Android 14) Mobile Safari", "\n", "a\nb", "\t1\n",
];
const VERSIONS = [
  "1.2.3", "v1.2.3", "1.2.3-beta", "1.2.3-beta.2", "1.2.3-beta.11", "1.2", "1", "10.0.2", "9.99.99", "1.2.3+build.5", "1.2.3-rc.1+b",
  "1-2-3", "1.0.0--", "1.0.0-9999", "123456.0.0", "", "v", "1..2", "1.2.3.4", "1.2.3-Foo", "1.2.3-foo", "+", "0.0.1",
];
const PATTERNS = [
  "a", "^a", "b$", "^hello$", "", ".", "[0-9]+", "^\\d+$", "(Mobile|Tablet)", "mobile", "-12-25$", "^[a-z]+@[a-z.]+$", "l{2}", "o?W",
  "신", "^.$", "a|b|", "\\bab\\b", "[^a]", "^(ab)+$", "null", "object", "1,2", "true", "É", "/", "a/b", "\\.", "^\\s*$", "w.*d",
  "(", "[", "*", "a{2,1}", "\\", "(?<x>a)", "[b-a]", "x{3}",
];
const NAMES = ["a", "b", "n", "tags", "user", "user.age", "user.tags", "user.tags.0", "list.0.a", "list", "list.length", "deep.er.est", "gone", "0", "a.b.", ""];
const FIELDS = ["a", "b", "c", "age", "tags", "0", "10", "9", "length"];
const TYPES = ["null", "boolean", "number", "string", "array", "object", "undefined", "unknown", "String", 1, null];
const GROUPS = ["few", "texts", "none", "odd", "listed", "who", "whose", "round", "gone", 1, null];

export const OPERATORS = [
  "$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$ini", "$nini", "$inGroup", "$notInGroup", "$exists", "$type", "$not", "$size",
  "$elemMatch", "$all", "$alli", "$regex", "$regexi", "$notRegex", "$notRegexi", "$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte",
];

export const pairs = (seed) => {
  const random = seeded(seed);
  const { below, pick, chance, some } = random;

  const single = () => {
    const kind = below(10);
    if (kind < 3) return chance(0.7) ? pick(NUMBERS) : below(200) / pick([1, 2, 10, 100]) - 20;
    if (kind < 8) return chance(0.15) ? pick(VERSIONS) : pick(TEXTS);
    return pick([true, false, null]);
  };
  const value = (depth) => {
    const kind = below(10);
    if (depth > 0 && kind < 2) return some(4, () => value(depth - 1));
    if (depth > 0 && kind < 4) return Object.fromEntries(some(3, () => [pick(FIELDS), value(depth - 1)]));
    return single();
  };
  const operand = (operator, depth) => {
    // The evaluator caches patterns by their text, so that a list is the
    // pattern whose text it happens to have, if that was met before.
    if (/egex/.test(operator)) return chance(0.96) ? pick(PATTERNS) : pick([5, {}, [6]]);
    if (chance(0.04)) return value(2);
    switch (operator) {
      case "$in": case "$nin": case "$ini": case "$nini":
        return some(4, () => (chance(0.9) ? single() : value(1)));
      case "$all": case "$alli":
        return some(3, () => (chance(0.6) ? single() : comparison(depth - 1)));
      case "$inGroup": case "$notInGroup": return pick(GROUPS);
      case "$exists": return pick([true, false, true, false, 0, 1, "", "x", null]);
      case "$type": return pick(TYPES);
      case "$not": return comparison(depth - 1);
      case "$size": return chance(0.5) ? below(5) : comparison(depth - 1);
      case "$elemMatch": return chance(0.5) ? operators(depth - 1) : condition(depth - 1);
      case "$veq": case "$vne": case "$vlt": case "$vlte": case "$vgt": case "$vgte":
        return chance(0.9) ? pick(VERSIONS) : single();
      default: return chance(0.85) ? single() : value(2);
    }
  };
  const operators = (depth) => {
    const found = {};
    for (let count = chance(0.8) ? 1 : 2; count > 0; count--) {
      const operator = depth > 0 ? pick(OPERATORS) : pick(OPERATORS.filter((name) => !["$not", "$elemMatch", "$all", "$alli", "$size"].includes(name)));
      found[chance(0.02) ? "$unheard" : operator] = operand(operator, depth);
    }
    return found;
  };
  const comparison = (depth) => (chance(0.7) ? operators(depth) : value(2));
  const condition = (depth) => {
    const found = {};
    for (let count = pick([0, 1, 1, 1, 1, 2, 2, 3]); count > 0; count--) {
      const kind = depth > 0 ? below(12) : 11;
      if (kind < 3) found[["$and", "$or", "$nor"][kind]] = chance(0.05) ? pick([0, 1, true, {}]) : some(3, () => condition(depth - 1));
      else if (kind === 3) found.$not = chance(0.05) ? pick([0, true, [], [1]]) : condition(depth - 1);
      else if (kind === 4 && chance(0.5)) found.$savedGroup = savedGroup();
      else found[pick(NAMES)] = comparison(depth);
    }
    return found;
  };
  const savedGroup = () => {
    if (chance(0.08)) return value(1);
    const found = { id: pick(GROUPS) };
    if (chance(0.4)) found.attributeKey = chance(0.9) ? pick(NAMES) : single();
    return found;
  };

  const pair = () => {
    const attributes = {};
    for (const name of ["a", "b", "n", "tags", "user", "list", "deep", "0"]) if (chance(0.6)) attributes[name] = value(3);
    if (chance(0.5)) attributes.tags = some(4, single);
    if (chance(0.4)) attributes.user = { age: single(), tags: some(3, single), ...(chance(0.3) ? { b: value(2) } : {}) };
    if (chance(0.4)) attributes.list = some(3, () => ({ a: single(), tags: some(2, single) }));
    if (chance(0.2)) attributes.deep = { er: { est: value(2) } };
    const given = { condition: condition(3), attributes };
    if (chance(0.5)) {
      given.groups = {
        few: [1, "2", 3], texts: TEXTS.slice(0, 12), none: [], odd: pick([null, 5, "few", { type: "new" }, { type: "list" }, { type: "condition", condition: 1 }]),
        listed: { type: "list", values: some(4, single), ...(chance(0.7) ? { attributeKey: pick(NAMES) } : {}) },
        who: { type: "condition", condition: condition(1) },
        whose: { type: "condition", condition: { $savedGroup: { id: pick(["who", "listed", "round"]) } } },
        round: { type: "condition", condition: { $or: [{ $savedGroup: { id: "round" } }, condition(1)] } },
        1: [single(), single()],
      };
    }
    // An attribute often holds what is asked of it: else most answers are false.
    for (const [name, wanted] of Object.entries(given.condition)) {
      if (chance(0.3) && !name.startsWith("$") && !name.includes(".") && wanted && typeof wanted === "object") {
        const [one] = Object.values(wanted);
        attributes[name] = Array.isArray(one) && one.length && chance(0.7) ? pick(one) : one ?? single();
      }
    }
    return given;
  };
  return pair;
};
