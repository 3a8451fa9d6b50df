import { type PipeEnds, pipe, type Reader } from "@pipe512/core";
import { joined } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { FRAMES, type Row, rows, TEXT } from "./rows.ts";

/** Every error that a side may be closed with. */
const ERRORS = [new Error("disk"), undefined, 0] as const;

const contentOf = (row: Row): Uint8Array => (row.framed ? FRAMES : TEXT);

/** A running helper between two pipes. */
class Trial {
  readonly source: PipeEnds = pipe();
  readonly sink: PipeEnds = pipe();
  readonly controller: AbortController = new AbortController();
  readonly row: Row;
  /** The reader that continues where the helper has stopped. */
  rest: Reader = this.source.reader;
  readonly taken: Uint8Array[] = [];
  promise!: Promise<unknown>;

  constructor(row: Row) {
    this.row = row;
  }

  start(signal: AbortSignal | undefined = this.controller.signal): this {
    const take = (bytes: Uint8Array): void => void this.taken.push(bytes);
    const run = { source: this.source.reader, sink: this.sink.writer, signal, take };
    this.promise = new Promise((resolve) => {
      resolve(this.row.run(run, (reader) => (this.rest = reader)));
    });
    this.promise.catch(() => {});
    return this;
  }

  /** Writes a part of the content to the source. It does nothing if the helper has no source. */
  async feed(from: number, to?: number): Promise<void> {
    if (this.row.ends === "writer") return;
    watch(this.source.writer.write(contentOf(this.row).slice(from, to)));
    await settle();
  }

  /** The state that `end` has now: `"open"`, or the error that it is closed with. */
  async stateOf(end: "source" | "sink"): Promise<unknown> {
    const { reader, writer } = this[end];
    // From outside the helper: the end that writes to its source, and the end that reads from its sink.
    if (end === "source") return outcome(writer.write(new Uint8Array(0)));
    const into = new Uint8Array(4096);
    for (;;) {
      const read = watch(reader.read(into));
      await settle();
      if (read.state === "pending") return "open";
      if (read.state === "rejected") return { error: read.reason };
      if (read.value === null) return "ended";
    }
  }
}

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  const watched = watch(promise);
  await settle();
  return watched.state === "rejected" ? { error: watched.reason } : "open";
}

const reading = rows.filter(({ ends }) => ends !== "writer");
const writing = rows.filter(({ ends }) => ends !== "reader");
const both = rows.filter(({ ends }) => ends === "both");
const abortable = rows.filter(({ name }) => name !== "tee()"); // Its reads take signals, which its own tests cover.

const named = <R extends Row>(some: readonly R[]): Array<[string, R]> => some.map((row) => [row.name, row]);

describe("the source fails", () => {
  // Red when: the error is wrapped; a helper stays pending; pipeTo() or tee() leaves its writer open, or copy() closes it.
  test.for(named(reading))("%s rejects with the error of its reader [IO-006] [IO-007]", async ([, row]) => {
    for (const error of ERRORS) {
      const trial = new Trial(row).start();
      const sinkGets = row.ends === "both" ? watch(drain(trial.sink.reader)) : undefined;
      await trial.feed(0, 300);
      trial.source.writer.closeWithError(error);
      expect(await rejection(trial.promise)).toBe(error);
      await settle();
      if (sinkGets === undefined) continue;
      if (row.leaves === "closed") expect(sinkGets).toMatchObject({ state: "rejected", reason: error });
      else expect(sinkGets.state).toBe("pending");
    }
  });

  // Red when: bytes that came before the error are dropped.
  test.for(named(reading.filter(({ leaves }) => leaves === "open")))(
    "%s loses no byte that came before the error [IO-001] [IO-003] [IO-004] [IO-007]",
    async ([, row]) => {
      if (/readAll|readText/.test(row.name)) return; // Their documentation says that they do.
      const trial = new Trial(row).start();
      const sunk: Uint8Array[] = [];
      if (row.ends === "both") watch(collect(trial.sink.reader, sunk));
      await trial.feed(0, 300);
      const error = new Error("disk");
      trial.source.writer.closeWithError(error);
      await rejection(trial.promise);
      await settle();
      const rest: Uint8Array[] = [];
      expect(await rejection(collect(trial.rest, rest))).toBe(error);
      expect(joined([...(row.ends === "both" ? sunk : trial.taken), ...rest])).toEqual(
        contentOf(row).slice(0, 300),
      );
    },
  );
});

