// Counting: what one visitor does arrives as one visitor's counts, once,
// whatever becomes of the network on the way.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { allowed, buy, counted, flaws, open, pass, push, reload, reports, standing, tag, traces, watchTime } from "./support/visit.mjs";

const scope = { after };
const only = (message) => ({ allocation: { aim: "split", weights: { [message]: 1 } } });
const house = await openHouse(scope, {
  rules: await rulesFile(scope, rules([
    campaign("hello", [bar("welcome", "Welcome", "/list/bags")], { ...only("welcome"), slot: "top" }),
    campaign("held", [bar("never", "Never seen")], { slot: "bottom", holdout: 0.5, pace: { ever: 3 } }),
  ])),
});

const none = { visitors: 0, converters: 0, revenue: "0", due: 0, shown: 0, clicked: 0, dismissed: 0 };
const pick = (counts) => Object.fromEntries(Object.keys(none).map((key) => [key, counts[key]]));
const now = async (message = "welcome", id = "hello") => pick((await counted(house, id, message)) ?? none);
const minus = (a, b) => Object.fromEntries(Object.entries(a).map(([key, value]) => [key, typeof value === "string" ? String(BigInt(value) - BigInt(b[key])) : value - b[key]]));
const gained = (before) => async (want) => {
  let last;
  await until(`the results gain ${JSON.stringify(want)}`, async () => {
    last = minus(await now(), before);
    return JSON.stringify(last) === JSON.stringify({ ...none, ...want });
  }, { withinMs: 8_000 }).catch((error) => { error.message += `; they gained ${JSON.stringify(last)}`; throw error; });
};
const banner = (page) => page.locator('[data-vitrine="hello welcome"]');
const hello = (visitor) => reports(visitor).filter((report) => report.campaign === "hello");
const seen = (visitor) => until("it is seen and told", () => hello(visitor).some(({ counts, status }) => status === 204 && counts.some(({ shown }) => shown > 0)));

