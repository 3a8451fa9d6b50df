import { type PipeWriter, pipe, type Reader } from "@pipe512/core";
import { toObservable } from "@pipe512/rxjs";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import {
  config,
  lastValueFrom,
  map,
  type OperatorFunction,
  retry,
  share,
  Subject,
  take,
  takeUntil,
  tap,
  toArray,
} from "rxjs";
import { describe, expect, onTestFinished, test } from "vitest";
import { BareReader, bare, chunked } from "./support/readers.ts";
import { record } from "./support/record.ts";

/** Whether a notification is an error. */
function isError(notification: unknown): boolean {
  return (notification as { kind: string }).kind === "E";
}

const closedByReader = expect.objectContaining({ code: "ERR_CLOSED_PIPE", side: "reader" });

/** Whether a write would fail now. */
function isClosed(writer: PipeWriter): boolean {
  try {
    writer.tryWrite(new Uint8Array(0));
    return false;
  } catch {
    return true;
  }
}

for (const size of [0, 1, 511, 512, 513, 1024, 1033, 200_000]) {
  // Red when: the first byte of each chunk is omitted.
  test(`toObservable() emits a write of ${size} bytes whole and in order, then completes [RX-007]`, async () => {
    const { reader, writer } = pipe();
    const written = writer.write(sequence(size));
    writer.close();
    const chunks = await lastValueFrom(toObservable(reader).pipe(toArray()));
    expectWhole(joined(chunks), size);
    await written;
  });
}

describe("toObservable() at the end", () => {
  for (const failure of [new Error("the source broke"), undefined, null, 0, ""]) {
    // Red when: an error becomes the end; or is wrapped; or the loop continues after it.
    test(`toObservable() fails with the reader's ${String(failure) || '""'} itself, after all data, and nothing follows [RX-007]`, async () => {
      const { reader, writer } = pipe();
      await writer.write(sequence(511));
      writer.closeWithError(failure);
      const { values, end } = record(toObservable(reader));
      await settle();
      expectWhole(joined(values), 511);
      expect(end).toEqual(["error", failure]);
      expect(end[1]).toBe(failure);
    });
  }

  // Red when: the loop continues after the end.
  test("toObservable() completes once at the reader's end, and nothing follows [RX-007]", async () => {
    let reads = 0;
    const reader = new BareReader(() => {
      reads += 1;
      return reads === 2 ? null : Uint8Array.of(reads);
    });
    const { values, end } = record(toObservable(reader));
    await settle();
    expect([values, end, reads]).toEqual([[Uint8Array.of(1)], ["complete"], 2]);
  });
});

