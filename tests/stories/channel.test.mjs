// Where visits come from, with real browsers' own decoders, referrers and user
// agents. Never trusts one decoder: Node's and Chromium's are held to the same
// vectors as the command's.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { recode } from "../../www/edge/recode.mjs";
import { openBrowser } from "./support/browser.mjs";
import { openHouse } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { allowed, flaws, open, reload } from "./support/visit.mjs";

const read = (path) => readFile(new URL(path, import.meta.url), "utf8");
const entries = JSON.parse(await read("../vectors/recode.json"));
const wanted = entries.map(({ name, address, recoded }) => [name, recoded ?? address]);

const words = ["visits", "channel", "source", "keyword", "evidence", "first.source"];
const mirror = bar("known", words.map((word) => `${word}={{ ${word} | default: '-' }}`).join("|"));
const scope = { after };
const file = await rulesFile(scope, rules([campaign("mirror", [mirror])]));
const house = await openHouse(scope, { rules: file });

async function known({ page }) {
  const text = await page.locator("[data-vitrine] .vt-title").textContent();
  return Object.fromEntries(text.split("|").map((pair) => pair.split("=")));
}

test("Node's decoder recodes every address as the command's does", () => {
  assert.deepEqual(entries.map(({ name, address }) => [name, recode(address)]), wanted);
});

test("Chromium's decoder recodes every address as the command's does", async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const source = (await read("../../www/edge/recode.mjs")).replace("export ", "");
    const found = await page.evaluate(([code, list]) => {
      const recode = new Function(`${code}; return recode;`)();
      return list.map(({ name, address }) => [name, recode(address)]);
    }, [source, entries]);
    assert.deepEqual(found, wanted);
    // What Node's decoder lacks: a syllable outside of KS X 1001.
    const rare = await page.evaluate((code) => new Function(`${code}; return recode;`)()("https://search.nate.com/?q=%8Cc"), source);
    assert.equal(rare, "https://search.nate.com/?ie=utf-8&q=%EB%98%A0");
    assert.equal(recode("https://search.nate.com/?q=%8Cc"), "https://search.nate.com/?ie=utf-8&q=%8Cc", "unknown, not guessed");
  } finally {
    await browser.close();
  }
});

test("a keyword in EUC-KR, a reload, a way back and a view within the document keep the arrival", async () => {
  const visitor = await house.visitor();
  await allowed(visitor);
  await visitor.page.goto(`${house.home}/`, { referer: "https://search.nate.com/search?q=%BD%C5%B9%DF" });
  await visitor.page.locator("[data-vitrine] .vt-title").waitFor();
  const first = { visits: "1", channel: "search", source: "nate", keyword: "신발", evidence: "referrer", "first.source": "nate" };
  assert.deepEqual(await known(visitor), first);
  await reload(visitor);
  assert.deepEqual(await known(visitor), first);
  await open(visitor, `${house.home}/?utm_source=letter&utm_medium=email`);
  const letter = { visits: "1", channel: "email", source: "letter", keyword: "-", evidence: "parameter", "first.source": "nate" };
  assert.deepEqual(await known(visitor), letter);
  await visitor.page.goBack();
  await visitor.page.locator("[data-vitrine] .vt-title").waitFor();
  assert.deepEqual(await known(visitor), letter, "a way back is no arrival");
  await visitor.page.evaluate(() => window.vitrine.page("/list/shoes?utm_medium=x"));
  assert.deepEqual(await known(visitor), letter, "a view within the document is none");
  assert.deepEqual(flaws(visitor), []);
  await visitor.close();
});

test("KakaoTalk's browser is a messenger by its user agent", async () => {
  const visitor = await house.visitor({ userAgent: "Mozilla/5.0 (Linux; Android 14; SM-S928N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/122.0.0.0 Mobile Safari/537.36 KAKAOTALK/10.6.5 (INAPP)" });
  await allowed(visitor);
  await open(visitor, `${house.home}/`);
  const { channel, source, evidence } = await known(visitor);
  assert.deepEqual({ channel, source, evidence }, { channel: "messenger", source: "kakao", evidence: "user_agent" });
  await visitor.close();
});
