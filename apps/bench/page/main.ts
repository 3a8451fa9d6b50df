import { snapshot, watch } from "@pipe512/core/diagnostics";
import { count, measured, size } from "../src/report/format.ts";
import { CHUNK_SIZES_BYTES, compareHere } from "./comparison.ts";
import { element, make } from "./elements.ts";
import { showQuestions } from "./pick.ts";
import { drawRing } from "./ring.ts";
import { type Adapter, Transport } from "./transport.ts";

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

let transport: Transport | undefined;
let pipes = 0;
let lastRead = { atMs: 0, bytes: 0 };

function start(): void {
  transport?.stop();
  const adapter = element("adapter", HTMLSelectElement).value as Adapter;
  transport = new Transport(`pipe ${++pipes}`, adapter, pace);
  lastRead = { atMs: performance.now(), bytes: 0 };
  element("run", HTMLButtonElement).textContent = "Stop";
}

function stop(): void {
  transport?.stop();
  transport = undefined;
  element("run", HTMLButtonElement).textContent = "Start";
  for (const side of ["writer", "reader"]) show(side, "stands still");
}

function showPace(): void {
  const { chunkBytes, writerPauseMs, readerPauseMs } = pace();
  show("chunk-shown", size(chunkBytes));
  show("writer-pause-shown", `${writerPauseMs} ms`);
  show("reader-pause-shown", `${readerPauseMs} ms`);
}

function frame(nowMs: number): void {
  const report = snapshot().find(({ name }) => name === transport?.name);
  if (report !== undefined) {
    drawRing(element("ring", HTMLCanvasElement), report);
    const isWriting = ({ operation }: { operation: string }) =>
      operation === "write" || operation === "flush";
    showSide("writer", report.waiting.some(isWriting) ? "waits for room" : "writes");
    showSide("reader", report.waiting.some((one) => !isWriting(one)) ? "waits for bytes" : "reads");
    show("bytes", String(report.bytesInRing));
    show("total", count(report.bytesRead));
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
  try {
    const rows = await compareHere((done) => show("measuring", `${Math.round(done * 100)} %`));
    const body = element("results", HTMLTableSectionElement);
    const heads = CHUNK_SIZES_BYTES.map((bytes) => make("th", size(bytes)));
    element("sizes", HTMLTableRowElement).replaceChildren(make("td"), ...heads);
    body.replaceChildren(
      ...rows.map(({ contender, nsPerChunk }) =>
        make("tr", make("th", contender), ...nsPerChunk.map((ns) => make("td", measured(ns)))),
      ),
    );
    body.closest("table")?.removeAttribute("hidden");
    show("measuring", "");
  } finally {
    button.disabled = false;
  }
}

element("run", HTMLButtonElement).addEventListener("click", () =>
  transport === undefined ? start() : stop(),
);
element("adapter", HTMLSelectElement).addEventListener("change", () => transport !== undefined && start());
element("controls", HTMLFormElement).addEventListener("input", showPace);
element("measure", HTMLButtonElement).addEventListener("click", () => {
  measure().catch((error: unknown) => show("measuring", String(error)));
});
showQuestions(element("questions", HTMLFormElement), element("advice", HTMLDivElement));
showPace();
requestAnimationFrame(frame);
