/* Cloudflare Workers, workerd, miniflare. Never reads a page itself: the
   worker does. Bindings: `COLLECTOR` and `SITE`; `ORIGIN`, an address or a
   service binding, unless the worker stands on the shop's own route; `MARKER`
   and `PREFIX` where they are not the usual ones. */

import wasm from "../vitrine_edge_bg.wasm";
import { createWorker } from "./worker.mjs";

let worker;

export default {
  fetch(request, env, context) {
    context.passThroughOnException?.();
    const origin = typeof env.ORIGIN?.fetch === "function" ? (asked) => env.ORIGIN.fetch(asked, { redirect: "manual" }) : env.ORIGIN;
    worker ??= createWorker({ wasm, origin, collector: env.COLLECTOR, site: env.SITE, prefix: env.PREFIX, marker: env.MARKER });
    return worker.fetch(request, context);
  },
};
