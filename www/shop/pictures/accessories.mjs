/** Belts and small things. Each fits an 800 by 800 box. */

const line = (path, colour, width = 4, dash = "") => `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${dash && ` stroke-dasharray="${dash}"`}/>`;

/** A belt closed to a ring and seen from slightly above; `height` is the width of the strap. */
const ring = ({ c, d, dd }, height, front) => {
  const top = 420 - height / 2, low = top + height;
  return `<ellipse cx="400" cy="${low + 150}" rx="270" ry="16" fill="#1e1c19" opacity=".13"/>
<path d="M110 ${top} A290 130 0 0 1 690 ${top} L690 ${low} A290 130 0 0 0 110 ${low} Z" fill="${dd}"/>
<path d="M110 ${top} A290 130 0 0 0 690 ${top} L690 ${low} A290 130 0 0 1 110 ${low} Z" fill="${c}"/>
${front(top + 130, height)}
${line(`M110 ${top} A290 130 0 0 0 690 ${top}`, d, 3)}`;
};

const buckle = (y, height, metal) => `<rect x="330" y="${y - 12}" width="112" height="${height + 24}" rx="12" fill="none" stroke="${metal}" stroke-width="15"/>${line(`M334 ${y + height / 2} L448 ${y + height / 2}`, metal, 11)}`;
const holes = (y, height, colour) => [486, 524, 562].map((x, i) => `<circle cx="${x}" cy="${y + height / 2 - 3 - i * 6}" r="6" fill="${colour}"/>`).join("");

export const belt = (palette) => ring(palette, 84, (y, height) => `
${line("M116 446 A290 130 0 0 0 330 534 M448 534 A290 130 0 0 0 684 446", palette.d, 3, "9 7")}
${holes(y, height, palette.dd)}<rect x="264" y="${y - 10}" width="34" height="${height + 10}" rx="6" fill="${palette.d}"/>${buckle(y, height, palette.steel)}`);

export const slim = (palette) => ring(palette, 50, (y, height) => `
${holes(y, height, palette.dd)}<circle cx="392" cy="${y + height / 2}" r="46" fill="none" stroke="${palette.brass}" stroke-width="13"/>${line(`M350 ${y + height / 2} L438 ${y + height / 2}`, palette.brass, 9)}`);

/** The weave is a row of crossing strands along the front of the ring. */
export const woven = (palette) => ring(palette, 92, (y, height) => {
  const strands = [];
  for (let x = 128; x <= 672; x += 16) {
    const dip = 130 * Math.sqrt(1 - ((x - 400) / 290) ** 2);
    const top = y - 130 + dip + 8, low = top + height - 18;
    strands.push(line(`M${x - 9} ${top.toFixed(1)} L${x + 9} ${low.toFixed(1)}`, palette.l, 5), line(`M${x + 9} ${top.toFixed(1)} L${x - 9} ${low.toFixed(1)}`, palette.d, 5));
  }
  return `${strands.join("")}<path d="M448 ${y} h60 q14 ${height / 2} 0 ${height - 4} h-60 Z" fill="#7a4b2e"/><rect x="300" y="${y - 2}" width="46" height="${height}" rx="4" fill="#7a4b2e"/>${buckle(y, height, palette.brass)}`;
});

export const watch = ({ c, d, dd, steel, ink }) => {
  const strap = c === "#b9bdc2" ? { c: "#34373c", d: "#24262a" } : { c, d };
  const ticks = Array.from({ length: 12 }, (_, hour) => `<path d="M400 268 V${hour % 3 === 0 ? 296 : 284}" stroke="${ink}" stroke-width="${hour % 3 === 0 ? 7 : 4}" transform="rotate(${hour * 30} 400 400)"/>`).join("");
  return `<path d="M322 88 Q400 74 478 88 L494 300 L306 300 Z M306 500 L494 500 L478 716 Q400 732 322 716 Z" fill="${strap.c}"/>
<path d="M322 88 L342 85 L332 300 L306 300 Z M306 500 L332 500 L342 719 L322 716 Z" fill="${strap.d}"/>
${[570, 610, 650].map((y) => `<circle cx="400" cy="${y}" r="7" fill="${strap.d}"/>`).join("")}
<rect x="556" y="382" width="30" height="36" rx="6" fill="#9fa2a6"/>
<circle cx="400" cy="400" r="164" fill="#9fa2a6"/><circle cx="400" cy="400" r="156" fill="${steel}"/><circle cx="400" cy="400" r="142" fill="#fbfaf6"/>
${ticks}${line("M400 400 L340 346", ink, 11)}${line("M400 400 L476 330", ink, 8)}${line("M400 424 L400 306", "#b3421f", 3)}<circle cx="400" cy="400" r="11" fill="${ink}"/>`;
};

