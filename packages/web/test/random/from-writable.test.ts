import { Calls, check, isPause, type Pause, pause, pauses } from "../support/random.ts";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { fromWritableStream } from "@pipe512/web";
import fc from "fast-check";
import { expect, test } from "vitest";

type Step =
  | Pause
  | { readonly do: "write"; readonly size: number; readonly abort: boolean }
  | { readonly do: "finish"; readonly abort: boolean }
  | { readonly do: "take" | "close" | "closeWithError" | "abort" | "error" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      size: fc.constantFrom(0, 1, 512, 1033, 70_000),
      abort: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("finish" as const), abort: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("take" as const, "take", "close", "abort") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("closeWithError" as const, "error") }) },
  { weight: 4, arbitrary: pauses },
);
const sequences = fc.record({
  steps: fc.array(step, { maxLength: 12 }),
  highWaterMark: fc.constantFrom(1, 3),
  /** The method of the sink that fails, if any. */
  fails: fc.constantFrom("nothing", "write", "close", "abort"),
});

/** A sink that accepts one chunk for each `take()`, and fails in the given method. */
function sink(fails: string, highWaterMark: number, failure: unknown) {
  let controller!: WritableStreamDefaultController;
  const received: number[] = [];
  const queue: Array<() => void> = [];
  let free = false;
  const turn = (): Promise<void> | undefined =>
    free ? undefined : new Promise((resolve) => queue.push(resolve));
  const fail = (what: string): void => {
    if (fails === what) throw failure;
  };
  const stream = new WritableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      async write(chunk) {
        received.push(chunk[0] ?? -1);
        await turn();
        fail("write");
      },
      async close() {
        await turn();
        fail("close");
      },
      abort: () => fail("abort"),
    },
    { highWaterMark },
  );
  return {
    stream,
    received,
    take: () => queue.shift()?.(),
    takeAll() {
      free = true;
      for (const take of queue.splice(0)) take();
    },
    error: (reason: unknown) => controller.error(reason),
  };
}

// Red when: the error of close() is lost, an aborted write changes the order, or an error that rejected a write is
// unhandled as well.
test("fromWritableStream() keeps writes in order and settles every call; each error of the sink rejects a call or is unhandled, once [PIPE-006] [PIPE-016] [PIPE-017] [PIPE-031]", {
  timeout: 600_000,
}, async () => {
  await check(sequences, async ({ steps, highWaterMark, fails }) => {
    const failure = new Error("the sink broke");
    const given = sink(fails, highWaterMark, failure);
    const writer = fromWritableStream(given.stream);
    const calls = new Calls();
    const issued: Array<{ readonly size: number; readonly call: number }> = [];
    const aborters: AbortController[] = [];
    const signalOf = (abort: boolean): AbortSignal | undefined => {
      if (abort) aborters.push(new AbortController());
      return abort ? aborters.at(-1)?.signal : undefined;
    };
    let failedByItself = false;
    let closed = "";
    const reasons = await unhandled(async () => {
      for (const each of steps) {
        if (isPause(each)) {
          await pause(each);
        } else if (each.do === "write") {
          const call = calls.all.length;
          issued.push({ size: each.size, call });
          calls.add(
            "write",
            writer.write(new Uint8Array(each.size).fill(call), { signal: signalOf(each.abort) }),
          );
        } else if (each.do === "finish") {
          closed ||= "close";
          calls.add("finish", writer.finish({ signal: signalOf(each.abort) }));
        } else if (each.do === "take") {
          given.take();
        } else if (each.do === "abort") {
          aborters.shift()?.abort("enough");
        } else if (each.do === "error") {
          failedByItself ||= closed === ""; // By the standard, an error has no effect while the sink closes.
          given.error(failure);
        } else {
          closed ||= each.do;
          if (each.do === "close") writer.close();
          else writer.closeWithError("closed");
        }
      }
      await settle(3);
      given.takeAll();
      await settle(3);
      closed ||= "close";
      writer.close();
      await settle(3);
      given.takeAll();
    });
    await writer.closed;
    expect(calls.pending).toEqual([]);
    // The bytes of every fulfilled write must have arrived, in order.
    const { received } = given;
    let next = 0;
    for (const { size, call } of issued) {
      const { state = "" } = calls.all[call] ?? {};
      if (size === 0) continue;
      if (received[next] === call) next += 1;
      else if (state === "fulfilled")
        throw new Error(`Write ${call} of ${size} bytes was fulfilled, but did not arrive`);
    }
    expect(next).toBe(received.length);
    for (const reason of reasons) expect(reason).toBe(failure);
    // A finish() after the error has surfaced also rejects with it.
    const told = calls.all.filter(({ value }) => value === failure).map(({ what }) => what);
    expect(reasons.length).toBeLessThanOrEqual(told.includes("write") ? 0 : 1);
    const certain = closed === "close" && (failedByItself || fails === "close");
    const before = calls.all.some(({ state }) => state === "rejected");
    if (certain && told.length === 0 && !before) expect(reasons).toEqual([failure]);
  });
});
