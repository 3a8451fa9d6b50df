import { pipe } from "@pipe512/core";
import { fromObservable, writeTo } from "@pipe512/rxjs";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { Subject } from "rxjs";
import { expect, test } from "vitest";

/** Collects garbage until `isDone` returns true, or throws after 50 collections. */
async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let round = 0; !isDone(); round++) {
    if (round === 50) throw new Error("Cannot detect the lost end: nothing happened within 50 collections");
    globalThis.gc?.();
    await settle(2);
  }
}

// Red when: the subscription keeps the reader alive, or the loss of the writer is not detected while the source is idle.
test("fromObservable() unsubscribes its source when its reader is collected without close() [RX-006]", async () => {
  const source = new Subject<Uint8Array>();
  (() => void fromObservable(source))();
  expect(source.observed).toBe(true);
  await collectUntil(() => !source.observed);
});

// Red when: the watcher of the writer keeps it alive through the pipe.
test("writeTo() does not keep its writer alive when the source is collected [RX-006]", async () => {
  const { reader } = (() => {
    const ends = pipe();
    new Subject<Uint8Array>().pipe(writeTo(ends.writer)).subscribe();
    return { reader: ends.reader };
  })();
  let reason: unknown;
  void rejection(reader.read(new Uint8Array(1))).then((error) => {
    reason = error;
  });
  await collectUntil(() => reason !== undefined);
  expect(reason).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
});
