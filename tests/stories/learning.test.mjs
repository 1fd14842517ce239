// Learning: reports move the odds, and the next visitors' draws follow them.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { openHouse, until } from "./support/house.mjs";
import { bar, campaign, rules, rulesFile } from "./support/rules.mjs";
import { allowed, decisions, open, reports, results, seeded } from "./support/visit.mjs";

const scope = { after };
const messages = [bar("plain", "Every order ships free."), bar("better", "We mend it for three years.")];
const house = await openHouse(scope, {
  rules: await rulesFile(scope, rules([
    campaign("earning", messages),
    campaign("fixed", messages.map((one) => ({ ...one })), { slot: "top", allocation: { aim: "split", weights: { plain: 1, better: 1 } } }),
  ])),
});

// The design's promise; this house recomputes five times a second.
const TEN_SECONDS_MS = 10_000;
const VISITORS = 300;

function uuid7() {
  const hex = Date.now().toString(16).padStart(12, "0") + randomBytes(10).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

// One visitor's counts, as a device would send them.
const report = (id, message, buys, more = {}) => ({
  id: uuid7(), campaign: id, plan: "0123456789abcdef", counts: [{
    message, leaf: "else", stream: "random", epoch: 0, day: new Date().toISOString().slice(0, 10), visitors: 1, converters: Number(buys),
    revenue: buys ? "10000" : "0", revenue2: buys ? "100000000" : "0", due: 1, shown: 1, clicked: 0, dismissed: 0, ...more,
  }],
});

async function send(all) {
  const answers = await Promise.all(all.map((one) =>
    fetch(`${house.collector.address}/v1/demo/reports`, { method: "POST", body: JSON.stringify(one) }).then(({ status }) => status)));
  assert.deepEqual([...new Set(answers)], [204]);
}

const find = (document, id) => document.campaigns.find((one) => one.campaign === id).messages;
const share = (document, id, message) => find(document, id).find((one) => one.message === message).share;

async function draws(seeds) {
  const drawn = [];
  for (const seed of seeds) {
    const visitor = await house.visitor();
    await seeded(visitor, seed);
    await allowed(visitor);
    await open(visitor, `${house.home}/list/bags`);
    const decision = decisions(visitor).at(-1);
    await until("it is reported", () => reports(visitor).some((one) => one.campaign === "earning" && one.status === 204));
    const row = reports(visitor).find((one) => one.campaign === "earning").counts[0];
    drawn.push({ ...Object.fromEntries(decision.map(({ campaign: id, message, stream }) => [id, `${message} ${stream}`])), row });
    await visitor.close();
  }
  return drawn;
}
const seeds = Array.from({ length: 10 }, (_, at) => 1000 + at);

test("before anything is known both messages are drawn, and the reports say `random`", async () => {
  const document = await results(house);
  assert.deepEqual([document.epoch, share(document, "earning", "plain"), share(document, "earning", "better")], [0, 0.5, 0.5]);
  const drawn = await draws(seeds);
  assert.deepEqual(new Set(drawn.map(({ earning }) => earning)), new Set(["plain random", "better random"]));
  assert.deepEqual([...new Set(drawn.map(({ row }) => `${row.stream} ${row.epoch}`))], ["random 0"]);
});

test("after reports at clearly different rates the odds move within ten seconds, and new visitors follow them", async () => {
  const all = Array.from({ length: VISITORS }, (_, at) => [report("earning", "plain", at % 50 === 0), report("earning", "better", at % 5 === 0)]).flat();
  const start = Date.now();
  await send(all);
  const document = await until("the odds lean to the better message", async () => {
    const now = await results(house);
    return share(now, "earning", "better") > 0.97 && now;
  }, { withinMs: TEN_SECONDS_MS });
  assert.ok(Date.now() - start < TEN_SECONDS_MS);
  assert.ok(document.epoch > 0);
  const rates = find(document, "earning").map(({ message, converters }) => [message, converters]);
  assert.deepEqual(rates, [["plain", VISITORS / 50], ["better", VISITORS / 5]]);

  const drawn = await draws(seeds);
  const better = drawn.filter(({ earning }) => earning === "better adaptive").length;
  assert.ok(better >= 9, `${better} of ${drawn.length} got the better message`);
  for (const { row } of drawn) {
    assert.equal(row.stream, "adaptive");
    assert.ok(row.epoch >= document.epoch && row.epoch <= (await results(house)).epoch, `epoch ${row.epoch}`);
  }
  // A fixed split learns nothing, whatever comes in.
  assert.deepEqual(new Set(drawn.map(({ fixed }) => fixed)), new Set(["plain fixed", "better fixed"]));
});

test("what a fixed split did is no evidence, and a report sent twice counts once", async () => {
  const before = await results(house);
  const one = report("fixed", "plain", true, { stream: "fixed" });
  await send([one, one, one]);
  await send([one]);
  const now = await results(house);
  assert.equal(find(now, "fixed")[0].converters - find(before, "fixed")[0].converters, 1);
  assert.equal(share(now, "fixed", "plain"), 0.5);
});

test("who holds an arm keeps it, whatever the odds became", async () => {
  const visitor = await house.visitor();
  await seeded(visitor, seeds[0]);
  await allowed(visitor);
  await open(visitor, `${house.home}/list/bags`);
  const [arm] = decisions(visitor).at(-1).filter(({ campaign: id }) => id === "earning");
  await send(Array.from({ length: 3 * VISITORS }, (_, at) => report("earning", arm.message === "better" ? "plain" : "better", at % 2 === 0)));
  await until("the odds turn", async () => share(await results(house), "earning", arm.message) < 0.03);
  await open(visitor, `${house.home}/list/belts`);
  assert.deepEqual(decisions(visitor).at(-1).filter(({ campaign: id }) => id === "earning"), [arm]);
  await visitor.close();
});
