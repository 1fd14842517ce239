/** The results view: one table a campaign, kept fresh. Never names a winner, and never computes what the collector has counted. */

import { find, make, say, show } from "./dom.mjs";
import { onLanguage, words } from "./language.mjs";
import { follow } from "./live.mjs";
import { ago, count, money, percent } from "./numbers.mjs";

/** Milliseconds without an answer after which the page says that it is cut off. */
const staleAfter = 30_000;
const columns = ["message", "visitors", "conversions", "rate", "perVisitor", "shown", "clicked", "share"];
const svg = "http://www.w3.org/2000/svg";
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
    const form = JSON.stringify([campaign.goal, campaign.aim, campaign.in_plan, campaign.messages.map(({ message, baseline, in_plan }) => [message, baseline, in_plan])]);
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

/* Roles are said although they are a table's own: on narrow screens the rows are laid out as cards, and browsers then forget them. */
function build({ campaign, goal, aim, in_plan, messages }) {
  const sum = make("span", {});
  const facts = [sum, ...(goal ? [make("span", {}, words("goal", goal))] : []), ...(words("aim")[aim] ? [make("span", {}, words("aim")[aim])] : []),
    ...(in_plan === false ? [make("span", { class: "tag" }, words("gone"))] : [])];
  const head = make("tr", { role: "row" }, ...columns.map((name) => make("th", { scope: "col", role: "columnheader" }, words(name))));
  const rows = messages.map((message) => row(message));
  const table = make("table", { role: "table" },
    make("caption", { class: "unseen" }, words("tableName", campaign)),
    make("thead", { role: "rowgroup" }, head), make("tbody", { role: "rowgroup" }, ...rows.map(({ element }) => element)));
  const element = make("section", { class: "card campaign" }, make("h2", {}, campaign), make("p", { class: "facts soft" }, ...facts), table);
  return { element, sum, rows };
}

function row({ message, baseline, in_plan }) {
  const held = message === holdoutId;
  const name = make("th", { scope: "row", role: "rowheader" }, held ? words("holdout") : message);
  if (held) name.append(" ", make("span", { class: "soft small" }, words("holdoutText")));
  if (baseline) name.append(" ", make("span", { class: "tag" }, words("baseline")));
  if (in_plan === false && !held) name.append(" ", make("span", { class: "tag" }, words("gone")));
  const cells = {};
  const fields = columns.slice(1).map((column) => {
    cells[column] = make("span", { class: "value" });
    const cell = make("td", { role: "cell", class: `cell-${column}` }, make("span", { class: "label", "aria-hidden": "true" }, words(column)), cells[column]);
    if (column === "rate") {
      cells.interval = make("span", { class: "interval soft" });
      cells.bar = bar();
      cell.append(cells.interval, cells.bar.element);
    }
    return cell;
  });
  return { element: make("tr", { role: "row", ...(held ? { class: "held" } : {}) }, name, ...fields), cells };
}

function fill({ sum, rows }, { visitors, messages }) {
  say(sum, words("allVisitors", count(visitors ?? 0)));
  const top = Math.max(0, ...messages.map(({ rate_high }) => rate_high ?? 0));
  const reference = holdoutRate(messages);
  for (const [n, one] of messages.entries()) {
    const { cells } = rows[n];
    const held = one.message === holdoutId;
    say(cells.visitors, written(one.visitors, count));
    say(cells.conversions, written(one.converters, count));
    say(cells.rate, written(one.rate, percent));
    say(cells.interval, hasInterval(one) ? words("intervalText", percent(one.rate_low), percent(one.rate_high)) : "");
    say(cells.perVisitor, written(one.revenue_per_visitor, (minor) => money(minor, last.currency)));
    /* Nothing is shown to the holdout, so a 0 there would say nothing. */
    say(cells.shown, written(held ? null : one.shown, count));
    say(cells.clicked, written(held ? null : one.clicked, count));
    say(cells.share, written(one.share, (share) => percent(share, 1)));
    cells.bar.draw(one, top, reference);
  }
}

/* What the collector does not know, or keeps back, is null. */
const written = (value, write) => (Number.isFinite(value) ? write(value) : words("none"));
const holdoutRate = (messages) => messages.find(({ message }) => message === holdoutId)?.rate ?? undefined;
const hasInterval = ({ rate, rate_low, rate_high }) => [rate, rate_low, rate_high].every(Number.isFinite);

/** A rate and its interval as a picture of what stands beside it in words; nothing of it is said aloud. */
function bar() {
  const element = document.createElementNS(svg, "svg");
  element.setAttribute("class", "bar");
  element.setAttribute("aria-hidden", "true");
  const part = (tag, name, attributes) => {
    const child = document.createElementNS(svg, tag);
    child.setAttribute("class", name);
    for (const [attribute, value] of Object.entries(attributes)) child.setAttribute(attribute, value);
    element.append(child);
    return child;
  };
  part("rect", "track", { x: 0, y: 5, width: "100%", height: 2 });
  const range = part("rect", "range", { y: 2, height: 8, rx: 4 });
  const line = part("line", "reference", { y1: 0, y2: 12 });
  const dot = part("circle", "point", { cy: 6, r: 4 });
  const set = (child, attributes) => { for (const [name, value] of Object.entries(attributes)) child.setAttribute(name, value); };
  return {
    element,
    draw({ rate, rate_low, rate_high }, top, reference) {
      const at = (share) => `${top > 0 ? (96 * share) / top + 2 : 2}%`;
      const known = hasInterval({ rate, rate_low, rate_high });
      for (const child of [range, dot]) child.toggleAttribute("hidden", !known);
      line.toggleAttribute("hidden", reference === undefined);
      if (reference !== undefined) set(line, { x1: at(reference), x2: at(reference) });
      if (!known) return;
      set(range, { x: at(rate_low), width: `${top > 0 ? (96 * (rate_high - rate_low)) / top : 0}%` });
      set(dot, { cx: at(rate) });
    },
  };
}
