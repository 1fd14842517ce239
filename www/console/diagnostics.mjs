/** The list of mistakes. Never words them: the sentences are the checker's, put in as text. */

import { find, make, say, show } from "./dom.mjs";
import { editorText, goTo, mark, replace } from "./editor.mjs";
import { locale, words } from "./language.mjs";
import { count } from "./numbers.mjs";
import { mend } from "./rulefile.mjs";

/** Mistakes listed at once; whoever has more mends these first. */
const mostListed = 200;

let shown = [];

/** How many errors and warnings are in sight: `{errors, warnings}`. */
export const tally = () => ({
  errors: shown.filter(({ severity }) => severity === "error").length,
  warnings: shown.filter(({ severity }) => severity !== "error").length,
});

/** Lists diagnostics beside the editor and marks them in it; what is not of their form is left out. */
export function list(diagnostics) {
  shown = diagnostics.filter((one) => typeof one?.message === "string" && one.line >= 1 && one.column >= 1)
    .map((one) => ({ ...one, severity: one.severity === "warning" ? "warning" : "error" }))
    /* What stands in the way comes first; either kind stays in the order of the lines. */
    .sort((a, b) => (a.severity > b.severity) - (a.severity < b.severity));
  mark(shown);
  render();
}

/** Writes the list again, in the language of the moment. */
export function render() {
  const problems = find("problems");
  const rows = shown.slice(0, mostListed).map(row);
  const left = shown.length - rows.length;
  if (left > 0) rows.push(make("li", { class: "soft" }, words("moreProblems", count(left))));
  problems.replaceChildren(...rows);
  show(problems, rows.length > 0);
}

/** Says in one sentence what the check found. */
export function verdict() {
  const { errors, warnings } = tally();
  const parts = [errors && words("errors", errors), warnings && words("warnings", warnings)].filter(Boolean).join(", ");
  return errors ? words("stops", parts) : warnings ? words("warns", parts) : words("good");
}

/** Moves to the first mistake that stands in the way of publishing. */
export function goToFirst() {
  const first = shown.find(({ severity }) => severity === "error");
  if (first) goTo(first.line, first.column);
}

function row(diagnostic) {
  const { severity, line, column } = diagnostic;
  const place = make("button", { type: "button", class: "problem-row" },
    make("span", { class: `badge ${severity}` }, words(severity)), " ",
    make("span", { class: "where" }, words("line", count(line))), " ");
  place.append(make("span", { class: "sentence" }, ...spoken(sentence(diagnostic))));
  place.addEventListener("click", () => goTo(line, column));
  const item = make("li", { class: severity }, place);
  const change = mend(editorText(), diagnostic);
  if (change) {
    const button = make("button", { type: "button", class: "mend" }, words("change", diagnostic.suggestion));
    button.addEventListener("click", () => {
      replace(change);
      say(find("check-state"), words("changed", diagnostic.suggestion));
    });
    item.append(button);
  }
  return item;
}

/** The sentence in the reader's language. */
const sentence = ({ message, message_ko: korean }) => (locale() === "ko" && korean) || message;

/** A sentence begins with a capital, but the marketer's own words, which stand in backticks, stay as they are. */
function spoken(message) {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`.split(/(`[^`]*`)/).map((part) => (/^`.+`$/s.test(part) ? make("code", {}, part.slice(1, -1)) : part));
}
