/** Bytes, or what gives them. */
export type Source<T> = T | Promise<T> | (() => T | Promise<T>);

export interface Settings {
  /** `vitrine_edge_bg.wasm`, compiled or as bytes. */
  wasm: Source<WebAssembly.Module | BufferSource>;
  /** The shop's address, or what asks it and decodes nothing. */
  origin: string | ((request: Request) => Promise<Response>);
  /** The site's name at the collector. */
  site: string;
  /** The collector's address, where what is published is asked for; without one, `plan` is needed. */
  collector?: string;
  /** What the collector's operator put before the site's name; `/v1` where it is missing. */
  prefix?: string;
  plan?: Source<Uint8Array>;
  odds?: Source<Uint8Array>;
  model?: Source<Uint8Array>;
  /** The address of the banner's style sheet, where the worker does not see `/vitrine-….css` itself. */
  sheet?: string;
  /** Where the bar is put; `<!--vitrine:bar-->` where it is missing. */
  marker?: string;
  /** Seconds between two looks for a new plan, at least 1. */
  refresh?: number;
  /** The clock, in milliseconds since 1970. */
  now?: () => number;
  /** 64 random bits. */
  seed?: () => bigint;
  fetch?: typeof fetch;
  /** Where sentences about trouble go. */
  say?: (line: string) => void;
}

/** A worker in front of one shop: whatever goes wrong, the shopper gets the origin's bytes. */
export function createWorker(settings: Settings): {
  fetch(request: Request, context?: { waitUntil?(promise: Promise<unknown>): void }): Promise<Response>;
};
