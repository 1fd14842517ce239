// The marketer's door: signs in, writes rules with mistakes, mends them,
// publishes, watches the results, and goes back.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { complaints } from "./support/axe.mjs";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { allowed, flaws, open, reports } from "./support/visit.mjs";

const scope = { after };
const text = (title) => JSON.stringify(rules([campaign("hello", [bar("hi", title, "/cart")])]), null, 2);
const house = await openHouse(scope, { rules: await rulesFile(scope, text("The first words")) });

async function enter({ signIn = true, path = "" } = {}) {
  const marketer = await house.visitor({ locale: "en-US", permissions: ["clipboard-read", "clipboard-write"] });
  await marketer.page.goto(`${house.collector.address}/console/${path}`);
  if (signIn) {
    await fillIn(marketer.page, house.ownerKey);
    await marketer.page.locator("#rules-view").waitFor();
  }
  return marketer;
}

async function fillIn(page, key) {
  await page.getByLabel("Site").fill("demo");
  await page.getByLabel("Key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
}

// As a person does it: everything marked, and the clipboard put in its place.
async function paste(page, words) {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), words);
  await page.locator("#text").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Control+V");
}

const found = (page) => page.locator("#problems > li .problem-row").allTextContents();
const state = (page) => page.locator("#check-state").textContent();
const title = async () => {
  const shopper = await house.visitor();
  await allowed(shopper);
  await open(shopper, `${house.home}/`);
  const shown = await shopper.page.locator("[data-vitrine] .vt-title").textContent();
  await shopper.close();
  return shown;
};

async function publish(page) {
  await page.locator("#publish").click();
  await page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
  await until("it says that it is published", async () => (await page.locator("#notice-text").textContent()).startsWith("Published."));
}

test("a wrong key is refused in a sentence, an unknown site too, and nothing is shown", async () => {
  const marketer = await enter({ signIn: false });
  const problem = marketer.page.locator("#sign-in-problem");
  await fillIn(marketer.page, "vitrine-owner-0123456789abcdef");
  await until("the sentence stands", async () => /^This key does not open the site “demo”\./.test(await problem.textContent()));
  assert.equal(await problem.getAttribute("role"), "alert");
  await marketer.page.getByLabel("Key").fill("");
  await marketer.page.getByRole("button", { name: "Sign in" }).click();
  assert.equal(await problem.textContent(), "Enter the key.");
  await marketer.page.getByLabel("Site").fill("nobody");
  await marketer.page.getByLabel("Key").fill(house.ownerKey);
  await marketer.page.getByRole("button", { name: "Sign in" }).click();
  await until("the other sentence stands", async () => /^There is no site “nobody” here\./.test(await problem.textContent()));
  assert.equal(await marketer.page.locator("#rules-view").isVisible(), false);
  assert.deepEqual(marketer.errors, []);
  await marketer.close();
});

test("who is signed in stays so over a reload, the key is nowhere on the page or device, and signing out ends it", async () => {
  const marketer = await enter();
  await marketer.page.reload();
  await marketer.page.locator("#rules-view").waitFor();
  const kept = await marketer.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, document.documentElement.outerHTML]));
  assert.ok(!kept.includes(house.ownerKey));
  const cookies = await marketer.context.cookies();
  assert.deepEqual(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite]), [[true, "Strict"]]);
  assert.ok(!cookies[0].value.includes(house.ownerKey));
  await marketer.page.getByRole("button", { name: "Sign out" }).click();
  await marketer.page.locator("#sign-in-view").waitFor();
  await marketer.page.reload();
  await marketer.page.locator("#sign-in-view").waitFor();
  await marketer.close();
});

