/* Holds `vitrine eval` against GrowthBook's own evaluator, the npm package, on
   seeded pairs:

     node tests/conditions/agree.mjs --vitrine target/release/vitrine [--count 20000] [--seed 1]
     node tests/conditions/agree.mjs --record 400 > tests/vectors/conditions.json

   Never a part of what is shipped. Exit 1 where any two answers differ. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { evalCondition } from "@growthbook/growthbook";
import { OPERATORS, pairs } from "./pairs.mjs";

const { values: flags } = parseArgs({
  options: {
    vitrine: { type: "string", default: "target/release/vitrine" },
    count: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    record: { type: "string" },
  },
});

/* The package has no `$notRegex`; other SDKs of GrowthBook have, and there it
   is the opposite of `$regex`. */
const known = (value) => {
  if (Array.isArray(value)) return value.map(known);
  if (!value || typeof value !== "object") return value;
  const fields = {};
  for (const [name, inner] of Object.entries(value)) {
    if (name === "$notRegex" || name === "$notRegexi") {
      fields.$not = "$not" in fields ? { $not: { $elemMatch: 0 } } : { [name.replace("notR", "r")]: inner };
    } else fields[name] = known(inner);
  }
  return fields;
};
const doubled = (text) => (text.match(/"\$not(Regexi?)?"/g) ?? []).length > 1;

/* What the evaluator says; nothing where it throws, and where a condition
   negates twice at one place, which `known` cannot write. */
const answer = (pair) => {
  const text = JSON.stringify(pair);
  if (/\$notRegex/.test(text) && doubled(text)) return undefined;
  const { condition, attributes, groups } = JSON.parse(text);
  try {
    return evalCondition(attributes, known(condition), known(groups));
  } catch {
    return undefined;
  }
};

console.error = () => {};
const wanted = Number(flags.record ?? flags.count);
const pair = pairs(Number(flags.seed));
const cases = [];
const seen = new Map(OPERATORS.map((name) => [name, [0, 0]]));
while (cases.length < wanted) {
  const given = JSON.parse(JSON.stringify(pair()));
  const holds = answer(given);
  if (holds === undefined) continue;
  cases.push({ ...given, holds });
  const text = JSON.stringify([given.condition, given.groups]);
  for (const [name, counts] of seen) if (text.includes(`"${name}"`)) counts[Number(holds)] += 1;
}

if (flags.record) {
  const lines = cases.map(({ groups, ...one }, at) => {
    const asked = /roup"/.test(JSON.stringify(one.condition)) ? { groups } : {};
    return JSON.stringify({ name: `GrowthBook's evaluator agrees on pair ${at + 1} of seed ${flags.seed}`, ...one, ...asked });
  });
  process.stdout.write(`[\n${lines.join(",\n")}\n]\n`);
  process.exit(0);
}

const input = cases.map(({ holds, ...line }) => JSON.stringify(line)).join("\n");
const { stdout, stderr, status } = spawnSync(flags.vitrine, ["eval"], { input, encoding: "utf8", maxBuffer: 1 << 30 });
const found = (stdout ?? "").split("\n");
const differing = cases.filter(({ holds }, at) => found[at] !== String(holds));
for (const one of differing.slice(0, 20)) {
  const { holds, ...line } = one;
  process.stdout.write(`${JSON.stringify(line)}\n  GrowthBook: ${holds}, vitrine: ${found[cases.indexOf(one)]}\n`);
}
for (const [name, [no, yes]] of seen) process.stdout.write(`${name.padEnd(12)} ${yes} true, ${no} false\n`);
process.stdout.write(`${cases.length} pairs, ${differing.length} differ\n${stderr ?? ""}`);
process.exit(differing.length || status ? 1 : 0);
