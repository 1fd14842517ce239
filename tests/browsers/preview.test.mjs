// A marketer's preview in Firefox and in WebKit: it walks along by links and by
// the search, shows a message that was chosen, and is gone when it is left. What
// it may not do is the stories' business.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "../stories/support/house.mjs";
import { bar, campaign, rules, rulesFile } from "../stories/support/rules.mjs";
import { flaws, standing } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const scope = { after };
const site = (title) => rules([
  campaign("hello", [bar("hi", title, "/list/shoes")]),
  campaign("later", [bar("thanks", "Thank you")], { slot: "top", trigger: { after: { event: "purchase" } } }),
]);
const file = await rulesFile(scope, site("As published"));

for (const name of browsers) {
  const house = await openHouse(scope, name, { rules: file });
  test(`${house.browser.name} ${house.browser.version}: a preview walks along, shows what is chosen, and is left`, async () => {
    const headers = { authorization: `Bearer ${house.ownerKey}` };
    const answer = await fetch(`${house.collector.address}/v1/demo/drafts`, { method: "POST", headers, body: JSON.stringify(site("In the making")) });
    const { token } = await answer.json();
    const marketer = await house.visitor();
    const { page } = marketer;
    // The panel as its marketer finds it: what it lists, and whether the token came along.
    const panel = () => page.evaluate(() => ({
      listed: [...document.querySelector("[data-vitrine-preview]")?.shadowRoot.querySelectorAll("h3") ?? []].map((one) => one.textContent),
      path: location.pathname, search: location.search,
    }));
    const title = () => page.evaluate(() => document.querySelector("[data-vitrine='hello hi']")?.shadowRoot.querySelector(".vt-title").textContent);
    const here = (path) => until(`the preview came along to ${path}`, async () => {
      const { listed, path: at, search } = await panel();
      return at === path && search.includes(`vitrine-preview=${token}`) && listed.join() === "hello,later" && await title() === "In the making";
    });
    await page.goto(`${marketer.home}/en/?vitrine-preview=${token}`);
    await here("/en/");
    await page.click(".menu a[href='/en/list/bags']");
    await here("/en/list/bags");
    await page.click("input[type=search]");
    await page.press(..."belt", "Enter");
    await here("/en/search");
    assert.match((await panel()).search, /[?&]q=belt(&|$)/);
    await page.click("[data-key='later thanks']");
    await until("the chosen bar stands", async () => (await standing(page)).includes("later thanks"));
    await page.press("Enter");
    await until("it is gone", async () => (await standing(page)).join() === "hello hi");
    await page.click(".main");
    await until("the shop is as for everybody", async () => (await panel()).listed.length === 0 && await title() === "As published");
    assert.equal((await panel()).search, "?q=belt");
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
    assert.deepEqual(marketer.sent.filter(({ method, path }) => method === "POST" && /report/.test(path ?? "")), []);
    assert.deepEqual(flaws(marketer), []);
    await marketer.close();
  });
}
