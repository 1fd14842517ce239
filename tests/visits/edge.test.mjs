// What an edge wrote into a page, met by the module that is shipped, whenever in
// the page's parsing that module begins.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "../../pkg/node/index.mjs";
import { Device, compiled } from "./page.mjs";

const DAY = 86_400_000;
const BEGIN = Date.UTC(2026, 10, 20, 3);
const WHO = { width: 1280, agent: "Mozilla/5.0", language: "en" };
const body = await compiled("page_full");
const { plan } = build(JSON.stringify({
  version: 1, site: "demo", currency: "KRW", timezone: "Asia/Seoul",
  campaigns: [{ id: "hello", slot: "bottom", messages: [{ id: "a", kind: "bar", title: "A" }, { id: "b", kind: "bar", title: "B" }] }],
}));
const EDGE_SEED = "18446744073709551557";
const mark = (message) => `hello ${message} 00 else fixed 0 20777 ${BEGIN} ${EDGE_SEED}`;
const seeds = (device) => new Set(device.told.observed.map((line) => JSON.parse(line).seed));

/** A page that is parsed before the module begins, or only after all else has come. */
const met = (isParsed, open = () => {}) => {
  let next = 7n;
  const device = new Device(body, plan, () => next++);
  open(device);
  device.now = BEGIN + DAY;
  device.told.observed.length = 0;
  Object.assign(device, { isParsed, mark: isParsed ? mark("a") : "" });
  device.open("https://shop.example/", "", WHO);
  if (!isParsed) {
    assert.deepEqual(device.told.observed, [], "events wait for the page");
    device.parsed(mark("a"));
  }
  return device;
};

test("a stranger has the seed that the edge drew, whether its element or the module comes first", () => {
  for (const isParsed of [true, false]) assert.deepEqual([...seeds(met(isParsed))], [EDGE_SEED], `parsed first: ${isParsed}`);
});

test("whom the device knows keeps the seed of the device", () => {
  for (const isParsed of [true, false]) {
    const before = (device) => {
      device.now = BEGIN;
      device.open("https://shop.example/", "", WHO);
      device.leave();
    };
    assert.deepEqual([...seeds(met(isParsed, before))], ["7"], `parsed first: ${isParsed}`);
  }
});

test("who is forgotten while the page is parsed is nobody whom the edge met", () => {
  let next = 7n;
  const device = new Device(body, plan, () => next++);
  device.now = BEGIN;
  device.isParsed = false;
  device.open("https://shop.example/", "", WHO);
  device.call("forget", [], []);
  device.parsed(mark("a"));
  assert.ok(!seeds(device).has(EDGE_SEED));
});
