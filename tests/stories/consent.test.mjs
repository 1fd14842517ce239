// Consent: nothing is stored and nothing leaves before the visitor allows it,
// and all of it goes when the visitor says so.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { startShop } from "./support/servers.mjs";
import { addToCart, allowed, counted, decisions, flaws, open, pass, reload, reports, seeded, sentences, standing, tag, traces, watchTime } from "./support/visit.mjs";

// One campaign for everybody, half of them each message; and one that waits.
const scope = { after };
const file = await rulesFile(scope, rules([
  campaign("hello", [bar("one", "One", "/cart"), bar("two", "Two", "/cart")], { allocation: { aim: "split" } }),
  campaign("later", [bar("nudge", "Still there?")], {
    slot: "top", trigger: { after: { event: "add_to_cart" }, without: { event: "purchase" }, for: "2s" },
  }),
]));
const house = await openHouse(scope, { rules: file });
const bare = await startShop({ collector: house.collector.address, words: ["--no-vitrine"] });
after(() => bare.stop());

// Counts wait one second for company; what has not left after three does not leave.
const silence = (visitor) => pass(visitor, 3_000);
const nothing = { cookies: [], local: {}, session: {}, databases: [], caches: [] };
// What the shop itself keeps is not ours.
const ours = ({ local, ...rest }) =>
  ({ ...rest, local: Object.fromEntries(Object.entries(local).filter(([key]) => !key.startsWith("maru."))) });

async function walk(visitor, home) {
  await visitor.page.goto(`${home}/`);
  await visitor.page.goto(`${home}/product/dal-loafer-black`, { waitUntil: "load" });
  await visitor.page.locator("[data-add] button").click();
  await visitor.page.goto(`${home}/list/shoes`);
}

test("before an answer nothing is stored and nothing is asked for but what is the same for everybody", async () => {
  const [plain, visitor] = [await house.visitor(), await house.visitor()];
  await watchTime(visitor);
  await tag(visitor, { debug: "" });
  const headers = [];
  visitor.context.on("request", (request) => {
    if (request.url().startsWith(house.collector.address)) headers.push(request.headers());
  });
  await walk(plain, bare.address);
  await walk(visitor, house.home);
  await until("the message stands without consent", async () => (await standing(visitor.page)).length > 0);
  await silence(visitor);

  assert.deepEqual(await traces(visitor), { ...await traces(plain), ...ours(nothing), local: (await traces(plain)).local });
  assert.deepEqual(plain.sent, [], "the shop without the tag asks the collector for nothing");
  assert.ok(visitor.sent.length > 0);
  for (const { method, url, body } of visitor.sent) {
    assert.equal(method, "GET", url);
    assert.equal(body, undefined, url);
    assert.match(url.slice(house.collector.address.length), /^\/(vitrine\.js|vitrine_(page|shelf)\.js|vitrine_(page|page_full|shelf)_bg\.wasm|v1\/demo\/(plan|odds|(plan|model)\/[0-9a-f]+))$/);
  }
  for (const sent of headers) {
    assert.equal(sent.cookie, undefined);
    assert.equal(sent.authorization, undefined);
  }
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
  await plain.close();
});

for (const [consent, where, sends] of [
  ["session", "session", false], ["persistent", "local", false],
  ["session+reports", "session", true], ["persistent+reports", "local", true], ["reports", undefined, true],
]) {
  test(`\`data-consent="${consent}"\` keeps ${where ? `in the ${where} storage` : "nothing"} and ${sends ? "sends counts" : "sends nothing"}`, async () => {
    const visitor = await house.visitor();
    await watchTime(visitor);
    await tag(visitor, { consent, debug: "" });
    await open(visitor, `${house.home}/`);
    if (sends) await until("a report is answered", () => reports(visitor).some(({ status }) => status === 204));
    else await silence(visitor);
    assert.equal(reports(visitor).length > 0, sends);
    const found = ours(await traces(visitor));
    const kept = (area) => Object.keys(found[area]).filter((key) => key === "vitrine:demo").length;
    assert.deepEqual([kept("local"), kept("session")], [Number(where === "local"), Number(where === "session")]);
    assert.deepEqual([found.databases, found.caches], [[], []]);
    // The shop's tag has `data-edge`: what is remembered for good has a digest for the edge.
    const digests = found.cookies.filter((cookie) => cookie.startsWith("vitrine_demo=")).length;
    assert.deepEqual([digests, found.cookies.length - digests], [Number(where === "local"), 0]);
    await visitor.close();
  });
}

