// Firefox, by WebDriver BiDi over its own port: no driver stands between.
// Never shares anything between two visitors: each is a container of its own.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./program.mjs";

const PROGRAM = process.env.FIREFOX ?? "firefox-esr";
// What it has not answered by then it will not answer.
const ANSWER_MS = 45_000;
// Nothing but this machine is reached, and the first page is no tour.
const PREFERENCES = {
  "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9, "app.update.auto": false, "browser.shell.checkDefaultBrowser": false, "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
};

/** One Firefox with a fresh profile; `preferences` are more of its own. Gives `{ name, version, tab(options), close() }`. */
export async function openFirefox(preferences = {}) {
  if (typeof WebSocket === "undefined") throw new Error("this Node has no WebSocket: start it with `--experimental-websocket`, or take Node 22 or later");
  const profile = await mkdtemp(join(tmpdir(), "vitrine-firefox-"));
  const lines = Object.entries({ ...PREFERENCES, ...preferences }).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const words = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "about:blank"];
  const env = { MOZ_CRASHREPORTER_DISABLE: "1", TZ: "Asia/Seoul" };
  const program = await start(PROGRAM, words, { pattern: /WebDriver BiDi listening on (ws:\S+)/, env });
  const close = async () => {
    await program.stop();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const wire = await connect(`${program.found}/session`);
    const { capabilities } = await wire.call("session.new", { capabilities: {} });
    await wire.call("session.subscribe", { events: ["log.entryAdded"] });
    return { name: "Firefox", version: capabilities.browserVersion, tab: (options) => newTab(wire, options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connect(address) {
  const socket = new WebSocket(address);
  await new Promise((open, failed) => {
    socket.onopen = open;
    socket.onerror = () => failed(new Error(`Firefox does not answer at ${address}`));
  });
  const waiting = new Map();
  const heard = new Set();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { id, result, error, message, method, params } = JSON.parse(data);
    if (id === undefined || id === null) { heard.forEach((hear) => hear(method, params)); return; }
    const [done, failed] = waiting.get(id) ?? [];
    if (!done) return;
    if (error) failed(new Error(`Firefox: ${error}: ${message}`));
    else done(result);
  };
  socket.onclose = () => waiting.forEach(([, failed]) => failed(new Error("Firefox has ended")));
  const call = (method, params = {}) => new Promise((done, failed) => {
    const id = ++last;
    const timer = setTimeout(() => waiting.get(id)?.[1](new Error(`Firefox does not answer to ${method}`)), ANSWER_MS);
    const settle = (then) => (value) => { clearTimeout(timer); waiting.delete(id); then(value); };
    waiting.set(id, [settle(done), settle(failed)]);
    socket.send(JSON.stringify({ id, method, params }));
  });
  return { call, hear: (listener) => heard.add(listener), unhear: (listener) => heard.delete(listener) };
}

/** An empty container and a window of its own, so that none is hidden behind another; `hear(type, text)` is told what its console says. */
async function newTab(wire, { width, height, language, hear }) {
  const { userContext } = await wire.call("browser.createUserContext");
  const { context } = await wire.call("browsingContext.create", { type: "window", userContext });
  const listen = (method, { source, level, type, text }) => {
    if (method === "log.entryAdded" && source.context === context) hear(type === "javascript" ? "thrown" : level, text ?? "");
  };
  wire.hear(listen);
  const resize = (width, height) => wire.call("browsingContext.setViewport", { context, viewport: { width, height } });
  await resize(width, height);
  await wire.call("emulation.setLocaleOverride", { contexts: [context], locale: language });
  return {
    goto: (url) => wire.call("browsingContext.navigate", { context, url, wait: "complete" }),
    reload: () => wire.call("browsingContext.reload", { context, wait: "complete" }),
    evaluate: async (work, given = null) => {
      const functionDeclaration = `async (given) => JSON.stringify(await (${work})(JSON.parse(given)) ?? null)`;
      const answer = await wire.call("script.callFunction", {
        functionDeclaration, target: { context }, awaitPromise: true, userActivation: false,
        arguments: [{ type: "string", value: JSON.stringify(given) }],
      });
      if (answer.type !== "success") throw new Error(answer.exceptionDetails.text);
      return JSON.parse(answer.result.value);
    },
    act: (actions) => wire.call("input.performActions", { context, actions }),
    cookies: async () => (await wire.call("storage.getCookies", { partition: { type: "context", context } })).cookies
      .map(({ name, value }) => ({ name, value: value.value })),
    picture: async () => Buffer.from((await wire.call("browsingContext.captureScreenshot", { context })).data, "base64"),
    resize,
    close: async () => {
      wire.unhear(listen);
      await wire.call("browser.removeUserContext", { userContext });
    },
  };
}
