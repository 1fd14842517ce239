/* One worker for every host that speaks Request, Response and ReadableStream.
   It never rewrites a page, never keeps a visitor, never makes one wait for
   itself: it puts one bar behind one marker, or passes on what came. Whatever
   goes wrong, the shopper gets the origin's bytes. */

import { is_digest } from "../vitrine_edge.js";
import { keep } from "./published.mjs";
import { recode } from "./recode.mjs";
import { join, readTo } from "./splice.mjs";

const SEPARATOR = "\x1f";
/* A page is asked while its plan is first on its way, for so many milliseconds. */
const FIRST_WAIT = 250;
/* The document's language and encoding stand in its first bytes. */
const START_BYTES = 2048;
/* Where this worker serves the banner's sheet: beside the page, by content. */
const OWN_SHEET = /^\/vitrine-[0-9a-f]{8}\.css$/;
/* Each sentence is said once, and so many in all: logs cost money. */
const SENTENCES = 100;
const YEAR = 31_536_000; /* seconds */
/* What describes the origin's bytes no longer describes these. */
const GONE = ["content-length", "etag", "last-modified", "accept-ranges", "content-md5", "digest", "content-digest", "repr-digest"];

/**
 * A worker in front of one shop.
 *
 * - `wasm`: `vitrine_edge_bg.wasm` as a compiled module or bytes;
 * - `origin`: the shop's address, or `(request) => Promise<Response>` that asks it and decodes nothing;
 * - `collector`: its address, where what is published is asked for; `site`: the name there;
 * - `prefix`: what its operator put before the site's name, `/v1` if nothing else;
 * - `plan`, `odds`, `model`: bytes, or functions that give them; without a plan the collector is asked;
 * - `sheet`: the address of the banner's style sheet, where this worker does not see `/vitrine-…css` itself;
 * - `marker`: where the bar is put; `refresh`: seconds between two looks for a new plan, at least 1;
 * - `now`, `seed`: the clock and 64 random bits, for tests; `say`: where sentences about trouble go.
 *
 * `wasm`, `plan`, `odds` and `model` may also be promises.
 */
export function createWorker({
  wasm, plan, odds, model, origin, site, collector = "", prefix = "/v1", marker = "<!--vitrine:bar-->", refresh = 10, sheet = sheetPath,
  now = Date.now, seed = randomSeed, fetch = (...given) => globalThis.fetch(...given), say = (line) => console.warn(`[vitrine] ${line}`),
}) {
  const home = collector.replace(/\/+$/, "");
  const cookieName = `vitrine_${site}`;
  const wanted = new TextEncoder().encode(marker);
  const published = keep({
    sources: { wasm, plan, odds, model }, api: `${home}${prefix}/${site}/`, sheet, every: Math.max(1, refresh), fetch, say: once(say),
  });
  const ask = typeof origin === "function" ? origin : (request) => fetch(toOrigin(request, origin), { redirect: "manual" });

  /* The answer with a bar in it, or the same answer. */
  const splice = async (request, answer, context) => {
    const loading = published.refresh();
    if (loading) context?.waitUntil?.(loading);
    if (!isPage(request, answer) || isPreview(request)) return answer;
    if (!published.isReady()) await within(loading, FIRST_WAIT);
    if (!published.isReady()) return answer;
    const { head, at, rest } = await readTo(wanted, answer.body);
    const { pieces, headers } = (at >= 0 && attempt(() => dress(request, answer, head, at))) || { pieces: [head], headers: answer.headers };
    return new Response(join(pieces, rest), { status: answer.status, statusText: answer.statusText, headers });
  };

  /* The pieces of the page and its headers, with a bar or a cookie; nothing where there is neither. */
  const dress = (request, answer, head, at) => {
    const known = digestOf(request, cookieName);
    const header = (name) => request.headers.get(name) ?? "";
    const texts = [recode(request.url), recode(header("referer")), languageOf(head), header("user-agent")];
    const question = [texts.map((text) => text.replaceAll(SEPARATOR, "")).join(SEPARATOR), known?.bytes ?? new Uint8Array(), now(), seed()];
    const bar = published.ask((edge) => edge.decide(...question));
    const isKept = known && published.ask(() => is_digest(known.bytes));
    if (!bar && !isKept) return undefined;
    const headers = new Headers(answer.headers);
    keepPrivate(headers);
    if (isKept) headers.append("set-cookie", cookieOf(request, cookieName, known.text));
    if (!bar) return { pieces: [head], headers };
    for (const name of GONE) headers.delete(name);
    // The parser waits for a sheet in the body; this one comes with those of the head.
    const [, address] = /<link rel="stylesheet" href="([^"]+)"/.exec(bar) ?? [];
    if (address) headers.append("link", `<${address}>; rel=preload; as=style`);
    const text = isUtf8(answer, head) ? bar : inAscii(bar);
    return { pieces: [head.subarray(0, at), new TextEncoder().encode(text), head.subarray(at)], headers };
  };

  /* The banner's own style sheet. A page waits for a sheet in its body, so it
     must not wait for another server, nor for a second connection. */
  const own = async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET" || sheet !== sheetPath || !OWN_SHEET.test(pathname)) return undefined;
    try {
      const text = await published.style();
      const cache = sheetPath(text) === pathname ? "public, max-age=31536000, immutable" : "no-cache";
      return new Response(text, { headers: { "content-type": "text/css; charset=utf-8", "cache-control": cache, "x-content-type-options": "nosniff" } });
    } catch {
      return undefined;
    }
  };

  return {
    own,
    splice,
    /** Resolves when the first plan has come, or has not. */
    ready: async () => void (await published.refresh()),
    fetch: async (request, context) => (await own(request)) ?? splice(request, await ask(wantsPage(request) ? plainly(request) : request), context),
  };
}

