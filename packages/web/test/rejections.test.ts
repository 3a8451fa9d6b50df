import { sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { fromReadableStream, fromWritableStream, pipeStream } from "@pipe512/web";
import { expect, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";

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

type Actions = Readonly<Record<string, () => unknown>>;

const broken = (): never => {
  throw new Error("this side is broken");
};

/** A reader over a stream that nobody else has, and what happens on either side. */
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

/** As {@link readerOver}: a writer, and a sink that takes nothing, or fails at all it is asked to do. */
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
 * What to do it with, and which orders are to leave nothing waiting: a chunk in the hands of a sink may be, as long as the sink says nothing. The errors of
 * a sink may be unhandled, since PIPE-017 wants them to be where no call reports them: `random/from-writable.test.ts` holds that to each order.
 */
const foreign: ReadonlyArray<[string, () => Actions, RegExp]> = [
  ["fromReadableStream() of a byte stream", () => readerOver(true), /close|fail|end/],
  ["fromReadableStream() of a plain stream", () => readerOver(false), /close|fail|end/],
  [
    "fromWritableStream() of a sink that takes nothing",
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
  // Red when: the rejection of a cancel(), abort() or close() of the stream, or a promise of its own, is left alone.
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
            // A stream is told twice of its end.
          }
        }
        await settle();
      }
      await new Promise((resolve) => setTimeout(resolve)); // As long as a view is waited for that a stream forgets.
    });
    const ofTheSink = what.startsWith("fromWritableStream") ? ["failed", "Error: this side is broken"] : [];
    expect(reasons.map(String).filter((reason) => !ofTheSink.includes(reason))).toEqual([]);
    expect([...waiting].filter((id) => deciding.test(id))).toEqual([]);
  });
}

// Red when: what becomes of a chunk is left alone once its write is given up.
test("fromWritableStream() leaves no rejection of a write that its own sink aborts and fails then [WEB-008]", async () => {
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