describe("toObservable() and unsubscribing", () => {
  // Red when: unsubscribing does not close the reader, or does so a microtask later.
  test("toObservable() closes the reader at once while a read is pending [RX-001]", async () => {
    const { reader, writer } = pipe();
    const { end, subscription } = record(toObservable(reader));
    await settle();
    subscription.unsubscribe();
    expect(() => writer.tryWrite(sequence(1))).toThrow(closedByReader);
    await settle();
    expect(end).toEqual([]);
  });

  // Red when: an iterable reader is left by its iterator, and return() of a generator waits.
  test("toObservable() closes at once a reader whose iteration cannot be interrupted [RX-001]", async () => {
    const idle = new Promise<null>(() => {});
    class Iterable extends BareReader {
      async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
        await idle;
        yield sequence(1);
      }
    }
    const reader = new Iterable(() => idle);
    const { subscription } = record(toObservable(reader));
    await settle();
    subscription.unsubscribe();
    expect(reader.closings).toEqual(["closed"]);
  });

  // Red when: the error of the interrupted read reaches a subscriber that has left.
  test("toObservable() emits nothing more, however the interrupted read settles [RX-001]", async () => {
    const late: unknown[] = [];
    config.onStoppedNotification = (notification) => late.push(notification);
    onTestFinished(() => {
      config.onStoppedNotification = null;
    });
    for (const settleWith of ["end", "bytes", "error"] as const) {
      let answer: (bytes: Uint8Array | null) => void = () => {};
      let fail: (reason: unknown) => void = () => {};
      const reader = new BareReader(
        () =>
          new Promise((resolve, reject) => {
            answer = resolve;
            fail = reject;
          }),
      );
      const { values, end, subscription } = record(toObservable(reader));
      await settle();
      subscription.unsubscribe();
      if (settleWith === "error") fail(new Error("late"));
      else answer(settleWith === "end" ? null : sequence(1));
      await settle();
      expect(late.filter(isError)).toEqual([]);
      expect([values, end]).toEqual([[], []]);
    }
  });

  const stop = new Subject<void>();
  const failure = new Error("the operator broke");
  const fail = (): never => {
    throw failure;
  };
  const leaving: Array<[name: string, operator: OperatorFunction<Uint8Array, unknown>]> = [
    ["take(1)", take(1)],
    [
      "takeUntil()",
      (source) =>
        source.pipe(
          tap(() => stop.next()),
          takeUntil(stop),
        ),
    ],
    ["map() that throws", map(fail)],
    ["tap() that throws", tap(fail)],
  ];
  for (const [name, operator] of leaving) {
    // Red when: unsubscribing does not close the reader, or does so in a later iteration of the event loop.
    test(`toObservable() closes the reader in the same tick when ${name} has enough, and the writer's writes reject [RX-002]`, async () => {
      const { reader, writer } = pipe();
      const written = rejection(writer.write(sequence(200_000)));
      const closed: boolean[] = [];
      const watched = toObservable(reader).pipe(
        tap(() => queueMicrotask(() => closed.push(isClosed(writer)))),
      );
      const { end } = record(watched.pipe(operator));
      await settle();
      expect(end).toEqual(name.includes("throws") ? ["error", failure] : ["complete"]);
      expect(closed).toEqual([true]);
      expect(await written).toEqual(closedByReader);
    });
  }

  // Red when: the reader is closed before the third chunk.
  test("toObservable() delivers three chunks to take(3) [RX-002]", async () => {
    const { reader, writer } = pipe();
    const chunks = lastValueFrom(toObservable(reader).pipe(take(3), toArray()));
    for (let at = 0; at < 3; at++) {
      await writer.write(sequence(10, at * 10));
      await writer.flush();
    }
    expectWhole(joined(await chunks), 30);
    expect(() => writer.tryWrite(sequence(1))).toThrow(closedByReader);
  });
});

describe("toObservable() subscribed to more than once", () => {
  // Red when: a second subscription also reads, and takes bytes from the first.
  test("toObservable() fails a second subscription to one reader, and the first is not affected [RX-008]", async () => {
    const { reader, writer } = pipe();
    const once = toObservable(reader);
    const first = record(once);
    const second = record(once);
    expect(second.end).toEqual([
      "error",
      expect.objectContaining({ message: expect.stringMatching(/^Cannot subscribe twice to one reader: /) }),
    ]);
    await writer.write(sequence(513));
    writer.close();
    await settle();
    expectWhole(joined(first.values), 513);
    expect(first.end).toEqual(["complete"]);
  });

  // Red when: the function is called only once.
  test("toObservable() opens a reader for each subscription, as retry() requires [RX-008]", async () => {
    let opened = 0;
    const open = (): Reader => {
      const { reader, writer } = pipe();
      opened += 1;
      void writer.write(sequence(513)).catch(() => {});
      if (opened === 3) writer.close();
      else writer.closeWithError(new Error(`failure ${opened}`));
      return reader;
    };
    expect(opened).toBe(0);
    const sizes = await lastValueFrom(toObservable(open).pipe(retry(2), toArray()));
    expect(opened).toBe(3);
    expectWhole(sizes.at(-1) ?? sequence(0), 513);
  });

  // Red when: an error of the function is thrown at subscribe().
  test("toObservable() fails with the error that its function throws [RX-008]", () => {
    const failure = new Error("no such file");
    const opening = toObservable(() => {
      throw failure;
    });
    expect(record(opening).end).toEqual(["error", failure]);
  });

  // Red when: a second subscription also reads.
  test("toObservable() with share() serves several subscribers from one reader, and closes it when the last has unsubscribed [RX-008] [RX-001]", async () => {
    const { reader, writer } = pipe();
    const shared = toObservable(reader).pipe(share());
    const [first, second] = [record(shared), record(shared)];
    await writer.write(sequence(100));
    await settle();
    first.subscription.unsubscribe();
    await writer.write(sequence(100, 100));
    await settle();
    expectWhole(joined(first.values), 100);
    expectWhole(joined(second.values), 200);
    second.subscription.unsubscribe();
    expect(isClosed(writer)).toBe(true);
  });
});

