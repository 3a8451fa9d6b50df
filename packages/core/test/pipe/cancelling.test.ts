import { getEventListeners } from "node:events";
import { type PipeEnds, type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

/** Every operation that takes a signal. */
const operations: readonly (readonly [
  string,
  (ends: { reader: PipeReader; writer: PipeWriter }, signal: AbortSignal) => Promise<unknown>,
])[] = [
  ["PipeReader.read()", ({ reader }, signal) => reader.read(new Uint8Array(10), { signal })],
  ["PipeReader.read() into 0 bytes", ({ reader }, signal) => reader.read(new Uint8Array(0), { signal })],
  ["PipeReader.readChunk()", ({ reader }, signal) => reader.readChunk({ signal })],
  [
    "PipeReader.chunks().next()",
    ({ reader }, signal) => reader.chunks({ signal, preventClose: true }).next(),
  ],
  ["PipeReader.views().next()", ({ reader }, signal) => reader.views({ signal, preventClose: true }).next()],
  ["PipeWriter.write()", ({ writer }, signal) => writer.write(sequence(10), { signal })],
  ["PipeWriter.write() of 0 bytes", ({ writer }, signal) => writer.write(sequence(0), { signal })],
  [
    "PipeWriter.write() with transfer",
    ({ writer }, signal) => writer.write(sequence(10), { signal, transfer: true }),
  ],
  ["PipeWriter.flush()", ({ writer }, signal) => writer.flush({ signal })],
];

describe("an aborted signal", () => {
  // Red when: an aborted signal is not checked before a call that need not wait.
  test.for(operations)(
    "%s rejects with the reason of an aborted signal and moves no byte, even if it could go on [PIPE-030]",
    async ([, operate]) => {
      const ends = pipe();
      ends.writer.tryWrite(sequence(20));
      const reason = { why: "no longer needed" };
      expect(await rejection(operate(ends, AbortSignal.abort(reason)))).toBe(reason);
      expect([ends.writer.bytesWritten, ends.reader.bytesRead]).toEqual([20, 0]);
      const into = new Uint8Array(30);
      expect(await ends.reader.read(into)).toBe(20);
      expectSequence(into.subarray(0, 20));
    },
  );

  // Red when: an aborted signal is not checked before a call that need not wait.
  test.for(operations)(
    "%s given an aborted signal rejects with its reason on a closed pipe, too [PIPE-030]",
    async ([, operate]) => {
      for (const side of ["reader", "writer"] as const) {
        const ends = pipe();
        ends[side].closeWithError("closed");
        expect(await rejection(operate(ends, AbortSignal.abort(undefined)))).toMatchObject({
          name: "AbortError",
        });
        expect(await rejection(operate(ends, AbortSignal.abort(null)))).toBe(null);
      }
    },
  );

  // Red when: the signal is validated before the bytes.
  test("PipeWriter.write() and PipeReader.read() check the input, then the signal, then the pipe [PIPE-030] [PIPE-060]", async () => {
    const { reader, writer } = pipe();
    writer.close();
    reader.close();
    const signal = AbortSignal.abort("stop");
    expect(await rejection(writer.write("text" as never, { signal }))).toBeInstanceOf(TypeError);
    expect(await rejection(reader.read("text" as never, { signal }))).toBeInstanceOf(TypeError);
    expect(await rejection(writer.write(sequence(1), { signal }))).toBe("stop");
    expect(await rejection(reader.read(new Uint8Array(1), { signal }))).toBe("stop");
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });
});

describe("an abort while a write waits", () => {
  // Red when: the bytes that an aborted write has moved are removed from the ring.
  test("PipeWriter.write() in progress rejects on abort: the bytes that it moved stay, and later writes follow [PIPE-006] [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const first = rejection(writer.write(sequence(1033), { signal: controller.signal, progress }));
    const second = writer.write(new Uint8Array(600).fill(2));
    const third = writer.write(new Uint8Array(5).fill(3));
    controller.abort("stop");
    expect(await first).toBe("stop");
    expect(progress.bytes).toBe(512);
    writer.close();
    const received = await drain(reader, 100);
    expectSequence(received.subarray(0, 512));
    expect(received.subarray(512)).toEqual(new Uint8Array(605).fill(2).fill(3, 600));
    expect(await Promise.all([second, third])).toEqual([600, 5]);
  });

  // Red when: an aborted write does not start the next one.
  test("PipeWriter.write() behind an aborted one goes on at once where there is room [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const first = rejection(writer.write(sequence(3000), { signal: controller.signal }));
    const second = watch(writer.write(sequence(1)));
    await reader.read(new Uint8Array(700));
    controller.abort("stop");
    expect(await first).toBe("stop");
    await settle();
    // The contract does not say how much of the aborted write is in the ring after a read. The second write needs only one byte of room.
    expect(second.state).toBe(writer.bytesWritten - reader.bytesRead < 512 ? "fulfilled" : "pending");
    await reader.read(new Uint8Array(512));
    await settle();
    expect(second.state).toBe("fulfilled");
  });

  // Red when: an aborted write in the queue starts the next one.
  test("PipeWriter.write() that is queued rejects on abort without moving a byte, and the others keep their order [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const { signal } = controller;
    const progress = { bytes: 0 };
    const first = writer.write(new Uint8Array(3000).fill(1));
    const aborted = [
      rejection(writer.write(new Uint8Array(100).fill(2), { signal, progress })),
      rejection(writer.write(new Uint8Array(1).fill(3), { signal })),
    ];
    const last = writer.write(new Uint8Array(10).fill(4));
    // There is room now, and only the first write may use it.
    await reader.read(new Uint8Array(700));
    controller.abort("stop");
    expect(await Promise.all(aborted)).toEqual(["stop", "stop"]);
    expect(progress.bytes).toBe(0);
    writer.close();
    expect(await drain(reader)).toEqual(new Uint8Array(2310).fill(1).fill(4, 2300));
    expect(await Promise.all([first, last])).toEqual([3000, 10]);
  });

  // Red when: an abort rejects a write whose last byte was already taken.
  test("PipeWriter.write() resolves when its last byte is taken before the abort, in the same task [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const writing = writer.write(sequence(1033), { signal: controller.signal });
    const reading = reader.read(new Uint8Array(1033));
    controller.abort("late");
    expect(await reading).toBe(1033);
    expect(await writing).toBe(1033);
  });

  // Red when: an abort closes the pipe.
  test("PipeWriter.write() can be aborted and issued again any number of times [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    let sent = 0;
    for (let count = 0; count < 20; count++) {
      const controller = new AbortController();
      const progress = { bytes: 0 };
      const aborted = rejection(writer.write(sequence(1033, sent), { signal: controller.signal, progress }));
      controller.abort(count);
      expect(await aborted).toBe(count);
      const into = new Uint8Array(100);
      const read = (await reader.read(into)) ?? 0;
      expectSequence(into.subarray(0, read), reader.bytesRead - read);
      sent += progress.bytes;
    }
    expect(writer.bytesWritten).toBe(sent);
  });
});

