import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sink } from "../channel.ts";
import type { Load } from "../load.ts";
import { type FarSide, pause } from "./order.ts";
import { ask, FromThread } from "./thread.ts";

const way = "fifo";

interface Ends {
  readonly there: string;
  readonly back: string;
}

/** A FIFO of the kernel, which holds 64 KiB: writeSync() and readSync() of node:fs. */
export class Fifo extends FromThread {
  readonly #folder = mkdtempSync(join(tmpdir(), "pipe512-"));
  readonly #ends: Ends = { there: join(this.#folder, "there"), back: join(this.#folder, "back") };

  async send(load: Load): Promise<void> {
    execFileSync("mkfifo", [this.#ends.there]);
    this.askToSend({ way, ends: this.#ends }, load);
  }

  async receive(sink: Sink): Promise<void> {
    const into = new Uint8Array(this.readBytes);
    await Promise.resolve();
    const file = openSync(this.#ends.there, "r");
    this.#remove();
    for (let length = readSync(file, into); length > 0; length = readSync(file, into))
      sink.take(into, length);
    closeSync(file);
  }

  async echo(count: number, pauseMs: number): Promise<Float64Array> {
    const { there, back } = this.#ends;
    execFileSync("mkfifo", [there, back]);
    ask({ way, task: "answer", ends: this.#ends });
    const [to, from] = [openSync(there, "w"), openSync(back, "r")];
    this.#remove();
    const ball = Uint8Array.of(1);
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      pause(pauseMs);
      const started = performance.now();
      writeSync(to, ball);
      readSync(from, ball);
      times[turn] = (performance.now() - started) * 1e6;
    }
    closeSync(to);
    closeSync(from);
    return times;
  }

  /** Removes its name, which is needed only until both sides have opened it. */
  #remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

export const far: FarSide<Ends> = {
  send({ there }, load) {
    const file = openSync(there, "w");
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
    }
    closeSync(file);
  },

  answer({ there, back }) {
    const [from, to] = [openSync(there, "r"), openSync(back, "w")];
    const ball = new Uint8Array(1);
    while (readSync(from, ball) === 1) writeSync(to, ball);
    closeSync(from);
    closeSync(to);
  },
};
