import { SingleBar } from "cli-progress";
import type { Watch } from "../runner/watch.ts";

/** Shows on stderr how far a run has come: a bar where somebody watches, otherwise a line for each stage. */
export class Progress implements Watch {
  readonly #stderr: NodeJS.WriteStream;
  readonly #bar: SingleBar | undefined;

  constructor(totalMs: number, stderr: NodeJS.WriteStream) {
    this.#stderr = stderr;
    if (!stderr.isTTY) return;
    this.#bar = new SingleBar({
      format: "{bar} {percentage} %  {eta_formatted} left  {stage}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize: Math.max(10, Math.min(30, stderr.columns - 50)),
      hideCursor: true,
      clearOnComplete: true,
      // Interrupted, the run itself decides what is shown next.
      gracefulExit: false,
      etaBuffer: 50,
      stream: stderr,
    });
    this.#bar.start(Math.ceil(totalMs), 0, { stage: "" });
  }

  stage(name: string): void {
    if (this.#bar === undefined) this.#stderr.write(`${name}\n`);
    else this.#bar.update({ stage: name });
  }

  advance(milliseconds: number): void {
    this.#bar?.increment(milliseconds);
  }

  /** Takes the bar away. */
  stop(): void {
    this.#bar?.stop();
  }
}
