import { availableParallelism, loadavg } from "node:os";
import { SingleBar } from "cli-progress";
import type { Watch } from "../runner/watch.ts";
import { TimeLeft } from "./time-left.ts";

/** Shows on stderr how far a run has come: a bar on a terminal, otherwise a line for each stage. */
export class Progress implements Watch {
  readonly #stderr: NodeJS.WriteStream;
  readonly #bar: SingleBar | undefined;
  readonly #timeLeft: TimeLeft;
  #doneMs = 0;
  #totalMs: number;

  constructor(totalMs: number, stderr: NodeJS.WriteStream) {
    this.#totalMs = totalMs;
    this.#timeLeft = new TimeLeft(totalMs, performance.now(), expectedPace());
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
    this.#bar.start(Math.ceil(totalMs), 0, { stage: "", left: this.#left() });
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

  skip(milliseconds: number): void {
    this.#totalMs -= milliseconds;
    this.#timeLeft.skip(milliseconds);
    this.#bar?.setTotal(Math.ceil(this.#totalMs));
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

/** Other programs' share of the processors is not ours. */
function expectedPace(): number {
  const [load = 0] = loadavg();
  return Math.max(1, (load + 1) / availableParallelism());
}
