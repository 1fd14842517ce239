// Starts the real servers for a story: collector, shop, edge adapter. It never
// stands in for one, and ends by process id only what it started itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("../../..", import.meta.url)));

// A debug build on two busy cores needs a few seconds; ten times that is a fault.
const READY_MS = 30_000;
// How long a server may take to close its files before it is ended by force.
const FAREWELL_MS = 5_000;

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
// A story that hangs is ended by a signal, and must take its servers with it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

// The `vitrine` command under test: `cargo xtask test` says which.
export const vitrine = process.env.VITRINE_BIN
  ?? join(resolve(root, process.env.CARGO_TARGET_DIR ?? "target"), "release", "vitrine");

/**
 * A collector on a free port.
 *
 * `data`: its folder; a fresh one, deleted at the end, when not given.
 * `rules`: the rule file of the site `demo`. `model`: a model file.
 * `oddsIntervalMs`: how often odds are recomputed; short, so that stories need not wait.
 * `listen`: an address to take again after a restart.
 */
export async function startCollector(options = {}) {
  const own = options.data ? undefined : await mkdtemp(join(tmpdir(), "vitrine-story-"));
  const data = options.data ?? own;
  const words = [
    "serve", "--listen", options.listen ?? "127.0.0.1:0", "--data", data,
    "--site", `demo=${options.rules ?? join(root, "www/shop/rules.json")}`,
    "--pkg", join(root, "pkg"), "--console", join(root, "www/console"),
    "--odds-interval-ms", String(options.oddsIntervalMs ?? 200),
  ];
  if (options.model) words.push("--model", options.model);
  try {
    const server = await start("collector", vitrine, [...words, ...(options.words ?? [])]);
    const stop = server.stop;
    server.stop = async (signal) => {
      await stop(signal);
      if (own) await rm(own, { recursive: true, force: true });
    };
    // Made at the first start in a folder only; later starts say none.
    const [ownerKey] = /vitrine-owner-[0-9a-f]+/.exec(`${JSON.stringify(server.ready)}\n${server.log()}`) ?? [];
    return { ...server, data, ownerKey };
  } catch (error) {
    if (own) await rm(own, { recursive: true, force: true });
    throw error;
  }
}

/** The demo shop on a free port. */
export function startShop({ collector, words = [] }) {
  return start("shop", process.execPath, [join(root, "www/shop/serve.mjs"), "--port", "0", "--collector", collector, ...words]);
}

/** The Node edge adapter in front of a shop, on a free port. */
export function startEdge({ origin, collector, words = [] }) {
  return start("edge", process.execPath, [
    join(root, "www/edge/node.mjs"), "--port", "0", "--origin", origin, "--collector", collector,
    "--site", "demo", "--pkg", join(root, "pkg"), ...words,
  ]);
}

/**
 * Starts a server and waits for its line of JSON.
 * Its address stands there as `listening`, or under its name (`shop`, `edge`).
 * Gives `{ address, ready, pid, log(), stop(signal) }`; `ready` is the line, `log()` all it said.
 */
async function start(name, program, words) {
  const child = spawn(program, words, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const said = [];
  createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
  const ended = once(child, "close").catch(() => {}).then(() => running.delete(child));
  const stop = (signal = "SIGTERM") => end(child, ended, signal);
  try {
    const ready = await readyLine(name, child, said);
    const address = ready.listening ?? ready[name];
    if (!address) throw new Error(`the ${name} did not say where it listens: ${JSON.stringify(ready)}`);
    return { address: address.replace(/\/+$/, ""), ready, pid: child.pid, log: () => said.join("\n"), stop };
  } catch (error) {
    await stop("SIGKILL");
    throw error;
  }
}

function readyLine(name, child, said) {
  return new Promise((found, failed) => {
    const fail = (why) => failed(new Error(`the ${name} ${why}\n${said.join("\n")}`));
    const timer = setTimeout(() => fail(`did not listen within ${READY_MS / 1000} s`), READY_MS);
    child.once("error", (error) => { clearTimeout(timer); fail(`cannot be started: ${error.message}`); });
    child.once("close", (code) => { clearTimeout(timer); fail(`ended with code ${code} before it listened`); });
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(line);
      if (!line.startsWith("{")) return;
      clearTimeout(timer);
      try { found(JSON.parse(line)); } catch { fail(`said what is no JSON: ${line}`); }
    });
  });
}

async function end(child, ended, signal) {
  if (!running.has(child)) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), FAREWELL_MS);
  await ended;
  clearTimeout(timer);
}
