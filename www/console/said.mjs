/** What is said of a campaign above and below its table. Never judges: the collector did, and its sentence stands here as it is. */

import { make, say, show } from "./dom.mjs";
import { locale, words } from "./language.mjs";
import { count, money, percent } from "./numbers.mjs";

/* What a reader has to see first, and in which colour; the words say it too. */
const states = new Set(["alone", "mismatch", "nobody", "waiting", "winner", "equivalent", "open"]);

export function above() {
  const verdict = make("p", { class: "verdict" });
  const growing = make("p", { class: "ramp soft" });
  const warning = make("p", { class: "warning" });
  const gain = make("p", { class: "gain soft" });
  return {
    elements: [verdict, warning, growing, gain],
    fill({ verdict: said, gain: earned, ramp, optimize }, currency) {
      grow(growing, warning, ramp);
      const korean = locale().startsWith("ko");
      const sentence = said?.words?.[korean ? "ko" : "en"];
      show(verdict, typeof sentence === "string" && states.has(said.state));
      verdict.dataset.state = said?.state ?? "";
      /* A winner by money need not be one by conversions, of which the table speaks, too. */
      const how = said?.state === "winner" && optimize === "revenue" ? ` (${words("byRevenue")})` : "";
      say(verdict, `${capital(sentence ?? "")}${how}`);
      const { conversions, revenue } = earned ?? {};
      const known = [conversions?.value, conversions?.low, conversions?.high].every(Number.isFinite);
      /* An equal split has nothing to bring over itself. */
      show(gain, known && (conversions.low !== 0 || conversions.high !== 0));
      if (!known) return;
      const written = (n) => signed(count(Math.round(n)), n);
      const worth = Number.isFinite(revenue?.value) ? signed(money(Math.round(revenue.value), currency, 0), revenue.value) : words("none");
      say(gain, words("gain", written(conversions.value), words("intervalText", written(conversions.low), written(conversions.high)), worth));
    },
  };
}

export function below() {
  const hint = make("p", { class: "settled soft small" });
  return {
    elements: [hint],
    fill({ messages, visitors, forgetful, turned_away: away }) {
      const settled = messages.reduce((sum, one) => sum + (one.settled ?? 0), 0);
      const provisional = messages.some((one) => one.provisional);
      const sentences = [...(settled > 0 ? [words("settled", count(settled))] : []), ...(provisional ? [words("provisional")] : []), ...(forgetful > 0 && visitors > 0 ? [words("forgetful", percent(Math.min(1, forgetful / visitors), 0))] : []), ...(away > 0 ? [words("turnedAway", count(away))] : [])];
      show(hint, sentences.length > 0);
      say(hint, sentences.join(" "));
    },
  };
}

/* How far a campaign has been let grow, and why it had better not grow on. */
function grow(growing, warning, ramp) {
  const known = Number.isFinite(ramp?.share) && Number.isFinite(ramp?.to);
  show(growing, known && ramp.share < ramp.to);
  if (known) say(growing, ramp.share > 0 ? words("ramp", percent(ramp.share, 0), percent(ramp.to, 0), moment(ramp.ends)) : words("rampWaits", moment(ramp.starts)));
  const sentence = ramp?.warning?.[locale().startsWith("ko") ? "ko" : "en"];
  show(warning, typeof sentence === "string");
  say(warning, capital(sentence ?? ""));
}

/* The site's own clock, whatever the reader's; midnight is the day itself. */
function moment(local) {
  const at = Date.parse(`${local}Z`);
  const style = String(local).endsWith("T00:00") ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
  return Number.isFinite(at) ? new Intl.DateTimeFormat(locale(), { ...style, timeZone: "UTC" }).format(at) : words("none");
}

/* Names stand in backticks where programs read them, in quotation marks for people. */
const capital = (text) => first(text.replace(/`([^`]*)`/g, "“$1”"));
const first = (sentence) => sentence.charAt(0).toLocaleUpperCase(locale()) + sentence.slice(1);
const signed = (text, n) => (n > 0 ? `+${text}` : text);
