/** The server's half of the measurement: products as GA4 items. Money is in won, which has no decimals. */

import { priceNow } from "./catalog.mjs";

/** A product in the words of GA4's ecommerce events; `discount` is there only where the price was lowered. */
export const gaItem = (product, lang) => ({
  item_id: product.id,
  item_name: product.title[lang],
  item_brand: product.brand,
  item_category: product.category,
  price: priceNow(product),
  ...(product.salePrice === undefined ? {} : { discount: product.price - product.salePrice }),
  quantity: 1,
});

/** A list of products as `view_item_list` wants it; `index` counts from 0. */
export const gaList = (id, name, products, lang) => ({
  item_list_id: id,
  item_list_name: name,
  items: products.map((product, index) => ({ ...gaItem(product, lang), index })),
});
