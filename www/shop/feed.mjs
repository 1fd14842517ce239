/**
 * The catalogue as a product feed in Google Merchant Center's tab-separated form, on standard output.
 * It never holds anything that the shop's pages do not show. `product_type` is the category as the GA4 events name it.
 *
 *   node www/shop/feed.mjs [--lang en]
 */

import { parseArgs } from "node:util";
import { products } from "./catalog.mjs";
import { href } from "./layout.mjs";
import { languages } from "./words.mjs";

const columns = ["id", "title", "link", "image_link", "price", "sale_price", "availability", "product_type", "brand"];

const won = (amount) => (amount === undefined ? "" : `${amount} KRW`);

const row = (product, lang) => [
  product.id, product.title[lang], href(lang, `/product/${product.id}`), `/img/${product.id}.svg`, won(product.price), won(product.salePrice),
  product.available ? "in_stock" : "out_of_stock", product.category, product.brand,
];

function main() {
  const { values } = parseArgs({ options: { lang: { type: "string", default: "ko" } } });
  if (!languages.includes(values.lang)) throw new Error(`\`${values.lang}\` is no language of the shop; it has ${languages.join(" and ")}`);
  process.stdout.write([columns, ...products.map((product) => row(product, values.lang))].map((cells) => `${cells.join("\t")}\n`).join(""));
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 2));
try { main(); } catch (error) { console.error(error.message); process.exitCode = 2; }
