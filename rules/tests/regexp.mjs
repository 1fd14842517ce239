// What JavaScript's own RegExp says: one question a line,
// {"pattern","flags","texts"} → the texts it matches as 0 and 1, or "!" where
// it refuses the pattern. It knows nothing of Vitrine.
import { readFileSync } from "node:fs";

const answers = readFileSync(process.argv[2], "utf8").trimEnd().split("\n").map((line) => {
  const { pattern, flags, texts } = JSON.parse(line);
  try {
    const compiled = new RegExp(pattern, flags);
    return texts.map((text) => (compiled.test(text) ? 1 : 0)).join("");
  } catch {
    return "!";
  }
});
console.log(answers.join("\n"));
