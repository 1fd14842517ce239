/** Checks rule text. Never decides what is wrong: the same checker as the collector's does, as wasm in this browser. */

/** What a rule file may weigh, in bytes; the checker's own limit. */
export const mostBytes = 1024 * 1024;

let loading;

/**
 * The diagnostics of a text and where it was checked: `{diagnostics, here}`. `ask` checks at the collector,
 * for browsers that cannot load the module.
 */
export async function check(text, ask) {
  loading ??= load();
  const studio = await loading;
  if (studio) {
    try { return { diagnostics: JSON.parse(studio.check(text, Date.now())), here: true }; } catch (error) {
      /* A module that has trapped is never called again. */
      console.warn("vitrine: the checker failed, the collector checks instead:", error);
      loading = Promise.resolve(undefined);
    }
  }
  return { diagnostics: await ask(text), here: false };
}

async function load() {
  try {
    const studio = await import("/vitrine_studio.js");
    await studio.default();
    return studio;
  } catch (error) {
    console.warn("vitrine: the checker could not be loaded, the collector checks instead:", error);
    return undefined;
  }
}
