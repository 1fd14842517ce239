/* The shelf's script, fetched where a plan has rows of products and a model is
   published: the module that ranks and draws them, its model, and of a model in
   shards those that a row asks for. Never decides, and never throws into the
   page; a shard that does not come leaves the rows with what is there. */
import style from "vitrine-strip-style";
import { framed } from "../node/framed.mjs";

const ENGLISH = "[vitrine] A part of the model did not come; rows show what there is.";
const decoder = new TextDecoder();

/* Opens the shelf of the module and the model that are on their way. `give`
   hands bytes to the page's body, `keep` what `explain` asks for, and `again`
   has the page look once more. Gives what is wrong with the model (0: nothing),
   how a row is drawn, and the sheet that rows wear. */
export const open = async (settings, url, [module, model], { give, keep, again }) => {
  const bytes = async (answer) => new Uint8Array(await (await answer).arrayBuffer());
  const files = [];
  const asked = new Set();
  let open = 0;
  let complain = () => {
    if ("debug" in settings) console.info(ENGLISH);
    complain = () => {};
  };
  const taken = (at, length) => new Uint8Array(shelf.memory.buffer, at, length);
  const put = (given) => {
    const at = shelf.room(given.length);
    taken(at, given.length).set(given);
  };
  const stock = (file) => {
    put(file);
    const wrong = shelf.stock();
    if (!wrong) keep(framed((files.push(file), files)));
    return wrong;
  };
  const fetchShard = async (name) => {
    let file = new Uint8Array();
    try {
      file = await bytes(fetch(new URL(name, url), { credentials: "omit" }));
    } catch {}
    if (stock(file)) complain();
    if (!--open) again(0);
  };
  const want = (at, length) => {
    const name = decoder.decode(taken(at, length));
    if (asked.has(name)) return;
    asked.add(name);
    open += 1;
    fetchShard(name);
  };
  /* Rows stay as they stand, so that they wait for the shop's deferred scripts,
     which say what is in view. */
  const [{ domContentLoadedEventStart }] = performance.getEntriesByType("navigation");
  if (!domContentLoadedEventStart && document.readyState !== "complete") {
    await new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }));
  }
  const hands = { give: (at, length) => give(taken(at, length)), want };
  const { instance } = await WebAssembly.instantiateStreaming(module, { hands });
  const shelf = instance.exports;
  const wrong = stock(await bytes(model));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  /* A row waits for the shards that it asked for, come or not. */
  const draw = (order) => {
    put(order);
    shelf.draw();
    if (open) give(new Uint8Array());
  };
  return [wrong, draw, sheet];
};
