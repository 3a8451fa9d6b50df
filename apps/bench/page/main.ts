import { snapshot, watch } from "@pipe512/core/diagnostics";
import { count, measured, size } from "../src/report/format.ts";
import { contender as contenderOf } from "../src/subjects/contenders.ts";
import { CHUNK_SIZES_BYTES, compareHere, type Row } from "./comparison.ts";
import { element, make } from "./elements.ts";
import { showQuestions } from "./pick.ts";
import { drawRing } from "./ring.ts";
import { Transport, type WayIn, type WayOut } from "./transport.ts";

// Pipes are seen only while somebody watches.
watch();

const slider = (id: string): number => element(id, HTMLInputElement).valueAsNumber;
/** A slider's step as a time: 0, 1, 2, 4 … 512 ms. */
const pauseMs = (step: number): number => (step === 0 ? 0 : 2 ** (step - 1));
const pace = () => ({
  chunkBytes: 2 ** slider("chunk"),
  writerPauseMs: pauseMs(slider("writer-pause")),
  readerPauseMs: pauseMs(slider("reader-pause")),
});
const show = (id: string, text: string): void => {
  const output = element(id, HTMLOutputElement);
  if (output.value !== text) output.value = text;
};

const showAdvice = showQuestions(element("questions", HTMLFormElement), element("advice", HTMLDivElement));

let transport: Transport | undefined;
let pipes = 0;
let lastRead = { atMs: 0, bytes: 0 };

function start(): void {
  transport?.stop();
  const ways = {
    in: element("way-in", HTMLSelectElement).value as WayIn,
    out: element("way-out", HTMLSelectElement).value as WayOut,
  };
  transport = new Transport(`pipe ${++pipes}`, ways, pace);
  lastRead = { atMs: performance.now(), bytes: 0 };
  element("run", HTMLButtonElement).textContent = "Stop";
}

function stop(): void {
  transport?.stop();
  transport = undefined;
  element("run", HTMLButtonElement).textContent = "Start";
  for (const side of ["writer", "reader"] as const) showSide(side, "stands still");
}

function showPace(): void {
  const { chunkBytes, writerPauseMs, readerPauseMs } = pace();
  show("chunk-shown", size(chunkBytes));
  show("writer-pause-shown", `${writerPauseMs} ms`);
  show("reader-pause-shown", `${readerPauseMs} ms`);
}

function frame(nowMs: number): void {
  const report = snapshot().find(({ name }) => name === transport?.name);
  if (report !== undefined && transport !== undefined) {
    drawRing(element("ring", HTMLCanvasElement), report);
    const isWriting = ({ operation }: { operation: string }) =>
      operation === "write" || operation === "flush";
    const { writer, reader } = transport.pausing;
    if (report.waiting.some(isWriting)) showSide("writer", "waits for room");
    else showSide("writer", writer ? "pauses" : "writes");
    if (report.waiting.some((one) => !isWriting(one))) showSide("reader", "waits for bytes");
    else showSide("reader", reader ? "pauses" : "reads");
    show("bytes", String(report.bytesInRing));
    show("total", count(report.bytesRead));
    for (const side of ["writer", "reader"] as const)
      show(`${side}-waited`, `${(report.waitedMs[side] / 1000).toFixed(1)} s`);
    if (nowMs - lastRead.atMs >= 500) {
      const bytesPerSecond = ((report.bytesRead - lastRead.bytes) / (nowMs - lastRead.atMs)) * 1000;
      show("throughput", `${size(bytesPerSecond)}/s`);
      lastRead = { atMs: nowMs, bytes: report.bytesRead };
    }
  }
  requestAnimationFrame(frame);
}

function showSide(side: "writer" | "reader", state: string): void {
  show(side, state);
  element(side, HTMLOutputElement).className = state.startsWith("waits") ? "waits" : "";
}

async function measure(): Promise<void> {
  const button = element("measure", HTMLButtonElement);
  button.disabled = true;
  // The pipe that is shown would take the time of those that are measured.
  const wasAtWork = transport !== undefined;
  stop();
  try {
    const rows = await compareHere((done) => show("measuring", `${Math.round(done * 100)} %`));
    showRows(rows);
    showAdvice(rows);
    show("measuring", "");
  } finally {
    button.disabled = false;
    if (wasAtWork) start();
  }
}

function showRows(rows: readonly Row[]): void {
  const isPipe = ({ contender }: Row) => contenderOf(contender).role !== "floor";
  const fastest = CHUNK_SIZES_BYTES.map((_, column) => {
    const costs = rows.filter(isPipe).map(({ nsPerChunk }) => nsPerChunk[column]);
    return Math.min(...costs.filter((cost) => typeof cost === "number"));
  });
  const heads = CHUNK_SIZES_BYTES.map((bytes) => make("th", size(bytes)));
  element("sizes", HTMLTableRowElement).replaceChildren(make("td"), ...heads);
  const body = element("results", HTMLTableSectionElement);
  body.replaceChildren(
    ...rows.map(({ contender, nsPerChunk }) => {
      const name = make("th", contender);
      name.scope = "row";
      if (contenderOf(contender).role === "ours") name.className = "ours";
      const cells = nsPerChunk.map((cost, column) => {
        if (cost === undefined) return make("td", "–");
        if (cost instanceof Error) return make("td", `fails: ${cost.message}`);
        const cell = make("td", measured(cost));
        if (cost === fastest[column]) cell.className = "fastest";
        return cell;
      });
      return make("tr", name, ...cells);
    }),
  );
  body.closest(".scrolls")?.removeAttribute("hidden");
}

element("run", HTMLButtonElement).addEventListener("click", () =>
  transport === undefined ? start() : stop(),
);
for (const way of ["way-in", "way-out"])
  element(way, HTMLSelectElement).addEventListener("change", () => transport !== undefined && start());
element("controls", HTMLFormElement).addEventListener("input", showPace);
element("measure", HTMLButtonElement).addEventListener("click", () => {
  measure().catch((error: unknown) => show("measuring", String(error)));
});
showPace();
requestAnimationFrame(frame);
// It is at work at once, unless somebody wants nothing to move that they have not started.
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) start();
