// What a story does with a visitor's page, and reads from it. Never reaches
// into the module: everything here stands open to the shop, to the visitor or
// to the network panel.

import { until } from "./house.mjs";

/** Settings as from a tag manager, on every page of this visitor. */
export const tag = (visitor, settings) =>
  visitor.context.addInitScript((given) => { window.vitrineSettings = given; }, settings);

/** The visitor allows everything, by the tag; and the module explains itself. */
export const allowed = (visitor, more = {}) => tag(visitor, { consent: "persistent+reports", debug: "", ...more });

/** The visitor's draws come from this seed, if the device remembers none. */
export const seeded = (visitor, seed) =>
  visitor.context.addInitScript((digits) => {
    const real = crypto.getRandomValues.bind(crypto);
    let first = true;
    crypto.getRandomValues = (bits) => {
      if (!first || !(bits instanceof BigUint64Array)) return real(bits);
      first = false;
      bits[0] = BigInt(digits);
      return bits;
    };
  }, String(seed));

/** Opens a page and waits until the module has decided on it. */
export async function open(visitor, address) {
  const before = decisions(visitor).length;
  await visitor.page.goto(address);
  await decided(visitor, before);
}

/** Loads the page again and waits until the module has decided on it. */
export async function reload(visitor) {
  const before = decisions(visitor).length;
  await visitor.page.reload();
  await decided(visitor, before);
}

async function decided(visitor, before) {
  await until("the module decides (needs `debug`)", () => decisions(visitor).length > before);
}

const said = (visitor, start) => visitor.console
  .filter(({ text }) => text.startsWith(start)).map(({ text }) => JSON.parse(text.slice(start.length)));

/** Every decision so far, from the console of `debug`: lists of `{campaign, message, slot, leaf, stream}`. */
export const decisions = (visitor) => said(visitor, "[vitrine] Decided ").map((line) => line.decisions);

/** Every event read so far, from the console of `debug`. */
export const events = (visitor) => said(visitor, "[vitrine] Read ");

/** Sentences of `debug` other than decisions and events. */
export const sentences = (visitor) => visitor.console.map(({ text }) => text)
  .filter((text) => /^\[vitrine\] (?!Decided |Read )/.test(text)).map((text) => text.slice("[vitrine] ".length));

/** The banners that stand on the page, as `campaign message`. */
export const standing = (page) => page.evaluate(() =>
  [...document.querySelectorAll("[data-vitrine]")].map((host) => host.dataset.vitrine));

/** Pushes one event as GA4 documents it. */
export const push = (page, event, ecommerce) =>
  page.evaluate((entry) => { window.dataLayer.push(entry); }, { event, ecommerce });

/** A purchase, in won. */
export const buy = (page, transaction, value) =>
  push(page, "purchase", { transaction_id: transaction, value, currency: "KRW", items: [{ item_id: "x", price: value, quantity: 1 }] });

/** One product into the cart. */
export const addToCart = (page, name = "Loafer", id = "x") =>
  push(page, "add_to_cart", { value: 1000, currency: "KRW", items: [{ item_id: id, item_name: name, price: 1000, quantity: 1 }] });

/** The reports that were sent, each once a request: `{id, campaign, counts, status}`. */
export const reports = (visitor) => visitor.sent.filter(({ method }) => method === "POST")
  .map(({ body, status }) => ({ ...JSON.parse(body), status }));

/** All that lies on the device for these pages: cookies, storages, databases, caches. */
export async function traces({ context, page }) {
  const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`);
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage }, session: { ...sessionStorage },
    databases: (await indexedDB.databases()).map(({ name }) => name), caches: await caches.keys(),
  }));
  return { cookies, ...kept };
}

/** The results as the marketer reads them. */
export async function results(house) {
  const answer = await fetch(`${house.collector.address}/v1/demo/results`, { headers: { authorization: `Bearer ${house.ownerKey}` } });
  if (!answer.ok) throw new Error(`results were answered with ${answer.status}`);
  return answer.json();
}

/** One message's counts of the results. */
export async function counted(house, campaign, message) {
  const { campaigns } = await results(house);
  return campaigns.find((one) => one.campaign === campaign)?.messages.find((one) => one.message === message);
}

/** What no page may do: throw, break its policy, or complain. */
export function flaws({ errors, violations, console }) {
  return [...errors, ...violations, ...console.filter(({ type }) => type === "error" || type === "warning").map(({ text }) => text)];
}

/** From the next page on, this visitor's time can be let pass; until then it flows as ever. */
export const watchTime = (visitor) => visitor.context.clock.install();

// What a timer of the page has set off reaches the network within this time.
const GRACE_MS = 250;

/** Lets time pass on the page, with every timer in it; needs `watchTime`. */
export async function pass(visitor, ms) {
  await visitor.page.clock.runFor(ms);
  await new Promise((wake) => setTimeout(wake, GRACE_MS));
}
