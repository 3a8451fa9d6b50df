import { sleep } from "../../scenarios/platform.ts";
import type { Channel } from "../channel.ts";
import { type FarSide, now, pause } from "./order.ts";
import { ask } from "./thread.ts";

const way = "bare-wait";

/** The indices of the words, one for each direction. A word is 1 while something is ready for the other side, which takes it by setting 0. */
const THERE = 0;
const BACK = 1;

interface Ends {
  readonly words: Int32Array;
  /** The time at which it became ready, in ns. */
  readonly sentAt: Float64Array;
  readonly count: number;
}

/** The cost of waking a thread and nothing else: two words to park on, without bytes and without an end. */
export class BareWait implements Channel {
  protected readonly words = new Int32Array(new SharedArrayBuffer(8));
  protected readonly sentAt = new Float64Array(new SharedArrayBuffer(8));

  async send(): Promise<void> {
    throw new Error("It takes no part: it wakes threads and carries no bytes");
  }

  receive(): Promise<void> {
    return this.send();
  }

  held(): number {
    return 0;
  }

  async echo(count: number, pauseMs: number): Promise<Float64Array> {
    ask({ way, task: "answer", ends: this.endsFor(count) });
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      pause(pauseMs);
      const started = performance.now();
      put(this.words, THERE);
      take(this.words, BACK);
      times[turn] = (performance.now() - started) * 1e6;
    }
    return times;
  }

  async arrivals(count: number, pauseMs: number): Promise<Float64Array> {
    ask({ way, task: "sendLate", ends: this.endsFor(count), count, pauseMs });
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      take(this.words, BACK);
      times[turn] = now() - (this.sentAt[0] ?? 0);
    }
    return times;
  }

  protected endsFor(count: number): Ends {
    const { words, sentAt } = this;
    return { words, sentAt, count };
  }
}

/** The same for a thread that must not block. */
export class AwaitedBareWait extends BareWait {
  override async echo(count: number, pauseMs: number): Promise<Float64Array> {
    ask({ way, task: "answer", ends: this.endsFor(count) });
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      if (pauseMs > 0) await sleep(pauseMs);
      const started = performance.now();
      put(this.words, THERE);
      await takeLater(this.words, BACK);
      times[turn] = (performance.now() - started) * 1e6;
    }
    return times;
  }

  override async arrivals(count: number, pauseMs: number): Promise<Float64Array> {
    ask({ way, task: "sendLate", ends: this.endsFor(count), count, pauseMs });
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      await takeLater(this.words, BACK);
      times[turn] = now() - (this.sentAt[0] ?? 0);
    }
    return times;
  }
}

export const far: FarSide<Ends> = {
  send() {},

  answer({ words, count }) {
    for (let left = count; left > 0; left--) {
      take(words, THERE);
      put(words, BACK);
    }
  },

  sendLate({ words, sentAt }, count, pauseMs) {
    for (let left = count; left > 0; left--) {
      pause(pauseMs);
      while (Atomics.load(words, BACK) !== 0) pause(1);
      sentAt[0] = now();
      put(words, BACK);
    }
  },
};

function put(words: Int32Array, index: number): void {
  Atomics.store(words, index, 1);
  Atomics.notify(words, index);
}

function take(words: Int32Array, index: number): void {
  while (Atomics.exchange(words, index, 0) === 0) Atomics.wait(words, index, 0);
}

async function takeLater(words: Int32Array, index: number): Promise<void> {
  while (Atomics.exchange(words, index, 0) === 0) await Atomics.waitAsync(words, index, 0).value;
}
