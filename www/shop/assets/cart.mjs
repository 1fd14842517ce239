/**
 * The cart: lines `{id, size?, quantity}` under `maru.cart` on this device. Never knows prices or titles;
 * those come with the page, so that an old cart shows today's price.
 */

import { read, write } from "./storage.mjs";

const key = "maru.cart";
/** 99 pieces of one line: nobody buys more by hand, and the steppers stay narrow. */
const mostPieces = 99;
const listeners = [];
let lines = [];

/** Reads the cart, and reads it again when another tab changed it or the page comes back from the history. */
export function startCart() {
  lines = load();
  addEventListener("storage", (event) => { if (event.key === key || event.key === null) reload(); });
  addEventListener("pageshow", (event) => { if (event.persisted) reload(); });
}

export const onCartChange = (listener) => listeners.push(listener);
export const cartLines = () => lines;
export const countPieces = () => lines.reduce((sum, { quantity }) => sum + quantity, 0);

export function addLine({ id, size, quantity }) {
  const line = lineOf(id, size);
  if (line) setQuantity(id, size, line.quantity + quantity);
  else save([...lines, { id, size, quantity }]);
}

/** A quantity of 0 takes the line out. */
export function setQuantity(id, size, quantity) {
  save(lines.flatMap((line) => (line.id !== id || line.size !== size ? [line]
    : quantity > 0 ? [{ ...line, quantity: Math.min(quantity, mostPieces) }] : [])));
}

export const lineOf = (id, size) => lines.find((line) => line.id === id && line.size === size);

export const emptyCart = () => save([]);

function save(changed) {
  lines = changed;
  write(key, lines.length > 0 ? lines : undefined);
  for (const listener of listeners) listener();
}

function reload() {
  lines = load();
  for (const listener of listeners) listener();
}

/** What is stored may have been written by an older shop or by hand, so only well-formed lines are taken. */
function load() {
  const stored = read(key);
  if (!Array.isArray(stored)) return [];
  return stored.filter((line) => typeof line?.id === "string" && Number.isInteger(line.quantity) && line.quantity > 0 && line.quantity <= mostPieces);
}
