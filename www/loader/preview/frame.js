/* The panel's frame: a card that can be folded into a pill and moved to the other
   side, by mouse, touch and keyboard. Never knows what stands in it, and remembers
   how it stood in this tab only. */
import style from "vitrine-preview-style";
import { button, element, icon } from "./element.js";

/* Where this tab keeps how the frame stood. */
const KEY = "vitrine:preview";
/* Below this width, in CSS pixels, the card would hide what is previewed. */
const PHONE = 720;

const remembered = () => {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
};
const remember = (how) => {
  try {
    if (how) sessionStorage.setItem(KEY, JSON.stringify(how));
    else sessionStorage.removeItem(KEY);
  } catch {}
};

/* `content` stands between the card's head and the page's edge. Gives the shadow
   root, how to get out of the way, and how to be forgotten. */
export const openFrame = async (say, content) => {
  /* At first at the side of the pictures: what is bought stands at the other. */
  const how = { folded: innerWidth < PHONE, side: "start", ...remembered() };
  const host = element("div", { "data-vitrine-preview": "" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const fold = (folded, focused) => {
    remember(Object.assign(how, { folded }));
    [card.hidden, pill.hidden] = [folded, !folded];
    if (focused) (folded ? pill : folder).focus();
  };
  const place = (side) => {
    remember(Object.assign(how, { side }));
    host.dataset.side = side;
  };
  const named = (name) => ({ class: "icon", "aria-label": name, title: name });
  const pill = button({ class: "pill", "aria-label": say.unfold, "aria-expanded": "false" }, () => fold(false, true), icon("eye"), say.name);
  const mover = button(named(say.move), () => place(how.side === "end" ? "start" : "end"), icon("swap"));
  const folder = button({ ...named(say.fold), "aria-expanded": "true" }, () => fold(true, true), icon("fold"));
  const head = element("header", {}, icon("eye"), element("h2", {}, say.title), mover, folder);
  const card = element("section", { class: "card", "aria-label": say.title }, head, ...content);
  card.addEventListener("keydown", ({ key }) => key === "Escape" && fold(true, true));
  root.append(pill, card);
  place(how.side);
  fold(how.folded);
  if (!document.body) await new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }));
  document.body.append(host);
  const giveWay = () => {
    if (innerWidth < PHONE) fold(true, true);
  };
  return { root, giveWay, forget: () => remember() };
};
