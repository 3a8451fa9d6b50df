import { pipe } from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { pipeStream, toReadableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { reasons, show } from "./support/streams.ts";

/** Makes a stream, and the writer of its pipe. */
interface Subject {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
  readonly close: () => unknown;
}

for (const byob of [true, false]) {
  const subjects: ReadonlyArray<[string, () => Subject]> = [
    [
      "toReadableStream()",
      () => {
        const { reader, writer } = pipe();
        const stream = toReadableStream(reader, { byob });
        return { stream, write: (bytes) => writer.write(bytes), close: () => writer.close() };
      },
    ],
    [
      "pipeStream()",
      () => {
        const { readable, writable } = pipeStream({ byob });
        const sink = writable.getWriter();
        return { stream: readable, write: (bytes) => sink.write(bytes), close: () => sink.close() };
      },
    ],
  ];
  describe.for(subjects)(`%s, ${byob ? "a byte stream" : "a plain stream"},`, ([, make]) => {
    // Red when: cancel() leaves the reader open.
    test("ReadableStream.cancel() settles pending reads at once [WEB-006]", async () => {
      const { stream, write } = make();
      const consumer = stream.getReader();
      const reading = [consumer.read(), consumer.read()];
      await settle();
      await consumer.cancel();
      for (const { done } of await Promise.all(reading)) expect(done).toBe(true);
      await consumer.closed;
      await expect(write(sequence(1))).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    });

    // Red when: return() waits for next(), as the standard's does, or consumes its value.
    test("return() of an iterator settles at once during a pending next(), and ends it [WEB-006]", async () => {
      const { stream, write } = make();
      const iterator = stream.values();
      const waiting = [iterator.next(), iterator.next()];
      await settle();
      expect(await iterator.return?.("enough" as never)).toEqual({ done: true, value: "enough" });
      expect(await Promise.all(waiting)).toEqual([
        { done: true, value: undefined },
        { done: true, value: undefined },
      ]);
      expect(stream.locked).toBe(false);
      await expect(write(sequence(1))).rejects.toBe("enough");
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    });

    // Red when: a pending step consumes the chunk that comes for it.
    test("return() with { preventCancel: true } during a pending next() loses no byte [WEB-007]", async () => {
      const { stream, write, close } = make();
      const iterator = stream.values({ preventCancel: true });
      const waiting = iterator.next();
      await settle();
      await iterator.return?.();
      expect(await waiting).toEqual({ done: true, value: undefined });
      await write(sequence(300));
      await write(sequence(212, 300));
      const second = stream.values({ preventCancel: true });
      const parts = [(await second.next()).value ?? new Uint8Array()];
      close();
      for await (const chunk of second) parts.push(chunk);
      expectWhole(joined(parts), 512);
    });
  });
}

describe.for([
  ["a byte stream", true],
  ["a plain stream", false],
] as const)("%s", ([, byob]) => {
  for (const reason of reasons) {
    // Red when: cancel() closes the reader without the reason.
    test(`ReadableStream.cancel(${show(reason)}) fails the pending write and later writes with it [WEB-005]`, async () => {
      const { reader, writer } = pipe();
      const written = writer.write(sequence(1033));
      await toReadableStream(reader, { byob }).cancel(reason);
      await expect(written).rejects.toBe(reason);
      await expect(writer.write(sequence(1))).rejects.toBe(reason);
    });
  }

  // Red when: a missing reason is passed on as undefined.
  test("ReadableStream.cancel() without a reason fails writes with a ClosedPipeError [WEB-005]", async () => {
    const { readable, writable } = pipeStream({ byob });
    const sink = writable.getWriter();
    const written = sink.write(sequence(1033));
    await settle();
    await readable.cancel();
    await expect(written).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    await expect(sink.write(sequence(1))).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  // Red when: leaving a loop leaves the pipe open.
  test("leaving a loop over a stream, or throwing in it, cancels the stream [WEB-006]", async () => {
    for (const leave of [() => false, () => Promise.reject(new Error("thrown"))]) {
      const { reader, writer } = pipe();
      const written = writer.write(sequence(1033));
      const loop = async (): Promise<void> => {
        for await (const _ of toReadableStream(reader, { byob })) if (!(await leave())) return;
      };
      await loop().catch((error: unknown) => expect(error).toHaveProperty("message", "thrown"));
      await expect(writer.write(sequence(1))).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE" });
      await written.catch(() => {});
    }
  });

  // Red when: the lock is kept, or the loop consumes a later chunk.
  test("leaving a loop with { preventCancel: true } releases the lock and loses no byte [WEB-007]", async () => {
    const { reader, writer } = pipe();
    const stream = toReadableStream(reader, { byob, chunkSize: 100 });
    const written = writer.write(sequence(1033)).then(() => writer.close());
    const parts: Uint8Array[] = [];
    for (const rounds of [1, 2, 3, 100]) {
      let round = 0;
      for await (const chunk of stream.values({ preventCancel: true })) {
        parts.push(chunk);
        if (++round === rounds) break;
      }
      expect(stream.locked).toBe(false);
    }
    await written;
    expectWhole(joined(parts), 1033);
  });

  // Red when: the loop ends at an error without throwing.
  test("a loop over a stream throws its error itself, after the last byte [WEB-007]", async () => {
    const failure = new Error("the source broke");
    const { reader, writer } = pipe();
    await writer.write(sequence(100));
    writer.closeWithError(failure);
    const stream = toReadableStream(reader, { byob });
    const parts: Uint8Array[] = [];
    const loop = async (): Promise<void> => {
      for await (const chunk of stream) parts.push(chunk);
    };
    await expect(loop()).rejects.toBe(failure);
    expectWhole(joined(parts), 100);
    expect(stream.locked).toBe(false);
  });

  // Red when: a step after the error throws it again.
  test("an iterator has ended after its stream failed, and a locked stream cannot be iterated [WEB-006]", async () => {
    const failure = new Error("the source broke");
    const { reader, writer } = pipe();
    const stream = toReadableStream(reader, { byob });
    const iterator = stream.values();
    expect(() => stream.values()).toThrow(TypeError);
    const steps = [iterator.next(), iterator.next()];
    await settle();
    writer.closeWithError(failure);
    await expect(steps[0]).rejects.toBe(failure);
    expect(await steps[1]).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});
