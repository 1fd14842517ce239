// A page without a browser: the hands of the module that is shipped, on a clock
// that only the test moves. It stands in for a browser, never for the engine.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../stories/support/servers.mjs";

const SEPARATOR = "\x1f";
const PERSISTENT = 2;
const [REPORTS, DEBUG] = [1, 4];
/** Tasks of the network, as `src/page/body/loading.rs` counts them. */
const [POINTER, PLAN, ODDS, MODEL] = [0, 1, 2, 3];
const NOTHING_CAME = 9;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const pack = (...texts) => encoder.encode(texts.join(SEPARATOR));

/** A body of `pkg/`, compiled: `page` or `page_full`. */
export const compiled = async (name) =>
  WebAssembly.compile(await readFile(join(root, "pkg", `vitrine_${name}_bg.wasm`)));

/**
 * A device with one page open at a time. `plan`: sealed bytes; `random`: 64 bits
 * a call. What the module told, stored, sent and drew stays readable.
 */
export class Device {
  now = 0;
  stored = new Map();
  told = { observed: [], decided: [] };
  sent = [];
  /** The messages that stand: their key, as the module names it. */
  standing = new Set();
  /** Whether the page is parsed, and what an edge wrote into it. */
  isParsed = true;
  mark = "";
  drawn = [];
  #timers = [];
  #body;
  #asked = [];

  constructor(module, plan, random) {
    Object.assign(this, { module, plan, random });
  }

  /** Opens an address; `from` is the referrer. */
  open(address, from, { width, agent, language }) {
    Object.assign(this, { address, from, width, agent, language });
    this.standing.clear();
    this.#timers = [];
    const { exports } = new WebAssembly.Instance(this.module, { hands: this.#hands() });
    this.#body = exports;
    this.#give(pack("demo", "https://count.example/v1"));
    exports.start(PERSISTENT, REPORTS | DEBUG, this.now);
    this.#answerAll();
  }

  /** Moves the clock, and does on the way what the module has timers for. */
  pass(time) {
    const end = this.now + time;
    for (;;) {
      const due = this.#timers.map((at, which) => [at, which]).filter(([at]) => at <= end).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      if (!due.length) break;
      const [[at, which]] = due;
      this.now = Math.max(this.now, at);
      this.#timers[which] = undefined;
      this.#body.tick(which);
      this.#answerAll();
    }
    this.now = end;
  }

  /** A call of the page: its name, texts, numbers. */
  call(name, texts, numbers) {
    this.#give([...new Uint8Array(new Float64Array(numbers).buffer), ...pack(name, ...texts)]);
    this.#body.call(numbers.length, this.now);
    this.#answerAll();
  }

  /** Something happened to a message, or the page gave a sign. */
  happened(words) {
    this.#give(pack(words));
    this.#body.happened();
    this.#answerAll();
  }

  /** The page is parsed, with what an edge wrote into it. */
  parsed(mark) {
    Object.assign(this, { mark, isParsed: true });
    this.#body.tick(2);
    this.#answerAll();
  }

  leave() {
    this.#body.leave();
    this.#answerAll();
  }

  #give(bytes) {
    const at = this.#body.room(bytes.length);
    new Uint8Array(this.#body.memory.buffer).set(bytes, at);
  }

  #answerAll() {
    while (this.#asked.length) {
      const [task, url] = this.#asked.shift();
      const bytes = task === POINTER ? encoder.encode('{"plan":"00"}') : task === PLAN ? this.plan : new Uint8Array();
      this.#give(bytes);
      const status = task === MODEL ? NOTHING_CAME : task === ODDS ? 404 : url.endsWith("/reports") ? 204 : 200;
      this.#body.answer(task, status);
    }
  }

  #hands() {
    const bytes = (at, length) => new Uint8Array(this.#body.memory.buffer, at, length).slice();
    const spoken = (count, work) => (...given) => {
      const texts = [];
      while (texts.length < count) texts.push(decoder.decode(bytes(...given.splice(0, 2))));
      return work(...texts, ...given);
    };
    const give = (what) => this.#give(what);
    return {
      now: () => this.now,
      random: () => this.random(),
      here: () => give(pack(this.address, this.from, this.language, this.width, this.agent)),
      say: () => {},
      reply: () => {},
      hand_over: () => {},
      tell: spoken(1, (texts) => {
        const [name, line] = texts.split(SEPARATOR);
        this.told[name]?.push(line);
      }),
      read: spoken(1, (key, area) => give(this.stored.get(area + key) ?? new Uint8Array())),
      write: spoken(1, (key, at, length, area) => void this.stored.set(area + key, bytes(at, length))),
      cookie: () => {},
      send: spoken(2, (url, text, task) => {
        if (text) this.sent.push(text);
        this.#asked.push([task, url]);
      }),
      stock: spoken(1, (url, task) => void this.#asked.push([task, url])),
      draw: () => give(new Uint8Array()),
      beacon: spoken(2, (_, text) => !!this.sent.push(text)),
      timer: (which, after) => void (this.#timers[which] = after < 0 ? undefined : this.now + after),
      has: () => 1,
      is_parsed: () => (this.isParsed ? 1 : 0),
      edge_mark: () => give(pack(this.mark)),
      mount: spoken(3, (key, markup) => {
        this.standing.add(key);
        this.drawn.push(markup);
        return 0;
      }),
      unmount: spoken(1, (key) => void this.standing.delete(key)),
      watch: () => {},
      clear_edge: () => {},
    };
  }
}
