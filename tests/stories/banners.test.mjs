// Banners: bar, modal and product strip, for every hand and every ear, in a
// page that belongs to somebody else.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { complaints } from "./support/axe.mjs";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile, shopModel } from "./support/rules.mjs";
import { root } from "./support/servers.mjs";
import { addToCart, allowed, decisions, events, flaws, open, push, reload, reports, sentences, standing } from "./support/visit.mjs";

const on = (...paths) => ({ when: { path: { $in: paths } } });
const modal = { id: "offer", kind: "modal", title: "You compared. Good.", body: "The price you see is all you pay.", cta: { text: "See what is reduced", href: "/event" } };
const strip = { id: "similar", kind: "products", title: "Others also looked at", recommend: { count: 4, exclude: [] } };
const scope = { after };
const file = await rulesFile(scope, rules([
  campaign("bar", [bar("hello", "Every order ships free.", "/list/bags")], { ...on("/list/shoes", "/en/list/shoes"), pace: { stopAfter: ["dismissed"] } }),
  campaign("modal", [modal], { ...on("/list/belts"), slot: "center", pace: { perSession: 1 } }),
  campaign("strip", [strip], { slot: "product-strip" }),
  campaign("homely", [strip], { slot: "home-strip" }),
  campaign("inline", [bar("line", "A line within the page")], { slot: "flat", ...on("/list/bags") }),
  campaign("hostile", [bar("echo", "Still thinking about {{ cart.last.title }}?", "/cart")], { ...on("/list/jackets"), slot: "top" }),
  campaign("elsewhere", [bar("gone", "Nobody sees this")], { slot: "missing", ...on("/list/jackets") }),
], {
  slots: {
    "home-strip": { minHeight: "300px" }, "product-strip": { minHeight: "300px" },
    flat: { selector: ".breadcrumb", minHeight: "200px" }, missing: { selector: "#nowhere" },
  },
}));
const house = await openHouse(scope, { rules: file, model: await shopModel(scope) });

// How far the page's own elements were moved so far; CLS counts what was moved without a deed.
const watchShifts = ({ context }) => context.addInitScript(() => {
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value, sources }) =>
    ({ value, what: sources.map(({ node }) => node?.className || node?.nodeName) })))).observe({ type: "layout-shift", buffered: true });
});
const shifts = (page) => page.evaluate(() => window.shifts);

async function enter(path, message, options) {
  const visitor = await house.visitor(options);
  await watchShifts(visitor);
  await allowed(visitor);
  await open(visitor, house.home + path);
  if (message) await until(`${message} stands`, async () => (await standing(visitor.page)).includes(message));
  return visitor;
}
const part = (visitor, name) => visitor.page.locator(`[data-vitrine] .vt-${name}`);
const focused = ({ page }) => page.evaluate(() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.className || at?.id || at?.localName;
});
const settled = ({ page }) => page.evaluate(() => Promise.all(
  [...document.querySelectorAll("[data-vitrine]")].flatMap((host) => host.shadowRoot.getAnimations({ subtree: true })).map((one) => one.finished)));

