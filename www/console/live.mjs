/**
 * Keeps results fresh: the collector's stream where it flows, asking every few seconds where it does not.
 * Never asks while nobody looks at the page.
 */

/** Milliseconds between two questions while the stream is broken. */
const pollEvery = 5_000;
/** Milliseconds without news after which a question is asked although the stream seems well: it may be dead. */
const quietFor = 20_000;
/** Milliseconds after which a stream that the collector closed is opened again. */
const reopenAfter = 30_000;
/** Milliseconds between two looks at the clock. */
const beat = 1_000;

/**
 * Calls `take(results)` with every document, `fail(refusal)` with every question that was refused, and `tick()` every
 * second. Gives a function that ends it.
 */
export function follow(faces, { take, fail, tick }) {
  let stream;
  let closedAt = 0;
  let newsAt = 0;
  let askedAt = 0;
  let asking = false;
  let ended = false;

  const news = (document) => { newsAt = Date.now(); if (!ended) take(document); };

  function open() {
    stream = new EventSource(faces.live);
    stream.addEventListener("results", (event) => {
      try { news(JSON.parse(event.data)); } catch { /* Half a document; the next question brings a whole one. */ }
    });
    /* The browser opens a stream that broke again by itself, but not one that was refused. */
    stream.addEventListener("error", () => {
      if (stream?.readyState !== EventSource.CLOSED) return;
      close();
      closedAt = Date.now();
    });
  }

  function close() {
    stream?.close();
    stream = undefined;
  }

  async function question() {
    asking = true;
    askedAt = Date.now();
    try { news(await faces.results()); } catch (refusal) { if (!ended) fail(refusal); }
    asking = false;
  }

  function look() {
    if (document.hidden) return;
    const now = Date.now();
    if (!stream && now - closedAt >= reopenAfter) open();
    const patience = stream?.readyState === EventSource.OPEN ? quietFor : pollEvery;
    if (!asking && now - Math.max(newsAt, askedAt) >= patience) question();
    tick();
  }

  function turn() {
    if (document.hidden) close();
    else { closedAt = 0; look(); }
  }

  const timer = setInterval(look, beat);
  document.addEventListener("visibilitychange", turn);
  turn();
  return () => {
    ended = true;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", turn);
    close();
  };
}
