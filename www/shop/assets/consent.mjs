/** Asks once what may be remembered, tells Vitrine on every page, and forgets on request. Never decides for the visitor. */

import { emptyCart } from "./cart.mjs";
import { read, write } from "./storage.mjs";

const key = "maru.consent";
const answers = {
  none: { storage: "none", reports: false },
  remember: { storage: "persistent", reports: false },
  count: { storage: "persistent", reports: true },
};

const tell = (...command) => (window.vitrine = window.vitrine || []).push(command);

export function startConsent({ words }) {
  const bar = document.querySelector("[data-consent-bar]");
  const stored = read(key);
  const answer = Object.values(answers).find(({ storage, reports }) => stored?.storage === storage && stored.reports === reports);
  if (answer) tell("consent", answer);
  bar.hidden = answer !== undefined;
  // Vitrine's bars stand above this one, not over it, while it is open: rounded down, so that no sliver of the page stands between.
  const height = () => Math.floor(bar.getBoundingClientRect().height);
  new ResizeObserver(() => document.documentElement.style.setProperty("--vitrine-bottom", `${height()}px`)).observe(bar);

  bar.addEventListener("click", (event) => {
    const chosen = answers[event.target.dataset.answer];
    if (!chosen) return;
    write(key, chosen);
    tell("consent", chosen);
    bar.hidden = true;
    document.getElementById("content").focus({ preventScroll: true });
  });

  document.querySelector("[data-forget]").addEventListener("click", () => {
    // Forgetting first wipes; withdrawing the answer then keeps this page from remembering anew.
    tell("forget");
    tell("consent", answers.none);
    write(key, undefined);
    write("maru.order", undefined);
    emptyCart();
    bar.hidden = false;
    document.querySelector("[data-forgotten]").textContent = words.forgotten;
  });
}
