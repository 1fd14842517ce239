// Looks: the five pages of the shop with their banners, and the console, on a
// desk and on a phone, in both languages. Pictures for people lie in `looks/` of the target
// folder; what a machine can see is checked here.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { complaints } from "./support/axe.mjs";
import { openHouse, until } from "./support/house.mjs";
import { layoutFlaws } from "./support/layout.mjs";
import { shopModel } from "./support/rules.mjs";
import { root } from "./support/servers.mjs";
import { allowed, flaws, open, seeded, standing, tag } from "./support/visit.mjs";

const scope = { after };
const house = await openHouse(scope, { model: await shopModel(scope) });
const folder = join(resolve(root, process.env.CARGO_TARGET_DIR ?? "target"), "looks");
await mkdir(folder, { recursive: true });

const SEED = 11;
const sizes = [["desk", { width: 1280, height: 800 }], ["phone", { width: 390, height: 844 }]];
const languages = [["ko", ""], ["en", "/en"]];

// A walk through the five pages: where, what is done there first, what must stand.
const walk = [
  ["product", "/product/dal-loafer-black", undefined, ["product-picks also-viewed"], 2],
  ["category", "/list/shoes", undefined, [], 1],
  ["home", "/", undefined, [/^home-picks /], 2],
  ["product-added", "/product/kkeun-belt-black", (page) => page.locator("[data-add] button").click(), ["product-picks also-viewed"], 1],
  ["cart", "/cart", undefined, ["cart-companions bought-with"], 1],
  ["order-done", "/cart", async (page) => { await page.locator(".summary .button").click(); await page.waitForURL("**/order-done?**"); }, ["thank-you same-box"], 1],
];

async function check(visitor, name) {
  const { page } = visitor;
  await page.evaluate(async () => {
    for (const image of document.images) image.loading = "eager";
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    await document.fonts.ready;
    const hosts = [...document.querySelectorAll("[data-vitrine]")];
    await Promise.all([document, ...hosts.map((host) => host.shadowRoot)].flatMap((one) => one.getAnimations({ subtree: true })).map((one) => one.finished));
  });
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.screenshot({ path: join(folder, `${name}-whole.png`), fullPage: true });
  assert.deepEqual(await layoutFlaws(page, ".gutter, .marks"), [], name);
  assert.deepEqual(await complaints(page), [], name);
}

