import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { copy, lines, pipe, readAll, readerFrom, readText, writeText } from "@pipe512/core";
import { expectSequence, expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import {
  fromReadableStream,
  fromWritableStream,
  pipeStream,
  toReadableStream,
  toWritableStream,
} from "@pipe512/web";
import {
  BlobReader,
  TextReader,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
  configure,
} from "@zip.js/zip.js";
import { Hono } from "hono";
import { Agent, fetch as undiciFetch, request } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const BYTES = 200_000;

/** Returns the open servers and sockets. */
const handles = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));

/** Functions that close the servers and agents of a test. */
let cleanups: Array<() => unknown> = [];
let before: string[] = [];
beforeEach(() => {
  before = handles();
});
afterEach(async () => {
  for (const cleanup of cleanups) await cleanup();
  cleanups = [];
  for (let turn = 0; turn < 200 && handles().length > before.length; turn++) await settle(1);
  if (handles().length > before.length) throw new Error(`Left open: ${handles().join(", ")}`);
});

async function listening(server: Server): Promise<string> {
  if (!server.listening) await once(server, "listening");
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serverOf = (handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> =>
  listening(createServer(handler).listen(0, "127.0.0.1"));

/** An undici agent that is closed at the end of the test. */
function agent(): Agent {
  const made = new Agent({ pipelining: 0 });
  cleanups.push(() => made.destroy());
  return made;
}

/** A producer of a long sequence, and its result. */
function producer(bytes = BYTES) {
  const outcome = Promise.withResolvers<unknown>();
  const reader = readerFrom(async (writer) => {
    try {
      for (let at = 0; at < bytes; at += 1033) await writer.write(sequence(Math.min(1033, bytes - at), at));
      outcome.resolve("done");
    } catch (error) {
      outcome.resolve(error);
      throw error;
    }
  });
  return { reader, outcome: outcome.promise };
}

describe("undici", { timeout: 30_000 }, () => {
  for (const byob of [true, false]) {
    // Red when: a byte of an upload, or its end, is lost.
    test(`uploads from toReadableStream({ byob: ${byob} }) and downloads to fromReadableStream() [WEB-012]`, async () => {
      const url = await serverOf((incoming, response) => incoming.pipe(response));
      const { reader, outcome } = producer();
      const body = toReadableStream(reader, { byob });
      const answer = await undiciFetch(url, { method: "POST", body, duplex: "half", dispatcher: agent() });
      const bytes = await readAll(fromReadableStream(answer.body as ReadableStream<Uint8Array>));
      expectWhole(bytes, BYTES);
      expect(await outcome).toBe("done");
    });
  }

  // undici does not cancel the body of a failed request (nodejs/node#61460), so the stream gets the signal as well.
  // Red when: aborting the request does not close the producer of its body.
  test("aborting an upload closes its producer, if the stream has the same signal [WEB-012] [WEB-014]", async () => {
    const url = await serverOf(() => {});
    const { reader, outcome } = producer(1e9);
    const aborter = new AbortController();
    const reason = new Error("enough");
    const answer = undiciFetch(url, {
      method: "POST",
      body: toReadableStream(reader, { signal: aborter.signal }),
      duplex: "half",
      signal: aborter.signal,
      dispatcher: agent(),
    });
    const failed = rejection(answer);
    await settle(20);
    aborter.abort(reason);
    expect(await failed).toBe(reason);
    expect(await outcome).toBe(reason);
  });

  // Red when: after a failed request, aborting the stream leaves the producer of the body waiting.
  test("if the server closes an upload, its producer closes once the signal is aborted [WEB-012] [WEB-014]", async () => {
    const url = await serverOf((incoming) => incoming.once("data", () => incoming.socket.destroy()));
    const { reader, outcome } = producer(1e9);
    const aborter = new AbortController();
    const answer = undiciFetch(url, {
      method: "POST",
      body: toReadableStream(reader, { signal: aborter.signal }),
      duplex: "half",
      dispatcher: agent(),
    });
    const failure = await rejection(answer);
    expect(failure).toBeInstanceOf(TypeError);
    aborter.abort(failure);
    expect(await outcome).toBe(failure);
  });

  // Red when: an interrupted download ends cleanly.
  test("if the server closes a download, its reads reject after the received bytes [WEB-010] [WEB-012]", async () => {
    const url = await serverOf((_, response) => {
      response.write(sequence(5000), () => response.socket?.destroy());
    });
    const answer = await undiciFetch(url, { dispatcher: agent() });
    const reader = fromReadableStream(answer.body as ReadableStream<Uint8Array>);
    let at = 0;
    const reading = (async () => {
      for await (const chunk of reader) {
        expectSequence(chunk, at);
        at += chunk.length;
      }
    })();
    expect(await rejection(reading)).toBeInstanceOf(Error);
    await reader.closed;
    expect(await rejection(reader.read(new Uint8Array(0)))).toBeInstanceOf(Error);
  });

  // Red when: leaving does not close the connection.
  test("leaving a download closes the connection [WEB-010] [WEB-012]", async () => {
    const left = Promise.withResolvers<void>();
    const url = await serverOf((_, response) => {
      response.once("close", () => left.resolve());
      const write = (): void => void (response.write(sequence(10_000)) || response.once("drain", write));
      write();
    });
    const { body } = await request(url, { dispatcher: agent() });
    const reader = fromReadableStream(body.body ?? new ReadableStream());
    expect(await reader.read(new Uint8Array(100))).toBeGreaterThan(0);
    reader.close();
    await left.promise;
  });
});

describe("hono", { timeout: 30_000 }, () => {
  const start = (app: Hono): Promise<string> =>
    listening(serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server);

  // Red when: a byte is lost.
  test("streams a download from toReadableStream(), and receives an upload by fromReadableStream() [WEB-012]", async () => {
    const app = new Hono();
    app.get("/download", () => new Response(toReadableStream(producer().reader)));
    app.post("/upload", async (context) => {
      const { body } = context.req.raw;
      return context.text(String((await readAll(fromReadableStream(body ?? new ReadableStream()))).length));
    });
    app.post("/echo", (context) => new Response(context.req.raw.body?.pipeThrough(pipeStream())));
    const url = await start(app);
    const dispatcher = agent();
    const download = await undiciFetch(`${url}/download`, { dispatcher });
    expectWhole(new Uint8Array(await download.arrayBuffer()), BYTES);
    for (const path of ["upload", "echo"]) {
      const body = toReadableStream(producer().reader);
      const answer = await undiciFetch(`${url}/${path}`, {
        method: "POST",
        body,
        duplex: "half",
        dispatcher,
      });
      if (path === "upload") expect(await answer.text()).toBe(String(BYTES));
      else expectWhole(new Uint8Array(await answer.arrayBuffer()), BYTES);
    }
  });

  // Red when: closing the client does not close the producer.
  test("a client that closes the connection closes the producer of its download [WEB-012]", async () => {
    const app = new Hono();
    const { reader, outcome } = producer(1e9);
    app.get("/", () => new Response(toReadableStream(reader)));
    const { body } = await undiciFetch(await start(app), { dispatcher: agent() });
    const consumer = body?.getReader();
    await consumer?.read();
    await consumer?.cancel();
    expect(await outcome).toBeInstanceOf(Error);
  });

  // Red when: a complete line is not sent at once.
  test("streams lines to a client while they are made [WEB-012]", async () => {
    const { reader, writer } = pipe();
    const app = new Hono();
    app.get("/", () => new Response(toReadableStream(reader)));
    const { body } = await undiciFetch(await start(app), { dispatcher: agent() });
    const text = lines(fromReadableStream(body as ReadableStream<Uint8Array>));
    for (const line of ["one", "two", "three"]) {
      await writeText(writer, `${line}\n`);
      expect((await text.next()).value).toBe(line);
    }
    writer.close();
    expect((await text.next()).done).toBe(true);
  });
});

describe("zip.js", { timeout: 30_000 }, () => {
  beforeEach(() => configure({ useWebWorkers: false }));

  // Red when: a view of zip.js is filled at the wrong place, or the end of the archive is lost.
  test("writes an archive, and reads its entries, by toWritableStream() [WEB-012]", async () => {
    const archive = pipe();
    const zipped = readAll(archive.reader);
    const zip = new ZipWriter(toWritableStream(archive.writer));
    await zip.add("text.txt", new TextReader("hello\n".repeat(1000)));
    await zip.add("bytes.bin", toReadableStream(producer().reader));
    await zip.close();
    const entries = await new ZipReader(new Uint8ArrayReader(await zipped)).getEntries();
    const contents: Record<string, Uint8Array> = {};
    for (const entry of entries) {
      const { reader, writer } = pipe();
      const bytes = readAll(reader);
      if (entry.directory) continue;
      await entry.getData(toWritableStream(writer));
      contents[entry.filename] = await bytes;
    }
    expect(new TextDecoder().decode(contents["text.txt"])).toBe("hello\n".repeat(1000));
    expectWhole(contents["bytes.bin"] ?? new Uint8Array(), BYTES);
  });

  // Red when: an error of the archive does not reach the reader.
  test("an entry fails with the error of its source [WEB-012]", async () => {
    const failure = new Error("the source broke");
    const { reader, writer } = pipe();
    await writer.write(sequence(100));
    writer.closeWithError(failure);
    const zip = new ZipWriter(new Uint8ArrayWriter());
    expect(await rejection(zip.add("bytes.bin", toReadableStream(reader)))).toBe(failure);
    expect(await new BlobReader(new Blob(["ok"])).readUint8Array(0, 2)).toHaveLength(2);
  });
});

describe("the platform's own", { timeout: 30_000 }, () => {
  // Red when: finish() resolves before the file is complete, or the end of the compressed bytes is lost.
  test("finish() finishes a CompressionStream, and rejects with its error [PIPE-016] [PIPE-017] [WEB-012]", async () => {
    const compression = new CompressionStream("gzip");
    const text = readText(
      fromReadableStream(compression.readable.pipeThrough(new DecompressionStream("gzip"))),
    );
    const writer = fromWritableStream(compression.writable);
    await copy(producer().reader, writer);
    await writer.finish();
    expect((await text).length).toBeGreaterThan(0);

    const broken = new DecompressionStream("gzip");
    const sink = fromWritableStream(broken.writable);
    const failed = rejection(readAll(fromReadableStream(broken.readable)));
    await sink.write(sequence(0));
    expect(await rejection(sink.write(sequence(100)).then(() => sink.finish()))).toBeInstanceOf(Error);
    expect(await failed).toBeInstanceOf(Error);
  });
});