/** Whether an answer may get a bar: a whole page in plain bytes. A prefetch is one like any: only the page counts. */
export function isPage(request, answer) {
  const kind = (answer.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  const coding = (answer.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  const only = /\bno-transform\b/i.test(answer.headers.get("cache-control") ?? "");
  return request.method === "GET" && answer.status === 200 && kind === "text/html" && coding === "identity" && !only && answer.body !== null;
}

/* A preview shows a draft: what is published would only flash by. */
const isPreview = (request) => new URL(request.url).searchParams.has("vitrine-preview");

/** Whether a request may be answered with a page. */
export const wantsPage = (request) =>
  request.method === "GET" && (request.headers.get("sec-fetch-dest") ?? "document") === "document" && (request.headers.get("accept") ?? "text/html").includes("text/html");

/* Compressed bytes cannot be spliced; hosts compress again on the way out. */
function plainly(request) {
  const plain = new Request(request);
  plain.headers.set("accept-encoding", "identity");
  return plain;
}

function toOrigin(request, origin) {
  const { pathname, search } = new URL(request.url);
  return origin === undefined ? request : new Request(new URL(origin).origin + pathname + search, request);
}

/* The answer is now one visitor's, at one moment: a cache that handed it to
   another would hand over seed and arm, and count two people as one. */
function keepPrivate(headers) {
  const noStore = /\bno-store\b/i.test(headers.get("cache-control") ?? "");
  headers.set("cache-control", noStore ? "private, no-store" : "private, no-cache");
  for (const name of ["expires", "surrogate-control", "cdn-cache-control"]) headers.delete(name);
}

/* Who asks for privacy is a stranger, to the page too. */
function digestOf(request, name) {
  if (request.headers.get("sec-gpc") === "1") return undefined;
  const [, text] = new RegExp(`(?:^|;)\\s*${name.replace(/[^\w-]/g, "\\$&")}=([\\w-]{1,512})\\s*(?:;|$)`).exec(request.headers.get("cookie") ?? "") ?? [];
  if (!text) return undefined;
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return { text, bytes: Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)) };
  } catch {
    return undefined;
  }
}

/* A cookie that a server sets outlives the seven days that Safari gives to a
   script's. The page writes it anew at every view, so it must stay readable. */
const cookieOf = (request, name, text) =>
  `${name}=${text}; Path=/; SameSite=Lax; Max-Age=${YEAR}${request.url.startsWith("https:") ? "; Secure" : ""}`;

const startOf = (head) => new TextDecoder("latin1").decode(head.subarray(0, START_BYTES));

function languageOf(head) {
  return /<html\b[^>]*?\slang\s*=\s*["']?([a-z0-9-]{1,35})/i.exec(startOf(head))?.[1] ?? "";
}

/* FNV-1a over the code units names the sheet: another text, another name. */
function sheetPath(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `/vitrine-${(hash >>> 0).toString(16).padStart(8, "0")}.css`;
}

/* A page in EUC-KR gets the same letters by number. */
const isUtf8 = (answer, head) => /charset\s*=\s*["']?utf-?8/i.test(answer.headers.get("content-type") + startOf(head));
const inAscii = (text) => text.replace(/[^\0-\x7f]/gu, (letter) => `&#${letter.codePointAt(0)};`);

function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function randomSeed() {
  return crypto.getRandomValues(new BigUint64Array(1))[0];
}

const within = (promise, milliseconds) =>
  Promise.race([promise, new Promise((give) => setTimeout(give, milliseconds))]);

function once(say) {
  const said = new Set();
  return (line) => {
    if (said.has(line) || said.size >= SENTENCES) return;
    said.add(line);
    say(line);
  };
}
