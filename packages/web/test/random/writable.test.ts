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
  settleAll,
} from "../support/random.ts";
import { pipe } from "@pipe512/core";
import { joined } from "@pipe512/testing/bytes";
import { type Chunk, pipeStream, toWritableStream } from "@pipe512/web";
import fc from "fast-check";
import { expect, test } from "vitest";

type Step =
  | Pause
  | { readonly do: "write"; readonly size: number; readonly kind: number }
  | { readonly do: "close" | "abort" | "release" | "ready" | "closed" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      size: fc.constantFrom(0, 1, 2, 511, 512, 513, 1024, 1033),
      kind: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("close" as const, "abort", "release", "ready", "closed") }),
  },
  { weight: 4, arbitrary: pauses },
);

/** The same bytes in one of the chunk types that a stream accepts. */
function chunkOf(bytes: Uint8Array<ArrayBuffer>, kind: number): Chunk {
  if (kind === 1) return bytes.buffer;
  if (kind === 2) return new DataView(bytes.buffer, 0, bytes.length);
  if (kind === 3 && bytes.length % 2 === 0) return new Uint16Array(bytes.buffer);
  return bytes;
}

/** A stream whose bytes are all consumed, the chunks received from it, and its end. */
interface Subject {
  readonly stream: WritableStream<Chunk>;
  readonly received: Uint8Array[];
  end: "open" | "closed" | { readonly reason: unknown };
}

function platform(): Subject {
  const subject: Subject = {
    received: [],
    end: "open",
    stream: new WritableStream<Chunk>({
      write(chunk) {
        const view = ArrayBuffer.isView(chunk) ? chunk : new DataView(chunk);
        subject.received.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice());
      },
      close: () => void (subject.end = "closed"),
      abort: (reason) => void (subject.end = { reason }),
    }),
  };
  return subject;
}

function consumed(stream: WritableStream<Chunk>, next: () => Promise<Uint8Array | null>): Subject {
  const subject: Subject = { received: [], end: "open", stream };
  void (async () => {
    try {
      for (let chunk = await next(); chunk !== null; chunk = await next()) subject.received.push(chunk);
      subject.end = "closed";
    } catch (reason) {
      subject.end = { reason };
    }
  })();
  return subject;
}

const subjects: Record<string, () => Subject> = {
  "toWritableStream()": () => {
    const { reader, writer } = pipe();
    return consumed(toWritableStream(writer), () => reader.readChunk());
  },
  "pipeStream()": () => {
    const { readable, writable } = pipeStream();
    const reader = readable.getReader();
    return consumed(writable, async () => (await reader.read()).value ?? null);
  },
};

/** The outcome of a call, comparable between streams. A TypeError has another message in each implementation. */
const outcome = ({ what, state, value }: Call): unknown => [
  what,
  state,
  (value as { code?: string } | undefined)?.code === "ERR_INTERNAL_ASSERTION" || value instanceof TypeError
    ? "TypeError"
    : value,
];

async function run(subject: Subject, steps: readonly Step[], reason: unknown): Promise<unknown> {
  const calls = new Calls();
  let writer: WritableStreamDefaultWriter<Chunk> | undefined;
  let at = 0;
  for (const each of steps) {
    writer ??= subject.stream.getWriter();
    // An abort rejects waiting writes at once, but the platform lets its sink finish them first (WEB-005). Writes also take different numbers of microtasks.
    // Therefore no write waits here.
    if (each.do === "abort" || each.do === "release") await settleAll(3);
    if (isPause(each)) {
      await pause(each);
    } else if (each.do === "write") {
      const [its, chunk] = [writer, chunkOf(bytesAt(at, each.size), each.kind)];
      // In Node 20 to 26, a write after close() throws, where the standard rejects.
      calls.add("write", new Promise((resolve) => resolve(its.write(chunk))));
      at += each.size;
    } else if (each.do === "release") {
      writer.releaseLock();
      writer = undefined;
    } else if (each.do === "abort") {
      calls.add("abort", writer.abort(reason));
    } else {
      calls.add(each.do, each.do === "close" ? writer.close() : writer[each.do]);
    }
  }
  await settleAll(4);
  const bytes = joined(subject.received);
  expectBytes(bytes, bytes.length);
  return { calls: calls.all.map(outcome), bytes: bytes.length, end: subject.end };
}

for (const [name, make] of Object.entries(subjects)) {
  // Red when: close() does not wait for the writes before it, abort() after close() has another outcome, or all of a view's memory is written.
  test(`${name} does what the platform's own does, whatever is written, closed, aborted and released [WEB-004] [WEB-005] [WEB-014]`, {
    timeout: 600_000,
  }, async () => {
    await check(fc.array(step, { maxLength: 12 }), async (steps) => {
      const reason = new Error("enough");
      expect(await run(make(), steps, reason)).toEqual(await run(platform(), steps, reason));
    });
  });
}
