// What a page tells of its visitor besides deeds: how far it was scrolled, how
// long it has been in view, that nobody touches it, that somebody is leaving.
// A recording of it all replays to the same bytes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { vitrine } from "./support/servers.mjs";
import { events, flaws, open, reload, standing, watchTime } from "./support/visit.mjs";

const waits = (id, slot, trigger, message = bar("a", id)) => campaign(id, [message], { slot, trigger });
const CAMPAIGNS = [
  waits("deep", "bottom", { scroll: "60%" }),
  waits("stay", "top", { dwell: "30s" }),
  waits("still", "center", { idle: "50s" }, { id: "a", kind: "modal", title: "Still there?" }),
];
const scope = { after };
const file = await rulesFile(scope, rules(CAMPAIGNS));
const house = await openHouse(scope, { rules: file });

// A visitor whose clock stands still unless the story lets it run, and whose
// module is taken down on tape.
async function enter(place = house) {
  const visitor = await place.visitor();
  await watchTime(visitor);
  await visitor.context.addInitScript(record);
  await open(visitor, `${place.home}/en/`);
  const start = await visitor.page.evaluate(() => Date.now());
  await visitor.page.clock.pauseAt(start + 1_000);
  return visitor;
}

// Runs in every page.
function record() {
  window.vitrineSettings = { consent: "persistent+reports", debug: "" };
  for (const kind of ["observed", "decided"]) {
    document.addEventListener(`vitrine:${kind}`, (event) => {
      localStorage.setItem(`tape:${kind}`, `${localStorage.getItem(`tape:${kind}`) ?? ""}${JSON.stringify(event.detail)}\n`);
    });
  }
}

const run = (visitor, seconds) => visitor.page.clock.runFor(seconds * 1_000);
const stands = async ({ page }) => (await standing(page)).sort().join();
const comes = (visitor, what) => until(`${what} stands`, async () => await stands(visitor) === what);
const read = (visitor, name) => events(visitor).filter(({ event }) => event === name).map(({ parameters }) => parameters);
const scrollTo = ({ page }, part) => page.evaluate((part) => {
  const { scrollHeight, clientHeight } = document.scrollingElement;
  window.scrollTo({ top: scrollHeight * part - clientHeight, behavior: "instant" });
}, part);
const seen = (visitor, name) => until(`\`${name}\` was read`, () => events(visitor).some(({ event }) => event === name));

