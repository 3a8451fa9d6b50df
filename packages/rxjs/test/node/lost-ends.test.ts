import { pipe } from "@pipe512/core";
import { fromObservable, writeTo } from "@pipe512/rxjs";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { Subject } from "rxjs";
import { expect, test } from "vitest";

/** Collects garbage until `isDone`, or says that it never came. */
async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let round = 0; !isDone(); round++) {
    if (round === 50) throw new Error("Nothing of it was noticed after 50 collections");
    globalThis.gc?.();
    await settle(2);
  }
}

// Red when: the subscription holds the reader, or nobody looks at the writer while the source is idle.
test("fromObservable() leaves its source when its reader was garbage-collected unclosed [RX-006]", async () => {
  const source = new Subject<Uint8Array>();
  (() => void fromObservable(source))();
  expect(source.observed).toBe(true);
  await collectUntil(() => !source.observed);
});

// Red when: the watch over the writer holds it, by way of the pipe.
test("writeTo() lets its writer be found lost when the source was garbage-collected [RX-006]", async () => {
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
