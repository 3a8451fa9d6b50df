import { type PipeWriter, lines, pipe } from "@pipe512/core";
import { fromObservable, readEach, toObservable, writeTo } from "@pipe512/rxjs";
import { type Observable, of, repeat } from "rxjs";
import { expect, test } from "vitest";
import { BareReader } from "./support/readers.ts";

const CHUNK = new Uint8Array(64).fill(0x0a);

async function writeOn(writer: PipeWriter): Promise<void> {
  try {
    for (;;) await writer.write(CHUNK);
  } catch {}
}

function endless(): ReturnType<typeof pipe>["reader"] {
  const { reader, writer } = pipe();
  void writeOn(writer);
  return reader;
}

async function* numbers(): AsyncGenerator<number> {
  for (let number = 0; ; number++) yield number;
}

const busy: Array<[name: string, start: () => Observable<unknown>]> = [
  ["toObservable() over a pipe", () => toObservable(endless())],
  ["toObservable() over a reader that never waits", () => toObservable(new BareReader(() => CHUNK))],
  ["readEach() over a pipe", () => readEach(endless(), async () => {})],
  ["readEach() over the lines of a pipe", () => readEach(lines(endless()), async () => {})],
  ["readEach() over an iterator that never waits", () => readEach(numbers(), () => of(1))],
  [
    "toObservable() over fromObservable()",
    () => toObservable(fromObservable(readEach(numbers(), () => of(CHUNK)))),
  ],
  [
    "writeTo() into a pipe that is read",
    () => {
      const { reader, writer } = pipe();
      toObservable(reader).subscribe({ error: () => {} }); // It is an AbortError, in the end.
      return readEach(numbers(), () => of(CHUNK).pipe(repeat(2))).pipe(writeTo(writer));
    },
  ],
];

for (const [name, start] of busy) {
  // Red when: readers and iterators that never wait are read without drawing on the budget.
  test(`${name} lets a 10 ms timer fire within 50 ms [RX-012]`, async () => {
    let values = 0;
    let subscribed = true;
    // What starves the timer would hang the test: after so many values it is over.
    const subscription = start().subscribe(() => {
      values += 1;
      if (values > 5_000_000) subscribed = false;
      if (!subscribed) queueMicrotask(() => subscription.unsubscribe());
    });
    // The best of ten, since the machine may be busy with something else; what starves timers lets none fire.
    let elapsed = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 10 && (elapsed >= 50 || values === 0); attempt++) {
      const began = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 10));
      elapsed = Math.min(elapsed, performance.now() - began);
    }
    subscription.unsubscribe();
    expect(elapsed).toBeLessThan(50);
    expect(subscribed).toBe(true);
    expect(values).toBeGreaterThan(0);
  });
}
