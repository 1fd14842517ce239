// Global Privacy Control as a browser has it: Firefox with its own switch on.
// Never imitates the signal; WebKit has none.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "../stories/support/house.mjs";
import { bar, campaign, rules, rulesFile } from "../stories/support/rules.mjs";
import { addToCart, flaws, open, reports, standing, traces } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const scope = { after };
const preferences = { "privacy.globalprivacycontrol.enabled": true, "privacy.globalprivacycontrol.functionality.enabled": true };
// Counts wait one second for company; what has not left after two does not leave.
const SILENCE_MS = 2_000;

if (browsers.includes("firefox")) {
  const file = await rulesFile(scope, rules([campaign("hello", [bar("hi", "Hello")])]));
  const house = await openHouse(scope, "firefox", { rules: file, preferences });
  test(`${house.browser.name} ${house.browser.version}: its own Global Privacy Control wins over the tag and over a call; the message stands all the same`, async () => {
    const visitor = await house.visitor({ settings: { consent: "persistent+reports", debug: "" } });
    const { page } = visitor;
    await open(visitor, `${visitor.home}/`);
    assert.equal(await page.evaluate(() => navigator.globalPrivacyControl), true);
    assert.ok(visitor.sent.every(({ headers }) => headers["sec-gpc"] === "1"), "the browser says so itself");
    await page.evaluate(() => { window.vitrine.push(["consent", { storage: "persistent", reports: true }]); });
    await page.click("[data-answer=count]");
    await addToCart(page);
    await until("the message stands", async () => (await standing(page)).includes("hello hi"));
    await new Promise((wake) => setTimeout(wake, SILENCE_MS));
    const { local, ...rest } = await traces(visitor);
    assert.deepEqual(Object.keys(local).filter((key) => !key.startsWith("maru.")), []);
    assert.deepEqual(rest, { cookies: [], session: {}, databases: [], caches: [] });
    assert.deepEqual(reports(visitor), []);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });
}