test("a depth is reached by scrolling there, once a page, and on each page anew", async () => {
  const visitor = await enter();
  await scrollTo(visitor, 0.55);
  await run(visitor, 1);
  assert.equal(await stands(visitor), "");
  await scrollTo(visitor, 0.65);
  await comes(visitor, "deep a");
  await scrollTo(visitor, 0.2);
  await scrollTo(visitor, 0.9);
  await run(visitor, 1);
  assert.deepEqual(read(visitor, "scroll"), [{ percent_scrolled: 60 }]);
  await open(visitor, `${house.home}/en/list/bags`);
  assert.equal(await stands(visitor), "");
  await scrollTo(visitor, 1);
  await comes(visitor, "deep a");
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("time in view is counted while the tab is in view", async () => {
  const visitor = await enter();
  const hide = (hidden) => visitor.page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await run(visitor, 15);
  await hide(true);
  await run(visitor, 300);
  assert.equal(await stands(visitor), "", "neither seen nor idle while it is hidden");
  await hide(false);
  await run(visitor, 12);
  assert.equal(await stands(visitor), "");
  await run(visitor, 6);
  await comes(visitor, "stay a");
  assert.deepEqual(read(visitor, "dwell"), [{ seconds: 30 }]);
  await visitor.close();
});

test("whoever touches the page is not idle", async () => {
  const visitor = await enter();
  await run(visitor, 40);
  await visitor.page.mouse.move(300, 300);
  await run(visitor, 40);
  await visitor.page.keyboard.press("Shift");
  await run(visitor, 45);
  assert.deepEqual(read(visitor, "user_idle"), []);
  await run(visitor, 10);
  await comes(visitor, "stay a,still a");
  assert.deepEqual(read(visitor, "user_idle"), [{ seconds: 50 }]);
  await visitor.close();
});

test("who leaves by the upper edge meets the message, after its delay, behind a reload, once", async (story) => {
  const leaves = await openHouse(story, { rules: await rulesFile(story, rules([waits("wait", "bottom", { exit: true, delay: "20s" })])) });
  const visitor = await enter(leaves);
  const { page } = visitor;
  await page.mouse.move(400, 300);
  await page.mouse.move(400, 5);
  await run(visitor, 30);
  assert.equal(await stands(visitor), "", "still on the page");
  await page.mouse.move(400, -10);
  await seen(visitor, "exit_intent");
  await run(visitor, 10);
  await reload(visitor);
  assert.equal(await stands(visitor), "");
  await run(visitor, 8);
  assert.equal(await stands(visitor), "", "twenty seconds are not over");
  await run(visitor, 3);
  await comes(visitor, "wait a");
  await open(visitor, `${leaves.home}/en/list/bags`);
  await run(visitor, 30);
  assert.equal(await stands(visitor), "", "one sign, one message");
  await visitor.close();
});

test("a phone has no pointer that leaves: who comes back to the page has been away", async (story) => {
  const leaves = await openHouse(story, { rules: await rulesFile(story, rules([waits("back", "bottom", { exit: true })])) });
  const visitor = await leaves.visitor({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } });
  await visitor.context.addInitScript(record);
  await open(visitor, `${leaves.home}/en/`);
  // The watch comes by a script of its own, so once may be too early.
  await until("who comes back meets the message", async () => {
    await visitor.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    return await stands(visitor) === "back a";
  });
  await visitor.close();
});

test("a plan that waits for no sign has the page watched for none", async (story) => {
  const calm = await openHouse(story, { rules: await rulesFile(story, rules([campaign("c", [bar("a", "Hello")])])) });
  // What watches comes by a script of its own, after the page's.
  const listeners = async (place, least) => {
    const visitor = await place.visitor();
    await visitor.context.addInitScript(record);
    await visitor.context.addInitScript(() => {
      const real = document.addEventListener.bind(document);
      window.heard = [];
      document.addEventListener = (name, ...rest) => { window.heard.push(name); real(name, ...rest); };
    });
    await open(visitor, `${place.home}/en/`);
    const watched = async () => {
      const heard = await visitor.page.evaluate(() => window.heard);
      return new Set(heard.filter((name) => ["scroll", "mouseout", "pointermove", "wheel"].includes(name)));
    };
    await until(`${least} signs are watched`, async () => (await watched()).size >= least);
    await visitor.page.waitForLoadState("networkidle");
    const found = await watched();
    const fetched = await visitor.page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith("/vitrine_signs.js")));
    await visitor.close();
    return [found, fetched];
  };
  assert.deepEqual(await listeners(calm, 0), [new Set(), false]);
  assert.deepEqual(await listeners(house, 3), [new Set(["scroll", "pointermove", "wheel"]), true]);
});

test("a recorded visit with every sign replays to the same bytes", async () => {
  const visitor = await enter();
  const { page } = visitor;
  await scrollTo(visitor, 0.9);
  await comes(visitor, "deep a");
  await run(visitor, 31);
  await comes(visitor, "deep a,stay a");
  await run(visitor, 20);
  await comes(visitor, "deep a,stay a,still a");
  await reload(visitor);
  const tape = (kind) => page.evaluate((kind) => localStorage.getItem(`tape:${kind}`) ?? "", kind);
  const [observed, decided] = [await tape("observed"), await tape("decided")];
  for (const sign of ["scroll", "dwell", "user_idle"]) assert.ok(observed.includes(`"event":"${sign}"`), sign);

  const folder = await mkdtemp(join(tmpdir(), "vitrine-triggers-"));
  try {
    const [log, plan] = [join(folder, "events.jsonl"), join(folder, "site.plan")];
    await writeFile(log, observed);
    const command = promisify(execFile);
    await command(vitrine, ["build", file, "-o", plan]);
    assert.equal((await command(vitrine, ["replay", "--plan", plan, log])).stdout, decided);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});
