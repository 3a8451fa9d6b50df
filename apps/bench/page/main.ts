import { type PipeReport, snapshot, watch } from "@pipe512/core/diagnostics";
import { count, size } from "../src/report/format.ts";
import { showComparison } from "./comparison-view.ts";
import { button, element, reducedMotion } from "./elements.ts";
import { History } from "./history.ts";
import { showQuestions } from "./pick.ts";
import { type Preset, presets } from "./presets.ts";
import { Queue, rivalSentence } from "./queue.ts";
import { Rival } from "./rival.ts";
import { sentenceOf } from "./sentence.ts";
import { Stage } from "./stage.ts";
import type { Pace } from "./traffic.ts";
import { Transport, type WayIn, type WayOut } from "./transport.ts";

// Only watched pipes can be shown.
watch();

/** A sentence is shown for at least this long. */
const SENTENCE_MS = 600;

const slider = (id: string): HTMLInputElement => element(id, HTMLInputElement);
/** A slider's step as a time: 0, 1, 2, 4 … 512 ms. */
const pauseMs = (step: number): number => (step === 0 ? 0 : 2 ** (step - 1));

let preset: Preset = presets["slow-reader"] as Preset;
const pace = (): Pace => {
  const chunkBytes = 2 ** slider("chunk").valueAsNumber;
  return {
    chunkBytes,
    readBytes: preset.readBytes ?? chunkBytes,
    writerPauseMs: pauseMs(slider("writer-pause").valueAsNumber),
    readerPauseMs: pauseMs(slider("reader-pause").valueAsNumber),
    script: preset.script,
  };
};

const show = (id: string, text: string): void => {
  const output = element(id, HTMLOutputElement);
  if (output.value !== text) output.value = text;
};

/** The running pipe and stream, and the start values of the figures. */
interface Run {
  readonly transport: Transport;
  readonly rival: Rival;
  last?: PipeReport | undefined;
  base:
    | { readonly waitedMs: PipeReport["waitedMs"]; readonly bytesRead: number; readonly directBytes: number }
    | undefined;
}

const stage = new Stage();
const queue = new Queue();
const history = new History();
let run: Run | undefined;
let pipes = 0;
let last = { atMs: 0, bytes: 0, directBytes: 0, waitedMs: { writer: 0, reader: 0 } };
let lastSentenceMs = 0;

function start(): void {
  run?.transport.stop();
  run?.rival.stop();
  stage.reset();
  history.reset();
  const ways = {
    in: element("way-in", HTMLSelectElement).value as WayIn,
    out: element("way-out", HTMLSelectElement).value as WayOut,
  };
  run = { transport: new Transport(`pipe ${++pipes}`, ways, pace), rival: new Rival(pace), base: undefined };
  last = { atMs: performance.now(), bytes: 0, directBytes: 0, waitedMs: { writer: 0, reader: 0 } };
  lastSentenceMs = 0;
  element("ending", HTMLDivElement).textContent = "";
  element("run", HTMLButtonElement).textContent = "Stop";
}

function stop(): void {
  run?.transport.stop();
  run?.rival.stop();
  run = undefined;
  element("run", HTMLButtonElement).textContent = "Start";
  element("sentence", HTMLParagraphElement).textContent = "It was stopped: both ends are closed.";
  stage.idle();
}

function choose(name: string): void {
  const chosen = presets[name];
  if (chosen === undefined) return;
  preset = chosen;
  slider("chunk").value = String(chosen.chunkStep);
  slider("writer-pause").value = String(chosen.writerPauseStep);
  slider("reader-pause").value = String(chosen.readerPauseStep);
  element("about", HTMLParagraphElement).textContent = chosen.about;
  for (const one of element("presets", HTMLDivElement).querySelectorAll("button"))
    one.ariaPressed = String(one.dataset["preset"] === name);
  showPace();
}

