// An ear at the door of a server: everything passes through it unchanged, but
// for one script more at the top of each page, which tells what the page says,
// throws and is forbidden. So two browsers with different protocols are heard
// alike. It never answers in a server's place, unless a test asks for trouble.
import { Agent, createServer, request } from "node:http";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";

const HEARD = "/ear/heard";
const SCRIPT = "/ear/script.js";
// A kept connection may be closed by the server just when the next request takes it.
const agent = new Agent({ keepAlive: false });
const script = await readFile(fileURLToPath(new URL("ear.page.js", import.meta.url)), "utf8");

/**
 * Listens at the door of `target`. `hear(note)` gets what a page told, `pass(entry)`
 * each request as `{ method, url, path, origin, headers, body, status }`, `status` once
 * there is an answer; it may take its time, and what it gives goes out instead:
 * `{ status, type, bytes }`, or nothing at all for `"gone"`. `first` is a script that every page runs before any other, `policy`
 * changes the pages' content security policy. Gives `{ address, close() }`.
 */
export async function listenAt(target, { hear = () => {}, pass = () => {}, first = "", policy = (text) => text } = {}) {
  const server = createServer(async (asked, answer) => {
    const pieces = [];
    for await (const piece of asked) pieces.push(piece);
    const body = Buffer.concat(pieces);
    if (asked.url === HEARD) {
      for (const note of JSON.parse(body)) hear(note);
      answer.writeHead(204).end();
    } else if (asked.url === SCRIPT) {
      answer.writeHead(200, { "Content-Type": "text/javascript", "Cache-Control": "no-store" }).end(`${script}\n;${first}`);
    } else {
      await forward(asked, body, answer);
    }
  });
  const forward = async (asked, body, answer) => {
    const entry = {
      method: asked.method, url: `${target}${asked.url}`, path: asked.url.replace(/\?.*/, ""),
      origin: asked.headers.origin ?? origin(asked.headers.referer), headers: asked.headers, body: body.length > 0 ? body.toString() : undefined, status: undefined,
    };
    const trouble = await pass(entry);
    if (trouble === "gone") { answer.destroy(); return; }
    if (trouble) {
      entry.status = trouble.status;
      answer.writeHead(trouble.status, { "Access-Control-Allow-Origin": "*", "Content-Type": trouble.type ?? "text/plain" }).end(trouble.bytes ?? "");
      return;
    }
    const headers = { ...asked.headers, "accept-encoding": "identity" };
    const onward = request(`${target}${asked.url}`, { method: asked.method, headers, agent }, async (got) => {
      entry.status = got.statusCode;
      const isPage = /^text\/html/.test(got.headers["content-type"] ?? "") && got.statusCode !== 304;
      if (!isPage) {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
        return;
      }
      const parts = [];
      try { for await (const part of got) parts.push(part); } catch { answer.destroy(); return; }
      const page = Buffer.concat(parts).toString().replace(/<head[^>]*>/, (head) => `${head}<script src="${SCRIPT}"></script>`);
      const { "content-length": _, "transfer-encoding": __, ...kept } = got.headers;
      if (kept["content-security-policy"]) kept["content-security-policy"] = policy(kept["content-security-policy"]);
      answer.writeHead(got.statusCode, { ...kept, "content-length": Buffer.byteLength(page) }).end(page);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    onward.end(body);
  };
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => new Promise((done) => { server.close(done); server.closeAllConnections(); });
  return { address: `http://127.0.0.1:${server.address().port}`, close };
}

const origin = (referer) => (referer ? new URL(referer).origin : undefined);
