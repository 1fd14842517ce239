// Trouble: whatever is blocked, missing or corrupt, the shop's page works,
// nothing is thrown, and the console gets one line at most; whoever asks with
// `debug` is told in a sentence what is wrong.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { createShop } from "../../www/shop/serve.mjs";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile, shopModel } from "./support/rules.mjs";
import { allowed, decisions, open, sentences, standing, tag } from "./support/visit.mjs";

const scope = { after };
const file = await rulesFile(scope, rules([
  campaign("hello", [bar("hi", "Hello")]),
  campaign("strip", [{ id: "similar", kind: "products", title: "Others also looked at" }], { slot: "product-strip" }),
], { slots: { "product-strip": { minHeight: "300px" } } }));
const house = await openHouse(scope, { rules: file, model: await shopModel(scope) });

const noise = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 256));
const cors = { "access-control-allow-origin": "*" };
const answer = (status, body) => (route) => route.fulfill({ status, body, headers: cors });
const spoil = (change) => async (route) => {
  const real = await route.fetch();
  await route.fulfill({ response: real, body: change(Buffer.from(await real.body())) });
};
const flipped = (bytes) => { bytes[bytes.length >> 1] ^= 1; return bytes; };
const cut = (bytes) => bytes.subarray(0, bytes.length >> 1);
const hang = () => new Promise(() => {});

