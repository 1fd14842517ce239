/* What only a page's own script can do, as small total functions that the
   WebAssembly body calls. Never decides, never throws, keeps no data. Plain
   bytes and numbers cross; measured against web-sys closures, this is a third
   of the bytes. Fields inside one text are parted by ASCII 31, the unit
   separator. Out of the module a text crosses as its place and its length;
   into it, bytes go where it makes room for them. */
import style from "vitrine-style";

export const SEPARATOR = "\x1f";
const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const pack = (...texts) => encoder.encode(texts.join(SEPARATOR));

/* What the call in hand is answered; of the entry's asking. */
let answer;
export const answerTo = (ask) => {
  answer = undefined;
  ask();
  return answer;
};

/* Set once by the entry: the body's exports and the loader's settings. */
let body;
let settings;
export const bind = (exports, given) => {
  body = exports;
  settings = given;
};

/* Bytes into the module, and out of it. Its memory may have moved meanwhile. */
const bytesAt = (at, length) => new Uint8Array(body.memory.buffer, at, length);
export const give = (bytes) => {
  const at = body.room(bytes.length);
  bytesAt(at, bytes.length).set(bytes);
};
/* A hand whose first `count` arguments are texts. */
const spoken = (count, work) => (...given) => {
  const texts = [];
  while (texts.length < count) texts.push(decoder.decode(bytesAt(...given.splice(0, 2))));
  return work(...texts, ...given);
};

/* What was published, by the task that fetched it: 1 plan, 2 odds, 3 model. */
const published = [];
/* Product strips are drawn by a module of their own, whose script (`shelf.js`)
   is fetched with the model; so is what they wear beside the banners' sheet. */
let shelf;
const rows = [];

/* Why each campaign is shown or not, told by the studio: a visitor never needs
   it, so that no page carries it. A preview asks for more, of the same bytes. */
export const explain = async (visitor, ask) => {
  try {
    const studio = await import(new URL("vitrine_studio.js", settings.home));
    await studio.default();
    const [plan, odds, model] = [1, 2, 3].map((task) => published[task] || new Uint8Array());
    return JSON.parse((ask || studio.explain)(plan, odds, model, visitor));
  } catch (error) {
    console.info("[vitrine] cannot explain: " + (error.message || error));
    return [];
  }
};

/* Words in old charsets are read by a script of its own (`www/edge/recode.mjs`),
   fetched beside the module for the few who arrive with one. */
let recode = (address) => address;
const isPlain = (address) => {
  try {
    return decodeURIComponent(address) && !/[?&](ie|enc|charset)=(?!utf)/i.test(address);
  } catch {
    return false;
  }
};
export const readCharsets = async (home) => {
  if ([location.href, document.referrer || "/"].every(isPlain)) return;
  try {
    ({ recode } = await import(new URL("vitrine_recode.js", home)));
  } catch {}
};

const attempt = (work, otherwise) => {
  try {
    return work();
  } catch {
    return otherwise;
  }
};

/* Bytes as base64 text, and back. */
const write64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const read64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const URL_SAFE = { "+": "-", "/": "_", "=": "" };

const AREAS = [() => undefined, () => sessionStorage, () => localStorage];
const timers = [];
const standing = new Map();
const EDGE = "data-vitrine-edge";
const LEAST_HEIGHT = 40; /* px: a lower slot holds no message */
const NOTHING_CAME = 9; /* instead of a model: above every reason of the engine */
const SEEN = 0.5; /* the IAB's half of the pixels */

let sheet;
let policy;
const dress = (root) => {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
  }
  root.adoptedStyleSheets = [sheet, ...rows];
};
const fill = (root, markup) => {
  policy ||= window.trustedTypes
    ? trustedTypes.createPolicy("vitrine", { createHTML: (text) => text })
    : { createHTML: (text) => text };
  root.innerHTML = policy.createHTML(markup);
};

const isBelow = (element) => element.getBoundingClientRect().top >= innerHeight;
const edgeHost = () => document.querySelector(`[${EDGE}]`);

/* Puts markup where it belongs, in a home of its own. */
export const stand = (key, markup, [element, where, height]) => {
  const host = document.createElement("div");
  host.dataset.vitrine = key;
  const root = host.attachShadow({ mode: "open" });
  dress(root);
  fill(root, markup);
  if (height) host.style.height = height + "px";
  element.insertAdjacentElement(where, host);
  return host;
};

/* Tells the body, in words, of a message or of a sign. */
const report = (words) => {
  give(pack(words));
  body.happened();
};

/* Listens to one message; what it returns takes the message off again. */
export const attend = (host, key, tell) => {
  const root = host.shadowRoot;
  const first = root.querySelector(".vt");
  const isDialog = first.localName === "dialog";
  const happened = (name, products = "") => tell(name + " " + key + products);
  let from;
  /* A dialog gives the focus back by itself and then says `close`. */
  const dismiss = () => {
    if (isDialog) return first.close();
    happened("dismissed", first.dataset.items);
    from?.focus?.({ preventScroll: true });
  };
  root.addEventListener("click", (click) => {
    const part = click.target.closest("[data-vt]")?.dataset.vt;
    if (part === "click") happened("clicked");
    else if (part || (isDialog && click.target === first)) dismiss();
  });
  if (isDialog) {
    first.addEventListener("close", () => happened("dismissed"));
    first.showModal();
  } else {
    root.addEventListener("focusin", ({ relatedTarget }) => {
      if (!root.contains(relatedTarget)) from = relatedTarget;
    });
    root.addEventListener("keydown", (press) => {
      if (press.key !== "Escape") return;
      press.preventDefault();
      dismiss();
    });
  }
  const eye = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      eye.disconnect();
      happened("shown");
    },
    { threshold: SEEN },
  );
  eye.observe(first);
  return () => {
    eye.disconnect();
    host.remove();
  };
};

