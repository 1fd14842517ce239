/* The preview's panel: that this is a draft, what was decided on this page and
   why, and every message to be looked at. Never decides, never takes markup
   (texts go in as text), and can be folded away or moved to the other side. */
import style from "vitrine-preview-style";
import { element, icon, sentence } from "./element.js";
import { openStage, stands } from "./stage.js";
import { language, spoken, words } from "./words.js";

/* Where this tab keeps how the panel stood. */
const KEY = "vitrine:preview";
/* Milliseconds for what else happens at the same time. */
const PAUSE = 120;
/* Below this width, in CSS pixels, the panel would hide what is previewed. */
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

const until = (expires) =>
  new Intl.DateTimeFormat(language(), { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }).format(expires);

/* One campaign's state, in a word for the style. */
const stateOf = ({ shown, message, campaign }) =>
  !shown || message === "holdout" ? "off" : stands(`${campaign} ${message}`) ? "on" : "due";

export const openPanel = async ({ expires, studio, startOver, leave }) => {
  const say = words();
  /* At first at the side of the pictures: what is bought stands at the other. */
  const how = { folded: innerWidth < PHONE, side: "start", ...remembered() };
  const host = document.createElement("div");
  host.dataset.vitrinePreview = "";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const button = (name, label, act) => {
    const made = element("button", { class: name, type: "button", ...label });
    made.addEventListener("click", act);
    return made;
  };
  const note = element("p", { class: "note", role: "status" });
  const list = element("ol", { class: "campaigns", "aria-label": say.campaigns }, element("li", {}, say.waiting));
  const fold = (folded, focused) => {
    remember(Object.assign(how, { folded }));
    [card.hidden, pill.hidden] = [folded, !folded];
    if (focused) (folded ? pill : folder).focus();
  };
  const place = (side) => {
    remember(Object.assign(how, { side }));
    host.dataset.side = side;
  };
  const pill = button("pill", { "aria-label": say.unfold, "aria-expanded": "false" }, () => fold(false, true));
  pill.append(icon("eye"), say.name);
  const mover = button("icon", { "aria-label": say.move, title: say.move }, () => place(how.side === "end" ? "start" : "end"));
  mover.append(icon("swap"));
  const folder = button("icon", { "aria-label": say.fold, title: say.fold, "aria-expanded": "true" }, () => fold(true, true));
  folder.append(icon("fold"));
  const again = button("plain", { title: say.startOverHint }, startOver);
  again.append(say.startOver);
  const out = button("main", {}, () => (remember(), leave()));
  out.append(say.leave);
  const card = element("section", { class: "card", "aria-label": say.title },
    element("header", {}, icon("eye"), element("h2", {}, say.title), mover, folder),
    element("p", { class: "about" }, say.about(until(expires))),
    note, list, element("footer", {}, again, out));
  card.addEventListener("keydown", ({ key }) => key === "Escape" && fold(true, true));
  root.append(pill, card);
  place(how.side);
  fold(how.folded);
  if (!document.body) await new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }));
  document.body.append(host);

  /* Every campaign's messages and its reason; nothing before the plan is there. */
  let told;
  let drawn = "";
  const tell = (text) => note.replaceChildren(...sentence(text));
  const stage = openStage(() => (tell(""), draw()));

  const press = async (campaign, message, rivals) => {
    const key = `${campaign} ${message}`;
    const isBack = stage.chosen() === key;
    const wrong = isBack ? (stage.clear(), "") : stage.choose(key, await studio.show(campaign, message), rivals);
    tell(wrong ? say[wrong](message) : isBack ? "" : say.chosen(message));
    draw();
    if (!wrong && !isBack && innerWidth < PHONE) fold(true, true);
  };
  const row = ({ campaign, slot, messages }, reason, all) => {
    const state = stateOf(reason);
    const rivals = all.filter((other) => other.slot === slot).flatMap((other) => other.messages.map(({ id }) => `${other.campaign} ${id}`));
    const chips = messages.map(({ id, kind }) => {
      const key = `${campaign} ${id}`;
      const chip = button("chip", { "aria-pressed": String(stage.chosen() === key), "data-key": key }, () => press(campaign, id, rivals));
      chip.append(id, " ", element("small", {}, say.kinds[kind]));
      return chip;
    });
    const why = [spoken(reason), state === "due" ? say.unseen : ""].filter(Boolean).join(" ");
    return element("li", { class: state }, element("h3", {}, campaign), element("p", {}, ...sentence(why)), element("div", { class: "chips", role: "group", "aria-label": say.show(campaign) }, ...chips));
  };
  const draw = () => {
    if (!told) return undefined;
    const [messages, reasons] = told;
    if (!reasons) return list.replaceChildren(element("li", {}, say.unexplained));
    const shape = JSON.stringify([told, reasons.map(stateOf), stage.chosen()]);
    if (shape === drawn) return undefined;
    drawn = shape;
    const focused = root.activeElement?.dataset.key;
    const rank = { on: 0, due: 1, off: 2 };
    const rows = reasons.map((reason) => [rank[stateOf(reason)], reason]).sort(([a], [b]) => a - b)
      .map(([, reason]) => row(messages.find(({ campaign }) => campaign === reason.campaign), reason, messages));
    list.replaceChildren(...(rows.length > 0 ? rows : [element("li", {}, say.none)]));
    if (focused) root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    return undefined;
  };
  const look = async () => {
    /* Before the plan is there nothing can be said. */
    told = (await studio.look().catch(() => [])) ?? told;
    stage.makeRoom();
    draw();
  };
  let timer;
  const lookSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  };
  for (const name of ["decided", "shown", "dismissed", "clicked"]) document.addEventListener("vitrine:" + name, lookSoon);
  lookSoon();
};
