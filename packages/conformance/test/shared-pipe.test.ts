import { setTimeout as delay } from "node:timers/promises";
import { conformance, everything, type Framework, type Supports, vitest } from "@pipe512/conformance";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { afterAll, describe, expect, test } from "vitest";
import { RemoteThread } from "./remote/remote-thread.ts";

const COPIED = "an error crosses threads as a copy";

const supports: Supports = {
  ...everything,
  transfer: "bytes that go to another thread are always copied",
  errorIdentity: COPIED,
  falsyErrors: COPIED,
  abandonment: "a thread that dies is supervised; an end that is collected is not",
};

/** The guarantees that do not apply to a pipe between threads. They are listed, so that no case is skipped unintentionally. */
const notAsked = ["PIPE-010", "PIPE-011", "PIPE-022", "PIPE-024", "PIPE-025", "PIPE-029"];

function hold(
  name: string,
  target: Omit<Parameters<typeof conformance>[0], "name">,
  expected: readonly string[],
): void {
  const left: string[] = [];
  const inner = vitest({ describe, test });
  const framework: Framework = {
    // If a whole group is skipped, it declares no test, which vitest treats as an error.
    group: (behaviour, define) =>
      behaviour === "fairness" && target.supports.fairness !== true
        ? define()
        : inner.group(behaviour, define),
    test: (title, run) => inner.test(title, run),
    skip: (title) => void left.push(title),
  };
  conformance({ name, ...target }, framework);
  test(`${name} is asked everything but what its manifest names`, () => {
    const numbers = left.flatMap((title) => [...title.matchAll(/[A-Z]+-\d{3}/g)].map(([number]) => number));
    expect([...new Set(numbers)].toSorted()).toEqual(expected);
  });
}

describe.each(["one", "many"] as const)("in one thread, %s", (many) => {
  const create = () => {
    const { readerHandle, writerHandle } = sharedPipe({ readers: many, writers: many });
    return { reader: attachReader(readerHandle), writer: attachWriter(writerHandle) };
  };
  hold(`sharedPipe() for ${many}`, { create, supports }, notAsked);
});

describe("across two threads", () => {
  const [writing, reading] = [new RemoteThread(), new RemoteThread()];
  afterAll(() => Promise.all([writing.end(), reading.end()]));
  const create = () => {
    const { readerHandle, writerHandle } = sharedPipe();
    return { reader: reading.attachReader(readerHandle), writer: writing.attachWriter(writerHandle) };
  };
  // A ping takes 30 µs, but on a busy machine a thread may not run for longer than 200 pings take.
  const turn = async (before: number): Promise<void> => {
    await Promise.all([writing.ping(), reading.ping()]);
    if (before >= 50) await delay(10);
  };
  const remote: Supports = {
    ...supports,
    tryOperations: "a call by messages waits for its answer",
    progress: "a count that is sent back comes after the call",
    fairness: "each thread has an event loop of its own",
    detachedArrays: "the array of the call is in its thread",
  };
  hold(
    "sharedPipe()",
    { create, supports: remote, turn },
    [...notAsked, "PIPE-002", "PIPE-015", "PIPE-031", "PIPE-040", "PIPE-061"].toSorted(),
  );
});
