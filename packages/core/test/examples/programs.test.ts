import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipe, readText, writeText } from "@pipe512/core";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { download } from "../../../../examples/hash-and-store/download.ts";
import { listen, serve } from "../../../../examples/line-protocol/server.ts";
import { form } from "../../../../examples/multipart-upload/upload.ts";

const servers: Server[] = [];

/** A server on the loopback interface, closed at the end of the test. */
async function listening(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((...both) => void handle(...both)).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

describe("examples/line-protocol", () => {
  // Red when: bytes that were read ahead behind a line are lost; or a reply waits for the next block.
  test("bufferedReader() and bufferedWriter() serve lines and bytes over TCP [IO-001] [IO-002]", async () => {
    const server = listen(0, 30_000);
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const replies = text(socket);
    socket.write("SET greeting 12\r\nhello\nworld\n");
    socket.write("GET greeting\r\nSHOUT\r\nQUIT\r\n");
    expect(await replies).toBe("OK\n12\nhello\nworld\nERROR unknown command\n");
    server.close();
  });

  // Red when: the program waits for a line after its time limit.
  test("bufferedReader().readLine() times out when a client sends nothing [IO-001]", async () => {
    const requests = pipe();
    const replies = pipe();
    const serving = serve(requests.reader, replies.writer, new Map(), 1);
    await writeText(requests.writer, "GET a");
    expect(await readText(replies.reader)).toBe("ERROR TimeoutError\n");
    await serving;
    expect(await rejection(writeText(requests.writer, "\n"))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });
});

describe("examples/multipart-upload", () => {
  // Red when: the parts come in another order; or the server accepts a truncated form as complete.
  test("concat() and limit() make a form that a server can read [IO-003] [IO-004]", async () => {
    const url = await listening(async (request, response) => {
      const headers = { "Content-Type": request.headers["content-type"] ?? "" };
      const file = (await new Response(await text(request), { headers }).formData()).get("file") as File;
      response.end(`${file.name}: ${await file.text()}`);
    });
    const response = await fetch(url, form("rows.txt", ["one\n", "two\n"], 8));
    expect(await response.text()).toBe("rows.txt: one\ntwo\n");
  });

  // Red when: a file that is too long is truncated; or its generator is not stopped.
  test("limit({ overflow: error }) ends an upload that is too long, and its generator [IO-003]", async () => {
    let isWhole = false;
    const url = await listening((request) => request.on("end", () => (isWhole = true)).resume());
    let left = false;
    function* endless(): Generator<string> {
      try {
        for (;;) yield "row\n";
      } finally {
        left = true;
      }
    }
    const error = await rejection(fetch(url, form("rows.txt", endless(), 1000)));
    expect((error as Error).cause ?? error).toMatchObject({
      message: "Cannot read more than 1000 bytes: raise maxBytes",
    });
    expect(left).toBe(true);
    const [server] = servers;
    const closed = once(server as Server, "close");
    server?.close().closeAllConnections();
    await closed;
    expect(isWhole).toBe(false);
  });
});

describe("examples/hash-and-store", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pipe512-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  // Red when: a chunk is hashed but not written; or the file is renamed before it is complete.
  test("tee() stores what is hashed, and ends when the file is closed [IO-005]", async () => {
    const bytes = Buffer.from(sequence(1_000_003));
    const url = await listening((_, response) => response.end(bytes));
    const path = join(folder, "file");
    expect(await download(url, path)).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  // Red when: a part of the content is reported as complete; or an error is lost.
  test("tee() leaves no file when the network or the disk fails [IO-005]", async () => {
    const url = await listening((_, response) => {
      response.writeHead(200, { "Content-Length": 1_000_003 });
      response.write(sequence(100_000), () => response.destroy());
    });
    expect(await rejection(download(url, join(folder, "file")))).toMatchObject({ name: "TypeError" });
    expect(await readdir(folder)).toEqual([]);
    const whole = await listening((_, response) => response.end(sequence(100_000)));
    expect(await rejection(download(whole, join(folder, "missing", "file")))).toMatchObject({
      code: "ENOENT",
    });
  });
});
