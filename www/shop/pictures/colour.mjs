/** Shades of one colour. Works on sRGB bytes: exact enough for flat drawings, and never asked for more. */

/** `c` the colour itself, `d` its shade, `dd` its seams, `l` its light side. */
export const paletteOf = (hex) => ({
  c: hex, d: mix(hex, "#17130f", 0.22), dd: mix(hex, "#17130f", 0.45), l: mix(hex, "#ffffff", 0.16),
  steel: "#c9cbcd", brass: "#c79a4b", ink: "#2a2622", rubber: "#f1ece1",
});

/** `share` 0 gives `from`, 1 gives `to`. */
function mix(from, to, share) {
  const channel = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
  return "#" + [1, 3, 5].map((at) => Math.round(channel(from, at) * (1 - share) + channel(to, at) * share)
    .toString(16).padStart(2, "0")).join("");
}
