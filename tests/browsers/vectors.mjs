// Runs a file of wasm tests in Firefox and in WebKit, as cargo's runner:
// `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER="node tests/browsers/vectors.mjs"`.
// The page is `wasm-bindgen-test-runner`'s own; this only opens it. A browser
// that does not finish has failed.
import { until } from "../stories/support/house.mjs";
import { openFirefox } from "./support/firefox.mjs";
import { start } from "./support/program.mjs";
import { openWebKit } from "./support/webkit.mjs";

// All vectors take some seconds in a debug build; a browser that is not done by then hangs.
const DONE_MS = 120_000;
const VIEW = { width: 800, height: 600, language: "en-US", hear: () => {} };
const RESULT = /^test result: .*$/m;

const page = await start("wasm-bindgen-test-runner", process.argv.slice(2), {
  pattern: /(http:\/\/127\.0\.0\.1:\d+)/, env: { WASM_BINDGEN_USE_BROWSER: "1", NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" },
});
let failed = 0;
for (const open of [openFirefox, openWebKit]) {
  const browser = await open();
  const began = Date.now();
  const tab = await browser.tab(VIEW);
  await tab.goto(page.found);
  const output = () => tab.evaluate(() => document.getElementById("output").textContent);
  const text = await until("the tests are done", async () => {
    const said = await output();
    return RESULT.test(said) && said;
  }, { withinMs: DONE_MS, everyMs: 200 }).catch(async (error) => `${await output()}\ntest result: FAILED. 0 passed; 1 failed; ${error.message}`);
  console.log(`${browser.name} ${browser.version}, ${((Date.now() - began) / 1000).toFixed(1)} s\n${text}`);
  if (!/^test result: ok/m.test(text)) failed += 1;
  await browser.close();
}
await page.stop();
process.exitCode = failed ? 1 : 0;
