// The main behaviour of @pipe512/node, tested on the built package in any runtime with node:stream and node:test.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { finished, PassThrough, pipeline, Readable, Writable } from "node:stream";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { createGunzip, createGzip } from "node:zlib";
import { pipe, readAll, readText, writeText } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";

const SIZES = [0, 1, 511, 512, 513, 1024, 1033, 100_000];
const failure = new Error("the power failed");

const sequence = (length, start = 0) =>
  Buffer.from(Uint8Array.from({ length }, (_, index) => Math.imul(start + index, 0x9e3779b1) >>> 24));

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function settle(turns = 12) {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function drain(readable) {
  const chunks = [];
  for await (const chunk of readable) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Starts a loop over the stream, and leaves it. */
const leave = (readable) => readable[Symbol.asyncIterator]().return();

/** Returns the value that a promise rejects with. */
const rejection = (promise) =>
  promise.then(
    () => assert.fail("it fulfilled"),
    (error) => error,
  );

/** Returns the error that `finished()` or `pipeline()` reports. */
const outcome = (call, ...args) => new Promise((resolve) => call(...args, (error) => resolve(error)));

const streams = {
  toReadable: () => toReadable(pipe().reader),
  toWritable: () => toWritable(held().writer),
  pipeDuplex: () => pipeDuplex(),
  duplexPair: () => {
    const [one, other] = duplexPair();
    other.on("error", () => {});
    return one;
  },
};

/** Keeps readers alive, so that no stream detects a lost one. */
const kept = [];
function held() {
  const ends = pipe();
  kept.push(ends.reader);
  return ends;
}

describe("bytes", () => {
  for (const size of SIZES) {
    test(`all conversions carry ${size} bytes in order`, async () => {
      const there = pipe();
      toWritable(there.writer).end(sequence(size));
      assert.equal(sha256(await drain(toReadable(there.reader))), sha256(sequence(size)));
      const duplex = pipeDuplex();
      duplex.end(sequence(size));
      assert.equal(sha256(await readAll(fromReadable(duplex))), sha256(sequence(size)));
      const [one, other] = duplexPair();
      const writer = fromWritable(one);
      const all = readAll(fromReadable(other));
      for (let at = 0; at < size; at += 300) await writer.write(sequence(Math.min(300, size - at), at));
      writer.close();
      assert.equal(sha256(await all), sha256(sequence(size)));
    });
  }

  test("a pipeline of foreign streams, with a pipeDuplex in the middle", async () => {
    const chunks = Array.from({ length: 100 }, (_, index) => sequence(777, index * 777));
    const parts = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        parts.push(chunk);
        setImmediate(() => done());
      },
    });
    const error = await outcome(
      pipeline,
      Readable.from(chunks, { objectMode: false }),
      createGzip(),
      pipeDuplex(),
      createGunzip(),
      sink,
    );
    assert.equal(error ?? null, null);
    assert.equal(sha256(Buffer.concat(parts)), sha256(sequence(77_700)));
  });

  test("strings in any encoding, and split characters", async () => {
    const text = `${"x".repeat(511)}€`;
    const { reader, writer } = pipe();
    const writable = toWritable(writer);
    writable.write(Buffer.from(text).toString("hex"), "hex");
    writable.end(text);
    const parts = [];
    for await (const part of toReadable(reader, { encoding: "utf8", chunkSize: 512 })) parts.push(part);
    assert.equal(parts.join(""), text + text);
  });

  test("a written Buffer may be reused after its callback", async () => {
    for (const make of [() => pipeDuplex(), () => duplexPair()]) {
      const made = make();
      const [writable, readable] = Array.isArray(made) ? made : [made, made];
      const all = drain(readable);
      const chunk = sequence(1033);
      await new Promise((resolve) => writable.write(chunk, resolve));
      chunk.fill(0);
      writable.end();
      assert.equal(sha256(await all), sha256(sequence(1033)));
    }
  });
});

