// The edge in front of the shop: Node's adapter and Cloudflare's runtime, on
// real sockets; then a real browser that adopts what the edge drew.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openHouse, until } from "./support/house.mjs";
import { raw } from "./support/raw.mjs";
import { root, startEdge } from "./support/servers.mjs";
import { startWorkerd } from "./support/workerd.mjs";

const MARKER = "<!--vitrine:bar-->";
const HALF_AN_HOUR = 31 * 60_000;
const SEARCH = "https://search.naver.com/search?query=%22%3E%3Cscript%3E";
const pkg = join(root, "pkg");

// The demo's rules, without holdouts: each of these visitors must get a bar.
const folder = await mkdtemp(join(tmpdir(), "vitrine-edge-"));
after(() => rm(folder, { recursive: true, force: true }));
const rules = join(folder, "rules.json");
const published = await readFile(join(root, "www/shop/rules.json"), "utf8");
await writeFile(rules, published.replaceAll(/"holdout": [\d.]+,/g, ""));
const house = await openHouse({ after }, { rules, edge: true });

/* An origin that does everything that an origin may. */
const page = (body) => `<!doctype html>\n<html lang="en">\n<head><title>T</title></head><body>${body}</body></html>`;
const html = { "content-type": "text/html; charset=utf-8" };
const pause = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));
const aborted = [];
const answers = {
  "/no-marker": (answer) => answer.writeHead(200, html).end(page("nothing here")),
  "/zipped": (answer) => answer.writeHead(200, { ...html, "content-encoding": "gzip" }).end(gzipSync(page(MARKER))),
  "/json": (answer) => answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(MARKER)),
  "/gone": (answer) => answer.writeHead(404, html).end(page(MARKER)),
  "/broken": (answer) => answer.writeHead(500, { ...html, "x-odd": ["one", "two"] }).end(page(MARKER)),
  "/moved": (answer) => answer.writeHead(302, { ...html, location: "/elsewhere" }).end(page(MARKER)),
  "/kept": (answer) => answer.writeHead(304, { etag: '"1"' }).end(),
  "/sealed": (answer) => answer.writeHead(200, { ...html, "cache-control": "no-transform" }).end(page(MARKER)),
  "/deep": (answer) => answer.writeHead(200, html).end(page("x".repeat(70_000) + MARKER)),
  "/empty": (answer) => answer.writeHead(200, html).end(),
  "/cookies": (answer) => answer.writeHead(200, { "content-type": "text/plain", "set-cookie": ["a=1", "b=2; Path=/"] }).end("x"),
  "/posted": async (answer, request) => answer.writeHead(200, html).end(page(request.method + MARKER + (await request.toArray()).join(""))),
  "/euc-kr": (answer) => answer.writeHead(200, { "content-type": "text/html; charset=EUC-KR" }).end(page(MARKER)),
  "/late": async (answer) => {
    answer.writeHead(200, html).write(page("").slice(0, 60));
    await pause(700);
    answer.end(MARKER + "x".repeat(100_000));
  },
  "/pieces": async (answer) => {
    answer.writeHead(200, html);
    const bytes = Buffer.from(page(`${MARKER}<p>가나다</p>`));
    for (let at = 0; at < bytes.length; at += 5) {
      answer.write(bytes.subarray(at, at + 5));
      await new Promise(setImmediate);
    }
    answer.end();
  },
  "/whole": (answer) => answer.writeHead(200, {
    ...html, etag: '"1"', "last-modified": "Sat, 21 Nov 2026 00:00:00 GMT", "cache-control": "public, max-age=600", "content-length": page(MARKER).length,
  }).end(page(MARKER)),
  "/drip": (answer) => {
    answer.writeHead(200, html).write(page(MARKER));
    const drop = setInterval(() => answer.write("x".repeat(1000)), 20);
    answer.on("close", () => { clearInterval(drop); aborted.push("drip"); });
  },
};
const origin = createServer((request, answer) => (answers[request.url] ?? answers["/no-marker"])(answer, request));
await new Promise((listening) => origin.listen(0, "127.0.0.1", listening));
after(() => { origin.close(); origin.closeAllConnections(); });
const originAddress = `http://127.0.0.1:${origin.address().port}`;

