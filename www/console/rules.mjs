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
/* How the last check ended, as a function, so that another language can say it again. */
let state = () => "";
let here = true;

export const publishedRules = () => published;

export function startRules({ ready }) {
  onEdit(() => { describe(); wait(); });
  startEditor();
  startFiles({
    ready,
    refuse: (sentence) => notify(sentence),
    open(name, text) {
      const before = editorText();
      const wasDirty = dirty();
      location.hash = "#rules";
      setText(text);
      notify(words("opened", name), wasDirty && before !== "" ? { word: words("putBack"), act: () => { setText(before); notify(words("restored")); } } : undefined);
    },
  });
  find("notice-close").addEventListener("click", () => show(find("notice"), false));
  onLanguage(() => { describe(); conclude(); render(); show(find("notice"), false); });
  /* The browser asks in its own words. */
  addEventListener("beforeunload", (event) => { if (dirty()) event.preventDefault(); });
}

/** Loads what is published. A text that was being written stays in the editor; only an untouched one is replaced. */
export async function enterRules(now) {
  faces = now;
  const untouched = !dirty();
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
  show(find("notice"), false);
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

/** Says one thing at the top of the view, with something to do about it where there is. */
export function notify(sentence, action) {
  const button = find("notice-action");
  show(find("notice"), true);
  say(find("notice-text"), sentence);
  show(button, action !== undefined);
  if (action) say(button, action.word);
  button.onclick = action?.act ?? null;
}

function describe() {
  const current = currentVersion();
  const sentence = !published ? words("nothingPublished")
    : current?.plan === published.hash ? words("publishedAt", versionName(current), moment(current.published_at))
      : words("isPublished", versionName(undefined, published.hash));
  say(find("published"), published && dirty() ? words("unsaved", sentence) : sentence);
}

function wait() {
  run += 1;
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
