import { runInNewContext } from "node:vm";
import { pipe } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

/** Detaches the buffer of `bytes`, as a transfer to a worker does. */
function detach(bytes: Uint8Array<ArrayBuffer>): void {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
}

/** An array of `length` bytes of a sequence over a buffer that can shrink. */
function shrinkable(length: number): { bytes: Uint8Array<ArrayBuffer>; resize: (length: number) => void } {
  const buffer = new ArrayBuffer(length, { maxByteLength: length * 2 });
  const bytes = new Uint8Array(buffer, 0, length);
  bytes.set(sequence(length));
  return { bytes, resize: (size) => buffer.resize(size) };
}

describe("a value that is not a Uint8Array", () => {
  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ["a string", "hello", /string/],
    ["a String object", Object("hello"), /String/],
    ["a number", 42, /42|number/],
    ["undefined", undefined, /undefined/],
    ["null", null, /null/],
    ["a plain array", [1, 2, 3], /Array/],
    ["an object", { length: 3, 0: 1 }, /object/],
    ["an ArrayBuffer", new ArrayBuffer(3), /ArrayBuffer/],
    ["a SharedArrayBuffer", new SharedArrayBuffer(3), /SharedArrayBuffer/],
    ["a DataView", new DataView(new ArrayBuffer(3)), /DataView/],
    ["a Uint16Array", new Uint16Array(3), /Uint16Array/],
    ["a Uint8ClampedArray", new Uint8ClampedArray(3), /Uint8ClampedArray/],
    ["a function", () => new Uint8Array(3), /function/],
    ["an object with the tag of one", { [Symbol.toStringTag]: "Uint8Array", length: 3 }, /./],
    ["an object with the prototype of one", Object.create(Uint8Array.prototype), /./],
  ];

  // Red when: any object with a length is accepted as bytes.
  test.for(wrong)(
    "PipeWriter.write() rejects %s with a TypeError that names it, and moves nothing [PIPE-060]",
    async ([, value, named]) => {
      const { reader, writer } = pipe();
      const error = await rejection(writer.write(value as Uint8Array));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(named);
      const attempt = thrown(() => writer.tryWrite(value as Uint8Array));
      expect(attempt).toBeInstanceOf(TypeError);
      expect(await writer.write(sequence(5))).toBe(5);
      expect([writer.bytesWritten, reader.tryRead(new Uint8Array(9))]).toEqual([5, 5]);
    },
  );

  // Red when: views of any type are accepted as bytes.
  test.for(wrong)(
    "PipeReader.read() rejects %s with a TypeError that names it, and moves nothing [PIPE-060]",
    async ([, value, named]) => {
      const { reader, writer } = pipe();
      writer.tryWrite(sequence(5));
      const error = await rejection(reader.read(value as Uint8Array));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(named);
      expect(thrown(() => reader.tryRead(value as Uint8Array))).toBeInstanceOf(TypeError);
      expect(reader.bytesRead).toBe(0);
      expect(await reader.read(new Uint8Array(9))).toBe(5);
    },
  );

  // Red when: the message does not say what to do with a string.
  test("PipeWriter.write() of a string rejects with a message that names writeText() [PIPE-060]", async () => {
    const { writer } = pipe();
    const error = await rejection(writer.write("hello" as never));
    expect((error as Error).message).toContain("encode it, or use writeText()");
    expect((thrown(() => writer.tryWrite("hello" as never)) as Error).message).toContain(
      "encode it, or use writeText()",
    );
  });

  // Red when: bad input throws synchronously instead of rejecting.
  test("PipeWriter.write() and PipeReader.read() reject and never throw [PIPE-060]", async () => {
    const { reader, writer } = pipe();
    const calls = [
      () => writer.write(1 as never),
      () => writer.write(sequence(1), { signal: {} as never }),
      () => reader.read(1 as never),
      () => reader.read(sequence(1), { signal: 1 as never }),
      () => reader.readChunk({ maxBytes: -1 }),
      () => writer.flush({ signal: "no" as never }),
    ];
    for (const call of calls) expect(await rejection(call())).toBeInstanceOf(Error);
  });

  // Red when: bytes are identified by instanceof.
  test("PipeWriter.write() and PipeReader.read() take arrays of another realm, Buffers and subclasses [PIPE-060]", async () => {
    class Bytes extends Uint8Array {}
    const foreign = (): Uint8Array => runInNewContext("new Uint8Array(8)") as Uint8Array;
    const tagged = new Uint8Array(8);
    Object.defineProperty(tagged, Symbol.toStringTag, { value: "Tagged" });
    for (const bytes of [foreign(), Buffer.alloc(8), new Bytes(8), tagged]) {
      const { reader, writer } = pipe();
      bytes.set(sequence(8));
      expect(await writer.write(bytes)).toBe(8);
      expect(writer.tryWrite(bytes)).toBe(8);
      bytes.fill(0);
      expect(await reader.read(bytes)).toBe(8);
      expectSequence(bytes);
      expect(reader.tryRead(bytes)).toBe(8);
      expectSequence(bytes);
    }
  });
});