test("a pasted file with three mistakes: each at its line, in a sentence, and nothing can be published", async () => {
  const marketer = await enter();
  const { page } = marketer;
  const lines = text("The second words").split("\n");
  const wrong = [[/"slot": "bottom"/, '"slot": "botom"'], [/"kind": "bar"/, '"kind": "banner"'], [/"goal": "order"/, '"gaol": "order"']];
  const places = wrong.map(([good, bad]) => {
    const at = lines.findIndex((line) => good.test(line));
    lines[at] = lines[at].replace(good, bad);
    return at + 1;
  }).sort((a, b) => a - b);
  await paste(page, lines.join("\n"));
  await until("three mistakes are listed", async () => (await found(page)).length === 3);
  const rows = await found(page);
  assert.deepEqual(rows.map((row) => Number(/Line (\d+)/.exec(row)[1])), places);
  for (const word of ["botom", "banner", "gaol"]) assert.ok(rows.some((row) => row.includes(word)), `${word} in ${rows}`);
  assert.match(await state(page), /^3 mistakes/);
  // Whoever reads Korean reads the same sentences in Korean.
  await page.locator("#language").click();
  const korean = await found(page);
  assert.ok(korean.length === 3 && korean.every((row) => row.includes("습니다") || row.includes("합니다")), korean.join("\n"));
  await page.locator("#language").click();
  assert.deepEqual(await complaints(page), []);
  await page.locator("#publish").click();
  await until("it is refused", async () => (await page.locator("#notice-text").textContent()).startsWith("Mend the mistakes first."));
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(await title(), "The first words");
  // The first is marked, so that typing mends it; each row leads to its own line.
  await page.locator("#problems .problem-row").nth(1).click();
  const row = await page.locator("#text").evaluate((area) => area.value.slice(0, area.selectionStart).split("\n").length);
  assert.equal(row, places[1]);
  // What the checker suggests is changed by one press.
  await page.getByRole("button", { name: "Change to bottom" }).click();
  await until("one mistake less", async () => (await found(page)).length === 2);
  await paste(page, text("The second words"));
  await until("it is good", async () => await state(page) === "No mistakes. This can be published.");
  await publish(page);
  assert.equal(await title(), "The second words");
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

test("rolling back shows the shop what it had before, at the next page view", async () => {
  const marketer = await enter();
  const { page } = marketer;
  await paste(page, text("The third words"));
  await until("it is good", async () => /^No mistakes/.test(await state(page)));
  await publish(page);
  assert.equal(await title(), "The third words");
  const before = await page.locator("#versions > li").count();
  await page.locator("#roll-back").click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back", exact: true }).click();
  await until("it says so", async () => /^Rolled back\./.test(await page.locator("#notice-text").textContent()));
  assert.equal(await title(), "The second words");
  assert.match(await page.locator("#text").inputValue(), /The second words/);
  assert.equal(await page.locator("#versions > li").count(), before + 1);
  assert.deepEqual(await complaints(page), []);
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

test("two marketers: the second is told that the first published, and loses nothing", async () => {
  const [first, second] = [await enter(), await enter()];
  for (const [marketer, words] of [[first, "Of the first"], [second, "Of the second"]]) {
    await paste(marketer.page, text(words));
    await until("it is good", async () => /^No mistakes/.test(await state(marketer.page)));
  }
  await publish(first.page);
  await second.page.locator("#publish").click();
  await second.page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
  await second.page.getByRole("dialog").getByRole("button", { name: "Keep my text" }).click();
  assert.match(await second.page.locator("#text").inputValue(), /Of the second/);
  assert.equal(await title(), "Of the first");
  await publish(second.page);
  assert.equal(await title(), "Of the second");
  for (const marketer of [first, second]) await marketer.close();
});

test("the results stand in a table that refreshes by itself", async () => {
  const marketer = await enter();
  const { page } = marketer;
  await page.getByRole("link", { name: "Results" }).click();
  const visitors = async () => {
    const table = page.locator("#campaigns table").first();
    const names = await table.locator("thead th").allTextContents();
    const cells = await table.locator("tbody tr", { hasText: "hi" }).locator("th, td").allTextContents();
    return Number(cells[names.findIndex((name) => name.trim() === "Visitors")]?.replace(/\D/g, ""));
  };
  const before = (await visitors()) || 0;
  const asked = marketer.sent.filter(({ path }) => path === "/console/").length;
  const shopper = await house.visitor();
  await allowed(shopper);
  await open(shopper, `${house.home}/`);
  await until("the report is merged", () => reports(shopper).some(({ status }) => status === 204));
  await until("the table has one visitor more", async () => await visitors() > before, { withinMs: 12_000 });
  assert.equal(marketer.sent.filter(({ path }) => path === "/console/").length, asked, "the page was not loaded again");
  assert.deepEqual(await complaints(page), []);
  assert.deepEqual(flaws(marketer), []);
  await shopper.close();
  await marketer.close();
});