export const cap = ({ c, d, dd, l }) => `<ellipse cx="400" cy="600" rx="290" ry="14" fill="#1e1c19" opacity=".13"/>
<path d="M140 520 Q120 232 362 218 Q590 222 600 500 Q380 540 140 520 Z" fill="${c}"/>
<path d="M140 520 Q120 232 362 218 Q236 300 252 526 Q190 526 140 520 Z" fill="${d}"/>
<path d="M362 218 Q500 300 494 516 Q560 508 600 500 Q590 222 362 218 Z" fill="${l}"/>
${line("M362 218 Q236 300 252 526 M362 218 Q500 300 494 516", dd, 4)}
${line("M380 232 Q512 310 508 500", dd, 2, "8 7")}
<ellipse cx="362" cy="216" rx="24" ry="11" fill="${dd}"/>
<path d="M250 526 Q430 540 600 498 Q736 520 724 566 Q700 592 560 566 Q420 548 262 588 Q236 560 250 526 Z" fill="${d}"/>
<path d="M258 560 Q420 524 560 544 Q690 566 724 558 Q716 590 560 566 Q420 548 262 588 Q254 574 258 560 Z" fill="${dd}"/>
<circle cx="300" cy="390" r="7" fill="${dd}"/><circle cx="440" cy="380" r="7" fill="${dd}"/>`;

export const scarf = ({ c, d, dd, l }) => {
  const fringe = (from, to, y) => Array.from({ length: 9 }, (_, i) => line(`M${Math.round(from + ((to - from) * i) / 8)} ${y} l${i % 2 ? 3 : -3} 46`, d, 7)).join("");
  return `${fringe(216, 356, 650)}${fringe(440, 584, 690)}
<path d="M262 220 Q300 330 360 372 L362 654 L208 654 Q206 470 250 340 Z" fill="${d}"/>
<path d="M540 220 Q500 330 430 372 L432 694 L592 694 Q590 480 550 340 Z" fill="${c}"/>
<path d="M240 250 Q230 130 400 120 Q570 130 560 250 Q500 400 400 408 Q300 400 240 250 Z" fill="${c}"/>
<path d="M290 236 Q300 176 400 172 Q500 176 510 236 Q470 300 400 304 Q330 300 290 236 Z" fill="${dd}"/>
<path d="M240 250 Q300 400 400 408 Q500 400 560 250 Q480 350 400 352 Q320 350 240 250 Z" fill="${l}"/>
<path d="M432 610 H592 M432 640 H592" stroke="${l}" stroke-width="12"/><path d="M208 574 H362 M208 604 H362" stroke="${l}" stroke-width="12"/>
${line("M470 380 Q486 500 480 690 M540 350 Q552 500 546 690 M300 350 Q280 480 284 650", dd, 3)}`;
};

export const wallet = ({ c, d, dd, l }) => `<ellipse cx="400" cy="604" rx="250" ry="14" fill="#1e1c19" opacity=".13"/>
<rect x="196" y="212" width="408" height="180" rx="16" fill="#f7f3ea"/><rect x="196" y="244" width="408" height="180" rx="16" fill="#c75a2a"/><rect x="196" y="276" width="408" height="180" rx="16" fill="#2f5247"/>
<rect x="224" y="296" width="52" height="34" rx="6" fill="#d9b25f"/>
<path d="M160 320 Q160 300 180 300 H184 V340 H616 V300 H620 Q640 300 640 320 V566 Q640 598 608 598 H192 Q160 598 160 566 Z" fill="${d}"/>
<path d="M160 400 H640 V566 Q640 598 608 598 H192 Q160 598 160 566 Z" fill="${c}"/>
<path d="M350 400 Q400 452 450 400 Z" fill="${dd}"/>${line("M176 418 H340 Q400 482 460 418 H624 V560 Q624 582 602 582 H198 Q176 582 176 560 Z", l, 3, "9 8")}`;

export const glasses = ({ c, d, dd, l }) => `<ellipse cx="400" cy="560" rx="290" ry="12" fill="#1e1c19" opacity=".1"/>
${line("M116 372 Q96 300 190 270 M684 372 Q704 300 610 270", dd, 18)}
${[246, 554].map((x) => `<circle cx="${x}" cy="424" r="116" fill="#4d4a3f"/><path d="M${x - 84} 344 A116 116 0 0 1 ${x + 20} 310 L${x - 74} 470 A116 116 0 0 1 ${x - 84} 344 Z" fill="#77725f" opacity=".55"/><circle cx="${x}" cy="424" r="116" fill="none" stroke="${c}" stroke-width="30"/><circle cx="${x}" cy="424" r="127" fill="none" stroke="${l}" stroke-width="5" opacity=".6"/>`).join("")}
<path d="M352 398 Q400 352 448 398" fill="none" stroke="${c}" stroke-width="26"/>
<path d="M104 392 L136 380 L140 412 L112 420 Z M696 392 L664 380 L660 412 L688 420 Z" fill="${d}"/>`;

export const socks = ({ c, d, dd, l }) => {
  const one = (x, y, body, shade) => `<g transform="translate(${x} ${y})"><path d="M60 0 H220 Q224 170 226 300 Q236 380 320 410 Q384 436 372 488 Q360 524 290 516 Q150 500 90 420 Q56 370 58 300 Q64 150 60 0 Z" fill="${body}"/>
<path d="M60 0 H220 L222 84 H62 Z" fill="${shade}"/><path d="M58 300 Q100 300 136 360 Q130 420 104 436 Q56 380 58 300 Z" fill="${shade}"/><path d="M320 410 Q384 436 372 488 Q360 524 290 516 Q280 450 320 410 Z" fill="${shade}"/>
${[84, 108, 132, 156, 180, 202].map((at) => line(`M${at} 6 V78`, dd, 3)).join("")}${[92, 124, 156, 188].map((at) => line(`M${at} 96 V290`, shade, 4)).join("")}</g>`;
  return one(290, 120, d, dd) + one(130, 150, c, d) + line("M190 262 H350", "#b3421f", 8);
};
