/** The frame of every page. Never holds inline script or style: the policy forbids them, and so does the house. */

import { html, dataBlock } from "./html.mjs";
import { categories } from "./catalog.mjs";
import { scriptWords, words } from "./words.mjs";

/** The address of a page in a language: Korean at the root, English under `/en`. */
export const href = (lang, path) => (lang === "en" ? `/en${path}` : path);

/**
 * A page in two pieces, to be sent one after the other: `head` reaches to the end of the shop's header.
 * `context`: `{lang, path, query, options}`, `path` without the language; `page`: what a function of `pages.mjs` returned.
 */
export function layout(context, page) {
  const { lang, options } = context;
  const text = words[lang];
  const data = { lang, page: page.name, cart: href(lang, "/cart"), orderDone: href(lang, "/order-done"), home: href(lang, "/"), words: scriptWords(lang), ...page.data };
  const head = html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title ? `${page.title} · ${text.shop}` : `${text.shop} · ${text.tagline}`}</title>
<meta name="description" content="${page.description ?? text.tagline}">
<meta name="theme-color" content="#24413a">
<link rel="icon" type="image/svg+xml" href="/img/mark.svg">
<link rel="stylesheet" href="/assets/shop.css">
<link rel="stylesheet" href="/assets/pages.css">
<script type="module" src="/assets/shop.js"></script>
${options.vitrine && vitrineTag(context)}
</head>
<body>
<div class="page">
${page.name === "home" && html`<!--vitrine:bar-->`}
<a class="skip" href="#content">${text.skip}</a>
${header(context, page)}
`;
  const rest = html`<main id="content" tabindex="-1">
${page.main}
</main>
${footer(context)}
${consent(text)}
</div>
${dataBlock("page-data", data)}
</body>
</html>
`;
  return { head: String(head), rest: String(rest) };
}

const vitrineTag = ({ query, options }) => html`<script async src="${options.collector}/vitrine.js" data-site="demo" data-collector="${options.collector}"${options.prefix && html` data-prefix="${options.prefix}"`} data-edge${(options.debug || query.has("debug")) && html` data-debug`}></script>`;

function header({ lang, path, query }, page) {
  const text = words[lang];
  const other = lang === "ko" ? "en" : "ko";
  const search = query.size > 0 ? `?${query}` : "";
  const entry = (address, name) => html`<li><a href="${href(lang, address)}"${path === address && html` aria-current="page"`}>${name}</a></li>`;
  return html`<header><p class="notice">${text.notice}</p>
<div class="header">
<a class="logo" href="${href(lang, "/")}"><img src="/img/mark.svg" alt="" width="36" height="36"><span>${lang === "ko" ? "마루" : "Maru"}</span></a>
<form class="search" action="${href(lang, "/search")}" role="search">
<input type="search" name="q" value="${page.term ?? ""}" maxlength="60" aria-label="${text.searchLabel}" placeholder="${text.searchPlaceholder}">
<button>${text.search}</button>
</form>
<a class="language" href="${href(other, path)}${search}" lang="${other}" hreflang="${other}" title="${text.otherLanguageLabel}">${text.otherLanguage}</a>
<a class="cart-link" href="${href(lang, "/cart")}">${text.cart} <span class="cart-count" data-cart-count></span></a>
<nav class="menu" aria-label="${text.menu}"><ul>
${categories.map((category) => entry(`/list/${category}`, text.categories[category]))}
${entry("/event", text.event)}
</ul></nav>
</div></header>`;
}

function footer({ lang }) {
  const text = words[lang];
  return html`<footer class="footer">
<p>${text.footerAbout}</p>
<p><button type="button" class="text-button" data-forget>${text.forget}</button> <span role="status" data-forgotten></span></p>
</footer>`;
}

/** Hidden until the script has seen that there is no answer yet; the last in the flow, so that it moves nothing. */
const consent = (text) => html`<section class="consent" aria-labelledby="consent-title" data-consent-bar hidden>
<div><h2 id="consent-title">${text.consentTitle}</h2><p>${text.consentText}</p></div>
<div class="consent-answers">
<button type="button" class="quiet-button" data-answer="none">${text.consentNone}</button>
<button type="button" class="quiet-button" data-answer="remember">${text.consentRemember}</button>
<button type="button" class="quiet-button" data-answer="count">${text.consentCount}</button>
</div>
</section>`;
