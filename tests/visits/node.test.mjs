// `vitrine/node` as its users meet it: rules, visitors, memory, reports, mistakes.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Engine, build, check } from "../../pkg/node/index.mjs";
import { root } from "../stories/support/servers.mjs";

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 10, 20, 3);
const TRIGGER = { trigger: { after: { event: "add_to_cart" }, without: { event: "purchase" }, for: "10m" } };
const nudge = (why) => JSON.stringify({
  version: 1, site: "demo", currency: "KRW", timezone: "Asia/Seoul",
  goals: { order: { event: "purchase", window: "7d" } },
  campaigns: [{
    id: "nudge", slot: "bottom", goal: "order", ...why,
    messages: [{ id: "gentle", kind: "bar", title: "Still thinking about {{ cart.last.title }}?" }],
  }],
});
const rules = nudge(TRIGGER);
const cart = { event: "add_to_cart", items: [{ item_id: "p1", item_name: "<Shoes>", price: 12_000 }] };

/** A visitor who put shoes into the cart a minute after the beginning. */
const shopper = (engine, how = {}) => {
  const visitor = engine.visitor({ seed: 7n, ...how });
  visitor.observe({ event: "page_view", t: BEGIN, url: "https://shop.example/cart", language: "en" });
  visitor.observe({ ...cart, t: BEGIN + MINUTE });
  return visitor;
};

test("rules are checked and built, and every mistake of theirs is in the error of an engine", () => {
  assert.deepEqual(check(rules), []);
  const { plan, diagnostics } = build(rules);
  assert.ok(plan.length > 20 && diagnostics.length === 0);
  assert.equal(new Engine({ plan }).plan, new Engine({ rules }).plan);

  const wrong = rules.replace('"bar"', '"bra"');
  assert.equal(build(wrong).plan, null);
  assert.equal(build(wrong).diagnostics[0].severity, "error");
  assert.throws(() => new Engine({ rules: wrong }), (error) => error instanceof TypeError && /1:\d+: .*`bra`/.test(error.message));
});

test("a trigger that waits goes off as time passes, and what stands is drawn with the cart's words escaped", () => {
  const visitor = shopper(new Engine({ rules }));
  assert.deepEqual(visitor.decisions, []);
  assert.equal(visitor.wake, BEGIN + 11 * MINUTE);
  assert.deepEqual(visitor.pass(BEGIN + 10 * MINUTE), []);
  const [changed, ...more] = visitor.pass(BEGIN + 20 * MINUTE);
  assert.deepEqual(more, []);
  assert.equal(changed.t, BEGIN + 11 * MINUTE);
  assert.deepEqual(changed.decisions.map(({ campaign, message, slot }) => [campaign, message, slot]), [["nudge", "gentle", "bottom"]]);
  assert.match(visitor.render("nudge"), /Still thinking about &lt;Shoes&gt;\?/);
  assert.equal(visitor.render("another"), undefined);
  for (const until of [Infinity, NaN, undefined]) assert.throws(() => visitor.pass(until), /^TypeError: `until` is no moment/);
  assert.deepEqual(visitor.explain(BEGIN + 20 * MINUTE).map(({ campaign, shown }) => [campaign, shown]), [["nudge", true]]);

  const buyer = shopper(new Engine({ rules }));
  buyer.observe({ event: "purchase", t: BEGIN + 5 * MINUTE, transaction_id: "T1", value: 12_000 });
  assert.deepEqual(buyer.pass(BEGIN + 20 * MINUTE), []);
  const [reason] = buyer.explain(BEGIN + 20 * MINUTE);
  assert.ok(!reason.shown && reason.sentence && reason.sentence_ko, JSON.stringify(reason));
});

test("what is counted comes out once, under ids that the host's bits draw", () => {
  const bought = () => {
    const visitor = shopper(new Engine({ rules }));
    visitor.pass(BEGIN + 20 * MINUTE);
    visitor.observe({ event: "shown", campaign: "nudge", message: "gentle", t: BEGIN + 20 * MINUTE });
    visitor.observe({ event: "purchase", t: BEGIN + 21 * MINUTE, transaction_id: "T1", value: 12_000 });
    return visitor;
  };
  const visitor = bought();
  const [report, ...more] = visitor.reports(1n);
  assert.deepEqual(more, []);
  const [row] = report.counts;
  assert.deepEqual([row.visitors, row.converters, row.revenue, row.due, row.shown], [1, 1, "12000", 1, 1]);
  assert.deepEqual(visitor.reports(), []);
  assert.deepEqual(bought().reports(1n), [report]);
  assert.notEqual(bought().reports(2n)[0].id, report.id);
});

