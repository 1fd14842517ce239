// The marketer's door in Firefox and in WebKit: signs in, mends a mistake,
// publishes, and watches a shopper's count come in. What the rules and the
// figures mean is the stories' business.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "../stories/support/house.mjs";
import { bar, campaign, rules, rulesFile } from "../stories/support/rules.mjs";
import { flaws, open, standing } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const scope = { after };
const text = (title) => JSON.stringify(rules([campaign("hello", [bar("hi", title, "/cart")])]), null, 2);
const file = await rulesFile(scope, text("The first words"));

/** As a person's typing does it: the field's value, and its event. */
const fill = ({ page }, selector, words) => page.evaluate(([place, value]) => {
  const field = document.querySelector(place);
  field.focus();
  field.value = value;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}, [selector, words]);
const read = ({ page }, selector) => page.evaluate((place) => document.querySelector(place)?.textContent ?? "", selector);
const shows = (marketer, selector) => until(`${selector} is seen`, () => marketer.page.evaluate((place) => document.querySelector(place)?.checkVisibility() ?? false, selector));
const saying = (marketer, selector, words) => until(`${selector} says ${words}`, async () => words.test(await read(marketer, selector)));

// What the check says, from the first moment of a page.
const listening = `document.addEventListener("DOMContentLoaded", () => {
  window.checkSaid = [];
  new MutationObserver(() => window.checkSaid.push(document.querySelector("#check-state").textContent))
    .observe(document.querySelector("#check-state"), { childList: true, characterData: true, subtree: true });
});`;
// Longer than the console waits before it checks what stands in the editor.
const SLOW_MS = 1_000;
const slowly = ({ method, path }) => (method === "GET" && path.endsWith("/rules") ? new Promise((go) => setTimeout(go, SLOW_MS)) : undefined);

for (const name of browsers) {
  const house = await openHouse(scope, name, { rules: file });
  test(`${house.browser.name} ${house.browser.version}: signs in, mends a mistake, publishes, sees the results move, and signs out`, async () => {
    const marketer = await house.marketer({ language: "en-US", first: listening, pass: slowly });
    const { page } = marketer;
    await page.goto(`${marketer.home}/console/`);
    await shows(marketer, "#sign-in-view");
    await fill(marketer, "#site", "demo");
    await fill(marketer, "#key", house.ownerKey);
    await page.press("Enter");
    await shows(marketer, "#rules-view");
    assert.match(await page.evaluate(() => document.querySelector("#text").value), /The first words/);

    await fill(marketer, "#text", text("The second words").replace('"bottom"', '"botom"'));
    await until("the mistake is listed", async () => /botom/.test(await read(marketer, "#problems")));
    await page.click("#problems .problem-row");
    assert.equal(await page.evaluate(() => {
      const area = document.querySelector("#text");
      return area.value.slice(area.selectionStart, area.selectionEnd);
    }), '"botom"');
    // The mistake is marked, so that typing mends it.
    await page.press(...'"bottom"');
    await saying(marketer, "#check-state", /^No mistakes/);
    await page.click("#publish");
    await shows(marketer, "#dialog");
    await page.press("Escape");
    assert.equal(await page.evaluate(() => document.querySelector("#dialog").open), false);
    await page.click("#publish");
    await page.click("#dialog-yes");
    await saying(marketer, "#notice-text", /^Published\./);

    await page.click('#views [href="#results"]');
    await shows(marketer, "#results-view");
    const shopper = await house.visitor({ settings: { consent: "persistent+reports", debug: "" } });
    await open(shopper, `${shopper.home}/`);
    await until("the message stands", async () => (await standing(shopper.page)).includes("hello hi"));
    assert.equal(await shopper.page.evaluate(() => document.querySelector("[data-vitrine]").shadowRoot.querySelector(".vt-title").textContent), "The second words");
    await until("the stream brings the visitor", () => page.evaluate(() => {
      const table = document.querySelector("#campaigns table");
      const at = [...table?.querySelectorAll("thead th") ?? []].findIndex(({ textContent }) => textContent.trim() === "Visitors");
      const row = [...table?.querySelectorAll("tbody tr") ?? []].find(({ textContent }) => textContent.includes("hi"));
      return row?.querySelectorAll("th, td")[at]?.textContent.replace(/\D/g, "") === "1";
    }), { withinMs: 12_000 });
    await saying(marketer, "#live-state", /./);
    await page.reload();
    await shows(marketer, "#results-view");
    await page.click('#views [href="#rules"]');
    await saying(marketer, "#check-state", /^No mistakes/);
    assert.deepEqual((await page.evaluate(() => window.checkSaid)).filter((words) => /empty/.test(words)), [], "rules on their way are no empty editor");
    await page.click("#language");
    await until("it is in Korean", () => page.evaluate(() => document.documentElement.lang === "ko"));
    await page.click("#sign-out");
    await shows(marketer, "#sign-in-view");
    for (const one of [marketer, shopper]) assert.deepEqual(flaws(one), []);
    await shopper.close();
    await marketer.close();
  });
}
