/** The one dialog: a question, what yes means, and two buttons. Never acts before yes. */

import { find, make, say } from "./dom.mjs";

const dialog = find("dialog");
const [yes, no] = [find("dialog-yes"), find("dialog-no")];
const problem = find("dialog-problem");

/**
 * Asks, and on yes acts; resolves to what `act` gave, or undefined after no. While it acts the button says `busy`.
 * What `act` throws is told by `explain` inside the dialog, which stays open; where that gives no sentence it closes.
 */
export function ask({ title, body, yesWord, noWord, busy, act = async () => true, explain = () => undefined }) {
  say(find("dialog-title"), title);
  find("dialog-body").replaceChildren(...body);
  say(yes, yesWord);
  say(no, noWord);
  problem.textContent = "";
  dialog.showModal();
  return new Promise((resolve, reject) => {
    let acting = false;
    const close = (settle, value) => {
      yes.onclick = no.onclick = dialog.oncancel = null;
      dialog.close();
      settle(value);
    };
    no.onclick = () => { if (!acting) close(resolve, undefined); };
    dialog.oncancel = (event) => { event.preventDefault(); no.click(); };
    yes.onclick = async () => {
      if (acting) return;
      acting = true;
      problem.textContent = "";
      if (busy) say(yes, busy);
      try { close(resolve, await act()); } catch (error) {
        acting = false;
        say(yes, yesWord);
        const sentence = explain(error);
        if (sentence === undefined) close(reject, error);
        else problem.textContent = sentence;
      }
    };
  });
}

export const paragraph = (text) => make("p", {}, text);

/** A heading word and the names below it; nothing where there are none. */
export function names(title, list) {
  if (list.length === 0) return [];
  return [make("div", { class: "names" }, make("h3", {}, title), make("ul", {}, ...list.map((name) => make("li", {}, name))))];
}
