/** Which language the page speaks. Never asks the network: both languages are in words.mjs. */

import { languages } from "./words.mjs";

/** Where the choice is kept on this device. */
const key = "vitrine.console.language";
const listeners = [];
let language = chosen() ?? (navigator.languages.some((tag) => tag.toLowerCase().startsWith("ko")) ? "ko" : "en");

/** The text of a name; a text with gaps takes what goes into them. */
export function words(name, ...gaps) {
  const text = languages[language][name];
  return typeof text === "function" ? text(...gaps) : text;
}

/** The language's tag, for `Intl`. */
export const locale = () => language;

/** Calls back whenever the language changes, so that texts made by scripts follow. */
export const onLanguage = (listener) => listeners.push(listener);

/** Speaks the language from now on in every text that the page holds. */
export function startLanguage() {
  const button = document.getElementById("language");
  button.addEventListener("click", () => {
    language = language === "en" ? "ko" : "en";
    keep();
    speak(button);
    for (const listener of listeners) listener();
  });
  speak(button);
}

function speak(button) {
  document.documentElement.lang = language;
  document.title = words("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words(element.dataset.word);
  for (const element of document.querySelectorAll("[data-name]")) element.setAttribute("aria-label", words(element.dataset.name));
  button.textContent = words("otherLanguage");
  button.lang = language === "en" ? "ko" : "en";
  button.title = words("otherLanguageLabel");
}

/* Storage may be blocked; then the choice lasts as long as the page. */
function chosen() {
  try {
    const kept = localStorage.getItem(key);
    return Object.hasOwn(languages, kept) ? kept : undefined;
  } catch { return undefined; }
}

function keep() {
  try { localStorage.setItem(key, language); } catch { /* see above */ }
}
