// axe-core on a page and in its shadow roots. Never rounds a finding away:
// what it cannot decide is not its business here, what it finds is told.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

/**
 * What axe-core finds wrong on a page, as sentences. `within` is a selector
 * of the page, such as the host of a banner; axe looks into its shadow root.
 */
export async function complaints(page, within) {
  // Through the protocol, since the shop's policy lets no other script in.
  const client = await page.context().newCDPSession(page);
  const { executionContextId } = await isolated(client);
  await client.send("Runtime.evaluate", { expression: source, contextId: executionContextId });
  const { result, exceptionDetails } = await client.send("Runtime.evaluate", {
    contextId: executionContextId, awaitPromise: true, returnByValue: true,
    expression: `axe.run(${within ? JSON.stringify({ include: [[within]] }) : "document"}, ${JSON.stringify(rules)})
      .then(({ violations }) => violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
        id + ": " + help + " at " + target.flat().join(" > ") + "; " + failureSummary.replace(/\\s+/g, " "))))`,
  });
  await client.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

async function isolated(client) {
  const { frameTree } = await client.send("Page.getFrameTree");
  return client.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
}