test("a bar is a named region, has no fault that axe knows, and moves nothing", async () => {
  const visitor = await enter("/en/list/shoes", "bar hello");
  const region = visitor.page.getByRole("region", { name: "Every order ships free." });
  assert.equal(await region.count(), 1);
  assert.equal(await region.getByRole("link", { name: "Go" }).count(), 1);
  assert.equal(await region.getByRole("button", { name: "Close" }).count(), 1);
  await settled(visitor);
  assert.deepEqual(await complaints(visitor.page, "[data-vitrine]"), []);
  assert.deepEqual(await shifts(visitor.page), []);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("a bar: Tab reaches its link and its button in order, Esc closes it and gives the focus back", async () => {
  const visitor = await enter("/en/list/shoes", "bar hello");
  const last = visitor.page.locator(".footer [data-forget]");
  await visitor.page.locator("[data-answer=count]").click();
  await last.focus();
  await visitor.page.keyboard.press("Tab");
  assert.equal(await focused(visitor), "vt-cta");
  await visitor.page.keyboard.press("Tab");
  assert.equal(await focused(visitor), "vt-close");
  await visitor.page.keyboard.press("Shift+Tab");
  await visitor.page.keyboard.press("Escape");
  await until("it is gone", async () => (await standing(visitor.page)).length === 0);
  assert.ok(await last.evaluate((button) => button === document.activeElement), `the focus is at ${await focused(visitor)}`);
  // Dismissed, and the campaign stops after that.
  await reload(visitor);
  assert.deepEqual(decisions(visitor).at(-1), []);
  assert.deepEqual(await standing(visitor.page), []);
  await visitor.close();
});

test("a bar closed by its button gives the focus back too", async () => {
  const visitor = await enter("/en/list/shoes", "bar hello");
  await visitor.page.locator("[data-answer=count]").click();
  await visitor.page.locator(".footer [data-forget]").focus();
  for (const key of ["Tab", "Tab", "Enter"]) await visitor.page.keyboard.press(key);
  await until("it is gone", async () => (await standing(visitor.page)).length === 0);
  assert.ok(await visitor.page.locator(".footer [data-forget]").evaluate((button) => button === document.activeElement));
  await visitor.close();
});

test("Esc elsewhere on the page is the page's own", async () => {
  const visitor = await enter("/en/list/shoes", "bar hello");
  await visitor.page.locator(".search input").focus();
  await visitor.page.keyboard.press("Escape");
  assert.deepEqual(await standing(visitor.page), ["bar hello"]);
  await visitor.close();
});

test("a bar's link is followed and counted, and told to the data layer in GA4's words", async () => {
  const visitor = await enter("/list/shoes", "bar hello");
  await visitor.page.evaluate(() => {
    document.addEventListener("vitrine:clicked", ({ detail }) => sessionStorage.setItem("maru.detail", JSON.stringify(detail)));
    addEventListener("pagehide", () => sessionStorage.setItem("maru.layer", JSON.stringify(window.dataLayer.slice(-3))));
  });
  await part(visitor, "cta").click();
  await visitor.page.waitForURL("**/list/bags");
  await until("the click is reported", () => reports(visitor).some(({ counts }) => counts.some(({ clicked }) => clicked === 1)));
  const [detail, layer] = await visitor.page.evaluate(() => [sessionStorage["maru.detail"], sessionStorage["maru.layer"]].map((text) => JSON.parse(text)));
  assert.deepEqual(detail, { campaign: "bar", message: "hello", slot: "bottom" });
  const told = layer.find(({ event }) => event === "select_promotion");
  assert.deepEqual(told.ecommerce, { promotion_id: "bar", creative_name: "hello", creative_slot: "bottom" });
  await visitor.close();
});

test("a modal is a named dialog that keeps the focus, and Esc gives it back", async () => {
  const visitor = await house.visitor();
  await watchShifts(visitor);
  await allowed(visitor);
  await visitor.context.route("**/v1/demo/plan", async (route) => {
    await visitor.page.locator(".cart-link").focus();
    await route.continue();
  });
  await open(visitor, `${house.home}/list/belts`);
  await until("it stands", async () => (await standing(visitor.page)).includes("modal offer"));
  const dialog = visitor.page.getByRole("dialog", { name: "You compared. Good." });
  assert.equal(await dialog.count(), 1);
  assert.equal(await dialog.evaluate((element) => element.matches(":modal")), true);
  assert.match(await dialog.evaluate((element) => element.getRootNode().getElementById(element.getAttribute("aria-describedby")).textContent), /all you pay/);
  const round = [];
  for (let step = 0; step < 6; step += 1) {
    round.push(await focused(visitor));
    await visitor.page.keyboard.press("Tab");
  }
  assert.ok(round.includes("vt-cta") && round.includes("vt-close"), round.join());
  assert.ok(round.every((place) => ["vt-cta", "vt-close", "body"].includes(place)), `nothing behind it is reached: ${round}`);
  await settled(visitor);
  assert.deepEqual(await complaints(visitor.page, "[data-vitrine]"), []);
  await visitor.page.keyboard.press("Escape");
  await until("it is gone", async () => (await standing(visitor.page)).length === 0);
  assert.equal(await focused(visitor), "cart-link");
  assert.deepEqual(await shifts(visitor.page), []);
  await until("it is counted as dismissed", () => reports(visitor).some(({ counts }) => counts.some(({ dismissed }) => dismissed === 1)));
  await reload(visitor);
  assert.deepEqual(decisions(visitor).at(-1), [], "once a visit");
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("a click beside the modal puts it away, a click within does not", async () => {
  const visitor = await enter("/list/belts", "modal offer");
  await part(visitor, "body").click();
  assert.deepEqual(await standing(visitor.page), ["modal offer"]);
  await visitor.page.mouse.click(5, 400);
  await until("it is gone", async () => (await standing(visitor.page)).length === 0);
  await visitor.close();
});

const KOREAN = [/^\/product\/[a-z-]+$/, /[가-힣].*₩?[\d,]+/];
const ENGLISH = [/^\/en\/product\/[a-z-]+$/, /^[^가-힣]+₩?[\d,]+$/];
const STRIPS = [
  ["below the product", "/product/dal-loafer-black", "strip similar", KOREAN],
  ["in the reserved space of the home page", "/", "homely similar", KOREAN],
  ["below the product of a page in English, with titles and links in it,", "/en/product/dal-loafer-black", "strip similar", ENGLISH],
];
for (const [where, path, message, [address, words]] of STRIPS) {
  test(`a product strip ${where} is a named list of links, and moves nothing`, async () => {
    const visitor = await house.visitor();
    await watchShifts(visitor);
    await allowed(visitor);
    await open(visitor, `${house.home}/product/bada-tote-ivory`);
    await open(visitor, house.home + path);
    await until("it stands", async () => (await standing(visitor.page)).includes(message));
    const region = visitor.page.getByRole("region", { name: "Others also looked at" });
    assert.equal(await region.count(), 1);
    const list = region.getByRole("list");
    await list.scrollIntoViewIfNeeded();
    const links = await region.getByRole("listitem").getByRole("link").evaluateAll((all) => all.map((link) => [link.getAttribute("href"), link.textContent]));
    assert.equal(links.length, 4);
    for (const [href, text] of links) {
      assert.match(href, address);
      assert.match(text, words);
    }
    assert.deepEqual(await complaints(visitor.page, "[data-vitrine]"), []);
    assert.deepEqual((await shifts(visitor.page)), []);
    // Its list is reached by the keyboard, since it may scroll.
    await part(visitor, "close").focus();
    await visitor.page.keyboard.press("Tab");
    assert.equal(await focused(visitor), "vt-list");
    await visitor.page.keyboard.press("Tab");
    assert.equal(await focused(visitor), "vt-link");
    await visitor.page.keyboard.press("Enter");
    await visitor.page.waitForURL(`**${links[0][0]}`);
    assert.deepEqual(flaws(visitor), []);
    await visitor.close();
  });
}

test("a row that is put away names its products, and the next row has them further down, and says why", async () => {
  const visitor = await enter("/product/dal-loafer-black", "strip similar");
  const links = () => visitor.page.evaluate(() =>
    [...document.querySelector("[data-vitrine]").shadowRoot.querySelectorAll("a")].map((link) => link.getAttribute("href").split("/").at(-1)));
  const first = await links();
  await part(visitor, "close").click();
  await until("it is gone", async () => (await standing(visitor.page)).length === 0);
  const dismissed = events(visitor).find(({ event }) => event === "dismissed");
  assert.deepEqual(dismissed.items.map(({ item_id: id }) => id), first);
  await open(visitor, `${house.home}/product/dal-loafer-black`);
  await until("another row stands", async () => (await standing(visitor.page)).includes("strip similar"));
  const second = await links();
  assert.notDeepEqual(second, first);
  assert.equal(second.length, 4);
  const { products } = (await visitor.page.evaluate(() => window.vitrine.explain())).find(({ campaign: id }) => id === "strip");
  for (const { id, sentence } of products) assert.equal(first.includes(id), /down, since it was put away before/.test(sentence), `${id}: ${sentence}`);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("a slot without a height is refused in view, and the developer is told why", async () => {
  const visitor = await enter("/list/bags");
  const slots = () => sentences(visitor).filter((line) => line.startsWith("Slot `flat`"));
  await until("the sentence is said", () => slots().length > 0);
  assert.deepEqual(slots(), ["Slot `flat` would move the page: give its element a height, of at least its `minHeight`."]);
  assert.deepEqual(await standing(visitor.page), []);
  assert.deepEqual(await shifts(visitor.page), []);
  await visitor.close();
});

test("a campaign whose slot the page lacks is not due", async () => {
  const visitor = await enter("/list/jackets", "hostile echo");
  assert.deepEqual(decisions(visitor).at(-1).map(({ campaign: id }) => id), ["hostile"]);
  await visitor.close();
});

test("the style sheet is adopted: no style element or attribute, and a page's own styles stay out", async () => {
  const visitor = await enter("/list/shoes", "bar hello");
  const found = await visitor.page.locator("[data-vitrine]").evaluate(({ shadowRoot }) => ({
    sheets: shadowRoot.adoptedStyleSheets.length, inner: shadowRoot.innerHTML, styles: shadowRoot.querySelectorAll("style, [style], link, script").length,
  }));
  assert.deepEqual([found.sheets, found.styles], [1, 0]);
  assert.ok(found.inner.length > 0);
  const paper = () => part(visitor, "bar").evaluate((element) => getComputedStyle(element).backgroundColor);
  const before = await paper();
  await visitor.page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { background: rgb(255, 0, 0) !important; font-size: 60px !important; } section { display: none !important; }");
    document.adoptedStyleSheets = [sheet];
  });
  assert.equal(await paper(), before);
  assert.equal(await part(visitor, "bar").isVisible(), true);
  await visitor.close();
});

// What attackers write; the first are OWASP's, where the reference is at hand.
const reference = join(process.env.VITRINE_REFERENCE ?? resolve(root, "../shared"), "peers/xss/owasp-payloads.json");
const payloads = [
  "<script>window.broken = 1</script>", "\"><img src=x onerror=window.broken=1>", "'\"></p></section><svg onload=window.broken=1>",
  "</template></style></title><iframe srcdoc='<script>parent.broken=1</script>'>", "{{ cart.count }}{% raw %}&lt;b&gt;&amp;", "\u202e\u0000\u001f\u2028<b>bold</b>",
  ...(existsSync(reference) ? JSON.parse(readFileSync(reference, "utf8")) : []),
];

test(`${payloads.length} hostile product names stay text`, async (story) => {
  if (!existsSync(reference)) story.diagnostic(`without OWASP's payloads: there is no ${reference}`);
  const visitor = await enter("/list/jackets", "hostile echo");
  const dialogs = [];
  visitor.page.on("dialog", (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  const outside = await shape(visitor.page);
  const plain = await shadowShape(visitor.page);
  for (const payload of payloads) {
    await addToCart(visitor.page, payload, "evil");
    // The bar that stands keeps its text; another page view draws it anew.
    await visitor.page.evaluate(() => window.vitrine.push(["page", location.href]));
    await until("it is drawn anew", async () => (await standing(visitor.page)).length === 1);
    assert.deepEqual(await shadowShape(visitor.page), plain, payload);
    const shown = await part(visitor, "title").textContent();
    const start = payload.trim().slice(0, 20).replace(/\s+/g, " ");
    assert.ok(shown.replace(/\s+/g, " ").includes(start.replace(/[\u0000-\u001f]/g, "")) || /[\u0000-\u001f]/.test(payload), `${payload} is shown as ${shown}`);
  }
  assert.deepEqual(await shape(visitor.page), outside);
  assert.equal(await visitor.page.evaluate(() => window.broken), undefined);
  assert.deepEqual(dialogs, []);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

// The elements and their attributes' names, without what texts hold.
const tree = (start) => [...start.querySelectorAll("*")].map((element) => `${element.localName} ${element.getAttributeNames().join(" ")}`);
const shape = (page) => page.evaluate(`(${tree})(document)`);
const shadowShape = (page) => page.evaluate(`(${tree})(document.querySelector("[data-vitrine]").shadowRoot)`);

test("under a strict policy with Trusted Types nothing is violated, and only the policy `vitrine` makes markup", async () => {
  const visitor = await enter("/list/shoes", "bar hello");
  const answer = await visitor.page.request.get(`${house.home}/list/shoes`);
  const policy = answer.headers()["content-security-policy"];
  for (const part of ["require-trusted-types-for 'script'", "trusted-types vitrine", "default-src 'self'"]) assert.ok(policy.includes(part), policy);
  assert.ok(!/unsafe-(inline|eval')/.test(policy.replace("'wasm-unsafe-eval'", "")), policy);
  await push(visitor.page, "view_item", { items: [{ item_id: "a" }] });
  assert.deepEqual(visitor.violations, []);
  assert.equal(await visitor.page.evaluate(() => { try { trustedTypes.createPolicy("other", {}); return "made"; } catch { return "refused"; } }), "refused");
  await visitor.close();
});
