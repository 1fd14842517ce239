/** The results view: a card a campaign, kept fresh. Never names a winner, and never computes what the collector has counted. */

import { bar, hasInterval } from "./bar.mjs";
import { find, make, say, show } from "./dom.mjs";
import { onLanguage, words } from "./language.mjs";
import { follow } from "./live.mjs";
import { ago, change, count, money, percent } from "./numbers.mjs";
import { above, below } from "./said.mjs";

/** Milliseconds without an answer after which the page says that it is cut off. */
const staleAfter = 30_000;
/* What decides stands in the first table, what explains in the second. */
const columns = ["message", "visitors", "conversions", "rate", "toBaseline", "perVisitor", "best", "share"];
const more = ["message", "due", "shown", "clicked", "dismissed", "toHoldout", "loss"];
const holdoutId = "holdout";

let end = () => {};
let explain;
let last;
let updatedAt;
let failed;
/* The cards in sight, by campaign: what they were built from and the elements that change. */
const cards = new Map();

export function startResults(tell) {
  ({ explain } = tell);
  onLanguage(() => { cards.clear(); draw(); state(); });
}

export function enterResults(faces) {
  leaveResults();
  state();
  end = follow(faces, {
    take(results) { [last, updatedAt, failed] = [results, Date.now(), undefined]; draw(); state(); },
    fail(refusal) { failed = refusal; state(); if (refusal.status === 401) explain(refusal); },
    tick: state,
  });
}

export function leaveResults() {
  end();
  [end, last, updatedAt, failed] = [() => {}, undefined, undefined, undefined];
  cards.clear();
  find("campaigns").replaceChildren();
}

function state() {
  const cutOff = failed !== undefined || (updatedAt !== undefined && Date.now() - updatedAt > staleAfter);
  find("live-dot").dataset.state = cutOff ? "stale" : updatedAt === undefined ? "waiting" : "live";
  say(find("live-state"), updatedAt === undefined ? words(failed ? "neverConnected" : "connecting") : words(cutOff ? "stale" : "updated", ago(updatedAt)));
}

function draw() {
  if (!last) return;
  const campaigns = (Array.isArray(last.campaigns) ? last.campaigns : []).filter((one) => typeof one?.campaign === "string" && Array.isArray(one.messages));
  const nobodyYet = campaigns.every((one) => !(one.visitors > 0));
  show(find("no-results"), nobodyYet);
  const compared = campaigns.some(({ messages }) => holdoutRate(messages) !== undefined);
  say(find("interval-hint"), compared ? `${words("intervalHint")} ${words("holdoutLine")}` : words("intervalHint"));
  show(find("interval-hint"), !nobodyYet);
  const wanted = campaigns.map((campaign) => {
    const form = JSON.stringify([campaign.goal, campaign.aim, campaign.optimize, campaign.in_plan, campaign.messages.map(({ message, baseline, in_plan }) => [message, baseline, in_plan])]);
    let card = cards.get(campaign.campaign);
    if (card?.form !== form) {
      card = { form, ...build(campaign) };
      cards.set(campaign.campaign, card);
    }
    fill(card, campaign);
    return card.element;
  });
  const place = find("campaigns");
  /* Cards that stay where they are keep their place, and with it the reader's scroll and selection. */
  if (wanted.length !== place.children.length || wanted.some((element, n) => place.children[n] !== element)) place.replaceChildren(...wanted);
}

function build({ campaign, goal, aim, optimize, in_plan, messages }) {
  const sum = make("span", {});
  const facts = [sum, ...(goal ? [make("span", {}, words("goal", goal))] : []), ...(words("aim")[aim] ? [make("span", {}, words("aim")[aim])] : []),
    ...(optimize === "revenue" ? [make("span", {}, words("optimizesRevenue"))] : []),
    ...(in_plan === false ? [make("span", { class: "tag" }, words("gone"))] : [])];
  const [said, explained] = [above(), below()];
  const [first, second] = [table(words("tableName", campaign), columns, messages), table(words("moreName", campaign), more, messages)];
  const details = make("details", { class: "more" }, make("summary", {}, words("more")), second.element);
  const element = make("section", { class: "card campaign" }, make("h2", {}, campaign), ...said.elements,
    make("p", { class: "facts soft" }, ...facts), first.element, ...explained.elements, details);
  return { element, sum, said, explained, rows: messages.map((_, n) => ({ ...first.rows[n].cells, ...second.rows[n].cells, bar: first.rows[n].bar })) };
}

/* Roles are said although they are a table's own: on narrow screens the rows are laid out as cards, and browsers then forget them. */
function table(name, names, messages) {
  const head = make("tr", { role: "row" }, ...names.map((column) => make("th", { scope: "col", role: "columnheader", class: `head-${column}` }, words(column))));
  const rows = messages.map((message) => row(message, names.slice(1)));
  const element = make("table", { role: "table" }, make("caption", { class: "unseen" }, name),
    make("thead", { role: "rowgroup" }, head), make("tbody", { role: "rowgroup" }, ...rows.map((one) => one.element)));
  return { element, rows };
}

