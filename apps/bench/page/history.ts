import { element } from "./elements.ts";

const SAMPLES = 200;
const SAMPLE_MS = 100;
/** The height of the picture is this many bytes, logarithmically. */
const MOST_BYTES = 262_144;

/** Bytes held by both streams over the last seconds. */
export class History {
  #ours: number[] = [];
  #theirs: number[] = [];
  #lastMs = 0;

  constructor() {
    for (const [id, bytes] of [
      ["512", 512],
      ["128k", 131_072],
    ] as const) {
      const line = element(`history-${id}`, SVGLineElement);
      for (const end of ["y1", "y2"]) line.setAttribute(end, height(bytes).toFixed(2));
      element(`tick-${id}`, HTMLSpanElement).style.setProperty("--up", `${(100 - height(bytes)) * 0.08}rem`);
    }
  }

  reset(): void {
    this.#ours = [];
    this.#theirs = [];
  }

  add(nowMs: number, ours: number, theirs: number): void {
    if (nowMs - this.#lastMs < SAMPLE_MS) return;
    this.#lastMs = nowMs;
    this.#ours = [...this.#ours, ours].slice(-SAMPLES);
    this.#theirs = [...this.#theirs, theirs].slice(-SAMPLES);
    for (const [id, values] of [
      ["ours", this.#ours],
      ["theirs", this.#theirs],
    ] as const) {
      const points = values.map((bytes, index) => `${index},${height(bytes).toFixed(2)}`);
      element(`history-${id}`, SVGPolylineElement).setAttribute("points", points.join(" "));
    }
  }
}

function height(bytes: number): number {
  return 100 - (Math.log2(1 + bytes) / Math.log2(1 + MOST_BYTES)) * 100;
}
