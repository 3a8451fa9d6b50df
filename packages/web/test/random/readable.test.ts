import {
  bytesAt,
  type Call,
  Calls,
  check,
  expectBytes,
  isPause,
  type Pause,
  pause,
  pauses,
} from "../support/random.ts";
import { pipe, type Reader } from "@pipe512/core";
import { joined } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { pipeStream, toReadableStream } from "@pipe512/web";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasByteStreams } from "../support/engine.ts";

type Mode = "default" | "byob" | "loop";
type Step =
  | Pause
  | { readonly do: "write"; readonly size: number }
  | { readonly do: "read"; readonly mode: Mode; readonly size: number }
  | { readonly do: "release" };

const sizes = fc.constantFrom(1, 2, 5, 16, 100, 511, 512, 513, 1024, 1033, 3000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("write" as const), size: sizes }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      mode: fc.constantFrom<Mode>("default", "byob", "byob", "loop"),
      size: sizes,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const) }) },
  { weight: 3, arbitrary: pauses },
);
const sequences = fc.record({
  steps: fc.array(step, { maxLength: 16 }),
  min: fc.constantFrom(1, 1, 1, 2, 600),
  last: fc.constantFrom<Mode>("default", "byob", "loop"),
});

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;
type Lock =
  | { readonly mode: "default"; readonly reader: ReadableStreamDefaultReader<Uint8Array> }
  | { readonly mode: "byob"; readonly reader: ReadableStreamBYOBReader }
  | { readonly mode: "loop"; readonly iterator: AsyncIterator<Uint8Array> };

/** Reads a stream in every way, and keeps the bytes. */
class Consumer {
  readonly #stream: Stream;
  readonly #byob: boolean;
  readonly calls = new Calls();
  #lock: Lock | undefined;
  /** The `min` of each read into a view. */
  min: number;
  /** Whether a view may have been released with some of its bytes. */
  released = false;

  constructor(stream: Stream, byob: boolean, min: number) {
    this.#stream = stream;
    this.#byob = byob;
    this.min = min;
  }

  read(wanted: Mode, size: number): Call | undefined {
    const mode = wanted === "byob" && !this.#byob ? "default" : wanted;
    if (this.#lock?.mode !== mode) this.#take(mode);
    // Node 20 to 26 loses the second of two reads behind a released view that has some of its bytes (see the README).
    if (this.released && this.min > 1 && this.waiting.length > 0) return undefined;
    const lock = this.#lock as Lock;
    const what = `${mode} read ${this.calls.all.length}`;
    if (lock.mode === "loop") return this.calls.add(what, lock.iterator.next());
    if (lock.mode === "default") return this.calls.add(what, lock.reader.read());
    return this.calls.add(what, lock.reader.read(new Uint8Array(size), { min: Math.min(size, this.min) }));
  }

  release(): void {
    const lock = this.#lock;
    this.#lock = undefined;
    if (lock?.mode === "loop") void lock.iterator.return?.();
    else lock?.reader.releaseLock();
    this.released ||= lock?.mode === "byob";
  }

  #take(mode: Mode): void {
    this.release();
    const stream = this.#stream;
    if (mode === "default") this.#lock = { mode, reader: stream.getReader() };
    else if (mode === "byob") this.#lock = { mode, reader: stream.getReader({ mode }) };
    else this.#lock = { mode, iterator: stream.values({ preventCancel: true }) };
  }

  /** All bytes received, in the order of the reads. */
  get received(): Uint8Array {
    const results = this.calls.all.filter(({ state }) => state === "fulfilled").map(({ value }) => value);
    return joined(results.map((it) => (it as { value?: Uint8Array }).value ?? new Uint8Array()));
  }

  /** Calls that are not fulfilled and whose lock was not released. */
  get waiting(): string[] {
    const odd = this.calls.all.find(
      ({ state, value }) => state === "rejected" && !(value instanceof TypeError),
    );
    if (odd !== undefined) throw odd.value;
    return this.calls.pending;
  }
}

interface Subject {
  readonly stream: Stream;
  write(bytes: Uint8Array): Promise<unknown>;
  close(): unknown;
}

/** A reader with only the required members. It returns at most 700 bytes at a time. */
const foreign = (inner: Reader): Reader => ({
  read: (into) => inner.read(into.subarray(0, 700)),
  close: () => inner.close(),
  closeWithError: (error) => inner.closeWithError(error),
});

const overPipe = (byob: boolean, wrap: (reader: Reader) => Reader = (reader) => reader): Subject => {
  const { reader, writer } = pipe();
  return {
    stream: toReadableStream(wrap(reader), { byob, chunkSize: 1000 }),
    write: (bytes) => writer.write(bytes),
    close: () => writer.close(),
  };
};
const overStreams = (byob: boolean): Subject => {
  const { readable, writable } = pipeStream({ byob });
  const sink = writable.getWriter();
  return { stream: readable, write: (bytes) => sink.write(bytes), close: () => sink.close() };
};

const subjects: Record<string, (byob: boolean) => Subject> = {
  "toReadableStream() over a pipe": overPipe,
  "toReadableStream() over a foreign reader": (byob) => overPipe(byob, foreign),
  "pipeStream()": overStreams,
};

for (const [name, make] of Object.entries(subjects))
  for (const byob of [true, false]) {
    // Red when: a source reads the pipe while it is the taker of the hand-off; a released view is filled for a default
    // read; or a read released before pull() leaves the next BYOB read without one.
    test(`${name}, ${byob ? "a byte stream" : "a plain stream"}, delivers every byte once and in order, even if reads are mixed, released and left [WEB-013]`, {
      timeout: 600_000,
    }, async ({ skip }) => {
      skip(byob && !hasByteStreams, "the engine has no byte streams");
      await check(sequences, async ({ steps, min, last }) => {
        const subject = make(byob);
        const consumer = new Consumer(subject.stream, byob, min);
        const writes = new Calls();
        let written = 0;
        const send = (size: number): void => {
          writes.add(`write of ${size}`, subject.write(bytesAt(written, size)));
          written += size;
        };
        for (const each of steps) {
          if (isPause(each)) await pause(each);
          else if (each.do === "write") send(each.size);
          else if (each.do === "read") consumer.read(each.mode, each.size);
          else consumer.release();
        }
        await settle(4);
        const left = written - consumer.received.length;
        if (left >= min && consumer.waiting.length > 0) {
          throw new Error(`${consumer.waiting.join(", ")} hangs, and ${left} bytes are there`);
        }
        consumer.release();
        // By the standard, a read with `min` fails if the stream ends with fewer bytes.
        consumer.min = 1;
        // The bytes of a released view go to the next read, together with the next byte.
        if (consumer.released && min > 1) {
          send(1);
          await settle(2);
        }
        void subject.close();
        for (;;) {
          const call = consumer.read(last, 700) as Call;
          for (let turn = 0; turn < 20 && call.state === "pending"; turn++) await settle(1);
          if (call.state === "pending") throw new Error(`The last ${call.what} hangs`);
          if (call.state === "rejected") throw call.value;
          if ((call.value as { done?: boolean }).done) break;
        }
        expectBytes(consumer.received, written);
        expect(consumer.waiting).toEqual([]);
        expect(writes.all.filter(({ state }) => state !== "fulfilled")).toEqual([]);
      });
    });
  }
