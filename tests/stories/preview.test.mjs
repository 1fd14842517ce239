// A preview: a draft leaves the console, is seen in the shop by its marketer
// alone, walks along, counts nowhere, and is gone when it is left.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { complaints } from "./support/axe.mjs";
import { openHouse, until } from "./support/house.mjs";
import { layoutFlaws } from "./support/layout.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { startShop } from "./support/servers.mjs";
import { allowed, flaws, open, reports, results, standing, traces } from "./support/visit.mjs";

const scope = { after };
const late = { slot: "top", trigger: { after: { event: "purchase" } } };
const wait = { id: "wait", kind: "modal", title: "One more thing" };
const site = (title, ...more) => rules([
  campaign("hello", [bar("hi", title, "/list/shoes")]),
  campaign("later", [bar("thanks", "Thank you"), ...more], late),
]);
const house = await openHouse(scope, { rules: await rulesFile(scope, site("As published")) });
const { collector } = house;

// Leaves a draft as the console does, and gives its token.
async function draft(given = site("In the making"), at = house) {
  const headers = { authorization: `Bearer ${at.ownerKey}`, "content-type": "application/json" };
  const answer = await fetch(`${at.collector.address}/v1/demo/drafts`, { method: "POST", headers, body: JSON.stringify(given) });
  assert.equal(answer.status, 201);
  return (await answer.json()).token;
}

const host = "[data-vitrine-preview]";
const panel = (page) => page.locator(`${host} .card`);
const row = (page, id) => panel(page).locator(".campaigns > li", { has: page.getByRole("heading", { name: id, exact: true }) });
const title = (page) => page.locator("[data-vitrine] .vt-title").first().textContent();
const lines = (visitor) => visitor.console.filter(({ text }) => text.startsWith("[vitrine]") && !/Decided|Read |Plan /.test(text)).map(({ text }) => text);

async function look(visitor, path = "/", token = undefined) {
  const address = `${house.home}${path}${path.includes("?") ? "&" : "?"}vitrine-preview=${token ?? await draft()}`;
  await visitor.page.goto(address);
  await panel(visitor.page).waitFor();
  await until("the campaigns are told", async () => await panel(visitor.page).locator("h3").count() >= 2);
}

test("from the console into the shop: the draft is there for its marketer, the published words for everybody else", async () => {
  const marketer = await house.visitor({ locale: "en-US" });
  const { page } = marketer;
  await page.goto(`${collector.address}/console/`);
  await page.getByLabel("Site").fill("demo");
  await page.getByLabel("Key").fill(house.ownerKey);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#rules-view").waitFor();

  // A mistake is told as for publishing, and opens nothing.
  const preview = page.getByRole("button", { name: "Preview", exact: true });
  const good = JSON.stringify(site("In the making"), null, 2);
  await page.locator("#text").fill(good.replace('"bottom"', '"botom"'));
  await preview.click();
  await until("the mistake is told", async () => (await page.locator("#notice-text").textContent()).startsWith("Mend the mistakes first."));

  await page.locator("#text").fill(good);
  await preview.click();
  const dialog = page.getByRole("dialog", { name: "Where is your shop?" });
  const address = dialog.getByLabel("Address of the shop, or of a page of it");
  assert.deepEqual(await complaints(page), []);
  await address.fill("not a place");
  await dialog.getByRole("button", { name: "Open the preview" }).click();
  assert.equal(await page.locator("#dialog-problem").textContent(), "This is no web address. Write it as https://shop.example/");
  await address.fill(`${house.home}/en/`);
  assert.equal(await page.locator("#shop-made code").textContent(), `${house.home}/en/?vitrine-preview=…`);
  const [shop] = await Promise.all([marketer.context.waitForEvent("page"), address.press("Enter")]);
  await shop.waitForURL(/\/en\/\?vitrine-preview=[0-9a-f]{32}$/);
  await panel(shop).waitFor();
  await until("the draft's bar stands", async () => (await standing(shop)).includes("hello hi"));
  assert.equal(await title(shop), "In the making");
  assert.equal(await shop.evaluate(() => [window.opener, document.referrer].join()), ",", "the shop knows nothing of the console");
  await shop.close();

  // The address is asked for once; the same rules again are the same draft.
  const [again] = await Promise.all([marketer.context.waitForEvent("page"), preview.click()]);
  await again.waitForURL(/\/en\/\?vitrine-preview=/);
  assert.match(await page.locator("#notice-text").textContent(), /^The preview is open in a new tab, until .*: http/);
  await page.locator("#notice-action").click();
  assert.equal(await address.inputValue(), `${house.home}/en/`);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await fetch(`${collector.address}/v1/demo/rules`, { headers: { authorization: `Bearer ${house.ownerKey}` } })).status, 200);
  assert.deepEqual(flaws(marketer), []);

  const shopper = await house.visitor();
  const asked = [];
  shopper.page.on("request", (request) => asked.push(request.url()));
  await allowed(shopper);
  await open(shopper, `${house.home}/`);
  await until("the published bar stands", async () => (await standing(shopper.page)).includes("hello hi"));
  assert.equal(await title(shopper.page), "As published");
  assert.equal(await shopper.page.locator(host).count(), 0);
  assert.deepEqual(asked.filter((url) => /preview|studio|drafts/.test(url)), [], "nobody else fetches a byte of it");
  await shopper.close();
  await marketer.close();
});

