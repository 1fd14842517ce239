// Do the books balance? Real sessions walk through `vitrine replay`, their
// reports go to a real collector, every one twice, and the collector is killed
// in the middle. It never compares with itself: the sums are made here, from
// the report file, and held against what `results` says.
import { spawn } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { root, startCollector, vitrine } from "../stories/support/servers.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const reference = resolve(root, process.env.VITRINE_REFERENCE ?? "../shared");

/** The real click log; absent in a checkout without the reference folder. */
export const SESSIONS = join(reference, "data/sessions/bol_last2d/train.txt");

/** The message of each learning campaign that `shoppers.json` makes the best. */
export const BEST = { welcome: "gift", help: "guide" };

const SENDERS = 48;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * Walks `count` sessions in `batches`, each with the odds of its hour.
 * Gives `{ sums, results, clicks, purchases, reports, visitors, killed }`.
 */
export async function keepBooks({ count = Infinity, batches = 4, say = () => {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "vitrine-books-"));
  let collector;
  try {
    const rules = join(here, "rules.json");
    const plan = join(folder, "site.plan");
    await run(["build", rules, "-o", plan]);
    const options = { data: join(folder, "data"), rules };
    collector = await startCollector(options);
    const { ownerKey } = collector;
    const sums = new Map();
    const files = await writeEvents(folder, { count, batches });
    let reports = 0;
    for (const [batch, events] of files.entries()) {
      const odds = join(folder, "site.odds");
      const answer = await fetch(`${collector.address}/v1/demo/odds`);
      await writeFile(odds, new Uint8Array(await answer.arrayBuffer()));
      const file = join(folder, `reports-${batch}.jsonl`);
      const words = ["replay", "--plan", plan, "--seed", "5", "--shoppers", join(here, "shoppers.json"), "--reports", file];
      say(`batch ${batch + 1} of ${files.length}: ${await run([...words, ...(answer.ok ? ["--odds", odds] : []), events])}`);
      const letters = (await readFile(file, "utf8")).split("\n").filter(Boolean);
      reports += letters.length;
      letters.forEach((letter) => addTo(sums, JSON.parse(letter)));
      if (batch === Math.floor(files.length / 2)) {
        const dying = post(collector, letters).catch(() => {});
        await new Promise((wake) => setTimeout(wake, 40));
        await collector.stop("SIGKILL");
        await dying;
        say(`killed with SIGKILL while batch ${batch + 1} was being sent; started again`);
        collector = await startCollector({ ...options, listen: new URL(collector.address).host });
      }
      await post(collector, letters, { insist: true });
      await post(collector, letters, { insist: true });
      await new Promise((wake) => setTimeout(wake, 2 * SECOND));
    }
    const answer = await fetch(`${collector.address}/v1/demo/results`, { headers: { authorization: `Bearer ${ownerKey}` } });
    const results = flatten(await answer.json());
    return { sums, results, reports };
  } finally {
    await collector?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each session as page views and `view_item` events, visitors side by side in time. */
async function writeEvents(folder, { count, batches }) {
  const sessions = [];
  for await (const line of createInterface({ input: createReadStream(SESSIONS) })) {
    if (sessions.length >= count) break;
    if (line.trim()) sessions.push(line.trim().split(/\s+/));
  }
  const size = Math.ceil(sessions.length / batches);
  // Recent, since the collector refuses what is older than its window.
  const start = Date.now() - 24 * 60 * MINUTE;
  const files = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const events = [];
    sessions.slice(batch * size, (batch + 1) * size).forEach((items, place) => {
      const visitor = `v${batch * size + place}`;
      let t = start + batch * 60 * MINUTE + place * 37;
      for (const item of items) {
        events.push({ visitor, t, event: "page_view", url: `https://shop.example/product/${item}` });
        events.push({ visitor, t: t + 200, event: "view_item", items: [{ item_id: item }] });
        t += 15 * SECOND + ((place * 7919 + events.length * 104729) % (45 * SECOND));
      }
    });
    events.sort((a, b) => a.t - b.t);
    const path = join(folder, `events-${batch}.jsonl`);
    const file = await open(path, "w");
    for (let at = 0; at < events.length; at += 5000) {
      await file.write(events.slice(at, at + 5000).map((event) => `${JSON.stringify(event)}\n`).join(""));
    }
    await file.close();
    files.push(path);
  }
  return files;
}

/** Posts every letter; `insist` until each was answered with 204. */
async function post(collector, letters, { insist = false } = {}) {
  let next = 0;
  const send = async () => {
    while (next < letters.length) {
      const body = letters[next];
      next += 1;
      for (;;) {
        const answer = await fetch(`${collector.address}/v1/demo/reports`, { method: "POST", body });
        if (answer.status === 204) break;
        const why = `a report was answered with ${answer.status}: ${await answer.text()}`;
        if (!insist || answer.status !== 503) throw new Error(why);
        await new Promise((wake) => setTimeout(wake, SECOND));
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
}

const COUNTERS = ["visitors", "converters", "due", "shown", "clicked", "dismissed"];

function addTo(sums, report) {
  for (const row of report.counts) {
    const key = `${report.campaign}/${row.message}`;
    const sum = sums.get(key) ?? { ...Object.fromEntries(COUNTERS.map((name) => [name, 0])), revenue: 0n };
    COUNTERS.forEach((name) => { sum[name] += row[name]; });
    sum.revenue += BigInt(row.revenue);
    sums.set(key, sum);
  }
}

/** `results` by `campaign/message`, with the share of the odds. */
function flatten(results) {
  const flat = new Map();
  for (const campaign of results.campaigns) {
    for (const message of [...campaign.messages, ...(campaign.holdout ? [{ ...campaign.holdout, message: "holdout" }] : [])]) {
      flat.set(`${campaign.campaign ?? campaign.id}/${message.message ?? message.id}`, message);
    }
  }
  return flat;
}

function run(words) {
  return new Promise((done, failed) => {
    const child = spawn(vitrine, words, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk) => { said += chunk; });
    child.on("error", failed);
    child.on("close", (code) => (code === 0 ? done(said.trim()) : failed(new Error(`vitrine ${words[0]} ended with ${code}: ${said}`))));
  });
}

/** Every difference between the sums and the results, as sentences; none if the books balance. */
export function differences({ sums, results }) {
  const wrong = [];
  for (const [key, sum] of sums) {
    const found = results.get(key);
    if (!found) wrong.push(`${key} is not in the results`);
    else {
      COUNTERS.filter((name) => found[name] !== sum[name]).forEach((name) => wrong.push(`${key}: ${name} is ${found[name]}, should be ${sum[name]}`));
      if (BigInt(found.revenue) !== sum.revenue) wrong.push(`${key}: revenue is ${found.revenue}, should be ${sum.revenue}`);
    }
  }
  return wrong;
}

/** The message with the highest share in each learning campaign. */
export function favourites({ results }) {
  const best = {};
  for (const campaign of Object.keys(BEST)) {
    const messages = [...results].filter(([key]) => key.startsWith(`${campaign}/`) && !key.endsWith("/holdout"));
    const [key] = messages.reduce((a, b) => ((b[1].share ?? 0) > (a[1].share ?? 0) ? b : a));
    best[campaign] = key.slice(campaign.length + 1);
  }
  return best;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!existsSync(SESSIONS)) {
    console.error(`${SESSIONS} is absent; set VITRINE_REFERENCE to the folder that holds data/sessions`);
    process.exit(2);
  }
  const count = Number(process.argv[2] ?? Infinity);
  const began = Date.now();
  const books = await keepBooks({ count, batches: 8, say: (line) => console.error(line) });
  const total = (name) => [...books.sums.values()].reduce((sum, row) => sum + row[name], 0);
  console.table(Object.fromEntries([...books.results].map(([key, row]) => [key, Object.fromEntries([...COUNTERS, "revenue", "share"].map((name) => [name, row[name]]))])));
  console.log(`${books.reports} reports, each sent twice; ${total("clicked")} clicks, ${total("converters")} conversions; ${((Date.now() - began) / 1000).toFixed(0)} s`);
  const wrong = differences(books);
  const best = favourites(books);
  wrong.forEach((line) => console.log(line));
  const isBest = Object.entries(BEST).every(([campaign, message]) => best[campaign] === message);
  console.log(`the odds end on ${JSON.stringify(best)}, the best in truth are ${JSON.stringify(BEST)}`);
  console.log(wrong.length ? "THE BOOKS DO NOT BALANCE" : "the books balance, to the last won");
  process.exit(wrong.length || !isBest ? 1 : 0);
}
