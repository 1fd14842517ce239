// Rows of products from a model of 43,000 items, in Node and in Chromium.
// `cargo xtask bench recommend` builds what it needs.
//
//   node benches/recommend/run.mjs VITRINE FOLDER NAMED [node|chromium]
//     VITRINE: the command; FOLDER: where models may be kept between runs;
//     NAMED: the shelf's module with the names of its functions
//
// It tunes nothing: it prints what it measures, beside what is promised.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { generator } from "../../www/shop/generator.mjs";
import { inPageOf } from "../page-of.mjs";
import { measure } from "./measure.mjs";
import { ITEMS, feed, log } from "./shop.mjs";
import { weigh } from "./weight.mjs";

const root = resolve(import.meta.dirname, "../..");
const [vitrine, folder, named, only] = process.argv.slice(2);
const BUDGETS = { large: 4_194_304, small: 256_000 };

/** Trains both models, unless this command has done so already. */
function models() {
  mkdirSync(folder, { recursive: true });
  const print = createHash("sha256").update(readFileSync(vitrine)).update(readFileSync(join(import.meta.dirname, "shop.mjs"))).digest("hex").slice(0, 12);
  const write = (name, lines) => {
    const place = join(folder, name);
    const file = openSync(place, "w");
    let held = "";
    for (const line of lines) if ((held += line).length > 1 << 20) { writeSync(file, held); held = ""; }
    writeSync(file, held);
    closeSync(file);
    return place;
  };
  let sources;
  return Object.fromEntries(Object.entries(BUDGETS).map(([name, budget]) => {
    const place = join(folder, `${name}-${print}.model`);
    if (!existsSync(place)) {
      sources ??= [write("log.txt", log(generator(5))), write("feed.tsv", feed())];
      console.error(`training the ${name} model …`);
      execFileSync(vitrine, ["train", sources[0], "--catalog", sources[1], "--budget", `${budget}`, "-o", place]);
    }
    return [name, readFileSync(place)];
  }));
}

const wasm = readFileSync(join(root, "pkg/vitrine_shelf_bg.wasm"));
const { large, small } = models();

const inNode = () => measure(wasm, large, small);

// Scripts lie where they lie in the repository, so that they find each other.
const SCRIPTS = ["benches/recommend/measure.mjs", "benches/recommend/shop.mjs", "www/shop/generator.mjs"];

const inChromium = () => inPageOf({
  ...Object.fromEntries(SCRIPTS.map((path) => [`/${path}`, ["text/javascript", readFileSync(join(root, path))]])),
  "/shelf.wasm": ["application/wasm", wasm], "/large": ["application/octet-stream", large], "/small": ["application/octet-stream", small],
}, async () => {
  const { measure } = await import("/benches/recommend/measure.mjs");
  const [wasm, large, small] = await Promise.all(["/shelf.wasm", "/large", "/small"].map(async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer())));
  return measure(wasm, large, small);
});

const cell = (value, width = 10) => String(value).padStart(width);
console.log(`${ITEMS} items: a model of ${large.length} bytes; the small one has ${small.length}; the shelf's module ${gzipSync(wasm, { level: 9 }).length} bytes of gzip`);
console.log("\nof which            functions       raw      gzip   what answers for a row promised: 8000 of gzip");
for (const [part, { functions, raw, gzip }] of Object.entries(weigh(readFileSync(named)))) {
  console.log(`${part.padEnd(18)}${[functions, raw, gzip].map((value) => cell(value)).join("")}`);
}
for (const [where, run] of [["node", inNode], ["chromium", inChromium]]) {
  if (only && only !== where) continue;
  const { rows, held, after, load } = await run();
  console.log(`\n${where.padEnd(18)}${["median", "p99", "most"].map((name) => cell(name)).join("")}   µs a row of 12 with its markup (the quickest of five turns); promised p99: 100`);
  for (const [kind, { median, p99, most }] of Object.entries(rows)) {
    console.log(`${kind.padEnd(18)}${[median, p99, most].map((value) => cell(value.toFixed(1))).join("")}`);
  }
  console.log(`memory            ${cell(held)} bytes after the first rows, ${after} after all`);
  console.log(`load, small model ${cell(load.least.toFixed(2))} ms at best, ${load.median.toFixed(2)} in the middle; promised: 5`);
}
