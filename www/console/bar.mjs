/** A rate and its interval as a picture of what stands beside it in words. Nothing of it is said aloud. */

const svg = "http://www.w3.org/2000/svg";

export const hasInterval = ({ rate, rate_low, rate_high }) => [rate, rate_low, rate_high].every(Number.isFinite);

export function bar() {
  const element = document.createElementNS(svg, "svg");
  element.setAttribute("class", "bar");
  element.setAttribute("aria-hidden", "true");
  const part = (tag, name, attributes) => {
    const child = document.createElementNS(svg, tag);
    child.setAttribute("class", name);
    for (const [attribute, value] of Object.entries(attributes)) child.setAttribute(attribute, value);
    element.append(child);
    return child;
  };
  part("rect", "track", { x: 0, y: 5, width: "100%", height: 2 });
  const range = part("rect", "range", { y: 2, height: 8, rx: 4 });
  const line = part("line", "reference", { y1: 0, y2: 12 });
  const dot = part("circle", "point", { cy: 6, r: 4 });
  const set = (child, attributes) => { for (const [name, value] of Object.entries(attributes)) child.setAttribute(name, value); };
  return {
    element,
    draw({ rate, rate_low, rate_high }, top, reference) {
      const at = (share) => `${top > 0 ? (96 * share) / top + 2 : 2}%`;
      const known = hasInterval({ rate, rate_low, rate_high });
      for (const child of [range, dot]) child.toggleAttribute("hidden", !known);
      line.toggleAttribute("hidden", reference === undefined);
      if (reference !== undefined) set(line, { x1: at(reference), x2: at(reference) });
      if (!known) return;
      set(range, { x: at(rate_low), width: `${top > 0 ? (96 * (rate_high - rate_low)) / top : 0}%` });
      set(dot, { cx: at(rate) });
    },
  };
}
