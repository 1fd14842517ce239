// WebKit as GTK has it, by WebDriver's plain HTTP, on a screen that nobody
// sees. Never shares anything between two visitors: each is a browser of its own.
import { createServer } from "node:net";
import { clicking } from "./hands.mjs";
import { start } from "./program.mjs";

const DRIVER = process.env.WEBKIT_DRIVER ?? "WebKitWebDriver";
const SCREEN = "1400x1000x24";
// As root in a container its sandbox cannot be set up; only loopback is visited.
const ENVIRONMENT = { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", TZ: "Asia/Seoul", GDK_BACKEND: "x11", NO_AT_BRIDGE: "1" };
const LOCALES = { ko: "ko_KR.UTF-8", en: "en_US.UTF-8" };
// A session starts in half a second; a page that is not there by then will not come.
const TIMEOUTS = { script: 20_000, pageLoad: 20_000, implicit: 0 };

/** WebKitGTK behind its driver. Gives `{ name, version, tab(options), close() }`. */
export async function openWebKit() {
  const screen = await start("Xvfb", ["-displayfd", "3", "-screen", "0", SCREEN, "-nolisten", "tcp"], { pattern: /^(\d+)\n/m, channel: "pipe" });
  const drivers = [];
  const close = async () => {
    await Promise.all(drivers.map((driver) => driver.stop()));
    await screen.stop();
  };
  const open = async (language) => {
    const [driver, session] = await openSession(`:${screen.found}`, LOCALES[language.slice(0, 2)]);
    drivers.push(driver);
    return session;
  };
  try {
    const first = await open("en");
    await first.call("DELETE", "");
    return { name: "WebKit", version: first.version, tab: async (options) => newTab(await open(options.language), options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/* The language is the process's, so each visitor has a driver too; it starts at once. */
async function openSession(display, locale) {
  const port = await freePort();
  const env = { ...ENVIRONMENT, DISPLAY: display, LANG: locale, LANGUAGE: locale };
  const driver = await start(DRIVER, [`--port=${port}`], { probe: () => fetch(`http://127.0.0.1:${port}/status`), env });
  const ask = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit: ${value.error}: ${value.message}`);
    return value;
  };
  const { sessionId, capabilities } = await ask("POST", "/session", { capabilities: {} });
  const call = (method, path, body) => ask(method, `/session/${sessionId}${path}`, body);
  await call("POST", "/timeouts", TIMEOUTS);
  return [driver, { call, version: capabilities.browserVersion }];
}

const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});

/** A window without a toolbar, so that it can be as narrow as a phone. */
async function newTab({ call }, { width, height }) {
  const opener = `<body style="height:90vh" onclick="open('about:blank', '_blank', 'width=${width},height=${height},toolbar=no,location=no,menubar=no')">`;
  await call("POST", "/url", { url: `data:text/html,${encodeURIComponent(opener)}` });
  const [first] = await call("GET", "/window/handles");
  await call("POST", "/actions", { actions: clicking(40, 40) });
  for (let handles = [first]; handles.length < 2;) handles = await call("GET", "/window/handles");
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
    close: () => call("DELETE", ""),
  };
}
