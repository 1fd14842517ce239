// Runs a file of wasm tests in Firefox and in WebKit, as cargo's runner:
// `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER="node tests/browsers/vectors.mjs"`.
// The page is `wasm-bindgen-test-runner`'s own; this only opens it. A browser
// that does not finish has failed.
import { until } from "../stories/support/house.mjs";
import { openFirefox } from "./support/firefox.mjs";
import { start } from "./support/program.mjs";
import { openWebKit } from "./support/webkit.mjs";

// All vectors take two seconds in a debug build; a browser that is not done by then hangs.
const DONE_MS = 120_000;
const VIEW = { width: 800, height: 600, language: "en-US", hear: () => {} };
const RESULT = /^test result: (\w+)/m;

const page = await start("wasm-bindgen-test-runner", process.argv.slice(2), {
  pattern: /(http:\/\/127\.0\.0\.1:\d+)/,
  env: { WASM_BINDGEN_USE_BROWSER: "1", NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" },
});
const good = await Promise.all([openFirefox, openWebKit].map(run));
await page.stop();
process.exitCode = good.every(Boolean) ? 0 : 1;

async function run(open) {
  const browser = await open();
  const began = performance.now();
  const tab = await browser.tab(VIEW);
  await tab.goto(page.found);
  const output = () => tab.evaluate(() => document.getElementById("output").textContent);
  const text = await until("the tests are done", async () => {
    const said = await output();
    return RESULT.test(said) && said;
  }, { withinMs: DONE_MS, everyMs: 200 }).catch(async (error) => `${await output()}\ntest result: FAILED. 0 passed; 1 failed; ${error.message}`);
  console.log(`${browser.name} ${browser.version}, ${((performance.now() - began) / 1000).toFixed(1)} s\n${text}`);
  await browser.close();
  return RESULT.exec(text)[1] === "ok";
}
