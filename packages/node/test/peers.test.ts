import { spawn } from "node:child_process";
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import tls from "node:tls";
import { createGunzip, createGzip } from "node:zlib";
import { copy, lines, type PipeReader, pipe, readAll, readerFrom, readText } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";
import { expectNothingLeftOpen } from "./support/handles.ts";
import { rejection, settle } from "./support/turns.ts";

// Common peers of a stream, on loopback and on disk. Each test leaves nothing open.

const SIZE = 1_000_003;
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Writes until the other side closes. Then `ended` has the error of the writes. */
function endless(): { readonly reader: PipeReader; readonly ended: Promise<any> } {
  const { reader, writer } = pipe();
  const ended = rejection(
    (async () => {
      for (const chunk = sequence(10_000); ; ) await writer.write(chunk);
    })(),
  );
  return { reader, ended };
}

/** The options of a TLS client and server with a shared key and without a certificate. */
const sharedKey = Buffer.alloc(32, 7);
const tlsServer: object = {
  pskCallback: () => sharedKey,
  ciphers: "PSK",
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
};
const tlsClient: object = {
  ...tlsServer,
  pskCallback: () => ({ psk: sharedKey, identity: "test" }),
  checkServerIdentity: () => undefined,
};

async function listening(server: net.Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

function closed(server: net.Server): Promise<unknown> {
  const done = once(server, "close");
  server.close();
  return done;
}

describe("files", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pipe512-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  // Red when: any conversion loses a chunk.
  test("a file passes through gzip and gunzip by every conversion, with the same SHA-256", async () => {
    const bytes = sequence(SIZE);
    const [plain, zipped, back] = ["plain", "plain.gz", "back"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(plain, bytes);
    await expectNothingLeftOpen(async () => {
      const { reader, writer } = pipe();
      await Promise.all([
        pipeline(createReadStream(plain), toWritable(writer)),
        pipeline(toReadable(reader), createGzip(), pipeDuplex(), createWriteStream(zipped)),
      ]);
      const source = createReadStream(zipped);
      const gunzip = createGunzip();
      const sink = createWriteStream(back);
      const finished = once(sink, "finish");
      const into = fromWritable(sink);
      const unzipping = copy(fromReadable(source), fromWritable(gunzip)).then(() => gunzip.end());
      await copy(fromReadable(gunzip), into);
      into.close();
      await Promise.all([unzipping, finished]);
    });
    expect(sha256(await readFile(back))).toBe(sha256(bytes));
  });

  // Red when: the error of the file is replaced.
  test("a missing file fails the reader, and a file that cannot be written fails the writer", async () => {
    await expectNothingLeftOpen(async () => {
      const missing = join(folder, "missing", "file");
      expect(await rejection(readAll(fromReadable(createReadStream(missing))))).toMatchObject({
        code: "ENOENT",
      });
      const writer = fromWritable(createWriteStream(missing, { highWaterMark: 1 }));
      expect(await rejection(writer.write(sequence(5)))).toMatchObject({ code: "ENOENT" });
    });
  });
});

describe("http", () => {
  // Red when: the pipe is not closed when the response is.
  test("a pipe delivers a body slowly, and a client that closes the connection stops its writer at once", async () => {
    await expectNothingLeftOpen(async () => {
      const stopped: Array<Promise<any>> = [];
      const server = http.createServer((_request, response) => {
        const { reader, ended } = endless();
        stopped.push(ended);
        pipeline(toReadable(reader), response).catch(() => {});
      });
      const port = await listening(server);
      const request = http.get({ port, host: "127.0.0.1", agent: false });
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      const slow = fromReadable(response);
      const into = new Uint8Array(1000);
      let sum = 0;
      for (let count: number | null = 1; sum < 200_000 && count !== null; sum += count ?? 0) {
        count = await slow.read(into);
        if (sum % 20_000 < 1000) await settle(2); // A slow client.
      }
      slow.close();
      expect(await stopped[0]).toBeInstanceOf(Error);
      await closed(server);
    });
  });

  // Red when: an interrupted upload ends cleanly.
  test("an upload is read into a pipe, and an interrupted one fails the reader", async () => {
    await expectNothingLeftOpen(async () => {
      const uploads: Array<Promise<Uint8Array>> = [];
      let arrived = (): void => {};
      const server = http.createServer((request, response) => {
        const reader = fromReadable(request);
        uploads.push(readAll(reader));
        uploads.at(-1)?.then(
          () => response.end("thanks"),
          () => response.destroy(),
        );
        arrived();
      });
      const port = await listening(server);
      const options = { port, host: "127.0.0.1", method: "POST", agent: false };
      const whole = http.request(options);
      await pipeline(toReadable(readerFrom((writer) => writer.write(sequence(100_000)))), whole);
      const [response] = (await once(whole, "response")) as [http.IncomingMessage];
      expect(await readText(fromReadable(response))).toBe("thanks");
      expectSequence((await uploads[0]) as Uint8Array, 100_000);

      const came = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const { reader, ended } = endless();
      const broken = http.request(options);
      const sending = rejection(pipeline(toReadable(reader), broken));
      await came;
      broken.destroy(new Error("hung up"));
      expect(await sending).toMatchObject({ message: "hung up" });
      expect(await ended).toMatchObject({ message: "hung up" });
      expect(await rejection(uploads[1] as Promise<Uint8Array>)).toMatchObject({ code: "ECONNRESET" });
      await closed(server);
    });
  });
});

describe("sockets", () => {
  // Red when: the end of one way closes the other way.
  test("net: an echo through a pipeDuplex returns every byte, after the client has called end()", async () => {
    await expectNothingLeftOpen(async () => {
      const server = net.createServer({ allowHalfOpen: true }, (socket) => {
        pipeline(socket, pipeDuplex(), socket).catch(() => {});
      });
      const port = await listening(server);
      const client = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      const writer = fromWritable(client);
      const all = readAll(fromReadable(client));
      for (let at = 0; at < SIZE; at += 50_000) await writer.write(sequence(Math.min(50_000, SIZE - at), at));
      writer.close();
      expectSequence(await all, SIZE);
      await closed(server);
    });
  });

  // Red when: a reset does not fail the pipe.
  test("net: a peer that resets the connection fails the pipe on this side", async () => {
    await expectNothingLeftOpen(async () => {
      const server = net.createServer((socket) =>
        socket.on("error", () => {}).once("data", () => socket.resetAndDestroy()),
      );
      const port = await listening(server);
      const client = net.connect({ port, host: "127.0.0.1" });
      const { reader, ended } = endless();
      const sending = rejection(pipeline(toReadable(reader), client));
      expect(["ECONNRESET", "EPIPE"]).toContain((await sending).code);
      expect(["ECONNRESET", "EPIPE"]).toContain((await ended).code);
      await closed(server);
    });
  });

  // Red when: the end of one way closes the other way, or a byte is lost.
  test("tls: an echo through a pipeDuplex over loopback returns every byte", async () => {
    await expectNothingLeftOpen(async () => {
      const server = tls.createServer({ allowHalfOpen: true, ...tlsServer }, (socket) => {
        pipeline(socket, pipeDuplex(), socket).catch(() => {});
      });
      const port = await listening(server);
      const options = { port, host: "127.0.0.1", allowHalfOpen: true, ...tlsClient };
      const client = tls.connect(options as tls.ConnectionOptions);
      const writer = fromWritable(client);
      const all = readAll(fromReadable(client));
      for (let at = 0; at < SIZE; at += 50_000) await writer.write(sequence(Math.min(50_000, SIZE - at), at));
      writer.close();
      expectSequence(await all, SIZE);
      await closed(server);
    });
  });

  // Red when: the pair loses a byte, or does not close with its TLS sockets.
  test("tls: a session over a duplexPair carries bytes both ways, and closes", async () => {
    await expectNothingLeftOpen(async () => {
      const [one, other] = duplexPair();
      const server = new tls.TLSSocket(other, { isServer: true, ...tlsServer });
      const client = tls.connect({ socket: one, ...tlsClient });
      await once(client, "secureConnect");
      client.end(sequence(100_000));
      expectSequence(await readAll(fromReadable(server)), 100_000);
      server.end("goodbye");
      client.resume();
      await once(client, "close");
    });
  });
});

describe("processes", () => {
  const echo = ["-e", "process.stdin.pipe(process.stdout)"];

  // Red when: stdin is not ended when the writer closes.
  test("a child's stdin is written, and its stdout read, to the last byte", async () => {
    await expectNothingLeftOpen(async () => {
      const child = spawn(process.execPath, echo, { stdio: ["pipe", "pipe", "inherit"] });
      const gone = once(child, "exit");
      const stdin = fromWritable(child.stdin);
      const all = readAll(fromReadable(child.stdout));
      for (let at = 0; at < SIZE; at += 100_000)
        await stdin.write(sequence(Math.min(100_000, SIZE - at), at));
      stdin.close();
      expectSequence(await all, SIZE);
      await gone;
    });
  });

  // Red when: the end of the child is not detected.
  test("killing a child fails the writes to it", async () => {
    await expectNothingLeftOpen(async () => {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
        stdio: ["pipe", "ignore", "inherit"],
      });
      const { reader, ended } = endless();
      const sending = rejection(pipeline(toReadable(reader), child.stdin));
      child.kill("SIGKILL");
      expect(await sending).toBeInstanceOf(Error);
      expect(await ended).toBeInstanceOf(Error);
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    });
  });
});

