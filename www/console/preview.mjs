/** Previews: the rules in the editor, seen in the shop before they are published. Never publishes, and opens no page without a press. */

import { ask, paragraph } from "./dialog.mjs";
import { goToFirst } from "./diagnostics.mjs";
import { find, make, say } from "./dom.mjs";
import { words } from "./language.mjs";
import { moment } from "./numbers.mjs";
import { goodText } from "./publish.mjs";
import { listRefused, notify } from "./rules.mjs";

/** Where the shop's address is kept on this device, by site. */
const key = (site) => `vitrine.console.shop.${site}`;
/** The parameter of a shop's address that asks for a draft. */
const parameter = "vitrine-preview";
/** Characters of an address; the longest that every server takes. */
const longest = 2000;

let faces;
let site;
let explain;

export function startPreview(tell) {
  explain = tell;
  find("preview").addEventListener("click", async () => {
    try { await preview(); } catch (refusal) { notify(explain(refusal)); }
  });
}

export function enterPreview(now, name) {
  [faces, site] = [now, name];
}

async function preview() {
  const text = await goodText();
  if (text === undefined) return undefined;
  let draft;
  try { draft = await faces.draft(text); } catch (refusal) {
    if (refusal.status !== 422) throw refusal;
    listRefused(refusal.diagnostics);
    goToFirst();
    return notify(words("draftRefused"));
  }
  /* What the marketer chose comes before what the operator said. */
  const place = remembered() ?? draft.url;
  if (place === undefined) return choose(draft);
  return show(place, draft);
}

/** Asks where the shop is, and shows the address that comes of it while it is typed. */
async function choose(draft) {
  const input = make("input", { id: "shop-address", type: "url", inputmode: "url", autocomplete: "url", spellcheck: "false", maxlength: longest, placeholder: "https://shop.example/", "aria-describedby": "shop-made dialog-problem" });
  input.value = remembered() ?? (draft.url ? addressOf(draft.url) : "");
  const made = make("code", {}, "");
  const describe = () => say(made, withToken(addressOf(input.value) ?? "https://shop.example/", "…"));
  input.addEventListener("input", describe);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    find("dialog-yes").click();
  });
  describe();
  const asking = ask({
    title: words("shopTitle"), yesWord: words("openPreview"), noWord: words("cancel"),
    body: [paragraph(words("shopText")), make("label", { for: "shop-address" }, words("shopAddress")), input, make("p", { id: "shop-made", class: "soft small" }, `${words("shopMade")} `, made)],
    act: async () => {
      const place = addressOf(input.value);
      if (place) return place;
      input.setAttribute("aria-invalid", "true");
      input.focus();
      throw new TypeError(words("shopOdd"));
    },
    explain: ({ message }) => message,
  });
  input.focus();
  const place = await asking;
  if (place === undefined) return undefined;
  remember(place);
  return show(place, draft);
}

/* A new tab that knows nothing of this one. It is opened empty, so that what the browser holds back is noticed. */
function show(place, draft) {
  const address = withToken(place, draft.token);
  const another = { word: words("otherShop"), act: () => choose(draft) };
  const tab = window.open("about:blank");
  if (!tab) return notify(words("heldBack"), { word: words("openPreview"), act: () => show(place, draft) });
  tab.opener = null;
  tab.location.replace(address);
  return notify(words("previewed", addressOf(place), moment(draft.expires)), another);
}

/** What was typed as the address of a page, without a preview of before; undefined for what is none. */
export function addressOf(typed) {
  const text = typed.trim();
  let url;
  try { url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`); } catch { return undefined; }
  /* Some browsers take words for a host. */
  if (text === "" || /\s/.test(text) || !["http:", "https:"].includes(url.protocol) || url.href.length > longest) return undefined;
  url.search = url.search.slice(1).split("&").filter((part) => part && !part.startsWith(`${parameter}=`)).join("&");
  return url.href;
}

/* The query is left as it is written, for it may be in any charset. */
export function withToken(place, token) {
  const [page, hash] = (addressOf(place) ?? place).split("#");
  return `${page}${page.includes("?") ? "&" : "?"}${parameter}=${token}${hash === undefined ? "" : `#${hash}`}`;
}

/* Storage may be blocked; then the address is asked for again. */
function remembered() {
  try { return addressOf(localStorage.getItem(key(site)) ?? ""); } catch { return undefined; }
}
function remember(place) { try { localStorage.setItem(key(site), place); } catch { /* see above */ } }
