// HTTP as it lies on the wire. It never follows, decompresses or tidies up.
import { connect } from "node:net";

/**
 * Asks `address + path` over a socket of its own. Gives `{ status, headers, body }`:
 * `headers` as `[lower-case name, value]` in their order, `body` as bytes, only its
 * chunks joined. `headers` given are lines; `chunk` is a body as it lies on the wire.
 */
export function raw(address, path, { method = "GET", headers = [], body = "", chunk = "" } = {}) {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, "Connection: close", ...headers];
  if (body) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}${chunk}`);
  let bytes = Buffer.alloc(0);
  const answer = new Promise((found, failed) => {
    socket.on("error", failed);
    socket.on("close", () => failed(new Error(`${method} ${path}: the answer ends too soon`)));
    socket.on("data", (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      const whole = parse(bytes, method);
      if (whole) found(whole);
    });
    socket.on("end", () => {
      const whole = parse(bytes, method, true);
      if (whole) found(whole);
    });
  });
  return answer.finally(() => socket.destroy());
}

/** The answer, once it is whole; some runtimes keep the connection all the same. */
function parse(bytes, method, hasEnded = false) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
  const value = (name) => headers.find(([known]) => known === name)?.[1];
  const status = Number(first.split(" ")[1]);
  const rest = bytes.subarray(end + 4);
  if (method === "HEAD" || status === 304 || status === 204) return { status, headers, body: Buffer.alloc(0) };
  if (value("transfer-encoding") === "chunked") {
    const body = unchunk(rest);
    return body && { status, headers, body };
  }
  const length = value("content-length");
  const isWhole = length === undefined ? hasEnded : rest.length >= Number(length);
  return isWhole ? { status, headers, body: rest } : undefined;
}

/** The body without its chunks; nothing before the last chunk has come. */
function unchunk(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n", at);
    const length = parseInt(bytes.subarray(at, end).toString("latin1"), 16);
    if (end < 0 || end + 2 + length > bytes.length) return undefined;
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 4 + length;
  }
  return undefined;
}
