import { getEventListeners } from "node:events";
import { pipe } from "@pipe512/core";
import { expectSequence, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";

const done = { done: true, value: undefined };

describe("what is lent", () => {
  // Red when: a view is a copy.
  test("PipeReader.views() lends the ring itself [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const views = reader.views();
    writer.tryWrite(sequence(10));
    const first = (await views.next()).value;
    expectSequence(first);
    writer.tryWrite(sequence(10, 10));
    const second = (await views.next()).value;
    expectSequence(second, 10);
    expect(second.buffer).toBe(first.buffer);
    expect([first.length, second.length]).toEqual([10, 10]);
  });

  // Red when: an array goes through the ring although a waiting step could lend it directly.
  test.for([1, 512, 513, 1 << 20])(
    "PipeReader.views() lends the writer's own array of %i bytes to a consumer that waits [PIPE-013]",
    async (size) => {
      const { reader, writer } = pipe();
      const bytes = sequence(size);
      const next = reader.views().next();
      const writing = writer.write(bytes);
      const { value: view } = await next;
      expect(view.buffer === bytes.buffer).toBe(true);
      expect(view.length).toBe(size);
      expect(await pending(writing)).toBe(true);
    },
  );

  // Red when: the step that returns the ring refills it from the waiting write.
  test("PipeReader.views() lends the ring, then the rest of the waiting write without a copy [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(600);
    const writing = watch(writer.write(bytes));
    const views = reader.views();
    const ring = (await views.next()).value;
    expect(ring.length).toBe(512);
    expectSequence(ring);
    expect(ring.buffer).not.toBe(bytes.buffer);
    const rest = (await views.next()).value;
    expect(rest.buffer === bytes.buffer).toBe(true);
    expect([rest.byteOffset, rest.length]).toEqual([512, 88]);
    await settle();
    expect(writing.state).toBe("pending");
    watch(views.next());
    await settle();
    expect(writing).toMatchObject({ state: "fulfilled", value: 600 });
  });

  // Red when: a view of the ring extends past its end.
  test("PipeReader.views() lends every byte once, in order [PIPE-001] [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const writing = (async () => {
      let start = 0;
      for (const size of [1, 511, 512, 513, 1024, 1033, 100, 500, 3, 700]) {
        const taken = await writer.write(sequence(size, start));
        start += taken + writer.tryWrite(sequence(5, start + taken));
      }
      writer.close();
      return start;
    })();
    const copies: Uint8Array[] = [];
    for await (const view of reader.views()) copies.push(view.slice());
    const received = joined(copies);
    expect(received.length).toBe(await writing);
    expectSequence(received);
  });

  // Red when: the room of a lent view is free immediately.
  test("PipeReader.views() keeps a view as it is until the next step, while the writer goes on [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(300));
    const views = reader.views();
    const view = (await views.next()).value;
    const writing = writer.write(sequence(1033, 300));
    await settle();
    expect(view.length).toBe(300);
    expectSequence(view);
    let position = 300;
    for (let steps = 0; steps < 10 && position < 1333; steps++) {
      const { value } = await views.next();
      expectSequence(value, position);
      position += value.length;
    }
    watch(views.next());
    expect(await writing).toBe(1033);
  });

  // Red when: lent bytes count as read only at the following step.
  test("PipeReader.views() counts lent bytes as taken [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(100));
    const views = reader.views({ preventClose: true });
    await views.next();
    expect(reader.bytesRead).toBe(100);
    await views.return?.();
    expect(reader.tryRead(new Uint8Array(10))).toBe(0);
    const waiting = reader.views().next();
    void writer.write(sequence(1033));
    await waiting;
    expect(reader.bytesRead).toBe(1133);
  });
});

describe("others while a view is lent", () => {
  // Red when: other reads do not wait while a view is lent.
  test("PipeReader.views() makes other reads wait [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    const views = reader.views({ preventClose: true });
    await views.next();
    writer.tryWrite(sequence(10, 10));
    const into = new Uint8Array(4);
    const reading = watch(reader.read(into));
    expect(reader.tryRead(new Uint8Array(4))).toBe(0);
    expect(reader.tryReadChunk()).toBe(undefined);
    expect(await reader.read(new Uint8Array(0))).toBe(0);
    await settle();
    expect(reading.state).toBe("pending");
    const next = views.next();
    await settle();
    expect(reading).toMatchObject({ state: "fulfilled", value: 4 });
    expectSequence(into, 10);
    expect((await next).value).toHaveLength(6);
  });

  // Red when: other reads do not wait while a view is lent.
  test("PipeReader.views() makes other reads wait for the end, too [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    writer.close();
    const views = reader.views({ preventClose: true });
    await views.next();
    expect(reader.tryRead(new Uint8Array(4))).toBe(0);
    const reading = watch(reader.read(new Uint8Array(4)));
    await settle();
    expect(reading.state).toBe("pending");
    expect(await views.return?.()).toEqual(done);
    await settle();
    expect(reading).toMatchObject({ state: "fulfilled", value: null });
  });
});

