// Node's modules and common packages over the conversions: files, processes, pairs, and an S3-compatible server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import readline from "node:readline";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";
import { createGunzip, createGzip } from "node:zlib";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { copy, pipe, readAll, readerFrom, readText, writeText } from "@pipe512/core";
import {
  duplexPair,
  fromReadable,
  fromWritable,
  pipeDuplex,
  toDuplex,
  toReadable,
  toWritable,
} from "@pipe512/node";
import { ZipArchive } from "archiver";
import busboy from "busboy";
import { parse } from "csv-parse";
import { s3Server } from "./s3-server.mjs";
import { closed, isNode, listening, nothingLeftOpen, rejection, sequence, sha256 } from "./support.mjs";

const SIZE = 300_001;
const bytes = sequence(SIZE);

const produce = (size = SIZE) =>
  readerFrom(async (writer) => {
    for (let at = 0; at < size; at += 10_000) await writer.write(sequence(Math.min(10_000, size - at), at));
  });

/** Two connected streams, made in every possible way. */
const connections = {
  "duplexPair()": (options) => duplexPair(options),
  "toDuplex()": (options) => {
    const [there, back] = [pipe(), pipe()];
    return [toDuplex(back.reader, there.writer, options), toDuplex(there.reader, back.writer, options)];
  },
};

/** The options of a TLS client and server with a shared key and without a certificate. */
const sharedKey = Buffer.alloc(32, 7);
const tlsServer = {
  pskCallback: () => sharedKey,
  ciphers: "PSK",
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
};
const tlsClient = {
  ...tlsServer,
  pskCallback: () => ({ psk: sharedKey, identity: "test" }),
  checkServerIdentity: () => undefined,
};

for (const [name, connect] of Object.entries(connections)) {
  // Bun's http runs only over sockets, and Deno's does not run over a given stream.
  describe(`over ${name}`, { skip: !isNode }, () => {
    test("http: bodies of requests are read by one read() for each event", () =>
      nothingLeftOpen(async () => {
        const server = http.createServer((request, response) => {
          const parts = [];
          request.on("readable", () => parts.push(request.read() ?? Buffer.alloc(0)));
          request.on("end", () => response.end(sha256(Buffer.concat(parts))));
        });
        for (const body of [Buffer.from("hello"), bytes, Buffer.alloc(0)]) {
          const [client, side] = connect();
          for (const end of [client, side]) end.on("error", () => {});
          server.emit("connection", side);
          const request = http.request({ createConnection: () => client, method: "PUT" });
          const responded = once(request, "response");
          for (let at = 0; at < body.length; at += 1000) request.write(body.subarray(at, at + 1000));
          request.end();
          assert.equal(await readText(fromReadable((await responded)[0])), sha256(body));
          client.destroy();
        }
        server.close();
      }));

    // Before Node 26 a session does not read while it writes. If both sides write many bytes, one of them must buffer.
    test("http2: a session with two echoes at once", () =>
      nothingLeftOpen(async () => {
        const server = http2.createServer().on("stream", (stream) => {
          stream.respond();
          stream.on("error", () => {});
          stream.pipe(stream);
        });
        const [client, side] = connect({ highWaterMark: 65_536 });
        for (const end of [client, side]) end.on("error", () => {});
        server.emit("connection", side);
        const session = http2.connect("http://localhost", { createConnection: () => client });
        const echo = async () => {
          const request = session.request({ ":method": "POST" });
          request.end(bytes);
          return sha256(await readAll(fromReadable(request)));
        };
        assert.deepEqual(await Promise.all([echo(), echo()]), [sha256(bytes), sha256(bytes)]);
        const over = once(session, "close");
        session.close();
        await over;
        client.destroy();
        side.destroy();
      }));

    test("http2: an upload and a download, one after the other", () =>
      nothingLeftOpen(async () => {
        const server = http2.createServer().on("stream", (stream) => {
          void readAll(fromReadable(stream)).then((all) => {
            stream.respond();
            stream.end(all);
          });
        });
        const [client, side] = connect();
        for (const end of [client, side]) end.on("error", () => {});
        server.emit("connection", side);
        const session = http2.connect("http://localhost", { createConnection: () => client });
        const request = session.request({ ":method": "POST" });
        request.end(bytes);
        assert.equal(sha256(await readAll(fromReadable(request))), sha256(bytes));
        const over = once(session, "close");
        session.close();
        await over;
        client.destroy();
        side.destroy();
      }));

    test("tls: a session, its bytes both ways, and its end", () =>
      nothingLeftOpen(async () => {
        const [one, other] = connect();
        const server = new tls.TLSSocket(other, { isServer: true, ...tlsServer });
        const client = tls.connect({ socket: one, ...tlsClient });
        for (const socket of [server, client]) socket.on("error", () => {});
        await once(client, "secureConnect");
        client.end(bytes);
        assert.equal(sha256(await readAll(fromReadable(server))), sha256(bytes));
        server.end("goodbye");
        assert.equal(await readText(fromReadable(client)), "goodbye");
        one.destroy();
        other.destroy();
      }));
  });
}

