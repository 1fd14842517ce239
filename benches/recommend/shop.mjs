// A shop of 43,000 products and its log, made up: what the recommender is
// measured on. Never a real shop, and the same for the same seed.

export const ITEMS = 43_000;
const CATEGORIES = 320;
const BRANDS = 900;
const SESSIONS = 150_000;

const idOf = (at) => `p${(at * 2654435761 % 4294967296).toString(36)}`;
const categoryOf = (at) => `category ${at % CATEGORIES}`;
const brandOf = (at) => `brand ${Math.floor(at / 7) % BRANDS}`;
const priceOf = (at) => 5_000 + (at * 7919) % 195_000;

export const product = (at) => ({ id: idOf(at), category: categoryOf(at), brand: brandOf(at), price: priceOf(at) });

/** A few products are wanted by many. */
const wanted = (random) => Math.min(ITEMS - 1, Math.floor(ITEMS * random() ** 2.2));

/** One session: most clicks stay in the category, or come back. */
export function session(random) {
  const clicks = [wanted(random)];
  while (clicks.length < 20 && random() < 0.82) {
    const chance = random();
    const last = clicks.at(-1);
    if (chance < 0.1) clicks.push(clicks[Math.floor(random() * clicks.length)]);
    else if (chance < 0.85) clicks.push((last + CATEGORIES * Math.floor(1 + random() * 12)) % ITEMS);
    else clicks.push(wanted(random));
  }
  return clicks;
}

/** Session text; every product once, so that the model knows all. */
export function* log(random) {
  for (let at = 0; at + 1 < ITEMS; at += 2) yield `${idOf(at)} ${idOf(at + 1)}\n`;
  for (let made = 0; made < SESSIONS; made += 1) yield `${session(random).map(idOf).join(" ")}\n`;
}

/** A product feed. */
export function* feed() {
  yield "id\ttitle\tlink\timage_link\tprice\tsale_price\tavailability\tproduct_type\tbrand\n";
  for (let at = 0; at < ITEMS; at += 1) {
    const { id, category, brand, price } = product(at);
    const sale = at % 5 === 0 ? `${Math.floor(price * 0.8)} KRW` : "";
    yield `${id}\tProduct number ${at}\t/product/${id}\t/img/${id}.webp\t${price} KRW\t${sale}\t${at % 50 === 49 ? "out_of_stock" : "in_stock"}\t${category}\t${brand}\n`;
  }
}