describe("waiting", () => {
  test("nothing is read before the consumer pulls, and at most 512 bytes and one chunk wait", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader);
    const writing = rejection(writer.write(sequence(1033)));
    await settle();
    assert.equal(reader.bytesRead, 0);
    readable.destroy();
    assert.equal((await writing).code, "ERR_CLOSED_PIPE");
    for (const make of [streams.toWritable, streams.pipeDuplex, streams.duplexPair]) {
      const stream = make();
      stream.on("error", () => {});
      let taken = 0;
      for (let at = 0; at < 600; at++) stream.write(sequence(1, at), (error) => (taken += error ? 0 : 1));
      await settle();
      assert.equal(taken, 512);
      stream.destroy();
    }
  });

  test("a timer fires during an endless transfer", async () => {
    const source = new Readable({
      read() {
        this.push(sequence(64));
      },
    });
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const middle = pipeDuplex();
    const done = outcome(pipeline, source, middle, sink);
    const began = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const took = Date.now() - began;
    middle.destroy();
    await done;
    assert.ok(took < 500, `a timer of 10 ms took ${took} ms`);
  });
});

describe("endings", () => {
  for (const [name, make] of Object.entries(streams)) {
    test(`${name}: destroy() with and without an error`, async () => {
      const stream = make();
      const broken = outcome(finished, stream);
      stream.destroy(failure);
      assert.equal(await broken, failure);
      const other = make();
      const closed = outcome(finished, other);
      other.destroy();
      assert.equal((await closed).code, "ERR_STREAM_PREMATURE_CLOSE");
    });

    test(`${name}: a signal's reason, and no listener left`, async () => {
      const aborter = new AbortController();
      const made = {
        toReadable: () => toReadable(pipe().reader, { signal: aborter.signal }),
        toWritable: () => toWritable(held().writer, { signal: aborter.signal }),
        pipeDuplex: () => pipeDuplex({ signal: aborter.signal }),
        duplexPair: () => {
          const [one, other] = duplexPair({ signal: aborter.signal });
          other.on("error", () => {});
          return one;
        },
      };
      const stream = made[name]();
      const done = outcome(finished, stream);
      aborter.abort(failure);
      assert.equal(await done, failure);
    });
  }

  for (const name of ["toWritable", "pipeDuplex", "duplexPair"]) {
    test(`${name}: destroy() runs every callback once with an error, also that of a later end()`, async () => {
      for (const error of [undefined, failure]) {
        const stream = streams[name]();
        stream.on("error", () => {});
        const end = outcome(finished, stream);
        const calls = [];
        for (const size of [1033, 10, 0]) stream.write(sequence(size), (told) => calls.push(told));
        stream.end((told) => calls.push(told));
        await settle();
        assert.deepEqual(calls, []);
        stream.destroy(error);
        stream.end((told) => calls.push(told));
        await settle();
        assert.equal(calls.length, 5);
        assert.ok(calls.every((told) => told instanceof Error));
        if (error === undefined) assert.equal((await end).code, "ERR_STREAM_PREMATURE_CLOSE");
        else assert.equal(await end, error);
      }
    });

    test(`${name}: write() after end() and after destroy() has Node's codes`, async () => {
      const ended = streams[name]();
      ended.on("error", () => {});
      ended.end();
      const late = await new Promise((resolve) => ended.write("x", resolve));
      assert.equal(late.code, "ERR_STREAM_WRITE_AFTER_END");
      const gone = streams[name]();
      gone.on("error", () => {});
      gone.destroy();
      assert.equal((await new Promise((resolve) => gone.write("x", resolve))).code, "ERR_STREAM_DESTROYED");
    });
  }

  test("errors reach the other side as the same object, after the accepted bytes", async () => {
    const one = pipe();
    const waiting = rejection(one.writer.write(sequence(1033)));
    toReadable(one.reader)
      .on("error", () => {})
      .destroy(failure);
    assert.equal(await waiting, failure);
    const two = pipe();
    const writable = toWritable(two.writer).on("error", () => {});
    writable.write(sequence(1033));
    await settle();
    writable.destroy(failure);
    const into = new Uint8Array(2000);
    assert.equal(await two.reader.read(into), 512);
    assert.equal(await rejection(two.reader.read(into)), failure);
    const three = pipe();
    const idle = outcome(finished, toReadable(three.reader));
    three.writer.closeWithError(failure);
    assert.equal(await idle, failure);
    const four = pipe();
    const idleWritable = outcome(finished, toWritable(four.writer));
    four.reader.closeWithError(failure);
    assert.equal(await idleWritable, failure);
  });

  test("a falsy error becomes the cause of an Error", async () => {
    const { reader, writer } = pipe();
    writer.closeWithError(0);
    const error = await outcome(finished, toReadable(reader).resume());
    assert.equal(error.code, "ERR_FALSY_ERROR");
    assert.equal(error.cause, 0);
  });

  test("leaving a loop closes the pipe and is not an error", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { chunkSize: 100 });
    const errors = [];
    readable.on("error", (error) => errors.push(error));
    const waiting = rejection(writer.write(sequence(1033)));
    for await (const chunk of readable) {
      assert.equal(chunk.length, 100);
      break;
    }
    assert.equal((await waiting).code, "ERR_CLOSED_PIPE");
    await settle();
    assert.deepEqual(errors, []);
  });

  test("duplexPair: destroy(error) fails the peer's write, and the peer after the accepted bytes", async () => {
    const [one, other] = duplexPair();
    one.on("error", () => {});
    const told = new Promise((resolve) => other.write(sequence(1033), resolve));
    const failed = outcome(finished, other);
    one.destroy(failure);
    assert.deepEqual([await told, await failed], [failure, failure]);
    const [left, right] = duplexPair();
    left.on("error", () => {}).write(sequence(100));
    left.destroy(failure);
    const parts = [];
    right.on("data", (chunk) => parts.push(chunk));
    assert.equal(await outcome(finished, right), failure);
    assert.equal(Buffer.concat(parts).length, 100);
  });

  test("half-open, both ways", async () => {
    const [one, other] = duplexPair();
    one.end("question");
    assert.equal(await readText(fromReadable(other)), "question");
    other.end("answer");
    assert.equal(await readText(fromReadable(one)), "answer");
  });
});

