/** A mistake or a warning, as `vitrine check --json` says it. */
export interface Diagnostic {
  severity: "error" | "warning";
  code: string;
  message: string;
  /** RFC 6901. */
  pointer: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  suggestion?: string;
}

/** What stands in a slot; `message` is `holdout` for who is shown nothing. */
export interface Choice {
  campaign: string;
  message: string;
  slot: string;
  leaf: string;
  stream: "random" | "adaptive" | "fixed" | "holdout" | "global";
}

export interface Decision {
  /** Milliseconds since 1970. */
  t: number;
  decisions: Choice[];
  /** When it can next change by time alone, in milliseconds since 1970. */
  wake: number | undefined;
}

/** Why a campaign is shown or not. */
export interface Reason {
  campaign: string;
  shown: boolean;
  message: string;
  clause: string;
  seen: string;
  needed: string;
  sentence: string;
  sentence_ko: string;
  [more: string]: unknown;
}

export interface Item {
  item_id: string | number;
  item_name?: string;
  item_category?: string;
  item_brand?: string;
  item_tags?: string[] | string;
  /** In units of the currency. */
  price?: number;
  quantity?: number;
}

/** An event in GA4's words, as a line of `vitrine replay`. */
export interface Event {
  event: string;
  /** Milliseconds since 1970, or as in RFC 3339; now where it is missing. */
  t?: number | string | Date;
  url?: string;
  referrer?: string;
  user_agent?: string;
  language?: string;
  device?: "mobile" | "desktop";
  /** The inline slots that the page has; all where it is missing. */
  slots?: string[];
  items?: Item[];
  /** In units of the currency. */
  value?: number;
  currency?: string;
  transaction_id?: string;
  search_term?: string;
  /** Of `shown`, `clicked` and `dismissed`. */
  campaign?: string;
  message?: string;
  /** Of `set`. */
  attributes?: Record<string, unknown>;
  parameters?: Record<string, unknown>;
}

/** A campaign's counts, as a page sends them to `POST /v1/{site}/reports`. */
export interface Report {
  id: string;
  campaign: string;
  plan: string;
  counts: Record<string, unknown>[];
}

/** Rules as text, or as the object that the text is of. */
export type Rules = string | object;

/** What is wrong with rules, published at `now` (milliseconds since 1970). */
export function check(rules: Rules, now?: number): Diagnostic[];

/** The sealed plan of rules, `null` where a diagnostic is an error. */
export function build(rules: Rules, now?: number): { plan: Uint8Array | null; diagnostics: Diagnostic[] };

export type Published = ({ rules: Rules } | { plan: Uint8Array }) & {
  /** As `GET /v1/{site}/odds` gives them. */
  odds?: Uint8Array;
  model?: Uint8Array;
  /** The files that a model in shards names. */
  shards?: Uint8Array[];
};

/** What a site published, ready for visitors. */
export class Engine {
  /** @throws TypeError with the sentences that say what is wrong. */
  constructor(published: Published);
  /** The plan's name. */
  get plan(): string;
  /** A stranger, or whom a `memory` remembers; the same seed (64 bits) draws the same messages. */
  visitor(who?: {
    name?: string;
    seed?: bigint | number | string;
    memory?: Uint8Array;
    now?: () => number;
  }): Visitor;
}

/** One visitor of a site. */
export interface Visitor {
  /** What stands where now. */
  readonly decisions: Choice[];
  readonly wake: number | undefined;
  /** Takes an event in and decides. @throws TypeError where it is no event. */
  observe(event: Event): Decision;
  /** Decides again, since time has passed. */
  look(at?: number): Decision;
  /** Lets time pass on the page in view; gives the decisions that changed. */
  pass(until: number): Decision[];
  /** The markup of what a campaign shows now, for a shadow root with `vitrine/banner.css`. */
  render(campaign: string): string | undefined;
  explain(at?: number): Reason[];
  /** Takes out what was counted since. `random`: 64 bits for the reports' ids. */
  reports(random?: bigint | number | string): Report[];
  /** All that is remembered, sealed. */
  memory(): Uint8Array;
}