describe("text and transforms", () => {
  const numbered = Array.from({ length: 5000 }, (_, number) => `line ${number} €`);

  // Red when: a line or a character is split at a chunk boundary.
  test("readline reads lines from a pipe, and lines() from a stream", async () => {
    const producing = (): PipeReader =>
      readerFrom(async (writer) => {
        for (const line of numbered) await writer.write(Buffer.from(`${line}\n`));
      });
    await expectNothingLeftOpen(async () => {
      const read: string[] = [];
      for await (const line of createInterface({ input: toReadable(producing()) })) read.push(line);
      expect(read).toEqual(numbered);
      const again: string[] = [];
      for await (const line of lines(fromReadable(toReadable(producing())))) again.push(line);
      expect(again).toEqual(numbered);
    });
  });

  // Red when: the hash gets a chunk that was changed after it was written.
  test("crypto: a cipher and a decipher, and a hash at the end of a pipe", async () => {
    const key = Buffer.alloc(32, 1);
    const iv = Buffer.alloc(16, 2);
    const bytes = sequence(SIZE);
    const hash = createHash("sha256");
    await expectNothingLeftOpen(async () => {
      const source = readerFrom(async (writer) => {
        const chunk = new Uint8Array(10_000);
        for (let at = 0; at < SIZE; at += chunk.length) {
          const length = bytes.copy(chunk, 0, at);
          await writer.write(chunk.subarray(0, length));
        }
      });
      await pipeline(
        toReadable(source),
        createCipheriv("aes-256-ctr", key, iv),
        pipeDuplex(),
        createDecipheriv("aes-256-ctr", key, iv),
        hash,
      );
    });
    expect(hash.digest("hex")).toBe(sha256(bytes));
  });
});
