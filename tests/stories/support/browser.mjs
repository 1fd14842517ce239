// Chromium for stories, and visitors in it. It never shares anything between
// two visitors, and remembers all that a page said, broke or sent.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

// Debian's Chromium, run as root in a machine without a screen.
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

// An element that is not there within this time will not come.
const TIMEOUT_MS = 15_000;

/** One Chromium, with a fresh user data folder of its own. */
export function openBrowser() {
  if (!existsSync(executablePath)) {
    throw new Error(`there is no Chromium at ${executablePath}: run \`cargo xtask setup --tests\``);
  }
  // Playwright's own handlers close the browser and keep the process; servers.mjs ends it.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  return chromium.launch({ executablePath, headless: true, args: flags, ...signals });
}

/**
 * A new visitor: an empty context and a page in it, and what is heard from them.
 *
 * `options` go to Playwright's context (`viewport`, `locale`, `extraHTTPHeaders` …).
 * Gives `{ context, page, console, errors, violations, sent, close() }`:
 * `console`: lines as `{ type, text }`; `errors`: what was thrown and not caught;
 * `violations`: of the content security policy; `sent`: requests to the collector
 * as `{ method, url, path, body, status }`, `status` once there is an answer.
 */
export async function newVisitor(browser, { collector, ...options }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: "Asia/Seoul", ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  const heard = { console: [], errors: [], violations: [], sent: [] };
  await context.addInitScript(tellViolations);
  context.on("console", (message) => {
    const text = message.text();
    if (text.startsWith("policy: ")) heard.violations.push(text.slice("policy: ".length));
    else heard.console.push({ type: message.type(), text });
  });
  context.on("weberror", (error) => heard.errors.push(String(error.error()?.stack ?? error.error())));
  listen(context, collector, heard.sent);
  const page = await context.newPage();
  return { context, page, ...heard, close: () => context.close() };
}

// Runs in the page, before any script of the shop.
function tellViolations() {
  document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`.trimEnd());
  });
}

function listen(context, collector, sent) {
  const known = new Map();
  context.on("request", (request) => {
    if (!collector || !request.url().startsWith(`${collector}/`)) return;
    const entry = {
      method: request.method(), url: request.url(), path: new URL(request.url()).pathname,
      body: request.postData() ?? undefined, status: undefined,
    };
    known.set(request, entry);
    sent.push(entry);
  });
  context.on("response", (response) => {
    const entry = known.get(response.request());
    if (entry) entry.status = response.status();
  });
}
