// A whole house for one story: collector, shop, an edge where asked for, and a
// browser; all of it fresh, all of it ended with the story.
import { newVisitor, openBrowser } from "./browser.mjs";
import { startCollector, startEdge, startShop } from "./servers.mjs";

/**
 * Opens a house. `scope` is the test's context, or anything with `after`, such
 * as `node:test` itself when the stories of one file share a house.
 *
 * Options: those of `startCollector`; `edge: true` puts the Node adapter in
 * front of the shop; `shopWords`: further words for the shop, such as `--debug`;
 * `prefix`: what the collector puts before a site's name, told to all of them.
 *
 * Gives `{ collector, shop, edge, browser, home, ownerKey, visitor(), until() }`;
 * `home` is where a shopper enters, the edge's address where there is one.
 */
export async function openHouse(scope, { edge: atEdge = false, shopWords = [], prefix, ...options } = {}) {
  const moved = prefix ? ["--path-prefix", prefix] : [];
  const opened = [];
  const keep = (thing, close) => (opened.unshift(() => close(thing)), thing);
  scope.after(async () => { for (const close of opened) await close(); });

  const collector = keep(await startCollector({ ...options, words: [...(options.words ?? []), ...moved] }), (server) => server.stop());
  const shop = keep(await startShop({ collector: collector.address, words: [...shopWords, ...moved] }), (server) => server.stop());
  const edge = atEdge
    ? keep(await startEdge({ origin: shop.address, collector: collector.address, words: moved }), (server) => server.stop())
    : undefined;
  const browser = keep(await openBrowser(), (chromium) => chromium.close());
  const visitor = (context) => newVisitor(browser, { collector: collector.address, ...context });
  return { collector, shop, edge, browser, home: (edge ?? shop).address, ownerKey: collector.ownerKey, visitor, until };
}

/**
 * Asks again until the answer is true (or anything like it), and gives it.
 * `what` is the end of the sentence that says what did not happen.
 */
export async function until(what, ask, { withinMs = 10_000, everyMs = 50 } = {}) {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`within ${withinMs} ms it did not happen that ${what}`);
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
}
