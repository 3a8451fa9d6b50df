// Common servers and clients over the conversions, on loopback. Each test leaves nothing open.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, test } from "node:test";
import { serve } from "@hono/node-server";
import { pipe, readAll, readerFrom, readText } from "@pipe512/core";
import { fromReadable, fromWritable, pipeDuplex, toReadable } from "@pipe512/node";
import fastify from "fastify";
import { Hono } from "hono";
import * as undici from "undici";
import { createWebSocketStream, WebSocket, WebSocketServer } from "ws";
import { closed, isNode, listening, nothingLeftOpen, rejection, sequence, sha256 } from "./support.mjs";

const SIZE = 300_001;
const bytes = sequence(SIZE);

/** A reader of `length` bytes, in chunks of 10,000. */
const produce = (size = SIZE) =>
  readerFrom(async (writer) => {
    for (let at = 0; at < size; at += 10_000)
      await writer.write(bytes.subarray(at, Math.min(at + 10_000, size)));
  });

/** An endless producer, and the error of its writes once the consumer has closed. */
function endless() {
  const { reader, writer } = pipe();
  const chunk = sequence(10_000);
  const ended = rejection(
    (async () => {
      for (;;) await writer.write(chunk);
    })(),
  );
  return { reader, ended };
}

/** Echoes, sends endless downloads, closes connections in the middle, and records how transfers ended. */
function echoServer() {
  const downloads = [];
  const uploads = [];
  const server = http.createServer((request, response) => {
    if (request.url === "/echo") {
      pipeline(request, pipeDuplex(), response).catch(() => {});
    } else if (request.url === "/endless") {
      const { reader, ended } = endless();
      downloads.push(ended);
      pipeline(toReadable(reader), response).catch(() => {});
    } else if (request.url === "/hang-up") {
      response.write("x".repeat(5000));
      setTimeout(() => response.destroy(), 20);
    } else {
      const upload = readAll(fromReadable(request));
      uploads.push(
        upload.then(
          (all) => all.length,
          (error) => error,
        ),
      );
      upload.then(
        (all) => response.end(sha256(all)),
        () => response.destroy(),
      );
    }
  });
  return { server, downloads, uploads };
}

const clients = {
  fetch: { fetch, dispatcher: () => undefined },
  undici: { fetch: undici.fetch, dispatcher: () => new undici.Agent() },
};

for (const [name, client] of Object.entries(clients)) {
  // Bun has its own undici, whose agents cannot be destroyed. In Deno an abort does not close the socket of undici.
  describe(name, { skip: name === "undici" && !isNode }, () => {
    const run = (work) =>
      nothingLeftOpen(async () => {
        const own = echoServer();
        const port = await listening(own.server);
        const dispatcher = client.dispatcher();
        const call = (path, options) =>
          client.fetch(`http://127.0.0.1:${port}${path}`, { dispatcher, ...options });
        try {
          await work(call, own);
        } finally {
          await dispatcher?.destroy();
          await closed(own.server);
        }
      });
    const body = (reader) => ({ method: "POST", duplex: "half", body: Readable.toWeb(toReadable(reader)) });

    test("an upload from a pipe, and a download into one", () =>
      run(async (call) => {
        const uploaded = await call("/upload", body(produce()));
        assert.equal(await uploaded.text(), sha256(bytes));
        const echoed = await call("/echo", body(produce()));
        assert.equal(sha256(await readAll(fromReadable(Readable.fromWeb(echoed.body)))), sha256(bytes));
      }));

    test("an abort by the client ends the server's writer and the client's reader", () =>
      run(async (call, { downloads }) => {
        const aborter = new AbortController();
        const response = await call("/endless", { signal: aborter.signal });
        const reader = fromReadable(Readable.fromWeb(response.body));
        assert.ok((await reader.read(new Uint8Array(100))) > 0);
        aborter.abort();
        assert.ok((await rejection(readAll(reader))) instanceof Error);
        assert.ok((await downloads[0]) instanceof Error);
      }));

    test("a reader that closes ends the download at the server", () =>
      run(async (call, { downloads }) => {
        const response = await call("/endless");
        for await (const chunk of fromReadable(Readable.fromWeb(response.body))) if (chunk.length > 0) break;
        assert.ok((await downloads[0]) instanceof Error);
      }));

    test("a server that closes the connection fails the reader", () =>
      run(async (call) => {
        const response = await call("/hang-up");
        assert.ok((await rejection(readAll(fromReadable(Readable.fromWeb(response.body))))) instanceof Error);
      }));

    // Bun and Deno end such an upload cleanly, or never.
    test("an upload whose producer fails is an error on both sides", { skip: !isNode }, () =>
      run(async (call, { server, uploads }) => {
        const arrived = once(server, "request");
        const failing = readerFrom(async (writer) => {
          await writer.write(bytes);
          await arrived;
          throw new Error("the producer failed");
        });
        assert.ok((await rejection(call("/upload", body(failing)))) instanceof Error);
        assert.ok((await uploads[0]) instanceof Error);
      }),
    );
  });
}

