// A whole house for the browsers beside Chromium: the real collector and shop,
// an ear at the door of each, and both browsers. Never opens Chromium.
import { startCollector, startEdge, startShop } from "../../stories/support/servers.mjs";
import { listenAt } from "./ear.mjs";
import { openFirefox } from "./firefox.mjs";
import { clicking, pressing } from "./hands.mjs";
import { openWebKit } from "./webkit.mjs";

const BROWSERS = { firefox: openFirefox, webkit: openWebKit };
/** The browsers that are tried: both, or the one that `VITRINE_BROWSER` names. */
export const browsers = Object.keys(BROWSERS).filter((name) => !process.env.VITRINE_BROWSER || process.env.VITRINE_BROWSER === name);

const DESK = { width: 1280, height: 800, language: "ko-KR" };

/**
 * Opens a house with one browser. `scope` is anything with `after`; options are
 * those of `startCollector`, `edge: true` puts the Node adapter in front of the shop, and
 * `preferences` are Firefox's.
 * Gives `{ collector, shop, browser, visitor(wishes), marketer(wishes) }`; of what either
 * can wish for, `settings` are the tag's, `first`, `policy` and `pass` their own ear's, `trouble`
 * is the `pass` at the collector's door, the rest is the window's.
 */
export async function openHouse(scope, name, { edge: atEdge = false, preferences, ...options } = {}) {
  const opened = [];
  const keep = (thing, close) => (opened.unshift(() => close(thing)), thing);
  scope.after(async () => { for (const close of opened) await close(); });
  const passed = new Set();
  const collector = keep(await startCollector(options), (server) => server.stop());
  const door = keep(await listenAt(collector.address, { pass: (entry) => [...passed].map((pass) => pass(entry)).find(Boolean) }), (ear) => ear.close());
  const shop = keep(await startShop({ collector: door.address }), (server) => server.stop());
  const front = atEdge
    ? keep(await startEdge({ origin: shop.address, collector: door.address }), (server) => server.stop())
    : shop;
  const browser = keep(await BROWSERS[name](preferences), (one) => one.close());
  const enter = async (target, { settings, first = "", policy, pass, trouble, ...wishes }) => {
    const heard = { console: [], errors: [], violations: [], sent: [] };
    const hear = (note) => listen(heard, note);
    const said = settings ? `window.vitrineSettings = ${JSON.stringify(settings)};` : "";
    // Closed with the house: a story that fails does not come to close its visitor.
    const home = keep(await listenAt(target, { hear, first: said + first, policy, pass }), (ear) => ear.close());
    const knock = (entry) => {
      if (entry.origin !== home.address) return undefined;
      heard.sent.push(entry);
      return trouble?.(entry);
    };
    passed.add(knock);
    const tab = await browser.tab({ ...DESK, ...wishes, hear: (type, text) => { if (type === "thrown") heard.errors.push(text); } });
    const close = async () => {
      await tab.close();
      passed.delete(knock);
    };
    return { home: home.address, page: { ...tab, ...hands(tab) }, context: { cookies: tab.cookies }, ...heard, close };
  };
  return {
    collector, shop, browser, ownerKey: collector.ownerKey,
    visitor: (wishes = {}) => enter(front.address, wishes),
    marketer: (wishes = {}) => enter(collector.address, wishes),
  };
}

function listen({ console, errors, violations }, { type, text, born, count }) {
  if (type === "thrown") errors.push(text);
  else if (type === "violation") violations.push(text);
  else {
    // Notes of one page may overtake each other.
    console.push({ type, text, at: [born, count] });
    console.sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  }
}

/** What a visitor does by mouse and keyboard, wherever in the page a thing is; a thing that still moves is waited for. */
function hands(tab) {
  const place = (selector) => tab.evaluate(async (wanted) => {
    const search = (root) => {
      const found = root.querySelector(wanted);
      if (found) return found;
      for (const { shadowRoot } of root.querySelectorAll("*")) {
        const within = shadowRoot && search(shadowRoot);
        if (within) return within;
      }
    };
    const element = search(document);
    if (!element) throw new Error(`there is no \`${wanted}\` on ${location.href}`);
    element.scrollIntoView({ block: "center", behavior: "instant" });
    for (let before; ;) {
      const { left, top, width, height } = element.getBoundingClientRect();
      const middle = [left + width / 2, top + height / 2];
      if (String(middle) === before) return middle;
      before = String(middle);
      for (const frames of [1, 2, 3]) await new Promise((next) => requestAnimationFrame(() => next(frames)));
    }
  }, selector);
  return {
    clickAt: (x, y) => tab.act(clicking(x, y)),
    click: async (selector) => tab.act(clicking(...await place(selector))),
    press: (...keys) => tab.act(pressing(...keys)),
  };
}
