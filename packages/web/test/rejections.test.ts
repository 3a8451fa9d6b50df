import { sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { pipeStream } from "@pipe512/web";
import { expect, test } from "vitest";

/** Both sides of a pipe, and what was asked of them. */
class Subject {
  readonly #controller = new AbortController();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly waiting = new Set<string>();

  constructor(byob: boolean) {
    const { readable, writable } = pipeStream({ byob, signal: this.#controller.signal });
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
  }

  readonly actions: Readonly<Record<string, () => void>> = {
    read: () => this.#watch("read", this.#reader.read()),
    write: () => this.#watch("write", this.#writer.write(sequence(600))),
    close: () => this.#watch("close", this.#writer.close()),
    abort: () => this.#watch("abort", this.#writer.abort("aborted")),
    cancel: () => this.#watch("cancel", this.#reader.cancel("cancelled")),
    signal: () => this.#controller.abort("the signal"),
  };

  #watch(name: string, promise: Promise<unknown>): void {
    const id = `${name} ${this.waiting.size}`;
    this.waiting.add(id);
    const settled = (): void => void this.waiting.delete(id);
    promise.then(settled, settled);
  }
}

const names = ["read", "write", "close", "abort", "cancel", "signal"];
const orders = names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c])));
const ends = (name: string): boolean => name === "abort" || name === "cancel" || name === "signal";

for (const byob of [true, false]) {
  const kind = byob ? "a byte stream" : "a plain stream";

  // Red when: the rejection of a close, a learn() or a promise that nobody was given is left alone; or an end settles no read.
  test(`no order of three operations on pipeStream(), ${kind}, leaves a rejection unhandled, or one waiting after its end [WEB-008]`, async () => {
    const trials = orders.map((order) => ({ order, subject: new Subject(byob) }));
    const reasons = await unhandled(async () => {
      for (const step of [0, 1, 2]) {
        for (const { order, subject } of trials) subject.actions[order[step] ?? ""]?.();
        await settle();
      }
    });
    expect(reasons).toEqual([]);
    const stuck = trials.filter(({ order, subject }) => order.some(ends) && subject.waiting.size > 0);
    expect(
      stuck.map(({ order, subject }) => `${order.join(", ")}: ${[...subject.waiting].join(", ")}`),
    ).toEqual([]);
  });

  // Red when: rejections of a write that failed are swallowed.
  test(`a write to pipeStream(), ${kind}, whose promise the user ignores is reported once it fails [WEB-008]`, async () => {
    const { readable, writable } = pipeStream({ byob });
    const reasons = await unhandled(async () => {
      void writable.getWriter().write(sequence(600));
      await settle();
      await readable.cancel("enough");
    });
    expect(reasons).toEqual(["enough"]);
  });
}
