import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { type Duplex, Readable, Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { pipe } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";
import { drain, record } from "./support/streams.ts";
import { callback, rejection, settle, watch } from "./support/turns.ts";

interface Ends {
  readonly writable: Writable;
  readonly readable: Readable;
}

const kinds: ReadonlyArray<readonly [string, () => Ends]> = [
  [
    "toWritable()",
    () => {
      const { reader, writer } = pipe();
      return { writable: toWritable(writer), readable: toReadable(reader) };
    },
  ],
  [
    "pipeDuplex()",
    () => {
      const duplex = pipeDuplex();
      return { writable: duplex, readable: duplex };
    },
  ],
  [
    "duplexPair()",
    () => {
      const [writable, readable] = duplexPair();
      readable.on("error", () => {}); // It fails together with the other.
      return { writable, readable };
    },
  ],
];

describe.each(kinds)("%s", (_name, make) => {
  // Red when: a pending write calls back twice, or the stream drains after destroy().
  test("a write() that returned false is followed by exactly one `drain`, and by none after destroy() [NODE-007]", async () => {
    const { writable, readable } = make();
    const drains = record(
      writable.on("error", () => {}),
      "drain",
    );
    expect([writable.write(sequence(600)), writable.write(sequence(600))]).toEqual([false, false]);
    await settle();
    expect(drains).toEqual([]);
    readable.resume();
    await settle();
    expect(drains).toEqual(["drain"]);
    readable.pause();
    while (writable.write(sequence(600)));
    writable.destroy();
    await settle();
    expect(drains).toEqual(["drain"]);
  });

  // Red when: an empty chunk is pushed, which ends the pulling, or is never called back.
  test("a zero-length write() calls back, does not end the stream, and keeps its order on a full stream [NODE-007]", async () => {
    const { writable, readable } = make();
    const arrived = watch(drain(readable));
    const calls = [callback(), callback(), callback()];
    writable.write(Buffer.alloc(0), calls[0]?.call);
    writable.write("", calls[1]?.call);
    writable.write(sequence(1033));
    writable.write(Buffer.alloc(0), calls[2]?.call);
    await settle();
    expect(calls.map(({ state, calls: count }) => [state, count])).toEqual(calls.map(() => ["fulfilled", 1]));
    writable.end(Buffer.alloc(0));
    await settle();
    expectSequence(arrived.value ?? Buffer.alloc(0), 1033);
  });

  // Red when: an overridden write() skips Node's own checks.
  test("write() after end() or destroy() fails with Node's own codes [NODE-007]", async () => {
    const ended = make();
    ended.writable.on("error", () => {}).end();
    const late = callback();
    ended.writable.write("x", late.call);
    const gone = make();
    gone.readable.on("error", () => {}); // It fails when the writing side is destroyed.
    gone.writable.on("error", () => {}).destroy();
    const later = callback();
    gone.writable.write("x", later.call);
    await settle();
    expect(late.reason).toMatchObject({ code: "ERR_STREAM_WRITE_AFTER_END" });
    expect(later.reason).toMatchObject({ code: "ERR_STREAM_DESTROYED" });
    expect([ended.writable.writable, gone.writable.writable]).toEqual([false, false]);
  });

  // Red when: end() destroys the readable side, or closes it before its last byte.
  test("after end() the readable side can be read to the last byte [NODE-008]", async () => {
    for (const size of [0, 1, 512, 513, 1033]) {
      const { writable, readable } = make();
      writable.end(sequence(size));
      await settle();
      expect(readable.destroyed).toBe(false);
      expectSequence(await drain(readable), size);
    }
  });

  // Red when: callbacks are passed on unchanged, and run in the context of the reader.
  test("callbacks of write() and end() run in the context of their caller [NODE-014]", async () => {
    const storage = new AsyncLocalStorage<string>();
    const { writable, readable } = make();
    const seen: Array<string | undefined> = [];
    const note = (): void => void seen.push(storage.getStore());
    storage.run("first", () => writable.write(sequence(600), note));
    storage.run("second", () => writable.write(sequence(600), "utf8" as BufferEncoding, note));
    storage.run("third", () => writable.end(sequence(5), note));
    await settle();
    const read = storage.run("reader", async () => {
      const arrived = await drain(readable);
      return [storage.getStore(), arrived.length];
    });
    expect(await read).toEqual(["reader", 1205]);
    await settle();
    expect(seen).toEqual(["first", "second", "third"]);
    storage.run("too late", () => writable.end(note));
    const gone = make();
    for (const stream of [gone.writable, gone.readable]) stream.on("error", () => {});
    gone.writable.destroy();
    storage.run("after destroy()", () => gone.writable.end(note));
    await settle();
    expect(seen.slice(3)).toEqual(["too late", "after destroy()"]);
  });

  // Red when: the stream does not extend a class of Node.
  test("is an instance of Node's classes, and works with Web Streams", async () => {
    const { writable, readable } = make();
    const { Readable: NodeReadable, Writable: NodeWritable } = await import("node:stream");
    expect([readable instanceof NodeReadable, writable instanceof NodeWritable]).toEqual([true, true]);
    const text = new Response(NodeReadable.toWeb(readable) as ReadableStream).text();
    // Up to Node 22, toWeb() of a duplex ends once both of its sides have (nodejs/node#62394).
    if (readable instanceof NodeWritable && readable !== writable) readable.end();
    writable.write("over ");
    writable.end("there");
    expect(await text).toBe("over there");
  });
});

describe("chunks delivered directly to a consumer", () => {
  // Red when: the duplex delivers chunks without using the budget.
  test("timers fire while a source, a pipeDuplex() and a sink that never wait are busy [PIPE-040]", async () => {
    const chunk = sequence(512);
    for (const options of [{}, { highWaterMark: 512, transfer: true }]) {
      let fired = false;
      setTimeout(() => (fired = true), 1);
      let left = 2_000_000; // Takes more than a second if nothing else runs.
      const source = new Readable({
        read() {
          this.push(fired || left-- === 0 ? null : chunk);
        },
      });
      await pipeline(
        source,
        pipeDuplex(options),
        new Writable({ write: (_chunk, _encoding, done) => done() }),
      );
      expect(left).toBeGreaterThan(0);
    }
  });

  // Red when: tryWrite() does not use the budget, or accepts nothing after the budget was used up once.
  test("timers fire during a loop of tryWrite() of fromWritable(), which continues afterwards [PIPE-040]", async () => {
    const writer = fromWritable(new Writable({ write: (_chunk, _encoding, done) => done() }));
    const chunk = sequence(512);
    let fired = false;
    setTimeout(() => (fired = true), 1);
    let left = 2_000_000;
    for (; !fired && left > 0; left--) if (writer.tryWrite?.(chunk) === 0) await writer.write(chunk);
    expect(left).toBeGreaterThan(0);
    let taken: number | undefined = 512;
    for (let at = 0; at < 2_000_000 && taken !== 0; at++) taken = writer.tryWrite?.(chunk);
    expect(taken).toBe(0);
    await settle();
    expect(writer.tryWrite?.(chunk)).toBe(512);
  });

  // Red when: a destroyed consumer still has a pending pull, so that the write succeeds and its bytes are lost.
  test("a write to a peer that was just destroyed synchronously fails with its error [NODE-013]", async () => {
    const failure = new Error("gone");
    const [one, other] = duplexPair();
    other.on("error", () => {}).resume();
    one.on("error", () => {});
    await settle();
    other.destroy(failure);
    const told = callback();
    one.write("x", told.call);
    await settle();
    expect([told.calls, told.reason]).toEqual([1, failure]);
  });
});

describe("half-open", () => {
  // Red when: the end of the readable side ends the writable side.
  test("duplexPair() works one way after the other way has ended, both ways [NODE-008]", async () => {
    const [one, other] = duplexPair();
    one.end("question");
    expect(String(await drainHalf(other))).toBe("question");
    await settle();
    expect([other.writable, one.readable]).toEqual([true, true]);
    other.end("answer");
    expect(String(await drainHalf(one))).toBe("answer");
    await Promise.all([finished(one), finished(other)]);
  });

  // Red when: allowHalfOpen is not passed on.
  test("allowHalfOpen: false ends the writable side with the readable side [NODE-008]", async () => {
    const [one, other] = duplexPair({ allowHalfOpen: false });
    const ended = once(other, "finish");
    other.resume();
    one.end();
    await ended;
    expect(other.writableEnded).toBe(true);
  });
});

describe("contexts of awaits", () => {
  // Red when: a callback in another context settles the promise and leaks its context.
  test("code that awaits fromReadable() and fromWritable() continues in its own context [NODE-014]", async () => {
    const storage = new AsyncLocalStorage<string>();
    const duplex: Duplex = pipeDuplex();
    const reader = fromReadable(duplex);
    const writer = fromWritable(duplex);
    const read = storage.run("reader", async () => {
      await reader.read(new Uint8Array(2000));
      return storage.getStore();
    });
    const write = storage.run("writer", async () => {
      await writer.write(sequence(1033));
      return storage.getStore();
    });
    expect([await read, await write]).toEqual(["reader", "writer"]);
    reader.close();
    await rejection(writer.write(sequence(1)));
  });
});

async function drainHalf(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
