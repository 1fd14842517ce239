/** Draws every product as an SVG picture, so that the shop needs no photograph and no other file. */

import * as shoes from "./pictures/shoes.mjs";
import * as bags from "./pictures/bags.mjs";
import * as clothes from "./pictures/clothes.mjs";
import * as accessories from "./pictures/accessories.mjs";
import { drawHero, drawMark } from "./pictures/scene.mjs";
import { paletteOf } from "./pictures/colour.mjs";
import { find } from "./catalog.mjs";

const kinds = { ...shoes, ...bags, ...clothes, ...accessories };

/** Tiles behind the products: warm under cool colours and the other way round, so that each stands out. */
const tiles = { dark: "#ece6da", light: "#d9d5ca", earth: "#e6e4dc" };

/** The picture at `/img/{name}.svg`, or `undefined` if there is none of that name. */
export function draw(name) {
  if (name === "hero") return drawHero(drawKind);
  if (name === "mark") return drawMark();
  const product = find(name);
  return product && frame(tiles[product.tone], drawKind(product.kind, product.colour.hex));
}

/** One product in an 800 by 800 box, without a background. */
const drawKind = (kind, hex) => kinds[kind](paletteOf(hex));

const frame = (tile, drawing) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800"><rect width="800" height="800" fill="${tile}"/>${drawing}</svg>`;
