/** Bags, standing and seen from the front. Each fits an 800 by 800 box. */

const ground = (y, from, to) => `<ellipse cx="${(from + to) / 2}" cy="${y}" rx="${(to - from) / 2}" ry="14" fill="#1e1c19" opacity=".13"/>`;
const line = (path, colour, width = 4, dash = "") => `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round"${dash && ` stroke-dasharray="${dash}"`}/>`;

export const tote = ({ c, d, dd, l }) => `${ground(698, 130, 670)}
<path d="M296 330 C296 90 504 90 504 330" fill="none" stroke="${dd}" stroke-width="20"/>
<path d="M186 306 L614 306 L660 672 Q662 696 636 696 L164 696 Q138 696 140 672 Z" fill="${c}"/>
<path d="M186 306 L614 306 L618 342 L182 342 Z" fill="${d}"/>
<path d="M560 342 L618 342 L660 672 Q662 696 636 696 L590 696 Z" fill="${d}" opacity=".5"/>
<path d="M182 342 L240 342 L212 696 L164 696 Q138 696 140 672 Z" fill="${l}" opacity=".7"/>
<path d="M272 350 C260 130 540 130 528 350" fill="none" stroke="#7a4b2e" stroke-width="24"/>
${[272, 528].map((x) => `<rect x="${x - 19}" y="330" width="38" height="92" rx="6" fill="#7a4b2e"/>${line(`M${x - 11} 340 V412 M${x + 11} 340 V412`, "#c99a6f", 3, "6 6")}`).join("")}
<rect x="352" y="520" width="96" height="58" rx="4" fill="#7a4b2e"/>${line("M372 540 H428 M372 558 H410", "#dcb48d", 4)}
${line("M156 656 H644", dd, 3, "9 8")}`;

export const crossbody = ({ c, d, dd, l, brass }) => `${ground(684, 160, 640)}
<path d="M192 420 C110 20 690 20 608 420" fill="none" stroke="${dd}" stroke-width="15"/>
<rect x="164" y="396" width="472" height="286" rx="48" fill="${d}"/>
<path d="M164 440 Q164 384 220 384 H580 Q636 384 636 440 V500 Q636 556 580 572 Q400 616 220 572 Q164 556 164 500 Z" fill="${c}"/>
<path d="M164 440 Q164 384 220 384 H580 Q636 384 636 440 Q610 408 560 408 H240 Q190 408 164 440 Z" fill="${l}"/>
${line("M184 500 Q186 542 228 554 Q400 594 572 554 Q614 542 616 500", dd, 3, "9 8")}
<circle cx="400" cy="572" r="27" fill="${brass}"/><circle cx="400" cy="572" r="13" fill="#8f6a2a"/>
${[192, 608].map((x) => `<circle cx="${x}" cy="416" r="21" fill="none" stroke="${brass}" stroke-width="10"/>`).join("")}`;

export const backpack = ({ c, d, dd, l, steel }) => `${ground(708, 170, 630)}
<path d="M232 330 Q168 420 180 620 M568 330 Q632 420 620 620" fill="none" stroke="${dd}" stroke-width="34" stroke-linecap="round"/>
<path d="M340 150 Q340 86 400 86 Q460 86 460 150" fill="none" stroke="${dd}" stroke-width="20"/>
<path d="M208 320 Q208 132 400 132 Q592 132 592 320 V652 Q592 704 540 704 H260 Q208 704 208 652 Z" fill="${c}"/>
<path d="M208 320 Q208 132 400 132 Q300 150 268 320 V704 H260 Q208 704 208 652 Z" fill="${l}"/>
${line("M246 400 Q246 190 400 190 Q554 190 554 400", dd, 9)}${line("M246 400 Q246 190 400 190 Q554 190 554 400", steel, 3, "5 7")}
<path d="M250 462 Q250 440 272 440 H528 Q550 440 550 462 V632 Q550 664 518 664 H282 Q250 664 250 632 Z" fill="${d}"/>
${line("M268 478 H532", dd, 9)}${line("M268 478 H532", steel, 3, "5 7")}
<rect x="504" y="474" width="12" height="44" rx="6" fill="${steel}"/><rect x="548" y="380" width="12" height="44" rx="6" fill="${steel}"/>
<rect x="368" y="286" width="64" height="64" rx="6" fill="#7a4b2e"/>${line("M384 310 H416 M384 326 H416", "#dcb48d", 4)}`;