/** The two arguments of `then()`, as one callback, for a promise that may fulfil or reject. */
const both = (told) => Array(2).fill(told());

/** The endings of either end, and pending operations, for each conversion. */
const plays = {
  toReadable(told) {
    const { reader, writer } = pipe();
    const stream = toReadable(reader).on("error", () => {});
    finished(stream, told());
    return {
      block: () => writer.write(sequence(1033)).then(...both(told)),
      "destroy()": () => stream.destroy(),
      "destroy(error)": () => stream.destroy(failure),
      "writer.close()": () => writer.close(),
      "writer.closeWithError()": () => writer.closeWithError(failure),
      "iterator.return()": () => leave(stream).then(...both(told)),
      drain: () => drain(stream).then(...both(told)),
    };
  },
  toWritable(told) {
    const { reader, writer } = pipe();
    const stream = toWritable(writer).on("error", () => {});
    finished(stream, told());
    return {
      block: () => stream.write(sequence(1033), told()),
      "destroy()": () => stream.destroy(),
      "destroy(error)": () => stream.destroy(failure),
      "end()": () => stream.end(told()),
      "reader.close()": () => reader.close(),
      "reader.closeWithError()": () => reader.closeWithError(failure),
      drain: () => readAll(reader).then(...both(told)),
    };
  },
  duplexPair(told) {
    const [one, other] = duplexPair();
    for (const stream of [one, other])
      finished(
        stream.on("error", () => {}),
        told(),
      );
    return {
      block: () => [one, other].forEach((stream) => stream.write(sequence(1033), told())),
      "destroy()": () => one.destroy(),
      "destroy(error)": () => one.destroy(failure),
      "end()": () => one.end(told()),
      "other.end()": () => other.end(told()),
      "other.destroy()": () => other.destroy(),
      "iterator.return()": () => leave(other).then(...both(told)),
      drain() {
        for (const stream of [one, other]) {
          if (!stream.writableEnded) stream.end(told());
          void drain(stream).then(...both(told));
        }
      },
    };
  },
  pipeDuplex(told) {
    const stream = pipeDuplex().on("error", () => {});
    finished(stream, told());
    return {
      block: () => stream.write(sequence(1033), told()),
      "destroy()": () => stream.destroy(),
      "destroy(error)": () => stream.destroy(failure),
      "end()": () => stream.end(told()),
      "iterator.return()": () => leave(stream).then(...both(told)),
      drain() {
        if (!stream.writableEnded) stream.end(told());
        void drain(stream).then(...both(told));
      },
    };
  },
  fromReadable(told) {
    const source = new PassThrough({ highWaterMark: 512 });
    const reader = fromReadable(source);
    return {
      block: () => reader.read(new Uint8Array(10)).then(...both(told)),
      "source.destroy()": () => source.destroy(),
      "source.destroy(error)": () => source.destroy(failure),
      "source.end()": () => source.end(),
      "reader.close()": () => reader.close(),
      "reader.closeWithError()": () => reader.closeWithError(failure),
      drain: () => readAll(reader).then(...both(told)),
    };
  },
  fromWritable(told) {
    const sink = new PassThrough({ highWaterMark: 512 }).on("error", () => {});
    const writer = fromWritable(sink);
    return {
      block: () => writer.write(sequence(1033)).then(...both(told)),
      "sink.destroy()": () => sink.destroy(),
      "sink.destroy(error)": () => sink.destroy(failure),
      "sink.end()": () => sink.end(),
      "writer.close()": () => writer.close(),
      "writer.closeWithError()": () => writer.closeWithError(failure),
      drain() {
        writer.close();
        void drain(sink).then(...both(told));
      },
    };
  },
};

