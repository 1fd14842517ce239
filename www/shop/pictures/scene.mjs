/** The pictures that are not of one product: the porch on the home page, and the shop's mark. */

/** A hanok's porch: paper doors, floorboards, a stepping stone, and what somebody came with. */
export function drawHero(drawKind) {
  const put = (kind, hex, x, y, scale) => `<g transform="translate(${x} ${y}) scale(${scale})">${drawKind(kind, hex)}</g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 900" width="1200" height="900">
<rect width="1200" height="900" fill="#e9e1d1"/>${door(96)}${door(386)}${post(48)}${post(676)}${post(1120)}
${jacketPeg()}${put("chore", "#2c3a57", 738, 82, 0.47)}
<path d="M0 556 H1200 V690 H0 Z" fill="#b98c5d"/>${boards()}
<path d="M0 690 H1200 V742 H0 Z" fill="#8a6340"/><path d="M0 690 H1200 V698 H0 Z" fill="#d3aa7b"/>
<path d="M0 742 H1200 V900 H0 Z" fill="#d8cdb8"/><path d="M0 742 H1200 V768 H0 Z" fill="#1e1c19" opacity=".18"/>
<path d="M250 812 Q254 784 290 784 H884 Q924 784 928 812 L936 866 Q936 880 916 880 H262 Q244 880 244 866 Z" fill="#9b988f"/>
<path d="M250 812 Q254 784 290 784 H884 Q924 784 928 812 Q924 824 890 824 H286 Q254 824 250 812 Z" fill="#bab7ad"/>
${put("tote", "#e9dfc9", 96, 318, 0.42)}${put("loafer", "#6d3f2a", 440, 592, 0.4)}${put("loafer", "#6d3f2a", 590, 606, 0.4)}
</svg>`;
}

/** The floor seen from above: four short boards between the long ones. */
export const drawMark = () => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64"><rect width="64" height="64" rx="6" fill="#24413a"/><path d="M14 12 V52 M50 12 V52 M14 22 H50 M14 32 H50 M14 42 H50" fill="none" stroke="#fbfaf7" stroke-width="5" stroke-linecap="square"/></svg>`;

const door = (x) => {
  const vertical = [58, 116, 174, 232].map((at) => `M${x + at} 96 V556`).join(" ");
  const horizontal = [128, 160, 300, 332, 364, 504, 536].map((y) => `M${x} ${y} H${x + 290}`).join(" ");
  return `<rect x="${x}" y="84" width="290" height="472" fill="#f7efdd"/><path d="${vertical} ${horizontal}" stroke="#8a6b4d" stroke-width="6"/><rect x="${x}" y="84" width="290" height="472" fill="none" stroke="#6b4d34" stroke-width="16"/>`;
};

const post = (x) => `<rect x="${x}" y="0" width="40" height="556" fill="#7c5a3d"/><rect x="${x}" y="0" width="12" height="556" fill="#8f6a4a"/>`;

const jacketPeg = () => `<rect x="736" y="96" width="370" height="18" rx="4" fill="#7c5a3d"/><circle cx="926" cy="122" r="12" fill="#5d412b"/>`;

const boards = () => {
  const joints = [-260, -60, 130, 310, 480, 640, 800, 970, 1150, 1340].map((x) => `M${300 + x * 0.55} 556 L${x} 690`).join(" ");
  return `<path d="${joints}" stroke="#8f683f" stroke-width="4"/><path d="M0 596 H1200 M0 642 H1200" stroke="#c79c6d" stroke-width="2"/>`;
};
