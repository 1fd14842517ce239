// A model in shards: a page fetches the head and what is near the products in
// question, and its rows are those of the whole model.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { openHouse, until } from "./support/house.mjs";
import { campaign, rules, rulesFile, shopModel } from "./support/rules.mjs";
import { allowed, flaws, open, sentences, standing } from "./support/visit.mjs";

const SHARDS = 4;
const VIEWED = ["dal-loafer-black", "bada-tote-ivory", "gang-straight-indigo", "haru-watch-silver", "bi-shell-stone", "kkeun-belt-black", "san-boot-tan", "mok-scarf-charcoal"];
const strip = { id: "similar", kind: "products", title: "Others also looked at", recommend: { count: 6, exclude: [] } };
const scope = { after };
const file = await rulesFile(scope, rules([campaign("strip", [strip], { slot: "product-strip" })], {
  slots: { "product-strip": { minHeight: "300px" } },
}));
const model = await shopModel(scope, "--shards", String(SHARDS));
const divided = await openHouse(scope, { rules: file, model });
const whole = await openHouse(scope, { rules: file, model: await shopModel(scope) });

const folder = `${model}.shards`;
const sizes = new Map(readdirSync(folder).map((name) => [basename(name, ".model"), statSync(join(folder, name)).size]));
const COMPLAINT = "A part of the model did not come; rows show what there is.";

/** The names of the model's files that a visitor's pages asked for, in order. */
const fetched = (visitor) => visitor.sent.filter(({ path }) => path.startsWith("/v1/demo/model/")).map(({ path }) => basename(path));
const links = ({ page }) => page.evaluate(() =>
  [...document.querySelector("[data-vitrine]").shadowRoot.querySelectorAll("a")].map((link) => link.getAttribute("href")));

async function enter(house, ...products) {
  const visitor = await house.visitor();
  await allowed(visitor);
  for (const product of products) await see(visitor, house, product);
  return visitor;
}
async function see(visitor, house, product) {
  await open(visitor, `${house.home}/product/${product}`);
  await until("the row stands", async () => (await standing(visitor.page)).includes("strip similar"));
}

test("a first page fetches the head and the one shard of the product in view, and a second page nothing twice", async () => {
  const visitor = await enter(divided, VIEWED[0]);
  const [head, ...shards] = fetched(visitor);
  assert.equal(shards.length, 1);
  assert.ok(!sizes.has(head) && sizes.has(shards[0]), "the pointer names the head, and the head the shard");
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(sizes.get(shards[0]) < all / 2, `${sizes.get(shards[0])} of ${all} bytes`);
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send("Network.enable");
  const cached = [];
  session.on("Network.responseReceived", ({ response: { url, fromDiskCache } }) => /\/model\//.test(url) && cached.push(fromDiskCache));
  await see(visitor, divided, VIEWED[0]);
  await until("both files were asked for again", () => cached.length === 2);
  assert.deepEqual(cached, [true, true], "what has a hashed name comes out of the browser's cache");
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("where all shards are at hand, the row is the whole model's, and so is what `explain` says of it", async () => {
  const rows = [];
  for (const house of [divided, whole]) {
    const visitor = await enter(house, ...VIEWED);
    if (house === divided) assert.equal(new Set(fetched(visitor)).size, 1 + SHARDS, "these products lie in all shards");
    const [{ products }] = await visitor.page.evaluate(() => window.vitrine.explain());
    rows.push({ links: await links(visitor), products });
    assert.equal(rows.at(-1).products.length, 6);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  }
  assert.deepEqual(rows[0], rows[1]);
});

test("within one page, the next product's shard is fetched when it is asked for", async () => {
  const visitor = await enter(divided, VIEWED[0]);
  const before = fetched(visitor).length;
  await visitor.page.evaluate(([id]) => {
    history.pushState({}, "", `/product/${id}`);
    window.dataLayer.push({ event: "view_item", ecommerce: { items: [{ item_id: id }] } });
    window.vitrine.page();
  }, [VIEWED[1]]);
  await until("another shard is fetched", () => fetched(visitor).length === before + 1);
  await until("the row stands again", async () => (await standing(visitor.page)).includes("strip similar"));
  assert.ok((await links(visitor)).length > 0);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

for (const [what, how] of [
  ["is missing", (route) => route.fulfill({ status: 404, body: "{}", headers: { "access-control-allow-origin": "*" } })],
  ["is noise", (route) => route.fulfill({ status: 200, body: Buffer.alloc(3000, 7), headers: { "access-control-allow-origin": "*" } })],
  ["cannot be reached", (route) => route.abort()],
]) {
  test(`a shard that ${what} leaves the row with what is there, and is told once`, async () => {
    const visitor = await divided.visitor();
    await allowed(visitor);
    await visitor.context.route((url) => sizes.has(basename(url.pathname)), how);
    await see(visitor, divided, VIEWED[0]);
    assert.equal((await links(visitor)).length, 6);
    await visitor.page.evaluate(() => window.vitrine.page());
    await until("it stands again", async () => (await standing(visitor.page)).includes("strip similar"));
    assert.equal(sentences(visitor).filter((line) => line === COMPLAINT).length, 1);
    assert.equal(fetched(visitor).length, 2, "nobody asks again");
    assert.deepEqual(visitor.errors, []);
    await visitor.close();
  });
}