describe("pairs of endings", () => {
  for (const [name, play] of Object.entries(plays)) {
    test(`${name}: every callback is called once, and every promise settles`, async () => {
      const names = Object.keys(play(() => () => {})).filter((way) => way !== "block" && way !== "drain");
      const runs = names.flatMap((first) =>
        names.flatMap((second) => [0, 1, 2].map((begun) => perform(play, [first, second], begun))),
      );
      assert.deepEqual((await Promise.all(runs)).flat(), []);
    });
  }

  async function perform(play, order, begun) {
    const calls = [];
    const ways = play(() => {
      const at = calls.push(0) - 1;
      return () => void (calls[at] += 1);
    });
    for (let at = 0; at <= order.length; at++) {
      if (at > 0) ways[order[at - 1]]();
      if (at === begun) ways.block();
      await settle(2);
    }
    ways.drain();
    await settle(20);
    return calls.some((count) => count !== 1) ? [`${order.join(", ")}, begun ${begun}: ${calls.join()}`] : [];
  }
});

describe("ends from streams", () => {
  test("fromReadable: the source's error, its premature close, and close()", async () => {
    const source = new PassThrough();
    const reader = fromReadable(source);
    source.write(sequence(10));
    assert.equal(await reader.read(new Uint8Array(20)), 10);
    source.destroy(failure);
    assert.equal(await rejection(reader.read(new Uint8Array(20))), failure);
    const gone = new PassThrough();
    const waiting = rejection(fromReadable(gone).read(new Uint8Array(5)));
    gone.destroy();
    assert.equal((await waiting).code, "ERR_STREAM_PREMATURE_CLOSE");
    const closed = new PassThrough();
    fromReadable(closed).closeWithError(failure);
    assert.ok(closed.destroyed);
    await settle();
  });

  test("fromWritable: room, the sink's error, a destroy without an error, and close()", async () => {
    const calls = [];
    const sink = new Writable({ highWaterMark: 10, write: (_chunk, _encoding, done) => calls.push(done) });
    const writer = fromWritable(sink);
    assert.equal(await writer.write(sequence(5)), 5);
    const waiting = rejection(writer.write(sequence(5)));
    await settle();
    sink.destroy(failure);
    assert.equal(await waiting, failure);
    const gone = new Writable({ highWaterMark: 1, write() {} });
    const left = rejection(fromWritable(gone).write(sequence(5)));
    await settle();
    gone.destroy();
    assert.equal((await left).code, "ERR_CLOSED_PIPE");
    const ended = new PassThrough();
    const all = readText(fromReadable(ended));
    const last = fromWritable(ended);
    await writeText(last, "to the end");
    last.close();
    assert.equal(await all, "to the end");
  });

  test("bad input throws an error that says what to do", () => {
    assert.throws(() => toReadable(5), TypeError);
    assert.throws(() => toWritable(null), TypeError);
    assert.throws(() => fromWritable(new PassThrough({ objectMode: true })), TypeError);
    assert.throws(() => fromReadable(new PassThrough().resume()), /call pause\(\) first/);
    assert.throws(() => pipeDuplex({ highWaterMark: -1 }), RangeError);
    assert.throws(() => duplexPair({ objectMode: true }), TypeError);
  });
});

