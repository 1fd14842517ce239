// A shopper's walk through the demo shop in Firefox and in WebKit: what the
// stories promise in Chromium is promised there. Never asks a browser for what
// only one of them can tell.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { until } from "../stories/support/house.mjs";
import { bar, campaign, rules, rulesFile, shopModel } from "../stories/support/rules.mjs";
import { addToCart, counted, decisions, flaws, open, push, reload, reports, standing, traces } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const on = (...paths) => ({ when: { path: { $in: paths } } });
const modal = { id: "offer", kind: "modal", title: "You compared. Good.", body: "The price you see is all you pay.", cta: { text: "See what is reduced", href: "/event" } };
const strip = { id: "similar", kind: "products", title: "Others also looked at", recommend: { count: 4, exclude: [] } };
const known = bar("known", "views={{ views }} cart={{ cart.count }} top={{ interest.top | default: '-' }} word={{ keyword | default: '-' }}");
const scope = { after };
const file = await rulesFile(scope, rules([
  campaign("nudge", [bar("gentle", "Still thinking about {{ cart.last.title }}?", "/cart")], { ...on("/list/bags"), trigger: { after: { event: "add_to_cart" }, without: { event: "purchase" }, for: "1s" } }),
  campaign("hello", [bar("free", "Every order ships free.", "/cart")], { ...on("/list/shoes") }),
  campaign("fair", [modal], { ...on("/list/belts"), slot: "center", trigger: { after: { event: "search" } } }),
  campaign("homely", [strip], { slot: "home-strip" }),
  campaign("beside", [strip], { slot: "product-strip" }),
  campaign("mirror", [known], { ...on("/search"), slot: "top" }),
], { slots: { "home-strip": { minHeight: "300px" }, "product-strip": { minHeight: "300px" } } }));
const model = await shopModel(scope);

const allowed = { consent: "persistent+reports", debug: "" };
// Counts wait one second for company; what has not left after two does not leave.
const silence = () => new Promise((wake) => setTimeout(wake, 2_000));
const stands = (visitor, message) => until(`${message} stands`, async () => (await standing(visitor.page)).includes(message));
const gone = (visitor) => until("nothing stands", async () => (await standing(visitor.page)).length === 0);
const focus = ({ page }, selector) => page.evaluate((wanted) => document.querySelector(wanted).focus(), selector);
const focused = ({ page }) => page.evaluate(() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.className || at?.id || at?.localName;
});
// What the shop itself keeps is not ours.
const ours = async (visitor) => {
  const { local, ...rest } = await traces(visitor);
  return { ...rest, local: Object.keys(local).filter((key) => !key.startsWith("maru.")) };
};
const nothing = { cookies: [], local: [], session: {}, databases: [], caches: [] };
const settled = ({ page }) => page.evaluate(() => Promise.all(
  [...document.querySelectorAll("[data-vitrine]")].flatMap((host) => host.shadowRoot.getAnimations({ subtree: true })).map((one) => one.finished)).then(() => null));
const words = ({ page }) => page.evaluate(() => document.querySelector("[data-vitrine]").shadowRoot.querySelector(".vt-title").textContent);

