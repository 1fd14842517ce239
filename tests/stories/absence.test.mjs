// Absence: something went into the cart and was not bought. Nothing happens,
// and exactly that is what the nudge waits for.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { addToCart, allowed, buy, decisions, events, flaws, open, reload, standing, watchTime } from "./support/visit.mjs";

const WAIT_S = 30;
const nudge = campaign("cart-nudge", [bar("gentle", "Still thinking about {{ cart.last.title }}?")], {
  trigger: { after: { event: "add_to_cart" }, without: { event: "purchase" }, for: `${WAIT_S}s` },
});
const scope = { after };
const house = await openHouse(scope, { rules: await rulesFile(scope, rules([nudge])) });

// A visitor whose clock stands still unless the story lets it run.
async function enter() {
  const visitor = await house.visitor();
  await watchTime(visitor);
  await allowed(visitor);
  await open(visitor, `${house.home}/`);
  const start = await visitor.page.evaluate(() => Date.now());
  await visitor.page.clock.pauseAt(start + 1_000);
  return visitor;
}

const run = (visitor, seconds) => visitor.page.clock.runFor(seconds * 1_000);
const stands = async ({ page }) => (await standing(page)).join();

test("the nudge appears after the time, without any event, and not a moment before", async () => {
  const visitor = await enter();
  const read = events(visitor).length;
  await addToCart(visitor.page, "Dal loafer");
  await run(visitor, WAIT_S - 1);
  assert.equal(await stands(visitor), "");
  await run(visitor, 1);
  await until("the nudge stands", async () => await stands(visitor) === "cart-nudge gentle");
  assert.equal(await visitor.page.locator("[data-vitrine] .vt-title").textContent(), "Still thinking about Dal loafer?");
  const since = events(visitor).slice(read).map(({ event }) => event);
  assert.deepEqual(since.filter((event) => event !== "shown"), ["add_to_cart"]);
  assert.deepEqual(decisions(visitor).at(-1), [{ campaign: "cart-nudge", message: "gentle", slot: "bottom", leaf: "else", stream: "random" }]);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("the time runs on across a reload and another page", async () => {
  const visitor = await enter();
  await addToCart(visitor.page);
  await run(visitor, WAIT_S / 2);
  await reload(visitor);
  await open(visitor, `${house.home}/list/bags`);
  assert.equal(await stands(visitor), "");
  await run(visitor, WAIT_S / 2 - 2);
  assert.equal(await stands(visitor), "", "half the time and a little less after the reload");
  await run(visitor, 2);
  await until("the nudge stands", async () => await stands(visitor) === "cart-nudge gentle");
  await visitor.close();
});

test("who comes back after the time finds it at once", async () => {
  const visitor = await enter();
  await addToCart(visitor.page);
  await visitor.page.goto("about:blank");
  await run(visitor, 10 * WAIT_S);
  await open(visitor, `${house.home}/list/bags`);
  await until("the nudge stands", async () => await stands(visitor) === "cart-nudge gentle");
  await visitor.close();
});

test("a purchase before the time prevents it, also after a reload", async () => {
  const visitor = await enter();
  await addToCart(visitor.page);
  await run(visitor, WAIT_S / 2);
  await buy(visitor.page, "T-1", 1000);
  await run(visitor, WAIT_S);
  assert.equal(await stands(visitor), "");
  await reload(visitor);
  await run(visitor, WAIT_S);
  assert.equal(await stands(visitor), "");
  assert.deepEqual(decisions(visitor).flat(), []);
  // And a new cart starts the wait anew.
  await addToCart(visitor.page);
  await run(visitor, WAIT_S);
  await until("the nudge stands", async () => await stands(visitor) === "cart-nudge gentle");
  await visitor.close();
});

test("a tab that slept past the moment shows it when it wakes", async () => {
  const visitor = await enter();
  await addToCart(visitor.page);
  // Every timer that was due meanwhile goes off once, late.
  await visitor.page.clock.fastForward(20 * WAIT_S * 1_000);
  await until("the nudge stands", async () => await stands(visitor) === "cart-nudge gentle");
  await visitor.close();
});
