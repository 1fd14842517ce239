// WebKit as GTK has it, by WebDriver's plain HTTP, on a screen that nobody
// sees. Never shares anything between two visitors: each is a browser of its own,
// and all of them read English, whatever is wished for.
import { createServer } from "node:net";
import { clicking } from "./hands.mjs";
import { start } from "./program.mjs";

const DRIVER = process.env.WEBKIT_DRIVER ?? "WebKitWebDriver";
const SCREEN = "1400x1000x24";
// As root in a container its sandbox cannot be set up; only loopback is visited.
const ENVIRONMENT = { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", TZ: "Asia/Seoul", GDK_BACKEND: "x11", NO_AT_BRIDGE: "1", LANG: "en_US.UTF-8" };
// A session starts in half a second; a page that is not there by then will not come.
const TIMEOUTS = { script: 20_000, pageLoad: 20_000, implicit: 0 };
// What the driver has not answered by then it will not answer.
const ANSWER_MS = 45_000;
// Once in a hundred times the driver waits for a browser that never reports to it
// (seen on a machine under load, cause unknown); the next start is well.
const START_MS = 10_000;
const STARTS = 4;
// A window opens at once; a press that was lost on a busy machine is made again.
const WINDOW_MS = 2_000;
const PRESSES = 5;

/** WebKitGTK behind its driver. Gives `{ name, version, tab(options), close() }`. */
export async function openWebKit() {
  const screen = await start("Xvfb", ["-displayfd", "3", "-screen", "0", SCREEN, "-nolisten", "tcp"], { pattern: /^(\d+)\n/m, channel: "pipe" });
  const sessions = new Set();
  const close = async () => {
    await Promise.all([...sessions].map((session) => session.stop()));
    await screen.stop();
  };
  const open = async (tries = STARTS) => {
    try {
      const session = await openSession(`:${screen.found}`);
      sessions.add(session);
      return session;
    } catch (error) {
      if (tries <= 1) throw error;
      return open(tries - 1);
    }
  };
  try {
    const first = await open();
    await first.end();
    return { name: "WebKit", version: first.version, tab: async (options) => newTab(await open(), options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/* A driver has one session at a time, so each visitor has a driver too; it starts at once. */
async function openSession(display) {
  const port = await freePort();
  const env = { ...ENVIRONMENT, DISPLAY: display };
  const driver = await start(DRIVER, [`--port=${port}`], { probe: () => fetch(`http://127.0.0.1:${port}/status`), env });
  const ask = async (method, path, body, within = ANSWER_MS) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(within), ...(body && { body: JSON.stringify(body) }) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit: ${value.error}: ${value.message}`);
    return value;
  };
  try {
    const { sessionId, capabilities } = await ask("POST", "/session", { capabilities: {} }, START_MS);
    const call = (method, path, body) => ask(method, `/session/${sessionId}${path}`, body);
    await call("POST", "/timeouts", TIMEOUTS);
    const end = () => call("DELETE", "").finally(driver.stop);
    return { call, end, stop: driver.stop, version: capabilities.browserVersion };
  } catch (error) {
    await driver.stop();
    throw error;
  }
}

const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});

/** A window without a toolbar, so that it can be as narrow as a phone. */
async function newTab({ call, end }, { width, height }) {
  const opener = `<body style="height:90vh" onclick="open('about:blank', '_blank', 'width=${width},height=${height},toolbar=no,location=no,menubar=no')">`;
  await call("POST", "/url", { url: `data:text/html,${encodeURIComponent(opener)}` });
  if (!await opened(call)) throw new Error("WebKit does not open a window");
  await call("DELETE", "/window");
  const [handle] = await call("GET", "/window/handles");
  await call("POST", "/window", { handle });
  const resize = (width, height) => call("POST", "/window/rect", { width, height });
  await resize(width, height);
  return {
    goto: (url) => call("POST", "/url", { url }),
    reload: () => call("POST", "/refresh", {}),
    evaluate: async (work, given = null) => {
      const script = `const [given, done] = arguments;
        (async () => JSON.stringify(await (${work})(JSON.parse(given)) ?? null))().then((text) => done([text]), (error) => done([null, String(error.stack ?? error)]));`;
      const [text, wrong] = await call("POST", "/execute/async", { script, args: [JSON.stringify(given)] });
      if (wrong) throw new Error(wrong);
      return JSON.parse(text);
    },
    act: (actions) => call("POST", "/actions", { actions }),
    cookies: async () => (await call("GET", "/cookie")).map(({ name, value }) => ({ name, value })),
    picture: async () => Buffer.from(await call("GET", "/screenshot"), "base64"),
    resize,
    close: end,
  };
}

/** Presses on the page that opens a window, until there are two. */
async function opened(call) {
  for (let press = 0; press < PRESSES; press += 1) {
    await call("POST", "/actions", { actions: clicking(40, 40) });
    for (const late = Date.now() + WINDOW_MS; Date.now() < late;) {
      if ((await call("GET", "/window/handles")).length > 1) return true;
    }
  }
  return false;
}