test("where the operator said where the shop is, nobody is asked; a tab that the browser holds back is opened by a press", async (t) => {
  const told = await openHouse(t, { rules: await rulesFile(t, site("As published")), words: ["--shop", "http://shop.test/en/?sort=new"] });
  const marketer = await told.visitor({ locale: "en-US" });
  const { page } = marketer;
  await marketer.context.route("http://shop.test/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>Shop</title>" }));
  await page.goto(`${told.collector.address}/console/`);
  await page.getByLabel("Site").fill("demo");
  await page.getByLabel("Key").fill(told.ownerKey);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#rules-view").waitFor();
  await page.evaluate(() => {
    const real = window.open;
    window.open = () => { window.open = real; return null; };
  });
  await page.getByRole("button", { name: "Preview", exact: true }).click();
  await until("it is said", async () => (await page.locator("#notice-text").textContent()) === "The browser held the new tab back.");
  const [shop] = await Promise.all([marketer.context.waitForEvent("page"), page.locator("#notice-action").click()]);
  await shop.waitForURL(/^http:\/\/shop\.test\/en\/\?sort=new&vitrine-preview=[0-9a-f]{32}$/);
  await page.locator("#notice-action").click();
  assert.equal(await page.locator("#shop-address").inputValue(), "http://shop.test/en/?sort=new");
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

