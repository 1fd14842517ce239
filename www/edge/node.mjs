/**
 * Node in front of an origin. It never touches an answer that gets no bar:
 * its bytes and headers go through as they came, compressed or not.
 *
 *   node www/edge/node.mjs --port 8081 --origin http://127.0.0.1:8080 --collector http://127.0.0.1:8787 --site demo [--pkg pkg] [--host 127.0.0.1] [--path-prefix /v1] [--marker TEXT]
 *
 * Port 0 takes a free one. When it listens, one line of JSON says where: `{"edge":"http://127.0.0.1:8081"}`.
 */

import { readFile } from "node:fs/promises";
import * as http from "node:http";
import * as https from "node:https";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/* RFC 9110, 7.6.1: these speak of one connection, not of the message. */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/**
 * An HTTP server in front of `origin`. The other options are `createWorker`'s;
 * `pkg` is the folder with the built module, this file's own parent without it.
 */
export async function createServer({ origin, pkg = fileURLToPath(new URL("..", import.meta.url)), ...options }) {
  const { createWorker, isPage, wantsPage } = await import(pathToFileURL(resolve(pkg, "edge/worker.mjs")));
  const worker = createWorker({ wasm: await readFile(resolve(pkg, "vitrine_edge_bg.wasm")), ...options });
  await worker.ready();
  const target = new URL(origin);
  const client = target.protocol === "https:" ? https : http;
  const agent = new client.Agent({ keepAlive: true });

  const serve = async (incoming, outgoing) => {
    const request = asRequest(incoming);
    const own = request && (await worker.own(request));
    if (own) return send(own, undefined, outgoing);
    // Only the path is the visitor's to choose: an absolute address names no other origin.
    const asked = client.request(target, {
      agent, path: pathOf(incoming), method: incoming.method, setHost: false, headers: forward(incoming, request && wantsPage(request)),
    });
    asked.on("error", () => refuse(outgoing));
    asked.on("response", (answer) => {
      const pass = answer.statusCode === 200 && request ? bodyless(answer) : undefined;
      const work = pass && isPage(request, pass) ? change(request, answer, outgoing) : relay(answer, outgoing);
      work.catch(() => outgoing.destroy());
    });
    outgoing.on("close", () => outgoing.writableFinished || asked.destroy());
    pipeline(incoming, asked).catch(() => asked.destroy());
  };

  const change = async (request, answer, outgoing) => {
    const given = new Response(Readable.toWeb(answer), { status: answer.statusCode, headers: pairs(answer.rawHeaders) });
    await send(await worker.splice(request, given), answer.statusMessage, outgoing);
  };

  return http.createServer((incoming, outgoing) => void serve(incoming, outgoing).catch(() => outgoing.destroy()));
}

async function send(made, message, outgoing) {
  outgoing.writeHead(made.status, message, [...made.headers].flat());
  await pipeline(Readable.fromWeb(made.body), outgoing);
}

function pathOf({ url }) {
  if (url.startsWith("/") || url === "*") return url;
  const { pathname, search } = URL.canParse(url) ? new URL(url) : new URL("http://origin/");
  return pathname + search;
}

/* The visitor's request as the worker sees it; its body is not its business. */
function asRequest(incoming) {
  const scheme = /^https/i.test(incoming.headers["x-forwarded-proto"] ?? "") ? "https" : "http";
  const url = `${scheme}://${incoming.headers.host ?? "localhost"}${pathOf(incoming)}`;
  const { method } = incoming;
  try {
    return method === "GET" ? new Request(url, { method, headers: pairs(incoming.rawHeaders) }) : undefined;
  } catch {
    return undefined;
  }
}

/* The visitor's own headers; only a page is asked for in plain bytes. */
function forward(incoming, isPage) {
  const headers = endToEnd(incoming.rawHeaders).filter(([name]) => !isPage || name.toLowerCase() !== "accept-encoding");
  const before = incoming.headers["x-forwarded-for"];
  const set = (name, value) => {
    const others = headers.filter(([known]) => known.toLowerCase() !== name);
    headers.splice(0, headers.length, ...others, [name, value]);
  };
  if (isPage) set("accept-encoding", "identity");
  // Without it Node would write the body of a DELETE unframed, as if it were the next request.
  if (incoming.headers["transfer-encoding"]) set("transfer-encoding", "chunked");
  set("x-forwarded-for", [before, incoming.socket.remoteAddress].filter(Boolean).join(", "));
  if (!incoming.headers["x-forwarded-proto"]) set("x-forwarded-proto", "http");
  return headers.flat();
}

async function relay(answer, outgoing) {
  outgoing.writeHead(answer.statusCode, answer.statusMessage, endToEnd(answer.rawHeaders).flat());
  await pipeline(answer, outgoing);
}

/* Only what `isPage` looks at. */
const bodyless = (answer) => ({ status: answer.statusCode, headers: new Headers(pairs(answer.rawHeaders)), body: answer });

/** `[name, value]` of what concerns the message, in its order and spelling. */
function endToEnd(raw) {
  const all = [];
  for (let at = 0; at < raw.length; at += 2) all.push([raw[at], raw[at + 1]]);
  const named = all.filter(([name]) => name.toLowerCase() === "connection").flatMap(([, value]) => value.toLowerCase().split(","));
  const gone = new Set([...HOP_BY_HOP, ...named.map((name) => name.trim())]);
  return all.filter(([name]) => !gone.has(name.toLowerCase()));
}

const pairs = endToEnd;

function refuse(outgoing) {
  if (outgoing.headersSent) return outgoing.destroy();
  outgoing.writeHead(502, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }).end("The shop does not answer.\n");
}

async function main() {
  const text = (standard) => ({ type: "string", default: standard });
  const { values } = parseArgs({ options: {
    port: text("8081"), host: text("127.0.0.1"), origin: text("http://127.0.0.1:8080"), collector: text("http://127.0.0.1:8787"),
    site: text("demo"), pkg: text(undefined), marker: text(undefined), refresh: text(undefined), "path-prefix": text(undefined),
  } });
  const { port, host, refresh, "path-prefix": prefix, ...options } = values;
  for (const name of ["origin", "collector"]) {
    if (!/^https?:\/\//i.test(options[name]) || !URL.canParse(options[name])) throw new Error(`\`${options[name]}\` is no address for --${name}, such as http://127.0.0.1:8080`);
  }
  const isPort = (text) => /^\d{1,5}$/.test(text) && Number(text) < 65_536;
  if (!isPort(port)) throw new Error(`\`${port}\` is no port: give 0 to 65535`);
  if (refresh && !(Number(refresh) >= 1)) throw new Error(`\`${refresh}\` is no --refresh: give seconds, at least 1`);
  if (prefix && !/^(?:\/[A-Za-z0-9_-]+)+$/.test(prefix)) throw new Error(`\`${prefix}\` is no --path-prefix: write it as \`/v1\``);
  const server = await createServer({ ...options, prefix, ...(refresh && { refresh: Number(refresh) }) });
  server.on("error", (error) => fail(`the edge cannot listen: ${error.message}`));
  server.listen(Number(port), host, () => {
    const { address, family, port: taken } = server.address();
    console.log(JSON.stringify({ edge: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}` }));
  });
}

function fail(reason) {
  console.error(reason);
  process.exit(2);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main().catch((error) => fail(error.message));