describe("options", () => {
  // Red when: a signal is used without validation.
  test.for([
    ["null", null],
    ["a controller", new AbortController()],
    ["an object", {}],
    ["a string", "stop"],
    ["true", true],
  ] as const)(
    "PipeReader and PipeWriter reject a signal that is %s with a TypeError, and move nothing [PIPE-060]",
    async ([, value]) => {
      const { reader, writer } = pipe();
      writer.tryWrite(sequence(5));
      const signal = value as never;
      const calls = [
        writer.write(sequence(5), { signal }),
        writer.flush({ signal }),
        reader.read(new Uint8Array(5), { signal }),
        reader.readChunk({ signal }),
        (async () => reader.chunks({ signal }).next())(),
        (async () => reader.views({ signal }).next())(),
        (async () => pipe({ signal }).reader.read(new Uint8Array(1)))(),
      ];
      for (const error of await Promise.all(calls.map(rejection))) expect(error).toBeInstanceOf(TypeError);
      expect([writer.bytesWritten, reader.bytesRead]).toEqual([5, 0]);
    },
  );

  // Red when: maxBytes is not validated.
  test.for([0, -1, 1.5, Number.NaN])(
    "PipeReader.readChunk() and chunks() reject maxBytes %s with a RangeError, and move nothing [PIPE-060]",
    async (maxBytes) => {
      const { reader, writer } = pipe();
      writer.tryWrite(sequence(5));
      expect(await rejection(reader.readChunk({ maxBytes }))).toBeInstanceOf(RangeError);
      expect(thrown(() => reader.tryReadChunk({ maxBytes }))).toBeInstanceOf(RangeError);
      expect(await rejection((async () => reader.chunks({ maxBytes }).next())())).toBeInstanceOf(RangeError);
      expect(reader.bytesRead).toBe(0);
    },
  );

  // Red when: maxBytes of another type is converted.
  test("PipeReader.readChunk() rejects a string as maxBytes, and moves nothing [PIPE-060]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(5));
    expect(await rejection(reader.readChunk({ maxBytes: "5" as never }))).toBeInstanceOf(Error);
    expect(reader.bytesRead).toBe(0);
  });

  // Red when: a progress that is not an object is ignored.
  test.for([null, 5, "bytes"])(
    "PipeWriter.write() and PipeReader.read() reject progress %s with a TypeError, and move nothing [PIPE-060]",
    async (value) => {
      const { reader, writer } = pipe();
      writer.tryWrite(sequence(5));
      const progress = value as never;
      expect(await rejection(writer.write(sequence(5), { progress }))).toBeInstanceOf(TypeError);
      expect(await rejection(reader.read(new Uint8Array(5), { progress }))).toBeInstanceOf(TypeError);
      expect([writer.bytesWritten, reader.bytesRead]).toEqual([5, 0]);
    },
  );

  // Red when: an option that is undefined counts as given.
  test("PipeReader and PipeWriter treat undefined options as missing [PIPE-060]", async () => {
    const { reader, writer } = pipe({ signal: undefined, name: undefined });
    expect(
      await writer.write(sequence(5), { signal: undefined, progress: undefined, transfer: undefined }),
    ).toBe(5);
    expect(await reader.read(new Uint8Array(2), { signal: undefined, progress: undefined })).toBe(2);
    expect(await reader.readChunk({ maxBytes: undefined, signal: undefined })).toHaveLength(3);
  });
});

