// Trouble in Firefox and in WebKit: whatever is blocked, missing or corrupt, the
// shop's page works, nothing is thrown, and the console gets one line at most.
// Every trouble there is, the stories have in Chromium; here stand those that
// a browser answers in its own way.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "../stories/support/house.mjs";
import { bar, campaign, rules, rulesFile } from "../stories/support/rules.mjs";
import { flaws, open, reports, sentences, standing } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const scope = { after };
const file = await rulesFile(scope, rules([campaign("hello", [bar("hi", "Hello")])]));
const noise = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 256));
const at = (pattern, trouble) => (entry) => (pattern.test(entry.path) ? trouble : undefined);

// What a browser itself says of what it was not given or not allowed; Firefox lists it among the errors.
const OWN_WORDS = /did not load$|^(Content-Security-Policy|Cross-Origin Request Blocked|Loading module from|Loading failed for)/;

// What goes wrong, what `debug` says of it, and whether the message stands all the same.
const troubles = {
  "the policy forbids wasm": { policy: (text) => text.replace(" 'wasm-unsafe-eval'", ""), says: /stays out of the way/ },
  "the policy allows no Trusted Types at all": { policy: (text) => text.replace("trusted-types vitrine", "trusted-types 'none'"), says: /is refused by the page; allow `vitrine` in its `trusted-types`/ },
  "the whole collector is unreachable": { trouble: () => "gone" },
  "the module's script is missing": { trouble: at(/vitrine_page\.js$/, { status: 404 }), says: /stays out of the way/ },
  "the wasm is corrupt": { trouble: at(/\.wasm$/, { status: 200, type: "application/wasm", bytes: noise }), says: /stays out of the way/ },
  "the wasm is of no type": { trouble: at(/\.wasm$/, { status: 200, type: "text/plain", bytes: noise }), says: /stays out of the way/ },
  "the plan's bytes are noise": { trouble: at(/\/plan\/./, { status: 200, bytes: noise }), says: /The plan .+; nothing will be shown\./ },
  "the odds do not come": { trouble: at(/\/odds$/, "gone"), shows: true },
  "the storage is full": { first: 'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };', shows: true },
  "the storage may not be read": { first: 'for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });', shows: true },
};

for (const name of browsers) {
  const house = await openHouse(scope, name, { rules: file });
  for (const [what, { says, shows, ...wishes }] of Object.entries(troubles)) {
    test(`${house.browser.name} ${house.browser.version}: ${what}, and the page works`, async () => {
      for (const debug of says ? [{}, { debug: "" }] : [{}]) {
        const visitor = await house.visitor({ settings: { consent: "persistent+reports", ...debug }, ...wishes });
        const { page } = visitor;
        await page.goto(`${visitor.home}/en/product/dal-loafer-black`);
        if (says && "debug" in debug) await until(`a sentence says ${says}`, () => sentences(visitor).some((line) => says.test(line)));
        if (shows) {
          await until("the bar stands", async () => (await standing(page)).includes("hello hi"));
          await until("a report is answered", () => reports(visitor).some(({ status }) => status === 204));
        }
        await page.click("[data-add] button");
        await page.evaluate(() => { (window.vitrine ||= []).push(["track", { event: "view_item" }], ["page"], ["log"], ["explain"], ["forget"]); });
        if (!shows) assert.deepEqual(await standing(page), []);
        assert.deepEqual(visitor.errors.filter((line) => !OWN_WORDS.test(line)), []);
        const said = visitor.console.filter(({ text }) => text.startsWith("[vitrine]"));
        if (!("debug" in debug)) assert.ok(said.length <= 1, JSON.stringify(said));
        assert.deepEqual(visitor.console.filter(({ type }) => type === "error" || type === "warning"), []);
        await visitor.close();
      }
    });
  }

  test(`${house.browser.name} ${house.browser.version}: when the trouble is over the next page has its bar, and the report of before leaves`, async () => {
    let away = true;
    const visitor = await house.visitor({ settings: { consent: "persistent+reports", debug: "" }, trouble: (entry) => (away && entry.method === "POST" ? "gone" : undefined) });
    await open(visitor, `${visitor.home}/en/`);
    await until("a report does not arrive", () => reports(visitor).length > 0);
    const [{ id }] = reports(visitor);
    away = false;
    await open(visitor, `${visitor.home}/en/list/bags`);
    await until("the same report is answered", () => reports(visitor).some((report) => report.id === id && report.status === 204));
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });
}
