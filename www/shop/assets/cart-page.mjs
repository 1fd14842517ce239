/** The cart page and the page after an order. Both draw from the device's own memory into space that is reserved for it. */

import * as measure from "./measure.mjs";
import { cartLines, emptyCart, lineOf, onCartChange, setQuantity } from "./cart.mjs";
import { formatPrice } from "./money.mjs";
import { read, write } from "./storage.mjs";

const orderKey = "maru.order";

/** `node("a", {href: "/x"}, "text", child)`: attributes are set as attributes, texts as texts. */
function node(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
}

/** What is in the cart and still in the catalogue, as GA4 items. */
const itemsOf = (lines, catalog) => lines.filter(({ id }) => Object.hasOwn(catalog, id))
  .map(({ id, size, quantity }) => ({ ...measure.withSize(catalog[id].item, size), quantity }));

export function showCart(data) {
  const { words, catalog } = data;
  const root = document.querySelector("[data-cart]");
  const status = document.querySelector("[data-cart-status]");
  const items = () => itemsOf(cartLines(), catalog);

  function change(item, quantity) {
    const { item_id: id, item_variant: size } = item;
    const before = lineOf(id, size).quantity;
    setQuantity(id, size, quantity);
    const after = lineOf(id, size)?.quantity ?? 0;
    if (after > before) measure.addToCart(item, after - before);
    if (after < before) measure.removeFromCart(item, before - after);
    if (after === 0) {
      status.textContent = words.removed;
      document.querySelector("[data-cart-title]").focus();
    }
  }

  function stepper(item) {
    const button = (name, label, to, sign) => {
      const element = node("button", { type: "button", "aria-label": `${label}: ${item.item_name}`, "data-step": `${name} ${item.item_id} ${item.item_variant}` }, sign);
      // A button that is disabled would lose the focus in the middle of pressing it.
      if (to < 1 || to > 99) element.setAttribute("aria-disabled", "true");
      else element.addEventListener("click", () => change(item, to));
      return element;
    };
    return node("div", { class: "stepper", role: "group", "aria-label": words.quantity },
      button("fewer", words.fewer, item.quantity - 1, "−"), node("output", {}, String(item.quantity)), button("more", words.more, item.quantity + 1, "+"));
  }

  function removal(item) {
    const button = node("button", { type: "button", class: "text-button", "aria-label": `${words.remove}: ${item.item_name}` }, words.remove);
    button.addEventListener("click", () => change(item, 0));
    return button;
  }

  function draw() {
    const focused = document.activeElement?.dataset?.step;
    const shown = items();
    if (shown.length === 0) {
      root.replaceChildren(node("p", {}, words.cartEmpty), node("a", { class: "button", href: data.home }, words.keepLooking));
      return;
    }
    const order = node("button", { type: "button", class: "button" }, words.order);
    order.addEventListener("click", () => placeOrder(data, items()));
    root.replaceChildren(
      node("ul", { class: "lines" }, ...shown.map((item) => line(item, data, stepper(item), removal(item)))),
      node("div", { class: "summary" }, totals(shown, data), order, node("p", { class: "hint" }, words.orderHint)),
    );
    if (focused) [...root.querySelectorAll("[data-step]")].find(({ dataset }) => dataset.step === focused)?.focus();
  }

  draw();
  onCartChange(draw);
  if (items().length > 0) measure.viewCart(items());
}

function placeOrder(data, items) {
  measure.beginCheckout(items);
  const id = orderNumber(new Date(), crypto.getRandomValues(new Uint8Array(6)));
  write(orderKey, { id, lines: items.map(({ item_id, item_variant, quantity }) => ({ id: item_id, size: item_variant, quantity })), counted: false });
  emptyCart();
  location.assign(`${data.orderDone}?order=${id}`);
}

/** For people to read aloud: the day, and six letters and digits that cannot be taken for one another. */
function orderNumber(day, bytes) {
  const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  return `M${day.toISOString().slice(2, 10).replaceAll("-", "")}-${Array.from(bytes, (byte) => letters[byte % letters.length]).join("")}`;
}

/** Shows this device's latest order, and counts it at the first look only: a reload is not a second purchase. */
export function showOrder(data) {
  const order = read(orderKey);
  if (!data.order || order?.id !== data.order || !Array.isArray(order.lines)) return;
  const items = itemsOf(order.lines, data.catalog);
  document.querySelector("[data-order]").replaceChildren(
    node("ul", { class: "lines" }, ...items.map((item) => line(item, data, node("p", { class: "pieces" }, `× ${item.quantity}`)))),
    node("div", { class: "summary" }, totals(items, data)),
  );
  if (order.counted || !write(orderKey, { ...order, counted: true })) return;
  measure.purchase(order.id, items);
}

function line(item, { lang, catalog, words }, ...controls) {
  const { href } = catalog[item.item_id];
  return node("li", {},
    node("img", { src: `/img/${item.item_id}.svg`, alt: "", width: "120", height: "120" }),
    node("div", { class: "line-text" }, node("p", { class: "brand" }, item.item_brand), node("a", { href }, item.item_name),
      node("p", { class: "line-size" }, item.item_variant ? `${words.size} ${item.item_variant}` : "")),
    node("div", { class: "line-controls" }, ...controls),
    node("p", { class: "price" }, formatPrice(lang, item.price * item.quantity)));
}

function totals(items, { lang, words }) {
  const sum = items.reduce((total, { price, quantity }) => total + price * quantity, 0);
  const row = (name, value) => [node("dt", {}, name), node("dd", {}, value)];
  return node("dl", { class: "totals" }, ...row(words.items, formatPrice(lang, sum)), ...row(words.shipping, words.free), ...row(words.total, formatPrice(lang, sum)));
}
