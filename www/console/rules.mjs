/** The rules view: what is published, what the editor holds, and its check. Never publishes; publish.mjs does. */

import { check, mostBytes } from "./check.mjs";
import { list, render, tally, verdict } from "./diagnostics.mjs";
import { find, say, show } from "./dom.mjs";
import { editorText, onEdit, setText, startEditor } from "./editor.mjs";
import { startFiles } from "./files.mjs";
import { onLanguage, words } from "./language.mjs";
import { moment } from "./numbers.mjs";
import { currentVersion, setVersions, versionName } from "./versions.mjs";

/** Milliseconds without a key before the text is checked here, or at the collector, which costs a request. */
const pauseHere = 200;
const pauseThere = 900;
/** Milliseconds after which a check is slow enough to say that it runs. */
const slow = 400;

let faces;
let published;
let seen = "";
let timer;
let run = 0;
/* Whether the list in sight is about a text that is gone. */
let waiting = false;
/* How the last check ended, as a function, so that another language can say it again. */
let state = () => "";
let here = true;

export const publishedRules = () => published;

export function startRules({ ready }) {
  onEdit(() => { hush(); describe(); wait(); });
  startEditor({ pasted: (before) => notify(words("pasted"), before.trim() === "" ? undefined : putBack(before)) });
  startFiles({
    ready,
    refuse: (sentence) => notify(sentence),
    open(name, text) {
      const undo = dirtyText(editorText()) ? putBack(editorText()) : undefined;
      location.hash = "#rules";
      setText(text);
      notify(words("opened", name), undo);
    },
  });
  find("notice-close").addEventListener("click", () => { notify(""); find("rules-title").focus(); });
  onLanguage(() => { describe(); conclude(); render(); notify(""); });
  /* The browser asks in its own words. */
  addEventListener("beforeunload", (event) => { if (dirty()) event.preventDefault(); });
}

/** Loads what is published. A text that was being written stays in the editor; only an untouched one is replaced. */
export async function enterRules(now) {
  faces = now;
  const untouched = !dirty();
  /* Until the text has come, nothing is said about the empty editor. */
  if (untouched) clearTimeout(timer);
  /* The list first: it alone tells a site that does not exist from one without rules. */
  setVersions((await faces.versions()).versions ?? []);
  const found = await faces.rules();
  setPublished(found);
  if (untouched) setText(found?.text ?? "");
  else wait();
}

/** Forgets the site, for somebody else who signs in after. */
export function leaveRules() {
  published = undefined;
  faces = undefined;
  seen = "";
  setVersions([]);
  setText("");
  notify("");
}

/** Notes what is published now: `{text, hash}`, or undefined where nothing is. */
export function setPublished(rules) {
  published = rules;
  seen = plain(rules?.text ?? "");
  describe();
}

/** A text as a textarea holds it, with one kind of line end, so that the two can be compared. */
export const plain = (text) => text.replace(/\r\n?/g, "\n");

/** Whether the editor holds something that is not published. */
export const dirty = () => editorText() !== seen;

const dirtyText = (text) => text !== seen && text.trim() !== "";

/** Resolves once the text as it is now has been checked. */
export async function checked() {
  if (!waiting) return;
  clearTimeout(timer);
  await judge();
}

/** Lists what the collector found, which knows more than the checker in the browser: the site, and what is published. */
export function listRefused(diagnostics) {
  run += 1;
  clearTimeout(timer);
  finish(run, diagnostics, verdict);
}

/** Takes away what was said, unless something can still be done about it. */
export function hush() {
  if (find("notice-action").hidden) notify("");
}

/** What gives a text back that was replaced; pressing it twice loses nothing either. */
export const putBack = (text) => ({
  word: words("putBack"),
  act() {
    const now = editorText();
    setText(text);
    notify(words("restored"), dirtyText(now) ? putBack(now) : undefined);
  },
});

/** Says one thing until the text is edited, with something to do about it where there is. */
export function notify(sentence, action) {
  const button = find("notice-action");
  say(find("notice-text"), sentence);
  show(find("notice-close"), sentence !== "");
  show(button, action !== undefined);
  if (action) say(button, action.word);
  button.onclick = action?.act ?? null;
}

function describe() {
  const current = currentVersion();
  say(find("published"), !published ? words("nothingPublished")
    : current?.plan === published.hash ? words("publishedAt", versionName(current), moment(current.published_at))
      : words("isPublished", versionName(undefined, published.hash)));
  say(find("unsaved"), published && dirty() ? words("unsaved") : "");
}

function wait() {
  run += 1;
  waiting = true;
  clearTimeout(timer);
  timer = setTimeout(judge, here ? pauseHere : pauseThere);
}

async function judge() {
  if (!faces) return;
  const [text, mine] = [editorText(), run];
  if (text.trim() === "") return finish(mine, [], () => words("emptyText"));
  if (new Blob([text]).size > mostBytes) return finish(mine, [], () => words("textTooLarge"));
  const saying = setTimeout(() => say(find("check-state"), words("checking")), slow);
  try {
    const found = await check(text, async (asked) => diagnosticsOf(await faces.check(asked).catch(refused)));
    here = found.here;
    finish(mine, found.diagnostics, verdict);
  } catch (error) {
    if (error.status === 401) finish(mine, [], () => "");
    else finish(mine, [], () => words("notChecked"));
  } finally { clearTimeout(saying); }
}

function finish(mine, diagnostics, sentence) {
  /* Somebody has typed on: this answer is about a text that is gone. */
  if (mine !== run) return;
  waiting = false;
  list(diagnostics);
  state = sentence;
  conclude();
}

function conclude() {
  const { errors, warnings } = tally();
  const element = find("check-state");
  say(element, state());
  element.dataset.state = errors ? "error" : warnings ? "warning" : state === verdict ? "good" : "none";
  say(find("check-where"), words("checkedThere"));
  show(find("check-where"), !here);
}

const diagnosticsOf = (answer) => (Array.isArray(answer.diagnostics) ? answer.diagnostics : []);

/* To a check, a list of mistakes is an answer. */
function refused(refusal) {
  if (refusal.status === 422) return refusal;
  throw refusal;
}