describe("the sink fails", () => {
  // Red when: the error is wrapped; a helper stays pending; pipeTo() or tee() leaves its reader open, or copy() closes it.
  test.for(named(writing))(
    "%s rejects with the error of its writer [IO-002] [IO-005] [IO-006]",
    async ([, row]) => {
      for (const error of ERRORS) {
        const trial = new Trial(row).start();
        await trial.feed(0);
        await trial.sink.reader.read(new Uint8Array(100));
        trial.sink.reader.closeWithError(error);
        expect(await rejection(trial.promise)).toBe(error);
        if (row.ends === "writer") continue;
        expect(await trial.stateOf("source")).toEqual(row.leaves === "closed" ? { error } : "open");
      }
    },
  );

  // Red when: when the sink failed before, the helper rejects only at a later write.
  test.for(named(writing))(
    "%s rejects with the writer's error when the writer has failed before",
    async ([, row]) => {
      const error = new Error("quota");
      const trial = new Trial(row);
      trial.sink.reader.closeWithError(error);
      trial.start();
      await trial.feed(0);
      expect(await rejection(trial.promise)).toBe(error);
    },
  );

  // Red when: pipeTo() detects the close of its sink only at its next write.
  test("pipeTo() ends at once where its sink closes while the source is idle [IO-006]", async () => {
    const error = new Error("quota");
    const trial = new Trial(both.find(({ name }) => name === "pipeTo()") as Row).start();
    await settle();
    trial.sink.reader.closeWithError(error);
    expect(await rejection(trial.promise)).toBe(error);
    expect(await trial.stateOf("source")).toEqual({ error });
  });
});

describe("both sides fail", () => {
  // Red when: after the first error, an operation stays pending that the second error had to end, or a rejection has no handler.
  test.for(named(both))(
    "%s rejects with one of the errors, and leaves no operation pending",
    async ([, row]) => {
      const [first, second] = [new Error("disk"), new Error("quota")];
      const reasons = await unhandled(async () => {
        const trial = new Trial(row).start();
        await trial.feed(0);
        trial.source.writer.closeWithError(first);
        trial.sink.reader.closeWithError(second);
        expect([first, second]).toContain(await rejection(trial.promise));
      });
      expect(reasons).toEqual([]);
    },
  );
});