function row({ message, baseline, in_plan }, names) {
  const held = message === holdoutId;
  const name = make("th", { scope: "row", role: "rowheader" }, held ? words("holdout") : message);
  if (held) name.append(" ", make("span", { class: "soft small" }, words("holdoutText")));
  if (baseline) name.append(" ", make("span", { class: "tag" }, words("baseline")));
  if (in_plan === false && !held) name.append(" ", make("span", { class: "tag" }, words("gone")));
  const cells = {};
  let picture;
  const fields = names.map((column) => {
    cells[column] = { value: make("span", { class: "value" }), range: make("span", { class: "interval soft" }) };
    const cell = make("td", { role: "cell", class: `cell-${column}` }, make("span", { class: "label", "aria-hidden": "true" }, words(column)), cells[column].value, cells[column].range);
    if (column === "rate") cell.append((picture = bar()).element);
    return cell;
  });
  return { element: make("tr", { role: "row", ...(held ? { class: "held" } : {}) }, name, ...fields), cells, bar: picture };
}

function fill({ sum, said, explained, rows }, campaign) {
  const { visitors, messages } = campaign;
  say(sum, words("allVisitors", count(visitors ?? 0)));
  said.fill(campaign, last.currency);
  explained.fill(campaign);
  /* Whose visitors can still convert is not laid beside those whose time is over. */
  const compares = messages.some(({ settled }) => settled > 0);
  const isLate = ({ provisional }) => compares && provisional;
  const top = Math.max(0, ...messages.map((one) => (isLate(one) ? 0 : one.rate_high ?? 0)));
  /* Odds are among those who are not held out; what stands below one another adds up to all. */
  const heldOut = messages.find(({ message }) => message === holdoutId)?.share ?? 0;
  const reference = holdoutRate(messages.filter((one) => !isLate(one)));
  for (const [n, one] of messages.entries()) {
    const put = (column, value, range = "") => { say(rows[n][column].value, value); say(rows[n][column].range, range); };
    /* Nothing is shown to the holdout, so a 0 there would say nothing. */
    const seen = (value) => written(one.message === holdoutId ? null : value, count);
    /* What decides: money where the campaign is for money, else the rates. */
    const compared = (column, against) => {
      if (campaign.optimize !== "revenue") return put(column, written(against?.lift?.value, change), ends(against?.lift, change));
      const more = against?.revenue_per_visitor;
      put(column, written(more?.value, signed), ends(more && { low: more.low, high: more.high }, (minor) => money(minor, last.currency, 0)));
    };
    const signed = (minor) => `${minor > 0 ? "+" : ""}${money(minor, last.currency, 0)}`;
    const inMoney = (minor) => money(minor, last.currency);
    put("visitors", written(one.visitors, count));
    put("conversions", written(one.converters, count));
    put("rate", written(one.rate, percent), isLate(one) ? words("soFar") : hasInterval(one) ? words("intervalText", percent(one.rate_low), percent(one.rate_high)) : "");
    rows[n].rate.range.classList.toggle("note", isLate(one));
    compared("toBaseline", one.to_baseline);
    put("perVisitor", written(one.revenue_per_visitor, inMoney), ends({ low: one.revenue_per_visitor_low, high: one.revenue_per_visitor_high }, (minor) => money(minor, last.currency, 0)));
    put("best", written(one.best, chance));
    put("share", written(one.share, (share) => percent(one.message === holdoutId ? share : share * (1 - heldOut), 1)));
    put("due", written(one.due, count));
    put("shown", seen(one.shown));
    put("clicked", seen(one.clicked));
    put("dismissed", seen(one.dismissed));
    compared("toHoldout", one.to_holdout);
    const lost = one.loss_per_10000;
    put("loss", written(lost?.conversions, (many) => words("lost", tenths(many))), lost ? money(lost.revenue, last.currency, 0) : "");
    rows[n].bar.draw(isLate(one) ? {} : one, top, reference);
  }
}

/* What the collector does not know, or keeps back, is null. */
const written = (value, write) => (Number.isFinite(value) ? write(value) : words("none"));
/* Draws say nothing of the last per cent at either end. */
const chance = (share) => (share < 0.01 ? `<${percent(0.01, 0)}` : share > 0.99 ? `>${percent(0.99, 0)}` : percent(share, 0));
const tenths = (many) => count(Math.round(many * 10) / 10);
const holdoutRate = (messages) => messages.find(({ message }) => message === holdoutId)?.rate ?? undefined;

/* An end that nothing bounds yet is null. */
function ends(interval, write) {
  if (!Number.isFinite(interval?.low) || (interval.low <= -1 && !Number.isFinite(interval.high))) return "";
  return Number.isFinite(interval.high) ? words("intervalText", write(interval.low), write(interval.high)) : words("atLeast", write(interval.low));
}
