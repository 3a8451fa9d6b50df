import { type PipeEnds, type PipeOptions, pipe } from "@pipe512/core";
import {
  type PipeReport,
  type StallReport,
  snapshot,
  type Watch,
  type WatchOptions,
  watch,
} from "@pipe512/core/diagnostics";
import { sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let watches: Watch[] = [];

function watching(options?: WatchOptions): Watch {
  const started = watch(options);
  watches.push(started);
  return started;
}

/** References to ends with a pending call, so that they are not collected. Other tests cover the collection. */
const kept: PipeEnds[] = [];

function made(options?: PipeOptions): PipeEnds {
  const ends = pipe(options);
  kept.push(ends);
  return ends;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  for (const started of watches) started.stop();
  watches = [];
  vi.useRealTimers();
});

/** Replaces the fields that differ from run to run by fixed values. */
const masked = (report: PipeReport): PipeReport => ({ ...report, id: 0, stack: "" });

const ignore = (): void => {};

describe("snapshot()", () => {
  // Red when: bytesInRing counts lent bytes, or the waiting operations are not recorded.
  test("snapshot() lists the waiting operations with their sizes and how long they have waited", async () => {
    watching();
    const { reader, writer } = made({ name: "upload" });
    vi.advanceTimersByTime(1000);
    const writing = writer.write(sequence(700));
    vi.advanceTimersByTime(500);
    void writer.write(sequence(5));
    vi.advanceTimersByTime(1500);
    expect(snapshot().map(masked)).toEqual([
      {
        id: 0,
        name: "upload",
        ageMs: 3000,
        reader: "open",
        writer: "open",
        bytesInRing: 512,
        bytesWritten: 512,
        bytesRead: 0,
        waiting: [
          {
            operation: "write",
            bytes: 700,
            bytesMoved: 512,
            waitingMs: 2000,
            explanation:
              "write of 700 bytes has waited 2 s for 188 bytes of room; the reader has never read: are both ends used in one async function?",
          },
          {
            operation: "write",
            bytes: 5,
            bytesMoved: 0,
            waitingMs: 1500,
            explanation: "write of 5 bytes has waited 1.5 s for its turn behind another write",
          },
        ],
        waitedMs: { reader: 0, writer: 2000 },
        stack: "",
      },
    ]);
    await reader.read(new Uint8Array(700));
    await writing;
    await settle();
    expect(snapshot()[0]).toMatchObject({ bytesInRing: 5, bytesRead: 700, waiting: [] });
    vi.advanceTimersByTime(1000);
    expect(snapshot()[0]?.waitedMs).toEqual({ reader: 0, writer: 2000 });
  });

  // Red when: one kind of waiting is described as another.
  test.for([
    [
      "read",
      "read of up to 9 bytes has waited 250 ms for a byte; the writer has never written: are both ends used in one async function?",
    ],
    [
      "readChunk",
      "readChunk has waited 250 ms for a byte; the writer has never written: are both ends used in one async function?",
    ],
    [
      "chunks",
      "step of an iteration over chunks has waited 250 ms for a byte; the writer has never written: are both ends used in one async function?",
    ],
    [
      "views",
      "step of an iteration over views has waited 250 ms for a byte; the writer has never written: are both ends used in one async function?",
    ],
    [
      "flush",
      "flush has waited 250 ms for the reader to take 12 bytes; the reader has never read: are both ends used in one async function?",
    ],
  ] as const)("snapshot() describes what a %s waits for", ([operation, explanation]) => {
    watching();
    const { reader, writer } = made();
    const calls = {
      read: () => reader.read(new Uint8Array(9)),
      readChunk: () => reader.readChunk(),
      chunks: () => reader.chunks().next(),
      views: () => reader.views().next(),
      flush: () => {
        writer.tryWrite(sequence(12));
        return writer.flush();
      },
    };
    void calls[operation]();
    vi.advanceTimersByTime(250);
    expect(snapshot()[0]?.waiting).toMatchObject([{ operation, explanation, waitingMs: 250 }]);
  });

  // Red when: the description ignores the earlier operations.
  test("snapshot() suggests a missing close after bytes were written and read", async () => {
    watching();
    const { reader, writer } = made();
    writer.tryWrite(sequence(5));
    await reader.read(new Uint8Array(5));
    void reader.read(new Uint8Array(5));
    expect(snapshot()[0]?.waiting[0]?.explanation).toBe(
      "read of up to 5 bytes has waited 0 ms for a byte; the writer has written 5 bytes and writes no more: was close() forgotten?",
    );
    void writer.write(sequence(1033));
    await settle();
    expect(snapshot()[0]?.waiting[0]?.explanation).toBe(
      "write of 1033 bytes has waited 0 ms for 516 bytes of room; the reader has read 10 bytes and reads no more: has its loop ended without close()?",
    );
  });

  // Red when: the stack begins inside the package.
  test("snapshot() names the place where the pipe was made, and no frame of the package", () => {
    watching();
    made();
    expect(snapshot()[0]?.stack).toMatch(/^at .*watch\.test\.ts/);
  });

  // Red when: an operation that has settled or was cancelled stays in the list.
  test("snapshot() does not list aborted operations or finished pipes", async () => {
    watching();
    const aborting = new AbortController();
    const ends = [made(), made(), made()] as const;
    ends[0].writer.write(sequence(1033), { signal: aborting.signal }).catch(ignore);
    aborting.abort();
    expect(snapshot()[0]?.waiting).toEqual([]);
    ends[0].reader.close();
    expect(snapshot()).toHaveLength(2);
    ends[1].writer.tryWrite(sequence(3));
    ends[1].writer.close();
    expect(snapshot()).toHaveLength(2); // Three bytes are still unread.
    await ends[1].reader.read(new Uint8Array(3));
    expect(snapshot()).toHaveLength(1);
    ends[2].writer.closeWithError("failed");
    expect(snapshot()).toEqual([]);
  });

  // Red when: a pipe that was made before or after the watch is watched.
  test("snapshot() lists only the pipes that were made while a watch was on", () => {
    made();
    expect(snapshot()).toEqual([]);
    const [first, second] = [watching(), watching()];
    made();
    first.stop();
    first.stop();
    made();
    expect(snapshot()).toHaveLength(2);
    second[Symbol.dispose]();
    made();
    expect(snapshot()).toEqual([]);
  });
});

