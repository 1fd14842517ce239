/**
 * Maru, the demo shop. It never keeps anything about a visitor, never takes money, sets no cookie,
 * loads nothing from others but Vitrine, and needs nothing but Node.
 *
 *   node www/shop/serve.mjs --port 8080 --collector http://127.0.0.1:8787 [--host 127.0.0.1] [--path-prefix /v1] [--debug] [--no-vitrine]
 *
 * Port 0 takes a free one. When it listens, one line of JSON says where: `{"shop":"http://127.0.0.1:8080"}`.
 */

import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as pages from "./pages.mjs";
import { layout } from "./layout.mjs";
import { draw } from "./pictures.mjs";

const mediaTypes = {
  ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml; charset=utf-8",
};

/** Pages by the first segment of their path; the second segment, where a page takes one, is the argument. */
const routes = {
  list: { page: pages.list, takes: 1 }, product: { page: pages.product, takes: 1 }, cart: { page: pages.cart, takes: 0 },
  "order-done": { page: pages.orderDone, takes: 0 }, search: { page: pages.results, takes: 0 }, event: { page: pages.event, takes: 0 },
};

/**
 * The shop as a request listener for `node:http`.
 * `collector`: the collector's address, without a slash at the end; `prefix`: what it was told to put before a site's name, if anything; `debug`: let Vitrine explain itself in the console;
 * `vitrine`: false leaves its script tag out.
 */
export function createShop({ collector = "http://127.0.0.1:8787", prefix, debug = false, vitrine = true } = {}) {
  const options = { collector: collector.replace(/\/+$/, ""), prefix, debug, vitrine };
  const common = {
    "Content-Security-Policy": contentSecurityPolicy(options.collector),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
  };
  const assets = readAssets();

  return (request, response) => {
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" }).end();
      return;
    }
    const address = parse(request.url);
    const file = address.segments && fileFor(address.segments, assets);
    if (file) sendFile(request, response, file);
    else sendPage(response, { ...address, options });
  };
}

/** Everything the shop's pages may do. Only the collector is let in from outside, and only Vitrine may make markup. */
export function contentSecurityPolicy(collector) {
  if (!URL.canParse(collector) || !/^https?:/i.test(collector)) throw new Error(`\`${collector}\` is no address of a collector, such as https://collector.example`);
  const { origin } = new URL(collector);
  return [
    "default-src 'self'", `script-src 'self' ${origin} 'wasm-unsafe-eval'`, `style-src 'self' ${origin}`, "img-src 'self' data:",
    `connect-src 'self' ${origin}`, "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'", "trusted-types vitrine",
  ].join("; ");
}

/**
 * A request's target as `{lang, path, query, segments}`; `segments` is missing where the path cannot be decoded.
 * It is cut by hand, since `URL` would take the start of `//host/path` for a host.
 */
function parse(target) {
  const mark = target.indexOf("?");
  const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark));
  const parts = (mark < 0 ? target : target.slice(0, mark)).split("/").filter(Boolean);
  const lang = parts[0] === "en" ? "en" : "ko";
  if (lang === "en") parts.shift();
  try {
    const segments = parts.map(decodeURIComponent);
    return { lang, path: `/${segments.map(encodeURIComponent).join("/")}`, query, segments };
  } catch {
    return { lang, path: "/", query: new URLSearchParams(), segments: undefined };
  }
}

function pageFor(context) {
  const [first, argument, ...more] = context.segments ?? [];
  if (!context.segments) return pages.badAddress(context);
  if (first === undefined) return pages.home(context);
  const route = Object.hasOwn(routes, first) ? routes[first] : undefined;
  const given = (argument === undefined ? 0 : 1) + more.length;
  return (route?.takes === given && route.page(context, argument)) || pages.notFound(context);
}

/** The head goes out first, as from a shop that still asks its database for the rest, so that styles and scripts are fetched meanwhile. */
function sendPage(response, context) {
  const page = pageFor(context);
  const { head, rest } = layout(context, page);
  response.writeHead(page.status ?? 200, { "Content-Type": "text/html; charset=utf-8", "Content-Language": context.lang, "Cache-Control": "private, no-cache" });
  response.write(head);
  setImmediate(() => { if (!response.destroyed) response.end(rest); });
}

function fileFor([folder, name, ...more], assets) {
  if (name === undefined || more.length > 0) return undefined;
  if (folder === "assets") return assets.get(name);
  const picture = folder === "img" && name.endsWith(".svg") && draw(name.slice(0, -4));
  return picture ? describe(name, Buffer.from(picture)) : undefined;
}

function sendFile(request, response, { body, type, tag }) {
  response.setHeader("ETag", tag).setHeader("Cache-Control", "public, max-age=60");
  if (request.headers["if-none-match"]?.includes(tag)) response.writeHead(304).end();
  else response.writeHead(200, { "Content-Type": type, "Content-Length": body.length }).end(body);
}

const describe = (name, body) => ({ body, type: mediaTypes[extname(name)], tag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 16)}"` });

function readAssets() {
  const folder = new URL("assets/", import.meta.url);
  return new Map(readdirSync(folder).map((name) => [name, describe(name, readFileSync(new URL(name, folder)))]));
}

function main() {
  const { values } = parseArgs({ options: {
    port: { type: "string", default: "8080" }, host: { type: "string", default: "127.0.0.1" },
    collector: { type: "string", default: "http://127.0.0.1:8787" }, "path-prefix": { type: "string" }, debug: { type: "boolean", default: false }, "no-vitrine": { type: "boolean", default: false },
  } });
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) throw new Error(`\`${values.port}\` is no port: give 0 to 65535`);
  const shop = createShop({ collector: values.collector, prefix: values["path-prefix"], debug: values.debug, vitrine: !values["no-vitrine"] });
  const server = createServer(shop);
  server.on("error", (error) => fail(`the shop cannot listen: ${error.message}`));
  server.listen(Number(values.port), values.host, () => {
    const { address, family, port } = server.address();
    console.log(JSON.stringify({ shop: `http://${family === "IPv6" ? `[${address}]` : address}:${port}` }));
  });
}

function fail(reason) {
  console.error(reason);
  process.exit(2);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try { main(); } catch (error) { fail(error.message); }
}
