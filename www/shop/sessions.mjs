/**
 * A generated log of the shop, for training and demonstration: events as JSON lines, sorted by time, with carts and
 * purchases. Never real people, and never a different answer to the same seed.
 *
 *   node www/shop/sessions.mjs [--seed 1] [--visitors 3000]
 */

import { parseArgs } from "node:util";
import { inCategory, priceNow } from "./catalog.mjs";
import { generator } from "./generator.mjs";

/** How often a visit begins in a category; the shop is known for its shoes. */
const doors = { shoes: 34, bags: 20, belts: 5, trousers: 16, jackets: 14, accessories: 11 };

/**
 * Where people go when they leave a category. It is not symmetrical: after shoes one looks for a belt,
 * but who came for a belt seldom needs shoes.
 */
const paths = {
  shoes: { belts: 6, trousers: 2, accessories: 2, bags: 1 },
  bags: { accessories: 7, shoes: 2, jackets: 1 },
  belts: { trousers: 3, shoes: 1, accessories: 1 },
  trousers: { belts: 5, jackets: 4, shoes: 2 },
  jackets: { trousers: 3, accessories: 3, bags: 1 },
  accessories: { bags: 2, jackets: 2, shoes: 1 },
};

/** What people put into one basket, and how often: one dresses from the feet up. */
const pairs = {
  shoes: { belts: 3, accessories: 3, trousers: 1 },
  bags: { accessories: 5, shoes: 1 },
  belts: { trousers: 3, shoes: 2 },
  trousers: { belts: 6, jackets: 2, shoes: 1 },
  jackets: { accessories: 4, trousers: 2 },
  accessories: { jackets: 2, bags: 2 },
};

/**
 * The ways of shopping that the log is made of: how many of a hundred visitors, how often they come, how readily they
 * leave, search, fill a cart (a click), complete it, and buy it.
 */
const ways = {
  regular: { of: 22, visits: [2, 6], leave: 0.3, search: 0.05, fill: 0.16, complete: 0.5, buy: 0.6 },
  searching: { of: 30, visits: [1, 3], leave: 0.25, search: 0.9, fill: 0.1, complete: 0.4, buy: 0.35 },
  strolling: { of: 48, visits: [1, 2], leave: 0.11, search: 0.03, fill: 0.02, complete: 0.3, buy: 0.1 },
};

/** Where visits come from. */
const referrers = { "": 45, "https://search.naver.com/search.naver?query=%EB%A1%9C%ED%8D%BC": 25, "https://prod.danawa.com/": 18, "https://l.instagram.com/": 12 };

const shop = "https://maru.example";
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** The log covers a hundred days, which begin here. */
const start = Date.UTC(2026, 6, 1);
const span = 100 * day;

/** What the next click is, in shares of 1: the rest looks at another model of the same category. */
const chances = { again: 0.09, otherColour: 0.12, elsewhere: 0.24 };

/** A visit has 2 to 20 clicks: one click teaches nothing, and more than 20 is a robot's. */
const [fewest, most] = [2, 20];

/** One of `choices`, each as likely as `weightOf` says; `undefined` if there is none. */
function draw(random, choices, weightOf) {
  const total = choices.reduce((sum, choice) => sum + weightOf(choice), 0);
  let left = random() * total;
  return choices.find((choice) => (left -= weightOf(choice)) < 0) ?? choices.at(-1);
}

const drawKey = (random, weights) => draw(random, Object.keys(weights), (key) => weights[key]);

/** People dress in a tone: what fits the last item's tone and the visitor's own is three times as likely, each. */
const appeal = (product, tone, last) => product.weight ** 1.3 * (product.tone === tone ? 3 : 1) * (product.tone === last?.tone ? 3 : 1);

/** The clicks of one visit: products, the first seen first. */
function clicks(random, way, tone) {
  const pick = picker(random, tone);
  const seen = [pick(drawKey(random, doors))];
  while (seen.length < most) {
    const last = seen.at(-1);
    seen.push(follow(random, seen, pick) ?? pick(last.category, last, ({ id }) => id !== last.id));
    if (seen.length >= fewest && random() < way.leave) break;
  }
  return seen;
}