describe("onStall", () => {
  // Red when: a stall is reported twice, too early, or never.
  test("watch({ onStall }) reports an operation once, when it has waited for stallAfterMs", async () => {
    const stalls: StallReport[] = [];
    watching({ stallAfterMs: 5000, onStall: (stall) => stalls.push(stall) });
    const { writer } = made({ name: "slow" });
    void writer.write(sequence(700));
    vi.advanceTimersByTime(4999);
    expect(stalls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(stalls.map(({ explanation }) => explanation)).toEqual([
      "write of 700 bytes has waited 5 s for 188 bytes of room; the reader has never read: are both ends used in one async function?",
    ]);
    expect(stalls[0]?.pipe).toMatchObject({ name: "slow", bytesInRing: 512 });
    vi.advanceTimersByTime(60_000);
    expect(stalls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0); // A stall that has been reported needs no timer.
    void made().reader.read(new Uint8Array(1));
    vi.advanceTimersByTime(5000);
    expect(stalls).toHaveLength(2);
  });

  // Red when: each queued operation is reported.
  test("watch({ onStall }) reports a queued operation once it is first in the queue", async () => {
    const stalls: number[] = [];
    watching({ stallAfterMs: 100, onStall: ({ operation }) => stalls.push(operation.bytes) });
    const { reader, writer } = made();
    void writer.write(sequence(700));
    void writer.write(sequence(1033));
    vi.advanceTimersByTime(1000);
    expect(stalls).toEqual([700]);
    await reader.read(new Uint8Array(700));
    await settle();
    vi.advanceTimersByTime(100);
    expect(stalls).toEqual([700, 1033]);
  });

  // Red when: operations that make progress are reported, or the timer continues when no operation waits.
  test("watch({ onStall }) reports no operation that makes progress, and stops its timer", async () => {
    const onStall = vi.fn<() => void>();
    const started = watching({ stallAfterMs: 100, onStall });
    const { reader, writer } = made();
    for (let round = 0; round < 50; round++) {
      const reading = reader.read(new Uint8Array(10));
      vi.advanceTimersByTime(60);
      await writer.write(sequence(10));
      await reading;
    }
    vi.advanceTimersByTime(100);
    expect(onStall).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    void reader.read(new Uint8Array(1));
    expect(vi.getTimerCount()).toBe(1);
    started.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("onOpen and onClose", () => {
  // Red when: a pipe whose signal is aborted from the start, or whose end has been read, does not count as closed.
  test("watch({ onOpen, onClose }) reports each pipe once when it is made and once when it is closed", async () => {
    const told: string[] = [];
    watching({
      onOpen: ({ name }) => told.push(`open ${name}`),
      onClose: ({ name, writer, reader }) => told.push(`close ${name}: writer ${writer}, reader ${reader}`),
    });
    const closed = made({ name: "closed" });
    closed.reader.close();
    closed.writer.close();
    const ended = made({ name: "ended" });
    ended.writer.close();
    made({ name: "aborted", signal: AbortSignal.abort("no") });
    expect(told).toEqual(["open closed", "open ended", "open aborted"]);
    await settle();
    expect(told.slice(3)).toEqual([
      "close closed: writer open, reader closed",
      "close ended: writer closed, reader open",
      "close aborted: writer failed, reader open",
    ]);
  });
});

describe("watch()", () => {
  // Red when: an invalid option is detected only when it is used.
  test.for([
    [{ onStall: "no" }, TypeError, 'onStall must be a function; got the string "no"'],
    [{ stallAfterMs: "1" }, TypeError, 'stallAfterMs must be a number; got the string "1"'],
    [{ stallAfterMs: 0 }, RangeError, "stallAfterMs must be 1 to 2147483647; got 0"],
    [{ stallAfterMs: Number.NaN }, RangeError, "stallAfterMs must be 1 to 2147483647; got NaN"],
  ] as const)("watch(%o) throws", ([options, type, message]) => {
    expect(() => watch(options as unknown as WatchOptions)).toThrow(new type(message));
    made();
    expect(snapshot()).toEqual([]);
  });

  // Red when: the pipe keeps the recording methods.
  test("watch() restores the pipes' own methods when it stops", async () => {
    const onClose = vi.fn<() => void>();
    const started = watching({ onClose });
    const { reader, writer } = made();
    const writing = writer.write(sequence(700));
    started.stop();
    expect(await reader.read(new Uint8Array(1000))).toBe(700);
    expect(await writing).toBe(700);
    const clock = vi.spyOn(performance, "now"); // The recording methods call it.
    reader.read(new Uint8Array(1)).catch(ignore);
    reader.close();
    expect(clock).not.toHaveBeenCalled();
    clock.mockRestore();
    await settle();
    expect(onClose).not.toHaveBeenCalled();
  });

  // Red when: each copy of the package has its own registry.
  test("watch() sees the pipes of another copy of this package", async () => {
    vi.resetModules();
    const copy = await import("@pipe512/core");
    expect(copy.pipe).not.toBe(pipe);
    watching();
    const ends = copy.pipe({ name: "of another copy" });
    kept.push(ends);
    ends.writer.write(sequence(700)).catch(() => {}); // The test drops its reader.
    expect(snapshot()).toMatchObject([{ name: "of another copy", waiting: [{ operation: "write" }] }]);
  });
});