describe("the signal", () => {
  // Red when: a signal is checked only after the first step.
  test.for(named(abortable))("%s given an aborted signal moves no byte", async ([, row]) => {
    const trial = new Trial(row);
    await trial.feed(0, 300);
    trial.start(AbortSignal.abort(0));
    expect(await rejection(trial.promise)).toBe(0);
    await settle();
    expect(trial.source.reader.bytesRead).toBe(0);
    expect(trial.sink.writer.bytesWritten).toBe(0);
  });

  // Red when: a helper that should close its ends leaves them open, or a helper that should leave them open closes one.
  test.for(named(abortable.filter(({ ends }) => ends !== "writer")))(
    "%s aborted while it waits for bytes rejects with the reason at once",
    async ([, row]) => {
      const reasons = await unhandled(async () => {
        const trial = new Trial(row).start();
        if (row.ends === "both") watch(drain(trial.sink.reader));
        await trial.feed(0, 301);
        trial.controller.abort(0);
        const stopped = watch(trial.promise);
        await settle();
        expect(stopped).toMatchObject({ state: "rejected", reason: 0 });
        expect(await trial.stateOf("source")).toEqual(row.leaves === "closed" ? { error: 0 } : "open");
      });
      expect(reasons).toEqual([]);
    },
  );

  // Red when: bytes that were read ahead are not put back, are put back twice, or in another order; or an aborted read takes bytes.
  test.for(named(abortable.filter(({ ends, leaves }) => ends !== "writer" && leaves === "open")))(
    "%s aborted inside an item loses no byte, and reads none twice [IO-001] [IO-003] [IO-007]",
    async ([, row]) => {
      if (/readAll|readText/.test(row.name)) return; // Their documentation says that they do.
      const content = contentOf(row);
      for (const [at, inTheSameTurn] of [301, 302, 303, 511, 512, 513].flatMap(
        (n) =>
          [
            [n, false],
            [n, true],
          ] as const,
      )) {
        const trial = new Trial(row).start();
        const sunk: Uint8Array[] = [];
        if (row.ends === "both") watch(collect(trial.sink.reader, sunk));
        await trial.feed(0, at);
        const rest: Uint8Array[] = [];
        // In the same task: the bytes have arrived, and the helper has not taken them yet.
        if (inTheSameTurn) watch(trial.source.writer.write(content.slice(at, at + 5)));
        trial.controller.abort(new Error("enough"));
        watch(trial.promise);
        await settle();
        const collecting = collect(trial.rest, rest);
        await trial.feed(inTheSameTurn ? at + 5 : at);
        trial.source.writer.close();
        await collecting;
        const all = joined([...(row.ends === "both" ? sunk : trial.taken), ...rest]);
        expect(all.length).toBe(content.length);
        expect(all).toEqual(content);
      }
    },
  );

  // Red when: bytes that were read but not written are dropped.
  test.for(named(both.filter(({ leaves }) => leaves === "open")))(
    "%s aborted while its sink is full loses no byte [IO-003] [IO-006]",
    async ([, row]) => {
      const trial = new Trial(row).start();
      await trial.feed(0);
      trial.controller.abort(0);
      expect(await rejection(trial.promise)).toBe(0);
      await settle();
      trial.source.writer.close();
      trial.sink.writer.close();
      const [written, rest] = await Promise.all([drain(trial.sink.reader), drain(trial.source.reader)]);
      expect(joined([written, rest])).toEqual(TEXT);
    },
  );

  // Red when: an aborted write stays pending, or its reason is lost.
  test.for(named(abortable.filter(({ ends }) => ends === "writer")))(
    "%s aborted while its sink is full rejects with the reason at once [IO-002] [IO-005] [IO-008]",
    async ([, row]) => {
      const trial = new Trial(row).start();
      await settle();
      trial.controller.abort(0);
      const stopped = watch(trial.promise);
      await settle();
      expect(stopped).toMatchObject({ state: "rejected", reason: 0 });
      expect(await trial.stateOf("sink")).toBe("open");
    },
  );

  // Red when: a listener stays registered, and acts on ends that are no longer in use.
  test.for(named(abortable))("%s ignores an abort after its end", async ([, row]) => {
    const reasons = await unhandled(async () => {
      const trial = new Trial(row).start();
      const sunk = watch(drain(trial.sink.reader));
      await trial.feed(0);
      trial.source.writer.close();
      await trial.promise;
      trial.controller.abort(0);
      await settle();
      trial.sink.writer.close();
      await settle();
      expect(sunk.state).toBe("fulfilled");
    });
    expect(reasons).toEqual([]);
  });
});

describe("an end that closes while the helper waits", () => {
  // Red when: the end of the reader does not end the helper.
  test.for(named(reading))("%s ends when its reader does", async ([, row]) => {
    const trial = new Trial(row).start();
    if (row.ends === "both") watch(drain(trial.sink.reader));
    await trial.feed(0);
    trial.source.writer.close();
    const ended = watch(trial.promise);
    await settle();
    expect(ended.state).toBe("fulfilled");
  });

  // Red when: a read stays pending after its own consumer has closed the reader.
  test.for(named(reading))("%s rejects when its own reader is closed meanwhile", async ([, row]) => {
    const trial = new Trial(row).start();
    await settle();
    trial.source.reader.close();
    const stopped = watch(trial.promise);
    await settle();
    expect(stopped).toMatchObject({ state: "rejected", reason: { code: "ERR_CLOSED_PIPE", side: "reader" } });
  });

  // Red when: the close of the reader on the other side of the sink is not passed on.
  test.for(named(writing))("%s rejects when the other side of its writer closes", async ([, row]) => {
    const trial = new Trial(row).start();
    await trial.feed(0);
    trial.sink.reader.close();
    const stopped = watch(trial.promise);
    await settle();
    expect(stopped).toMatchObject({ state: "rejected", reason: { code: "ERR_CLOSED_PIPE", side: "reader" } });
  });
});

/** Reads to the end or to an error, and keeps the bytes that arrived before. */
async function collect(reader: Reader, parts: Uint8Array[]): Promise<void> {
  for (;;) {
    const into = new Uint8Array(97);
    const count = await reader.read(into);
    if (count === null) return;
    parts.push(into.subarray(0, count));
  }
}