const picker = (random, tone) => (category, last, allowed = () => true) =>
  draw(random, inCategory(category).filter(allowed), (product) => appeal(product, tone, last));

/** What goes with a product: of a category that completes it, in its tone or the visitor's own. */
function companion(random, tone, product) {
  const other = drawKey(random, pairs[product.category]);
  return picker(random, tone)(other, product, ({ model }) => model !== product.model);
}

/** One visit as events. `tell(event, more)` notes one; the clock moves on with each page. */
function visit(random, way, { tone, tell, turn }) {
  const page = (path, referrer = shop) => {
    turn();
    tell("page_view", { url: shop + path, referrer });
  };
  const item = (product, quantity) => ({
    item_id: product.id, item_name: product.title.ko, item_category: product.category, item_brand: product.brand,
    price: priceNow(product), ...(quantity && { quantity }),
  });
  page("/", drawKey(random, referrers));
  const cart = [];
  const put = (product) => {
    // Whoever takes a model in another colour takes it instead, so one of each is enough.
    if (cart.some(({ model }) => model === product.model)) return;
    cart.push(product);
    tell("add_to_cart", { items: [item(product, 1)] });
  };
  for (const product of clicks(random, way, tone)) {
    if (random() < way.search / 3) {
      page(`/search?q=${product.kind}`);
      tell("search", { search_term: product.kind });
    }
    page(`/product/${product.id}`);
    tell("view_item", { items: [item(product)] });
    if (random() >= way.fill) continue;
    put(product);
    if (random() >= way.complete) continue;
    const other = companion(random, tone, product);
    page(`/product/${other.id}`);
    tell("view_item", { items: [item(other)] });
    put(other);
  }
  if (cart.length === 0 || random() >= way.buy) return;
  page("/cart");
  tell("purchase", {
    transaction_id: `T${Math.floor(random() * 1e12)}`,
    value: cart.reduce((sum, product) => sum + priceNow(product), 0),
    items: cart.map((product) => item(product, 1)),
  });
}

/** All that one visitor does, each event `[when, line]`. */
function life(random, name) {
  const way = ways[draw(random, Object.keys(ways), (key) => ways[key].of)];
  const tone = drawKey(random, { dark: 5, light: 3, earth: 4 });
  const events = [];
  let at = start + Math.floor(random() * span);
  const tell = (event, more) => events.push([at, JSON.stringify({ visitor: name, t: at, event, ...more })]);
  const turn = () => (at += Math.floor((0.2 + random() * 1.5) * minute));
  const [few, many] = way.visits;
  for (let left = few + Math.floor(random() * (many - few + 1)); left > 0; left -= 1) {
    visit(random, way, { tone, tell, turn });
    at += Math.floor((2 + random() * 200) * hour);
  }
  return events;
}

/** The click that is not simply the next model, or `undefined`. */
function follow(random, clicks, pick) {
  const last = clicks.at(-1);
  const chance = random();
  if (chance < chances.again) return draw(random, clicks.slice(0, -1), () => 1);
  if (chance < chances.again + chances.otherColour) return pick(last.category, last, ({ id, model }) => model === last.model && id !== last.id);
  if (chance < chances.again + chances.otherColour + chances.elsewhere) return pick(drawKey(random, paths[last.category]), last);
  return undefined;
}

function wholeNumber(text, name, least) {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) throw new Error(`--${name} is a whole number from ${least}, not \`${text}\``);
  return number;
}

function main() {
  const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, visitors: { type: "string", default: "3000" } } });
  const random = generator(wholeNumber(values.seed, "seed", 0));
  const count = wholeNumber(values.visitors, "visitors", 0);
  const events = [];
  for (let made = 0; made < count; made += 1) events.push(...life(random, `v${made}`));
  // The sort is stable: what one visitor does at once stays in its order.
  events.sort(([one], [other]) => one - other);
  process.stdout.write(events.map(([, line]) => `${line}\n`).join(""));
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 2));
try { main(); } catch (error) { console.error(error.message); process.exitCode = 2; }
