import { pipe, readAll } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { pipeStream, toReadableStream, toWritableStream } from "@pipe512/web";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasByteStreams, transfersStreams } from "./support/engine.ts";
import { received } from "./support/streams.ts";
import { startThread, type Thread } from "./support/worker.ts";

describe.for([
  ["a byte stream", true],
  ["a plain stream", false],
] as const)("%s", ([, byob]) => {
  // Red when: the memory of a delivered chunk is reused.
  test("tee() of a stream delivers every byte to both branches [WEB-011]", async () => {
    const { readable, writable } = pipeStream({ byob, chunkSize: 400 });
    const branches = readable.tee().map(received);
    const sink = writable.getWriter();
    for (let at = 0; at < 5 * 1033; at += 1033) await sink.write(sequence(1033, at));
    await sink.close();
    for (const bytes of await Promise.all(branches)) expectWhole(bytes, 5 * 1033);
  });

  // Red when: cancel() of one branch cancels the pipe.
  test("tee() of a stream cancels the pipe when both branches are cancelled [WEB-011]", async () => {
    const { reader, writer } = pipe();
    const [first, second] = toReadableStream(reader, { byob }).tee();
    const cancelled = first.cancel("one");
    await settle();
    await writer.write(sequence(100));
    await Promise.all([second.cancel("two"), cancelled]);
    await expect(writer.write(sequence(1))).rejects.toEqual(["one", "two"]);
  });

  // Red when: the error reaches only one branch.
  test("tee() of a stream fails both branches with the pipe's error itself [WEB-011]", async () => {
    const failure = new Error("the source broke");
    const { reader, writer } = pipe();
    const branches = toReadableStream(reader, { byob })
      .tee()
      .map((branch) => branch.getReader());
    writer.closeWithError(failure);
    for (const branch of branches) await expect(branch.read()).rejects.toBe(failure);
  });
});

// Red when: both branches get the same memory.
test("tee() of a byte stream returns two byte streams [WEB-011]", async ({ skip }) => {
  skip(!hasByteStreams, "the engine has no byte streams");
  const { readable, writable } = pipeStream();
  const branches = readable.tee().map((branch) => branch.getReader({ mode: "byob" }));
  const sink = writable.getWriter();
  const reading = branches.map((branch) => branch.read(new Uint8Array(1033)));
  await sink.write(sequence(500));
  for (const one of reading) {
    const { value } = await one;
    expectWhole(value ?? new Uint8Array(), 500);
    value?.fill(0);
  }
  const ends = branches.map((branch) => branch.read(new Uint8Array(16)));
  await sink.close();
  for (const { done } of await Promise.all(ends)) expect(done).toBe(true);
});

describe("transferred to a worker", () => {
  let thread: Thread;
  beforeAll(() => {
    if (transfersStreams) thread = startThread();
  });
  afterAll(() => thread?.stop());

  // Red when: a stream cannot be transferred, or a chunk is not complete there.
  test("a readable side delivers every byte to the worker [WEB-011]", async ({ skip }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    for (const byob of [true, false]) {
      const { readable, writable } = pipeStream({ byob });
      const answer = thread.ask({ task: "read", readable }, [readable]);
      const sink = writable.getWriter();
      for (let at = 0; at < 5 * 1033; at += 1033) await sink.write(sequence(1033, at));
      await sink.close();
      expectWhole((await answer) as Uint8Array, 5 * 1033);
    }
  });

  // Red when: the stream itself reads ahead, in addition to the one chunk that the transfer pulls.
  test("a transferred readable side reads one chunk ahead, as the standard requires [WEB-003] [WEB-011]", async ({
    skip,
  }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    for (const byob of [true, false]) {
      const { reader, writer } = pipe();
      const stream = toReadableStream(reader, { byob, chunkSize: 100 });
      await writer.write(sequence(512));
      await settle();
      expect(reader.bytesRead).toBe(0);
      const sent = structuredClone(stream, { transfer: [stream] });
      await settle(32);
      expect(reader.bytesRead).toBe(100);
      await sent.cancel();
    }
  });

  // Red when: closing the reader does not reach the worker.
  test("a writable side fails in the worker when the reader closes, with its error [WEB-011]", async ({
    skip,
  }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    const { reader, writer } = pipe();
    const writable = toWritableStream(writer);
    const answer = thread.ask({ task: "writeOn", writable }, [writable]);
    expect(await reader.read(new Uint8Array(1))).toBe(1);
    reader.closeWithError("enough");
    expect(await answer).toBe("enough");
  });

  // Red when: cancel() in the worker does not reach the pipe.
  test("a worker that cancels a readable side cancels the pipe with its reason [WEB-011]", async ({
    skip,
  }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    const { reader, writer } = pipe();
    const readable = toReadableStream(reader);
    await writer.write(sequence(100));
    expectWhole(
      (await thread.ask({ task: "first", readable, leave: "enough" }, [readable])) as Uint8Array,
      100,
    );
    await reader.closed;
    await expect(writer.write(sequence(1))).rejects.toBe("enough");
  });

  // Red when: the error becomes the end.
  test("a readable side fails in the worker with the pipe's error [WEB-011]", async ({ skip }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    const { reader, writer } = pipe();
    const readable = toReadableStream(reader);
    await writer.write(sequence(100));
    writer.closeWithError("the source broke");
    expect(await thread.ask({ task: "failure", readable }, [readable])).toBe("the source broke");
  });

  // Red when: the writable side is closed before the last chunk.
  test("a writable side gets every byte from the worker, and its end [WEB-011]", async ({ skip }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    const { reader, writer } = pipe();
    const writable = toWritableStream(writer);
    const bytes = readAll(reader);
    await thread.ask({ task: "write", writable, bytes: sequence(5000) }, [writable]);
    expectWhole(await bytes, 5000);
  });

  // Red when: abort() in the worker does not reach the pipe.
  test("a worker that aborts a writable side fails the pipe with its reason [WEB-011]", async ({ skip }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    const { reader, writer } = pipe();
    const writable = toWritableStream(writer);
    await thread.ask({ task: "abort", writable, reason: "enough" }, [writable]);
    await expect(reader.read(new Uint8Array(1))).rejects.toBe("enough");
  });

  // Red when: backpressure does not reach the thread.
  test("a worker that pipes from one pipe to another waits for a slow reader [WEB-011]", async ({ skip }) => {
    skip(!transfersStreams, "the engine transfers no streams");
    const [from, to] = [pipe(), pipe()];
    const [readable, writable] = [toReadableStream(from.reader), toWritableStream(to.writer)];
    const piped = thread.ask({ task: "through", readable, writable }, [readable, writable]);
    const written = (async (): Promise<void> => {
      for (let at = 0; at < 100_000; at += 1000) await from.writer.write(sequence(1000, at));
      from.writer.close();
    })();
    const into = new Uint8Array(1000);
    await to.reader.read(into.subarray(0, 1));
    await settle(100);
    // One pipe and the current chunk on each side, and the chunks that the standard allows in transit.
    expect(from.writer.bytesWritten).toBeLessThan(10_000);
    expectWhole(into.subarray(0, 1), 1);
    for (let at = 1; ; ) {
      const count = await to.reader.read(into);
      if (count === null) {
        expect(at).toBe(100_000);
        break;
      }
      expectWhole(into.subarray(0, count), count, at);
      at += count;
    }
    await Promise.all([piped, written]);
  });
});
