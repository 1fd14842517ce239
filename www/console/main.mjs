/** The console's start: who is signed in and which view is in sight. Never holds a key longer than the form does. */

import { open } from "./api.mjs";
import { ask as question, paragraph } from "./dialog.mjs";
import { find, say, show } from "./dom.mjs";
import { onLanguage, startLanguage, words } from "./language.mjs";
import { enterPublishing, startPublishing } from "./publish.mjs";
import { enterPreview, startPreview } from "./preview.mjs";
import { enterResults, leaveResults, startResults } from "./results.mjs";
import { dirty, enterRules, hush, leaveRules, notify, startRules } from "./rules.mjs";
import { startVersions } from "./versions.mjs";

/** Where the name of the site that was signed in last is kept, in this tab only, so that a reload stays signed in. */
const key = "vitrine.console.site";
/** What a site may be called. */
const siteName = /^[A-Za-z0-9._-]{1,64}$/;
const views = ["rules", "results"];

const form = find("sign-in");
let site;
let faces;
/* The sentence of the sign-in form as a function, so that another language can say it again. */
let problem = () => "";

startLanguage();
onLanguage(() => say(find("sign-in-problem"), problem()));
startVersions();
startRules({ ready: () => faces !== undefined });
startPublishing(explain);
startPreview(explain);
startResults({ explain });
form.addEventListener("submit", (event) => { event.preventDefault(); signIn(); });
find("sign-out").addEventListener("click", signOut);
find("views").addEventListener("click", hush);
addEventListener("hashchange", () => { if (faces) look({ moveFocus: true }); });
resume();

async function resume() {
  const asked = new URLSearchParams(location.search).get("site");
  const last = remembered();
  form.elements.site.value = asked ?? last ?? "demo";
  if (!last || (asked && asked !== last)) return ask();
  try { return await enter(last); } catch { return ask(); }
}

async function signIn() {
  const [name, secret] = [form.elements.site.value.trim(), form.elements.key.value.trim()];
  if (name === "") return refuse("site", () => words("siteNeeded"));
  if (!siteName.test(name)) return refuse("site", () => words("siteOdd"));
  if (secret === "") return refuse("key", () => words("keyNeeded"));
  const button = form.querySelector("[type=submit]");
  if (button.dataset.busy) return undefined;
  button.dataset.busy = "yes";
  say(button, words("signingIn"));
  refuse(undefined, () => "");
  try {
    await open(name).signIn(secret);
    await enter(name);
    form.elements.key.value = "";
  } catch (refusal) {
    if (refusal.status === 401) refuse("key", () => words("wrongKey", name));
    else refuse(refusal.status === 404 ? "site" : undefined, () => explained(refusal, name));
  } finally {
    delete button.dataset.busy;
    say(button, words("signIn"));
  }
  return undefined;
}

/** Takes the visitor in; throws what the collector refused. */
async function enter(name) {
  /* What was written for one site is not offered to another. */
  if (site !== undefined && site !== name) leaveRules();
  const now = open(name);
  await enterRules(now);
  [site, faces] = [name, now];
  remember(name);
  enterPublishing(now);
  enterPreview(now, name);
  enterResults(now);
  say(find("site-name"), name);
  frame(true);
  if (!views.includes(location.hash.slice(1))) history.replaceState(null, "", "#rules");
  look({ moveFocus: document.activeElement !== document.body });
}

async function signOut() {
  if (dirty() && !await question({ title: words("signOutTitle"), body: [paragraph(words("signOutText"))], yesWord: words("signOut"), noWord: words("cancel") })) return undefined;
  try { await faces.signOut(); } catch (refusal) {
    /* Saying "signed out" while the cookie lives would be a lie on a shared computer. */
    if (refusal.status !== 401) return notify(words("signOutFailed"));
  }
  leaveRules();
  return out(() => "");
}

/** Back to the form. The editor keeps its text, for the session may only have run out. */
function out(sentence) {
  faces = undefined;
  leaveResults();
  forget();
  ask();
  refuse("key", sentence);
}

function ask() {
  frame(false);
  for (const view of views) show(find(`${view}-view`), false);
}

function frame(signedIn) {
  show(find("sign-in-view"), !signedIn);
  for (const id of ["views", "site-name", "sign-out"]) show(find(id), signedIn);
}

function look({ moveFocus }) {
  const view = views.includes(location.hash.slice(1)) ? location.hash.slice(1) : "rules";
  for (const one of views) {
    show(find(`${one}-view`), one === view);
    const link = document.querySelector(`#views [href="#${one}"]`);
    if (one === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (moveFocus) find(`${view}-title`).focus();
}

/** Says why the form was refused, at the field that can mend it. */
function refuse(field, sentence) {
  problem = sentence;
  say(find("sign-in-problem"), sentence());
  for (const name of ["site", "key"]) form.elements[name].toggleAttribute("aria-invalid", name === field && sentence() !== "");
  if (field) form.elements[field].focus();
}

/** The sentence of a refusal. Who is no longer signed in is asked to sign in again. */
function explain(refusal) {
  if (refusal.status === 401 && faces) out(() => words(dirty() ? "signedOutDirty" : "signedOut"));
  return explained(refusal, site);
}

function explained(refusal, name) {
  switch (refusal.status) {
    case 0: return words("unreachable");
    case 401: return words("signedOut");
    case 403: return words("noPublishing");
    case 404: return words("missing", name);
    case 429: case 503: return words("busy");
    default: return words("wentWrong", refusal.message ?? "");
  }
}

/* Storage may be blocked; then a reload asks for the key again. */
function remembered() {
  try {
    const name = sessionStorage.getItem(key);
    return name && siteName.test(name) ? name : undefined;
  } catch { return undefined; }
}
function remember(name) { try { sessionStorage.setItem(key, name); } catch { /* see above */ } }
function forget() { try { sessionStorage.removeItem(key); } catch { /* see above */ } }
