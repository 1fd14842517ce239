/**
 * A rule file as far as the console must understand it: which campaigns it has and what stands at a place.
 * Never judges it; that is the checker's work.
 */

/** The parts of a rule file that are named one by one when they change; the rest is "site settings". */
const namedParts = ["slots", "goals", "segments"];
/** A string, or a comment, or a comma before a closing bracket: what must be told apart to strip the last two. */
const notJson = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*[\]}])/g;

/** The value of a rule file, JSON with comments and trailing commas, or undefined where it is broken. */
export function read(text) {
  try { return JSON.parse(text.replace(/^\ufeff/, "").replace(notJson, (part) => (part.startsWith('"') ? part : " "))); } catch { return undefined; }
}

/**
 * What publishing `next` in place of `before` changes, by campaign id: `{added, removed, edited, parts}`,
 * or undefined where one of the two cannot be read.
 */
export function changes(before, next) {
  const [old, now] = [read(before), read(next)];
  if (!isObject(old) || !isObject(now)) return undefined;
  const [oldCampaigns, nowCampaigns] = [byId(old.campaigns), byId(now.campaigns)];
  const added = [...nowCampaigns.keys()].filter((id) => !oldCampaigns.has(id));
  const removed = [...oldCampaigns.keys()].filter((id) => !nowCampaigns.has(id));
  const edited = [...nowCampaigns.keys()].filter((id) => oldCampaigns.has(id) && !same(oldCampaigns.get(id), nowCampaigns.get(id)));
  const rest = (file) => Object.fromEntries(Object.entries(file).filter(([name]) => name !== "campaigns" && !namedParts.includes(name)));
  const parts = namedParts.filter((name) => !same(old[name], now[name]));
  if (!same(rest(old), rest(now))) parts.unshift("settings");
  const kept = (ids, others) => [...ids.keys()].filter((id) => others.has(id)).join("\n");
  if (kept(oldCampaigns, nowCampaigns) !== kept(nowCampaigns, oldCampaigns)) parts.push("order");
  if (added.length + removed.length + edited.length + parts.length === 0 && before !== next) parts.push("layout");
  return { added, removed, edited, parts };
}

/** Where a line begins in the text; lines count from 1. */
export function lineStart(text, line) {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf("\n", at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}

/** `{start, end}` of what stands at a line and column (both from 1, in characters): a string, a word, or one character. */
export function tokenAt(text, line, column) {
  const first = lineStart(text, line);
  const newline = text.indexOf("\n", first);
  const row = text.slice(first, newline < 0 ? text.length : newline);
  const before = [...row.slice(0, 2 * column)].slice(0, column - 1).join("").length;
  const [token = ""] = /^(?:"(?:[^"\\]|\\.)*"?|[\p{L}\p{N}_$.+-]+|.)/su.exec(row.slice(before)) ?? [];
  return { start: first + before, end: first + before + token.length };
}

/**
 * What to write in place of the token at a diagnostic's place, where its suggestion is a plain replacement: only
 * where the whole token is what the sentence quotes, since a suggestion may also be about a part of a text.
 */
export function mend(text, { line, column, message, suggestion }) {
  if (typeof suggestion !== "string") return undefined;
  const { start, end } = tokenAt(text, line, column);
  const token = text.slice(start, end);
  const quoted = token.startsWith('"');
  const value = quoted ? read(token) : token;
  if (typeof value !== "string" || value === "" || !message.includes("`" + value + "`")) return undefined;
  return { start, end, text: quoted ? JSON.stringify(suggestion) : suggestion };
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function byId(campaigns) {
  const list = Array.isArray(campaigns) ? campaigns.filter(isObject) : [];
  return new Map(list.map((campaign) => [String(campaign.id), campaign]));
}

/** Equal as JSON values; the order of an object's fields says nothing. */
function same(a, b) {
  return JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}

function sorted(_, value) {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : value;
}
