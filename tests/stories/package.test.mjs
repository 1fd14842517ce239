// The npm package as it was built: what its description names is there, and
// what is there is named. Needs no browser.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./support/servers.mjs";

const pkg = join(root, "pkg");
const described = JSON.parse(await readFile(join(pkg, "package.json"), "utf8"));
const table = (await readFile(join(pkg, "README.md"), "utf8")).split("\n")
  .filter((line) => line.startsWith("| `")).flatMap((line) => [...line.split("|")[1].matchAll(/`([^`]+)`/g)].map(([, name]) => name));
// Every file of the package, as its path in it; half-written ones begin with a dot.
const files = (await readdir(pkg, { recursive: true })).filter((name) => !/(^|\/)\./.test(name));
const built = [];
for (const name of files) if ((await stat(join(pkg, name))).isFile()) built.push(name);

// A name of the table: a file, a folder, or an ending.
const covers = (name, file) => (name.startsWith("*") ? file.endsWith(name.slice(1)) : name.endsWith("/") ? file.startsWith(name) : file === name);

test("every export leads to a file that was built", async () => {
  const resolve = createRequire(join(pkg, "package.json")).resolve;
  for (const [name, given] of Object.entries(described.exports)) {
    if (name.includes("*")) continue;
    const targets = typeof given === "string" ? { default: given } : given;
    for (const target of Object.values(targets)) assert.ok(existsSync(join(pkg, target)), `${name} → ${target}`);
    assert.equal(resolve(described.name + name.slice(1)), join(pkg, targets.default));
  }
  for (const file of built.filter((name) => /^edge\/.*\.mjs$/.test(name))) {
    assert.equal(resolve(`${described.name}/${file.slice(0, -".mjs".length)}`), join(pkg, file));
  }
  for (const file of described.sideEffects) assert.ok(existsSync(join(pkg, file)), file);
});

test("the README's table names every file that is there, and nothing else; all of it is packed", () => {
  assert.ok(table.length > 10, `the table is found: ${table}`);
  for (const name of table) assert.ok(built.some((file) => covers(name, file)), `\`${name}\` of the table is there`);
  for (const file of built.filter((name) => !["README.md", "package.json"].includes(name))) {
    assert.ok(table.some((name) => covers(name, file)), `\`${file}\` is in the table`);
    assert.ok(described.files.some((name) => covers(name, file)), `\`${file}\` is packed`);
  }
  for (const name of described.files) assert.ok(built.some((file) => covers(name, file)), `\`${name}\` of \`files\` is there`);
});
