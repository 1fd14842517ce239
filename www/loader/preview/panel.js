/* The preview's panel: that this is a draft, what was decided on this page and
   why, and every message to be looked at. Never decides, and never takes markup:
   texts go in as text. */
import { button, element, sentence } from "./element.js";
import { openFrame } from "./frame.js";
import { openStage, stands } from "./stage.js";
import { language, spoken, words } from "./words.js";

/* Milliseconds for what else happens at the same time. */
const PAUSE = 120;
/* What is on the page stands first in the list. */
const ORDER = ["on", "due", "off"];

const until = (expires) =>
  new Intl.DateTimeFormat(language(), { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }).format(expires);

/* One campaign's state, in a word of `ORDER`. */
const stateOf = ({ shown, message, campaign }) =>
  !shown || message === "holdout" ? "off" : stands(`${campaign} ${message}`) ? "on" : "due";

/* One campaign: why it is shown or not, and its messages to be pressed. */
const row = (say, { campaign, messages }, reason, { chosen, press }) => {
  const state = stateOf(reason);
  const chips = messages.map(({ id, kind }) => {
    const key = `${campaign} ${id}`;
    const name = { class: "chip", "aria-pressed": String(chosen === key), "data-key": key };
    return button(name, () => press(campaign, id), id, " ", element("small", {}, say.kinds[kind]));
  });
  const why = state === "due" ? say.unseen(reason.message) : spoken(reason);
  return element("li", { class: state },
    element("h3", {}, campaign), element("p", {}, ...sentence(why)),
    element("div", { class: "chips", role: "group", "aria-label": say.show(campaign) }, ...chips));
};

export const openPanel = async ({ expires, studio, startOver, leave }) => {
  const say = words();
  const note = element("p", { class: "note", role: "status" });
  const list = element("ol", { class: "campaigns", "aria-label": say.campaigns }, element("li", {}, say.waiting));
  const again = button({ class: "plain", title: say.startOverHint }, startOver, say.startOver);
  const out = button({ class: "main" }, () => (frame.forget(), leave()), say.leave);
  const frame = await openFrame(say, [
    element("p", { class: "about" }, say.about(until(expires))), note, list, element("footer", {}, again, out),
  ]);

  /* Every campaign's messages and its reason; nothing before the plan is there. */
  let told;
  let drawn = "";
  const tell = (text) => note.replaceChildren(...sentence(text));
  const stage = openStage(() => (tell(""), draw()));

  /* Every message of the slot that a campaign has. */
  const rivals = (campaign) => {
    const { slot } = told[0].find((one) => one.campaign === campaign);
    return told[0].filter((one) => one.slot === slot).flatMap((one) => one.messages.map(({ id }) => `${one.campaign} ${id}`));
  };
  const press = async (campaign, message) => {
    const key = `${campaign} ${message}`;
    const isBack = stage.chosen() === key;
    const wrong = isBack ? stage.clear() : stage.choose(key, await studio.show(campaign, message), rivals(campaign));
    tell(wrong ? say[wrong](message) : isBack ? "" : say.chosen(message));
    draw();
    if (!wrong && !isBack) frame.giveWay();
  };
  const draw = () => {
    if (!told) return;
    const [campaigns, reasons] = told;
    if (!reasons) return list.replaceChildren(element("li", {}, say.unexplained));
    const chosen = stage.chosen();
    const shape = JSON.stringify([told, reasons.map(stateOf), chosen]);
    if (shape === drawn) return;
    drawn = shape;
    const focused = frame.root.activeElement?.dataset.key;
    const sorted = [...reasons].sort((a, b) => ORDER.indexOf(stateOf(a)) - ORDER.indexOf(stateOf(b)));
    const rows = sorted.map((reason) => row(say, campaigns.find(({ campaign }) => campaign === reason.campaign), reason, { chosen, press }));
    list.replaceChildren(...(rows.length > 0 ? rows : [element("li", {}, say.none)]));
    if (focused) frame.root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
  const look = async () => {
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