describe("an abort while a read waits", () => {
  // Red when: an aborted read takes the bytes that arrive next.
  test("PipeReader.read() that waits rejects on abort, and the next read gets the bytes [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const array = new Uint8Array(10);
    const first = rejection(reader.read(array, { signal: controller.signal }));
    const second = reader.read(new Uint8Array(10));
    controller.abort("stop");
    writer.tryWrite(sequence(5));
    expect(await first).toBe("stop");
    expect(await second).toBe(5);
    expect(array).toEqual(new Uint8Array(10));
  });

  // Red when: an abort rejects a read that already has its bytes.
  test("PipeReader.read() keeps its bytes when the abort comes after them, in the same task [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const into = new Uint8Array(10);
    const reading = reader.read(into, { signal: controller.signal });
    writer.tryWrite(sequence(5));
    controller.abort("late");
    expect(await reading).toBe(5);
    expectSequence(into.subarray(0, 5));
  });

  // Red when: an aborted read takes the bytes that arrive next.
  test("PipeReader.read() rejects on abort in the middle of the queue, and the others keep their order [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const { signal } = controller;
    const reads = [
      reader.read(new Uint8Array(2)),
      reader.read(new Uint8Array(2), { signal }),
      reader.readChunk({ maxBytes: 2 }),
      reader.readChunk({ maxBytes: 2, signal }),
      reader.read(new Uint8Array(2)),
    ];
    const watched = reads.map((promise) => watch<unknown>(promise));
    controller.abort("stop");
    writer.tryWrite(sequence(5));
    await settle();
    expect(watched.map(({ value, reason }) => reason ?? value)).toEqual([
      2,
      "stop",
      sequence(2, 2),
      "stop",
      1,
    ]);
  });

  // Red when: an aborted read takes the bytes that arrive next.
  test("PipeReader.read() leaves no state behind on abort: tryRead() and tryWrite() work as on an idle pipe [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const aborted = rejection(reader.read(new Uint8Array(1000), { signal: controller.signal }));
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    expect(writer.tryWrite(sequence(1000))).toBe(512);
    expect(reader.tryRead(new Uint8Array(1000))).toBe(512);
  });
});