/** The spliced element, and the page without it. */
function cut(text) {
  const found = /<div data-vitrine-edge="([^"]*)" data-vitrine="[^"]*"><template shadowrootmode="open">.*?<\/template><\/div>/s.exec(text);
  return { element: found?.[0], note: found?.[1], rest: found ? text.replace(found[0], "") : text };
}
const header = ({ headers }, name) => headers.filter(([known]) => known === name).map(([, value]) => value).join(", ");
const stays = ([name]) => !["date", "connection", "keep-alive", "transfer-encoding", "server"].includes(name);
const inOrder = (headers) => headers.filter(stays).sort(([a, b], [c, d]) => `${a}: ${b}`.localeCompare(`${c}: ${d}`));

const hosts = {
  "Node": (at) => startEdge({ origin: at, collector: house.collector.address }),
  "workerd": (at) => startWorkerd({ origin: at, collector: house.collector.address }),
};

for (const [name, start] of Object.entries(hosts)) describe(`at the edge, in ${name}`, () => {
  let shop;
  let hostile;
  before(async () => {
    [shop, hostile] = [await start(house.shop.address), await start(originAddress)];
    await until("the edge has its plan", async () => cut((await raw(shop.address, "/")).body.toString()).element);
    await until("the edge has its plan", async () => cut((await raw(hostile.address, "/whole")).body.toString()).element);
  });
  after(async () => { await shop?.stop(); await hostile?.stop(); });

  test("a visitor from a search gets the bar in the streamed page, and the page is otherwise the shop's own", async () => {
    const plain = (await raw(house.shop.address, "/en/")).body.toString();
    const answer = await raw(shop.address, "/en/", { headers: [`Referer: ${SEARCH}`, "Sec-Purpose: prefetch;prerender"] });
    const { element, note, rest } = cut(answer.body.toString());
    assert.equal(rest, plain);
    assert.match(element, /Looking for “&quot;&gt;&lt;script&gt;”\?/);
    assert.match(note, /^search-answer found [0-9a-f]{16} else random 0 \d+ \d+ \d+$/);
    assert.equal(answer.body.toString().indexOf(element), plain.indexOf(MARKER) + MARKER.length);
    assert.doesNotMatch(element, /style=|<style|<script|onclick/);
    assert.equal(header(answer, "cache-control"), "private, no-cache");
    const [, sheet] = /<link rel="stylesheet" href="([^"]+)"/.exec(element);
    assert.equal(header(answer, "link"), `<${sheet}>; rel=preload; as=style`);
    const style = await raw(shop.address, sheet);
    assert.equal(style.status, 200);
    assert.match(header(style, "content-type"), /^text\/css/);
    assert.match(header(style, "cache-control"), /immutable/);
    assert.match(style.body.toString(), /\.vt-bar/);
    assert.match(cut((await raw(shop.address, "/")).body.toString()).element, /lang="ko"/);
  });

  test("a preview passes through: it shows a draft, and not what is published", async () => {
    const address = "/en/?vitrine-preview=0123456789abcdef0123456789abcdef";
    const answer = await raw(shop.address, address, { headers: [`Referer: ${SEARCH}`] });
    assert.equal(answer.body.toString(), (await raw(house.shop.address, address)).body.toString());
  });

  test("what is no whole page in plain bytes passes unchanged", async () => {
    for (const path of ["/no-marker", "/zipped", "/json", "/gone", "/broken", "/moved", "/kept", "/sealed", "/deep", "/late", "/empty", "/cookies"]) {
      const headers = ["Accept-Encoding: gzip"];
      const [direct, through] = [await raw(originAddress, path, { headers }), await raw(hostile.address, path, { headers })];
      assert.equal(through.status, direct.status, path);
      assert.ok(through.body.equals(direct.body), path);
      assert.deepEqual(inOrder(through.headers), inOrder(direct.headers), path);
    }
    for (const method of ["POST", "HEAD"]) {
      const asked = { method, body: method === "POST" ? "given" : "" };
      const [direct, through] = [await raw(originAddress, "/posted", asked), await raw(hostile.address, "/posted", asked)];
      assert.deepEqual([through.status, through.body.toString()], [direct.status, direct.body.toString()], method);
    }
  });

  test("a page that stalls before its marker is not held back", async () => {
    const { hostname, port } = new URL(hostile.address);
    const socket = connect(Number(port), hostname);
    const begun = Date.now();
    socket.write(`GET /late HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    await until("the first bytes are there", () => socket.read()?.includes("<!doctype"), { everyMs: 5 });
    assert.ok(Date.now() - begun < 600, `${Date.now() - begun} ms`);
    socket.destroy();
  });

  test("a marker in pieces is found, and what describes the old bytes is gone", async () => {
    const pieces = cut((await raw(hostile.address, "/pieces")).body.toString());
    assert.ok(pieces.element);
    assert.equal(pieces.rest, page(`${MARKER}<p>가나다</p>`));
    const whole = await raw(hostile.address, "/whole");
    assert.equal(cut(whole.body.toString()).rest, page(MARKER));
    assert.equal(header(whole, "etag") + header(whole, "last-modified"), "");
    assert.ok([String(whole.body.length), ""].includes(header(whole, "content-length")));
    assert.equal(header(whole, "cache-control"), "private, no-cache");
  });

  test("a page in another encoding gets its letters by number", async () => {
    const answer = await raw(hostile.address, "/euc-kr", { headers: ["Referer: https://search.naver.com/search?query=%EC%8B%A0%EB%B0%9C"] });
    assert.match(cut(answer.body.toString()).element, /Looking for &#8220;&#49888;&#48156;&#8221;\?/);
  });

  test("a visitor who leaves is not read on for", async () => {
    const { hostname, port } = new URL(hostile.address);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /drip HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    await once(socket, "data");
    const before = aborted.length;
    socket.destroy();
    await until("the origin is let go", () => aborted.length > before);
  });

  test("a cookie that is no digest is not kept alive, nor one in the middle of a visit believed", async () => {
    for (const cookie of ["vitrine_demo=AAAA", `vitrine_demo=${"A".repeat(512)}`, `vitrine_demo=${"A".repeat(600)}`, "vitrine_demo=;;=\"", "x=vitrine_demo=AA"]) {
      const answer = await raw(shop.address, "/", { headers: [`Cookie: ${cookie}`] });
      assert.ok(cut(answer.body.toString()).element, cookie);
      assert.equal(header(answer, "set-cookie"), "", cookie);
      const inside = await raw(shop.address, "/", { headers: [`Cookie: ${cookie}`, `Referer: ${shop.address}/list/bags`] });
      assert.equal(cut(inside.body.toString()).element, undefined, cookie);
    }
  });
});

test("in Node, nobody reaches another host through the edge, nor hides a request in another's body", async () => {
  const edge = await startEdge({ origin: originAddress, collector: house.collector.address });
  try {
    const far = await raw(edge.address, "http://example.invalid/json");
    assert.deepEqual([far.status, far.body.toString()], [200, JSON.stringify(MARKER)]);
    assert.match((await raw(edge.address, "//example.invalid/json")).body.toString(), /nothing here/);
    const hidden = "GET /json HTTP/1.1\r\nHost: x\r\n\r\n";
    const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
    for (const method of ["DELETE", "GET", "POST"]) {
      const answer = await raw(edge.address, "/posted", { method, headers: ["Transfer-Encoding: chunked"], chunk });
      assert.ok(cut(answer.body.toString()).rest.includes(page(method + MARKER + hidden)), method);
    }
    const away = await startEdge({ origin: "http://127.0.0.1:9", collector: house.collector.address });
    try { assert.equal((await raw(away.address, "/")).status, 502); } finally { await away.stop(); }
  } finally {
    await edge.stop();
  }
});

test("a module that traps lets every page through, and a plan that is broken does not take the good one's place", async () => {
  const { default: binaryen } = await import("binaryen");
  const broken = join(folder, "pkg");
  await cp(pkg, broken, { recursive: true });
  const wasm = binaryen.readBinary(await readFile(join(pkg, "vitrine_edge_bg.wasm")));
  const inner = binaryen.getFunctionInfo(wasm.getFunction(binaryen.getExportInfo(wasm.getExport("edge_decide")).value));
  wasm.removeFunction(inner.name);
  wasm.addFunction(inner.name, inner.params, inner.results, [], wasm.unreachable());
  await writeFile(join(broken, "vitrine_edge_bg.wasm"), wasm.emitBinary());
  const trapping = await startEdge({ origin: house.shop.address, collector: house.collector.address, words: ["--pkg", broken] });
  try {
    const plain = (await raw(house.shop.address, "/")).body;
    for (let time = 0; time < 5; time += 1) assert.ok((await raw(trapping.address, "/")).body.equals(plain));
    assert.match(trapping.log(), /the module stopped \(unreachable\)/);
  } finally {
    await trapping.stop();
  }

  const name = JSON.parse((await raw(house.collector.address, "/v1/demo/plan")).body.toString()).plan;
  const plan = (await raw(house.collector.address, `/v1/demo/plan/${name}`)).body;
  let served = { plan: "0bad", bytes: Buffer.from("no plan at all") };
  const collector = createServer((request, answer) => {
    if (request.url === "/v1/demo/plan") answer.end(JSON.stringify({ plan: served.plan }));
    else if (request.url === `/v1/demo/plan/${served.plan}`) answer.end(served.bytes);
    else answer.writeHead(404).end();
  });
  await new Promise((listening) => collector.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${collector.address().port}`;
  const edge = await startEdge({ origin: house.shop.address, collector: address, words: ["--refresh", "1"] });
  const bar = async () => cut((await raw(edge.address, "/")).body.toString()).element;
  try {
    assert.equal(await bar(), undefined);
    served = { plan: name, bytes: plan };
    await until("a good plan is taken", bar);
    served = { plan: "0bad", bytes: plan.subarray(0, -1) };
    for (const end = Date.now() + 2500; Date.now() < end; await pause(100)) assert.ok(await bar());
    assert.match(edge.log(), /is damaged/);
  } finally {
    await edge.stop();
    collector.close();
    collector.closeAllConnections();
  }
});

describe("in a browser", () => {
  // A clock that the story moves, for the edge and for the page alike.
  let ahead = 0;
  let edge;
  let home;
  before(async () => {
    const { createServer: serve } = await import(join(root, "www/edge/node.mjs"));
    edge = await serve({ origin: house.shop.address, collector: house.collector.address, site: "demo", pkg, now: () => Date.now() + ahead });
    await new Promise((listening) => edge.listen(0, "127.0.0.1", listening));
    home = `http://127.0.0.1:${edge.address().port}`;
  });
  after(() => { edge.close(); edge.closeAllConnections(); });

  // Before any script of the page: the clock, the first host, every shift.
  const watch = (ahead) => {
    const clock = Date.now;
    Date.now = () => clock() + ahead;
    window.shifts = 0;
    window.hosts = new Set();
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shifts += entry.value))).observe({ type: "layout-shift", buffered: true });
    new MutationObserver(() => document.querySelectorAll("[data-vitrine^='w'], [data-vitrine^='search']").forEach((host) => window.hosts.add(host)))
      .observe(document, { subtree: true, childList: true, attributes: true });
  };
  const visit = async (visitor, path, options) => {
    await visitor.page.addInitScript(watch, ahead);
    const answer = await visitor.page.goto(home + path, options);
    const { note } = cut(await answer.text());
    await until("the page took the bar over", () => visitor.page.evaluate(() => !document.querySelector("[data-vitrine-edge]") && document.querySelector("[data-vitrine]")));
    const seen = await visitor.page.evaluate(() => ({ standing: [...document.querySelectorAll("[data-vitrine]")].map((host) => host.dataset.vitrine), hosts: window.hosts.size, shifts: window.shifts }));
    return { note, ...seen };
  };
  // A report that saw no answer is sent again under its id, and counts once.
  const counts = (visitor) => {
    const posted = visitor.sent.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body));
    const reports = new Map(posted.map((report) => [report.id, report]));
    return [...reports.values()].flatMap(({ campaign, counts }) => counts.map((count) => ({ campaign, ...count })));
  };
  const sum = (visitor, campaign, what) =>
    counts(visitor).filter((count) => count.campaign === campaign).reduce((all, count) => all + Number(count[what]), 0);

  test("without a script the bar stands there", async () => {
    const visitor = await house.visitor({ javaScriptEnabled: false });
    await visitor.page.goto(`${home}/`);
    await visitor.page.locator(".vt-bar .vt-title").waitFor();
    await visitor.close();
  });

  test("the page adopts the edge's bar: drawn once, due once, shown once; and at the next visit the edge knows the visitor", async () => {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 800 }]) {
      ahead = 0;
      const visitor = await house.visitor({ viewport });
      const first = await visit(visitor, "/en/", { referer: "https://search.naver.com/search?query=shoes" });
      const [campaign, message, , , , , , , seed] = first.note.split(" ");
      assert.deepEqual(first, { ...first, standing: [`${campaign} ${message}`], hosts: 1, shifts: 0 });
      assert.equal(campaign, "search-answer");
      await visitor.page.locator("[data-answer=count]").click();
      await until("the counts left", () => sum(visitor, campaign, "shown"));
      await visitor.page.reload();
      await pause(1500);
      assert.deepEqual(["visitors", "due", "shown"].map((what) => sum(visitor, campaign, what)), [1, 1, 1]);
      assert.ok(counts(visitor).every((count) => count.campaign !== campaign || count.message === message));
      const known = await visitor.context.cookies();
      assert.ok(known.find(({ name }) => name === "vitrine_demo").value.length <= 512);

      // Half an hour later they are no stranger: another bar, the same seed.
      ahead = HALF_AN_HOUR;
      const again = await visit(visitor, "/en/");
      const words = again.note.split(" ");
      assert.deepEqual([words[0], words[8]], ["welcome-back", seed]);
      assert.deepEqual(again, { ...again, standing: [`${words[0]} ${words[1]}`], hosts: 1, shifts: 0 });
      await until("the counts left", () => sum(visitor, "welcome-back", "shown"));
      await pause(1200);
      assert.deepEqual(["visitors", "due", "shown"].map((what) => sum(visitor, "welcome-back", what)), [1, 1, 1]);

      // Seen once a visit: the next page has none, and the cookie was kept alive for a year.
      const cookie = `vitrine_demo=${(await visitor.context.cookies()).find(({ name }) => name === "vitrine_demo").value}`;
      const quiet = await raw(home, "/en/", { headers: [`Cookie: other=1; ${cookie}`] });
      assert.equal(cut(quiet.body.toString()).element, undefined);
      assert.match(header(quiet, "set-cookie"), new RegExp(`^${cookie}; Path=/; SameSite=Lax; Max-Age=31536000$`));
      assert.match(header(await raw(home, "/en/", { headers: [`Cookie: ${cookie}`, "X-Forwarded-Proto: https"] }), "set-cookie"), /; Secure$/);
      assert.equal(header(await raw(home, "/en/", { headers: [`Cookie: ${cookie}`, "Sec-GPC: 1"] }), "set-cookie"), "");
      assert.deepEqual([visitor.errors, visitor.violations], [[], []]);
      await visitor.close();
    }
  });

  test("the books hold one visitor an arm, as the browsers sent them", async () => {
    const results = await raw(house.collector.address, "/v1/demo/results", { headers: [`Authorization: Bearer ${house.ownerKey}`] });
    const { campaigns } = JSON.parse(results.body.toString());
    for (const name of ["search-answer", "welcome-back"]) {
      const { messages } = campaigns.find(({ campaign }) => campaign === name);
      const total = (what) => messages.reduce((all, message) => all + Number(message[what]), 0);
      assert.deepEqual([total("visitors"), total("due"), total("shown")], [2, 2, 2], name);
    }
  });
});

test("in Node, what cannot be is refused in a sentence, and a collector that is away is named", async () => {
  for (const [words, sentence] of [
    [["--port", "x"], /`x` is no port/], [["--port", "70000"], /`70000` is no port/], [["--refresh", "soon"], /`soon` is no --refresh/],
    [["--path-prefix", "v1"], /`v1` is no --path-prefix: write it as `\/v1`/], [["--origin", "shop"], /`shop` is no address for --origin/],
  ]) {
    await assert.rejects(startEdge({ origin: house.shop.address, collector: house.collector.address, words }), (error) => sentence.test(error.message) && /ended with code 2/.test(error.message));
  }
  const lonely = await startEdge({ origin: house.shop.address, collector: "http://127.0.0.1:59999" });
  try {
    assert.equal((await raw(lonely.address, "/")).status, 200);
    await house.until("the sentence is said", () => /http:\/\/127\.0\.0\.1:59999\/v1\/demo\/\w+ does not answer \(ECONNREFUSED\); pages pass/.test(lonely.log()));
  } finally {
    await lonely.stop();
  }
});