test("a memory remembers a visitor, also in another process's engine; a broken one is refused in a sentence", () => {
  const memory = shopper(new Engine({ rules })).memory();
  const later = new Engine({ rules }).visitor({ memory });
  const back = later.observe({ event: "page_view", t: BEGIN + 12 * MINUTE, url: "https://shop.example/" });
  assert.deepEqual(back.decisions.map(({ message }) => message), ["gentle"]);
  assert.throws(() => new Engine({ rules }).visitor({ memory: memory.slice(1) }), /^TypeError: The memory /);
});

test("the same seed draws the same message; what is no event, plan, odds or model is refused in a sentence", async () => {
  const shop = await readFile(join(root, "www/shop/rules.json"), "utf8");
  const engine = new Engine({ rules: shop });
  const walk = (seed) => {
    const visitor = engine.visitor({ seed });
    visitor.observe({ event: "page_view", t: BEGIN, url: "https://shop.example/", referrer: "https://search.danawa.com/dsearch.php?query=bag" });
    return visitor.decisions;
  };
  assert.deepEqual(walk(5), walk(5n));
  assert.ok(new Set(Array.from({ length: 40 }, (_, seed) => walk(seed)[0]?.message)).size > 2);

  const visitor = engine.visitor();
  assert.throws(() => visitor.observe({ t: BEGIN }), /^TypeError: The event has no `event`\.$/);
  assert.throws(() => visitor.observe({ event: "page_view", t: "yesterday" }), /`yesterday`/);
  const { plan } = build(rules);
  assert.throws(() => new Engine({ plan: plan.slice(0, -1) }), /^TypeError: The plan is damaged/);
  assert.throws(() => new Engine({ plan, odds: plan }), /^TypeError: The odds /);
  assert.throws(() => new Engine({ plan, model: plan }), /^TypeError: The model /);
  for (const nothing of [undefined, {}, { plan: null }]) assert.throws(() => new Engine(nothing), /^TypeError: An engine needs `rules` or a `plan`\.$/);
  for (const seed of ["x", 1.5, null]) assert.throws(() => engine.visitor({ seed }), /is no seed: give a whole number/);
  for (const odd of [null, undefined, 7]) assert.throws(() => visitor.observe(odd), /^TypeError: The event has no `event`\.$/);
});

test("rules may be an object, which is the same plan as its text", () => {
  const given = JSON.parse(JSON.stringify({ version: 1, site: "demo", currency: "KRW", campaigns: [{ id: "a", slot: "bottom", messages: [{ id: "b", kind: "bar", title: "신발" }] }] }));
  assert.deepEqual(build(given), build(JSON.stringify(given, null, 2)));
  assert.equal(new Engine({ rules: given }).plan, new Engine({ rules: JSON.stringify(given) }).plan);
  assert.match(check({ ...given, sitte: 1 }).map(({ message }) => message).join(), /`sitte`/);
});

test("addresses in old charsets are read as in a page", () => {
  const engine = new Engine({ rules: nudge({ when: { keyword: "가방" } }) });
  const visitor = engine.visitor();
  visitor.observe({ event: "page_view", t: BEGIN, url: "https://shop.example/", referrer: "https://search.naver.com/search.naver?query=%B0%A1%B9%E6" });
  assert.deepEqual(visitor.decisions.map(({ campaign }) => campaign), ["nudge"]);
});

test("the README's example runs as it stands there, on the README's rules", async () => {
  const text = await readFile(join(root, "README.md"), "utf8");
  const [, readme] = /```jsonc\n([^`]*)```/.exec(text);
  const [, example] = /```js\nimport \{ Engine \} from "vitrine\/node";\n([^`]*)```/.exec(text);
  const run = new Function("Engine", "rules", `${example}\nreturn visitor;`);
  const visitor = run(Engine, readme);
  assert.deepEqual(visitor.decisions.map(({ campaign }) => campaign), ["cart-nudge"]);
  assert.match(visitor.render("cart-nudge"), /Shoes|No hurry/);
});
