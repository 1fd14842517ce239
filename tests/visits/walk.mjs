// Made-up visitors: seeded, so that the same ones come again. They do what a
// rule file speaks of, on a device whose clock only they move.
import { generator } from "../../www/shop/generator.mjs";
import { Device } from "./page.mjs";

export const PAGES = 12; /* of one visitor */
const MINUTE = 60_000;
const DAY = 86_400_000;
const BEGIN = Date.UTC(2026, 10, 20, 3);

/** Seeded draws: 64 bits, below a number, one of a list. */
const draws = (seed) => {
  const next = generator(seed);
  const half = () => BigInt(Math.floor(next() * 2 ** 32));
  const below = (count) => Math.floor(next() * count);
  return { bits: () => (half() << 32n) | half(), below, of: (list) => list[below(list.length)] };
};

const REFERRERS = [
  "", "", "https://www.google.com/", "https://search.naver.com/search.naver?query=%EA%B0%80%EB%B0%A9",
  "https://prod.danawa.com/info/?pcode=1", "https://l.instagram.com/", "https://chatgpt.com/", "https://blog.example/post",
];
const QUERIES = ["", "", "", "?utm_source=mail&utm_medium=email&utm_campaign=spring", "?gclid=1", "?utm_source=kakao&utm_medium=cpc", "?coupon=TEN"];
const AGENTS = ["Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0", "Mozilla/5.0 (iPhone) KAKAOTALK 10.1", "Mozilla/5.0 (Linux; Android 14) NAVER(inapp; search; 1)"];
const GA4 = ["view_item", "view_item", "view_item", "add_to_cart", "add_to_cart", "purchase", "search", "view_cart", "begin_checkout", "remove_from_cart", "view_item_list"];

/** The words of a rule file that visitors may do, visit and be. */
export const vocabulary = (rules) => {
  const words = [...new Set(rules.match(/"(?:[^"\\]|\\.)*"/g).map((word) => JSON.parse(word)))];
  const paths = words.filter((word) => word.startsWith("/")).map((path) => path.replaceAll("**", "a/b").replaceAll("*", "x").replace(/[:{}()|?+\\^$[\]]/g, ""));
  return { words, paths: ["/", "/list/shoes", "/product/p1", "/cart", ...paths], names: words.filter((word) => /^[a-z_]{3,30}$/.test(word)) };
};

/** A value that the rules may ask for, as the page's script packs it. */
const value = (draw, words, texts, numbers, depth = 0) => {
  const kind = draw.below(depth > 2 ? 4 : 6);
  if (kind < 2) texts.push(`s${draw.of(words)}`);
  else if (kind === 2) numbers.push(draw.of([0, 1, 2, 3, 18, 0.5, -1, 1e6])), texts.push("n");
  else if (kind === 3) numbers.push(draw.below(2)), texts.push("b");
  else {
    texts.push(kind === 4 ? "[" : "{");
    for (let left = draw.below(4); left > 0; left -= 1) {
      if (kind === 5) texts.push(`:${draw.of(words)}`);
      value(draw, words, texts, numbers, depth + 1);
    }
    texts.push("]");
  }
};

const act = (draw, device, { words, names }) => {
  const word = () => draw.of(words);
  const kind = draw.below(12);
  const standing = [...device.standing];
  if (standing.length && kind < 5) return device.happened(`${draw.of(["shown", "shown", "shown", "clicked", "dismissed"])} ${draw.of(standing)}`);
  if (kind === 5) {
    const [texts, numbers] = [[], []];
    for (let left = 1 + draw.below(3); left > 0; left -= 1) {
      texts.push(`:${draw.of(["", "", "member."])}${word()}`);
      value(draw, words, texts, numbers);
    }
    return device.call(draw.of(["set", "identify"]), texts, numbers);
  }
  if (kind === 6) return device.happened(draw.of(["scroll 75", "dwell 30", "exit_intent 0", "user_idle 60"]));
  if (kind === 7) return device.call("page", [draw.of(["/list/bags", "/product/p2", ""])], []);
  const name = draw.below(4) ? draw.of(GA4) : draw.of(names);
  const count = draw.below(3);
  const texts = [name, name === "purchase" ? `t${draw.below(9)}` : "", draw.below(2) ? word() : ""];
  const numbers = [draw.below(200_000), count];
  for (let item = 0; item < count; item += 1) {
    const at = draw.below(20);
    texts.push(draw.below(3) ? `p${at}` : word(), `Item ${at}`, draw.below(3) ? ["shoes", "bags", "belts"][at % 3] : word(), draw.below(3) ? `brand${at % 4}` : word(), draw.of(["", "new,sale", "red"]));
    numbers.push(10_000 * (1 + (at % 7)), 1 + draw.below(3));
  }
  if (draw.below(2)) {
    texts.push(`:${word()}`);
    value(draw, words, texts, numbers, 3);
  }
  device.call("track", texts, numbers);
};

/** One visitor on one plan; the same seed does the same, as long as the same stands. */
export const visit = (module, plan, words, seed) => {
  const draw = draws(seed);
  const device = new Device(module, plan, draws(seed + 1).bits);
  device.now = BEGIN + draw.below(40) * DAY;
  const who = { width: draw.of([390, 1280]), agent: draw.of(AGENTS), language: draw.of(["ko", "en"]) };
  for (let pages = 0; pages < PAGES; pages += 1) {
    const address = `https://shop.example${draw.of(words.paths)}${draw.of(QUERIES)}`;
    device.open(address, draw.below(2) ? "https://shop.example/" : draw.of(REFERRERS), who);
    for (let acts = draw.below(8); acts > 0; acts -= 1) {
      device.pass(draw.of([900, 5_000, MINUTE, 7 * MINUTE, 12 * MINUTE]) + draw.below(900));
      act(draw, device, words);
    }
    device.pass(1 + draw.below(20 * MINUTE));
    device.leave();
    device.pass(draw.of([2_000, 2_000, MINUTE, 45 * MINUTE, DAY, 8 * DAY]));
  }
  return device;
};
