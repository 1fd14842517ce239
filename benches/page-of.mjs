// A page in Chromium to measure in: isolated, so that its clock is as fine as a
// page can have it, and served from memory, so that nothing is fetched. It
// measures nothing itself.
import { openBrowser } from "../tests/stories/support/browser.mjs";

const ORIGIN = "https://bench.example";
const HEADERS = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/**
 * Runs `work` in a page, with what `served` has: by path a content type and the body.
 * @param {Record<string, [string, Buffer | string]>} served
 */
export async function inPageOf(served, work, argument) {
  const all = { "/": ["text/html", "<!doctype html><title>bench</title>"], ...served };
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(600_000);
    await page.route(`${ORIGIN}/**`, (route) => {
      const entry = all[new URL(route.request().url()).pathname];
      if (!entry) return route.fulfill({ status: 404 });
      const [contentType, body] = entry;
      return route.fulfill({ contentType, body, headers: HEADERS });
    });
    await page.goto(`${ORIGIN}/`);
    return await page.evaluate(work, argument);
  } finally {
    await browser.close();
  }
}
