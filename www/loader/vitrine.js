/* The script tag. It never throws into the page, never blocks it, and never
   touches storage: it reads its settings, fetches the module, listens to the
   data layer, and hands everything over. */
(() => {
  const before = window.vitrine;
  // A second tag on the page would count everybody twice.
  if (before?.explain) return;
  // A module's tag is not told to its script.
  const script = document.currentScript || document.querySelector("script[data-site]");
  const settings = { ...script?.dataset, ...window.vitrineSettings, at: Date.now() };
  const home = (settings.home ||= script?.src || location.href);
  settings.api = (settings.collector || new URL(home).origin).replace(/\/$/, "") + (settings.prefix || "/v1");
  const waiting = [];
  let call = (...args) => new Promise((answer) => waiting.push([answer, args]));

  const quietly = (work, given) => {
    try {
      return work(given);
    } catch (error) {
      if ("debug" in settings) console.info("[vitrine]", error);
    }
  };

  // What happens to a message is told to the page and, in GA4's words, to the
  // data layer.
  const handlers = {};
  const promotions = { shown: "view_promotion", clicked: "select_promotion" };
  settings.tell = (name, [campaign, message, slot]) => {
    const detail = message === undefined ? JSON.parse(campaign) : { campaign, message, slot };
    (handlers[name] || []).forEach((handler) => quietly(handler, detail));
    document.dispatchEvent(new CustomEvent("vitrine:" + name, { detail }));
    if (promotions[name]) {
      layer.push({
        event: promotions[name],
        ecommerce: { promotion_id: campaign, creative_name: message, creative_slot: slot },
      });
    }
  };

  const vitrine = {
    on: (name, handler) => void (handlers[name] ||= []).push(handler),
    push: (...calls) => calls.forEach((one) => quietly(([name, ...args]) => vitrine[name]?.(...args), one)),
  };
  for (const name of "track page set identify logout consent forget log".split(" ")) {
    vitrine[name] = (argument) => quietly(() => call(name, argument, Date.now()));
  }
  // All that a preview takes is fetched only by who asks for one (`preview.js`).
  const part = (name) => import(new URL(`vitrine_${name}.js`, home));
  vitrine.preview = (token) => part("preview").then((module) => module.go(token), () => {});
  vitrine.explain = async () => (await quietly(() => call("explain", undefined, Date.now()))) || [];
  window.vitrine = vitrine;

  // GA4 ecommerce pushes and gtag() calls, past and future. Page views are
  // the module's own; Tag Manager's and our own events say nothing new.
  const layer = (window.dataLayer ||= []);
  const read = (entry) => {
    const isCall = entry?.[0] === "event";
    const name = isCall ? entry[1] : entry?.event;
    if (typeof name === "string" && !/^(gtm\.|(view|select)_promotion|page_view)/.test(name)) {
      vitrine.track(isCall ? { ...entry[2], event: name } : { ...entry, ...entry.ecommerce });
    }
  };
  const push = layer.push;
  layer.push = function (...entries) {
    const length = push?.apply(this, entries);
    entries.forEach((entry) => quietly(read, entry));
    return length;
  };
  if (Array.isArray(before)) vitrine.push(...before);
  quietly(() => layer.forEach((entry) => quietly(read, entry)));

  const start = async () => {
    if (!settings.site) throw Error("no data-site");
    // A tag that asks for more than a shopper's page gets a body that has more.
    const body = "debug" in settings || "edge" in settings ? "page_full" : "page";
    const wasm = fetch(new URL(`vitrine_${body}_bg.wasm`, home));
    wasm.catch(() => {});
    const module = await part(/[?&]vitrine-preview=/.test(location + document.referrer) ? "preview" : "page");
    call = await module.begin(settings, wasm);
  };
  const begin = () =>
    start()
      .catch((error) => {
        call = () => {};
        console.info("[vitrine] stays out of the way: " + error.message);
      })
      .then(() => waiting.forEach(([answer, args]) => answer(quietly(() => call(...args)))));
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
})();