test("the measures find what they are for", async () => {
  const visitor = await house.visitor({ viewport: { width: 390, height: 844 } });
  const { page } = visitor;
  const found = async (html) => (await page.setContent(`<!doctype html><html lang="en"><title>x</title><body style="margin:0">${html}`), layoutFlaws(page));
  assert.deepEqual(await found("<main><h1>Good</h1><p>Nothing is wrong here.</p></main>"), []);
  for (const [html, sentence] of [
    ['<p style="width: 500px">wide</p>', /the page is 500 px wide/],
    ['<p style="height: 20px; width: 60px; overflow: hidden">Two lines or even more of words</p>', /is cut off by <p/],
    ['<p style="width: 60px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis">A long line of words</p>', /is cut off by <p/],
    ['<p>One text</p><p style="margin-top: -32px">Another text</p>', /"One text" lies upon "Another text"/],
    ['<p style="margin-left: -20px">Out on the left</p>', /runs out of the window/],
    ['<div style="position: fixed; bottom: 0">One bar</div><div style="position: fixed; bottom: 0">Two bars</div>', /<div class=""> lies upon <div/],
  ]) {
    const flaws = await found(html);
    assert.ok(flaws.some((flaw) => sentence.test(flaw)), `${html}: ${flaws}`);
  }
  await found("<main><h1>Pale</h1><div id=host></div></main>");
  await page.locator("#host").evaluate((host) => { host.attachShadow({ mode: "open" }).innerHTML = '<p style="color: #bbb; background: #fff">Hardly to be read</p>'; });
  assert.match((await complaints(page)).join(), /color-contrast.*#host > p/);
  await visitor.close();
});

for (const [size, viewport] of sizes) {
  for (const [lang, prefix] of languages) {
    const enter = async (consent) => {
      const visitor = await house.visitor({ viewport, deviceScaleFactor: 1 });
      // By this seed nobody is held out, and everybody sees the same.
      await seeded(visitor, SEED);
      await tag(visitor, { debug: "", ...(consent && { consent }) });
      if (consent) await visitor.context.addInitScript(() => { try { localStorage.setItem("maru.consent", '{"storage":"persistent","reports":true}'); } catch { /* about:blank */ } });
      return visitor;
    };

    test(`the five pages, ${lang} on a ${size}`, async () => {
      const visitor = await enter("persistent+reports");
      for (const [name, path, first, wanted, least] of walk) {
        await visitor.page.goto(house.home + prefix + path);
        await first?.(visitor.page);
        await until(`${wanted} and ${least} in all stand on ${name}`, async () => {
          const keys = await standing(visitor.page);
          return keys.length >= least && wanted.every((want) => keys.some((key) => (want.test ? want.test(key) : want === key)));
        });
        await check(visitor, `${lang}-${size}-${name}`);
      }
      assert.deepEqual(flaws(visitor), []);
      await visitor.close();
    });

    test(`the modal, and a bar above the shop's own, ${lang} on a ${size}`, async () => {
      const stranger = await enter();
      await stranger.page.goto(`${house.home}${prefix}/`);
      await until("the bar stands", async () => (await standing(stranger.page)).some((key) => key.startsWith("welcome ")));
      assert.equal(await stranger.page.locator("[data-consent-bar]").isVisible(), true);
      await check(stranger, `${lang}-${size}-consent`);
      await stranger.close();
      const hunter = await enter("persistent+reports");
      await hunter.page.goto(`${house.home}${prefix}/list/bags`, { referer: "https://prod.danawa.com/info/?pcode=1" });
      await until("the modal stands", async () => (await standing(hunter.page)).some((key) => key.startsWith("fair-price ")));
      await check(hunter, `${lang}-${size}-modal`);
      await hunter.close();
    });
  }
}

for (const [size, viewport] of sizes) {
  for (const [lang, locale] of [["ko", "ko-KR"], ["en", "en-US"]]) {
    test(`the console, ${lang} on a ${size}`, async () => {
      const marketer = await house.visitor({ viewport, locale });
      const { page } = marketer;
      await page.goto(`${house.collector.address}/console/`);
      await page.locator("#sign-in-view").waitFor();
      await check(marketer, `console-${lang}-${size}-sign-in`);
      await page.locator("#site").fill("demo");
      await page.locator("#key").fill(house.ownerKey);
      await page.locator("#sign-in [type=submit]").click();
      await page.locator("#rules-view").waitFor();
      const good = await page.locator("#text").inputValue();
      await page.locator("#text").fill(good.replace('"bottom"', '"botom"').replace('"earn"', '"lern"').replace('"1m"', '"1 minute"'));
      await until("three mistakes are listed", async () => await page.locator("#problems > li").count() >= 3);
      await check(marketer, `console-${lang}-${size}-mistakes`);
      await page.locator("#text").fill(`${good}\n`);
      await until("none is left", async () => await page.locator("#problems > li").count() === 0);
      await page.locator("#publish").click();
      await page.getByRole("dialog").waitFor();
      await check(marketer, `console-${lang}-${size}-publish`);
      await page.locator("#dialog-no").click();
      await page.locator('#views [href="#results"]').click();
      await page.locator("#campaigns table").first().waitFor();
      await check(marketer, `console-${lang}-${size}-results`);
      await marketer.close();
    });
  }
}

test("the notice and the consent bar reach to both edges beside a scrollbar too, and nothing stands between bar and banner", async () => {
  const visitor = await house.visitor();
  await allowed(visitor);
  await open(visitor, `${house.home}/en/`);
  await visitor.page.locator("[data-vitrine] .vt-title").first().waitFor();
  await visitor.page.waitForTimeout(500); // the bar slides
  const seen = await visitor.page.evaluate(() => {
    const box = (element) => element.getBoundingClientRect();
    const [notice, consent] = [box(document.querySelector(".notice")), box(document.querySelector(".consent"))];
    const banner = box(document.querySelector("[data-vitrine]").shadowRoot.querySelector(".vt-bar"));
    const page = document.documentElement.clientWidth;
    return { inPage: [notice, consent].every(({ left, right }) => left >= 0 && right <= page), gap: consent.top - banner.bottom };
  });
  assert.equal(seen.inPage, true, "a box wider than the page would lie under the scrollbar");
  assert.ok(seen.gap <= 0.01, `${seen.gap} px of the page are seen between them`);
  const { width, height } = visitor.page.viewportSize();
  const colours = await colourAt(visitor.page, [[2, 10], [width - 3, 10], [2, height - 10], [width - 3, height - 10]]);
  assert.deepEqual([colours[0], colours[2]], [colours[1], colours[3]]);
  assert.notEqual(colours[0], colours[2]);
  await visitor.close();
});

// What is painted there, from a screenshot that the browser itself reads.
async function colourAt(page, points) {
  const shot = (await page.screenshot()).toString("base64");
  const blank = await page.context().newPage();
  const colours = await blank.evaluate(async ([shot, points]) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${shot}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return points.map(([x, y]) => [...canvas.getImageData(x, y, 1, 1).data].join());
  }, [shot, points]);
  await blank.close();
  return colours;
}
