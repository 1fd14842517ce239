/* Watches a page for signs: how far it is scrolled, how long it is in view, how
   long nobody touches it, and that somebody leaves. Fetched only where a plan
   waits for one. Never decides, never throws, tells each sign once. */
const SEPARATOR = "\x1f";

/* `signs`: each a name and how much of it, parted by ASCII 31; `tell` is called
   with the same words, until the `signal` ends the watch. */
export const watch = (signs, signal, tell) => {
  const on = (names, hear) => {
    const options = { signal, passive: true, capture: true };
    for (const name of names.split(" ")) document.addEventListener(name, hear, options);
  };
  for (const sign of new Set(signs.split(SEPARATOR))) {
    const [name, amount] = sign.split(" ");
    let told = false;
    const seen = () => {
      if (told || signal.aborted) return;
      told = true;
      tell(sign);
    };
    if (name === "scroll") {
      on("scroll", () => {
        const { scrollTop, clientHeight, scrollHeight } = document.scrollingElement;
        if ((scrollTop + clientHeight) * 100 >= amount * scrollHeight) seen();
      });
    } else if (name === "exit_intent") {
      on("mouseout", ({ relatedTarget, clientY }) => relatedTarget || clientY > 0 || seen());
      /* Without a pointer nobody can see a visitor go, only come back. */
      if (!matchMedia("(hover)").matches) on("visibilitychange", () => document.hidden || seen());
    } else if (amount) {
      /* Time in view; a touch starts the idle one anew. */
      const idle = name === "user_idle";
      let left = amount * 1000;
      let from;
      let timer;
      const run = () => {
        clearTimeout(timer);
        left = idle || !from ? left : left - (Date.now() - from);
        from = !told && !document.hidden && Date.now();
        if (from) timer = setTimeout(seen, left);
      };
      run();
      on(idle ? "visibilitychange pointermove pointerdown keydown wheel scroll" : "visibilitychange", run);
    }
  }
};
