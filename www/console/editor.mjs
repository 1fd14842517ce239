/**
 * The editor: a textarea with line numbers and marked mistakes. Never changes a text on its own, and never traps the
 * keyboard: after Esc, Tab leaves.
 */

import { find, make } from "./dom.mjs";
import { lineStart, tokenAt } from "./rulefile.mjs";

/** Spaces of one step, as in the examples of the rule language. */
const step = "  ";
/** Marks drawn under words; the list beside the editor has them all. */
const mostMarks = 200;
/** Characters of a line before a mark; beyond, the line is marked in the gutter only. */
const longestPrefix = 2_000;

/** Pixels kept free to the right of a place that was scrolled to. */
const rightMargin = 48;

/** Characters that go in so that undo takes them back: with 2,000 lines, Chromium takes three seconds for that. */
const longestUndoable = 20_000;

const area = find("text");
const gutter = find("gutter");
const marks = find("marks");
const listeners = [];
let lines = 1;
let leaving = false;
let marked = [];
/* The worst severity of every marked line. */
let severities = new Map();

export const editorText = () => area.value;

/** Calls back after every change of the text, by hand or by script. */
export const onEdit = (listener) => listeners.push(listener);

/** `pasted(before)` hears of a paste that the browser cannot undo. */
export function startEditor({ pasted }) {
  area.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text.length <= longestUndoable) return;
    event.preventDefault();
    const before = area.value;
    type(text.replace(/\r\n?/g, "\n"));
    pasted(before);
  });
  area.addEventListener("input", changed);
  area.addEventListener("scroll", draw, { passive: true });
  area.addEventListener("keydown", press);
  area.addEventListener("blur", () => { leaving = false; });
  new ResizeObserver(draw).observe(area);
  changed();
}

/** Puts a whole text in, caret at its start. The browser cannot undo this; who calls keeps what was there. */
export function setText(text) {
  area.value = text;
  area.setSelectionRange(0, 0);
  area.scrollTo(0, 0);
  changed();
}

/** Puts a text in place of a part, so that the browser's own undo can take it back. */
export function replace({ start, end, text }) {
  area.focus();
  area.setSelectionRange(start, end);
  type(text);
}

/** Marks the places of diagnostics, until the next call. */
export function mark(diagnostics) {
  marked = diagnostics;
  severities = new Map();
  for (const { line, severity } of diagnostics) if (severities.get(line) !== "error") severities.set(line, severity);
  const text = area.value;
  marks.replaceChildren(...diagnostics.slice(0, mostMarks).flatMap((diagnostic) => underline(text, diagnostic)));
  draw();
}

/** Moves the caret to what stands at a line and column, selects it, and brings it into view. */
export function goTo(line, column) {
  const { start, end } = tokenAt(area.value, line, column);
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, end);
  area.scrollTop = (line - 1) * lineHeight() - area.clientHeight / 3;
  const drawn = marks.querySelector(`[data-place="${line}:${column}"] span`);
  area.scrollLeft = drawn ? Math.max(0, drawn.offsetLeft + drawn.offsetWidth + rightMargin - area.clientWidth) : 0;
  area.scrollIntoView({ block: "nearest" });
}

function changed() {
  const text = area.value;
  lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  gutter.style.setProperty("--digits", Math.max(3, String(lines).length));
  /* Old places would underline the wrong words; the next check brings new ones. */
  if (marked.length > 0) mark([]);
  draw();
  for (const listener of listeners) listener();
}

/** Draws the line numbers in view, so that ten thousand lines cost as much as forty. */
function draw() {
  const height = lineHeight();
  const first = Math.floor(area.scrollTop / height);
  const last = Math.min(lines, first + Math.ceil(area.clientHeight / height) + 1);
  const numbers = [];
  for (let line = first + 1; line <= last; line += 1) {
    const number = make("span", { class: severities.get(line) ?? "" }, String(line));
    number.style.top = `${(line - 1) * height - area.scrollTop + inset()}px`;
    numbers.push(number);
  }
  gutter.replaceChildren(...numbers);
  marks.style.width = `${area.scrollWidth}px`;
  marks.style.transform = `translate(${-area.scrollLeft}px, ${-area.scrollTop}px)`;
}

function underline(text, { line, column, severity }) {
  if (column > longestPrefix) return [];
  const { start, end } = tokenAt(text, line, column);
  const row = make("div", { class: severity, "data-place": `${line}:${column}` }, text.slice(lineStart(text, line), start));
  /* At the end of a line there is nothing to underline, so a blank stands in. */
  row.append(make("span", {}, end > start ? text.slice(start, end) : " "));
  row.style.top = `${(line - 1) * lineHeight() + inset()}px`;
  return [row];
}

const lineHeight = () => parseFloat(getComputedStyle(area).lineHeight);
const inset = () => parseFloat(getComputedStyle(area).paddingTop);

function press(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") leaving = true;
  else if (event.key === "Tab" && !leaving) indent(event);
  else if (event.key === "Enter" && !event.shiftKey) breakLine(event);
  else if (event.key !== "Tab" && event.key !== "Shift") leaving = false;
}

function indent(event) {
  event.preventDefault();
  const { value, selectionStart: start, selectionEnd: end } = area;
  const first = value.lastIndexOf("\n", start - 1) + 1;
  if (!event.shiftKey && !value.slice(start, end).includes("\n")) return type(step);
  const block = value.slice(first, end);
  const moved = event.shiftKey ? block.replace(/^(?: {1,2}|\t)/gm, "") : block.replace(/^(?=.)/gm, step);
  if (moved === block) return;
  area.setSelectionRange(first, end);
  type(moved);
  area.setSelectionRange(start === end ? Math.max(first, start + moved.length - block.length) : first, first + moved.length);
  return undefined;
}

/** A new line begins where the one before did, one step further after an opening bracket. */
function breakLine(event) {
  event.preventDefault();
  const { value, selectionStart: start } = area;
  const row = value.slice(value.lastIndexOf("\n", start - 1) + 1, start);
  type(`\n${/^[ \t]*/.exec(row)[0]}${/[[{]\s*$/.test(row) ? step : ""}`);
}

/* `insertText` is the one way in that keeps the browser's undo; where it is gone, or too slow, the text still goes in. */
function type(text) {
  const undoable = text.length <= longestUndoable && area.selectionEnd - area.selectionStart <= longestUndoable;
  if (undoable && document.execCommand(text === "" ? "delete" : "insertText", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  changed();
}