test("a tag's words that are none mean none, and the console says so", async () => {
  for (const consent of ["Persistent + Reports", "all", "persistent+everything"]) {
    const visitor = await house.visitor();
    await tag(visitor, { consent });
    await visitor.page.goto(`${house.home}/`);
    await until("it is told", () => sentences(visitor).some((line) => line.startsWith("consent unchanged: ")));
    await until("the message stands", async () => (await standing(visitor.page)).length > 0);
    const [said, ...more] = sentences(visitor);
    assert.deepEqual(more, []);
    assert.ok(said.includes(consent.split("+")[0]) && said.endsWith("is none of none,session,persistent,reports"), said);
    assert.deepEqual(ours(await traces(visitor)), nothing);
    await visitor.close();
  }
});

test("a call with what is no answer is told once and changes nothing; a tag's text is an answer too", async () => {
  const visitor = await house.visitor();
  await watchTime(visitor);
  await tag(visitor, {});
  await visitor.page.goto(`${house.home}/`);
  await until("the message stands", async () => (await standing(visitor.page)).length > 0);
  const call = (given) => visitor.page.evaluate((given) => window.vitrine.consent(given), given);
  const remembers = async () => "vitrine:demo" in (await traces(visitor)).local;
  await call("persistent+reports");
  await until("the device remembers", remembers);
  await until("a report is answered", () => reports(visitor).some(({ status }) => status === 204));
  assert.deepEqual(sentences(visitor), []);
  for (const odd of [undefined, null, true, 7, {}, "", "Persistent", "persistent,reports", { storage: "local", reports: true }, { storage: true }]) {
    await call(odd);
    assert.ok(await remembers(), JSON.stringify(odd));
  }
  assert.equal(sentences(visitor).length, 1, "it is told once");
  await addToCart(visitor.page);
  await pass(visitor, 5_000);
  await until("counts still leave", () => reports(visitor).some(({ campaign: id, status }) => id === "later" && status === 204));
  for (const no of ["none", { reports: false }]) {
    await call("persistent+reports");
    await until("the device remembers", remembers);
    await call(no);
    await until("nothing is left", async () => !(await remembers()));
  }
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("the consent bar of the shop: an answer counts at once, and on the next page without asking again", async () => {
  const visitor = await house.visitor();
  await tag(visitor, { debug: "" });
  await open(visitor, `${house.home}/`);
  await visitor.page.locator('[data-answer="count"]').click();
  await until("the device remembers", async () => "vitrine:demo" in (await traces(visitor)).local);
  await until("a report is answered", () => reports(visitor).some(({ status }) => status === 204));
  await open(visitor, `${house.home}/list/bags`);
  assert.equal(await visitor.page.locator("[data-consent-bar]").isVisible(), false);
  await until("the second page is counted too", () => reports(visitor).length > 1);
  const visitors = reports(visitor).flatMap(({ campaign: id, counts }) => (id === "hello" ? counts : []));
  assert.equal(visitors.reduce((sum, { visitors: one }) => sum + one, 0), 1, "two pages are one visitor");
  await visitor.close();
});

test("reports taken back: what was counted and not sent is dropped, what is remembered stays", async () => {
  const visitor = await house.visitor();
  await watchTime(visitor);
  await allowed(visitor);
  await visitor.context.route("**/reports", (route) => route.abort());
  await open(visitor, `${house.home}/`);
  await until("the report waits in the outbox", async () => "vitrine:demo:outbox" in (await traces(visitor)).local);
  const tried = reports(visitor).length;
  await visitor.page.evaluate(() => window.vitrine.push(["consent", { storage: "persistent", reports: false }]));
  await until("the outbox is gone", async () => !("vitrine:demo:outbox" in (await traces(visitor)).local));
  await addToCart(visitor.page);
  await silence(visitor);
  assert.equal(reports(visitor).length, tried);
  assert.ok("vitrine:demo" in (await traces(visitor)).local);
  await visitor.close();
});

test("Global Privacy Control wins over the tag and over a call", async () => {
  const visitor = await house.visitor();
  await watchTime(visitor);
  await allowed(visitor);
  await visitor.context.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true }));
  await open(visitor, `${house.home}/`);
  await visitor.page.evaluate(() => window.vitrine.push(["consent", { storage: "persistent", reports: true }]));
  await visitor.page.locator('[data-answer="count"]').click();
  await silence(visitor);
  assert.deepEqual(ours(await traces(visitor)), nothing);
  assert.deepEqual(reports(visitor), []);
  await visitor.close();
});

