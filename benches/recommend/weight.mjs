// What the parts of the shelf's module weigh, by the names of its functions.
// It never guesses a part: what no rule names is told as the rest.
import { gzipSync } from "node:zlib";

/** Names as the compiler mangles them: `9recommend` is a module of nine letters. */
const RANKING = /9recommend5(picks|weigh)|9recommend4(rank|wish|past)|9recommend9directory|5Index(4find|2id|9followers|4card|3has)|7Shelves(2of|7card_at)|5Names4find|8interest|3Ids(4find|9find_|2id)|9Followers4each|5Names4step|4text4fold|12trim_matches|5power|5event4Item|5strip.*(4read|6wanted)/;
const LOADING = /9recommend|3ids|5lists|4bits|4seal|6intent|5stock/;
const MARKUP = /6banner|8template|4text/;

/** Of each part how many functions, their bytes, and these packed by gzip. */
export function weigh(wasm) {
  const parts = { ranking: [], loading: [], markup: [], rest: [] };
  for (const [name, body] of functions(wasm)) {
    const part = RANKING.test(name) ? "ranking" : LOADING.test(name) ? "loading" : MARKUP.test(name) ? "markup" : "rest";
    parts[part].push(body);
  }
  return Object.fromEntries(Object.entries(parts).map(([part, bodies]) => {
    const all = Buffer.concat(bodies);
    return [part, { functions: bodies.length, raw: all.length, gzip: gzipSync(all, { level: 9 }).length }];
  }));
}

/** Each function's name and body, from a module that still has its names. */
function functions(wasm) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const bytes = () => {
    const length = number();
    at += length;
    return wasm.subarray(at - length, at);
  };
  let imported = 0;
  const bodies = [];
  const names = new Map();
  while (at < wasm.length) {
    const [section, length] = [wasm[at++], number()];
    const end = at + length;
    if (section === 2) {
      for (let left = number(); left > 0; left -= 1) {
        bytes();
        bytes();
        if (wasm[at++] !== 0) throw new Error("the module imports something that is no function");
        number();
        imported += 1;
      }
    } else if (section === 10) {
      for (let left = number(); left > 0; left -= 1) bodies.push(bytes());
    } else if (section === 0 && `${bytes()}` && end - at > 0) {
      while (at < end) {
        const [kind, size] = [wasm[at++], number()];
        const next = at + size;
        if (kind === 1) for (let left = number(); left > 0; left -= 1) names.set(number(), `${bytes()}`);
        at = next;
      }
    }
    at = end;
  }
  if (names.size === 0) throw new Error("the module has no names");
  return bodies.map((body, place) => [names.get(place + imported) ?? "", body]);
}
