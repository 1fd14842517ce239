/** GA4's ecommerce events, pushed as Google documents them for a tag manager. Never waits and never reads back. */

window.dataLayer = window.dataLayer || [];

/** Money is in units of the currency; won have no decimals. */
const currency = "KRW";

const push = (event, ecommerce) => {
  window.dataLayer.push({ ecommerce: null });
  window.dataLayer.push({ event, ecommerce });
};

const valueOf = (items) => items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
const priced = (items) => ({ currency, value: valueOf(items), items });

export const withSize = (item, size) => (size === undefined ? item : { ...item, item_variant: size });

export const viewItemList = (list) => push("view_item_list", list);
export const selectItem = ({ item_list_id, item_list_name }, item) => push("select_item", { item_list_id, item_list_name, items: [item] });
export const viewItem = (item) => push("view_item", priced([item]));
export const addToCart = (item, quantity) => push("add_to_cart", priced([{ ...item, quantity }]));
export const removeFromCart = (item, quantity) => push("remove_from_cart", priced([{ ...item, quantity }]));
export const viewCart = (items) => push("view_cart", priced(items));
export const beginCheckout = (items) => push("begin_checkout", priced(items));
export const purchase = (transaction, items) => push("purchase", { transaction_id: transaction, ...priced(items) });
export const search = (term) => window.dataLayer.push({ event: "search", search_term: term });