test("due, shown, clicked, dismissed, converter and revenue of one visitor are one visitor's counts", async () => {
  const before = await now();
  const rises = gained(before);
  const visitor = await house.visitor();
  await allowed(visitor);
  await open(visitor, `${house.home}/`);
  await rises({ visitors: 1, due: 1, shown: 1 });
  await banner(visitor.page).locator(".vt-cta").click();
  await visitor.page.waitForURL("**/list/bags");
  await rises({ visitors: 1, due: 2, shown: 2, clicked: 1 });
  await banner(visitor.page).locator(".vt-close").click();
  await rises({ visitors: 1, due: 2, shown: 2, clicked: 1, dismissed: 1 });
  // 12,400 won lie nearest to 12,000 on the site's grid of a thousand.
  await buy(visitor.page, "T-1", 12_400);
  await rises({ visitors: 1, converters: 1, revenue: "12000", due: 2, shown: 2, clicked: 1, dismissed: 1 });
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("a second purchase adds (a+b)² − a² to the squares, a reloaded thank-you page adds nothing", async () => {
  const before = await now();
  const visitor = await house.visitor();
  await allowed(visitor);
  await open(visitor, `${house.home}/`);
  for (const [order, won] of [["A-1", 30_000], ["A-1", 30_000], ["A-2", 5_000]]) await buy(visitor.page, order, won);
  await open(visitor, `${house.home}/list/belts`);
  for (const [order, won] of [["A-2", 5_000], ["A-1", 30_000]]) await buy(visitor.page, order, won);
  await gained(before)({ visitors: 1, converters: 1, revenue: "35000", due: 2, shown: 2 });
  const squares = hello(visitor).flatMap(({ counts }) => counts).reduce((sum, { revenue2 }) => sum + BigInt(revenue2), 0n);
  assert.equal(squares, 35_000n ** 2n);
  await visitor.close();
});

test("the shop's own way to the till is one converter with the order's value", async () => {
  const before = await now();
  const visitor = await house.visitor();
  await allowed(visitor);
  await open(visitor, `${house.home}/en/product/kkeun-belt-black`);
  await visitor.page.locator("[data-add] button").click();
  await open(visitor, `${house.home}/en/cart`);
  await visitor.page.locator(".summary .button").click();
  await visitor.page.waitForURL("**/order-done?**");
  await until("the thank-you page has its bar", async () => (await standing(visitor.page)).length > 0);
  const total = await visitor.page.locator(".totals dd").last().textContent();
  await reload(visitor);
  await gained(before)({
    visitors: 1, converters: 1, revenue: String(Math.round(Number(total.replace(/\D/g, "")) / 1000) * 1000), due: 4, shown: 4,
  });
  await visitor.close();
});

test("the holdout is due and can convert, and is never shown", async () => {
  const [withheld, open1] = [await now("holdout", "held"), await now("never", "held")];
  let [held, drawn] = [0, 0];
  for (let more = 0; held === 0 || drawn === 0; more += 1) {
    assert.ok(more < 20, "one in two is held out");
    const visitor = await house.visitor();
    await allowed(visitor);
    await open(visitor, `${house.home}/`);
    await until("the other campaign stands", async () => (await standing(visitor.page)).includes("hello welcome"));
    const isHeld = !(await standing(visitor.page)).includes("held never");
    await buy(visitor.page, "H-1", 1_000);
    await until("it is reported", () => reports(visitor).some((report) => report.campaign === "held" && report.status === 204
      && report.counts.some(({ converters }) => converters === 1)));
    const rows = reports(visitor).filter((report) => report.campaign === "held").flatMap(({ counts }) => counts);
    assert.deepEqual([...new Set(rows.map(({ message, stream }) => `${message} ${stream}`))], [isHeld ? "holdout holdout" : "never random"]);
    [held, drawn] = isHeld ? [held + 1, drawn] : [held, drawn + 1];
    await visitor.close();
  }
  const after1 = minus(await now("holdout", "held"), withheld);
  assert.deepEqual(after1, { ...none, visitors: held, converters: held, revenue: String(held * 1000), due: held });
  const other = minus(await now("never", "held"), open1);
  assert.deepEqual([other.visitors, other.converters, other.shown], [drawn, drawn, drawn]);
});

for (const [how, cut, heal] of [
  ["offline", ({ context }) => context.setOffline(true), ({ context }) => context.setOffline(false)],
  ["where a blocker ends every report", ({ context }) => context.route("**/reports", (route) => route.abort()), ({ context }) => context.unroute("**/reports")],
  ["while the collector is overloaded", ({ context }) => context.route("**/reports", (route) => route.fulfill({ status: 503, headers: { "access-control-allow-origin": "*" } })), ({ context }) => context.unroute("**/reports")],
]) {
  test(`${how}, counts wait in the outbox and leave under the same id at the next page`, async () => {
    const before = await now();
    const visitor = await house.visitor();
    await allowed(visitor);
    await open(visitor, `${house.home}/`);
    await seen(visitor);
    const done = new Set(hello(visitor).map(({ id }) => id));
    await cut(visitor);
    await push(visitor.page, "view_item", { items: [{ item_id: "z" }] });
    await banner(visitor.page).locator(".vt-close").click();
    await until("it was tried in vain", () => hello(visitor).some(({ id }) => !done.has(id)));
    const [{ id }] = hello(visitor).filter((report) => !done.has(report.id));
    await until("it waits on the device", async () => "vitrine:demo:outbox" in (await traces(visitor)).local);
    assert.equal((await now()).dismissed, before.dismissed);
    await heal(visitor);
    await open(visitor, `${house.home}/list/bags`);
    await until("the same id is answered", () => hello(visitor).some((report) => report.id === id && report.status === 204));
    await gained(before)({ visitors: 1, due: 2, shown: 2, dismissed: 1 });
    await until("the outbox is empty", async () => !("vitrine:demo:outbox" in (await traces(visitor)).local));
    await open(visitor, `${house.home}/list/belts`);
    await gained(before)({ visitors: 1, due: 3, shown: 3, dismissed: 1 });
    assert.equal(hello(visitor).filter((report) => report.id === id && report.status === 204).length, 1, "an answered id does not leave again");
    await visitor.close();
  });
}

test("a lost answer costs nothing: the same id is sent again and counted once", async () => {
  const before = await now();
  const visitor = await house.visitor();
  await allowed(visitor);
  // The collector merges, but the visitor never hears of it.
  await visitor.context.route("**/reports", async (route) => {
    await route.fetch();
    // The story may have taken the route back meanwhile.
    await route.abort().catch(() => undefined);
  });
  await open(visitor, `${house.home}/`);
  await gained(before)({ visitors: 1, due: 1, shown: 1 });
  await visitor.context.unroute("**/reports");
  const ids = hello(visitor).map(({ id }) => id);
  await open(visitor, `${house.home}/list/bags`);
  await until("they are sent again", () => ids.every((id) => hello(visitor).some((report) => report.id === id && report.status === 204)));
  await gained(before)({ visitors: 1, due: 2, shown: 2 });
  await visitor.close();
});

test("two tabs without a network lose none of each other's reports", async () => {
  const before = await now();
  const visitor = await house.visitor();
  await allowed(visitor);
  await visitor.context.route("**/reports", (route) => route.abort());
  await open(visitor, `${house.home}/`);
  await until("the first has tried", () => hello(visitor).length > 0);
  const second = await visitor.context.newPage();
  await second.goto(`${house.home}/list/bags`);
  await until("the second has tried one of its own", () => new Set(hello(visitor).map(({ id }) => id)).size > 1);
  await visitor.page.close();
  await second.close();
  await visitor.context.unroute("**/reports");
  visitor.page = await visitor.context.newPage();
  await open(visitor, `${house.home}/cart`);
  await gained(before)({ visitors: 1, due: 3, shown: 3 });
  await visitor.close();
});

test("on leaving, what has not left yet goes by beacon", async () => {
  const before = await now();
  const visitor = await house.visitor();
  await allowed(visitor);
  await visitor.context.addInitScript(() => {
    const real = navigator.sendBeacon.bind(navigator);
    navigator.sendBeacon = (url, body) => {
      const list = JSON.parse(localStorage.getItem("maru.beacons") ?? "[]");
      localStorage.setItem("maru.beacons", JSON.stringify([...list, { url, body }]));
      return real(url, body);
    };
  });
  await open(visitor, `${house.home}/`);
  await until("the bar stands", async () => (await standing(visitor.page)).length > 0);
  // At once, before the second in which counts wait for company is over.
  await visitor.page.goto(`${house.home}/img/mark.svg`);
  const beacons = await visitor.page.evaluate(() => JSON.parse(localStorage.getItem("maru.beacons")));
  assert.ok(beacons.length > 0);
  for (const { url, body } of beacons) {
    assert.equal(url, `${house.collector.address}/v1/demo/reports`);
    assert.equal(typeof body, "string", "text, so that no question is asked before it");
  }
  await until("the beacon is counted", async () => (await now()).visitors === before.visitors + 1);
  // A beacon has no answer, so the letter is sent again, and counted once.
  const ids = beacons.map(({ body }) => JSON.parse(body).id);
  await open(visitor, `${house.home}/list/bags`);
  await until("each is answered now", () => ids.every((id) => reports(visitor).some((report) => report.id === id && report.status === 204)));
  assert.equal((await now()).visitors, before.visitors + 1);
  await visitor.close();
});

test("a report that was refused for good is not sent again", async () => {
  const visitor = await house.visitor();
  await watchTime(visitor);
  await allowed(visitor);
  await visitor.context.route("**/reports", (route) => route.continue({ postData: '{"id":"nonsense"}' }));
  await open(visitor, `${house.home}/`);
  await pass(visitor, 3_000);
  await until("it is refused", () => reports(visitor).length > 0 && reports(visitor).every(({ status }) => status === 400));
  await until("the outbox is empty", async () => !("vitrine:demo:outbox" in (await traces(visitor)).local));
  const refused = new Set(reports(visitor).map(({ id }) => id));
  await visitor.context.unroute("**/reports");
  await open(visitor, `${house.home}/list/bags`);
  await pass(visitor, 3_000);
  await until("the next is merged", () => reports(visitor).some(({ status }) => status === 204));
  const merged = reports(visitor).filter(({ status }) => status === 204);
  assert.deepEqual(merged.filter(({ id }) => refused.has(id)), []);
  await visitor.close();
});

test("a report is a keepalive fetch of plain text without credentials, and names nobody", async () => {
  const visitor = await house.visitor();
  await visitor.context.addInitScript(() => {
    window.fetches = [];
    const real = window.fetch;
    window.fetch = (url, options) => { window.fetches.push({ url: String(url), ...options }); return real(url, options); };
  });
  await tag(visitor, { consent: "persistent+reports", debug: "", edge: "" });
  await open(visitor, `${house.home}/`);
  const request = await visitor.page.waitForRequest((one) => one.method() === "POST");
  const [sent] = (await visitor.page.evaluate(() => window.fetches)).filter(({ method }) => method === "POST");
  assert.deepEqual([sent.keepalive, sent.credentials, typeof sent.body], [true, "omit", "string"]);
  const headers = await request.allHeaders();
  assert.match(headers["content-type"], /^text\/plain/);
  assert.equal(headers.cookie, undefined);
  assert.deepEqual(Object.keys(JSON.parse(sent.body)).sort(), ["campaign", "counts", "id", "plan"]);
  const { local } = await traces(visitor);
  assert.ok(!sent.body.includes(local["vitrine:demo"].slice(0, 40)));
  const log = await visitor.page.evaluate(() => window.vitrine.log());
  await until("log() shows what left", async () => (await visitor.page.evaluate(() => window.vitrine.log())).sent.some(({ id }) => id === JSON.parse(sent.body).id));
  assert.deepEqual(Object.keys(log).sort(), ["sent", "waiting"]);
  await visitor.close();
});