describe("text and archives", () => {
  test("readline: a question, and lines", async () => {
    const [input, output] = [pipeDuplex(), pipeDuplex()];
    const asked = once(output, "data");
    const face = readline.createInterface({ input, output });
    const answer = new Promise((resolve) => face.question("name? ", resolve));
    assert.equal(String((await asked)[0]), "name? ");
    input.write("Ada\n");
    assert.equal(await answer, "Ada");
    face.close();
    const numbered = Array.from({ length: 3000 }, (_, number) => `line ${number} €`);
    const lines = [];
    const feed = readerFrom((writer) => writeText(writer, numbered.join("\n")));
    for await (const line of readline.createInterface({ input: toReadable(feed) })) lines.push(line);
    assert.deepEqual(lines, numbered);
  });

  test("zlib: gzip and gunzip as sinks and sources", async () => {
    const [gzip, gunzip] = [createGzip(), createGunzip()];
    const zipping = copy(produce(), fromWritable(gzip)).then(() => gzip.end());
    const unzipping = copy(fromReadable(gzip), fromWritable(gunzip)).then(() => gunzip.end());
    assert.equal(sha256(await readAll(fromReadable(gunzip))), sha256(bytes));
    await Promise.all([zipping, unzipping]);
  });

  test("archiver: an archive of streams through a pipe", async () => {
    const archive = new ZipArchive({ store: true });
    const middle = pipeDuplex();
    const all = readAll(fromReadable(middle));
    archive.pipe(middle);
    archive.append(toReadable(produce()), { name: "one.bin" });
    archive.append(toReadable(produce(1033)), { name: "two.bin" });
    await archive.finalize();
    const zip = Buffer.from(await all);
    assert.equal(zip.readUInt32LE(0), 0x04034b50);
    assert.ok(zip.includes(bytes) && zip.includes(sequence(1033)));
  });

  test("busboy: a multipart form from a pipe", async () => {
    const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n';
    const form = busboy({ headers: { "content-type": "multipart/form-data; boundary=b" } });
    const files = [];
    form.on("file", (_name, file) => files.push(readAll(fromReadable(file))));
    const body = readerFrom(async (writer) => {
      await writeText(writer, head);
      await copy(produce(), writer);
      await writeText(writer, "\r\n--b--\r\n");
    });
    await pipeline(toReadable(body), form);
    assert.equal(sha256(await files[0]), sha256(bytes));
  });

  test("csv-parse: rows of a pipe, and a parser as a sink", async () => {
    const rows = Array.from({ length: 2000 }, (_, row) => [String(row), `row ${row}`]);
    const text = rows.map((row) => row.join(",")).join("\n");
    const parsed = await toReadable(readerFrom((writer) => writeText(writer, text)))
      .pipe(parse())
      .toArray();
    assert.deepEqual(parsed, rows);
    const parser = parse();
    const records = parser.toArray();
    const writer = fromWritable(parser);
    await writeText(writer, text);
    await writer.finish();
    assert.deepEqual(await records, rows);
  });
});