describe("toObservable() and ownership", () => {
  for (const [name, wrap] of [
    ["that is iterable", (reader: Reader): Reader => reader],
    ["that has readChunk", chunked],
    ["with only the required members", bare],
  ] as const) {
    // Red when: a view of the read buffer is emitted.
    test(`toObservable() emits arrays that the subscriber owns, over a reader ${name} [RX-009]`, async () => {
      const { reader, writer } = pipe();
      const chunks = lastValueFrom(toObservable(wrap(reader)).pipe(toArray()));
      for (const at of [0, 512, 1024]) {
        await writer.write(sequence(512, at));
        await writer.flush();
      }
      writer.close();
      expectWhole(joined(await chunks), 1536);
      expect(new Set((await chunks).map(({ buffer }) => buffer)).size).toBe((await chunks).length);
      expect((await chunks).map(({ buffer }) => buffer.byteLength)).toEqual(
        (await chunks).map(({ length }) => length),
      );
    });
  }

  for (const [name, wrap] of [
    ["that is iterable", (reader: Reader): Reader => reader],
    ["that has readChunk", chunked],
  ] as const) {
    // Red when: transferred arrays are copied; or readChunk is not used.
    test(`toObservable() emits the same array that its writer transferred, over a reader ${name} [RX-009]`, async () => {
      const { reader, writer } = pipe();
      const chunk = sequence(1033);
      const { values } = record(toObservable(wrap(reader)));
      await writer.write(chunk, { transfer: true });
      await settle();
      expect(values[0]).toBe(chunk);
    });
  }

  // Red when: borrow is ignored.
  test("toObservable({ borrow: true }) emits views of one array [RX-009]", async () => {
    const { reader, writer } = pipe();
    const seen: Uint8Array[] = [];
    const buffers = new Set<ArrayBufferLike>();
    toObservable(reader, { borrow: true }).subscribe((chunk) => {
      buffers.add(chunk.buffer);
      seen.push(chunk.slice());
    });
    for (const at of [0, 512, 1024]) {
      await writer.write(sequence(512, at));
      await writer.flush();
    }
    writer.close();
    await settle();
    expectWhole(joined(seen), 1536);
    expect(buffers.size).toBe(1);
  });
});

describe("toObservable() and reentrancy", () => {
  // Red when: available bytes are emitted during subscribe().
  test("toObservable() emits nothing before subscribe() has returned, even if bytes are available [RX-007]", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(10));
    const { values } = record(toObservable(reader));
    expect(values).toEqual([]);
    await settle();
    expectWhole(joined(values), 10);
  });

  // Red when: the next chunk is emitted before next() has returned.
  test("toObservable() emits one chunk after the other, even if next() writes [RX-007]", async () => {
    const { reader, writer } = pipe();
    const seen: string[] = [];
    toObservable(reader).subscribe({
      next: ([byte = 0]) => {
        seen.push(`begin ${byte}`);
        if (byte < 3) writer.tryWrite(Uint8Array.of(byte + 1));
        else writer.close();
        seen.push(`end ${byte}`);
      },
      complete: () => seen.push("complete"),
    });
    await writer.write(Uint8Array.of(1));
    await settle();
    expect(seen).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3", "complete"]);
  });
});