describe("the write that lent", () => {
  // Red when: a lent write settles immediately.
  test("PipeWriter.write() that is lent settles with the next step [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const views = reader.views();
    const next = views.next();
    const writing = watch(writer.write(sequence(1033)));
    await next;
    await settle();
    expect(writing.state).toBe("pending");
    const last = views.next();
    await settle();
    expect(writing).toMatchObject({ state: "fulfilled", value: 1033 });
    writer.close();
    expect(await last).toEqual(done);
  });

  // Red when: leaving the loop does not return the lent view.
  test.for([true, false])(
    "PipeWriter.write() that is lent settles when the consumer leaves, preventClose %s [PIPE-013]",
    async (preventClose) => {
      const { reader, writer } = pipe();
      const views = reader.views({ preventClose });
      const next = views.next();
      const writing = watch(writer.write(sequence(1033)));
      await next;
      await views.return?.();
      await settle();
      expect(writing).toMatchObject({ state: "fulfilled", value: 1033 });
    },
  );

  // Red when: an abort settles a lent write while the consumer still reads its array.
  test("PipeWriter.write() that is lent does not settle before the next step, abort included [PIPE-013] [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const views = reader.views({ preventClose: true });
    const next = views.next();
    const writing = watch(writer.write(sequence(1033), { signal: controller.signal, progress }));
    const second = watch(writer.write(sequence(7, 1033)));
    const { value: view } = await next;
    controller.abort("stop");
    await settle();
    expect(writing.state).toBe("pending");
    expectSequence(view);
    const rest = await views.next();
    await settle();
    expect(writing.state).not.toBe("pending");
    expect(progress.bytes).toBe(1033);
    expectSequence(rest.value, 1033);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    await views.return?.();
    await settle();
    expect(second).toMatchObject({ state: "fulfilled", value: 7 });
  });

  // Red when: a close settles a lent write while the consumer still reads its array.
  test.for([
    ["writer.close()", "writer", "close"],
    ["writer.closeWithError()", "writer", "closeWithError"],
  ] as const)(
    "PipeWriter.write() that is lent does not settle before the next step, %s included [PIPE-013] [PIPE-027]",
    async ([, side, close]) => {
      const ends = pipe();
      const views = ends.reader.views({ preventClose: true });
      const next = views.next();
      const progress = { bytes: 0 };
      const writing = watch(ends.writer.write(sequence(1033), { progress }));
      const { value: view } = await next;
      ends[side][close]("gone");
      await settle();
      expect(writing.state).toBe("pending");
      expectSequence(view);
      const last = watch(views.next());
      await settle();
      expect(last.state).not.toBe("pending");
      expect(writing.state).not.toBe("pending");
      expect(progress.bytes).toBe(1033);
    },
  );

  // Red when: the reader's close does not settle the write whose array is lent.
  test.for(["close", "closeWithError"] as const)(
    "PipeWriter.write() that is lent has settled once reader.%s() and a step are done, and its bytes count as taken [PIPE-013] [PIPE-027]",
    async (close) => {
      const { reader, writer } = pipe();
      const views = reader.views();
      const next = views.next();
      const progress = { bytes: 0 };
      const writing = watch(writer.write(sequence(1033), { progress }));
      await next;
      reader[close]("gone");
      expect(await rejection(views.next())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
      await settle();
      expect(writing.state).not.toBe("pending");
      expect([progress.bytes, reader.bytesRead]).toEqual([1033, 1033]);
    },
  );

  // Red when: a close does not reject the writes behind a lent one.
  test("PipeWriter.write() behind a lent one rejects at once when the reader closes [PIPE-013] [PIPE-023]", async () => {
    const { reader, writer } = pipe();
    const views = reader.views();
    const next = views.next();
    void writer.write(sequence(1033)).catch(() => {});
    const behind = watch(writer.write(sequence(10)));
    await next;
    reader.close();
    await settle();
    expect(behind).toMatchObject({ state: "rejected", reason: { code: "ERR_CLOSED_PIPE", bytesWritten: 0 } });
    await views.return?.();
  });

  // Red when: the ring of a closed pipe is used by another pipe while a view of it is lent.
  test("PipeReader.views() keeps the lent ring when everything closes around it [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(512));
    const views = reader.views();
    const { value: view } = await views.next();
    writer.closeWithError("gone");
    reader.close();
    const other = pipe();
    other.writer.tryWrite(new Uint8Array(512).fill(0xff));
    await settle();
    expectSequence(view);
    expect(await rejection(views.next())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });
});

