// The shelf's module as it is shipped, asked for rows of products: the same
// code in Node and in a page. It refuses to measure rows that are empty.
import { generator } from "../../www/shop/generator.mjs";
import { product, session } from "./shop.mjs";

const WARM = 300;
const CALLS = 2_000;
const LOADS = 15;
/** Of each row the quickest of so many counts, so that what else the machine does meanwhile does not. */
const TRIES = 5;
const utf8 = new TextEncoder();

/** Bytes as `engine/src/pack.rs` reads them. */
class Packed {
  bytes = [];
  number(value) {
    let left = BigInt(value);
    for (; left > 127n; left >>= 7n) this.bytes.push(Number(left & 127n) | 128);
    this.bytes.push(Number(left));
    return this;
  }
  text(text) {
    const bytes = utf8.encode(text);
    this.number(bytes.length).bytes.push(...bytes);
    return this;
  }
  list(entries, write) {
    this.number(entries.length);
    for (const entry of entries) write(entry);
    return this;
  }
}

/** The kinds of ranking by number, as `Ranking` packs them. */
export const KINDS = ["next", "bought_together", "recently_viewed", "popular", "back_in_reach"];

/** A strip's order, as `banner::strip::order` writes it: a visitor with a long past. */
function order(random, kind) {
  const products = session(random).concat(session(random)).slice(-32).map(product);
  const cart = session(random).slice(0, 3).map(product);
  const out = new Packed();
  out.text("Others chose").text("vt-inline").text("ko");
  out.text("KRW").number(0).text("₩").text("").text(",").text(".");
  const wish = new Packed();
  // Kind, count, what is excluded, at most three of a category; a pin, a ban, a boost.
  wish.number(kind).number(12).number(1).number(1).number(0).number(3);
  wish.list([product(5).id], (id) => wish.text(id));
  wish.list([[1, "category 7"], [2, "brand 9"]], ([of, name]) => wish.number(of).text(name));
  wish.list([[1, "category 11", 384]], ([of, name, factor]) => wish.number(of).text(name).number(factor));
  wish.number(0); // nothing stands in the place of an empty row
  out.number(wish.bytes.length).bytes.push(...wish.bytes);
  const item = ({ id, category, brand, price }) =>
    out.text(id).text("").text(category).text(brand).number(0).number(price * 2).number(1);
  const leanings = (names) => {
    out.list(names.slice(0, 24), (name) => out.text(name).number(4)); // 1, zigzag and whole
    out.number(1_700_000_000_000);
  };
  out.list(products, item);
  out.list(cart.map(({ id }) => id), (id) => out.text(id));
  out.list(cart, item);
  out.list([product(3).id], (id) => out.text(id));
  leanings([...new Set(products.map(({ category }) => category))]);
  leanings([...new Set(products.map(({ brand }) => brand))]);
  out.number(1_700_000_600_000).number(14 * 86_400_000).number(0);
  out.text("price_comparison").text("/list/shoes").text("/").text("keyword").text("term");
  return Uint8Array.from(out.bytes);
}

async function shelf(module) {
  let answer = 0;
  const instance = await WebAssembly.instantiate(module, { hands: { give: (at, length) => { answer = length; }, want: () => {} } });
  const { memory, room, stock, draw } = instance.exports;
  const put = (bytes) => {
    const at = room(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, at);
  };
  return {
    load: (model) => { put(model); return stock(); },
    row: (bytes) => { put(bytes); draw(); return answer; },
    held: () => memory.buffer.byteLength,
  };
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Microseconds of a row of each kind, bytes of memory, milliseconds of a load. */
export async function measure(wasm, large, small) {
  const module = await WebAssembly.compile(wasm);
  const loads = [];
  for (let turn = 0; turn < LOADS; turn += 1) {
    const fresh = await shelf(module);
    const began = performance.now();
    if (fresh.load(small) !== 0) throw new Error("the small model is refused");
    loads.push(performance.now() - began);
  }
  loads.sort((a, b) => a - b);
  const goods = await shelf(module);
  if (goods.load(large) !== 0) throw new Error("the large model is refused");
  const random = generator(17);
  const rows = {};
  let held;
  for (const [number, kind] of KINDS.entries()) {
    const times = [];
    let empty = 0;
    for (let call = 0; call < WARM + CALLS; call += 1) {
      const bytes = order(random, number);
      let took = Infinity;
      let length = 0;
      for (let turn = 0; turn < TRIES; turn += 1) {
        const began = performance.now();
        length = goods.row(bytes);
        took = Math.min(took, performance.now() - began);
      }
      if (length === 0) empty += 1;
      if (call >= WARM) times.push(took * 1000);
      // After the first rows nothing grows any more.
      if (number === 0 && call === WARM) held = goods.held();
    }
    // Nothing may have become cheaper, or all of what was viewed lie in the cart.
    if (kind !== "back_in_reach" && empty > CALLS / 20) throw new Error(`${empty} rows of kind ${kind} are empty`);
    times.sort((a, b) => a - b);
    rows[kind] = { median: at(times, 0.5), p99: at(times, 0.99), most: times.at(-1) };
  }
  return { rows, held, after: goods.held(), load: { least: loads[0], median: at(loads, 0.5) } };
}