describe("arrays that were detached before the call", () => {
  const gone = (): readonly (readonly [string, Uint8Array<ArrayBuffer>])[] => {
    const detached = new Uint8Array(10);
    detach(detached);
    const moved = new Uint8Array(0);
    detach(moved);
    const { bytes: shrunk, resize } = shrinkable(10);
    resize(5);
    return [
      ["detached", detached],
      ["detached, of 0 bytes", moved],
      ["shrunk", shrunk],
    ];
  };

  // Red when: a detached array counts as an empty one.
  test.for(gone())(
    "PipeWriter.write() of an array that is %s is a TypeError [PIPE-061]",
    async ([, bytes]) => {
      const { reader, writer } = pipe();
      expect(await rejection(writer.write(bytes))).toBeInstanceOf(TypeError);
      expect(await rejection(writer.write(bytes, { transfer: true }))).toBeInstanceOf(TypeError);
      expect(thrown(() => writer.tryWrite(bytes))).toBeInstanceOf(TypeError);
      expect(reader.tryRead(new Uint8Array(10))).toBe(0);
    },
  );

  // Red when: a detached array counts as an empty one.
  test.for(gone())(
    "PipeReader.read() into an array that is %s is a TypeError [PIPE-061]",
    async ([, bytes]) => {
      const { reader, writer } = pipe();
      writer.tryWrite(sequence(5));
      expect(await rejection(reader.read(bytes))).toBeInstanceOf(TypeError);
      expect(thrown(() => reader.tryRead(bytes))).toBeInstanceOf(TypeError);
      expect(await reader.read(new Uint8Array(10))).toBe(5);
    },
  );
});

