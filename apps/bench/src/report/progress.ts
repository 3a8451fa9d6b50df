import { SingleBar } from "cli-progress";
import type { Watch } from "../runner/watch.ts";

/** Below that a plan says more about the time that is left than what was seen so far. */
const SEEN_ENOUGH_MS = 5000;

/** Shows on stderr how far a run has come: a bar where somebody watches, otherwise a line for each stage. */
export class Progress implements Watch {
  readonly #stderr: NodeJS.WriteStream;
  readonly #bar: SingleBar | undefined;
  readonly #totalMs: number;
  readonly #startedMs = performance.now();
  // Changed by advance() only.
  #doneMs = 0;

  constructor(totalMs: number, stderr: NodeJS.WriteStream) {
    this.#totalMs = totalMs;
    this.#stderr = stderr;
    if (!stderr.isTTY) return;
    this.#bar = new SingleBar({
      format: "{bar} {percentage} %  {left} left  {stage}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize: Math.max(10, Math.min(30, stderr.columns - 60)),
      hideCursor: true,
      clearOnComplete: true,
      // Interrupted, the run itself decides what is shown next.
      gracefulExit: false,
      stream: stderr,
    });
    this.#bar.start(Math.ceil(totalMs), 0, { stage: "", left: this.#left() });
  }

  stage(name: string): void {
    if (this.#bar === undefined) this.#stderr.write(`${name}, ${this.#left()} left\n`);
    else this.#bar.update({ stage: name, left: this.#left() });
  }

  advance(milliseconds: number): void {
    this.#doneMs += milliseconds;
    this.#bar?.update(this.#doneMs, { left: this.#left() });
  }

  /** Takes the bar away. */
  stop(): void {
    this.#bar?.stop();
  }

  /** As planned, and as fast as it went so far. */
  #left(): string {
    const elapsedMs = performance.now() - this.#startedMs;
    const pace = this.#doneMs > SEEN_ENOUGH_MS ? elapsedMs / this.#doneMs : 1;
    const seconds = (Math.max(0, this.#totalMs - this.#doneMs) * pace) / 1000;
    return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
  }
}
