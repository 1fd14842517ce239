/** The pieces that several pages share. */

import { html } from "./html.mjs";
import { formatPrice } from "./assets/money.mjs";
import { href } from "./layout.mjs";
import { words } from "./words.mjs";

export function price(product, lang) {
  const text = words[lang];
  if (product.salePrice === undefined) return html`<p class="price"><span class="hidden">${text.price}</span> ${formatPrice(lang, product.price)}</p>`;
  const share = Math.round((1 - product.salePrice / product.price) * 100);
  return html`<p class="price"><span class="hidden">${text.priceNow}</span> <strong>${formatPrice(lang, product.salePrice)}</strong> <span class="hidden">${text.priceBefore}</span> <s>${formatPrice(lang, product.price)}</s> <span class="share">−${share}%</span></p>`;
}

/** Cards of products; `list` is the id by which the script finds the list in the page's data. */
export const cards = (products, lang, list) => html`<ul class="cards" data-list="${list}">
${products.map((product) => html`<li class="card"><a href="${href(lang, `/product/${product.id}`)}" data-item="${product.id}">
<img src="/img/${product.id}.svg" alt="" width="400" height="400" loading="lazy">
<span class="brand">${product.brand}</span>
<span class="title">${product.title[lang]}</span></a>
${product.available ? price(product, lang) : html`<p class="price">${words[lang].soldOut}</p>`}</li>`)}
</ul>`;

/** Where the visitor is: the start, perhaps a category, and the page itself. */
export const breadcrumb = (lang, steps) => html`<nav class="breadcrumb" aria-label="${words[lang].breadcrumb}"><ol>
<li><a href="${href(lang, "/")}">${words[lang].home}</a></li>
${steps.map(([name, path]) => html`<li>${path ? html`<a href="${href(lang, path)}">${name}</a>` : html`<span aria-current="page">${name}</span>`}</li>`)}
</ol></nav>`;
