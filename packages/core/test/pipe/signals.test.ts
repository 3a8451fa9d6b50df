import { pipe, readAll, readerFrom, writerTo, writeText } from "@pipe512/core";
import { Condition, Mutex } from "@pipe512/core/sync";
import { sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { expect, test } from "vitest";

/** A signal that counts its listeners. */
function counting(): { aborting: AbortController; count: () => number; most: () => number } {
  const aborting = new AbortController();
  const { signal } = aborting;
  let count = 0;
  let most = 0;
  const add = signal.addEventListener.bind(signal) as (...args: unknown[]) => void;
  const remove = signal.removeEventListener.bind(signal) as (...args: unknown[]) => void;
  signal.addEventListener = (...args: unknown[]) => {
    count += 1;
    most = Math.max(most, count);
    add(...args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    count -= 1;
    remove(...args);
  };
  return { aborting, count: () => count, most: () => most };
}

// Red when: each call registers a listener; or the shared listener stays registered when no call is pending.
test("one signal has one listener, however many pipes and calls share it, and none when they have settled [PIPE-067] [PIPE-032]", async () => {
  const { aborting, count, most } = counting();
  const { signal } = aborting;
  const mutex = new Mutex();
  await mutex.lock();
  const condition = new Condition();
  const outcomes: Array<Promise<unknown>> = [];
  for (let number = 0; number < 100; number++) {
    const { reader, writer } = pipe({ signal });
    const full = pipe();
    full.writer.tryWrite(sequence(512));
    const finishing = writerTo(() => new Promise(() => {}));
    outcomes.push(
      reader.read(new Uint8Array(1), { signal }),
      pipe().reader.chunks({ signal }).next(),
      pipe().reader.ready({ signal }),
      readAll(pipe().reader, { signal }),
      full.writer.write(sequence(1), { signal }),
      full.writer.flush({ signal }),
      writeText(full.writer, "x", { signal }),
      mutex.lock({ signal }),
      readerFrom(() => new Promise(() => {}), { signal }).read(new Uint8Array(1)),
      finishing.writer.finish({ signal }),
    );
    void writer;
  }
  outcomes.push(condition.wait(await new Mutex().lock(), { signal }));
  await settle();
  expect([count(), most()]).toEqual([1, 1]);
  aborting.abort("enough");
  const results = await Promise.allSettled(outcomes);
  expect(results.filter(({ status }) => status === "fulfilled")).toEqual([]);
  await settle();
  expect(count()).toBe(0);
});
