/**
 * The collector's faces, one function each. Never shows anything, and never keeps a key:
 * it is exchanged for a cookie that scripts cannot read.
 */

/** How long an answer may take, in milliseconds: a publish waits for the disk, nobody waits longer than this. */
const patience = 20_000;

/** A refusal: `status` 0 means that no answer came. `detail` is the collector's own sentence. */
export class Refusal extends Error {
  constructor(status, document = {}) {
    super(typeof document.detail === "string" ? document.detail : `status ${status}`);
    this.status = status;
    this.diagnostics = Array.isArray(document.diagnostics) ? document.diagnostics : [];
  }
}

/** Where the collector answers, unless its operator moved it and links to `/console/?prefix=/elsewhere`. */
const usualPrefix = "/v1";
const asked = new URLSearchParams(location.search).get("prefix");
/* A path of this origin and nothing else: the key is sent there. */
const prefix = /^(?:\/[A-Za-z0-9_-]+)+$/.test(asked) ? asked : usualPrefix;

/** The faces of one site, whose name is part of every address. */
export function open(site) {
  const at = (face) => `${prefix}/${encodeURIComponent(site)}/${face}`;
  return {
    signIn: (key) => json("POST", at("session"), JSON.stringify({ key }), { "content-type": "application/json" }),
    signOut: () => send("DELETE", at("session")),
    /** `{text, hash}` of what is published, or undefined before the first publishing. */
    async rules() {
      const answer = await send("GET", at("rules")).catch((refusal) => {
        if (refusal.status === 404) return undefined;
        throw refusal;
      });
      return answer && { text: await body(answer), hash: tag(answer) };
    },
    check: (text) => json("PUT", `${at("rules")}?dry_run=true`, text, { "content-type": "application/json" }),
    /** Publishes if `hash` is still what is published; without one, which only a site's first rules are, in any case. */
    publish: (text, hash) => json("PUT", at("rules"), text, { "content-type": "application/json", ...(hash ? { "if-match": `"${hash}"` } : {}) }),
    /** Keeps rules for a preview: `{token, plan, expires, url?}`. */
    draft: (text) => json("POST", at("drafts"), text, { "content-type": "application/json" }),
    /** Publishes an earlier version once more, if `hash` is still what is published. */
    rollBack: (version, hash) => json("POST", `${at("rules/rollback")}?version=${version}`, undefined, { "if-match": `"${hash}"` }),
    versions: () => json("GET", at("rules/versions")),
    results: () => json("GET", at("results")),
    live: at("live"),
  };
}

async function json(method, address, content, headers) {
  const text = await body(await send(method, address, content, headers));
  try { return text === "" ? {} : JSON.parse(text); } catch { throw new Refusal(0); }
}

async function send(method, address, content, headers = {}) {
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: content, cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(patience) });
  } catch { throw new Refusal(0); }
  if (answer.ok) return answer;
  throw new Refusal(answer.status, await answer.json().catch(() => ({})));
}

/* A connection may also break in the middle of a body. */
const body = (answer) => answer.text().catch(() => { throw new Refusal(0); });

const tag = (answer) => /"([^"]*)"/.exec(answer.headers.get("etag") ?? "")?.[1];
