// The modules that are shipped, walked through every plan of `tests/good` by
// made-up visitors, beside `vitrine replay` of what they observed and the engine
// in Node: the same decisions, byte for byte. So neither the calling convention of
// the page's wasm nor a pass of its optimiser can change what is decided.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { Engine } from "../../pkg/node/index.mjs";
import { root, vitrine } from "../stories/support/servers.mjs";
import { compiled } from "./page.mjs";
import { PAGES, visit, vocabulary } from "./walk.mjs";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "vitrine-visits-"));
after(() => rm(folder, { recursive: true, force: true }));
const bodies = { page: await compiled("page"), page_full: await compiled("page_full") };

const good = (await readdir(join(root, "tests/good"))).sort();

/** What the engine in Node decides about the events of a page's visitor, and draws of what newly stands. */
const inNode = (plan, events) => {
  const visitor = new Engine({ plan }).visitor({ name: "device", seed: events[0].seed });
  const [decided, drawn] = [[], []];
  let standing = new Set();
  const hear = ({ t, decisions }) => {
    decided.push(JSON.stringify({ visitor: "device", t, decisions }));
    const now = new Set();
    for (const { campaign, message } of decisions.filter((choice) => choice.message !== "holdout")) {
      const markup = standing.has(`${campaign} ${message}`) || visitor.render(campaign);
      if (markup) now.add(`${campaign} ${message}`);
      if (typeof markup === "string") drawn.push(markup);
    }
    standing = now;
  };
  for (const event of events) {
    visitor.pass(event.t).forEach(hear);
    if (event.event === "page_view") standing = new Set();
    const decision = visitor.observe(event);
    if (event.event !== "page_leave") hear(decision);
  }
  return { decided, drawn };
};

test("made-up visits over every good plan: both bodies of the page, `vitrine replay` and the engine in Node decide the same", async () => {
  let [decided, shown] = [0, 0];
  for (const [at, name] of good.entries()) {
    const file = join(root, "tests/good", name);
    const [sealed, tape] = [join(folder, "site.plan"), join(folder, "events.jsonl")];
    await run(vitrine, ["build", file, "-o", sealed]);
    const plan = new Uint8Array(await readFile(sealed));
    const words = vocabulary(await readFile(file, "utf8"));
    const full = visit(bodies.page_full, plan, words, at * 1000);
    await writeFile(tape, `${full.told.observed.join("\n")}\n`);
    const replayed = await run(vitrine, ["replay", "--plan", sealed, tape], { maxBuffer: 1 << 28 });
    assert.equal(full.told.decided.join("\n"), replayed.stdout.trimEnd(), `${name}: the page and the replay differ`);

    const node = inNode(plan, full.told.observed.map((line) => JSON.parse(line)));
    assert.deepEqual(node.decided, full.told.decided, `${name}: the page and Node differ`);
    assert.deepEqual(node.drawn, full.drawn, `${name}: the page and Node draw differently`);

    const lean = visit(bodies.page, plan, words, at * 1000);
    assert.deepEqual(lean.told.decided, full.told.decided, `${name}: the two bodies differ`);
    assert.deepEqual(lean.sent, full.sent, `${name}: the two bodies report differently`);
    assert.deepEqual(lean.stored, full.stored, `${name}: the two bodies remember differently`);
    assert.deepEqual(lean.drawn, full.drawn, `${name}: the two bodies draw differently`);
    decided += full.told.decided.length;
    shown += full.drawn.length;
  }
  // Visits that meet nothing prove nothing.
  assert.ok(decided > good.length * PAGES && shown > good.length, `${decided} decisions, ${shown} messages`);
});
