// A visit in a real browser, recorded; then `vitrine replay` of the recording.
// Both must have decided the same, byte for byte.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { openHouse } from "./support/house.mjs";
import { vitrine } from "./support/servers.mjs";

const RULES = {
  version: 1, site: "demo", currency: "KRW", timezone: "Asia/Seoul",
  campaigns: [
    {
      id: "nudge", slot: "bottom", priority: 2,
      trigger: { after: { event: "add_to_cart" }, without: { event: "purchase" }, for: "3s" },
      messages: [{ id: "gentle", kind: "bar", title: "Still thinking about {{ cart.last.title }}?" }],
    },
    {
      id: "welcome", slot: "bottom", priority: 1, when: { visits: 1 }, pace: { stopAfter: ["dismissed"] },
      messages: [{ id: "hello", kind: "bar", title: "Hello" }, { id: "hi", kind: "bar", title: "Hi" }],
    },
  ],
};

const folder = await mkdtemp(join(tmpdir(), "vitrine-replay-"));
after(() => rm(folder, { recursive: true, force: true }));
const rules = join(folder, "rules.json");
await writeFile(rules, JSON.stringify(RULES));
const house = await openHouse({ after }, { rules });

// Runs in every page: keeps what the module says, across page loads.
function record() {
  window.vitrineSettings = { consent: "persistent+reports", debug: "" };
  for (const kind of ["observed", "decided"]) {
    document.addEventListener(`vitrine:${kind}`, (event) => {
      localStorage.setItem(`tape:${kind}`, `${localStorage.getItem(`tape:${kind}`) ?? ""}${JSON.stringify(event.detail)}\n`);
    });
  }
}

test("a recorded visit, with seed, shown, dismissed, reload and wake, replays to the same bytes", async () => {
  const visitor = await house.visitor();
  const { page } = visitor;
  const tape = (kind) => page.evaluate((kind) => localStorage.getItem(`tape:${kind}`) ?? "", kind);
  const saw = (what, text) => house.until(what, async () => (await tape("observed")).includes(text));
  await page.addInitScript(record);

  await page.goto(`${house.home}/en/`);
  await saw("the welcome was seen", '"event":"shown","campaign":"welcome"');
  await page.locator("[data-vitrine] .vt-close").click();
  await saw("the welcome was dismissed", '"event":"dismissed"');
  await page.goto(`${house.home}/en/product/dal-loafer-black`);
  await page.locator("[data-add] button").click();
  await saw("something went into the cart", '"event":"add_to_cart"');
  await page.reload();
  await page.locator("[data-vitrine^=nudge] .vt-title").waitFor();
  await saw("the nudge was seen", '"event":"shown","campaign":"nudge"');
  const [observed, decided] = [await tape("observed"), await tape("decided")];

  const lines = observed.trim().split("\n").map((line) => JSON.parse(line));
  const seeds = new Set(lines.map((line) => line.seed));
  assert.equal(seeds.size, 1, "one visitor, one seed");
  for (const event of ["page_view", "page_leave", "view_item", "add_to_cart", "shown", "dismissed"]) {
    assert.ok(lines.some((line) => line.event === event), `the tape has ${event}`);
  }
  const events = join(folder, "events.jsonl");
  const plan = join(folder, "site.plan");
  await writeFile(events, observed);
  const run = promisify(execFile);
  await run(vitrine, ["build", rules, "-o", plan]);
  const replayed = await run(vitrine, ["replay", "--plan", plan, events]);
  assert.equal(replayed.stdout, decided);
  const woken = decided.trim().split("\n").map((line) => JSON.parse(line)).filter((line) => !lines.some((event) => event.t === line.t));
  assert.equal(woken.length, 1, "one decision came of time alone");
  assert.deepEqual(visitor.errors, []);
  await visitor.close();
});
