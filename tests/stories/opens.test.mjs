// The least that a shop may expect: with the tag on them, its pages still work.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openHouse } from "./support/house.mjs";

const house = await openHouse({ after });

for (const path of ["/", "/en/"]) {
  test(`the home page ${path} opens, throws nothing and breaks no policy`, async () => {
    const visitor = await house.visitor();
    const answer = await visitor.page.goto(house.home + path, { waitUntil: "networkidle" });
    assert.equal(answer.status(), 200);
    assert.ok(await visitor.page.locator("h1").first().isVisible(), "the page shows its heading");
    const tag = visitor.page.locator(`script[src^="${house.collector.address}/"]`);
    assert.equal(await tag.count(), 1, "the page carries the one tag");
    assert.deepEqual(visitor.errors, []);
    assert.deepEqual(visitor.violations, []);
    const loud = visitor.console.filter((line) => line.type === "error");
    assert.deepEqual(loud, []);
    await visitor.close();
  });
}
