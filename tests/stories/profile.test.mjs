// What the device remembers of its visitor: across pages, reloads and tabs,
// and what happens where its memory is broken, foreign, full or forbidden.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { addToCart, allowed, counted, flaws, open, pass, push, reload, reports, standing, watchTime } from "./support/visit.mjs";

// A bar that says what is known of the visitor.
const words = ["visits", "views", "session.views", "channel", "source", "first.channel", "interest.top", "cart.count", "search.last"];
const mirror = bar("known", words.map((word) => `${word}={{ ${word} | default: '-' }}`).join(" "));
const scope = { after };
const file = await rulesFile(scope, rules([campaign("mirror", [mirror])], { interest: { halfLife: "14d" } }));
const house = await openHouse(scope, { rules: file });

const MINUTE_MS = 60_000;

async function known({ page }) {
  const text = await page.locator("[data-vitrine] .vt-title").textContent();
  return Object.fromEntries(text.split(" ").map((pair) => pair.split("=")));
}

const stored = ({ page }, key = "vitrine:demo") => page.evaluate((name) => localStorage.getItem(name), key);

test("visits, views, channel, interest, cart and search are remembered across pages, reloads and visits", async () => {
  const visitor = await house.visitor();
  await watchTime(visitor);
  await allowed(visitor);
  await visitor.page.goto(`${house.home}/`, { referer: "https://www.google.com/" });
  await until("the bar stands", async () => (await standing(visitor.page)).length > 0);
  assert.deepEqual(await known(visitor), {
    visits: "1", views: "1", "session.views": "1", channel: "search", source: "google", "first.channel": "search",
    "interest.top": "-", "cart.count": "0", "search.last": "-",
  });
  await open(visitor, `${house.home}/product/dal-loafer-black`);
  await addToCart(visitor.page);
  await addToCart(visitor.page, "Loafer", "y");
  await open(visitor, `${house.home}/search?q=boots`);
  await reload(visitor);
  const later = await known(visitor);
  assert.deepEqual([later.views, later["session.views"], later["interest.top"], later["cart.count"], later["search.last"]], ["4", "4", "shoes", "2", "boots"]);
  assert.deepEqual([later.visits, later.channel], ["1", "search"], "a page of the shop is no new arrival");
  // Half an hour without a deed ends the visit; the next comes from a letter.
  await pass(visitor, 31 * MINUTE_MS);
  await open(visitor, `${house.home}/?utm_source=letter&utm_medium=email`);
  const back = await known(visitor);
  assert.deepEqual([back.visits, back.views, back["session.views"], back.channel, back.source, back["first.channel"]], ["2", "5", "1", "email", "letter", "search"]);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("a value that is broken, truncated, foreign or oversized is a fresh profile, without a word", async () => {
  const visitor = await house.visitor();
  await allowed(visitor);
  await open(visitor, `${house.home}/`);
  await reload(visitor);
  assert.equal((await known(visitor)).views, "2");
  const good = await stored(visitor);
  const flip = (at) => good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1);
  const plan = await fetch(`${house.collector.address}/v1/demo/plan`).then((answer) => answer.json());
  const sealed = await fetch(`${house.collector.address}/v1/demo/plan/${plan.plan}`).then((answer) => answer.arrayBuffer());
  const broken = {
    "one sign at the start": flip(0), "one sign in the middle": flip(good.length >> 1), "one sign near the end": flip(good.length - 6),
    "cut in half": good.slice(0, good.length >> 1), "cut to one group": good.slice(0, 4), "with something behind": good + good,
    "a plan in its place": Buffer.from(sealed).toString("base64"), "another script's JSON": '{"visitor":"1234","views":9}',
    "no base64": "★ 마루 \u0000 ☂", "spaces": "   ", "three megabytes": Buffer.alloc(3 << 20, 7).toString("base64"),
  };
  for (const [what, value] of Object.entries(broken)) {
    await put(visitor, value);
    assert.equal((await known(visitor)).views, "1", what);
    assert.ok((await stored(visitor)).length < 4000, `${what}: a good value is written over it`);
  }
  // The same way with the good value: the visitor is known, so the way itself loses nothing.
  await put(visitor, good);
  assert.equal((await known(visitor)).views, "3");
  await put(visitor, good, "bm8gcmVwb3J0IGF0IGFsbApAQEAgCg==");
  assert.equal((await known(visitor)).views, "3", "a foreign outbox costs nothing but itself");
  const odd = flaws(visitor).filter((line) => !/status of 40[04]/.test(line));
  assert.deepEqual(odd, []);
  await visitor.close();
});

// Puts a value where the module finds it at the next page: from an address
// of the shop that has no module, for one that is running would write over it.
async function put(visitor, value, outbox) {
  const { page } = visitor;
  await page.goto(`${house.home}/img/mark.svg`);
  await page.evaluate(([record, letters]) => {
    localStorage.setItem("vitrine:demo", record);
    if (letters) localStorage.setItem("vitrine:demo:outbox", letters);
  }, [value, outbox]);
  await open(visitor, `${house.home}/list/belts`);
}

test("two tabs of one visitor lose nothing of each other, and count nothing twice", async () => {
  // What the visitors of earlier stories sent on leaving may still be on its way.
  let last;
  await until("nothing comes any more", async () => {
    const now = JSON.stringify(await counted(house, "mirror", "known"));
    const isQuiet = now === last;
    last = now;
    return isQuiet;
  }, { everyMs: 1_500 });
  const visitor = await house.visitor();
  await allowed(visitor);
  const before = (await counted(house, "mirror", "known")) ?? { due: 0, visitors: 0 };
  await open(visitor, `${house.home}/`);
  const first = visitor.page;
  const second = await visitor.context.newPage();
  await second.goto(`${house.home}/list/bags`);
  await until("the second tab has its bar", async () => (await standing(second)).length > 0);
  // One after the other, each for longer than the other's counts wait to leave.
  let added = 0;
  for (const page of [second, first]) {
    for (const end = Date.now() + 1_500; Date.now() < end;) {
      await addToCart(page, "Thing", `thing-${added++ % 3}`);
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
  await first.close();
  await second.reload();
  visitor.page = second;
  await until("the third page has its bar", async () => (await standing(second)).length > 0);
  const now = await known(visitor);
  assert.deepEqual([now.visits, now.views, now["cart.count"]], ["1", "3", String(added)]);
  await until("all three views are reported", async () => (await counted(house, "mirror", "known")).due >= before.due + 3);
  await until("nothing is under way", () => reports(visitor).every(({ status }) => status === 204));
  const after3 = await counted(house, "mirror", "known");
  assert.deepEqual([after3.due - before.due, after3.visitors - before.visitors], [3, 1]);
  await visitor.close();
});

for (const [what, block] of Object.entries({
  "a full storage": () => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; },
  "a storage that may not be read": () => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
    }
  },
  "no storage at all": () => { Object.defineProperty(window, "localStorage", { value: null }); },
  "no random numbers": () => { crypto.getRandomValues = () => { throw new Error("none"); }; },
})) {
  test(`with ${what} the page works, messages stand and counts leave`, async () => {
    const visitor = await house.visitor();
    await visitor.context.addInitScript(block);
    await allowed(visitor);
    await open(visitor, `${house.home}/product/kkeun-belt-black`);
    await until("the bar stands", async () => (await standing(visitor.page)).length > 0);
    await push(visitor.page, "view_item", { items: [{ item_id: "z", item_category: "belts" }] });
    await until("a report is answered", () => reports(visitor).some(({ status }) => status === 204));
    await visitor.page.locator("[data-vitrine] .vt-close").click();
    await until("it can be put away", async () => (await standing(visitor.page)).length === 0);
    await open(visitor, `${house.home}/cart`);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });
}
