// What a page pays, in a real Chromium: milliseconds to the first banner, and
// microseconds an event, storage and screen included. It compares nothing by
// itself: run it before and after a change, on the same machine.
//
//   cargo xtask build && node benches/page.mjs
import { openHouse } from "../tests/stories/support/house.mjs";

const VISITS = 7;
const EVENTS = 500;

const closing = [];
const house = await openHouse({ after: (close) => closing.push(close) });
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const settings = () => { window.vitrineSettings = { consent: "persistent+reports" }; };

const first = [];
const cost = [];
for (let visit = 0; visit < VISITS; visit += 1) {
  const visitor = await house.visitor();
  await visitor.page.addInitScript(settings);
  await visitor.page.goto(`${house.home}/`);
  await visitor.page.locator("[data-vitrine] .vt-title").first().waitFor();
  first.push(await visitor.page.evaluate(() => {
    const tag = performance.getEntriesByType("resource").find((entry) => entry.name.endsWith("/vitrine.js"));
    return performance.now() - tag.startTime;
  }));
  cost.push(await visitor.page.evaluate((events) => {
    const item = (at) => ({ item_id: `x${at}`, item_name: "Name", item_category: `c${at % 30}`, item_brand: "b", price: 1000 });
    const began = performance.now();
    for (let at = 0; at < events; at += 1) window.vitrine.track({ event: "view_item", items: [item(at)] });
    return ((performance.now() - began) / events) * 1000;
  }, EVENTS));
  await visitor.close();
}
console.log(`from the tag to the banner: ${median(first).toFixed(0)} ms; an event: ${median(cost).toFixed(0)} µs (medians of ${VISITS} visits)`);
for (const close of closing) await close();