describe("peers", () => {
  test("an upload and a response body, over http", async () => {
    const server = http.createServer((request, response) => {
      void readAll(fromReadable(request)).then((bytes) => {
        const { reader, writer } = pipe();
        pipeline(toReadable(reader), response, () => {});
        void writeText(writer, sha256(bytes)).then(() => writer.close());
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const request = http.request({
      port: server.address().port,
      host: "127.0.0.1",
      method: "POST",
      agent: false,
    });
    const { reader, writer } = pipe();
    void writer.write(sequence(100_000)).then(() => writer.close());
    pipeline(toReadable(reader), request, () => {});
    const [response] = await once(request, "response");
    assert.equal(await readText(fromReadable(response)), sha256(sequence(100_000)));
    server.close();
    server.closeAllConnections?.();
  });

  test("callbacks run in the context of their caller", async () => {
    const storage = new AsyncLocalStorage();
    const duplex = pipeDuplex();
    const seen = [];
    storage.run("first", () => duplex.write(sequence(600), () => seen.push(storage.getStore())));
    storage.run("second", () => duplex.end(sequence(600), () => seen.push(storage.getStore())));
    await settle();
    await storage.run("reader", () => drain(duplex));
    await settle();
    assert.deepEqual(seen, ["first", "second"]);
  });

  const [major] = process.versions.node.split(".").map(Number);
  const isNode = globalThis.Bun === undefined && globalThis.Deno === undefined;
  const halves = major >= 24 ? false : "up to Node 22 it waits for the end of both sides, nodejs/node#62394";
  test("Readable.toWeb() of a duplex ends with its readable side", { skip: halves }, async () => {
    const [one, other] = duplexPair();
    const text = new Response(Readable.toWeb(other)).text();
    one.end("one half");
    assert.equal(await text, "one half");
  });

  const skip = isNode && major >= 24 ? false : "node:stream/iter needs Node 24";
  test("stream/iter accepts a reader as a source and a writer as a sink", { skip }, async () => {
    const program = `
      import { from, pipeTo, text } from "node:stream/iter";
      import { pipe, readText, writeText } from "@pipe512/core";
      const source = pipe();
      writeText(source.writer, "source").then(() => source.writer.close());
      const sink = pipe();
      const read = readText(sink.reader);
      await pipeTo(from("sink"), sink.writer);
      sink.writer.close();
      console.log(await text(from(source.reader)), await read);
    `;
    const conditions = process.execArgv.filter((flag) => flag.startsWith("--conditions=")); // If this runs from the sources, so does the program.
    const flags = ["--no-warnings", "--experimental-stream-iter", "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, [...conditions, ...flags], {
      cwd: new URL(".", import.meta.url),
    });
    assert.equal(stdout, "source sink\n");
  });
});
