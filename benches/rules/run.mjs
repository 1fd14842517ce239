// Our rules beside hand-compiled closures and GrowthBook's evaluator, in Node
// and in Chromium, in one run. `cargo xtask bench rules` builds what it needs.
//
//   node benches/rules/run.mjs BODY [node|chromium]   BODY: the folder of the built bench module
//
// It sets no limit and tunes nothing: it prints what it measures.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { measure } from "./measure.mjs";
import { inPageOf } from "../page-of.mjs";

const root = resolve(import.meta.dirname, "../..");
const workload = join(resolve(root, process.env.VITRINE_REFERENCE ?? "../shared"), "workload");
const [body, only] = process.argv.slice(2);
const GROWTHBOOK = join(root, "node_modules/@growthbook/growthbook/dist/bundles/esm.min.js");
const PARTS = { rules: "rules", profiles: "profiles", expected: "expected", derived: "derived", growthbook: "enc.growthbook" };

if (!existsSync(workload)) {
  console.log(`passed over: ${workload} is absent; VITRINE_REFERENCE can name the folder that holds it`);
  process.exit(0);
}

const files = Object.fromEntries(Object.entries(PARTS).map(([part, file]) => [part, join(workload, `${file}.json`)]));
const from = (path) => pathToFileURL(path).href;

async function inNode() {
  const ours = await import(from(join(body, "vitrine_bench.js")));
  await ours.default({ module_or_path: readFileSync(join(body, "vitrine_bench_bg.wasm")) });
  const closures = await import(from(join(workload, "closures.mjs")));
  const { evalCondition } = await import(from(GROWTHBOOK));
  const data = Object.fromEntries(Object.entries(files).map(([part, file]) => [part, JSON.parse(readFileSync(file, "utf8"))]));
  return measure({ ours, closures, evalCondition }, data);
}

const inChromium = () => inPageOf({
  "/measure.mjs": ["text/javascript", readFileSync(join(root, "benches/rules/measure.mjs"))],
  "/convert.mjs": ["text/javascript", readFileSync(join(root, "benches/rules/convert.mjs"))],
  "/closures.mjs": ["text/javascript", readFileSync(join(workload, "closures.mjs"))],
  "/growthbook.mjs": ["text/javascript", readFileSync(GROWTHBOOK)],
  "/ours.mjs": ["text/javascript", readFileSync(join(body, "vitrine_bench.js"))],
  "/ours.wasm": ["application/wasm", readFileSync(join(body, "vitrine_bench_bg.wasm"))],
  ...Object.fromEntries(Object.entries(files).map(([part, file]) => [`/${part}.json`, ["application/json", readFileSync(file)]])),
}, async (parts) => {
  const [ours, closures, { evalCondition }, { measure }] = await Promise.all(
    ["/ours.mjs", "/closures.mjs", "/growthbook.mjs", "/measure.mjs"].map((path) => import(path)),
  );
  await ours.default({ module_or_path: "/ours.wasm" });
  const data = Object.fromEntries(await Promise.all(parts.map(async (part) => [part, await (await fetch(`/${part}.json`)).json()])));
  const found = measure({ ours, closures, evalCondition }, data);
  return { ...found, bytes: [...found.bytes] };
}, Object.keys(files));

const NAMES = {
  closures: "closures, full pass",
  ours: "Vitrine, full pass",
  see: "Vitrine, after one page view",
  growthbookGiven: "GrowthBook, counters given",
  growthbook: "GrowthBook, counters counted",
};

function print(where, found) {
  console.log(`\n${where}: ${found.rules} rules, ${found.visitors} visitors, a page view changes ${found.changed} of them (median)`);
  console.log(`${"microseconds a visitor".padEnd(32)}${"median".padStart(10)}${"best".padStart(10)}${"of closures".padStart(14)}`);
  for (const [name, label] of Object.entries(NAMES)) {
    const { median, best, ratio } = found.us[name];
    const share = ratio < 1 ? `1/${(1 / ratio).toFixed(1)}` : `${ratio.toFixed(1)} ×`;
    console.log(`${label.padEnd(32)}${median.toFixed(2).padStart(10)}${best.toFixed(2).padStart(10)}${share.padStart(14)}`);
  }
}

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;

let bytes;
for (const [where, run] of [["node", inNode], ["chromium", inChromium]]) {
  if (only && only !== where) continue;
  const found = await run();
  print(where === "node" ? `Node ${process.versions.node}` : "Chromium", found);
  bytes = Buffer.from(found.bytes);
}
console.log(`\nas delivered, brotli: our plan ${brotli(bytes)} B (raw ${bytes.length}), GrowthBook's encoding ${brotli(readFileSync(files.growthbook))} B`);
