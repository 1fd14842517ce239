/* Vitrine in Node: rules checked and built, and visitors who need no page, for
   tests, servers and replay. Keeps nothing and sends nothing: what is remembered
   and counted is the host's. Reads the clock only where it is given no moment. */

import { webcrypto } from "node:crypto";
import { createRequire } from "node:module";
import { recode } from "../edge/recode.mjs";
import { framed } from "./framed.mjs";

const module = createRequire(import.meta.url)("./vitrine_node.cjs");

/* The module throws sentences; hosts expect errors. */
const asked = (work) => {
  try {
    return work();
  } catch (thrown) {
    throw typeof thrown === "string" ? new TypeError(thrown) : thrown;
  }
};

const bits = () => webcrypto.getRandomValues(new BigUint64Array(1))[0];
const bitsOf = (seed) => {
  try {
    return BigInt.asUintN(64, BigInt(seed));
  } catch {
    throw new TypeError(`\`${seed}\` is no seed: give a whole number, as a bigint or in digits.`);
  }
};
const NOTHING = new Uint8Array();

/* Rules as text, or as the object that the text is of: then lines are of its JSON. */
const textOf = (rules) => (typeof rules === "object" && rules ? JSON.stringify(rules, null, 2) : String(rules));

/** What is wrong with rules, as `vitrine check --json` says it, published at a moment. */
export const check = (rules, now = Date.now()) => JSON.parse(module.check(textOf(rules), now));

/** The sealed plan of rules, `null` where a diagnostic is an error; and the diagnostics. */
export const build = (rules, now = Date.now()) => {
  const plan = module.compile(textOf(rules));
  return { plan: plan.length ? plan : null, diagnostics: check(rules, now) };
};

/* The plan of rules, or every mistake in one error. */
const built = (rules) => {
  const { plan, diagnostics } = build(rules);
  if (plan) return plan;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const lines = errors.map(({ line, column, message }) => `${line}:${column}: ${message}`);
  throw new TypeError(`The rules have mistakes.\n${lines.join("\n")}`);
};

/* What decisions show, to be compared. */
const shown = (decisions) => decisions.map(({ campaign, message, slot }) => `${campaign} ${message} ${slot}`).join();

/** What a site published, ready for visitors. */
export class Engine {
  #site;

  /** Either `rules` (text, or an object) or a sealed `plan`; sealed `odds`, a `model` and its `shards` where there are some. */
  constructor({ rules, plan = rules && built(rules), odds = NOTHING, model, shards = [] } = {}) {
    if (!plan) throw new TypeError("An engine needs `rules` or a `plan`.");
    const files = model ? framed([model, ...shards]) : NOTHING;
    this.#site = asked(() => new module.Site(plan, odds, files));
  }

  /** The plan's name. */
  get plan() {
    return this.#site.plan();
  }

  /** A stranger, or whom a `memory` remembers. The same `seed` (64 bits) draws the same messages. */
  visitor({ name = "", seed = bits(), memory = NOTHING, now = Date.now } = {}) {
    return new Visitor(asked(() => this.#site.guest(bitsOf(seed), memory)), { name, now });
  }
}

/** One visitor of a site. */
class Visitor {
  #guest;
  #name;
  #now;
  /** What stands where now. */
  decisions = [];

  constructor(guest, { name, now }) {
    [this.#guest, this.#name, this.#now] = [guest, name, now];
  }

  /** Takes an event in (a line of `vitrine replay` as an object) and decides; `t` is now where it is missing. */
  observe(event) {
    const { url = "", referrer = "" } = Object(event);
    const line = { t: this.#now(), ...event, visitor: this.#name, url: recode(url), referrer: recode(referrer) };
    return this.#decided(asked(() => this.#guest.observe(JSON.stringify(line))));
  }

  /** Decides again, since time has passed. */
  look(at = this.#now()) {
    return this.#decided(this.#guest.look(this.#name, at));
  }

  /** Lets time pass on the page in view: looks whenever the decision can change, and gives those that did. */
  pass(until) {
    if (!Number.isFinite(until)) throw new TypeError("`until` is no moment: give milliseconds since 1970.");
    const changes = [];
    for (let { wake } = this; wake !== undefined && wake <= until; { wake } = this) {
      const before = shown(this.decisions);
      const decided = this.look(wake);
      if (shown(decided.decisions) !== before) changes.push(decided);
    }
    return changes;
  }

  /** When the decision can next change by time alone, in milliseconds since 1970. */
  get wake() {
    return this.#guest.wake();
  }

  /** The markup of what a campaign shows now, for a shadow root with `banner.css`; nothing where it shows nothing. */
  render(campaign) {
    return this.#guest.render(campaign);
  }

  /** Why each campaign is shown or not, as `vitrine explain --json` says it. */
  explain(at = this.#now()) {
    return JSON.parse(this.#guest.explain(at));
  }

  /** Takes out what was counted since: reports as a page would send them. `random`: 64 bits for their ids. */
  reports(random = bits()) {
    return JSON.parse(this.#guest.reports(bitsOf(random)));
  }

  /** All that is remembered, sealed, for `engine.visitor({ memory })`; the page in view is not. */
  memory() {
    return this.#guest.memory();
  }

  #decided(line) {
    const { t, decisions } = JSON.parse(line);
    this.decisions = decisions;
    return { t, decisions, wake: this.wake };
  }
}
