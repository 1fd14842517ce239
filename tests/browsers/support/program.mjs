// Programs that a browser needs, started for one test file. It never ends a
// program that it did not start, and leaves none behind.
import { spawn } from "node:child_process";
import { once } from "node:events";

// A browser on two busy cores needs about two seconds; ten times that is a fault.
const READY_MS = 30_000;
// How long a program may take to close by itself before it is ended by force.
const FAREWELL_MS = 3_000;
// How long to wait before asking again who has not answered.
const PROBE_MS = 20;

const running = new Set();
// Each is the head of a group of its own, so that a browser's helpers go with it.
const kill = (child, signal) => { try { process.kill(-child.pid, signal); } catch { /* it is gone */ } };
process.on("exit", () => running.forEach((child) => kill(child, "SIGKILL")));

/**
 * Starts a program and waits until it is ready: it says what fits `pattern`, on
 * its stdout, stderr or (`channel: "pipe"`) the fourth; or `probe()` is answered
 * with anything but a refusal. Gives `{ found, stop() }`; `found` is the
 * pattern's first group.
 */
export async function start(program, words, { pattern, probe, env = {}, channel = "ignore" }) {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe", channel], detached: true, env: { ...process.env, ...env } });
  running.add(child);
  let said = "";
  const ended = once(child, "close").catch(() => {}).then(() => running.delete(child));
  const stop = async () => {
    kill(child, "SIGTERM");
    const timer = setTimeout(() => kill(child, "SIGKILL"), FAREWELL_MS);
    await ended;
    clearTimeout(timer);
    kill(child, "SIGKILL");
  };
  try {
    const found = await new Promise((ready, failed) => {
      const fail = (why) => failed(new Error(`\`${program}\` ${why}\n${said}`));
      const timer = setTimeout(() => fail(`was not ready within ${READY_MS / 1000} s`), READY_MS);
      child.once("error", ({ code }) => { clearTimeout(timer); fail(code === "ENOENT" ? "is not installed: run `cargo xtask setup --tests`" : `cannot be started: ${code}`); });
      child.once("close", (code) => { clearTimeout(timer); fail(`ended with code ${code}`); });
      for (const stream of child.stdio) {
        stream?.setEncoding("utf8").on("data", (piece) => {
          said += piece;
          const match = pattern?.exec(said);
          if (match) { clearTimeout(timer); ready(match[1]); }
        });
      }
      const ask = () => running.has(child) && probe().then(() => { clearTimeout(timer); ready(); }, () => setTimeout(ask, PROBE_MS));
      if (probe) ask();
    });
    return { found, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
