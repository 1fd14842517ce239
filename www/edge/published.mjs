/* What the collector, or a static host, publishes. Never keeps a request
   waiting once it has anything, and never lets a good plan go for a bad one. */

import { Edge, initSync, style } from "../vitrine_edge.js";

/* A trap leaves the module's memory in doubt; after so many it is left alone. */
const TRAP_LIMIT = 3;
/* A collector that does not answer within so many milliseconds has not answered. */
const ANSWER_WITHIN = 10_000;
/* A refresh that has not ended after so many milliseconds never will. */
const LOST_AFTER = 30_000;

/**
 * Keeps an `Edge` fresh. `sources`: `wasm`, `plan`, `odds`, `model` as bytes
 * (or a compiled module), a promise of them, or a function that gives either;
 * without `plan` and `odds` the collector is asked at `api`. `every`: seconds
 * between two refreshes, at least 1; `sheet`: the address of the style sheet,
 * or a function that makes one of its text. `say` gets a sentence when something is wrong.
 */
export function keep({ sources, api, sheet, every, fetch, say }) {
  let edge;
  let bytes = {};
  let loading;
  let begunAt = 0;
  let traps = 0;

  const ask = async (path) => {
    const unheard = (error) => { throw new Error(`${api}${path} does not answer (${error?.cause?.code ?? error?.message ?? error}); pages pass as they are until it does`); };
    const answer = await fetch(`${api}${path}`, { signal: AbortSignal.timeout(ANSWER_WITHIN) }).catch(unheard);
    if (!answer.ok) throw new Error(`${api}${path} answered ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  };
  const currentPlan = async () => {
    const { plan } = JSON.parse(new TextDecoder().decode(await ask("plan")));
    if (!/^[0-9a-f]{1,64}$/.test(plan)) throw new Error(`${api}plan names no plan`);
    return plan === bytes.name ? bytes.plan : Object.assign(await ask(`plan/${plan}`), { hash: plan });
  };
  const give = (source, otherwise) => (source === undefined ? otherwise() : typeof source === "function" ? source() : source);

  const begin = async () => {
    initSync({ module: await give(sources.wasm) });
    return style();
  };
  const load = async () => {
    const text = await begin();
    const none = () => new Uint8Array();
    const plan = await give(sources.plan, currentPlan);
    // Without odds the draw is uniform, which is no reason to stay silent.
    const odds = await Promise.resolve(give(sources.odds, () => (sources.plan ? none() : ask("odds")))).catch(() => bytes.odds ?? none());
    const model = await give(sources.model, none);
    if (edge && same(plan, bytes.plan) && same(odds, bytes.odds)) return;
    const before = edge;
    edge = new Edge(typeof sheet === "function" ? sheet(text) : sheet, plan, odds, model);
    bytes = { plan, odds, name: plan.hash };
    before?.free();
  };
  const refresh = () => {
    begunAt = Date.now();
    const mine = load().catch((error) => say(String(error?.message ?? error))).finally(() => {
      if (loading === mine) loading = undefined;
    });
    return (loading = mine);
  };
  const isDue = () => {
    // Some hosts end what a request has begun together with it, without a word.
    const wait = loading ? Math.max(every * 1000, LOST_AFTER) : every * 1000;
    return traps < TRAP_LIMIT && Date.now() - begunAt >= wait;
  };

  return {
    /** Loads what is older than `every`; the promise is for the host to wait on. */
    refresh: () => (isDue() ? refresh() : loading),
    /** The style sheet's text. */
    style: begin,
    isReady: () => edge !== undefined,
    /** Asks the module; nothing where it is not ready, or traps. */
    ask: (question) => {
      if (!edge) return undefined;
      try {
        return question(edge);
      } catch (error) {
        // Not freed: its memory may be half-way through something.
        edge = undefined;
        traps += 1;
        begunAt = 0;
        say(`the module stopped (${error?.message ?? error}); pages pass as they are${traps < TRAP_LIMIT ? " until it is loaded again" : ""}`);
        return undefined;
      }
    },
  };
}

function same(one, other) {
  if (one === other) return true;
  if (one?.length !== other?.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
