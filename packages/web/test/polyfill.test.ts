import { pipe, readAll } from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import {
  fromReadableStream,
  fromWritableStream,
  pipeStream,
  toReadableStream,
  toWritableStream,
} from "@pipe512/web";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as polyfill from "web-streams-polyfill";
import { hasByteStreams } from "./support/engine.ts";

const isPolyfilled = ({ readable, writable }: ReturnType<typeof pipeStream>): boolean =>
  readable instanceof polyfill.ReadableStream && writable instanceof polyfill.WritableStream;

describe("web-streams-polyfill in place of the engine's own", () => {
  beforeEach(({ skip }) => {
    for (const [name, value] of Object.entries(polyfill)) vi.stubGlobal(name, value);
    // WebKitGTK 2.50 does not look up a replaced global in code compiled during earlier tests.
    const keepsItsOwn = !hasByteStreams && ![true, false].every((byob) => isPolyfilled(pipeStream({ byob })));
    skip(keepsItsOwn, "the engine keeps its own streams in code that it has compiled");
  });
  afterEach(() => void vi.unstubAllGlobals());

  // Red when: the code uses a feature of the engine that the polyfill does not have.
  test("pipeStream() delivers every byte to default and BYOB reads [WEB-012]", async () => {
    for (const byob of [true, false]) {
      const { readable, writable } = pipeStream({ byob });
      expect(readable).toBeInstanceOf(polyfill.ReadableStream);
      expect(writable).toBeInstanceOf(polyfill.WritableStream);
      const reader = fromReadableStream(readable);
      const writer = fromWritableStream(writable);
      const bytes = readAll(reader);
      for (let at = 0; at < 5165; at += 1033) await writer.write(sequence(1033, at));
      writer.close();
      expectWhole(await bytes, 5165);
    }
  });

  // Red when: the view is not settled at the end.
  test("a BYOB read gets the bytes, and a pending one gets the end [WEB-012]", async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    await writer.write(sequence(300));
    expectWhole((await consumer.read(new Uint8Array(512))).value ?? new Uint8Array(), 300);
    const waiting = consumer.read(new Uint8Array(512));
    await settle();
    writer.close();
    expect((await waiting).done).toBe(true);
  });

  // Red when: errors are wrapped.
  test("abort(), cancel() and errors pass as the same object [WEB-012]", async () => {
    const failure = new Error("enough");
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    const written = sink.write(sequence(1033));
    await settle();
    await Promise.all([expect(written).rejects.toBe(failure), sink.abort(failure)]);
    expect(await reader.read(new Uint8Array(600))).toBe(512);
    await expect(reader.read(new Uint8Array(600))).rejects.toBe(failure);

    const other = pipe();
    const waiting = other.writer.write(sequence(1033));
    await Promise.all([
      expect(waiting).rejects.toBe(failure),
      toReadableStream(other.reader).cancel(failure),
    ]);
  });

  // Red when: the iterator of the polyfill is used.
  test("a loop over a stream, pipeThrough() and tee() get every byte [WEB-012]", async () => {
    const { reader, writer } = pipe();
    const [one, other] = toReadableStream(reader).pipeThrough(pipeStream()).tee();
    const bytes = Promise.all([one, other].map((branch) => readAll(fromReadableStream(branch))));
    const written = writer.write(sequence(3000)).then(() => writer.close());
    for (const each of await bytes) expectWhole(each, 3000);
    await written;

    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    const closed = sink.write(sequence(1033)).then(() => sink.close());
    const chunks: Uint8Array[] = [];
    for await (const chunk of readable) chunks.push(chunk);
    expectWhole(joined(chunks), 1033);
    await closed;
  });
});
