// A visit in Firefox and one in WebKit, recorded; then `vitrine replay` of the
// recording, natively. Both must have decided the same, byte for byte. It never
// compares one browser's visit with another's: their moments differ.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { until } from "../stories/support/house.mjs";
import { bar, campaign, rules as ruleFile } from "../stories/support/rules.mjs";
import { vitrine } from "../stories/support/servers.mjs";
import { flaws, push } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const run = promisify(execFile);
// What could differ: floats of decayed tastes, draws, orders, absence, signs of the page, time alone, Korean.
const RULES = ruleFile([
  campaign("nudge", [bar("gentle", "Still thinking about {{ cart.last.title }}?")], {
    priority: 5, trigger: { after: { event: "add_to_cart" }, without: { event: "purchase" }, for: "3s" },
  }),
  campaign("taste", [bar("shoes", "구두를 좋아하시는군요"), bar("leather", "가죽을 좋아하시는군요"), bar("new", "새로 들어왔어요")], {
    slot: "top", priority: 4, when: { "interest.category.shoes": { $gte: 0.18 } }, allocation: { aim: "learn" }, holdout: 0.1,
  }),
  campaign("back", [bar("again", "Back and forth")], { slot: "top", priority: 6, when: { $path: ["/en/list/*", "/en/product/*", "/en/list/*"] } }),
  campaign("deep", [bar("down", "So far down")], { slot: "center", priority: 3, trigger: { scroll: "60%" } }),
  campaign("stay", [bar("long", "So long")], { slot: "center", priority: 2, trigger: { dwell: "2s" } }),
  campaign("still", [bar("calm", "So calm")], { slot: "center", priority: 1, trigger: { idle: "2s" } }),
  campaign("welcome", [bar("hello", "Hello"), bar("hi", "Hi")], { priority: 1, when: { visits: 1 }, pace: { stopAfter: ["dismissed"] } }),
], { interest: { halfLife: "14d" } });

// Runs in every page: keeps what the module says, across page loads.
const record = `for (const kind of ["observed", "decided"]) {
  document.addEventListener("vitrine:" + kind, (event) => {
    const key = "tape:" + kind;
    localStorage.setItem(key, (localStorage.getItem(key) ?? "") + JSON.stringify(event.detail) + "\\n");
  });
}`;

const folder = await mkdtemp(join(tmpdir(), "vitrine-replay-"));
after(() => rm(folder, { recursive: true, force: true }));
const [rules, plan] = ["rules.json", "site.plan"].map((name) => join(folder, name));
await writeFile(rules, JSON.stringify(RULES));
await run(vitrine, ["build", rules, "-o", plan]);

for (const name of browsers) {
  const house = await openHouse({ after }, name, { rules });
  test(`${house.browser.name} ${house.browser.version}: a recorded visit, with seed, shown, dismissed, signs, reload and wake, replays to the same bytes`, async () => {
    const visitor = await house.visitor({ settings: { consent: "persistent+reports", debug: "" }, first: record });
    const { page } = visitor;
    const tape = (kind) => page.evaluate((kind) => localStorage.getItem(`tape:${kind}`) ?? "", kind);
    // A page that is left before its plan came decides nothing, which no recording tells.
    const visit = async (path, many) => {
      await page.goto(visitor.home + path);
      await until(`${path} was read`, async () => (await tape("observed")).split('"event":"page_view"').length > many);
    };
    const saw = (what, text) => until(what, async () => (await tape("observed")).includes(text));

    await visit("/en/", 1);
    await saw("the welcome was seen", '"event":"shown","campaign":"welcome"');
    await page.click(".vt-close");
    await saw("the welcome was dismissed", '"event":"dismissed"');
    const way = ["/en/list/shoes", "/en/product/dal-loafer-black", "/en/list/bags", "/en/product/bada-tote-ivory", "/en/list/shoes", "/en/product/dal-loafer-black"];
    for (const [at, path] of way.entries()) await visit(path, at + 2);
    await page.click("[data-add] button");
    await saw("something went into the cart", '"event":"add_to_cart"');
    await push(page, "search", { search_term: "구두 ☂ boots" });
    await page.reload();
    await saw("the nudge was seen", '"event":"shown","campaign":"nudge"');
    await saw("the page was long in view", '"event":"dwell"');
    await page.evaluate(() => window.focus());
    await page.press("End");
    await saw("its end was seen", '"event":"scroll"');
    await saw("nobody touched it", '"event":"user_idle"');
    const [observed, decided] = [await tape("observed"), await tape("decided")];

    const lines = observed.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(new Set(lines.map((line) => line.seed)).size, 1, "one visitor, one seed");
    for (const event of ["page_view", "page_leave", "view_item", "add_to_cart", "search", "shown", "dismissed"]) {
      assert.ok(lines.some((line) => line.event === event), `the tape has ${event}`);
    }
    for (const id of ["welcome", "nudge", "back", "deep", "stay"]) assert.ok(decided.includes(`"campaign":"${id}"`), `${id} was decided:\n${decided}`);
    const events = join(folder, `${name}.jsonl`);
    await writeFile(events, observed);
    const replayed = await run(vitrine, ["replay", "--plan", plan, events]);
    assert.equal(replayed.stdout, decided);
    const woken = decided.trim().split("\n").map((line) => JSON.parse(line)).filter((line) => !lines.some((event) => event.t === line.t));
    assert.ok(woken.length >= 1, "a decision came of time alone");
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });
}