/** The values of the sliders, on screen and, as whole words, for screen readers. */
function showPace(): void {
  const { chunkBytes, writerPauseMs, readerPauseMs } = pace();
  show("chunk-shown", size(chunkBytes));
  slider("chunk").ariaValueText = `${count(chunkBytes)} ${chunkBytes === 1 ? "byte" : "bytes"}`;
  for (const [id, milliseconds] of [
    ["writer-pause", writerPauseMs],
    ["reader-pause", readerPauseMs],
  ] as const) {
    show(`${id}-shown`, milliseconds === 0 ? "no pause" : `${milliseconds} ms`);
    slider(id).ariaValueText =
      milliseconds === 0
        ? "no pause"
        : `${milliseconds} ${milliseconds === 1 ? "millisecond" : "milliseconds"}`;
  }
  // The figures start again.
  if (run !== undefined) run.base = undefined;
}

function frame(nowMs: number): void {
  if (run !== undefined) {
    const { transport, rival } = run;
    const report = snapshot().find(({ name }) => name === transport.name);
    run.last = report ?? (run.last && ended(run.last, transport));
    if (run.last !== undefined) look(nowMs, run, run.last);
    queue.draw(rival.bytesHeld);
  }
  requestAnimationFrame(frame);
}

/** A snapshot omits a pipe that has ended. The ends of the pipe still have the figures. */
function ended(report: PipeReport, { bytesHeld, bytesRead }: Transport): PipeReport {
  return { ...report, bytesInRing: bytesHeld, bytesRead, waiting: [] };
}

function look(nowMs: number, current: Run, report: PipeReport): void {
  const { transport, rival } = current;
  const { traffic } = transport;
  const { hasEnded } = traffic;
  stage.draw(report, traffic);
  history.add(nowMs, report.bytesInRing, rival.bytesHeld);
  current.base ??= {
    waitedMs: report.waitedMs,
    bytesRead: report.bytesRead,
    directBytes: traffic.directBytes,
  };
  const { base } = current;
  const read = report.bytesRead - base.bytesRead;
  show("total", count(read));
  const direct = read === 0 ? 0 : Math.min(1, (traffic.directBytes - base.directBytes) / read);
  show("direct", `${Math.round(100 * direct)} %`);
  for (const side of ["writer", "reader"] as const)
    show(
      `${side}-waited`,
      `${(Math.max(0, report.waitedMs[side] - base.waitedMs[side]) / 1000).toFixed(1)} s`,
    );
  if (nowMs - lastSentenceMs >= SENTENCE_MS) {
    lastSentenceMs = nowMs;
    const bytesRead = report.bytesRead - last.bytes;
    const directBytes = traffic.directBytes - last.directBytes;
    const share = (side: "writer" | "reader") =>
      (report.waitedMs[side] - last.waitedMs[side]) / (nowMs - last.atMs);
    const waited = { writer: share("writer"), reader: share("reader") };
    const sentence = sentenceOf({ report, traffic, waited, directBytes, bytesRead });
    element("sentence", HTMLParagraphElement).textContent = sentence;
    element("rival-sentence", HTMLParagraphElement).textContent = rivalSentence(rival);
    if (hasEnded) {
      element("ending", HTMLDivElement).textContent = sentence;
      element("run", HTMLButtonElement).textContent = "Start again";
    }
    show("throughput", `${size((bytesRead / (nowMs - last.atMs)) * 1000)}/s`);
    last = {
      atMs: nowMs,
      bytes: report.bytesRead,
      directBytes: traffic.directBytes,
      waitedMs: report.waitedMs,
    };
  }
}

for (const [name, { label }] of Object.entries(presets)) {
  const made = button(label, () => {
    choose(name);
    start();
  });
  made.dataset["preset"] = name;
  element("presets", HTMLDivElement).append(made);
}
element("run", HTMLButtonElement).addEventListener("click", () => {
  if (run === undefined || run.transport.traffic.hasEnded) start();
  else stop();
});
for (const way of ["way-in", "way-out"])
  element(way, HTMLSelectElement).addEventListener("change", () => run !== undefined && start());
element("controls", HTMLFormElement).addEventListener("input", showPace);
const showAdvice = showQuestions(element("questions", HTMLFormElement), element("advice", HTMLDivElement));
// The pipe on the page would take time from the measured ones.
showComparison(
  () => {
    const wasAtWork = run !== undefined;
    if (wasAtWork) stop();
    return () => wasAtWork && start();
  },
  (rows) => showAdvice(rows),
);
choose("slow-reader");
stage.idle();
requestAnimationFrame(frame);
// It starts at once, unless the visitor prefers reduced motion.
if (!reducedMotion()) start();