describe("S3", () => {
  const setUp = async (refuse) => {
    const own = s3Server(refuse);
    const port = await listening(own.server);
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${port}`,
      region: "local",
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    });
    const upload = (Body, queueSize = 2) =>
      new Upload({ client, params: { Bucket: "b", Key: "k", Body }, partSize: 5 * 2 ** 20, queueSize });
    const close = async () => {
      client.destroy();
      await closed(own.server);
    };
    return { ...own, upload, close };
  };
  const LARGE = 11 * 2 ** 20 + 33;

  test("an upload of several parts from a pipe", () =>
    nothingLeftOpen(async () => {
      const { upload, objects, close } = await setUp();
      try {
        await upload(toReadable(produce(LARGE))).done();
        assert.equal(sha256(objects.get("/b/k")), sha256(sequence(LARGE)));
      } finally {
        await close();
      }
    }));

  test("a rejected part rejects the upload, and destroying its body stops the producer", () =>
    nothingLeftOpen(async () => {
      const { upload, objects, close } = await setUp((part) => part === 2);
      try {
        const { reader, writer } = pipe();
        const written = rejection(
          (async () => {
            for (const chunk = sequence(50_000); ; ) await writer.write(chunk);
          })(),
        );
        const body = toReadable(reader);
        const error = await rejection(upload(body).done());
        assert.match(error.message, /refused/);
        body.destroy();
        assert.equal((await written).code, "ERR_CLOSED_PIPE");
        assert.equal(objects.size, 0);
      } finally {
        await close();
      }
    }));

  test("an abort rejects the upload", () =>
    nothingLeftOpen(async () => {
      const { upload, objects, close } = await setUp();
      try {
        const body = pipeDuplex();
        body.on("error", () => {});
        body.write(sequence(6 * 2 ** 20));
        const uploading = upload(body);
        const error = rejection(uploading.done());
        await new Promise((resolve) => setTimeout(resolve, 30));
        await uploading.abort();
        assert.equal((await error).name, "AbortError");
        body.destroy();
        assert.equal(objects.size, 0);
      } finally {
        await close();
      }
    }));

  test("the upload rejects with the error of the source, the same object", () =>
    nothingLeftOpen(async () => {
      const { upload, objects, close } = await setUp();
      try {
        const failure = new Error("the source failed");
        const failing = readerFrom(async (writer) => {
          await copy(produce(6 * 2 ** 20), writer, { preventClose: true });
          throw failure;
        });
        assert.equal(await rejection(upload(toReadable(failing)).done()), failure);
        assert.equal(objects.size, 0);
      } finally {
        await close();
      }
    }));
});

describe("disks and processes", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "pipe512-"));
  });
  after(() => rm(folder, { recursive: true }));

  test("finish() resolves when a file is complete and closed", () =>
    nothingLeftOpen(async () => {
      const path = join(folder, "complete");
      const writer = fromWritable(createWriteStream(path));
      await copy(produce(), writer, { preventClose: true });
      await writer.finish();
      assert.equal(statSync(path).size, SIZE);
      const through = toWritable(fromWritable(createWriteStream(`${path}-2`)));
      await pipeline(toReadable(produce()), through);
      assert.equal(statSync(`${path}-2`).size, SIZE);
    }));

  const hasFull = existsSync("/dev/full");
  test("a full device rejects finish(), and writes through it", { skip: !hasFull }, () =>
    nothingLeftOpen(async () => {
      const writer = fromWritable(createWriteStream("/dev/full"));
      await writer.write(Buffer.from("hello"));
      assert.equal((await rejection(writer.finish())).code, "ENOSPC");
      const piped = pipeline(toReadable(produce()), toWritable(fromWritable(createWriteStream("/dev/full"))));
      assert.equal((await rejection(piped)).code, "ENOSPC");
    }),
  );

  test("a file that cannot be opened rejects finish()", () =>
    nothingLeftOpen(async () => {
      const missing = fromWritable(createWriteStream(join(folder, "missing", "file")));
      assert.equal((await rejection(missing.finish())).code, "ENOENT");
    }));

  const run = async (command, args) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const [out, err] = [readText(fromReadable(child.stdout)), readText(fromReadable(child.stderr))];
    const [code] = await once(child, "close");
    return { code, out: await out, err: await err };
  };
  const program = new URL("./sink-program.mjs", import.meta.url).pathname;

  test("an error that no call rejects with ends the process", { skip: !(isNode && hasFull) }, async () => {
    const { code, err } = await run(process.execPath, [
      ...process.execArgv.filter((arg) => arg.startsWith("--conditions")),
      program,
      "/dev/full",
      "close",
    ]);
    assert.equal(code, 1);
    assert.match(err, /ENOSPC/);
  });

  test("a file at its size limit rejects finish()", {
    skip: !(isNode && existsSync("/bin/bash")),
  }, async () => {
    const conditions = process.execArgv.filter((arg) => arg.startsWith("--conditions")).join(" ");
    const script = `ulimit -f 64; exec "${process.execPath}" ${conditions} "${program}" "${join(folder, "quota")}" finish`;
    const { code, out } = await run("/bin/bash", ["-c", script]);
    assert.deepEqual([code, out], [0, "EFBIG\n"]);
  });

  test("a child is written to, and read from, to the last byte", () =>
    nothingLeftOpen(async () => {
      const child = spawn("cat", [], { stdio: ["pipe", "pipe", "inherit"] });
      const gone = once(child, "close");
      const all = readAll(fromReadable(child.stdout));
      const stdin = fromWritable(child.stdin);
      await copy(produce(), stdin, { preventClose: true });
      await stdin.finish();
      assert.equal(sha256(await all), sha256(bytes));
      await gone;
    }));
});
