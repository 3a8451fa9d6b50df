import { type PipeEnds, pipe } from "@pipe512/core";
import { duplexPair, pipeDuplex, toDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { record } from "./support/streams.ts";
import { settle } from "./support/turns.ts";

// An end that is lost fails the stream over the other one, which has no listener for it here.
const kept: PipeEnds[] = [];
const held = (): PipeEnds => {
  const ends = pipe();
  kept.push(ends);
  return ends;
};

const duplexes = [
  ["pipeDuplex()", pipeDuplex],
  ["duplexPair()", (options?: object) => duplexPair(options)[0]],
  ["toDuplex()", (options?: object) => toDuplex(held().reader, held().writer, options)],
] as const;
const all = [
  ...duplexes,
  ["toReadable()", (options?: object) => toReadable(held().reader, options)],
  ["toWritable()", (options?: object) => toWritable(held().writer, options)],
] as const;

describe.each(duplexes)("%s", (_name, make) => {
  // Red when: one mark is used for both sides, the lower bound of the writable mark is missing, or an option is not
  // passed on.
  test("honours the options of Node's Duplex [NODE-001] [NODE-017]", async () => {
    const marks = make({ readableHighWaterMark: 700, writableHighWaterMark: 900 });
    expect([marks.readableHighWaterMark, marks.writableHighWaterMark]).toEqual([700, 900]);
    const both = make({ highWaterMark: 800, writableHighWaterMark: 900 });
    expect([both.readableHighWaterMark, both.writableHighWaterMark]).toEqual([800, 800]);
    expect(make({ highWaterMark: 0 }).writableHighWaterMark).toBe(1);
    expect([make({ readable: false }).readable, make({ writable: false }).writable]).toEqual([false, false]);
    expect(make({ encoding: "hex" }).readableEncoding).toBe("hex");
    expect(make({ allowHalfOpen: false }).allowHalfOpen).toBe(false);
    const quiet = make({ emitClose: false });
    const events = record(quiet, "close");
    quiet.destroy();
    await settle();
    expect([events, quiet.closed]).toEqual([[], true]);
  });

  // Red when: an unsupported or unknown option is ignored.
  test.each([
    "transform",
    "flush",
    "read",
    "write",
    "writev",
    "final",
    "destroy",
    "construct",
    "highwatermark",
  ])("throws a TypeError that names %s [NODE-017]", (name) => {
    expect(() => make({ [name]: () => {} })).toThrow(TypeError);
    const reason =
      name === "highwatermark"
        ? "this stream has no such option"
        : "the pipe implements it; put a Transform ";
    expect(() => make({ [name]: () => {} })).toThrow(new RegExp(`^${name} must be omitted: ${reason}`));
    expect(() => make({ [name]: undefined })).not.toThrow();
  });
});

// Red when: a value is converted to a boolean, or an inherited option is ignored.
test.each(all)("%s checks the types of its options, including inherited ones [NODE-017]", (_name, make) => {
  expect(() => make({ emitClose: 1 } as never)).toThrow(/^emitClose must be a boolean; got 1$/);
  expect(() => make(null as never)).toThrow(/^options must be an object; got null$/);
  if ("writable" in make({})) {
    expect(() => make({ defaultEncoding: "utf-512" } as never)).toThrow(
      /^defaultEncoding must be an encoding that Buffer supports; got the string "utf-512"$/,
    );
  }
  expect(() => make(Object.create({ objectMode: true }))).toThrow(/^objectMode must be omitted/);
  expect(() => make({ chunksize: 5 } as never)).toThrow(
    /^chunksize must be omitted: this stream has no such option/,
  );
});

// Red when: writes to an unreadable stream do not fail, or a stream that is not writable does not end.
test("a side that is turned off is closed for the other end [NODE-017]", async () => {
  const [deaf, speaker] = duplexPair({ readable: false });
  const errors = [record(speaker, "error"), record(deaf, "error")];
  speaker.write("x");
  await settle();
  const error = ["error", expect.objectContaining({ code: "ERR_CLOSED_PIPE" })];
  expect(errors).toEqual([[error], [error]]);
  const [, listener] = duplexPair({ writable: false });
  expect(await listener.toArray()).toEqual([]);
});

// Red when: a string that Node does not decode is written unchanged, or as UTF-8 in spite of its encoding.
test("decodeStrings: false and defaultEncoding change how strings are counted, not the bytes that arrive [NODE-017]", async () => {
  const { reader, writer } = pipe();
  const writable = toWritable(writer, { decodeStrings: false, defaultEncoding: "hex", highWaterMark: 100 });
  writable.cork();
  writable.write("c3a9");
  expect(writable.writableLength).toBe(4);
  writable.write("é", "utf8");
  writable.uncork();
  writable.end();
  expect(String(Buffer.concat(await toReadable(reader).toArray()))).toBe("éé");
  const duplex = pipeDuplex({ decodeStrings: false });
  duplex.end("c3a9", "hex");
  expect(String(Buffer.concat(await duplex.toArray()))).toBe("é");
});
