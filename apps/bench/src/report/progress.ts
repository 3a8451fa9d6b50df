import { SingleBar } from "cli-progress";
import type { Planned, Watch } from "../runner/watch.ts";
import { stopwatch } from "../scenarios/platform.ts";
import { TimeLeft } from "./time-left.ts";

/** Shows the progress of a run on stderr: a bar on a terminal, otherwise a line for each stage. */
export class Progress implements Watch {
  readonly #stderr: NodeJS.WriteStream;
  readonly #bar: SingleBar | undefined;
  readonly #timeLeft: TimeLeft;
  #doneMs = 0;

  constructor(planned: Planned, stderr: NodeJS.WriteStream) {
    this.#timeLeft = new TimeLeft(planned, performance.now(), expectedPace());
    this.#stderr = stderr;
    if (!stderr.isTTY) return;
    this.#bar = new SingleBar({
      format: "{bar} {percentage} %  {left} left  {stage}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize: Math.max(10, Math.min(30, stderr.columns - 70)),
      hideCursor: true,
      clearOnComplete: true,
      // After an interruption, the run itself decides what to print.
      gracefulExit: false,
      stream: stderr,
    });
    this.#bar.start(Math.ceil(planned.workMs), 0, { stage: "", left: this.#left() });
  }

  stage(name: string): void {
    if (this.#bar === undefined) this.#stderr.write(`${name}, ${this.#left()} left\n`);
    else this.#bar.update({ stage: name, left: this.#left() });
  }

  advance(milliseconds: number): void {
    this.#doneMs += milliseconds;
    this.#timeLeft.advance(milliseconds, performance.now());
    this.#bar?.update(this.#doneMs, { left: this.#left() });
  }

  release(milliseconds: number): void {
    this.#timeLeft.release(milliseconds, performance.now());
    this.#bar?.update(this.#doneMs, { left: this.#left() });
  }

  /** Removes the bar. */
  stop(): void {
    this.#bar?.stop();
  }

  #left(): string {
    const seconds = this.#timeLeft.leftMs / 1000;
    return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
  }
}

/** Work that shows how much of a processor this run gets beside other programs. */
const TRIAL_MS = 40;

/** How much longer work takes than on a quiet machine, measured with some work. The load does not show the share of this run. */
function expectedPace(): number {
  const [own, all] = [stopwatch(), stopwatch(true)];
  while (own() < TRIAL_MS * 1e6);
  return Math.max(1, all() / own());
}
