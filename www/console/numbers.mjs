/** Numbers and times as the reader writes them. Never computes anything from them. */

import { locale } from "./language.mjs";

/** Digits of a hash that people compare by eye. */
const hashDigits = 8;

export const count = (n) => new Intl.NumberFormat(locale()).format(n);

/** A share of 1, with as many places as small rates need. */
export const percent = (share, places = 2) =>
  new Intl.NumberFormat(locale(), { style: "percent", minimumFractionDigits: places, maximumFractionDigits: places }).format(share);

/** A change as a share of 1, with its sign; a tenth of a per cent says more than is known. */
export const change = (share) =>
  new Intl.NumberFormat(locale(), { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0 }).format(share);

/** From so many units on, a tenth of a coin says more than is known. */
const muchMoney = 1000;

/** Minor units of a currency, `{code, digits}`. A small mean may lie between two coins, so one place more than the currency has; sums need none. */
export function money(minor, currency, more = 1) {
  const digits = currency?.digits ?? 0;
  const finer = Math.abs(minor) < muchMoney * 10 ** digits ? more : 0;
  const places = { minimumFractionDigits: digits, maximumFractionDigits: digits + finer };
  /* Before the first publishing there is no currency. */
  const style = /^[A-Z]{3}$/.test(currency?.code) ? { style: "currency", currency: currency.code } : {};
  return new Intl.NumberFormat(locale(), { ...style, ...places }).format(minor / 10 ** digits);
}

export const moment = (at) => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(at);

/** "3 seconds ago", or "now"; the next unit from two minutes, two hours and two days on. */
export function ago(at, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  const [value, unit] = seconds < 120 ? [seconds, "second"] : seconds < 7200 ? [Math.round(seconds / 60), "minute"]
    : seconds < 172_800 ? [Math.round(seconds / 3600), "hour"] : [Math.round(seconds / 86_400), "day"];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-value, unit);
}

export const shortHash = (hash) => String(hash).slice(0, hashDigits);
