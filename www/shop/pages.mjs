/**
 * The pages. Each function takes `{lang, query}` and what its route names, and returns
 * `{name, title, main, data, status?}`, or `undefined` where there is no such thing to show.
 */

import { html } from "./html.mjs";
import { categories, coloursOf, find, inCategory, onSale, popular, products, relatedTo, search } from "./catalog.mjs";
import { breadcrumb, cards, price } from "./parts.mjs";
import { gaItem, gaList } from "./measure.mjs";
import { href } from "./layout.mjs";
import { languages, words } from "./words.mjs";

export function home({ lang }) {
  const text = words[lang];
  const wanted = popular();
  const reduced = onSale().slice(0, 4);
  return {
    name: "home",
    data: { lists: [gaList("popular", text.popular, wanted, lang), gaList("sale", text.sale, reduced, lang)] },
    main: html`<section class="hero" id="hero">
<div class="hero-text"><h1>${text.heroTitle}</h1><p>${text.heroText}</p><a class="button" href="${href(lang, "/list/shoes")}">${text.heroAction}</a></div>
<img src="/img/hero.svg" alt="${text.heroAlt}" width="1200" height="900">
</section>
<div data-vitrine-slot="home-strip" class="vitrine-strip"></div>
<section aria-labelledby="popular"><h2 id="popular">${text.popular}</h2>${cards(wanted, lang, "popular")}</section>
<section aria-labelledby="browse"><h2 id="browse">${text.browse}</h2>
<ul class="lattice">${categories.map((category) => html`<li><a href="${href(lang, `/list/${category}`)}"><img src="/img/${inCategory(category)[0].id}.svg" alt="" width="240" height="240" loading="lazy"><span>${text.categories[category]}</span></a></li>`)}</ul></section>
<section class="teaser" aria-labelledby="teaser"><div><h2 id="teaser">${text.eventTeaser}</h2><p>${text.eventTeaserText}</p></div><a class="button" href="${href(lang, "/event")}">${text.eventAction}</a></section>
<section aria-labelledby="sale"><h2 id="sale">${text.sale}</h2>${cards(reduced, lang, "sale")}</section>
<section class="promises">${text.promises.map(([title, promise]) => html`<div><h2>${title}</h2><p>${promise}</p></div>`)}</section>`,
  };
}

export function list({ lang }, category) {
  if (!categories.includes(category)) return undefined;
  const text = words[lang];
  const title = text.categories[category];
  const shown = inCategory(category);
  return {
    name: "list", title, description: text.categoryTexts[category],
    data: { lists: [gaList(`category-${category}`, title, shown, lang)] },
    main: html`${breadcrumb(lang, [[title]])}
<header class="page-head"><h1>${title}</h1><p>${text.categoryTexts[category]}</p><p class="count">${text.count(shown.length)}</p></header>
${cards(shown, lang, `category-${category}`)}`,
  };
}

export function product({ lang }, id) {
  const item = find(id);
  if (!item) return undefined;
  const text = words[lang];
  const category = text.categories[item.category];
  const others = relatedTo(item).slice(0, 4);
  return {
    name: "product", title: item.title[lang], description: item.text[lang],
    data: { item: gaItem(item, lang), lists: [gaList("related", text.related, others, lang)] },
    main: html`${breadcrumb(lang, [[category, `/list/${item.category}`], [item.title[lang]]])}
<article class="product">
<img class="product-picture" src="/img/${item.id}.svg" alt="${item.title[lang]}" width="800" height="800">
<div class="product-details">
<p class="brand">${item.brand}</p><h1>${item.title[lang]}</h1>${price(item, lang)}<p class="product-text">${item.text[lang]}</p>
${colourChoice(item, lang)}
<form data-add>${sizeChoice(item, lang)}
${item.available ? html`<button class="button">${text.add}</button>` : html`<button class="button" disabled>${text.soldOut}</button>`}
<p class="added" role="status"><span data-added>${!item.available && text.soldOutText}</span> <a href="${href(lang, "/cart")}" data-to-cart hidden>${text.toCart}</a></p></form>
<dl class="facts"><dt>${text.made}</dt><dd>${item.made[lang]}</dd><dt>${text.delivery}</dt><dd>${text.deliveryText}</dd><dt>${text.returns}</dt><dd>${text.returnsText}</dd></dl>
</div>
</article>
<div data-vitrine-slot="product-strip" class="vitrine-strip"></div>
<section aria-labelledby="related"><h2 id="related">${text.related}</h2>${cards(others, lang, "related")}</section>`,
  };
}

