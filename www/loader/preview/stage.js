/* Puts a message on the page because the marketer chose it, as the page itself
   would. Never tells the body of it, so that the visitor of the preview does not
   remember a message that was only looked at. */
import { attend, stand } from "../hands.js";

/* The rule language's positions, by their numbers. */
const POSITIONS = ["beforeend", "beforebegin", "afterend"];

const standing = () => [...document.querySelectorAll("[data-vitrine]")];

/* What was decided stands here under its campaign and message, in words. */
export const stands = (key) => standing().some((host) => host.dataset.vitrine === key);

export const openStage = (changed) => {
  let chosen = "";
  let host;
  let off = () => {};
  let keys = [];

  const clear = () => {
    off();
    off = () => {};
    chosen = "";
    for (const other of standing()) other.style.removeProperty("display");
  };
  /* What stands in the same slot makes room; it comes back as it was. */
  const makeRoom = () => {
    if (!chosen) return;
    for (const other of standing()) {
      if (other !== host && keys.includes(other.dataset.vitrine)) other.style.display = "none";
    }
  };
  /* `rivals`: every message of the same slot. Gives a word for what hinders. */
  const choose = (key, { markup, selector, position, height }, rivals) => {
    clear();
    if (!markup) return "noProduct";
    const element = selector ? document.querySelector(selector) : document.body;
    if (!element) return "noPlace";
    const room = selector && !position ? Math.max(height, element.clientHeight) : height;
    [chosen, keys] = [key, rivals];
    makeRoom();
    host = stand(key, markup, [element, POSITIONS[position], room]);
    const remove = attend(host, key, (words) => {
      if (!words.startsWith("dismissed ")) return;
      clear();
      changed();
    });
    off = remove;
    if (selector) host.scrollIntoView({ block: "center" });
    return "";
  };
  return { choose, clear, makeRoom, chosen: () => chosen };
};
