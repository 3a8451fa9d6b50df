import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { readerFrom } from "@pipe512/core";
import { fromObservable, lines, readEach, toObservable } from "@pipe512/rxjs";
import { settle } from "@pipe512/testing/turns";
import { defer, firstValueFrom, lastValueFrom, map, type Observable, retry, take, toArray } from "rxjs";
import { afterEach, expect, test } from "vitest";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a server that responds with `answer`, and returns its address. */
async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Reads the body at `url` through a pipe. */
function body(url: string): ReturnType<typeof readerFrom> {
  return readerFrom(async (writer, { signal }) => {
    const [response] = (await once(get(url, { signal }), "response")) as [IncomingMessage];
    for await (const chunk of response) await writer.write(chunk as Buffer);
  });
}

/** Writes a line in each iteration of the event loop until the connection is closed. */
function endlessLines(response: ServerResponse): void {
  let line = 0;
  const write = (): void => {
    if (response.destroyed) return;
    line += 1;
    if (response.write(`line ${line}\n`)) setImmediate(write);
    else response.once("drain", write);
  };
  write();
}

// Red when: unsubscribing does not close the reader: the server then writes forever.
test("unsubscribing toObservable() in the middle of a response closes the connection on the server [RX-001] [RX-002]", async () => {
  const closings: Array<Promise<unknown>> = [];
  const url = await serve((response) => {
    closings.push(once(response, "close"));
    endlessLines(response);
  });
  const first = await lastValueFrom(toObservable(() => body(url)).pipe(lines(), take(3), toArray()));
  expect(first).toEqual(["line 1", "line 2", "line 3"]);
  await Promise.all(closings);
});

// Red when: a slow project does not stop reading, and so does not stop the server.
test("readEach() over a response makes the server wait for a slow project [RX-003]", async () => {
  let sent = 0;
  const chunk = Buffer.alloc(65_536);
  const url = await serve((response) => {
    const write = (): void => {
      do sent += chunk.length;
      while (response.write(chunk));
      response.once("drain", write);
    };
    write();
  });
  let taken = 0;
  const subscription = readEach(body(url), async (bytes) => {
    taken += bytes.length;
    if (taken > 1_000_000) await new Promise(() => {});
  }).subscribe();
  // The server waits if it sends nothing for some iterations. The sockets between hold some megabytes.
  for (let before = -1; before !== sent || taken <= 1_000_000; ) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(sent - taken).toBeLessThan(32 * 1024 * 1024);
  subscription.unsubscribe();
});

// Red when: a second attempt reads from the reader of the first.
test("toObservable() with a function is retried after a server has failed [RX-008]", async () => {
  let attempts = 0;
  const url = await serve((response) => {
    attempts += 1;
    response.writeHead(200, { "content-length": 10 });
    response.write("12345");
    if (attempts < 3) setImmediate(() => response.destroy());
    else response.end("67890");
  });
  const text = toObservable(() => body(url)).pipe(
    map((chunk) => chunk.length),
    toArray(),
    retry(5),
  );
  const sizes = await firstValueFrom(text);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(10);
  expect(attempts).toBe(3);
});

// Red when: the source of a request's body is not read while it is sent.
test("fromObservable() serves as a request's body through an iterator [RX-005]", async () => {
  const received: Array<Promise<string>> = [];
  const server = createServer((request, response) => {
    received.push(
      request
        .setEncoding("utf8")
        .toArray()
        .then((parts: string[]) => parts.join("")),
    );
    request.on("end", () => response.end());
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const measurements: Observable<string> = defer(() => ["1,20\n", "2,21\n", "3,22\n"]);
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    method: "POST",
    body: Readable.toWeb(Readable.from(fromObservable(measurements))),
    duplex: "half",
  } as RequestInit);
  await response.text();
  expect(await received[0]).toBe("1,20\n2,21\n3,22\n");
});

// Red when: a Node stream counts as a Reader because it has read().
test("readEach() reads a Node stream as an AsyncIterable, and destroys it at unsubscribing [RX-003] [RX-001]", async () => {
  const stream = Readable.from([Buffer.from("one"), Buffer.from("two"), Buffer.from("three")]);
  stream.on("error", () => {}); // Its iterator destroys it with an AbortError.
  const texts = readEach(stream, async (chunk: Buffer) => chunk.toString());
  expect(await lastValueFrom(texts.pipe(take(2), toArray()))).toEqual(["one", "two"]);
  await settle();
  expect(stream.destroyed).toBe(true);
});
