/** The list of published versions. Never changes what is published; publish.mjs does. */

import { find, make, show } from "./dom.mjs";
import { locale, onLanguage, words } from "./language.mjs";
import { count, moment, shortHash } from "./numbers.mjs";

/** Versions listed; older ones stay with the collector. */
const mostListed = 8;

let versions = [];

export function startVersions() {
  onLanguage(draw);
  draw();
}

/** Takes the collector's list, newest first. */
export function setVersions(found) {
  versions = found.filter((one) => Number.isInteger(one?.version) && typeof one.plan === "string");
  draw();
}

export const currentVersion = () => versions.find((one) => one.is_current);

/** The version that rolling back goes to: the one before what the current one is, or repeats. */
export function earlierVersion() {
  const current = currentVersion();
  const origin = current?.repeats ?? current?.version;
  return versions.find((one) => one.version === origin - 1);
}

/** A listed version by its number. */
export const versionOf = (number) => versions.find((one) => one.version === number);

/** "Version 7 (a1b2c3d4)", or the hash alone where the list does not have it. */
export const versionName = (one, hash = one?.plan) => (one ? words("version", count(one.version), shortHash(hash)) : words("versionOfHash", shortHash(hash)));

function draw() {
  find("versions").replaceChildren(...versions.length > 0 ? versions.slice(0, mostListed).map(row) : [make("li", { class: "soft" }, words("noVersions"))]);
  show(find("roll-back"), earlierVersion() !== undefined);
}

function row(one) {
  const at = new Date(one.published_at);
  const item = make("li", {}, make("span", { class: "version" }, versionName(one)));
  if (one.is_current) item.append(" ", make("span", { class: "tag" }, words("current")));
  /* What is the same as now needs no going back. */
  else if (one.plan !== currentVersion()?.plan) {
    item.append(make("button", { type: "button", class: "plain", "data-version": String(one.version), "aria-label": words("goBackTo", versionName(one)) }, words("goBack")));
  }
  const when = make("time", { class: "soft small", lang: locale(), ...(Number.isNaN(at.valueOf()) ? {} : { datetime: at.toISOString() }) }, Number.isNaN(at.valueOf()) ? "" : moment(at));
  if (one.repeats) when.append(` · ${words("repeats", count(one.repeats))}`);
  item.append(when);
  return item;
}
