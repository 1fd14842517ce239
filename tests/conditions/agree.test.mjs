// `vitrine eval` means what GrowthBook's own package means, on random conditions and attributes of odd types.
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("agree.mjs", import.meta.url));

test("20,000 random conditions mean what GrowthBook's evaluator says", () => {
  // Exits with 1, and shows them, where any pair differs.
  execFileSync(process.execPath, [SCRIPT, "--vitrine", process.env.VITRINE_BIN, "--count", "20000", "--seed", "1"], { stdio: "inherit" });
});