/* Where an inline message may stand without moving what is in view: 1 no such
   element, 2 it has no height; else the element and the height to keep. */
const anchor = (selector, position, height) => {
  if (!selector) return document.body ? [document.body, "beforeend", 0] : 1;
  const element = document.querySelector(selector);
  if (!element) return 1;
  const below = isBelow(element);
  if (position) return below ? [element, position === 1 ? "beforebegin" : "afterend", height] : 2;
  const own = element.clientHeight;
  return below || own >= Math.max(LEAST_HEIGHT, height) ? [element, "beforeend", own] : 2;
};

/* Watches the page in view for the signs that the plan waits for, by a script
   that only such plans fetch (`signs.js`). The watch over the page before ends. */
let watching;
const watch = async (signs) => {
  watching?.abort();
  const { signal } = (watching = new AbortController());
  try {
    if (signs) (await import(new URL("vitrine_signs.js", settings.home))).watch(signs, signal, report);
  } catch {}
};

export const hands = {
  now: () => Date.now(),
  random: () => {
    const bits = new BigUint64Array(1);
    return attempt(() => crypto.getRandomValues(bits)[0], BigInt(Date.now()));
  },
  /* A reload, or a way back, comes from the page itself. */
  here: () => {
    const [arrival] = performance.getEntriesByType("navigation");
    const from = /^(reload|back)/.test(arrival?.type) ? "/" : document.referrer;
    const address = recode(location.href);
    return give(pack(address, recode(from), document.documentElement.lang, innerWidth, navigator.userAgent));
  },
  say: spoken(1, (line) => console.info("[vitrine] " + line)),
  reply: spoken(1, (json) => (answer = JSON.parse(json))),
  hand_over: (at, length) => (answer = bytesAt(at, length).slice()),
  tell: spoken(1, (texts) => {
    const [name, ...detail] = texts.split(SEPARATOR);
    queueMicrotask(() => settings.tell(name, detail));
  }),

  read: spoken(1, (key, area) =>
    give(attempt(() => read64(AREAS[area]()?.getItem(key) || ""), new Uint8Array())),
  ),
  write: spoken(1, (key, at, length, area) =>
    attempt(() => {
      if (length) AREAS[area]()?.setItem(key, write64(bytesAt(at, length)));
      else AREAS[area]()?.removeItem(key);
    }),
  ),
  cookie: spoken(1, (name, at, length) =>
    attempt(() => {
      const value = write64(bytesAt(at, length)).replace(/[+/=]/g, (sign) => URL_SAFE[sign]);
      if (!value && !document.cookie.includes(name + "=")) return;
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Max-Age=${value ? 31536000 : 0}${secure}`;
    }),
  ),

  /* A GET without a body, else a POST that survives the page; `answer` gets
     the task's number, the status (0: no answer) and the bytes. */
  send: spoken(2, (url, text, task) => {
    const options = { credentials: "omit", ...(text && { method: "POST", body: text, keepalive: true }) };
    fetch(url, options)
      .then(async (got) => [got.status, new Uint8Array(text ? 0 : await got.arrayBuffer())])
      .catch(() => [0, new Uint8Array()])
      .then(([status, bytes]) => {
        if (!text) published[task] = bytes;
        give(bytes);
        body.answer(task, status);
      });
  }),
  /* Fetches the shelf's script, its module and the model side by side; `answer`
     gets 0 and the model's propensity, or what is wrong with it. */
  stock: spoken(1, async (url, task) => {
    const again = (status) => body.answer(task, status);
    const keep = (bytes) => (published[task] = bytes);
    let status = NOTHING_CAME;
    try {
      const from = (name) => new URL(name, settings.home);
      const parts = [fetch(from("vitrine_shelf_bg.wasm")), fetch(url, { credentials: "omit" })];
      const [{ open }] = await Promise.all([import(from("vitrine_shelf.js")), ...parts]);
      [status, shelf, rows[0]] = await open(settings, url, parts, { give, keep, again });
    } catch {}
    again(status);
  }),
  draw: (at, length) => shelf?.(bytesAt(at, length)),
  beacon: spoken(2, (url, text) => attempt(() => navigator.sendBeacon(url, text), false)),
  timer: (which, after) => {
    clearTimeout(timers[which]);
    if (after >= 0) timers[which] = setTimeout(() => body.tick(which), Math.min(after, 0x7fffffff));
  },

  has: spoken(1, (selector) => attempt(() => !!document.querySelector(selector), false)),
  is_parsed: () => document.readyState !== "loading",
  edge_mark: () => give(pack(edgeHost()?.getAttribute(EDGE))),
  /* 0 it stands, 1 no element, 2 it would move the page, 3 the page's Trusted
     Types or browser refuses it. */
  mount: spoken(3, (key, markup, selector, position, height) =>
    attempt(() => {
      let host = edgeHost();
      if (host?.shadowRoot && host.getAttribute(EDGE).startsWith(key + " ")) {
        host.removeAttribute(EDGE);
        dress(host.shadowRoot);
      } else {
        const place = anchor(selector, position, height);
        if (typeof place === "number") return place;
        host = stand(key, markup, place);
      }
      standing.set(key, attend(host, key, report));
      return 0;
    }, 3),
  ),
  unmount: spoken(1, (key) => {
    attempt(() => standing.get(key)?.());
    standing.delete(key);
  }),
  watch: spoken(1, watch),
  /* What an edge drew and the page does not want goes. */
  clear_edge: () => edgeHost()?.remove(),
};