describe("frameworks", () => {
  test("hono: a request into a pipe, and a response from one", () =>
    nothingLeftOpen(async () => {
      const app = new Hono();
      app.post("/upload", async (c) =>
        c.text(sha256(await readAll(fromReadable(Readable.fromWeb(c.req.raw.body))))),
      );
      app.get("/download", () => new Response(Readable.toWeb(toReadable(produce()))));
      const server = await new Promise((resolve) => {
        const made = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(made));
      });
      const url = `http://127.0.0.1:${server.address().port}`;
      const agent = new http.Agent();
      const request = http.request(`${url}/upload`, { method: "POST", agent });
      const responded = once(request, "response");
      await pipeline(toReadable(produce()), request);
      assert.equal(await readText(fromReadable((await responded)[0])), sha256(bytes));
      const [download] = await once(http.get(`${url}/download`, { agent }), "response");
      assert.equal(sha256(await readAll(fromReadable(download))), sha256(bytes));
      agent.destroy();
      await closed(server);
    }));

  test("fastify: a reply from a pipe, and a client that closes the connection", () =>
    nothingLeftOpen(async () => {
      const app = fastify();
      const ends = [];
      app.get("/download", (_request, reply) => reply.send(toReadable(produce())));
      app.get("/endless", (_request, reply) => {
        const { reader, ended } = endless();
        ends.push(ended);
        return reply.send(toReadable(reader));
      });
      const url = await app.listen({ port: 0, host: "127.0.0.1" });
      const [whole] = await once(http.get(`${url}/download`, { agent: false }), "response");
      assert.equal(sha256(await readAll(fromReadable(whole))), sha256(bytes));
      const [part] = await once(http.get(`${url}/endless`, { agent: false }), "response");
      const reader = fromReadable(part);
      assert.ok((await reader.read(new Uint8Array(100))) > 0);
      reader.close();
      assert.ok((await ends[0]) instanceof Error);
      await app.close();
    }));

  test("ws: an echo over a stream of messages", () =>
    nothingLeftOpen(async () => {
      const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
      await once(server, "listening");
      server.on("connection", (socket) => {
        const stream = createWebSocketStream(socket);
        pipeline(stream, pipeDuplex(), stream).catch(() => {});
      });
      const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
      await once(socket, "open");
      const stream = createWebSocketStream(socket);
      const reader = fromReadable(stream);
      const writer = fromWritable(stream);
      const into = Buffer.alloc(SIZE);
      const reading = (async () => {
        for (let at = 0; at < SIZE; ) at += await reader.read(into.subarray(at));
      })();
      for (let at = 0; at < SIZE; at += 10_000)
        await writer.write(bytes.subarray(at, Math.min(at + 10_000, SIZE)));
      await reading;
      assert.equal(sha256(into), sha256(bytes));
      reader.close();
      socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    }));
});