describe("arrays that are detached while their operation waits", () => {
  type Take = (length: number) => { bytes: Uint8Array<ArrayBuffer>; take: () => void };
  const takes: readonly (readonly [string, Take])[] = [
    [
      "detached",
      (length) => {
        const bytes = sequence(length);
        return { bytes, take: () => detach(bytes) };
      },
    ],
    [
      "shrunk",
      (length) => {
        const { bytes, resize } = shrinkable(length);
        return { bytes, take: () => resize(length - 1) };
      },
    ],
    [
      "shrunk, following its buffer",
      (length) => {
        const buffer = new ArrayBuffer(length, { maxByteLength: length * 2 });
        const bytes = new Uint8Array(buffer);
        bytes.set(sequence(length));
        return { bytes, take: () => buffer.resize(length - 1) };
      },
    ],
  ];

  // Red when: a write whose array was detached blocks the writes behind it.
  test.for(takes)(
    "PipeWriter.write() of an array that is %s meanwhile rejects when it is touched; what it moved stays, those behind go on [PIPE-061]",
    async ([, prepare]) => {
      const { reader, writer } = pipe();
      const { bytes, take } = prepare(1033);
      const progress = { bytes: 0 };
      const writing = watch(writer.write(bytes, { progress }));
      const behind = watch(writer.write(sequence(10)));
      take();
      const into = new Uint8Array(512);
      expect(await reader.read(into)).toBe(512);
      expectSequence(into);
      const next = reader.read(into);
      await settle();
      expect(writing.state).toBe("rejected");
      expect(writing.reason).toBeInstanceOf(TypeError);
      expect(progress.bytes).toBe(512);
      expect(behind).toMatchObject({ state: "fulfilled", value: 10 });
      expect(await next).toBe(10);
      expectSequence(into.subarray(0, 10));
    },
  );

  // Red when: a write does not check whether its array was detached meanwhile.
  test.for(takes)(
    "PipeReader.read() gets the ring alone where the waiting write's array was %s [PIPE-061]",
    async ([, prepare]) => {
      const { reader, writer } = pipe();
      const { bytes, take } = prepare(1033);
      const writing = rejection(writer.write(bytes));
      writer.close();
      take();
      expect(await drain(reader)).toHaveLength(512);
      expect(await writing).toBeInstanceOf(TypeError);
    },
  );

  // Red when: bytes for a read whose array was detached are lost.
  test.for(takes)(
    "PipeReader.read() into an array that is %s meanwhile rejects when it is touched; the bytes go to the next [PIPE-061]",
    async ([, prepare]) => {
      const { reader, writer } = pipe();
      const { bytes, take } = prepare(20);
      const reading = watch(reader.read(bytes));
      const into = new Uint8Array(4);
      const next = watch(reader.read(into));
      take();
      expect(await writer.write(sequence(10))).toBe(10);
      await settle();
      expect(reading.state).toBe("rejected");
      expect(reading.reason).toBeInstanceOf(TypeError);
      expect(next).toMatchObject({ state: "fulfilled", value: 4 });
      expectSequence(into);
      expect(reader.tryRead(new Uint8Array(20))).toBe(6);
      expect(reader.bytesRead).toBe(10);
    },
  );

  // Red when: a write does not check whether its array was detached meanwhile.
  test("PipeWriter.write() of a transferred array that is detached while it waits rejects, and no bytes are delivered [PIPE-011] [PIPE-061]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const writing = rejection(writer.write(bytes, { transfer: true }));
    const behind = writer.write(sequence(10));
    detach(bytes);
    const chunk = await reader.readChunk();
    expect(await writing).toBeInstanceOf(TypeError);
    const rest = chunk?.length === 10 ? chunk : await reader.readChunk();
    expect(rest).toEqual(sequence(10));
    expect(await behind).toBe(10);
  });

  // Red when: a write whose array is detached in the queue resolves.
  test("PipeWriter.write() whose array is detached while it is queued rejects once it is first in the queue [PIPE-061]", async () => {
    const { reader, writer } = pipe();
    const first = writer.write(sequence(1033));
    const bytes = sequence(10);
    const gone = rejection(writer.write(bytes));
    const last = writer.write(sequence(7, 1033));
    detach(bytes);
    writer.close();
    const received = await drain(reader, 100);
    expect(received.length).toBe(1040);
    expectSequence(received);
    expect(await gone).toBeInstanceOf(TypeError);
    expect(await Promise.all([first, last])).toEqual([1033, 7]);
  });

  // Red when: a write does not check whether its array was detached meanwhile.
  test("PipeReader.views() goes on although the lent array was detached [PIPE-013] [PIPE-061]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const views = reader.views();
    const next = views.next();
    const writing = watch(writer.write(bytes));
    await next;
    detach(bytes);
    const last = views.next();
    const behind = writer.write(sequence(3));
    expectSequence((await last).value);
    await settle();
    expect(writing.state).not.toBe("pending");
    void views.return?.();
    expect(await behind).toBe(3);
  });

  // Red when: the length of an array is read again when the pipe accesses it.
  test("PipeWriter.write() and PipeReader.read() take the length at the call, however the array grows [PIPE-061]", async () => {
    const { reader, writer } = pipe();
    const buffer = new ArrayBuffer(600, { maxByteLength: 2000 });
    const bytes = new Uint8Array(buffer);
    bytes.set(sequence(600));
    const writing = writer.write(bytes);
    buffer.resize(2000);
    writer.close();
    const received = await drain(reader);
    expect(received.length).toBe(600);
    expectSequence(received);
    expect(await writing).toBe(600);
    const growing = pipe();
    const target = new ArrayBuffer(10, { maxByteLength: 100 });
    const reading = growing.reader.read(new Uint8Array(target));
    target.resize(100);
    await growing.writer.write(sequence(50));
    expect(await reading).toBe(10);
  });
});

