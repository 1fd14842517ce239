// Rule files of a story's own, and a model of the shop. Never touches the
// shop's own rules: a story that needs others writes them into a folder that
// ends with it.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, vitrine } from "./servers.mjs";

const run = promisify(execFile);

/** A rule file's object around campaigns; `more` replaces or adds fields of the file. */
export const rules = (campaigns, more = {}) => ({
  version: 1, site: "demo", currency: "KRW", timezone: "Asia/Seoul",
  revenue: { round: 1000, clip: 1000000 },
  goals: { order: { event: "purchase", window: "7d" } },
  ...more, campaigns,
});

/** A bar with a title, and a link where `href` is given. */
export const bar = (id, title, href) => ({ id, kind: "bar", title, ...(href && { cta: { text: "Go", href } }) });

/** A campaign that is due for everybody, at the bottom of every page; `more` as above. */
export const campaign = (id, messages, more = {}) => ({ id, slot: "bottom", goal: "order", ...more, messages });

/** Writes a rule file that is deleted with the scope, and gives its path. */
export async function rulesFile(scope, text) {
  const file = join(await folder(scope), "rules.json");
  await writeFile(file, typeof text === "string" ? text : JSON.stringify(text, null, 2));
  return file;
}

/** A model of the shop's generated log, trained by the command itself; `words` for it, such as `--shards`; gives its path. */
export async function shopModel(scope, ...words) {
  const place = await folder(scope);
  const [events, feed, english, model] = ["events.jsonl", "feed.tsv", "feed.en.tsv", "demo.model"].map((name) => join(place, name));
  const shop = (name, ...words) => run(process.execPath, [join(root, "www/shop", name), ...words], { maxBuffer: 1 << 26 });
  await writeFile(events, (await shop("sessions.mjs", "--seed", "1", "--visitors", "1000")).stdout);
  await writeFile(feed, (await shop("feed.mjs")).stdout);
  await writeFile(english, (await shop("feed.mjs", "--lang", "en")).stdout);
  await run(vitrine, ["train", events, "--catalog", feed, "--catalog", `en=${english}`, "-o", model, ...words]);
  return model;
}

async function folder(scope) {
  const place = await mkdtemp(join(tmpdir(), "vitrine-rules-"));
  scope.after(() => rm(place, { recursive: true, force: true }));
  return place;
}