describe("listeners", () => {
  // Red when: an operation that has settled does not remove its listener.
  test("PipeReader and PipeWriter leave no listener on a signal after 10,000 operations, however they settle [PIPE-032]", async () => {
    const { signal } = new AbortController();
    for (let count = 0; count < 1000; count++) {
      const { reader, writer } = pipe();
      const into = new Uint8Array(600);
      await writer.write(sequence(10), { signal });
      await reader.read(into, { signal });
      const reading = reader.read(into, { signal });
      await writer.write(sequence(10), { signal });
      await reading;
      const writing = writer.write(sequence(1033), { signal });
      const flushing = writer.flush({ signal });
      await reader.readChunk({ signal });
      await Promise.all([writing, flushing]);
      const interrupted = [reader.read(into, { signal }), reader.readChunk({ signal })].map(rejection);
      writer.closeWithError("gone");
      await Promise.all(interrupted);
      if (count % 100 === 0) expect(getEventListeners(signal, "abort")).toHaveLength(0);
    }
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  // Red when: an operation that has failed does not remove its listener.
  test("PipeReader and PipeWriter leave no listener on a signal when operations are aborted or cut off by a close [PIPE-032]", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const closed = pipe();
    const cut = [
      closed.writer.write(sequence(1033), { signal }),
      closed.writer.write(sequence(1), { signal }),
      closed.writer.flush({ signal }),
    ].map(rejection);
    closed.reader.close();
    await Promise.all(cut);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    const { reader, writer } = pipe();
    const other = new AbortController();
    const waiting = [
      reader.read(new Uint8Array(1), { signal }),
      reader.read(new Uint8Array(1), { signal: other.signal }),
    ].map(rejection);
    controller.abort("stop");
    expect(await waiting[0]).toBe("stop");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(getEventListeners(other.signal, "abort")).toHaveLength(1);
    other.abort("stop, too");
    expect(await waiting[1]).toBe("stop, too");
    expect(getEventListeners(other.signal, "abort")).toHaveLength(0);
    expect(writer.tryWrite(sequence(1))).toBe(1);
  });
});

describe("pipe({ signal })", () => {
  // Red when: the abort of the pipe closes it without the reason.
  test("pipe({ signal }) acts on the abort as writer.closeWithError(reason) [PIPE-033]", async () => {
    const controller = new AbortController();
    const { reader, writer } = pipe({ signal: controller.signal });
    const reason = new Error("timed out");
    const writing = rejection(writer.write(sequence(1033)));
    const flushing = rejection(writer.flush());
    controller.abort(reason);
    expect(await writing).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
      bytesWritten: 512,
      cause: reason,
    });
    expect(await flushing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer", cause: reason });
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      cause: reason,
    });
    const into = new Uint8Array(1033);
    expect(await reader.read(into)).toBe(512);
    expectSequence(into.subarray(0, 512));
    expect(await rejection(reader.read(into))).toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  // Red when: the abort of the pipe closes it without the reason.
  test.for([undefined, null, 0])(
    "pipe({ signal }) rejects reads that wait with the reason itself (%s) [PIPE-033]",
    async (reason) => {
      const controller = new AbortController();
      const { reader } = pipe({ signal: controller.signal });
      const waiting = [rejection(reader.read(new Uint8Array(1))), rejection(reader.chunks().next())];
      controller.abort(reason);
      expect(await Promise.all(waiting)).toEqual([controller.signal.reason, controller.signal.reason]);
    },
  );

  // Red when: pipe({ signal }) does not check whether the signal is already aborted.
  test("pipe({ signal }) with an aborted signal makes a closed pipe [PIPE-033]", async () => {
    const signal = AbortSignal.abort("early");
    const { reader, writer } = pipe({ signal });
    expect(await rejection(reader.read(new Uint8Array(1)))).toBe("early");
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      cause: "early",
    });
    expect([await reader.closed, await writer.closed]).toEqual([undefined, undefined]);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  // Red when: the abort of the pipe does not reject the writes that close() lets finish.
  test("pipe({ signal }) cuts off the writes that close() let go on [PIPE-033]", async () => {
    const controller = new AbortController();
    const { reader, writer } = pipe({ signal: controller.signal });
    const writes = [rejection(writer.write(sequence(1033))), rejection(writer.write(sequence(5)))];
    const flushing = watch(writer.flush());
    writer.close();
    controller.abort("stop");
    const closed = { code: "ERR_CLOSED_PIPE", side: "writer", cause: "stop" };
    expect(await Promise.all(writes)).toMatchObject([
      { ...closed, bytesWritten: 512 },
      { ...closed, bytesWritten: 0 },
    ]);
    expect(await reader.read(new Uint8Array(1033))).toBe(512);
    expect(await rejection(reader.read(new Uint8Array(1)))).toBe("stop");
    await settle();
    expect(flushing.state).toBe("rejected");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  // Red when: an abort counts a write whose bytes are all lent as pending.
  test("pipe({ signal }) leaves a clean end clean when the only write left is lent [PIPE-013] [PIPE-033]", async () => {
    const controller = new AbortController();
    const { reader, writer } = pipe({ signal: controller.signal });
    const views = reader.views();
    const next = views.next();
    const writing = writer.write(sequence(1033));
    const flushing = writer.flush();
    writer.close();
    expect((await next).value).toHaveLength(1033);
    controller.abort("stop");
    expect(await views.next()).toEqual({ done: true, value: undefined });
    expect(await writing).toBe(1033);
    await flushing;
  });

  // Red when: the abort of the pipe turns a clean end into an error.
  test("pipe({ signal }) leaves a clean end clean when no write waits [PIPE-033]", async () => {
    const controller = new AbortController();
    const { reader, writer } = pipe({ signal: controller.signal });
    await writer.write(sequence(10));
    writer.close();
    controller.abort("late");
    expect(await reader.read(new Uint8Array(20))).toBe(10);
    expect(await reader.read(new Uint8Array(20))).toBe(null);
  });

  // Red when: the listener of the pipe stays registered after the reader has closed.
  test("pipe({ signal }) changes nothing once the reader has closed [PIPE-033]", async () => {
    const controller = new AbortController();
    const { reader, writer } = pipe({ signal: controller.signal });
    reader.closeWithError("first");
    controller.abort("second");
    expect(await rejection(writer.write(sequence(1)))).toBe("first");
    expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject({ side: "reader", cause: "first" });
  });

  // Red when: the abort of the pipe overwrites an own error.
  test("pipe({ signal }) changes nothing once the writer has closed with an error [PIPE-025] [PIPE-033]", async () => {
    const controller = new AbortController();
    const { reader, writer } = pipe({ signal: controller.signal });
    writer.tryWrite(sequence(1));
    writer.closeWithError("first");
    controller.abort("second");
    expect(await reader.read(new Uint8Array(1))).toBe(1);
    expect(await rejection(reader.read(new Uint8Array(1)))).toBe("first");
  });

  // Red when: the listener of the pipe stays registered after the writer has closed.
  test("pipe({ signal }) removes its listener when no operation can wait any more [PIPE-032] [PIPE-033]", async () => {
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, "abort").length;
    for (const side of ["reader", "writer"] as const) {
      for (const way of ["close", "closeWithError"] as const) {
        const ends = pipe({ signal });
        expect(listeners()).toBe(1);
        ends[side][way]("gone");
        expect(listeners()).toBe(0);
      }
    }
    const { reader, writer } = pipe({ signal });
    const writing = writer.write(sequence(1033));
    writer.close();
    expect(listeners()).toBe(1);
    expect(await drain(reader)).toHaveLength(1033);
    await writing;
    expect(listeners()).toBe(0);
  });

  // Red when: the pipe does not check for its end when the last write has settled.
  test("pipe({ signal }) removes its listener when the last write that close() let go on rejects by its own abort [PIPE-033]", async () => {
    const { signal } = new AbortController();
    const own = new AbortController();
    const { reader, writer } = pipe({ signal });
    const aborted = rejection(writer.write(sequence(1033), { signal: own.signal }));
    writer.close();
    own.abort("stop");
    expect(await aborted).toBe("stop");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(await drain(reader)).toHaveLength(512);
  });

  // Red when: an operation that has failed does not remove its listener.
  test("pipe({ signal }) and an operation may share a signal [PIPE-031] [PIPE-033]", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { reader, writer } = pipe({ signal });
    const writing = watch(writer.write(sequence(1033), { signal }));
    controller.abort("stop");
    await settle();
    expect(writing.state).toBe("rejected");
    expect(await reader.read(new Uint8Array(1033))).toBe(512);
    expect(await rejection(reader.read(new Uint8Array(1)))).toBe("stop");
    expect(await pending(writer.closed)).toBe(false);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("rejections without a handler", () => {
  const cases: readonly (readonly [string, (ends: PipeEnds) => unknown, (ends: PipeEnds) => void])[] = [
    [
      "PipeWriter.write()",
      ({ writer }) => writer.write(sequence(1033)),
      ({ reader }) => reader.closeWithError("gone"),
    ],
    [
      "PipeWriter.write() that comes late",
      ({ reader }) => reader.closeWithError("gone"),
      ({ writer }) => void writer.write(sequence(1)),
    ],
    [
      "PipeWriter.flush()",
      ({ writer }) => [writer.tryWrite(sequence(1)), writer.flush()],
      ({ reader }) => reader.closeWithError("gone"),
    ],
    [
      "PipeReader.read()",
      ({ reader }) => reader.read(new Uint8Array(1)),
      ({ writer }) => writer.closeWithError("gone"),
    ],
    [
      "PipeReader.readChunk()",
      ({ reader }) => reader.readChunk(),
      ({ writer }) => writer.closeWithError("gone"),
    ],
    [
      "PipeReader.chunks().next()",
      ({ reader }) => reader.chunks().next(),
      ({ writer }) => writer.closeWithError("gone"),
    ],
    [
      "PipeReader.views().next()",
      ({ reader }) => reader.views().next(),
      ({ writer }) => writer.closeWithError("gone"),
    ],
  ];

  // Red when: the pipe marks the rejections that it returns as handled.
  test.for(cases)(
    "%s that rejects and is ignored is an unhandled rejection [PIPE-034]",
    async ([, operate, close]) => {
      const ends = pipe();
      const reasons = await unhandled(() => {
        operate(ends);
        close(ends);
      });
      expect(reasons).toEqual(["gone"]);
    },
  );

  // Red when: `closed` rejects with the error of the close.
  test("PipeReader.closed and PipeWriter.closed never reject, nor does a pipe with no pending operation [PIPE-034]", async () => {
    const reasons = await unhandled(() => {
      for (const side of ["reader", "writer"] as const) {
        const ends = pipe({ signal: AbortSignal.abort("stop") });
        const later = new AbortController();
        const other = pipe({ signal: later.signal });
        void [ends.reader.closed, ends.writer.closed, other.reader.closed, other.writer.closed];
        ends[side].closeWithError("gone");
        later.abort("stop");
        const fresh = pipe();
        void [fresh.reader.closed, fresh.writer.closed];
        fresh[side].closeWithError("gone");
        fresh[side].close();
      }
    });
    expect(reasons).toEqual([]);
  });
});
