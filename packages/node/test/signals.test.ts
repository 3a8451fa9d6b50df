import { getEventListeners } from "node:events";
import { finished } from "node:stream/promises";
import type { Readable, Writable } from "node:stream";
import { pipe } from "@pipe512/core";
import { duplexPair, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { rejection, settle } from "./support/turns.ts";

type Make = (signal: AbortSignal) => Readable | Writable;

const kinds: ReadonlyArray<readonly [string, Make]> = [
  ["toReadable()", (signal) => toReadable(pipe().reader, { signal })],
  ["toWritable()", (signal) => toWritable(pipe().writer, { signal })],
  ["pipeDuplex()", (signal) => pipeDuplex({ signal })],
  [
    "duplexPair()",
    (signal) => {
      const [one, other] = duplexPair({ signal });
      // The other end gets a clean end if this one is destroyed without an error, and is then done.
      other
        .on("error", () => {})
        .on("end", () => void other.end())
        .resume();
      return one;
    },
  ],
];

describe.each(kinds)("%s", (_name, make) => {
  // Red when: the signal is left to Node, which wraps its reason in an AbortError.
  test("is destroyed by its signal with signal.reason itself [NODE-011]", async () => {
    for (const reason of [new Error("enough"), new DOMException("stop", "AbortError")]) {
      const aborter = new AbortController();
      const failed = rejection(finished(make(aborter.signal)));
      aborter.abort(reason);
      expect(await failed).toBe(reason);
    }
  });

  // Red when: an aborted signal is only listened to.
  test("is destroyed from the start if its signal has aborted already [NODE-011]", async () => {
    const reason = new Error("too late");
    const stream = make(AbortSignal.abort(reason));
    expect(stream.destroyed).toBe(true);
    expect(await rejection(finished(stream))).toBe(reason);
  });

  // Red when: the listener stays after the stream, or each stream adds a separate one.
  test("leaves no listener, and 1,000 on one signal print no warning [NODE-011]", async () => {
    const warnings: Error[] = [];
    const collect = (warning: Error): void => void warnings.push(warning);
    process.on("warning", collect);
    const { signal, abort } = controller();
    const streams = Array.from({ length: 1000 }, () => make(signal).on("error", () => {}));
    expect(getEventListeners(signal, "abort").length).toBe(1);
    for (const stream of streams.slice(500)) stream.destroy();
    abort(new Error("all of them"));
    await settle();
    expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    for (const stream of Array.from({ length: 10 }, () => make(new AbortController().signal)))
      stream.destroy();
    const ended = new AbortController();
    const stream = make(ended.signal).on("error", () => {});
    stream.destroy();
    await settle();
    expect(getEventListeners(ended.signal, "abort")).toEqual([]);
    process.off("warning", collect);
    expect(warnings).toEqual([]);
  });
});

// Red when: only a stream destroyed before its end removes its listener.
test("ended streams leave no listener on their signal [NODE-011]", async () => {
  const { signal } = controller();
  const { reader, writer } = pipe();
  const [one, other] = duplexPair({ signal });
  const streams = [
    toWritable(writer, { signal }),
    toReadable(reader, { signal }),
    pipeDuplex({ signal }),
    one,
    other,
  ];
  expect(getEventListeners(signal, "abort").length).toBe(1);
  for (const stream of streams) {
    if ("end" in stream) stream.end("x");
    if ("resume" in stream) stream.resume();
  }
  await settle();
  expect(streams.map(({ errored }) => errored)).toEqual(streams.map(() => null));
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

// Red when: the listener of a waiting write stays after it.
test("fromWritable() leaves no listener on the signals of its writes [NODE-011]", async () => {
  const { signal, abort } = controller();
  const duplex = pipeDuplex();
  const writer = fromWritable(duplex);
  const waiting = [
    rejection(writer.write(sequence(1033), { signal })),
    rejection(writer.write(sequence(5), { signal })),
  ];
  await settle();
  expect(getEventListeners(signal, "abort").length).toBeGreaterThan(0);
  const reason = new Error("stop");
  abort(reason);
  expect(await Promise.all(waiting)).toEqual([reason, reason]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  writer.closeWithError(reason);
});

function controller(): { readonly signal: AbortSignal; readonly abort: (reason: unknown) => void } {
  const aborter = new AbortController();
  return { signal: aborter.signal, abort: (reason) => aborter.abort(reason) };
}