test("a walk keeps the preview: by links, a message's button, the search, and a script; elsewhere knows nothing of it", async () => {
  const marketer = await house.visitor();
  const { page } = marketer;
  const token = await draft();
  await look(marketer, "/product/dal-loafer-black?color=%B0%CB%C1%A4", token);
  const isHere = async (path) => {
    await page.waitForURL((url) => url.pathname === path && url.searchParams.get("vitrine-preview") === token);
    await panel(page).waitFor();
    await until("the draft's bar stands", async () => (await standing(page)).includes("hello hi"));
  };
  assert.ok(page.url().includes("color=%B0%CB%C1%A4&"), "a query in another charset stays as it is");
  await page.locator("[data-vitrine] .vt-cta").click();
  await isHere("/list/shoes");
  await page.locator(".menu a").nth(1).click();
  await page.waitForURL((url) => url.pathname.startsWith("/list/") && url.searchParams.get("vitrine-preview") === token);
  await page.getByRole("searchbox").fill("belt");
  await page.getByRole("searchbox").press("Enter");
  await isHere("/search");
  assert.equal(new URL(page.url()).searchParams.get("q"), "belt");
  await page.evaluate(() => { location.href = "/event"; });
  await isHere("/event");
  await page.reload();
  await isHere("/event");
  await page.evaluate(() => {
    const link = Object.assign(document.createElement("a"), { href: "https://elsewhere.example/", textContent: "Out", id: "out" });
    link.addEventListener("click", (event) => event.preventDefault());
    document.querySelector("main").prepend(link);
  });
  await page.locator("#out").click();
  assert.equal(await page.locator("#out").getAttribute("href"), "https://elsewhere.example/");
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

test("nothing is counted, the shop's analytics hear nothing, and what the device remembers of its visitor stays as it was", async () => {
  const visitor = await house.visitor();
  await allowed(visitor);
  await open(visitor, `${house.home}/`);
  await until("the visit is counted, and that the bar was seen", () => {
    const counts = reports(visitor).filter(({ status }) => status === 204).flatMap((report) => report.counts);
    return ["visitors", "shown"].every((what) => counts.some((row) => row[what] > 0));
  });
  const counts = async () => (await results(house)).campaigns.map(({ campaign: id, messages }) => [id, messages.map(({ message, visitors, due, shown, clicked }) => [message, visitors, due, shown, clicked])]);
  const [before, kept, sent] = [await counts(), await traces(visitor), visitor.sent.filter(({ method }) => method === "POST").length];

  const making = site("In the making");
  making.campaigns[0].when = { channel: "direct" };
  const token = await draft(making);
  await look(visitor, "/", token);
  // Also where the shop asks for consent and the visitor gives it.
  await visitor.page.evaluate(() => {
    window.vitrine.consent({ storage: "persistent", reports: true });
    window.dataLayer.push({ event: "purchase", ecommerce: { transaction_id: "t1", value: 50000, currency: "KRW", items: [] } });
  });
  await until("the campaign that waited is due", async () => (await row(visitor.page, "later").getAttribute("class")) !== "off");
  await visitor.page.waitForTimeout(1500);
  assert.deepEqual(await counts(), before);
  assert.equal(visitor.sent.filter(({ method }) => method === "POST").length, sent, "a preview sends nothing");
  const promotions = await visitor.page.evaluate(() => window.dataLayer.filter(({ event }) => /promotion/.test(event)).length);
  assert.equal(promotions, 0);
  const now = await traces(visitor);
  assert.deepEqual([now.local, now.cookies], [kept.local, kept.cookies]);
  assert.ok(`vitrine:demo/drafts/${token}` in now.session);

  // Forgotten, the preview's visitor is a new one; left, nothing of it remains.
  await Promise.all([visitor.page.waitForEvent("load"), panel(visitor.page).getByRole("button", { name: /새 방문자|New visitor/ }).click()]);
  await panel(visitor.page).waitFor();
  await until("who arrives now is a stranger", async () => (await row(visitor.page, "later").getAttribute("class")) === "off");
  assert.equal(await row(visitor.page, "hello").getAttribute("class"), "on", "and comes from nowhere, as by the address alone");
  await Promise.all([visitor.page.waitForURL(`${house.home}/`), panel(visitor.page).getByRole("button", { name: /끝내기|Leave/ }).click()]);
  await until("the published bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
  assert.equal(await title(visitor.page), "As published");
  assert.equal(await visitor.page.locator(host).count(), 0);
  assert.deepEqual((await traces(visitor)).session, kept.session);
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("the panel says why, and shows any message at once, which the preview's visitor does not remember", async () => {
  const marketer = await house.visitor();
  const { page } = marketer;
  await look(marketer, "/en/", await draft(site("In the making", wait)));
  await until("the bar stands", async () => (await row(page, "hello").getAttribute("class")) === "on");
  assert.match(await row(page, "hello").innerText(), /Shown: hi\./);
  assert.match(await row(page, "later").innerText(), /Not shown: .*purchase/);
  assert.match(await panel(page).locator(".about").textContent(), /Nothing is counted/);

  const chip = (id) => panel(page).locator(`.chip[data-key="${id}"]`);
  await chip("later thanks").click();
  await until("the chosen bar stands", async () => (await standing(page)).includes("later thanks"));
  assert.equal(await chip("later thanks").getAttribute("aria-pressed"), "true");
  assert.match(await panel(page).locator(".note").textContent(), /You chose thanks/);
  assert.deepEqual(await standing(page), ["hello hi", "later thanks"], "another slot keeps what stands there");
  assert.deepEqual(await complaints(page, host), []);
  assert.match(await row(page, "later").innerText(), /Not shown: /, "it is looked at, not shown");

  // A dialog is closed as a shopper closes it, and what was decided stays.
  await chip("later wait").click();
  await page.locator("[data-vitrine='later wait'] dialog[open]").waitFor();
  assert.deepEqual(await standing(page), ["hello hi", "later wait"]);
  await page.keyboard.press("Escape");
  await until("it is gone", async () => (await standing(page)).join() === "hello hi");
  assert.equal(await chip("later wait").getAttribute("aria-pressed"), "false");

  // Its own slot makes room for another message, and gets the first back.
  await chip("later thanks").focus();
  await page.keyboard.press("Enter");
  await until("the chosen bar stands", async () => (await standing(page)).includes("later thanks"));
  await page.keyboard.press("Enter");
  await until("what was decided is back", async () => (await standing(page)).join() === "hello hi");
  assert.equal(await page.evaluate(() => document.querySelector("[data-vitrine-preview]").shadowRoot.activeElement?.dataset.key), "later thanks");
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

test("the panel can be folded away and moved, by keyboard too, and stays so on the next page", async () => {
  const marketer = await house.visitor();
  const { page } = marketer;
  await look(marketer, "/en/");
  const side = () => page.locator(host).getAttribute("data-side");
  const before = await side();
  await panel(page).getByRole("button", { name: "Move to the other side" }).click();
  assert.notEqual(await side(), before);
  const pill = page.locator(`${host} .pill`);
  await panel(page).getByRole("button", { name: "Fold away" }).press("Enter");
  assert.equal(await panel(page).isVisible(), false);
  assert.equal(await page.evaluate(() => document.querySelector("[data-vitrine-preview]").shadowRoot.activeElement?.className), "pill");
  await page.locator(".menu a").first().click();
  await pill.waitFor();
  assert.equal(await panel(page).isVisible(), false);
  assert.notEqual(await side(), before);
  await pill.press("Enter");
  await panel(page).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await panel(page).isVisible(), false);
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

for (const [name, token, lost] of [["hostile", "%22%3E%3Cscript%3E", false], ["of the wrong length", "abc", false], ["unknown, or over", "0123456789abcdef0123456789abcdef", true]]) {
  test(`a token that is ${name}: the page is as for everybody, with one line in the console`, async () => {
    const visitor = await house.visitor();
    await allowed(visitor);
    await open(visitor, `${house.home}/?vitrine-preview=${token}`);
    await until("the published bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
    assert.equal(await title(visitor.page), "As published");
    assert.equal(await visitor.page.locator(host).count(), 0);
    assert.deepEqual(lines(visitor), ["[vitrine] There is no such draft, or its day is over: the page is as everybody sees it."]);
    assert.equal(visitor.sent.filter(({ url }) => url.includes("/drafts/")).length, Number(lost));
    // Chromium itself says that an answer was 404.
    assert.deepEqual(flaws(visitor).filter((line) => !/status of 404/.test(line)), []);
    await visitor.close();
  });
}

test("`vitrine.preview(token)` goes there and keeps the address; what is no token goes nowhere", async () => {
  const visitor = await house.visitor();
  const { page } = visitor;
  await allowed(visitor);
  await open(visitor, `${house.home}/list/shoes?sort=new`);
  await page.evaluate(() => window.vitrine.preview("../../x"));
  await until("it is said", () => lines(visitor).some((line) => line.includes("no preview's token")));
  const token = await draft();
  await page.evaluate((given) => { window.vitrine.push(["preview", given]); }, token);
  await page.waitForURL(`${house.home}/list/shoes?sort=new&vitrine-preview=${token}`);
  await panel(page).waitFor();
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("where the browser asks for privacy, the preview shows all the same and keeps nothing of its visitor", async () => {
  const visitor = await house.visitor();
  await visitor.context.addInitScript(() => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true }));
  const token = await draft();
  await look(visitor, "/", token);
  await until("the draft's bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
  assert.deepEqual(Object.keys((await traces(visitor)).session), ["vitrine:preview"]);
  await visitor.close();
});

test("without consent, with storage refused, and behind a strict policy the preview works all the same", async () => {
  const visitor = await house.visitor();
  await visitor.context.addInitScript(() => {
    for (const area of ["localStorage", "sessionStorage"]) Object.defineProperty(window, area, { get() { throw new DOMException("no", "SecurityError"); } });
  });
  await look(visitor, "/");
  await until("the draft's bar stands", async () => (await standing(visitor.page)).includes("hello hi"));
  assert.equal(await title(visitor.page), "In the making");
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

for (const [size, viewport] of [["desk", { width: 1280, height: 800 }], ["phone", { width: 390, height: 844 }]]) {
  for (const [lang, path] of [["ko", "/"], ["en", "/en/"]]) {
    test(`the panel in ${lang} on a ${size}: nothing is cut off, and everybody can use it`, async () => {
      const marketer = await house.visitor({ viewport });
      const { page } = marketer;
      await page.goto(`${house.home}${path}?vitrine-preview=${await draft()}`);
      if (size === "phone") await page.locator(`${host} .pill`).click();
      await panel(page).waitFor();
      await until("the campaigns are told", async () => await panel(page).locator("h3").count() === 2);
      assert.deepEqual(await complaints(page, host), []);
      const [flaw] = (await layoutFlaws(page)).filter((line) => !/lies upon/.test(line));
      assert.equal(flaw, undefined);
      await marketer.close();
    });
  }
}

// A shop with forms of its own, which the demo shop does not have.
async function shopWithForms() {
  const html = `<!doctype html><title>Forms</title>
    <script async src="${collector.address}/vitrine.js" data-site="demo" data-consent="none"></script>
    <form method="post" action="/redirects"><input name="a" value="1"><button id="redirects">Go</button></form>
    <form method="post" action="/answers"><button id="answers">Go</button></form>`;
  const server = createServer((request, answer) => {
    const path = new URL(request.url, "http://shop").pathname;
    if (request.method === "POST" && path === "/redirects") return answer.writeHead(303, { location: "/there" }).end();
    answer.setHeader("content-type", "text/html").end(`${html}<p id="seen">${request.method} ${path}</p>`);
  });
  after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

test("a form that is redirected, a form that answers, and a script where the browser tells of nothing take the preview along", async () => {
  const [shop, token] = [await shopWithForms(), await draft()];
  for (const isBlind of [false, true]) {
    const marketer = await house.visitor();
    const { page } = marketer;
    // Firefox and Safari of before tell of no navigation.
    if (isBlind) await page.addInitScript(() => Object.defineProperty(window, "navigation", { value: undefined }));
    const stands = async (seen) => {
      await until(`${seen} is seen in the preview`, async () => (await page.locator("#seen").textContent()) === seen && page.url().endsWith(`vitrine-preview=${token}`), { everyMs: 100 });
      await panel(page).waitFor();
      await until("the draft's bar stands", async () => (await standing(page)).includes("hello hi"));
      assert.equal(await title(page), "In the making");
    };
    await page.goto(`${shop}/?vitrine-preview=${token}`);
    await stands("GET /");
    await page.locator("#redirects").click();
    await stands("GET /there");
    await page.locator("#answers").click();
    await stands("POST /answers");
    await page.evaluate(() => { location.href = "/by-script"; });
    await stands("GET /by-script");
    // What a script sends of a form's fields is what the shop wrote into them.
    assert.deepEqual(await page.evaluate(() => [...new FormData(document.querySelector("form"))]), [["a", "1"]]);
    await panel(page).getByRole("button", { name: /끝내기|Leave/ }).click();
    await page.waitForURL(`${shop}/by-script`);
    await until("the published bar stands", async () => (await standing(page)).includes("hello hi"));
    assert.equal(await title(page), "As published");
    assert.deepEqual(flaws(marketer), []);
    await marketer.close();
  }
});

test("a page that another shop's preview leads to is as everybody sees it", async () => {
  const [shop, token] = [await shopWithForms(), await draft()];
  const stranger = await house.visitor();
  await stranger.page.goto(`${shop}/`, { referer: `https://elsewhere.example/?vitrine-preview=${token}` });
  await until("the published bar stands", async () => (await standing(stranger.page)).includes("hello hi"));
  assert.deepEqual([await title(stranger.page), await stranger.page.locator(host).count(), stranger.page.url()], ["As published", 0, `${shop}/`]);
  await stranger.close();
});
