// Ad blockers know paths, so an operator may move all of a site's addresses.
// The whole circle has to work there: nobody asks at the usual place.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openHouse } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { startWorkerd } from "./support/workerd.mjs";

const PREFIX = "/shop/win_1";
const text = rules([campaign("hello", [bar("hi", "Hello")])]);
const house = await openHouse({ after }, { edge: true, prefix: PREFIX, rules: await rulesFile({ after }, text) });
const { collector, until } = house;
const PERSISTENT = '{"storage":"persistent","reports":true}';

const titles = (page) => page.locator("[data-vitrine] .vt-title").allTextContents();
const shopper = async () => {
  const visitor = await house.visitor();
  await visitor.context.addInitScript((given) => { try { localStorage.setItem("maru.consent", given); } catch {} }, PERSISTENT);
  return visitor;
};
const onlyThere = ({ sent }) => {
  const strays = sent.map(({ path }) => path).filter((path) => path.startsWith("/v1") || (path.split("/").length > 2 && !path.startsWith(`${PREFIX}/demo/`)));
  assert.deepEqual(strays, []);
};

test("without an edge: the bar comes, its count leaves and is counted, odds are asked for", async () => {
  const visitor = await shopper();
  await visitor.page.goto(house.shop.address);
  await until("the bar stands", async () => (await titles(visitor.page)).includes("Hello"));
  await until("the count is on disk", () => visitor.sent.some(({ path, status }) => path === `${PREFIX}/demo/reports` && status === 204));
  assert.ok(visitor.sent.some(({ path, status }) => path === `${PREFIX}/demo/odds` && status === 200));
  onlyThere(visitor);
  await visitor.close();
  const results = await fetch(`${collector.address}${PREFIX}/demo/results`, { headers: { authorization: `Bearer ${house.ownerKey}` } });
  assert.match(await results.text(), /"visitors":1\b/);
});

test("with an edge, in Node and in workerd: the bar is in the page's bytes", async () => {
  const workerd = await startWorkerd({ origin: house.shop.address, collector: collector.address, more: { PREFIX } });
  try {
    for (const address of [house.edge.address, workerd.address]) {
      const page = await until("the edge has its plan", async () => {
        const bytes = await (await fetch(`${address}/`)).text();
        return bytes.includes("<strong class=\"vt-title\">Hello") && bytes;
      });
      assert.match(page, /shadowrootmode/);
    }
  } finally {
    await workerd.stop();
  }
});

test("a marketer signs in, publishes and previews, from the console's usual address", async () => {
  const marketer = await house.visitor({ locale: "en-US" });
  const { page } = marketer;
  await page.goto(`${collector.address}/console/`);
  assert.equal(new URL(page.url()).search, `?prefix=${PREFIX}`);
  await page.getByLabel("Site").fill("demo");
  await page.getByLabel("Key").fill(house.ownerKey);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#rules-view").waitFor();
  await page.locator("#text").fill(JSON.stringify({ ...text, campaigns: [campaign("hello", [bar("hi", "In the making")])] }, null, 2));
  await page.getByRole("button", { name: "Preview", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Where is your shop?" });
  await dialog.getByLabel("Address of the shop, or of a page of it").fill(`${house.shop.address}/`);
  const [shop] = await Promise.all([marketer.context.waitForEvent("page"), dialog.getByRole("button", { name: "Open the preview" }).click()]);
  await shop.locator("[data-vitrine-preview] .card").waitFor();
  await until("the draft's bar stands", async () => (await titles(shop)).includes("In the making"));
  await shop.close();

  await page.reload();
  await page.locator("#rules-view").waitFor();
  onlyThere({ sent: marketer.sent.filter(({ path }) => !/^\/(console|pkg)\//.test(path)) });
  assert.deepEqual([marketer.errors, marketer.violations], [[], []]);
  await marketer.close();
});

test("the description names the addresses that are answered", async () => {
  const { paths } = await (await fetch(`${collector.address}/openapi.json`)).json();
  const faces = Object.keys(paths).filter((path) => path.includes("{site}"));
  assert.ok(faces.length > 10);
  assert.deepEqual(faces.filter((path) => !path.startsWith(`${PREFIX}/{site}/`)), []);
});
