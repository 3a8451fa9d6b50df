import { fromObservable, type Overflow } from "@pipe512/rxjs";
import { joined, sequence } from "@pipe512/testing/bytes";
import { watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { Subject } from "rxjs";
import { expect, test } from "vitest";
import { QueueModel } from "./support/queue-model.ts";
import { newSeed, random } from "./support/random.ts";

// An iteration of the event loop takes WebKit some milliseconds, so pages play fewer.
const SCRIPTS = "document" in globalThis ? 50 : 400;
const LENGTHS = [0, 1, 10, 100, 511, 512, 513, 700, 1033, 2000];
const POLICIES: readonly Overflow[] = ["error", "drop-newest", "drop-oldest"];

/** Each byte encodes the index of its value, and its position in the value. */
const valueOf = (id: number, length: number): Uint8Array => sequence(length, id * 4096);

/** Emits and reads at random, and compares the results with the model. */
async function play(draw: (below: number) => number): Promise<void> {
  const overflow = POLICIES[draw(3)] as Overflow;
  const maxBytes = [1, 600, 2048, 5000][draw(4)] as number;
  const isAsynchronous = draw(2) === 0;
  const source = new Subject<Uint8Array>();
  const model = new QueueModel(maxBytes, overflow);
  let told = 0;
  const reader = fromObservable(source, { maxBytes, overflow, onDrop: (bytes) => (told += bytes) });
  const parts: Uint8Array[] = [];
  const failure = new Error("source");
  const read = async (most: number): Promise<number> => {
    const into = new Uint8Array(most);
    const count = await reader.read(into);
    parts.push(into.subarray(0, count ?? 0));
    model.read(count ?? 0);
    return count ?? 0;
  };
  for (let id = 0, steps = draw(40) + 1; id < steps && !model.failed; id++) {
    if (draw(3) > 0) {
      const length = LENGTHS[draw(LENGTHS.length)] as number;
      const bytes = valueOf(id, length);
      source.next(bytes);
      bytes.fill(0); // The value was copied.
      model.emit(id, length);
    } else if (model.readable > 0) {
      const readable = model.readable;
      const most = (LENGTHS[draw(LENGTHS.length)] as number) + 1;
      expect(await read(most)).toBe(Math.min(most, readable));
      await settle(); // The next value is written after the one before.
    }
    if (isAsynchronous || draw(2) === 0) await settle();
    expect(source.observed).toBe(!model.failed);
    expect([told, reader.bytesDropped]).toEqual([model.dropped, model.dropped]);
  }
  const ending = model.failed ? 3 : draw(3);
  if (ending === 2) {
    reader.close(); // Unsubscribes at once, in every state of the source.
    await settle();
    expect(source.observed).toBe(false);
    return;
  }
  if (ending === 0) source.complete();
  if (ending === 1) source.error(failure);
  const wanted = joined(Array.from(model.kept, ([id, length]) => valueOf(id, length)));
  const rest = watch(
    (async () => {
      while ((await read(777)) > 0);
    })(),
  );
  await settle(20);
  const got = joined(parts);
  // An overflow fails at once. Queued bytes are lost, and the bytes in the pipe are read before the error.
  expect(got).toEqual(ending === 3 ? wanted.subarray(0, got.length) : wanted);
  if (ending === 0) expect(rest.state).toBe("fulfilled");
  if (ending === 1) expect(rest.reason).toBe(failure);
  if (ending === 3) expect(rest.reason).toMatchObject({ code: "ERR_OVERFLOW" });
}

// Red when: drop-oldest drops the value being written; only the rest of a dropped value counts; the queue counts bytes
// that the pipe has accepted.
test("fromObservable() matches a model for random values, reads and ends, with every policy [RX-004] [RX-005] [RX-006]", {
  timeout: 60_000,
}, async () => {
  const seed = newSeed("fromObservable()");
  let played = 0;
  for (let script = 0; script < SCRIPTS; script++, played++) {
    await play(random(seed + script)).catch((error: unknown) => {
      throw new Error(`Script ${script} of SEED=${seed} failed`, { cause: error });
    });
  }
  expect(played).toBe(SCRIPTS);
});
