import { lines, pipe, readAll, readText, writeText } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import {
  fromReadableStream,
  fromWritableStream,
  pipeStream,
  toReadableStream,
  toWritableStream,
} from "@pipe512/web";
import { describe, expect, inject, test } from "vitest";
import { isPage, uploadsStreams } from "./support/engine.ts";
import { received } from "./support/streams.ts";

const fixtures = inject("fixtures");
// Chromium uploads streams only over HTTP/2, and Node does not trust the certificate of that server.
const uploads = isPage ? fixtures.https : fixtures.http;

let requests = 0;
/** Returns a unique name for a request, by which the server reports how it ended. */
const newId = (): string => `${navigator.userAgent} ${performance.timeOrigin} ${++requests}`;

async function ending(server: string, id: string): Promise<{ bytes: number; complete: boolean }> {
  const response = await fetch(`${server}/ending?${new URLSearchParams({ id })}`);
  return (await response.json()) as { bytes: number; complete: boolean };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const body = async (query: Record<string, string>): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> => {
  const response = await fetch(`${fixtures.http}/slow-download?${new URLSearchParams(query)}`);
  return response.body as ReadableStream<Uint8Array<ArrayBuffer>>;
};

describe("a download", () => {
  // Red when: a byte is lost between two chunks.
  test("fromReadableStream() reads the body of a response from a slow server [WEB-012]", async () => {
    const bytes = await readAll(fromReadableStream(await body({ bytes: "10000" })));
    expect(bytes).toEqual(Uint8Array.from({ length: 10_000 }, (_, index) => index));
  });

  // Red when: the end or an error of the pipe is lost.
  test("a body can be piped through pipeStream(), and into toWritableStream() [WEB-012]", async () => {
    const { reader, writer } = pipe();
    const bytes = readAll(reader);
    await (await body({ bytes: "10000" })).pipeThrough(pipeStream()).pipeTo(toWritableStream(writer));
    expect(await bytes).toEqual(Uint8Array.from({ length: 10_000 }, (_, index) => index));
  });

  for (const [how, leave] of [
    ["fromReadableStream().close()", (stream) => leaveByReader(stream)],
    ["cancel() after pipeStream()", (stream) => leaveByCancel(stream)],
    ["a reader that closes after toWritableStream()", (stream) => leaveByPipe(stream)],
  ] as ReadonlyArray<[string, (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => Promise<void>]>) {
    // Red when: the body is not cancelled.
    test(`the server of a download detects ${how} [WEB-012]`, async () => {
      const id = newId();
      await leave(await body({ bytes: "100000000", chunk: "10000", id }));
      const { bytes, complete } = await ending(fixtures.http, id);
      expect(complete).toBe(false);
      expect(bytes).toBeLessThan(100_000_000);
    });
  }
});

async function leaveByReader(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const reader = fromReadableStream(stream);
  expect(await reader.read(new Uint8Array(1))).toBe(1);
  reader.close();
}

async function leaveByCancel(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const consumer = stream.pipeThrough(pipeStream()).getReader();
  expect((await consumer.read()).done).toBe(false);
  await consumer.cancel();
}

async function leaveByPipe(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const { reader, writer } = pipe();
  const piped = stream.pipeTo(toWritableStream(writer));
  await reader.read(new Uint8Array(1));
  reader.close();
  await expect(piped).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
}

describe("an upload", () => {
  const upload = (stream: ReadableStream<Uint8Array<ArrayBuffer>>, query: Record<string, string> = {}) =>
    fetch(`${uploads}/slow-upload?${new URLSearchParams(query)}`, {
      method: "POST",
      body: stream,
      duplex: "half",
    } as RequestInit);

  // Red when: the last chunk is truncated.
  test("fetch() sends the bytes of a pipe to a slow server [WEB-012]", async ({ skip }) => {
    skip(!uploadsStreams, "the engine uploads no streams");
    for (const byob of [true, false]) {
      const { reader, writer } = pipe();
      const answer = upload(toReadableStream(reader, { byob }));
      for (let at = 0; at < 10_330; at += 1033) await writer.write(sequence(1033, at));
      writer.close();
      expect(await (await answer).json()).toEqual({ bytes: 10_330, sha256: await sha256(sequence(10_330)) });
    }
  });

  // Red when: the error becomes the end, so that the server accepts a part as the whole.
  test("fetch() fails, and the server gets no clean end, if the writer fails [WEB-012]", async ({ skip }) => {
    skip(!uploadsStreams, "the engine uploads no streams");
    const id = newId();
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    const answer = upload(readable, { id });
    await sink.write(sequence(10_330));
    await sink.abort(new Error("the source broke"));
    await expect(answer).rejects.toBeInstanceOf(Error);
    expect((await ending(uploads, id)).complete).toBe(false);
  });
});

describe("bodies", () => {
  // Red when: the platform does not accept the stream.
  test("a Response and a Request deliver the bytes of a pipe [WEB-012]", async () => {
    const bodies = [
      (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => new Response(stream),
      ...(uploadsStreams
        ? [
            (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
              new Request("http://localhost", {
                method: "POST",
                body: stream,
                duplex: "half",
              } as RequestInit),
          ]
        : []),
    ];
    for (const bodyOf of bodies) {
      for (const byob of [true, false]) {
        const { reader, writer } = pipe();
        const written = writeText(writer, "smör och bröd\n".repeat(100)).then(() => writer.close());
        expect(await bodyOf(toReadableStream(reader, { byob })).text()).toBe("smör och bröd\n".repeat(100));
        await written;
      }
    }
  });

  // Red when: a clone consumes the bytes of the other.
  test("a clone of a Response over a pipe delivers the same bytes [WEB-012]", async () => {
    const { reader, writer } = pipe();
    const response = new Response(toReadableStream(reader));
    const [one, other] = [response.clone(), response].map((each) => each.text());
    await writeText(writer, "line\n".repeat(1000));
    writer.close();
    expect(await one).toBe("line\n".repeat(1000));
    expect(await other).toBe("line\n".repeat(1000));
  });

  // Red when: the body of a Blob ends early.
  test("a Blob is read line by line [WEB-012]", async () => {
    const found: string[] = [];
    const blob = new Blob(["one\n", "two\nthr", "ee"]);
    for await (const line of lines(fromReadableStream(blob.stream()))) found.push(line);
    expect(found).toEqual(["one", "two", "three"]);
  });
});

describe("transforms of the platform", () => {
  // Red when: a chunk is cut in the middle.
  test("compressing and decompressing through pipeStream() returns the same bytes [WEB-012]", async () => {
    for (const byob of [true, false]) {
      const { readable, writable } = pipeStream({ byob });
      const bytes = received(
        readable
          .pipeThrough(new CompressionStream("gzip"))
          .pipeThrough(pipeStream({ byob }))
          .pipeThrough(new DecompressionStream("gzip")),
      );
      const sink = writable.getWriter();
      for (let at = 0; at < 20_660; at += 1033) await sink.write(sequence(1033, at));
      await sink.close();
      expectWhole(await bytes, 20_660);
    }
  });

  // Red when: fromWritableStream() closes before its last write.
  test("fromWritableStream() and fromReadableStream() write and read a CompressionStream [WEB-012]", async () => {
    const compression = new CompressionStream("deflate");
    const decompression = new DecompressionStream("deflate");
    const [writer, reader] = [
      fromWritableStream(compression.writable),
      fromReadableStream(decompression.readable),
    ];
    const piped = compression.readable.pipeTo(decompression.writable);
    const bytes = readAll(reader);
    for (let at = 0; at < 20_660; at += 1033) await writer.write(sequence(1033, at));
    writer.close();
    expectWhole(await bytes, 20_660);
    await piped;
  });

  // Red when: the writer does not get the error of the transform.
  test("a DecompressionStream with invalid input fails the reader and the writer [WEB-012]", async () => {
    const { reader, writer } = pipe();
    const stream = toReadableStream(reader).pipeThrough(new DecompressionStream("gzip"));
    const written = writer.write(new Uint8Array(100_000).fill(7));
    await expect(readAll(fromReadableStream(stream))).rejects.toBeInstanceOf(Error);
    await written.catch(() => {});
    await settle(32);
    await expect(writer.write(new Uint8Array(1))).rejects.toBeInstanceOf(Error);
  });

  // Red when: a character split between two chunks is damaged.
  test("TextDecoderStream and TextEncoderStream keep a character that is split at byte 512 [WEB-012]", async () => {
    const text = `${"x".repeat(511)}\u{1F9C8}${"ö".repeat(1000)}`;
    const { readable, writable } = pipeStream();
    const strings = new TransformStream<string, string>();
    const encoded = strings.readable.pipeThrough(new TextEncoderStream()).pipeTo(writable);
    const sink = strings.writable.getWriter();
    const written = sink.write(text).then(() => sink.close());
    let decoded = "";
    const consumer = readable.pipeThrough(new TextDecoderStream()).getReader();
    for (let step = await consumer.read(); !step.done; step = await consumer.read()) decoded += step.value;
    expect(decoded).toBe(text);
    await Promise.all([encoded, written]);

    const { reader, writer } = pipe();
    const whole = readText(reader);
    await writeText(fromWritableStream(toWritableStream(writer)), text);
    writer.close();
    expect(await whole).toBe(text);
  });
});
