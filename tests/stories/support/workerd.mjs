// Cloudflare's own runtime, with the edge adapter in it as a Worker. It never
// imitates the runtime: this is the binary that miniflare and Cloudflare run.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./servers.mjs";

const READY_MS = 30_000;
const MODULES = ["edge/workerd.mjs", "edge/worker.mjs", "edge/published.mjs", "edge/recode.mjs", "edge/splice.mjs", "vitrine_edge.js"];

/** The adapter in workerd, in front of `origin`, on a free port; `more` bindings. Gives `{ address, log(), stop() }`. */
export async function startWorkerd({ origin, collector, more }) {
  const folder = await mkdtemp(join(tmpdir(), "vitrine-workerd-"));
  const config = join(folder, "config.capnp");
  await writeFile(config, configuration({ ORIGIN: origin, COLLECTOR: collector, SITE: "demo", ...more }));
  const { default: binary } = createRequire(import.meta.url)("workerd");
  const child = spawn(binary, ["serve", "--experimental", "--control-fd=1", "--import-path=/", config], { stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const said = [];
  createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
  const ended = new Promise((done) => child.once("close", done));
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await new Promise((found, failed) => {
      const timer = setTimeout(() => failed(new Error(`workerd did not listen\n${said.join("\n")}`)), READY_MS);
      child.once("error", failed);
      child.once("close", () => failed(new Error(`workerd ended before it listened\n${said.join("\n")}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const message = JSON.parse(line);
        if (message.event !== "listen") return;
        clearTimeout(timer);
        found(message.port);
      });
    });
    return { address: `http://127.0.0.1:${port}`, log: () => said.join("\n"), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(bindings) {
  const file = (name) => JSON.stringify(join(root, "pkg", name));
  const modules = MODULES.map((name) => `(name = "${name}", esModule = embed ${file(name)})`);
  modules.push(`(name = "vitrine_edge_bg.wasm", wasm = embed ${file("vitrine_edge_bg.wasm")})`);
  const texts = Object.entries(bindings).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "edge", worker = .edge), (name = "internet", network = (allow = ["public", "private", "local"])) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "edge") ],
);
const edge :Workerd.Worker = (
  modules = [ ${modules.join(",\n    ")} ],
  bindings = [ ${texts.join(", ")} ],
  compatibilityDate = "2026-07-01",
);
`;
}
