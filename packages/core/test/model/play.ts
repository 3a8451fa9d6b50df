import { pipe } from "@pipe512/core";
import { watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { checkCounts, checkOutcome, checkRest } from "./judgement.ts";
import { check, Ledger } from "./ledger.ts";
import { read, readChunk, Steps, tryRead, tryReadChunk } from "./reading.ts";
import type { Close, Schedule, Step } from "./schedule.ts";
import type { Subject } from "./subject.ts";
import { flush, tryWrite, write } from "./writing.ts";

/** Plays a schedule on a new pipe, and checks each step against the contract. */
export class Play {
  readonly #subject: Subject;
  readonly #controller = new AbortController();
  readonly #chunks: Steps;
  readonly #views: Steps;

  constructor({ preventClose }: Schedule) {
    const ends = pipe({ signal: this.#controller.signal });
    this.#subject = { ...ends, ledger: new Ledger(), abortable: [], mayBeLent: false };
    this.#chunks = new Steps(this.#subject, "next", preventClose);
    this.#views = new Steps(this.#subject, "view", preventClose);
  }

  /** Plays the steps, then closes both ends: no call may stay pending, and every byte must be accounted for. */
  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.do === "settle") await this.#rest();
      else if (step.do === "microtasks")
        for (let count = step.count; count > 0; count--) await Promise.resolve();
      else this.#take(step);
      checkCounts(this.#subject);
    }
    await this.#rest();
    this.#close("writer", "close", undefined);
    await this.#rest();
    this.#views.leave();
    await this.#rest();
    this.#close("reader", "close", undefined);
    const { reader, writer } = this.#subject;
    const closed = [watch(reader.closed), watch(writer.closed)];
    await this.#rest();
    check(
      closed.every(({ state }) => state === "fulfilled"),
      () => "`closed` waits for ever",
    );
    checkOutcome(this.#subject);
  }

  #take(step: Exclude<Step, { do: "settle" | "microtasks" }>): void {
    const subject = this.#subject;
    switch (step.do) {
      case "write":
        return write(subject, step.size, step.transfer, step);
      case "tryWrite":
        return tryWrite(subject, step.size, step.transfer);
      case "flush":
        return flush(subject, step.abortable);
      case "read":
        return read(subject, step.size, step);
      case "tryRead":
        return tryRead(subject, step.size);
      case "readChunk":
        return readChunk(subject, step.maxBytes, step.abortable);
      case "tryReadChunk":
        return tryReadChunk(subject, step.maxBytes);
      case "next":
        return this.#chunks.next();
      case "leave":
        return this.#chunks.leave();
      case "view":
        return this.#views.next();
      case "leaveView":
        return this.#views.leave();
      case "abort":
        return subject.abortable[step.which]?.();
      case "abortPipe":
        subject.ledger.abortPipe("the pipe was aborted");
        return this.#controller.abort("the pipe was aborted");
      case "close":
        return this.#close(step.side, step.how, step.error);
    }
  }

  #close(side: Close["side"], how: Close["how"], error: unknown): void {
    const { ledger, reader } = this.#subject;
    if (side === "writer") ledger.closeWriter(how, error);
    else ledger.closeReader(how, error, reader.bytesRead);
    this.#subject[side][how](error);
  }

  async #rest(): Promise<void> {
    await settle();
    checkRest(this.#subject, this.#views.lent);
  }
}
