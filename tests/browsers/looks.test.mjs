// Looks: the demo shop and the console as Firefox and WebKit draw them, on a desk
// and on a phone. Pictures for people lie in `looks/` of the target folder; what a
// machine can see is checked here, by the same measures as in Chromium.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { until } from "../stories/support/house.mjs";
import { layoutFlaws } from "../stories/support/layout.mjs";
import { shopModel } from "../stories/support/rules.mjs";
import { root } from "../stories/support/servers.mjs";
import { flaws, standing } from "../stories/support/visit.mjs";
import { browsers, openHouse } from "./support/house.mjs";

const scope = { after };
const model = await shopModel(scope);
const folder = join(resolve(root, process.env.CARGO_TARGET_DIR ?? "target"), "looks");
await mkdir(folder, { recursive: true });

const sizes = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
// By this seed nobody is held out, as in the stories' looks.
const seeded = `{
  const real = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = (bits) => {
    if (!(bits instanceof BigUint64Array)) return real(bits);
    bits[0] = 11n;
    return bits;
  };
}
localStorage.setItem("maru.consent", '{"storage":"persistent","reports":true}');`;
const settings = { consent: "persistent+reports", debug: "" };

// Where, what is done there first, and what must stand.
const walk = [
  ["product", "/product/dal-loafer-black", undefined, [/^product-picks /, / /]],
  ["home", "/", undefined, [/^home-picks /]],
  ["cart", "/product/kkeun-belt-black", "[data-add] button", [/^product-picks /]],
  ["modal", "/list/bags?utm_source=danawa&utm_medium=price_comparison", undefined, [/^fair-price /]],
];

// `row`: the row of products is what the picture is of, else the page's top.
async function check({ page }, name, row = false) {
  if (row) await page.evaluate(() => document.querySelector("[data-vitrine*=picks]").scrollIntoView({ block: "center", behavior: "instant" }));
  await page.evaluate(async () => {
    for (const image of document.images) image.loading = "eager";
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    const hosts = [...document.querySelectorAll("[data-vitrine]")];
    await Promise.all([document, ...hosts.map((host) => host.shadowRoot)].flatMap((one) => one.getAnimations({ subtree: true })).map((one) => one.finished));
  });
  await writeFile(join(folder, `${name}.png`), await page.picture());
  assert.deepEqual(await layoutFlaws(page, ".gutter, .marks"), [], name);
}

for (const name of browsers) {
  const house = await openHouse(scope, name, { model });
  for (const [size, view] of Object.entries(sizes)) {
    const told = (what, work) => test(`${house.browser.name} ${house.browser.version}: ${what} on a ${size}`, work);
    told("the shop with its banners", async () => {
      const visitor = await house.visitor({ ...view, settings, first: seeded });
      const { page } = visitor;
      for (const [what, path, first, wanted] of walk) {
        await page.goto(visitor.home + path);
        if (first) await page.click(first);
        await until(`${wanted} stand on ${what}`, async () => {
          const keys = await standing(page);
          return wanted.every((want) => keys.some((key) => want.test(key)));
        });
        await check(visitor, `${name}-${size}-${what}`, what === "home");
      }
      assert.deepEqual(flaws(visitor), []);
      await visitor.close();
    });

    told("the console's rules and results", async () => {
      const marketer = await house.marketer({ ...view, language: "en-US" });
      const { page } = marketer;
      const seen = (selector) => until(`${selector} is seen`, () => page.evaluate((place) => document.querySelector(place)?.checkVisibility() ?? false, selector));
      await page.goto(`${marketer.home}/console/`);
      await seen("#sign-in-view");
      await page.evaluate((key) => {
        document.querySelector("#site").value = "demo";
        document.querySelector("#key").value = key;
      }, house.ownerKey);
      await page.click("#sign-in [type=submit]");
      await seen("#rules-view");
      await check(marketer, `${name}-${size}-console-rules`);
      await page.click('#views [href="#results"]');
      await seen("#campaigns table");
      await check(marketer, `${name}-${size}-console-results`);
      assert.deepEqual(flaws(marketer), []);
      await marketer.close();
    });
  }
}
