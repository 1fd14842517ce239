// What an eye would find wrong with a page's layout, measured. It never
// judges taste: text that is cut off, text upon text, a page wider than the
// window, and overlays upon overlays.

/**
 * Sentences on what is wrong with the layout of a page, its banners included.
 * `mirror` is a selector of what a script scrolls along with something else,
 * such as an editor's line numbers: it is cut off wherever the other stands.
 */
export const layoutFlaws = (page, mirror = "") => page.evaluate(measure, mirror);

// Runs in the page.
function measure(mirror) {
  const SLACK = 1.5; /* px: rounding, and the ink of slanted letters */
  const flaws = [];
  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth) flaws.push(`the page is ${root.scrollWidth} px wide in a window of ${innerWidth} px`);

  const texts = [];
  const gather = (start) => {
    const walker = document.createTreeWalker(start, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.data.trim() === "" || !isSeen(node.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const lines = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
      if (lines.length > 0) texts.push({ node, lines, layer: layerOf(node.parentElement), words: node.data.trim().replace(/\s+/g, " ").slice(0, 40) });
    }
    for (const element of start.querySelectorAll("*")) if (element.shadowRoot) gather(element.shadowRoot);
  };
  const parentOf = (element) => element.parentElement ?? (element.getRootNode() instanceof ShadowRoot ? element.getRootNode().host : null);
  const isSeen = (element) => {
    if (["SCRIPT", "STYLE", "NOSCRIPT", "TITLE", "OPTION"].includes(element.nodeName)) return false;
    if (mirror && element.closest(mirror)) return false;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    /* Kept for screen readers, by the usual means. */
    for (let at = element; at; at = parentOf(at)) {
      const { clipPath, position, transform } = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      if (clipPath !== "none" || (position === "absolute" && (box.width <= 1 || box.right <= 0 || box.bottom + scrollY <= 0))) return false;
      if (position === "fixed" && transform !== "none" && box.bottom <= 0) return false;
    }
    return true;
  };
  /* What floats above the page is a layer of its own. */
  const layerOf = (element) => {
    for (let at = element; at; at = parentOf(at)) if (["fixed", "sticky"].includes(getComputedStyle(at).position)) return at;
    return document.documentElement;
  };
  gather(document.body);

  for (const { node, lines, words } of texts) {
    for (let at = node.parentElement; at && at !== document.documentElement; at = parentOf(at)) {
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const hides = (axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);
      const over = lines.some((line) => {
        const third = (line.bottom - line.top) / 4; /* a line's box is taller than its letters */
        return (hides("Y") && (line.top + third < box.top - SLACK || line.bottom - third > box.bottom + SLACK))
          || (hides("X") && (line.left < box.left - SLACK || line.right > box.right + SLACK));
      });
      if (over) { flaws.push(`"${words}" is cut off by <${at.localName} class="${at.className}">`); break; }
    }
    const scrolls = (element) => { for (let at = element; at; at = parentOf(at)) if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true; return false; };
    if (!scrolls(node.parentElement) && lines.some(({ left, right }) => left < -SLACK || right > innerWidth + SLACK)) flaws.push(`"${words}" runs out of the window`);
  }

  const core = (line) => ({ left: line.left + 1, right: line.right - 1, top: line.top + (line.bottom - line.top) / 4, bottom: line.bottom - (line.bottom - line.top) / 4 });
  const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  /* Of what scrolls within the page, only what is in its window can meet anything. */
  const windowOf = (element) => {
    let [left, top, right, bottom] = [-Infinity, -Infinity, Infinity, Infinity];
    for (let at = element; at; at = parentOf(at)) {
      const { overflowX, overflowY } = getComputedStyle(at);
      if (at === document.documentElement || at === document.body || (overflowX === "visible" && overflowY === "visible")) continue;
      const box = at.getBoundingClientRect();
      [left, top, right, bottom] = [Math.max(left, box.left), Math.max(top, box.top), Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom };
  };
  const placed = texts.map((text) => ({ ...text, cores: text.lines.map(core).filter((line) => meets(line, windowOf(text.node.parentElement))) }));
  placed.forEach((a, at) => {
    for (const b of placed.slice(at + 1)) {
      if (a.layer === b.layer && a.cores.some((one) => b.cores.some((other) => meets(one, other)))) flaws.push(`"${a.words}" lies upon "${b.words}"`);
    }
  });

  const layers = [...new Set(texts.map(({ layer }) => layer))].filter((layer) => layer !== document.documentElement && !layer.matches("dialog, :modal *"));
  layers.forEach((a, at) => {
    for (const b of layers.slice(at + 1)) {
      const [one, other] = [a, b].map((layer) => layer.getBoundingClientRect());
      const gap = { left: one.left + 1, right: one.right - 1, top: one.top + 1, bottom: one.bottom - 1 };
      if (!a.contains(b) && !b.contains(a) && meets(gap, other)) flaws.push(`<${a.localName} class="${a.className}"> lies upon <${b.localName} class="${b.className}">`);
    }
  });
  return [...new Set(flaws)];
}
