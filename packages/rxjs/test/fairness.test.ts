import { lines, type PipeWriter, pipe, type Reader } from "@pipe512/core";
import {
  batches,
  decodeText,
  fromObservable,
  lines as linesOf,
  readEach,
  rechunk,
  toObservable,
  writeTo,
} from "@pipe512/rxjs";
import { countsProcessorTime, timerGaps, work } from "@pipe512/testing/processor";
import { type Observable, of, repeat, tap } from "rxjs";
import { expect, test } from "vitest";
import { BareReader } from "./support/readers.ts";

const CHUNK = new Uint8Array(64).fill(0x0a);
const TEXT = new TextEncoder().encode("123456789\n".repeat(6553));

async function writeOn(writer: PipeWriter, bytes: Uint8Array): Promise<void> {
  try {
    for (;;) await writer.write(bytes);
  } catch {}
}

function endless(bytes = CHUNK): ReturnType<typeof pipe>["reader"] {
  const { reader, writer } = pipe();
  void writeOn(writer, bytes);
  return reader;
}

async function* numbers(): AsyncGenerator<number> {
  for (let number = 0; ; number++) yield number;
}

const neverWaits = (bytes: Uint8Array): BareReader => new BareReader(() => bytes);

const busy: Array<[name: string, start: () => Observable<unknown>]> = [
  ["toObservable() over a pipe", () => toObservable(endless())],
  ["toObservable() over long writes", () => toObservable(endless(TEXT))],
  ["toObservable() over a reader that never waits", () => toObservable(neverWaits(CHUNK))],
  ["toObservable() over 64 KiB chunks of a reader that never waits", () => toObservable(neverWaits(TEXT))],
  [
    "toObservable({ borrow: true }) over 64 KiB chunks",
    () => toObservable(neverWaits(TEXT), { borrow: true }),
  ],
  ["readEach() over a pipe", () => readEach(endless(), async () => {})],
  [
    "readEach() over 64 KiB chunks of a reader that never waits",
    () => readEach(neverWaits(TEXT), async () => {}),
  ],
  ["readEach() of several at a time", () => readEach(endless(), async () => {}, { concurrency: 4 })],
  ["readEach() over the lines of a pipe", () => readEach(lines(endless()), async () => {})],
  ["readEach() over an iterator that never waits", () => readEach(numbers(), () => of(1))],
  ["readEach() over batches", () => readEach(batches(numbers(), { size: 100 }), async () => {})],
  ["lines() over long writes", () => toObservable(endless(TEXT)).pipe(linesOf())],
  ["lines() of one byte", () => toObservable(neverWaits(new Uint8Array(65_536).fill(0x0a))).pipe(linesOf())],
  ["rechunk() to short arrays", () => toObservable(endless(TEXT)).pipe(rechunk(3))],
  ["decodeText()", () => toObservable(endless(TEXT)).pipe(decodeText())],
  [
    "toObservable() over fromObservable()",
    () => toObservable(fromObservable(readEach(numbers(), () => of(CHUNK)))),
  ],
  [
    "writeTo() into a pipe that is read",
    () => {
      const { reader, writer } = pipe();
      toObservable(reader).subscribe({ error: () => {} }); // The reader fails with an AbortError in the end.
      return readEach(numbers(), () => of(CHUNK).pipe(repeat(2))).pipe(writeTo(writer));
    },
  ],
  // The subscriber spends time on each item.
  ["toObservable() over a pipe, 2 ms a chunk", () => toObservable(endless()).pipe(tap(() => work(2)))],
  [
    "toObservable() over a reader that never waits, 2 ms a chunk",
    () => toObservable(neverWaits(CHUNK)).pipe(tap(() => work(2))),
  ],
  ["readEach() over a pipe, 2 ms a chunk", () => readEach(endless(), async () => work(2))],
  ["readEach() over lines, 2 ms a line", () => readEach(lines(endless(TEXT)), async () => work(2))],
  [
    "readEach() of several at a time, 2 ms a chunk",
    () => readEach(endless(), async () => work(2), { concurrency: 4 }),
  ],
  [
    "readEach() over batches of one, 2 ms a batch",
    () => readEach(batches(numbers(), { size: 1 }), async () => work(2)),
  ],
  [
    "lines() of 10 bytes, 0.2 ms a line",
    () =>
      toObservable(endless(TEXT)).pipe(
        linesOf(),
        tap(() => work(0.2)),
      ),
  ],
];

// Red when: an item counts the same however long the subscriber works on it.
test("toObservable() lets a 10 ms timer fire within 50 ms and one step when a fast subscriber starts to spend 10 ms on each chunk [RX-012] [PIPE-040]", async () => {
  const worstMs: number[] = [];
  for (const fastChunks of [20_011, 20_014, 20_017, 20_020, 20_023, 20_026]) {
    let chunks = 0;
    const slowly = tap(() => {
      chunks += 1;
      if (chunks > fastChunks) work(10);
    });
    const subscription = toObservable(neverWaits(CHUNK)).pipe(slowly).subscribe();
    const gapsMs: number[] = [];
    while (chunks < fastChunks + 14) gapsMs.push(...(await timerGaps(1)));
    subscription.unsubscribe();
    worstMs.push(Math.max(...gapsMs));
  }
  const counted = countsProcessorTime ? worstMs : worstMs.toSorted((a, b) => a - b).slice(0, 3);
  expect(Math.max(...counted), worstMs.join(" ")).toBeLessThanOrEqual(62);
});

// Red when: chunks for a slow subscriber are as long as for a fast one; or chunks never get longer.
test("toObservable() and readEach() read longer chunks for a fast subscriber and shorter ones for a slow one [RX-012]", async () => {
  for (const observe of [
    (reader: Reader, onChunk: () => void): Observable<unknown> => toObservable(reader).pipe(tap(onChunk)),
    (reader: Reader, onChunk: () => void): Observable<unknown> => readEach(reader, async () => onChunk()),
  ]) {
    const lengths: number[] = [];
    const reader: Reader = {
      read: async (into) => lengths.push(into.length) && into.length,
      close() {},
      closeWithError() {},
    };
    await new Promise<void>((resolve) => {
      const subscription = observe(reader, () => {
        if (lengths.length > 8) work(20);
        if (lengths.length === 20) {
          subscription.unsubscribe();
          resolve();
        }
      }).subscribe();
    });
    expect(lengths[0]).toBe(1024);
    expect(Math.max(...lengths)).toBe(65_536);
    expect(lengths.at(-1)).toBeLessThan(1024);
  }
});

for (const [name, start] of busy) {
  // Red when: readers and iterators that never wait do not use the budget; the subscriber's time for an item is not
  // counted; chunks for a slow subscriber are as long as for a fast one.
  test(`${name} lets a 10 ms timer fire within 50 ms [RX-012] [PIPE-040]`, async () => {
    let values = 0;
    let subscribed = true;
    // A starved timer would hang the test, so it ends after this many values.
    const subscription = start().subscribe(() => {
      values += 1;
      if (values > 20_000_000) subscribed = false;
      if (!subscribed) queueMicrotask(() => subscription.unsubscribe());
    });
    const gapsMs = await timerGaps(8);
    subscription.unsubscribe();
    // Without a count of processor time, a busy machine may delay half of the timers.
    const counted = countsProcessorTime ? gapsMs : gapsMs.toSorted((a, b) => a - b).slice(0, 4);
    expect(Math.max(...counted), gapsMs.join(" ")).toBeLessThanOrEqual(52);
    expect(subscribed).toBe(true);
    expect(values).toBeGreaterThan(0);
  });
}
