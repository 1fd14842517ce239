// The package's types beside what it exports: a program that uses all of them
// compiles, and what is typed of Node's engine and its visitors is there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../stories/support/servers.mjs";

test("a program that uses every type of the package compiles, and its mistakes do not", async () => {
  const how = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--types", ""];
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const said = await promisify(execFile)(process.execPath, [compiler, ...how, "tests/visits/types.mts"], { cwd: root }).catch((error) => error);
  assert.equal(said.stdout.trim(), "");
  assert.equal(said.code ?? 0, 0, said.stderr);
});

test("what is typed of Node's engine and its visitors is there", async () => {
  const node = await import("../../pkg/node/index.mjs");
  assert.deepEqual(Object.keys(node).sort(), ["Engine", "build", "check"]);
  const { plan } = node.build(JSON.stringify({ version: 1, site: "demo", currency: "EUR", timezone: "Europe/Berlin", campaigns: [] }));
  const visitor = new node.Engine({ plan }).visitor();
  assert.ok("wake" in visitor && Array.isArray(visitor.decisions));
  for (const name of ["observe", "look", "pass", "render", "explain", "reports", "memory"]) assert.equal(typeof visitor[name], "function", name);
});
