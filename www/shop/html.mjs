/** Markup with escaping by default: never builds a string from a visitor's text without it. */

/** Text that is markup already and goes into a template as it is. */
class Markup {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => entities[character]);

/** ``html`<p>${text}</p>` `` escapes what is put in; lists are joined, `undefined` and `false` are left out. */
export const html = (strings, ...values) => new Markup(String.raw({ raw: strings }, ...values.map(put)));

/** A block of data for the page's script. `<` is written as an escape, so that no text can end the block. */
export const dataBlock = (id, value) => html`<script type="application/json" id="${id}">${new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"))}</script>`;

function put(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(put).join("");
  return value === undefined || value === false ? "" : escape(String(value));
}
