// An edge in front of the shop, for Firefox and for WebKit: the bar that stands
// in the streamed page is the one that the page's module adopts. What an edge
// does on the wire is the stories' business.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { until } from "../stories/support/house.mjs";
import { rulesFile } from "../stories/support/rules.mjs";
import { root } from "../stories/support/servers.mjs";
import { counted, flaws, open, standing } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const scope = { after };
// The demo's rules, without holdouts: each of these visitors must get a bar.
const published = await readFile(join(root, "www/shop/rules.json"), "utf8");
const file = await rulesFile(scope, published.replaceAll(/"holdout": [\d.]+,/g, ""));
const FROM_A_SEARCH = "/en/?utm_source=naver&utm_medium=cpc&utm_term=boots";
// What the edge drew, as it stood before any script of the page had its turn.
const note = `new MutationObserver((_, watch) => {
  window.drawn = document.querySelector("[data-vitrine-edge]");
  window.drawnText = window.drawn?.shadowRoot?.querySelector(".vt-title")?.textContent;
  if (window.drawnText) watch.disconnect();
}).observe(document, { childList: true, subtree: true });`;

for (const name of browsers) {
  const house = await openHouse(scope, name, { rules: file, edge: true });
  test(`${house.browser.name} ${house.browser.version}: the edge's bar is adopted as it stands, wears the sheet, moves nothing and is counted once`, async () => {
    const visitor = await house.visitor({ settings: { consent: "persistent+reports", debug: "" }, first: note });
    const { page } = visitor;
    // An edge that has just started has no plan yet, and says nothing.
    await until("the edge draws", async () => (await (await fetch(visitor.home + FROM_A_SEARCH)).text()).includes("data-vitrine-edge="));
    await open(visitor, visitor.home + FROM_A_SEARCH);
    await until("it stands", async () => (await standing(page)).includes("search-answer found"));
    await until("it is adopted", () => page.evaluate(() => !document.querySelector("[data-vitrine-edge]")));
    assert.match(await page.evaluate(() => window.drawnText), /Looking for “boots”\?/);
    assert.deepEqual(await page.evaluate(() => {
      const [host, ...more] = document.querySelectorAll("[data-vitrine]");
      return [host === window.drawn, more.length, host.shadowRoot.adoptedStyleSheets.length, getComputedStyle(host.shadowRoot.querySelector(".vt")).position];
    }), [true, 0, 1, "fixed"]);
    assert.deepEqual(await page.evaluate(() => window.shifts), []);
    await until("it is counted", async () => (await counted(house, "search-answer", "found"))?.shown === 1);
    assert.equal((await counted(house, "search-answer", "found")).visitors, 1);
    await page.click(".vt-close");
    await until("it is put away", async () => !(await standing(page)).includes("search-answer found"));
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });
}
