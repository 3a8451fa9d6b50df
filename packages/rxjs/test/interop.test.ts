import { pipe, readAll, readText } from "@pipe512/core";
import { fromObservable, readEach, toObservable } from "@pipe512/rxjs";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { lastValueFrom, from, type ObservableInput, observable, toArray } from "rxjs";
import { expect, test } from "vitest";

/** An observable of another library: it has `Symbol.observable`, and nothing else of RxJS. */
class Foreign {
  readonly #values: Uint8Array[];
  left = 0;

  constructor(...values: Uint8Array[]) {
    this.#values = values;
  }

  [observable](): this {
    return this;
  }

  subscribe(observer: { next(value: Uint8Array): void; complete(): void }): { unsubscribe(): void } {
    queueMicrotask(() => {
      for (const value of this.#values) observer.next(value);
      if (this.#values.length > 0) observer.complete();
    });
    return { unsubscribe: () => (this.left += 1) };
  }
}

const input = (foreign: Foreign): ObservableInput<Uint8Array> =>
  foreign as unknown as ObservableInput<Uint8Array>;

// Red when: fromObservable() calls pipe() on its source without from().
test("fromObservable() reads an object that has only Symbol.observable, and unsubscribes it [RX-011]", async () => {
  expectWhole(await readAll(fromObservable(input(new Foreign(sequence(600), sequence(600, 600))))), 1200);
  const idle = new Foreign();
  const reader = fromObservable(input(idle));
  reader.close();
  await settle();
  expect(idle.left).toBe(1);
});

// Red when: fromObservable() calls pipe() on its source without from().
test("fromObservable() reads everything that from() accepts: promises, iterables, async iterables [RX-011]", async () => {
  expect(await readText(fromObservable(Promise.resolve("smör")))).toBe("smör");
  expect(await readText(fromObservable(["smör", "gås"]))).toBe("smörgås");
  const { reader, writer } = pipe();
  const text = readText(fromObservable(reader));
  await writer.write(new TextEncoder().encode("smörgås"));
  writer.close();
  expect(await text).toBe("smörgås");
});

// Red when: toObservable() returns an object that other libraries do not accept.
test("toObservable() returns an object that others accept by Symbol.observable [RX-011]", async () => {
  const { reader, writer } = pipe();
  const given = toObservable(reader) as unknown as Record<symbol | string, () => ObservableInput<Uint8Array>>;
  const foreign = given[observable]?.();
  const chunks = lastValueFrom(from(foreign as ObservableInput<Uint8Array>).pipe(toArray()));
  await writer.write(sequence(513));
  writer.close();
  expectWhole(joined(await chunks), 513);
});

// Red when: only Observables of RxJS are accepted.
test("readEach() accepts an inner object that has only Symbol.observable, an iterable, and a thenable [RX-011]", async () => {
  const inners: Array<ObservableInput<unknown>> = [
    input(new Foreign(sequence(1))),
    [1, 2],
    // oxlint-disable-next-line unicorn/no-thenable -- A thenable is what is tested.
    { then: (resolve: (value: string) => void) => resolve("then") } as never,
  ];
  const { reader, writer } = pipe();
  const emitted = lastValueFrom(readEach(reader, (_, index) => inners[index] ?? []).pipe(toArray()));
  for (let at = 0; at < 3; at++) {
    await writer.write(sequence(1));
    await writer.flush();
  }
  writer.close();
  expect(await emitted).toEqual([sequence(1), 1, 2, "then"]);
});
