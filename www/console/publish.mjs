/** Publishing and rolling back. Never overwrites what somebody else published meanwhile, and never acts unasked. */

import { ask, names, paragraph } from "./dialog.mjs";
import { goToFirst, tally } from "./diagnostics.mjs";
import { find } from "./dom.mjs";
import { editorText, setText } from "./editor.mjs";
import { locale, words } from "./language.mjs";
import { moment } from "./numbers.mjs";
import { checked, dirty, listRefused, notify, plain, publishedRules, putBack, setPublished } from "./rules.mjs";
import { changes } from "./rulefile.mjs";
import { currentVersion, earlierVersion, setVersions, versionName, versionOf } from "./versions.mjs";

let faces;
/* Tells a refusal as a sentence. */
let explain;

export function startPublishing(tell) {
  explain = tell;
  find("publish").addEventListener("click", () => run(publish));
  find("roll-back").addEventListener("click", () => run(() => rollBack(earlierVersion(), words("rollBackTitle"))));
  find("versions").addEventListener("click", ({ target }) => {
    const chosen = versionOf(Number(target.closest("button")?.dataset.version));
    if (chosen) run(() => rollBack(chosen, words("goBackTitle")));
  });
}

export function enterPublishing(now) {
  faces = now;
}

/** What was not told where it happened is told at the top. */
async function run(action) {
  try { await action(); } catch (refusal) { notify(explain(refusal)); }
}

/** The editor's text once it was checked; undefined, and said why, where it is empty or has mistakes. */
export async function goodText() {
  const text = editorText();
  if (text.trim() === "") return notify(words("emptyText"));
  await checked();
  if (tally().errors === 0) return text;
  goToFirst();
  return notify(words("mendFirst"));
}

async function publish() {
  const text = await goodText();
  if (text === undefined) return undefined;
  const before = publishedRules();
  if (before && !dirty()) return notify(words("publishSame"));
  try {
    const done = await ask({
      title: words("publishTitle"), body: [...whatChanges(before, text), paragraph(words("shopShows"))],
      yesWord: words("publishNow"), noWord: words("cancel"), busy: words("publishing"),
      act: () => faces.publish(text, before?.hash),
      explain: (refusal) => ([401, 412, 422].includes(refusal.status) ? undefined : explain(refusal)),
    });
    if (!done) return undefined;
    return await confirm({ text, hash: done.plan });
  } catch (refusal) {
    if (refusal.status === 412) return await conflict(text);
    if (refusal.status !== 422) throw refusal;
    listRefused(refusal.diagnostics);
    goToFirst();
    return notify(words("refused"));
  }
}

async function confirm(rules) {
  await loadVersions();
  setPublished(rules);
  const current = currentVersion();
  notify(words("published", versionName(current, rules.hash), moment(current?.published_at ?? Date.now())));
}

async function conflict(mine) {
  const theirs = await faces.rules();
  /* An answer that was lost on its way looks like somebody else's publishing. */
  if (theirs && plain(theirs.text) === plain(mine)) return confirm(theirs);
  const load = await ask({ title: words("conflictTitle"), body: [paragraph(words("conflictText"))], yesWord: words("loadTheirs"), noWord: words("keepMine") });
  await loadVersions();
  /* Noted either way, so that the next publishing is compared with theirs. */
  setPublished(theirs);
  if (!load) return notify(words("keptMine"));
  const before = editorText();
  setText(theirs?.text ?? "");
  return notify(words("loadedTheirs"), putBack(before));
}

async function rollBack(wanted, title) {
  const before = dirty() ? editorText() : undefined;
  const hash = publishedRules()?.hash;
  try {
    const done = await ask({
      title, body: [paragraph(words("rollBackText", versionName(wanted)))],
      yesWord: words("rollBackNow"), noWord: words("cancel"), busy: words("rollingBack"),
      act: () => faces.rollBack(wanted.version, hash),
      explain: (refusal) => ([401, 412, 422].includes(refusal.status) ? undefined : refusal.status === 409 ? words("noBack") : explain(refusal)),
    });
    if (!done) return undefined;
  } catch (refusal) {
    if (refusal.status === 412) return await conflict(editorText());
    if (refusal.status === 422) return notify(words("tooOldToRollBack"));
    throw refusal;
  }
  const now = await faces.rules();
  await loadVersions();
  setPublished(now);
  setText(now?.text ?? "");
  return notify(words("rolledBack", versionName(currentVersion(), now?.hash)), before === undefined ? undefined : putBack(before));
}

const loadVersions = async () => setVersions((await faces.versions()).versions ?? []);

function whatChanges(before, text) {
  if (!before) return [paragraph(words("firstPublish"))];
  const found = changes(plain(before.text), text);
  if (!found) return [paragraph(words("cannotCompare"))];
  const { added, removed, edited, parts } = found;
  const campaigns = [...names(words("added"), added), ...names(words("removed"), removed), ...names(words("edited"), edited)];
  const spoken = new Intl.ListFormat(locale(), { type: "conjunction" }).format(parts.map((part) => words("parts")[part]));
  return [
    ...(campaigns.length > 0 ? campaigns : [paragraph(words("sameCampaigns"))]),
    ...(parts.length > 0 ? [paragraph(words("alsoChanged", spoken))] : []),
  ];
}
