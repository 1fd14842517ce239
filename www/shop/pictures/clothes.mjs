/** Trousers and jackets, laid flat and seen from above. Each fits an 800 by 800 box. */

const line = (path, colour, width = 4, dash = "") => `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${dash && ` stroke-dasharray="${dash}"`}/>`;

/** `hem`: half the width of a leg at its end; `reach`: how far the outer seam is from the middle there. */
const trousers = ({ c, d, dd, l }, { hem, reach, pleats, topstitch }) => {
  const outer = reach, inner = reach - 2 * hem;
  const crease = Math.round((outer + inner) / 2);
  return `<path d="M276 96 L524 96 Q552 240 ${400 + outer} 708 L${400 + inner} 708 L400 322 L${400 - inner} 708 L${400 - outer} 708 Q248 240 276 96 Z" fill="${c}"/>
<path d="M400 322 L${400 + inner} 708 L${400 + inner + 26} 708 L412 300 Z M400 322 L${400 - inner} 708 L${400 - inner - 26} 708 L388 300 Z" fill="${d}"/>
<path d="M276 96 L524 96 L531 146 L269 146 Z" fill="${d}"/>
${[300, 352, 448, 500].map((x) => `<rect x="${x - 7}" y="88" width="14" height="66" rx="3" fill="${dd}"/>`).join("")}
<circle cx="400" cy="121" r="11" fill="${topstitch ? "#c79a4b" : l}"/>
${line("M400 146 V322", dd, 4)}${line("M400 262 Q426 256 426 226 V146", topstitch ?? dd, 3, topstitch && "8 6")}
${line("M288 146 Q284 214 256 232 M512 146 Q516 214 544 232", topstitch ?? dd, 4, topstitch && "8 6")}
${topstitch ? line(`M${400 - outer + 14} 690 L${400 - inner - 8} 690 M${400 + outer - 14} 690 L${400 + inner + 8} 690`, topstitch, 3, "8 6") : line(`M336 150 Q330 420 ${400 - crease} 704 M464 150 Q470 420 ${400 + crease} 704`, d, 5)}
${pleats ? line("M312 150 L308 236 M360 150 L354 220 M488 150 L492 236 M440 150 L446 220", dd, 4) : ""}`;
};

export const wide = (palette) => trousers(palette, { hem: 98, reach: 236, pleats: true });
export const straight = (palette) => trousers(palette, { hem: 66, reach: 172, topstitch: "#d9a765" });
export const taper = (palette) => trousers(palette, { hem: 44, reach: 134, pleats: true });

/** Two sleeves that hang a little away from the body; `hem` is the height at which the body ends. */
const sleeves = ({ c, d, dd, l }, end) => `<path d="M262 150 Q196 168 176 236 L108 ${end - 30} L196 ${end} L276 330 Z" fill="${d}"/><path d="M538 150 Q604 168 624 236 L692 ${end - 30} L604 ${end} L524 330 Z" fill="${d}"/>
<path d="M262 150 Q196 168 176 236 L108 ${end - 30} L140 ${end - 19} L222 250 Z" fill="${l}" opacity=".6"/>
${line(`M117 ${end - 64} L205 ${end - 34} M683 ${end - 64} L595 ${end - 34}`, dd, 4)}`;

export const chore = (palette) => {
  const { c, d, dd, l } = palette;
  const pocket = (x, y, width, height) => `<path d="M${x} ${y} H${x + width} V${y + height - 16} Q${x + width} ${y + height} ${x + width - 16} ${y + height} H${x + 16} Q${x} ${y + height} ${x} ${y + height - 16} Z" fill="${l}" stroke="${dd}" stroke-width="3"/>${line(`M${x + 4} ${y + 14} H${x + width - 4}`, dd, 3, "7 6")}`;
  return `${sleeves(palette, 590)}
<path d="M316 128 L262 150 Q250 400 242 668 L558 668 Q550 400 538 150 L484 128 Q400 168 316 128 Z" fill="${c}"/>
<path d="M316 128 Q400 168 484 128 L464 120 Q400 140 336 120 Z" fill="${dd}"/>
<path d="M316 128 L400 214 L338 262 L284 150 Z M484 128 L400 214 L462 262 L516 150 Z" fill="${d}" stroke="${dd}" stroke-width="3"/>
${line("M400 214 V668", dd, 4)}${pocket(440, 300, 86, 96)}${pocket(272, 480, 106, 128)}${pocket(424, 480, 106, 128)}
${[268, 350, 432, 514, 596].map((y) => `<circle cx="386" cy="${y}" r="10" fill="#d9c7a3" stroke="${dd}" stroke-width="3"/>`).join("")}
${line("M246 646 H554", dd, 3, "8 7")}`;
};

export const shell = (palette) => {
  const { c, d, dd, l, ink } = palette;
  return `${sleeves(palette, 606)}
<path d="M300 190 Q276 66 400 62 Q524 66 500 190 Q400 250 300 190 Z" fill="${d}"/>
<path d="M330 196 Q318 104 400 102 Q482 104 470 196 Q400 244 330 196 Z" fill="${dd}"/>
<path d="M300 168 L262 150 Q246 400 238 690 L562 690 Q554 400 538 150 L500 168 Q460 232 400 238 Q340 232 300 168 Z" fill="${c}"/>
<path d="M262 150 Q246 400 238 690 L292 690 Q290 400 300 168 Z" fill="${l}"/>
${line("M400 238 V690", ink, 10)}${line("M400 238 V690", "#d8d2c4", 3, "5 7")}
${line("M352 216 L346 330 M448 216 L454 330", "#f1ece1", 6)}
<path d="M278 470 L352 500 L352 520 L278 490 Z M522 470 L448 500 L448 520 L522 490 Z" fill="${dd}"/>
<rect x="394" y="240" width="12" height="42" rx="6" fill="#d8d2c4"/>${line("M240 662 H388 M412 662 H560", dd, 3)}`;
};

export const coat = (palette) => {
  const { c, d, dd, l, ink } = palette;
  return `${sleeves(palette, 556)}
<path d="M320 112 L262 150 Q256 420 226 736 L574 736 Q544 420 538 150 L480 112 Q400 140 320 112 Z" fill="${c}"/>
<path d="M320 112 Q400 150 480 112 L462 100 Q400 122 338 100 Z" fill="${dd}"/>
<path d="M330 108 L400 360 L470 108 Q400 142 330 108 Z" fill="#efe9dc"/>
<path d="M424 736 L424 368 L400 360 L372 736 Z" fill="${d}" opacity=".55"/>
<path d="M320 112 L286 142 L296 232 L268 250 L372 388 L400 360 Z" fill="${d}" stroke="${dd}" stroke-width="3"/>
<path d="M480 112 L514 142 L504 232 L532 250 L428 388 L392 356 Z" fill="${l}" stroke="${dd}" stroke-width="3"/>
${line("M428 388 Q432 560 424 736", dd, 4)}
${[424, 500, 576].map((y) => [366, 466].map((x) => `<circle cx="${x}" cy="${y}" r="13" fill="${ink}"/>`).join("")).join("")}
<path d="M268 520 L342 512 L344 536 L268 544 Z M532 520 L494 514 L494 538 L532 544 Z" fill="${dd}"/>`;
};
