// Real sessions, doubled reports, a killed collector: every count and all the
// money must come out exactly. A slice; `node tests/books/books.mjs` takes all.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { BEST, SESSIONS, differences, favourites, keepBooks } from "../books/books.mjs";

// Enough visitors for the odds to end on the best of three messages.
const SLICE = 1200;

const absent = existsSync(SESSIONS) ? false : `${SESSIONS} is absent, so there are no real sessions to walk`;

test("the books balance, though every report is sent twice and the collector is killed", { skip: absent }, async () => {
  const books = await keepBooks({ count: SLICE, batches: 4 });
  assert.deepEqual(differences(books), []);
  assert.ok(books.sums.size >= 8, "every message and the holdout were counted");
  const clicks = [...books.sums.values()].reduce((sum, row) => sum + row.clicked, 0);
  assert.ok(clicks > 100, `${clicks} clicks`);
  assert.equal(favourites(books).welcome, BEST.welcome, "the odds end on the best message");
});
