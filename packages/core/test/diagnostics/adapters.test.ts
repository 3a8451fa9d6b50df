import { pipe, readerFrom, writerTo } from "@pipe512/core";
import { converted, isWatched, madeBy, waits } from "@pipe512/core/adapter";
import { pipeOf, type StallReport, snapshot, type Watch, watch } from "@pipe512/core/diagnostics";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let started: Watch | undefined;
const kept: unknown[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  started?.stop();
  vi.useRealTimers();
});

const waiting = (): string[] =>
  snapshot().flatMap((report) => report.waiting.map(({ explanation }) => explanation));

describe("waits in adapters", () => {
  // Red when: the wait is not recorded, stays after it is over, or is not assigned to a side.
  test("waits() puts the call of an adapter into the report of the pipe it concerns", () => {
    started = watch();
    const { reader, writer } = pipe({ name: "body" });
    kept.push(reader, writer);
    const end = waits(reader, { side: "reader", operation: "read", waitsFor: "for a byte" });
    vi.advanceTimersByTime(2000);
    expect(snapshot()).toMatchObject([
      {
        name: "body",
        waiting: [
          {
            operation: "read",
            waitingMs: 2000,
            explanation:
              "read has waited 2 s for a byte; the writer has never written: are both ends used in one async function?",
          },
        ],
        waitedMs: { reader: 2000, writer: 0 },
      },
    ]);
    end?.();
    end?.();
    vi.advanceTimersByTime(2000);
    expect(snapshot()).toMatchObject([{ waiting: [], waitedMs: { reader: 2000, writer: 0 } }]);
  });

  // Red when: a conversion is listed while no call waits in it, or is never listed; or its place is inside the adapter.
  test("converted() lists a conversion without a pipe while a call waits in it, and its thread", () => {
    started = watch();
    function fromWritable(): object {
      const writer = {};
      converted(writer, "fromWritable", fromWritable);
      return writer;
    }
    const writer = fromWritable();
    expect(snapshot()).toEqual([]);
    const wait = { side: "writer", waitsFor: "for the stream to drain" } as const;
    const ends = [
      waits(writer, { ...wait, operation: "write" }),
      waits(writer, { ...wait, operation: "finish", thread: "thread 3" }),
    ];
    expect(snapshot()).toMatchObject([
      {
        conversion: "fromWritable",
        name: undefined,
        stack: expect.stringMatching(/^at .*adapters\.test\.ts/),
      },
    ]);
    expect(waiting()).toEqual([
      "write has waited 0 ms for the stream to drain",
      "finish has waited 0 ms on thread 3 for the stream to drain",
    ]);
    for (const end of ends) end?.();
    expect(snapshot()).toEqual([]);
  });

  // Red when: onStall checks only the pipes.
  test("onStall reports a call of an adapter once, when it has waited too long", () => {
    const stalls: StallReport[] = [];
    started = watch({ stallAfterMs: 100, onStall: (stall) => stalls.push(stall) });
    const conversion = {};
    converted(conversion, "fromReadable", () => {});
    const { reader, writer } = pipe();
    kept.push(reader, writer);
    waits(conversion, { side: "reader", operation: "read", waitsFor: "for the stream" });
    waits(writer, { side: "writer", operation: "write", waitsFor: "for the consumer to read" });
    vi.advanceTimersByTime(1000);
    expect(stalls.map(({ explanation }) => explanation).toSorted()).toEqual([
      "read has waited 100 ms for the stream",
      "write has waited 100 ms for the consumer to read; the reader has never read: are both ends used in one async function?",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  // Red when: an object made before the watch causes an error; or a watch that ended still records.
  test("waits() records nothing for an object that is not watched", () => {
    const { reader } = pipe();
    expect(isWatched()).toBe(false);
    expect(waits(reader, { side: "reader", operation: "read", waitsFor: "" })).toBe(undefined);
    started = watch();
    expect(isWatched()).toBe(true);
    waits(reader, { side: "reader", operation: "read", waitsFor: "" })?.();
    expect(snapshot()).toEqual([]);
  });

  // Red when: the snapshot omits calls of ready().
  test("snapshot() shows calls of ready() [IO-009]", async () => {
    started = watch();
    const { reader, writer } = pipe();
    const ready = reader.ready();
    expect(waiting()).toEqual([
      "ready has waited 0 ms for a byte or the end; the writer has never written: are both ends used in one async function?",
    ]);
    writer.tryWrite(new Uint8Array(1));
    await ready;
    expect(waiting()).toEqual([]);
  });
});

describe("where a pipe was made", () => {
  // Red when: the place is the call of pipe() inside the package.
  test("snapshot() names the outermost caller of readerFrom(), writerTo() and madeBy()", () => {
    started = watch();
    function open(): void {
      kept.push(
        readerFrom(() => new Promise(() => {})),
        writerTo(() => new Promise(() => {})),
      );
    }
    function adapter(): void {
      madeBy(adapter, () => madeBy(open, open));
    }
    open();
    const [first, second] = snapshot();
    expect([first?.stack, second?.stack]).toEqual([
      expect.stringMatching(/^at open \(.*adapters\.test\.ts/),
      expect.stringMatching(/^at open \(.*adapters\.test\.ts/),
    ]);
    adapter();
    expect(snapshot()[2]?.stack).not.toMatch(/^at (open|adapter) /);
  });
});

describe("pipeOf()", () => {
  // Red when: the error is not recorded, or pipeOf() does not follow its causes.
  test("pipeOf() returns the pipe of an error, also of an error's cause", async () => {
    started = watch();
    const { reader, writer } = pipe({ name: "copy" });
    const writing = rejection(writer.write(new Uint8Array(700)));
    const failure = new Error("disk");
    reader.closeWithError(failure);
    expect(await writing).toBe(failure);
    expect(pipeOf(failure)).toMatchObject({ name: "copy", reader: "failed" });
    expect(pipeOf(new Error("outer", { cause: new Error("inner", { cause: failure }) }))).toMatchObject({
      name: "copy",
    });
    expect(pipeOf(await rejection(reader.read(new Uint8Array(1))))).toMatchObject({ name: "copy" });
    const circular = new Error("circular");
    circular.cause = circular;
    for (const other of [circular, new Error("other"), "disk", null, undefined])
      expect(pipeOf(other)).toBe(undefined);
    started.stop();
    expect(pipeOf(failure)).toBe(undefined);
  });
});

describe("stop()", () => {
  // Red when: stop() waits for further iterations of the event loop before it reports a known loss.
  test("stop() reports ends that are known to be lost", async ({ skip }) => {
    skip(globalThis.gc === undefined, "garbage cannot be collected here");
    const leaks: string[] = [];
    started = watch({ onLeak: ({ pipe: lost, ends }) => leaks.push(`${lost.name} ${ends.join()}`) });
    const keep = (() => {
      pipe({ name: "closed" }).writer.close();
      pipe({ name: "both" });
      return pipe({ name: "reader" }).writer;
    })();
    await settle();
    globalThis.gc?.();
    started.stop();
    expect(leaks.toSorted()).toEqual(["both reader,writer", "reader reader"]);
    expect(keep).toBeDefined();
  });
});