describe("leaving", () => {
  // Red when: leaving the loop does not close the reader.
  test("PipeReader.views() closes the reader when the loop is left [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    for await (const view of reader.views()) {
      expectSequence(view);
      break;
    }
    expect(thrown(() => writer.tryWrite(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
  });

  // Red when: preventClose is ignored when the loop is left.
  test("PipeReader.views() with preventClose leaves what was not lent readable [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    const views = reader.views({ preventClose: true });
    const { value: view } = await views.next();
    const position = view.length;
    await views.return?.();
    const into = new Uint8Array(2000);
    expect(await reader.read(into)).toBe(1033 - position);
    expectSequence(into.subarray(0, 1033 - position), position);
    expect(await writing).toBe(1033);
  });

  // Red when: return() leaves the waiting steps in the queue.
  test("PipeReader.views() with preventClose loses no byte when return() meets a waiting next() [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const views = reader.views({ preventClose: true });
    const next = views.next();
    const leaving = views.return?.();
    const writing = writer.write(sequence(10));
    expect([await next, await leaving]).toEqual([done, done]);
    expect(await writing).toBe(10);
    const into = new Uint8Array(20);
    expect(await reader.read(into)).toBe(10);
    expectSequence(into.subarray(0, 10));
  });

  // Red when: the abort of an iteration closes the reader without the reason.
  test("PipeReader.views() ends with the reason of its signal and closes the reader with it [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const views = reader.views({ signal: controller.signal });
    const next = rejection(views.next());
    controller.abort("stop");
    expect(await next).toBe("stop");
    expect(await views.next()).toEqual(done);
    expect(await rejection(writer.write(sequence(1)))).toBe("stop");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  // Red when: a last step, which lends no view, leaves the write pending as if its array were lent next.
  test("PipeWriter.write() goes on when the step after an aborted signal gives the ring back [PIPE-003] [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const views = reader.views({ preventClose: true, signal: controller.signal });
    const writing = watch(writer.write(sequence(600)));
    await views.next();
    controller.abort("enough");
    expect(await rejection(views.next())).toBe("enough");
    await settle();
    expect(writing).toMatchObject({ state: "fulfilled", value: 600 });
  });

  // Red when: the following step cancels a lent write because its array was detached.
  test("PipeWriter.write() settles at the next step though its array was detached while it was lent [PIPE-013] [PIPE-061]", async () => {
    const { reader, writer } = pipe();
    const views = reader.views();
    const next = views.next();
    const bytes = sequence(700);
    const writing = watch(writer.write(bytes));
    await next;
    structuredClone(bytes, { transfer: [bytes.buffer] });
    const step = views.next();
    await settle();
    expect(writing).toMatchObject({ state: "fulfilled", value: 700 });
    void writer.write(sequence(3));
    expect((await step).value?.length).toBe(3);
  });

  // Red when: the step after an abort does not return the lent view.
  test("PipeReader.views() has given back what it lent by the step after its signal was aborted [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const views = reader.views({ signal: controller.signal });
    const next = views.next();
    const writing = watch(writer.write(sequence(1033)));
    await next;
    controller.abort("stop");
    expect(await rejection(views.next())).toBe("stop");
    await settle();
    expect(writing.state).not.toBe("pending");
  });

  // Red when: an iteration continues after it has failed.
  test("PipeReader.views() ends with the stream and fails with its error [PIPE-013]", async () => {
    const ended = pipe();
    const end = ended.reader.views().next();
    ended.writer.close();
    expect(await end).toEqual(done);
    const failed = pipe();
    failed.writer.tryWrite(sequence(3));
    failed.writer.closeWithError(null);
    const views = failed.reader.views();
    expectSequence((await views.next()).value);
    expect(await rejection(views.next())).toBe(null);
    expect(await views.next()).toEqual(done);
  });
});
