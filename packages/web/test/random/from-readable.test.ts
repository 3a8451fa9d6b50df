import {
  type Call,
  bytesAt,
  Calls,
  check,
  expectBytes,
  isPause,
  type Pause,
  pause,
  pauses,
} from "../support/random.ts";
import { joined } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { type Chunk, fromReadableStream, toReadableStream } from "@pipe512/web";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasByteStreams } from "../support/engine.ts";

type Step =
  | Pause
  | { readonly do: "enqueue"; readonly size: number; readonly kind: number }
  | { readonly do: "read"; readonly size: number; readonly abort: boolean }
  | { readonly do: "abort" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("enqueue" as const),
      size: fc.constantFrom(1, 2, 5, 511, 512, 513, 1024, 1033),
      kind: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      size: fc.constantFrom(0, 1, 2, 100, 511, 512, 513, 1033, 3000),
      abort: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const) }) },
  { weight: 3, arbitrary: pauses },
);
const endings = ["close", "error", "reader.close", "reader.closeWithError"] as const;
const sequences = fc.record({
  steps: fc.array(step, { maxLength: 16 }),
  ending: fc.constantFrom(...endings),
  /** The number of reads that are pending when the end comes. */
  waiting: fc.integer({ min: 0, max: 2 }),
});

interface Source {
  readonly stream: ReadableStream<Chunk>;
  readonly cancelled: unknown[];
  enqueue(bytes: Uint8Array<ArrayBuffer>, kind: number): void;
  close(): void;
  error(reason: unknown): void;
}

function source(type: "bytes" | undefined, highWaterMark: number): Source {
  let controller!: ReadableStreamDefaultController<Chunk>;
  const cancelled: unknown[] = [];
  const underlying = {
    type,
    start: (given: ReadableStreamDefaultController<Chunk>) => void (controller = given),
    cancel: (reason: unknown) => void cancelled.push(reason),
  };
  return {
    stream: new ReadableStream(underlying as UnderlyingDefaultSource<Chunk>, { highWaterMark }),
    cancelled,
    enqueue(bytes, kind) {
      if (kind === 1) controller.enqueue(new DataView(bytes.buffer));
      else controller.enqueue(kind === 2 && type === undefined ? bytes.buffer : bytes);
    },
    close() {
      controller.close();
      // As a byte source must for a pending view.
      (controller as Partial<ReadableByteStreamController>).byobRequest?.respond(0);
    },
    error: (reason) => controller.error(reason),
  };
}

const subjects: Record<string, () => Source> = {
  "a plain stream": () => source(undefined, 1),
  "a byte stream": () => source("bytes", 0),
  "a plain stream, after two round trips": () => {
    const inner = source(undefined, 0);
    return { ...inner, stream: toReadableStream(fromReadableStream(inner.stream)) };
  },
};

for (const [name, make] of Object.entries(subjects)) {
  // Red when: an aborted read consumes its bytes, the rest of a chunk is lost, or a read of 0 bytes returns 0 after
  // `closed` has resolved.
  test(`fromReadableStream() of ${name} delivers every byte once and in order, and its end to every read [PIPE-001] [PIPE-009] [PIPE-031] [WEB-010]`, {
    timeout: 600_000,
  }, async ({ skip }) => {
    skip(name !== "a plain stream" && !hasByteStreams, "the engine has no byte streams");
    await check(sequences, async ({ steps, ending, waiting }) => {
      const reason = new Error("the source broke");
      const given = make();
      const reader = fromReadableStream(given.stream, { chunkSize: 1000 });
      const calls = new Calls();
      const arrays = new Map<Call, Uint8Array>();
      const aborters: AbortController[] = [];
      let sent = 0;
      const read = (size: number, signal?: AbortSignal): void => {
        const into = new Uint8Array(size);
        arrays.set(calls.add(`read of ${size}`, reader.read(into, { signal })), into);
      };
      const received = (): Uint8Array =>
        joined(
          [...arrays].map(([{ value }, into]) => into.subarray(0, typeof value === "number" ? value : 0)),
        );
      for (const each of steps) {
        if (isPause(each)) {
          await pause(each);
        } else if (each.do === "enqueue") {
          given.enqueue(bytesAt(sent, each.size), each.kind);
          sent += each.size;
        } else if (each.do === "read") {
          if (each.abort) aborters.push(new AbortController());
          read(each.size, each.abort ? aborters.at(-1)?.signal : undefined);
        } else {
          aborters.shift()?.abort("enough");
        }
      }
      await settle(4);
      if (calls.pending.length > 0) expectBytes(received(), sent);
      for (let more = 0; more < waiting; more++) read(100);
      const state = calls.pending.length;
      if (ending === "close") given.close();
      else if (ending === "error") given.error(reason);
      else if (ending === "reader.close") reader.close();
      else reader.closeWithError(reason);
      const failed = { code: "ERR_CLOSED_PIPE", side: "reader" };
      if (ending === "close") {
        for (let left = true; left; ) {
          read(1033);
          await settle(3);
          left = calls.all.at(-1)?.value !== null;
          if (left && calls.pending.length > 0)
            throw new Error(`${calls.pending.join(", ")} hangs at the end`);
        }
        expectBytes(received(), sent);
      }
      await settle(3);
      expect([state, calls.pending]).toEqual([state, []]);
      const bytes = received();
      expectBytes(bytes, bytes.length);
      if (ending === "error")
        for (let left = 12; left > 0; left--) await reader.read(new Uint8Array(3000)).catch(() => {});
      await reader.closed;
      for (const size of [0, 1]) {
        const answer = await reader.read(new Uint8Array(size)).catch((thrown: unknown) => ({ thrown }));
        if (ending === "close") expect(answer).toBe(null);
        else if (ending === "error") expect(answer).toEqual({ thrown: reason });
        else expect(answer).toMatchObject({ thrown: failed });
      }
      if (ending === "reader.closeWithError") expect(given.cancelled).toEqual([reason]);
    });
  });
}
