/** What happened to a message. */
export interface Happening {
  campaign: string;
  message: string;
  slot: string;
}

export interface Decided {
  visitor: string;
  /** Milliseconds since 1970. */
  t: number;
  decisions: { campaign: string; message: string; slot: string; leaf: string; stream: string }[];
}

/** How long a device may remember: this page only, this tab, or for good. */
export type Keeping = "none" | "session" | "persistent";

/** What the script tag puts on the page as `window.vitrine`. */
export interface Vitrine {
  /** A GA4 event that the data layer does not have. */
  track(event: { event: string; [parameter: string]: unknown }): void;
  /** A page view of a single-page shop; the address in the bar where none is given. */
  page(url?: string): void;
  set(attributes: Record<string, unknown>): void;
  /** As `set`, below `member.`. */
  identify(attributes: Record<string, unknown>): void;
  /** Somebody else sits here now. */
  logout(): void;
  /** What is none of these changes nothing, and the console says so. */
  consent(allowed: { storage: Keeping; reports: boolean } | Keeping | "reports" | `${Keeping}+reports`): void;
  forget(): void;
  /** What left this device. */
  log(): Promise<unknown[]>;
  /** For every campaign whether it is shown, and which clause failed. */
  explain(): Promise<Record<string, unknown>[]>;
  /** The same page with a draft that a marketer left at the collector; what is no token goes nowhere. */
  preview(token: string): void;
  /** As the events `vitrine:shown` … on `document`, whose `detail` is the same. */
  on(name: "shown" | "clicked" | "dismissed", handler: (detail: Happening) => void): void;
  /** What stands in which slot now; a line of `vitrine replay`. */
  on(name: "decided", handler: (detail: Decided) => void): void;
  /** Calls by name; before the module has loaded, an array in its place takes them too. */
  push(...calls: [name: string, ...given: unknown[]][]): void;
}

declare global {
  interface Window {
    vitrine: Vitrine | [name: string, ...given: unknown[]][];
    /** The tag's settings, for tag managers that cannot set `data-`. */
    vitrineSettings?: Record<string, string>;
  }
}
