/** Wires the page that the server has sent. Never makes markup from text: nodes are created, texts are set. */

import * as measure from "./measure.mjs";
import { startCart, addLine, countPieces, onCartChange } from "./cart.mjs";
import { showCart, showOrder } from "./cart-page.mjs";
import { startConsent } from "./consent.mjs";

const data = JSON.parse(document.getElementById("page-data").textContent);

startConsent(data);
startCart();
showCount();
onCartChange(showCount);

if (data.page === "product") measure.viewItem(data.item);
if (data.searchTerm) measure.search(data.searchTerm);
for (const list of data.lists ?? []) if (list.items.length > 0) measure.viewItemList(list);
if (data.page === "cart") showCart(data);
if (data.page === "order-done") showOrder(data);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-list] a[data-item]");
  if (!link) return;
  const list = data.lists.find(({ item_list_id }) => item_list_id === link.closest("[data-list]").dataset.list);
  measure.selectItem(list, list.items.find(({ item_id }) => item_id === link.dataset.item));
});

document.querySelector("[data-add]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const size = new FormData(event.target).get("size") ?? undefined;
  addLine({ id: data.item.item_id, size, quantity: 1 });
  measure.addToCart(measure.withSize(data.item, size), 1);
  document.querySelector("[data-added]").textContent = data.words.added;
  document.querySelector("[data-to-cart]").hidden = false;
});

function showCount() {
  const pieces = countPieces();
  const count = document.querySelector("[data-cart-count]");
  count.textContent = pieces > 99 ? "99+" : String(pieces);
  count.setAttribute("aria-label", `${pieces} ${data.words.cartCount}`);
}
