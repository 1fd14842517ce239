// The marketer's door: signs in, writes rules with mistakes, mends them,
// publishes, watches the results, and goes back.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { complaints } from "./support/axe.mjs";
import { openHouse, until } from "./support/house.mjs";
import { layoutFlaws } from "./support/layout.mjs";
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

test("any listed version can be gone back to, and what is the same as now cannot", async () => {
  const marketer = await enter();
  const { page } = marketer;
  const rows = page.locator("#versions > li");
  const back = (row) => row.getByRole("button", { name: /^Go back to Version/ });
  await rows.nth(2).waitFor();
  assert.equal(await back(rows.first()).count(), 0, "the one that is published now");
  const row = rows.filter({ has: page.getByRole("button") }).last();
  const [, number] = /Version (\d+)/.exec(await row.textContent());
  await back(row).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Go back to this version?" });
  assert.match(await dialog.textContent(), new RegExp(`goes back to this: Version ${number} `));
  assert.deepEqual(await complaints(page), []);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.deepEqual(await layoutFlaws(page, ".gutter, .marks"), []);
  await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
  await until("it says so", async () => /^Rolled back\./.test(await page.locator("#notice-text").textContent()));
  assert.match(await rows.first().textContent(), new RegExp(`published now.* same as version ${number}`));
  await until("the shop shows it", async () => (await page.locator("#text").inputValue()).includes(await title()));
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

const uuid7 = () => {
  const hex = Date.now().toString(16).padStart(12, "0") + randomBytes(10).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
};

// Visitors of a message who were drawn some days ago; every so many of them bought.
async function visitors(collector, message, many, { buys, daysAgo }) {
  const day = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const answers = await Promise.all(Array.from({ length: many }, async (_, at) => {
    const bought = at % buys === 0;
    const counts = {
      message, leaf: "else", stream: "random", epoch: 0, day, visitors: 1, converters: Number(bought),
      revenue: bought ? "10000" : "0", revenue2: bought ? "100000000" : "0", due: 1, shown: 1, clicked: 0, dismissed: 0,
    };
    const body = JSON.stringify({ id: uuid7(), campaign: "nudge", plan: "0123456789abcdef", counts: [counts] });
    return (await fetch(`${collector.address}/v1/demo/reports`, { method: "POST", body })).status;
  }));
  assert.deepEqual([...new Set(answers)], [204]);
}

/** A marketer who reads English, signed in and looking at the results. */
async function atResults(shop) {
  const marketer = await shop.visitor({ locale: "en-US" });
  const { page } = marketer;
  await page.goto(`${shop.collector.address}/console/`);
  await fillIn(page, shop.ownerKey);
  await page.locator("#rules-view").waitFor();
  await page.getByRole("link", { name: "Results" }).click();
  return marketer;
}

test("as reports come in, odds, results and words move, and a winner is named only when its visitors' time is over", async (t) => {
  const messages = [{ ...bar("plain", "Every order ships free."), baseline: true }, bar("better", "We mend it for three years.")];
  const shop = await openHouse(t, { rules: await rulesFile(t, rules([campaign("nudge", messages)])) });
  const marketer = await atResults(shop);
  const { page } = marketer;
  const verdict = page.locator(".verdict");
  const cell = (message, name) => page.locator("tbody tr", { hasText: message }).first().locator(`.cell-${name}`);
  const share = async (message) => Number((await cell(message, "share").locator(".value").textContent()).replace("%", ""));

  await until("nobody has come", async () => await verdict.textContent() === "Nobody has come yet");

  // Today's visitors move the odds, yet whoever came today may still buy tomorrow.
  await visitors(shop.collector, "plain", 200, { buys: 50, daysAgo: 0 });
  await visitors(shop.collector, "better", 200, { buys: 5, daysAgo: 0 });
  await until("the rate stands there", async () => /20\.00%/.test(await cell("better", "rate").textContent()));
  await until("traffic leans to the better message", async () => await share("better") > 90);
  assert.match(await verdict.textContent(), /^Too early: visitors can still convert; first comparison in \d+ days$/);
  assert.match(await page.locator(".settled").first().textContent(), /may still rise/);

  // Of visitors whose week is over, too few to tell.
  for (const message of ["plain", "better"]) await visitors(shop.collector, message, 60, { buys: 20, daysAgo: 12 });
  await until("the words follow", async () => await verdict.textContent() === "No winner yet; the aim “earn” seldom finds one, “learn” does");
  assert.equal(await cell("better", "toBaseline").locator(".value").textContent(), "0%");

  // Now enough of them.
  for (const daysAgo of [14, 13]) {
    await visitors(shop.collector, "plain", 300, { buys: 25, daysAgo });
    await visitors(shop.collector, "better", 300, { buys: 6, daysAgo });
  }
  await until("a winner is named", async () => await verdict.textContent() === "Winner: better");
  assert.equal(await cell("better", "best").locator(".value").textContent(), ">99%");
  assert.match(await cell("better", "toBaseline").locator(".interval").textContent(), /^\+\d+% to \+[\d,]+%$/);
  await page.getByText("Showings and losses", { exact: true }).click();
  assert.match(await page.locator(".more tbody tr", { hasText: "plain" }).locator(".cell-loss .value").textContent(), /^[\d.,]+ of 10,000$/);
  await page.locator("#language").click();
  assert.equal(await verdict.textContent(), "승자: better");

  // On a phone nothing is cut off or runs out of the page.
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(await complaints(page), []);
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

test("the traffic of all who stand below one another adds up to everybody, and means have no false precision", async (t) => {
  const messages = [{ ...bar("plain", "Every order ships free."), baseline: true }, bar("better", "We mend it for three years.")];
  const shop = await openHouse(t, { rules: await rulesFile(t, rules([campaign("nudge", messages, { holdout: 0.2 })])) });
  await visitors(shop.collector, "plain", 7, { buys: 3, daysAgo: 0 });
  const marketer = await atResults(shop);
  const column = (name) => marketer.page.locator(`tbody:first-of-type .cell-${name} .value`);
  await until("the rows stand", async () => await column("share").count() >= 3);
  const shares = (await column("share").allTextContents()).slice(0, 3);
  assert.equal(shares.at(-1), "20.0%", "the holdout stands last");
  assert.equal(shares.reduce((sum, share) => sum + Number(share.replace("%", "")), 0), 100);
  await until("the mean is told", async () => await column("perVisitor").first().textContent() === "₩4,286");
  await marketer.close();
});

test("a message added late is shown so far, and laid beside nobody whose visitors have had their time", async (t) => {
  const messages = [{ ...bar("plain", "Every order ships free."), baseline: true }, bar("better", "We mend it for three years."), bar("fresh", "New.")];
  const shop = await openHouse(t, { rules: await rulesFile(t, rules([campaign("nudge", messages)])) });
  for (const message of ["plain", "better"]) await visitors(shop.collector, message, 60, { buys: 10, daysAgo: 12 });
  await visitors(shop.collector, "fresh", 40, { buys: 20, daysAgo: 0 });
  const marketer = await atResults(shop);
  const { page } = marketer;
  const cell = (message, name) => page.locator("tbody tr", { hasText: message }).first().locator(`.cell-${name}`);
  await until("its rate stands there", async () => (await cell("fresh", "rate").locator(".value").textContent()) === "5.00%");
  assert.equal(await cell("fresh", "rate").locator(".interval").textContent(), "so far; its visitors can still convert");
  assert.equal(await cell("fresh", "rate").locator("circle").isHidden(), true);
  assert.match(await cell("better", "rate").locator(".interval").textContent(), /^[\d.]+% to [\d.]+%$/);
  assert.equal(await cell("better", "rate").locator("circle").isHidden(), false);
  assert.equal(await page.locator(".gain").isHidden(), true, "the two were drawn alike, and the third could not have been");
  for (const column of ["toBaseline", "best"]) assert.equal(await cell("fresh", column).locator(".value").textContent(), "–");
  await page.locator("#language").click();
  assert.equal(await cell("fresh", "rate").locator(".interval").textContent(), "지금까지; 방문자가 아직 전환할 수 있음");
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(await complaints(page), []);
  assert.deepEqual(flaws(marketer), []);
  await marketer.close();
});

test("a campaign that ramps up says how far it has grown, keeps the others out, and is warned of where a message harms", async (t) => {
  const messages = [{ ...bar("plain", "Every order ships free."), baseline: true }, bar("loud", "BUY NOW.")];
  const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const grows = campaign("nudge", messages, { allocation: { aim: "learn", ramp: { from: 0, to: 0.5, over: "52w", start: day(-1) } } });
  const shop = await openHouse(t, { rules: await rulesFile(t, rules([grows])) });
  const marketer = await atResults(shop);
  const { page } = marketer;
  for (const daysAgo of [14, 13, 12]) {
    await visitors(shop.collector, "plain", 300, { buys: 6, daysAgo });
    await visitors(shop.collector, "loud", 300, { buys: 60, daysAgo });
  }
  await until("the warning stands there", async () => /^This had better not grow: “loud” does worse than the baseline/.test(await page.locator(".campaign .warning").textContent()));
  assert.match(await page.locator(".ramp").textContent(), /^Open to 0% of visitors now, 50% on /);

  // Of a year's growth one or two days are over: a shopper is not in, and nothing is counted.
  const shopper = await shop.visitor();
  await allowed(shopper);
  await open(shopper, `${shop.home}/`);
  const why = await shopper.page.evaluate(() => window.vitrine.explain());
  assert.equal(why[0].clause, "ramp", JSON.stringify(why));
  assert.match(why[0].sentence, /ramps up and is open to 0(\.\d\d)? % of visitors now/);
});
