/* Runs in every page before the shop's scripts, and tells the test what the
   page says and throws, what its policy forbids, and what was moved. It keeps
   nothing on the device and changes nothing that the page can see. */
(() => {
  const born = performance.timeOrigin;
  let count = 0;
  const send = navigator.sendBeacon.bind(navigator);
  const tell = (type, text) => send("/ear/heard", JSON.stringify([{ type, text: String(text), born, count: count++ }]));
  for (const level of ["log", "info", "warn", "error"]) {
    const say = console[level].bind(console);
    console[level] = (...words) => {
      tell({ log: "log", info: "info", warn: "warning", error: "error" }[level], words.join(" "));
      say(...words);
    };
  }
  /* Only some stacks repeat the error's own words. */
  const told = (error) => `${error} ${error?.stack ?? ""}`;
  addEventListener("error", ({ error, message, target }) => tell("thrown", error ? told(error) : message ?? `${target.localName} ${target.src ?? target.href} did not load`), true);
  addEventListener("unhandledrejection", ({ reason }) => tell("thrown", told(reason)));
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => tell("violation", `${effectiveDirective} ${blockedURI} ${sample}`));

  /* Layout shift, frame by frame: only Chromium measures it itself. Places are
     the document's, so that scrolling moves nothing; a new width starts anew. */
  const MARKS = "header, main, main > *, main > * > *, footer";
  const LEAST = 1; /* px: less is rounding */
  let places = new Map();
  let width = 0;
  window.shifts = [];
  const look = () => {
    const now = new Map();
    for (const mark of document.querySelectorAll(MARKS)) {
      if (mark.dataset.vitrine !== undefined || getComputedStyle(mark).position === "fixed") continue;
      const top = mark.getBoundingClientRect().top + scrollY;
      now.set(mark, top);
      const before = places.get(mark);
      if (innerWidth === width && before !== undefined && Math.abs(top - before) > LEAST) {
        window.shifts.push(`<${mark.localName} class="${mark.className}"> by ${Math.round(top - before)} px`);
      }
    }
    places = now;
    width = innerWidth;
    requestAnimationFrame(look);
  };
  document.addEventListener("DOMContentLoaded", () => requestAnimationFrame(look), { once: true });
})();