describe("other memories", () => {
  const memories: readonly (readonly [string, (length: number) => Uint8Array])[] = [
    ["a SharedArrayBuffer", (length) => new Uint8Array(new SharedArrayBuffer(length))],
    [
      "a growable SharedArrayBuffer",
      (length) => new Uint8Array(new SharedArrayBuffer(length, { maxByteLength: 4096 })),
    ],
    [
      "a resizable ArrayBuffer",
      (length) => new Uint8Array(new ArrayBuffer(length, { maxByteLength: 4096 }), 0, length),
    ],
    [
      "a resizable ArrayBuffer, following it",
      (length) => new Uint8Array(new ArrayBuffer(length, { maxByteLength: 4096 })),
    ],
    [
      "WebAssembly memory",
      (length) => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 100, length),
    ],
    [
      "shared WebAssembly memory",
      (length) =>
        new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer, 100, length),
    ],
  ];

  // Red when: arrays over shared memory are rejected.
  test.for(memories)(
    "PipeWriter.write() and PipeReader.read() work with arrays over %s [PIPE-062]",
    async ([, allocate]) => {
      for (const size of [1, 9, 40, 512, 1033]) {
        const { reader, writer } = pipe();
        const bytes = allocate(size);
        bytes.set(sequence(size));
        const waiting = allocate(size);
        const reading = reader.read(waiting);
        expect(await writer.write(bytes)).toBe(size);
        expect(await reading).toBe(size);
        expectSequence(waiting);
        const writing = writer.write(bytes);
        const into = allocate(size);
        expect(await reader.read(into)).toBe(size);
        expectSequence(into);
        expect(await writing).toBe(size);
        expect(writer.tryWrite(bytes.subarray(0, 512))).toBe(Math.min(size, 512));
        expect(reader.tryRead(into.fill(0))).toBe(Math.min(size, 512));
        expectSequence(into.subarray(0, 512));
      }
    },
  );

  // Red when: bytes for a read whose array was detached are lost.
  test("PipeReader.read() into WebAssembly memory that grows meanwhile rejects, and loses no byte [PIPE-061] [PIPE-062]", async () => {
    const { reader, writer } = pipe();
    const memory = new WebAssembly.Memory({ initial: 1 });
    const reading = rejection(reader.read(new Uint8Array(memory.buffer, 0, 100)));
    memory.grow(1);
    writer.tryWrite(sequence(10));
    expect(await reading).toBeInstanceOf(TypeError);
    expect(await reader.read(new Uint8Array(memory.buffer, 0, 100))).toBe(10);
    expectSequence(new Uint8Array(memory.buffer, 0, 10));
  });

  // Red when: bytes for a waiting read are copied one at a time from the beginning, which overwrites shared memory.
  test.for([1, 5, 8, 20, 33, 600])(
    "PipeWriter.write() and PipeReader.read() of %i bytes may share their memory [PIPE-062]",
    async (size) => {
      for (const shift of [1, -1]) {
        const buffer = new Uint8Array(size + 2);
        const bytes = buffer.subarray(1, 1 + size);
        bytes.set(sequence(size));
        const into = buffer.subarray(1 + shift, 1 + shift + size);
        const { reader, writer } = pipe();
        const reading = reader.read(into);
        expect(await writer.write(bytes)).toBe(size);
        expect(await reading).toBe(size);
        expectSequence(into);
      }
    },
  );

  // Red when: bytes of a waiting write are copied one at a time from the beginning, which overwrites shared memory.
  test.for([5, 20, 33, 600])(
    "PipeReader.read() of %i bytes may share its memory with the write that waits [PIPE-062]",
    async (size) => {
      for (const shift of [1, -1]) {
        const buffer = new Uint8Array(512 + size + 2);
        const bytes = buffer.subarray(513, 513 + size);
        bytes.set(sequence(size));
        const { reader, writer } = pipe();
        writer.tryWrite(new Uint8Array(512));
        const writing = writer.write(bytes);
        const into = buffer.subarray(1 + shift, 1 + shift + 512 + size);
        expect(await reader.read(into)).toBe(512 + size);
        expectSequence(into.subarray(512));
        expect(await writing).toBe(size);
      }
    },
  );
});

// Red when: a message names another parameter, or the argument is not validated.
test("pipe() and its calls say which option is of the wrong type [PIPE-060]", async () => {
  expect(() => pipe({ name: 5 as never })).toThrow(/^name must be a string; got 5$/);
  const { reader, writer } = pipe();
  const message = "progress must be an object such as { bytes: 0 }; got 5";
  for (const call of [
    writer.write(new Uint8Array(1), { progress: 5 as never }),
    writer.flush({ progress: 5 as never }),
    reader.read(new Uint8Array(1), { progress: 5 as never }),
  ]) {
    await expect(call).rejects.toMatchObject({ name: "TypeError", message });
  }
});
