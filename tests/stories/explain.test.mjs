// Why: a page's `explain()` against `vitrine explain` on the recorded visit.
// Both must say the same, byte for byte; and no page carries it unasked.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile, shopModel } from "./support/rules.mjs";
import { vitrine } from "./support/servers.mjs";
import { allowed, events, flaws, open, standing, tag } from "./support/visit.mjs";

const scope = { after };
const file = await rulesFile(scope, rules([
  campaign("hello", [bar("hi", "Hello")], { priority: 9 }),
  campaign("late", [bar("l", "Late")], { priority: 8 }),
  campaign("loyal", [bar("l", "Again")], { slot: "top", priority: 7, when: { visits: { $gte: 3 } } }),
  campaign("buyer", [bar("b", "Thanks")], { slot: "top", priority: 6, when: { $did: { event: "purchase" } } }),
  campaign("likely", [bar("y", "Soon")], { slot: "top", priority: 5, when: { intent: { $gt: 0.99 } } }),
  campaign("strip", [{ id: "similar", kind: "products", title: "Others also looked at" }], { slot: "product-strip" }),
  campaign("elsewhere", [bar("e", "Here")], { slot: "nowhere" }),
], { slots: { "product-strip": { minHeight: "300px" }, nowhere: { selector: "#nowhere" } } }));
const model = await shopModel(scope);
const house = await openHouse(scope, { rules: file, model });
const run = promisify(execFile);

test("a page explains as `vitrine explain` does, and fetches the studio only then", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vitrine-explain-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const visitor = await house.visitor();
  await allowed(visitor);
  const asked = [];
  visitor.page.on("request", (request) => asked.push(request.url()));
  await open(visitor, `${house.home}/en/product/dal-loafer-black`);
  await until("the strip stands", async () => (await standing(visitor.page)).includes("strip similar"));
  await until("the bar was seen", () => events(visitor).some((event) => event.event === "shown" && event.campaign === "hello"));
  assert.ok(asked.some((url) => url.endsWith("/vitrine_shelf_bg.wasm")));
  assert.deepEqual(asked.filter((url) => url.includes("studio")), []);

  const reasons = await visitor.page.evaluate(() => window.vitrine.explain());
  assert.equal(asked.filter((url) => url.endsWith("/vitrine_studio_bg.wasm")).length, 1);
  assert.equal(reasons.find(({ campaign }) => campaign === "hello").shown, true);
  const unlikely = reasons.find(({ campaign }) => campaign === "likely");
  assert.notEqual(unlikely.seen, "unknown", "the model's propensity was handed over");

  const [plan, tape] = [join(folder, "site.plan"), join(folder, "events.jsonl")];
  await writeFile(tape, events(visitor).map((event) => JSON.stringify(event) + "\n").join(""));
  await run(vitrine, ["build", file, "-o", plan]);
  const at = String(Math.max(...events(visitor).map((event) => event.t)) + 1);
  const told = await run(vitrine, ["explain", "--json", "--plan", plan, "--model", model, "--visitor", "device", "--at", at, tape]);
  assert.deepEqual(reasons, JSON.parse(told.stdout));
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("asked before the module is there, the answer comes with it: no campaign is known yet", async () => {
  const visitor = await house.visitor();
  await tag(visitor, { consent: "persistent+reports" });
  await visitor.context.addInitScript(() => {
    let held;
    Object.defineProperty(window, "vitrine", {
      get: () => held,
      set: (vitrine) => { held = vitrine; window.early = vitrine.explain(); },
    });
  });
  await visitor.page.goto(`${house.home}/en/product/dal-loafer-black`);
  await until("the page asked", () => visitor.page.evaluate(() => "early" in window));
  assert.deepEqual(await visitor.page.evaluate(() => window.early), []);
  assert.deepEqual(visitor.errors, []);
  await visitor.close();
});

test("where the studio is missing, one line says so and the answer is empty", async () => {
  const visitor = await house.visitor();
  await allowed(visitor);
  await visitor.context.route(/\/vitrine_studio\.js$/, (route) => route.fulfill({ status: 404, body: "" }));
  await open(visitor, `${house.home}/en/product/dal-loafer-black`);
  assert.deepEqual(await visitor.page.evaluate(() => window.vitrine.explain()), []);
  assert.ok(visitor.console.some(({ text }) => text.startsWith("[vitrine] cannot explain: ")));
  assert.deepEqual(visitor.errors, []);
  await visitor.close();
});