test("`forget()` wipes everything, takes the banner off and stops its timers", async () => {
  const visitor = await house.visitor();
  await watchTime(visitor);
  await allowed(visitor, { edge: "" });
  await open(visitor, `${house.home}/list/bags`);
  await addToCart(visitor.page);
  await until("a message stands", async () => (await standing(visitor.page)).length > 0);
  await until("the edge's digest is written", async () => (await traces(visitor)).cookies.length > 0);
  await visitor.page.evaluate(() => window.vitrine.push(["forget"]));
  await until("nothing is left", async () => JSON.stringify(ours(await traces(visitor))) === JSON.stringify(ours(nothing)));
  assert.deepEqual(await standing(visitor.page), []);
  const sent = reports(visitor).length;
  // The nudge was due two seconds after the cart, and is the forgotten visitor's.
  await silence(visitor);
  assert.deepEqual(await standing(visitor.page), []);
  assert.deepEqual(ours(await traces(visitor)), nothing);
  assert.equal(reports(visitor).length, sent);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("who is recognised late gets the arm that was held before, and is not counted as a second visitor", async () => {
  const before = (await Promise.all(["one", "two"].map((id) => counted(house, "hello", id)))).map(({ visitors }) => visitors);
  // By these seeds, which the engine draws from, one gets `one`, the other `two`.
  const arms = new Map();
  for (let seed = 1; arms.size < 2; seed += 1) {
    const visitor = await house.visitor();
    await seeded(visitor, seed);
    await tag(visitor, { consent: "persistent", debug: "" });
    await open(visitor, `${house.home}/`);
    const arm = decisions(visitor).at(-1)[0].message;
    if (!arms.has(arm)) arms.set(arm, seed);
    await visitor.close();
  }
  const visitor = await house.visitor();
  await tag(visitor, { debug: "" });
  await seededFromTab(visitor);
  // The first visit: recognised from the start, and drawn as `one`.
  await draw(visitor, arms.get("one"));
  await visitor.page.evaluate(() => localStorage.setItem("maru.consent", JSON.stringify({ storage: "persistent", reports: true })));
  await reload(visitor);
  await until("the first visit is reported", () => reports(visitor).some(({ campaign: id, status }) => id === "hello" && status === 204));
  // The second: a stranger who would draw `two`, until the answer comes.
  await visitor.page.evaluate(() => localStorage.removeItem("maru.consent"));
  await draw(visitor, arms.get("two"));
  assert.deepEqual(await standing(visitor.page), ["hello two"]);
  await visitor.page.evaluate(() => window.vitrine.push(["consent", { storage: "persistent", reports: true }]));
  await until("the arm of before stands", async () => (await standing(visitor.page)).join() === "hello one");
  await until("the second visit is reported", () => reports(visitor).filter(({ campaign: id, status }) => id === "hello" && status === 204).length > 1);
  const now = (await Promise.all(["one", "two"].map((id) => counted(house, "hello", id)))).map(({ visitors }) => visitors);
  assert.deepEqual(now, [before[0] + 1, before[1]]);
  await visitor.close();
});

// The seed of the next page stands in the tab's own storage under the shop's name.
const seededFromTab = (visitor) => visitor.context.addInitScript(() => {
  const real = crypto.getRandomValues.bind(crypto);
  let first = true;
  crypto.getRandomValues = (bits) => {
    const seed = sessionStorage.getItem("maru.seed");
    if (!first || !seed || !(bits instanceof BigUint64Array)) return real(bits);
    first = false;
    bits[0] = BigInt(seed);
    return bits;
  };
});

async function draw(visitor, seed) {
  await visitor.page.goto(`${house.home}/list/belts`);
  await visitor.page.evaluate((digits) => sessionStorage.setItem("maru.seed", digits), String(seed));
  await open(visitor, `${house.home}/`);
  await until("a message stands", async () => (await standing(visitor.page)).length > 0);
}

test("`forget()` in one tab is forgotten in the other: its next event writes nothing back", async () => {
  const visitor = await house.visitor();
  await tag(visitor, { consent: "persistent+reports", debug: "" });
  await open(visitor, `${house.home}/`);
  const other = await visitor.context.newPage();
  await other.goto(`${house.home}/list/bags`);
  const remembers = () => other.evaluate(() => "vitrine:demo" in localStorage);
  await until("a message stands in the other tab", async () => (await standing(other)).length > 0);
  await until("both tabs remember", remembers);
  await visitor.page.evaluate(() => window.vitrine.forget());
  await until("the banners of the other tab are gone", async () => (await standing(other)).length === 0);
  await other.evaluate(() => window.vitrine.track({ event: "search", search_term: "x" }));
  assert.equal(await remembers(), false);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});