// What goes wrong: [where, how, what debug says; `blind` where no module is there to say it].
const PLAN = /\/v1\/demo\/plan$/, BYTES = /\/v1\/demo\/plan\/./, ODDS = /\/v1\/demo\/odds$/, MODEL = /\/v1\/demo\/model\/./;
const SCRIPT = /\/vitrine_page\.js$/, WASM = /\.wasm$/;
// The shop with another policy: a page that a story's route answers itself may not load from this machine.
async function shopWith(change) {
  const shop = createShop({ collector: house.collector.address });
  const server = createServer((request, response) => {
    const set = response.setHeader.bind(response);
    response.setHeader = (name, value) => set(name, name === "Content-Security-Policy" ? change(value) : value);
    shop(request, response);
  });
  after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${server.address().port}`;
}
const withoutWasm = await shopWith((policy) => policy.replace(" 'wasm-unsafe-eval'", ""));
const withoutMarkup = await shopWith((policy) => policy.replace("trusted-types vitrine", "trusted-types 'none'"));

const troubles = {
  "the whole collector is unreachable": { where: (url) => url.href.startsWith(house.collector.address), how: (route) => route.abort(), blind: true },
  "the module's script is missing": { where: SCRIPT, how: answer(404, ""), says: /stays out of the way/ },
  "the wasm is missing": { where: WASM, how: answer(404, ""), says: /stays out of the way/ },
  "the wasm is corrupt": { where: WASM, how: (route) => route.fulfill({ status: 200, body: noise, headers: { ...cors, "content-type": "application/wasm" } }), says: /stays out of the way/ },
  "the network ends behind the module": { where: /\/v1\/demo\//, how: (route) => route.abort(), says: /No plan at .*nothing will be shown/ },
  "the plan never comes": { where: BYTES, how: hang, says: undefined },
  "there is no plan": { where: PLAN, how: answer(404, '{"title":"Not Found"}'), says: /No plan at .*nothing will be shown/ },
  "the pointer is nonsense": { where: PLAN, how: answer(200, '{"plan":"../../etc/passwd","model":7}'), says: /No plan at .*nothing will be shown/ },
  "the plan's bytes are missing": { where: BYTES, how: answer(404, ""), says: /The plan .+; nothing will be shown\./ },
  "the plan's bytes are noise": { where: BYTES, how: answer(200, noise), says: /The plan .+; nothing will be shown\./ },
  "one bit of the plan is wrong": { where: BYTES, how: spoil(flipped), says: /The plan .+; nothing will be shown\./ },
  "the plan was cut off": { where: BYTES, how: spoil(cut), says: /The plan .+; nothing will be shown\./ },
  "the odds are noise": { where: ODDS, how: answer(200, noise), shows: true },
  "the odds are missing": { where: ODDS, how: answer(500, ""), shows: true },
  "the model is noise": { where: MODEL, how: answer(200, noise), shows: true, says: /The model .+\./ },
  "one bit of the model is wrong": { where: MODEL, how: spoil(flipped), shows: true, says: /The model .+\./ },
  "the shelf for the products is missing": { where: /vitrine_shelf_bg\.wasm$/, how: answer(404, ""), shows: true, says: /The model did not come\./ },
  "the script for the products is missing": { where: /vitrine_shelf\.js$/, how: answer(404, ""), shows: true, says: /The model did not come\./ },
  "the policy forbids wasm": { home: withoutWasm, says: /stays out of the way/, violates: /^script-src wasm-eval/ },
  "the policy allows no Trusted Types at all": { home: withoutMarkup, says: /is refused by the page; allow `vitrine` in its `trusted-types`/, violates: /^trusted-types/ },
};

for (const [what, { where, how, home = house.home, says, shows, blind, violates }] of Object.entries(troubles)) {
  for (const debug of [false, true]) {
    if (debug && blind) continue;
    test(`${what}: ${debug ? "`debug` says so" : "the page works, and at most one line is said"}`, async () => {
      const visitor = await house.visitor();
      if (debug) await allowed(visitor);
      else await tag(visitor, { consent: "persistent+reports" });
      if (where) await visitor.context.route(where, how);
      await visitor.page.goto(`${home}/en/product/dal-loafer-black`, { waitUntil: "domcontentloaded" });
      const sentence = () => visitor.console.map(({ text }) => text).filter((text) => text.startsWith("[vitrine]"));
      if (debug && says) await until(`a sentence says ${says}`, () => sentence().some((line) => says.test(line)));
      if (shows) await until("the bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
      // The shop's own door still opens.
      await visitor.page.locator("[data-add] button").click();
      await until("the cart counts", async () => await visitor.page.locator("[data-cart-count]").textContent() === "1");
      await visitor.page.evaluate(() => { (window.vitrine ||= []).push(["track", { event: "view_item" }], ["page"], ["log"], ["explain"], ["forget"]); });
      if (!shows) assert.deepEqual(await standing(visitor.page), []);
      assert.deepEqual(visitor.errors, []);
      assert.deepEqual(visitor.violations.filter((line) => !violates?.test(line)), []);
      if (!debug) assert.ok(sentence().length <= 1, sentence().join("\n"));
      // The browser itself says what it could not load; nobody else complains.
      const others = visitor.console.filter(({ type, text }) => type === "error" && !/Failed to load resource|Content Security Policy|policy|trusted/i.test(text));
      assert.deepEqual(others, []);
      await visitor.close();
    });
  }
}

test("when the trouble is over, the next page has its banner, and what happened meanwhile is remembered", async () => {
  const visitor = await house.visitor();
  await allowed(visitor);
  await visitor.context.route(PLAN, answer(404, ""));
  await visitor.page.goto(`${house.home}/en/product/dal-loafer-black`);
  await until("the sentence is said", () => sentences(visitor).some((line) => line.startsWith("No plan")));
  await visitor.context.unroute(PLAN);
  await open(visitor, `${house.home}/en/list/bags`);
  await until("the bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
  assert.equal(decisions(visitor).at(-1)[0].campaign, "hello");
  await visitor.close();
});

test("a tag without a site, or with an odd collector, says one line and leaves the page alone", async () => {
  for (const settings of [{ site: "" }, { site: "no such site" }, { collector: "https://nowhere.invalid" }, { collector: "javascript:alert(1)" }, { home: "not an address" }, { consent: 7 }, { consent: "everything" }]) {
    const visitor = await house.visitor();
    await tag(visitor, settings);
    await visitor.page.goto(`${house.home}/en/product/dal-loafer-black`);
    await visitor.page.locator("[data-add] button").click();
    await until("the cart counts", async () => await visitor.page.locator("[data-cart-count]").textContent() === "1");
    assert.deepEqual(visitor.errors, [], JSON.stringify(settings));
    const said = visitor.console.filter(({ text }) => text.startsWith("[vitrine]"));
    assert.ok(said.length <= 1, JSON.stringify([settings, said]));
    if (settings.site === "") assert.match(said[0].text, /no data-site/);
    await visitor.close();
  }
});

test("what is no call, and a data layer that is no list, harm neither the page nor the module", async () => {
  const odd = () => {
    window.vitrine = [null, 7, "track", {}, [], ["nothing"], ["track"], ["on", "shown"], ["on", "shown", 7], [["track"]], ["set", { plan: "gold" }]];
    window.vitrine.push(undefined);
  };
  for (const layer of [() => {}, () => { window.dataLayer = { push() {} }; }, () => { window.dataLayer = {}; }, () => { window.dataLayer = [null, undefined, 7, "event", [], ["event"], { event: 7 }]; }]) {
    const visitor = await house.visitor();
    await allowed(visitor);
    await visitor.context.addInitScript(odd);
    await visitor.context.addInitScript(layer);
    await visitor.page.goto(`${house.home}/en/product/dal-loafer-black`);
    await until("the bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
    await visitor.page.evaluate(() => {
      vitrine.push(undefined, null, 7, "track", {}, [], ["nothing"], ["track"], [Symbol.iterator]);
      vitrine.push();
      vitrine.track(); vitrine.set(); vitrine.identify(7); vitrine.page(7); vitrine.consent(); vitrine.on();
      dataLayer.push(undefined, null, 7);
    });
    assert.deepEqual(visitor.errors, []);
    await visitor.close();
  }
});

test("a tag of the type `module` is a tag too", async () => {
  const html = `<!doctype html><title>Shop</title><script src="data:,"></script><p>Hello</p>
    <script type="module" src="${house.collector.address}/vitrine.js" data-site="demo" data-consent="persistent"></script>`;
  const server = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(html));
  after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const visitor = await house.visitor();
  await visitor.page.goto(`http://127.0.0.1:${server.address().port}/`);
  await until("the bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
  assert.equal(await visitor.page.evaluate(() => "vitrine:demo" in localStorage), true);
  assert.deepEqual([visitor.errors, sentences(visitor)], [[], []]);
  await visitor.close();
});

test("a second tag on the page shows nothing twice and counts nobody twice", async () => {
  const one = `<script async src="${house.collector.address}/vitrine.js" data-site="demo" data-consent="persistent+reports"></script>`;
  const server = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(`<!doctype html><title>Shop</title>${one}<p>Hello</p>${one}`));
  after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const visitor = await house.visitor();
  await visitor.page.goto(`http://127.0.0.1:${server.address().port}/`);
  await until("the bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
  const counted = () => visitor.sent.filter(({ path }) => path.endsWith("/reports"))
    .map(({ body }) => JSON.parse(body)).filter(({ campaign }) => campaign === "hello").flatMap(({ counts }) => counts);
  await until("the count leaves", () => counted().length > 0);
  await visitor.page.waitForTimeout(1_500);
  assert.deepEqual((await standing(visitor.page)).filter((key) => key === "hello hi"), ["hello hi"]);
  assert.equal(counted().reduce((sum, { visitors }) => sum + visitors, 0), 1);
  assert.equal(visitor.sent.filter(({ path }) => PLAN.test(path)).length, 1);
  assert.deepEqual(visitor.errors, []);
  await visitor.close();
});