for (const name of browsers) {
  const house = await openHouse(scope, name, { rules: file, model });
  const told = (what, work) => test(`${house.browser.name} ${house.browser.version}: ${what}`, work);
  const enter = async (path, wishes = { settings: allowed }) => {
    const visitor = await house.visitor(wishes);
    await open(visitor, visitor.home + path);
    return visitor;
  };

  told("what a page throws, complains of, is forbidden and moves is heard", async () => {
    // A script of the page: what a driver's own throws has no words in WebKit.
    const misbehave = () => addEventListener("misbehave", () => {
      setTimeout(() => { throw new Error("thrown by the test"); });
      Promise.reject(new Error("refused by the test"));
      console.error("said by the test");
      new Image().src = "https://elsewhere.example/x.png";
      const box = document.createElement("div");
      box.textContent = "In between";
      setTimeout(() => document.querySelector("main").prepend(box), 100);
    });
    const visitor = await enter("/event", { settings: allowed, first: `(${misbehave})();` });
    // What moves before the first picture moves before nobody's eyes.
    await visitor.page.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen(null)))));
    await visitor.page.evaluate(() => dispatchEvent(new Event("misbehave")) && null);
    for (const word of ["thrown", "refused", "said"]) await until(`${word} is heard`, () => flaws(visitor).some((flaw) => flaw.includes(`${word} by the test`)));
    await until("what the policy forbids is heard", () => visitor.violations.some((line) => line.startsWith("img-src")));
    await until("what was moved is seen", () => visitor.page.evaluate(() => window.shifts.some((shift) => shift.startsWith("<footer"))));
    await visitor.close();
  });

  told("before an answer messages stand, nothing is stored and nothing is sent", async () => {
    const visitor = await enter("/list/bags", { settings: { debug: "" } });
    await addToCart(visitor.page);
    await stands(visitor, "nudge gentle");
    await open(visitor, `${visitor.home}/list/shoes`);
    await stands(visitor, "hello free");
    await silence();
    assert.deepEqual(await ours(visitor), nothing);
    assert.ok(visitor.sent.length > 0);
    assert.deepEqual(visitor.sent.filter(({ method, body, headers }) => method !== "GET" || body || headers.cookie), []);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("after the shop's own question is answered, the device remembers and counts reach the results", async () => {
    const before = (await counted(house, "hello", "free"))?.visitors ?? 0;
    const visitor = await enter("/list/shoes", { settings: { debug: "" } });
    await stands(visitor, "hello free");
    await visitor.page.click("[data-answer=count]");
    await until("the device remembers", async () => (await ours(visitor)).local.includes("vitrine:demo"));
    await until("a report is answered", () => reports(visitor).some(({ campaign: id, status }) => id === "hello" && status === 204));
    const results = await counted(house, "hello", "free");
    assert.equal(results.visitors, before + 1);
    await visitor.page.click(".vt-cta");
    await until("the click reaches the results", async () => (await counted(house, "hello", "free")).clicked > results.clicked);
    await until("the link was followed", async () => (await visitor.page.evaluate(() => location.pathname)) === "/cart");
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("a second after something went into the cart a bar stands, moves nothing, and Esc gives the focus back", async () => {
    const visitor = await enter("/list/bags");
    await visitor.page.click("[data-answer=count]");
    await addToCart(visitor.page, "Tote");
    assert.deepEqual(await standing(visitor.page), []);
    await stands(visitor, "nudge gentle");
    assert.equal(await words(visitor), "Still thinking about Tote?");
    await focus(visitor, ".footer [data-forget]");
    await visitor.page.press("Tab");
    assert.equal(await focused(visitor), "vt-cta");
    await visitor.page.press("Tab");
    assert.equal(await focused(visitor), "vt-close");
    await visitor.page.press("Escape");
    await gone(visitor);
    assert.equal(await visitor.page.evaluate(() => document.activeElement.matches(".footer [data-forget]")), true);
    assert.deepEqual(await visitor.page.evaluate(() => window.shifts), []);
    await until("it is counted as dismissed", async () => (await counted(house, "nudge", "gentle"))?.dismissed >= 1);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("a bar is closed by its button, and Esc elsewhere is the page's own", async () => {
    const visitor = await enter("/list/shoes");
    await stands(visitor, "hello free");
    await focus(visitor, ".search input");
    await visitor.page.press("Escape");
    assert.deepEqual(await standing(visitor.page), ["hello free"]);
    await visitor.page.click(".vt-close");
    await gone(visitor);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("a modal keeps the focus and the page behind it still; Esc closes it and gives the focus back", async () => {
    const visitor = await enter("/list/belts");
    await visitor.page.click("[data-answer=count]");
    await focus(visitor, ".cart-link");
    await push(visitor.page, "search", { search_term: "belt" });
    await stands(visitor, "fair offer");
    await settled(visitor);
    const dialog = () => visitor.page.evaluate(() => {
      const element = document.querySelector("[data-vitrine]").shadowRoot.querySelector("dialog");
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { modal: element.matches(":modal"), off: [left + right - document.documentElement.clientWidth, top + bottom - innerHeight].map(Math.abs) };
    });
    const { modal: isModal, off } = await dialog();
    assert.equal(isModal, true);
    assert.ok(off.every((px) => px <= 2), `it stands in the middle, off by ${off} px`);
    const round = [];
    for (let step = 0; step < 5; step += 1) {
      round.push(await focused(visitor));
      await visitor.page.press("Tab");
    }
    assert.ok(round.includes("vt-cta") && round.includes("vt-close"), round.join());
    assert.ok(round.every((place) => ["vt-cta", "vt-close", "vt vt-modal", "body", "html"].includes(place)), `nothing behind it is reached: ${round}`);
    await visitor.page.press("Escape");
    await gone(visitor);
    assert.equal(await focused(visitor), "cart-link");
    assert.deepEqual(await visitor.page.evaluate(() => window.shifts), []);
    await until("it is counted as dismissed", async () => (await counted(house, "fair", "offer"))?.dismissed >= 1);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("a click beside the modal puts it away, a click within does not", async () => {
    const visitor = await enter("/list/belts");
    await push(visitor.page, "search", { search_term: "belt" });
    await stands(visitor, "fair offer");
    await visitor.page.click(".vt-body");
    assert.deepEqual(await standing(visitor.page), ["fair offer"]);
    await visitor.page.clickAt(5, 400);
    await gone(visitor);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("a row of products stands in its slot, moves nothing, and leads to a product", async () => {
    const visitor = await enter("/product/bada-tote-ivory");
    await stands(visitor, "beside similar");
    await open(visitor, `${visitor.home}/`);
    await stands(visitor, "homely similar");
    const links = await visitor.page.evaluate(() => [...document.querySelector("[data-vitrine]").shadowRoot.querySelectorAll(".vt-link")]
      .map((link) => [link.getAttribute("href"), link.textContent]));
    assert.equal(links.length, 4);
    for (const [href, text] of links) {
      assert.match(href, /^\/product\/[a-z-]+$/);
      assert.match(text, /[가-힣].*₩?[\d,]+/);
    }
    assert.deepEqual(await visitor.page.evaluate(() => window.shifts), []);
    await visitor.page.click(".vt-link");
    await until("the link was followed", async () => (await visitor.page.evaluate(() => location.pathname)) === links[0][0]);
    await until("the click reaches the results", async () => (await counted(house, "homely", "similar"))?.clicked >= 1);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("what is known of the visitor survives a reload, and `forget()` wipes all of it", async () => {
    const visitor = await enter("/product/dal-loafer-black");
    await visitor.page.click("[data-add] button");
    await open(visitor, `${visitor.home}/search?q=boots`);
    await stands(visitor, "mirror known");
    assert.equal(await words(visitor), "views=2 cart=1 top=shoes word=-");
    await reload(visitor);
    await stands(visitor, "mirror known");
    assert.equal(await words(visitor), "views=3 cart=1 top=shoes word=-");
    await until("the digest for the edge is written", async () => (await traces(visitor)).cookies.some((cookie) => cookie.startsWith("vitrine_demo=")));
    await visitor.page.evaluate(() => window.vitrine.push(["forget"]));
    await gone(visitor);
    assert.deepEqual(await ours(visitor), nothing);
    const sent = reports(visitor).length;
    await addToCart(visitor.page);
    await silence();
    assert.deepEqual(await ours(visitor), nothing);
    assert.equal(reports(visitor).length, sent);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("a page that comes back from the browser's own memory is a page view like any other", async () => {
    const first = "addEventListener('pageshow', ({ persisted }) => { window.cameBack = persisted; });";
    const visitor = await enter("/search?q=boots", { settings: allowed, first });
    await stands(visitor, "mirror known");
    await visitor.page.evaluate(() => { window.kept = true; });
    await open(visitor, `${visitor.home}/list/shoes`);
    await stands(visitor, "hello free");
    await visitor.page.evaluate(() => setTimeout(() => history.back()) && null);
    await until("it is back", () => visitor.page.evaluate(() => location.pathname === "/search" && window.cameBack).catch(() => false));
    assert.equal(await visitor.page.evaluate(() => window.kept), true, "it is the very page");
    await until("its view is counted", async () => await words(visitor) === "views=3 cart=0 top=- word=-");
    assert.deepEqual(await standing(visitor.page), ["mirror known"]);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("the word of a search in an old charset is read", async () => {
    const visitor = await enter("/search?q=x&utm_source=naver&utm_medium=cpc&utm_term=%B1%B8%B5%CE&ie=euc-kr");
    await stands(visitor, "mirror known");
    assert.equal(await words(visitor), "views=1 cart=0 top=- word=구두");
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });

  told("addresses in old charsets are read as the vectors say, by this browser's own decoders", async () => {
    const visitor = await enter("/");
    const vectors = JSON.parse(await readFile(new URL("../vectors/recode.json", import.meta.url), "utf8"));
    const read = await visitor.page.evaluate(async (addresses) => {
      const script = document.querySelector("script[data-site]").src;
      const { recode } = await import(new URL("vitrine_recode.js", script));
      return addresses.map(recode);
    }, vectors.map(({ address }) => address));
    assert.deepEqual(read, vectors.map(({ address, recoded }) => recoded ?? address));
    await visitor.close();
  });

  told("`explain()` answers for every campaign, by the studio's module", async () => {
    const visitor = await enter("/list/shoes");
    const why = await visitor.page.evaluate(() => window.vitrine.explain());
    assert.equal(why.length, 6, JSON.stringify(why));
    assert.deepEqual(decisions(visitor).at(-1).map(({ campaign: id }) => id), ["hello"]);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });
}
