// Every type that the package ships, used as a developer would; compiled by
// `types.test.mjs`, never run.
import { createWorker } from "../../pkg/edge/worker.mjs";
import { Engine, build, check, type Choice, type Reason, type Report, type Visitor } from "../../pkg/node/index.mjs";
import type { Vitrine } from "../../pkg/vitrine.js";

const mistakes: string[] = check("{}", Date.now()).map(({ line, message }) => `${line}: ${message}`);
const { plan } = build("{}");
const visitor: Visitor = new Engine(plan ? { plan, odds: new Uint8Array() } : { rules: "{}" }).visitor({ name: mistakes[0], seed: 7n });
const { decisions, wake } = visitor.observe({ event: "view_item", t: new Date(), items: [{ item_id: 1, price: 12.5 }] });
const changed: Choice[] = visitor.pass(wake ?? 0).flatMap((decision) => decision.decisions);
const markup: string | undefined = visitor.render(decisions[0]?.campaign ?? changed[0]?.campaign ?? "");
const reasons: Reason[] = visitor.explain();
const reports: Report[] = visitor.reports(1n);
const memory: Uint8Array = visitor.memory();
// @ts-expect-error: an event has a name.
visitor.observe({ t: 0 });
// @ts-expect-error: rules or a plan.
new Engine({ odds: memory });

const worker = createWorker({ wasm: fetch("/vitrine_edge_bg.wasm").then((answer) => answer.arrayBuffer()), origin: "https://shop.internal", site: "demo", plan: async () => memory });
const answer: Promise<Response> = worker.fetch(new Request("https://shop.example/"), { waitUntil: () => undefined });

(window.vitrine ||= []).push(["consent", { storage: "persistent", reports: true }]);
const vitrine = window.vitrine as Vitrine;
vitrine.on("shown", ({ campaign, message }) => console.log(campaign, message));
vitrine.on("decided", ({ decisions }) => console.log(decisions.length));
vitrine.push(["on", "clicked", () => undefined], ["logout"]);
vitrine.track({ event: "add_to_cart", items: [] });
vitrine.preview("0123456789abcdef0123456789abcdef");
vitrine.explain().then((campaigns) => console.log(campaigns.length, answer, markup, reasons, reports));
// @ts-expect-error: storage is one of three words.
vitrine.consent({ storage: "always", reports: true });
