import { SingleBar } from "cli-progress";
import type { Planned, Watch } from "../runner/watch.ts";
import { stopwatch } from "../scenarios/platform.ts";
import { TimeLeft } from "./time-left.ts";

/** Shows on stderr how far a run has come: a bar on a terminal, otherwise a line for each stage. */
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
      // The run itself decides what an interruption shows next.
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

  /** Takes the bar away. */
  stop(): void {
    this.#bar?.stop();
  }

  #left(): string {
    const seconds = this.#timeLeft.leftMs / 1000;
    return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
  }
}

/** Work that tells how much of a processor this run gets beside other programs. */
const TRIAL_MS = 40;

/** How much longer than on a quiet machine work takes, found out by working. The load would not tell: it knows no shares. */
function expectedPace(): number {
  const [own, all] = [stopwatch(), stopwatch(true)];
  while (own() < TRIAL_MS * 1e6);
  return Math.max(1, all() / own());
}
