import { sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { fromReadableStream, fromWritableStream, pipeStream } from "@pipe512/web";
import { expect, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";

/** Both sides of a pipe, and the operations on them. */
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

  // Red when: a rejection of close(), learn() or an internal promise is unhandled; or the end does not settle a read.
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

  // Red when: the rejection of a failed write is lost.
  test(`a write to pipeStream(), ${kind}, whose promise is ignored is an unhandled rejection once it fails [WEB-008]`, async () => {
    const { readable, writable } = pipeStream({ byob });
    const reasons = await unhandled(async () => {
      void writable.getWriter().write(sequence(600));
      await settle();
      await readable.cancel("enough");
    });
    expect(reasons).toEqual(["enough"]);
  });
}

type Actions = Readonly<Record<string, () => unknown>>;

const broken = (): never => {
  throw new Error("this side is broken");
};

/** A reader over a stream, and the operations on both sides. */
function readerOver(byob: boolean): Actions {
  let controller: ReadableStreamDefaultController | ReadableByteStreamController | undefined;
  const type = byob && hasByteStreams ? "bytes" : undefined;
  const stream = new ReadableStream({
    type: type as undefined,
    start(given) {
      controller = given;
    },
    cancel: broken,
  });
  const reader = fromReadableStream(stream);
  return {
    read: () => reader.read(new Uint8Array(16)),
    close: () => reader.close(),
    closeWithError: () => reader.closeWithError("closed"),
    end: () => controller?.close(),
    fail: () => controller?.error("failed"),
    watch: () => reader.closed,
  };
}

/** Like {@link readerOver}, for a writer over a sink that accepts nothing, or fails in every method. */
function writerOver(sink: UnderlyingSink<Uint8Array>): Actions {
  let controller: WritableStreamDefaultController | undefined;
  const stream = new WritableStream<Uint8Array>({
    ...sink,
    start(given) {
      controller = given;
    },
  });
  const writer = fromWritableStream(stream);
  return {
    write: () => writer.write(sequence(16)),
    nothing: () => writer.write(new Uint8Array(0)),
    close: () => writer.close(),
    closeWithError: () => writer.closeWithError("closed"),
    fail: () => controller?.error("failed"),
    watch: () => writer.closed,
  };
}

/**
 * The subjects, and the orders that must leave nothing pending: a chunk may stay pending while its sink does not
 * settle. Errors of a sink that reject no call must be unhandled (PIPE-017); `random/from-writable.test.ts` checks that
 * for each order.
 */
const foreign: ReadonlyArray<[string, () => Actions, RegExp]> = [
  ["fromReadableStream() of a byte stream", () => readerOver(true), /close|fail|end/],
  ["fromReadableStream() of a plain stream", () => readerOver(false), /close|fail|end/],
  [
    "fromWritableStream() of a sink that accepts nothing",
    () => writerOver({ write: () => new Promise(() => {}) }),
    /^(?!.*\bclose,).*closeWithError/,
  ],
  [
    "fromWritableStream() of a broken sink",
    () => writerOver({ write: broken, close: broken, abort: broken }),
    /write|close|fail/,
  ],
];
for (const [what, make, deciding] of foreign) {
  // Red when: a rejection of cancel(), abort(), close() or an internal promise is unhandled.
  test(`no order of three operations on ${what} leaves a rejection unhandled, or one waiting after its end [WEB-008]`, async () => {
    const waiting = new Set<string>();
    const actions = Object.keys(make());
    const trials = actions.flatMap((a) =>
      actions.flatMap((b) => actions.map((c) => ({ order: [a, b, c], does: make() }))),
    );
    const reasons = await unhandled(async () => {
      for (const step of [0, 1, 2]) {
        for (const { order, does } of trials) {
          const action = order[step] ?? "";
          try {
            const result = does[action]?.();
            if (!(result instanceof Promise)) continue;
            const id = `${order.join(", ")}: ${action} ${step}`;
            waiting.add(id);
            const settled = (): void => void waiting.delete(id);
            result.then(settled, settled);
          } catch {
            // The stream is ended twice.
          }
        }
        await settle();
      }
      await new Promise((resolve) => setTimeout(resolve)); // This wait ends even if the reader waits for a view that the stream never settles.
    });
    const ofTheSink = what.startsWith("fromWritableStream") ? ["failed", "Error: this side is broken"] : [];
    expect(reasons.map(String).filter((reason) => !ofTheSink.includes(reason))).toEqual([]);
    expect([...waiting].filter((id) => deciding.test(id))).toEqual([]);
  });
}

// Red when: the rejection of a chunk is unhandled after its write was given up.
test("fromWritableStream() leaves no unhandled rejection if its sink aborts a write and then fails it [WEB-008]", async () => {
  const controller = new AbortController();
  const stream = new WritableStream<Uint8Array>({
    async write() {
      controller.abort("enough");
      throw new Error("the sink broke");
    },
  });
  const { signal } = controller;
  const reasons = await unhandled(async () => {
    await expect(fromWritableStream(stream).write(sequence(16), { signal })).rejects.toBe("enough");
  });
  expect(reasons).toEqual([]);
});
