/* The entry of the page's module: joins the WebAssembly body and its hands,
   and turns what a shop pushes into plain text and numbers. Never trusts a
   type: what does not fit is left out. */
import { SEPARATOR, answerTo, bind, explain, give, hands, pack, readCharsets } from "./hands.js";

const ITEMS = 50; /* the engine reads no more of one event */
const WORD = 200; /* characters; the engine cuts at 100 bytes */
/* Of one attribute; the engine keeps no deeper and no larger one. */
const DEPTH = 8;
const PARTS = 512;
const TEXT = 500;

const plain = (value, length) => String(value).slice(0, length).replaceAll(SEPARATOR, "");
const word = (value) => (typeof value === "string" || typeof value === "number" ? plain(value, WORD) : "");
const amount = (value) => {
  const number = typeof value === "string" ? parseFloat(value) : value;
  return typeof number === "number" && isFinite(number) ? number : 0;
};

/* [":name", value …]: a value is its kind and text, s text, n number, b flag,
   z nothing; "[" entries "]" is a list, "{" names and values "]" an object. */
const attributes = (object, prefix, depth = DEPTH) => {
  const texts = [];
  const numbers = [];
  let room;
  const put = (value, depth) => {
    if (depth && value && typeof value === "object") {
      const listed = Array.isArray(value);
      texts.push(listed ? "[" : "{");
      for (const key of Object.keys(value)) if (room-- > 0) {
        if (!listed) texts.push(":" + word(key));
        put(value[key], depth - 1);
      }
      texts.push("]");
    } else {
      const kind = { string: "s", number: Number.isFinite(value) ? "n" : "z", boolean: "b" }[typeof value] || "z";
      texts.push(kind + (kind === "s" ? plain(value, TEXT) : ""));
      if (kind === "n" || kind === "b") numbers.push(Number(value));
    }
  };
  for (const key of Object.keys(Object(object))) {
    room = PARTS;
    texts.push(":" + word(prefix + key));
    put(object[key], depth);
  }
  return [texts, numbers];
};

/* [name, transaction, term, then id, title, category, brand, tags of each item]
   and [value, items, then price, quantity of each]; behind them the shop's own
   parameters as attributes. */
const track = (event) => {
  const { event: name, transaction_id, search_term, value, items, currency, ecommerce, ...rest } = Object(event);
  const list = Array.isArray(items) ? items.slice(0, ITEMS) : [];
  const texts = [name, transaction_id, search_term];
  const numbers = [value, list.length];
  for (const item of list) {
    texts.push(item?.item_id, item?.item_name, item?.item_category, item?.item_brand, `${item?.item_tags ?? ""}`);
    numbers.push(item?.price, item?.quantity ?? 1);
  }
  const [own, values] = attributes(rest, "", 1);
  return [texts.map(word).concat(own), numbers.map(amount).concat(values)];
};

let told; /* that an answer was none */
/* What may be kept, least first, and last what may leave. */
const ANSWERS = ["none", "session", "persistent", "reports"];
/* An answer, as a tag's text or as an object. What is none is told once, and calls
   nothing: a slip of the pen neither allows nor wipes. That nothing may leave, and
   not a word of what may be kept, withdraws all. */
const consent = (given) => {
  const words = given?.split?.("+") || [given?.storage || ANSWERS[given?.reports * 3], given?.reports && "reports"].filter(Boolean);
  const found = words.map((word) => ANSWERS.indexOf(word));
  const storage = Math.min(...found) % 3;
  if (storage >= 0) return [[], [storage, found.includes(3)]];
  told ||= !console.info(`[vitrine] consent unchanged: "${words}" is none of ${ANSWERS}`);
  return [[], [], ""];
};

const translate = {
  track,
  set: (object) => attributes(object, ""),
  identify: (object) => attributes(object, "member."),
  page: (url) => [[word(url)], []],
  consent,
};

export const begin = async (settings, wasm) => {
  const reading = readCharsets(settings.home);
  const { instance } = await WebAssembly.instantiateStreaming(wasm, { hands });
  await reading;
  const body = instance.exports;
  bind(body, settings);
  const call = (name, argument, at) => {
    const [texts, numbers, asked = name] = translate[name]?.(argument) || [[], []];
    give([...new Uint8Array(new Float64Array(numbers).buffer), ...pack(asked, ...texts)]);
    const answer = answerTo(() => body.call(numbers.length, at));
    return name === "explain" ? answer && explain(answer, argument) : answer;
  };
  const [, [storage, reports]] = consent(settings.consent || "none");
  const flag = (name) => (name in settings ? 1 : 0);
  const flags = reports | (navigator.globalPrivacyControl ? 2 : 0) | (flag("debug") * 4) | (flag("edge") * 8);
  give(pack(settings.site, settings.api));
  body.start(storage, flags, settings.at);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => body.tick(2));
  document.addEventListener("visibilitychange", () => document.hidden && body.tick(1));
  addEventListener("pagehide", () => body.leave());
  // Forgotten in another tab is forgotten here.
  addEventListener("storage", ({ key, newValue }) => {
    if (!newValue && (key === null || key === "vitrine:" + settings.site)) call("forget", undefined, Date.now());
  });
  addEventListener("pageshow", (shown) => shown.persisted && call("page", location.href, Date.now()));
  return call;
};
