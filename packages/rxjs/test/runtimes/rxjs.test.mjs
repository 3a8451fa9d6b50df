// The main behaviour of the RxJS adapter, tested on the built package in any runtime with node:test.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lines as linesOf, pipe, readAll, readText } from "@pipe512/core";
import {
  decodeText,
  fromObservable,
  lines,
  OverflowError,
  readEach,
  rechunk,
  throughPipe,
  toObservable,
  writeTo,
} from "@pipe512/rxjs";
import { from, lastValueFrom, NEVER, of, Subject, take, throwError, toArray } from "rxjs";

/** Bytes that encode their position, so that a lost, duplicated or moved byte is detected. */
const sequence = (length) => Uint8Array.from({ length }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);
const joined = (chunks) => Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
const all = (source) => lastValueFrom(source.pipe(toArray()));

/** Returns the value that `promise` rejects with. */
const rejection = (promise) =>
  promise.then(
    () => assert.fail("it fulfilled"),
    (reason) => reason,
  );

async function settle() {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("The RxJS adapter", () => {
  for (const size of [0, 1, 511, 512, 513, 1024, 1033, 60_000]) {
    test(`converts ${size} bytes in both directions`, async () => {
      const { reader, writer } = pipe();
      const bytes = readAll(fromObservable(toObservable(reader)));
      await writer.write(sequence(size));
      writer.close();
      assert.deepEqual(await bytes, sequence(size));
    });
  }

  test("closes the reader at once at unsubscribing", async () => {
    const { reader, writer } = pipe();
    const subscription = toObservable(reader).subscribe();
    await settle();
    subscription.unsubscribe();
    assert.throws(() => writer.tryWrite(sequence(1)), { code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  test("reads the next item when project has finished the last one", async () => {
    const { reader, writer } = pipe();
    const steps = new Subject();
    const seen = [];
    readEach(linesOf(reader), (line) => {
      seen.push(line);
      return steps.pipe(take(1));
    }).subscribe();
    await writer.write(new TextEncoder().encode("one\ntwo\nthree\n"));
    for (const expected of [["one"], ["one", "two"], ["one", "two", "three"]]) {
      await settle();
      assert.deepEqual(seen, expected);
      steps.next();
    }
    writer.close();
  });

  test("passes on errors as the same object, after all data", async () => {
    const failure = new Error("the source broke");
    const { reader, writer } = pipe();
    await writer.write(sequence(100));
    writer.closeWithError(failure);
    const chunks = [];
    const reason = await new Promise((error) => {
      toObservable(reader).subscribe({ next: (chunk) => chunks.push(chunk), error });
    });
    assert.equal(reason, failure);
    assert.deepEqual(joined(chunks), sequence(100));
    assert.equal(await rejection(readAll(fromObservable(throwError(() => failure)))), failure);
  });

  test("fails if the queue overflows, or counts dropped bytes", async () => {
    const values = Array.from({ length: 100 }, () => sequence(100));
    const failed = fromObservable(from(values), { maxBytes: 1000 });
    assert.ok((await rejection(readAll(failed))) instanceof OverflowError);
    const dropping = fromObservable(from(values), { maxBytes: 1000, overflow: "drop-newest" });
    const received = await readAll(dropping);
    assert.equal(received.length + dropping.bytesDropped, 10_000);
    assert.deepEqual(received.subarray(0, 100), sequence(100));
  });

  test("unsubscribes an idle source when the reader closes", async () => {
    const source = new Subject();
    const { reader, writer } = pipe();
    const reason = rejection(lastValueFrom(source.pipe(writeTo(writer))));
    reader.close();
    assert.equal((await reason).code, "ERR_CLOSED_PIPE");
    assert.equal(source.observed, false);
  });

  test("closes the writer with an AbortError when writeTo() is unsubscribed", async () => {
    const { reader, writer } = pipe();
    NEVER.pipe(writeTo(writer)).subscribe().unsubscribe();
    assert.equal((await rejection(reader.read(new Uint8Array(1)))).name, "AbortError");
  });

  test("frames bytes and loses none", async () => {
    const bytes = Array.from(new TextEncoder().encode("smör\r\ngås\nlast"), (byte) => Uint8Array.of(byte));
    assert.deepEqual(await all(from(bytes).pipe(lines())), ["smör", "gås", "last"]);
    assert.equal((await all(from(bytes).pipe(decodeText()))).join(""), "smör\r\ngås\nlast");
    const frames = await all(of(sequence(1033)).pipe(throughPipe(), rechunk(512)));
    assert.deepEqual(
      frames.map(({ length }) => length),
      [512, 512, 9],
    );
    assert.equal(await readText(fromObservable(of("smör", "gås"))), "smörgås");
  });

  test("lets timers fire while it is busy", async () => {
    const endless = {
      async *[Symbol.asyncIterator]() {
        for (;;) yield 1;
      },
    };
    const subscription = readEach(endless, async () => {}).subscribe();
    await new Promise((resolve) => setTimeout(resolve, 10));
    subscription.unsubscribe();
  });
});