function colourChoice(item, lang) {
  const text = words[lang];
  return html`<div class="choice"><p class="choice-name">${text.colour}: ${item.colour[lang]}</p><ul class="colours">
${coloursOf(item).map((other) => html`<li><a href="${href(lang, `/product/${other.id}`)}"${other.id === item.id && html` aria-current="true"`}><img src="/img/${other.id}.svg" alt="${other.colour[lang]}" width="64" height="64"></a></li>`)}
</ul></div>`;
}

/** The middle size is chosen beforehand, so that one press is enough to try the shop. */
function sizeChoice(item, lang) {
  if (item.sizes.length === 0) return undefined;
  const middle = item.sizes[Math.floor(item.sizes.length / 2)];
  return html`<fieldset class="choice"><legend class="choice-name">${words[lang].size}</legend><div class="sizes">
${item.sizes.map((size) => html`<label><input type="radio" name="size" value="${size}"${size === middle && html` checked`}><span>${size}</span></label>`)}
</div></fieldset>`;
}

/** The cart is on the visitor's device, so the page carries the catalogue and the script does the rest. */
export const cart = ({ lang }) => ({
  name: "cart", title: words[lang].cart, data: { catalog: catalogOf(lang) },
  main: html`${breadcrumb(lang, [[words[lang].cart]])}
<header class="page-head"><h1 tabindex="-1" data-cart-title>${words[lang].cart}</h1></header>
<p class="hidden" role="status" data-cart-status></p>
<div class="cart" data-cart><noscript><p>${words[lang].needsScript}</p></noscript></div>
<div data-vitrine-slot="cart-strip" class="vitrine-strip"></div>`,
});

export function orderDone({ lang, query }) {
  const text = words[lang];
  const order = (query.get("order") ?? "").slice(0, 40);
  return {
    name: "order-done", title: text.doneTitle, data: { order, catalog: catalogOf(lang) },
    main: html`<header class="page-head"><h1>${text.doneTitle}</h1><p>${text.doneText}</p>
<p class="order-number">${order ? html`${text.doneNumber} <strong>${order}</strong>` : text.doneUnknown}</p></header>
<div class="cart" data-order></div>
<p><a class="button" href="${href(lang, "/")}">${text.keepLooking}</a></p>`,
  };
}

export function results({ lang, query }) {
  const text = words[lang];
  const term = (query.get("q") ?? "").trim().slice(0, 60);
  const found = search(term, (category) => languages.map((each) => words[each].categories[category]));
  const title = term ? text.searchFor(term) : text.searchTitle;
  return {
    name: "search", title, term, data: { searchTerm: term, lists: [gaList("search", text.searchTitle, found, lang)] },
    main: html`${breadcrumb(lang, [[text.searchTitle]])}
<header class="page-head"><h1>${title}</h1><p>${term === "" ? text.searchEmpty : found.length === 0 ? text.searchNone : text.count(found.length)}</p></header>
${found.length > 0 && cards(found, lang, "search")}`,
  };
}

export function event({ lang }) {
  const text = words[lang];
  const reduced = onSale();
  return {
    name: "event", title: text.eventTitle, description: text.eventTeaserText,
    data: { lists: [gaList("event", text.eventTitle, reduced, lang)] },
    main: html`<header class="event-head"><h1>${text.eventTitle}</h1><p>${text.eventText}</p></header>
${cards(reduced, lang, "event")}
<dl class="facts event-rules">${text.eventRules.map(([name, rule]) => html`<dt>${name}</dt><dd>${rule}</dd>`)}</dl>`,
  };
}

export const notFound = ({ lang }) => failure(404, lang, words[lang].notFoundTitle, words[lang].notFoundText);
export const badAddress = ({ lang }) => failure(400, lang, words[lang].badTitle, words[lang].badText);

const failure = (status, lang, title, text) => ({
  name: "error", status, title,
  main: html`<header class="page-head"><h1>${title}</h1><p>${text}</p></header><p><a class="button" href="${href(lang, "/")}">${words[lang].toHome}</a></p>`,
});

const catalogOf = (lang) => Object.fromEntries(products.map((each) => [each.id, {
  item: gaItem(each, lang), href: href(lang, `/product/${each.id}`),
}]));
