/* A preview: the page's own script, started with a draft in the place of what
   is published. Fetched only where the address asks for one. Never counts, never
   stores beyond the tab, and never touches what the device remembers of its
   visitor; a draft that is not there leaves the page as it is for everybody. */
import { begin as beginPage } from "./page.js";
import { openPanel } from "./preview/panel.js";
import { openStudio } from "./preview/studio.js";
import { addressWith, keepToken, tokenOf } from "./preview/walk.js";

/* What the collector makes: 128 random bits. */
const TOKEN = /^[0-9a-f]{32}$/;
const NO_TOKEN = "[vitrine] This is no preview's token: it has 32 digits and letters from a to f.";
const NO_DRAFT = "[vitrine] There is no such draft, or its day is over: the page is as everybody sees it.";

/* The same page with a draft; `vitrine.preview(token)`. */
export const go = (token) => {
  if (TOKEN.test(token)) location.assign(addressWith(location.href, token));
  else console.info(NO_TOKEN);
};

/* What the collector says of the draft that the address names; nothing where
   there is none. */
const find = async (settings, token) => {
  if (!TOKEN.test(token)) return undefined;
  try {
    const answer = await fetch(`${settings.api}/${settings.site}/drafts/${token}/plan`, { credentials: "omit" });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
};

/* The shop's analytics hear nothing of messages that are only tried. */
const unheard = (tell) => (name, detail) => {
  const layer = window.dataLayer ?? [];
  const { push } = layer;
  layer.push = () => layer.length;
  try {
    tell(name, detail);
  } finally {
    layer.push = push;
  }
};

/* Drafts that this tab looked at before leave nothing behind. */
const dropOthers = (drafts, site) => {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith("vitrine:" + drafts) && !key.startsWith("vitrine:" + site)) sessionStorage.removeItem(key);
    }
  } catch {}
};

/* Comes to an address as from nowhere: a reload would come from the page itself,
   and whoever does has no channel. */
const arrive = (address) => {
  const link = document.createElement("a");
  [link.href] = address.split("#");
  link.rel = "noreferrer";
  link.click();
};

const SESSION = { storage: "session", reports: false };

/* Whether a preview's page may lead here without its token: by a redirect, or by a
   script where the browser tells of none. Not by a form that answers by itself:
   to ask for its address again would be another question. */
const isAstray = () => performance.getEntriesByType("navigation")[0]?.redirectCount > 0 || !window.navigation;

/* As the page's own `begin`; of what a shop may call, consent is left out, since
   its visitor is the marketer, and a wish to be forgotten starts over. */
export const begin = async (settings, wasm) => {
  const token = tokenOf(location.href) ?? (isAstray() ? tokenOf(document.referrer) : null);
  const draft = await find(settings, token);
  if (!draft) {
    if (tokenOf(location.href) !== null) console.info(NO_DRAFT);
    return beginPage(settings, wasm);
  }
  if (!tokenOf(location.href)) {
    location.replace(addressWith(location.href, token));
    return () => {};
  }
  const { edge, ...own } = settings;
  const drafts = own.site + "/drafts/";
  own.site = drafts + token;
  dropOthers(drafts, own.site);
  own.consent = SESSION.storage;
  own.tell = unheard(settings.tell);
  const page = await beginPage(own, wasm);
  const call = (name, argument, at) => {
    if (name === "consent") return undefined;
    const answer = page(name, argument, at);
    if (name === "forget") page("consent", SESSION, at);
    return answer;
  };
  const letGo = keepToken(token);
  const panel = {
    expires: draft.expires,
    studio: openStudio(settings.home, page),
    startOver: () => {
      page("forget", undefined, Date.now());
      arrive(location.href);
    },
    leave: () => {
      letGo();
      page("forget", undefined, Date.now());
      arrive(addressWith(location.href));
    },
  };
  openPanel(panel).catch((error) => console.info("[vitrine] the preview has no panel: " + error.message));
  return call;
};
