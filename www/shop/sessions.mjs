/**
 * Generated browsing sessions, for training and demonstration. Never real people, and never a different
 * answer to the same seed: one session a line, item ids oldest first, separated by single spaces.
 *
 *   node www/shop/sessions.mjs [--seed 1] [--sessions 4000]
 */

import { parseArgs } from "node:util";
import { inCategory } from "./catalog.mjs";

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

/** What the next click is, in shares of 1: the rest looks at another model of the same category. */
const chances = { again: 0.09, otherColour: 0.12, elsewhere: 0.24, leave: 0.2 };

/** A session has 2 to 20 clicks: one click teaches nothing, and more than 20 is a robot's. */
const [fewest, most] = [2, 20];

/** mulberry32: 32 bits of state, numbers in [0, 1). Small, well mixed, and the same on every machine. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One of `choices`, each as likely as `weightOf` says; `undefined` if there is none. */
function draw(random, choices, weightOf) {
  const total = choices.reduce((sum, choice) => sum + weightOf(choice), 0);
  let left = random() * total;
  return choices.find((choice) => (left -= weightOf(choice)) < 0) ?? choices.at(-1);
}

const drawKey = (random, weights) => draw(random, Object.keys(weights), (key) => weights[key]);

/** People dress in a tone: what fits the last item's tone and the visitor's own is three times as likely, each. */
const appeal = (product, tone, last) => product.weight ** 1.3 * (product.tone === tone ? 3 : 1) * (product.tone === last?.tone ? 3 : 1);

function session(random) {
  const tone = drawKey(random, { dark: 5, light: 3, earth: 4 });
  const pick = (category, last, allowed = () => true) => draw(random, inCategory(category).filter(allowed), (product) => appeal(product, tone, last));
  const clicks = [pick(drawKey(random, doors))];
  while (clicks.length < most) {
    const last = clicks.at(-1);
    const next = follow(random, clicks, pick) ?? pick(last.category, last, ({ id }) => id !== last.id);
    clicks.push(next);
    if (clicks.length >= fewest && random() < chances.leave) break;
  }
  return clicks.map(({ id }) => id);
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
  const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, sessions: { type: "string", default: "4000" } } });
  const random = generator(wholeNumber(values.seed, "seed", 0));
  const count = wholeNumber(values.sessions, "sessions", 0);
  for (let made = 0; made < count; made += 1) process.stdout.write(`${session(random).join(" ")}\n`);
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 2));
try { main(); } catch (error) { console.error(error.message); process.exitCode = 2; }
