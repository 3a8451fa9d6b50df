// Typical uses of a `PassThrough`, and of a pair of duplexes. Each scene returns what it observed, which must be the
// same for Node's streams and those of this package.
import { once } from "node:events";
import {
  addAbortSignal,
  compose,
  Duplex,
  finished,
  PassThrough,
  pipeline,
  Readable,
  Transform,
  Writable,
} from "node:stream";
import { finished as finish, pipeline as pipe } from "node:stream/promises";

/** Makes a stream, by Node or by this package. */

/** The observed events, in order, as a value to compare. */

/** Typical uses of a `PassThrough`. Each returns what it observed. */

/** Runs everything that can run without a timer or I/O. */
async function settle(turns = 12) {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const EVENTS = ["close", "drain", "end", "error", "finish", "pause", "pipe", "readable", "resume", "unpipe"];

/** Logs the events of a stream. A `readable` listener changes how a stream flows, so it is added only if named. */
function listen(stream, log, events = EVENTS) {
  for (const event of events) {
    if (event === "readable" && events === EVENTS) continue;
    stream.on(event, (value) => {
      log.push(event === "error" ? `error ${value?.code ?? value?.message}` : event);
    });
  }
}

const errorOf = (error) => {
  const { code, message } = Object(error);
  return error ? (code ?? message) : null;
};

const thrown = (action) => {
  try {
    return action();
  } catch (error) {
    return errorOf(error);
  }
};

const told = (log, name) => (error) => void log.push([name, errorOf(error)]);

const state = (stream) => ({
  destroyed: stream.destroyed,
  closed: stream.closed,
  errored: errorOf(stream.errored),
  readable: stream.readable,
  readableAborted: stream.readableAborted,
  readableDidRead: stream.readableDidRead,
  readableEnded: stream.readableEnded,
  readableFlowing: stream.readableFlowing,
  readableObjectMode: stream.readableObjectMode,
  writable: stream.writable,
  writableAborted: stream.writableAborted,
  writableEnded: stream.writableEnded,
  writableFinished: stream.writableFinished,
  writableCorked: stream.writableCorked,
  writableObjectMode: stream.writableObjectMode,
  allowHalfOpen: stream.allowHalfOpen,
  isDisturbed: Readable.isDisturbed(stream),
});

const slowSink = (log, highWaterMark = 1) =>
  new Writable({
    highWaterMark,
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      setImmediate(done);
    },
  });

export const scenes = {
  "a whole life, with its events and states": async (make) => {
    const stream = make();
    const log = [state(stream)];
    listen(stream, log);
    stream.on("data", (chunk) => log.push(String(chunk)));
    log.push(stream.write("one", told(log, "one")));
    await settle();
    log.push(state(stream));
    stream.end("two", told(log, "end"));
    log.push(state(stream));
    await settle();
    log.push(state(stream));
    return log;
  },
  "an end without a consumer": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.end("x");
    await settle();
    log.push(state(stream), String(stream.read()));
    await settle();
    log.push(state(stream));
    return log;
  },
  "end() of nothing": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.resume().end();
    await settle();
    return [log, state(stream)];
  },
  "write after end": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.end();
    log.push(stream.write("x", told(log, "write")));
    await settle();
    return [log, state(stream)];
  },
  "end after end": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.resume().end(told(log, "first"));
    stream.end(told(log, "second"));
    await settle();
    stream.end(told(log, "third"));
    await settle();
    return log;
  },
  "end with a chunk after end": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.end();
    stream.end("x", told(log, "again"));
    await settle();
    return [log, state(stream)];
  },
  "write after destroy": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.destroy();
    log.push(stream.write("x", told(log, "write")));
    await settle();
    return [log, state(stream)];
  },
  "destroy with an error": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.destroy(new Error("broken"));
    stream.destroy(new Error("once more"));
    log.push(state(stream));
    await settle();
    return [log, state(stream)];
  },
  "destroy in a handler of data": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.on("data", (chunk) => {
      log.push(String(chunk));
      stream.destroy();
    });
    stream.write("one", told(log, "write"));
    await settle();
    return [log, state(stream)];
  },
  "destroy in a handler of end and finish": async (make) => {
    const log = [];
    for (const event of ["end", "finish"]) {
      const stream = make();
      listen(stream, log);
      stream.on(event, () => stream.destroy());
      stream.resume().end("x");
      await settle();
      log.push(state(stream));
    }
    return log;
  },
  "values that cannot be written": async (make) => {
    const stream = make();
    stream.on("error", () => {});
    const log = [];
    for (const value of [null, undefined, 5, true, {}, [], () => {}, new Map()]) {
      log.push(thrown(() => stream.write(value)));
    }
    log.push(thrown(() => stream.write("x", "klingon")));
    log.push(thrown(() => stream.setDefaultEncoding("klingon")));
    await settle();
    return [log, state(stream)];
  },
  "views that can be written": async (make) => {
    const stream = make();
    const bytes = Uint8Array.from({ length: 8 }, (_, index) => index + 65);
    const parts = [];
    stream.on("data", (chunk) => parts.push(chunk));
    for (const view of [
      bytes,
      new DataView(bytes.buffer),
      new Uint16Array(bytes.buffer),
      Buffer.from(bytes),
    ]) {
      stream.write(view);
    }
    stream.end();
    await finish(stream);
    return [String(Buffer.concat(parts)), parts.every((part) => Buffer.isBuffer(part))];
  },
  "encodings of what is written": async (make) => {
    const parts = [];
    const stream = make({ defaultEncoding: "hex" }).on("data", (chunk) => parts.push(chunk));
    stream.write("616263");
    stream.setDefaultEncoding("base64").write("ZGVm");
    stream.write("ghi", "latin1");
    stream.write("jkl", "utf8");
    stream.end("m\0", "utf16le");
    await finish(stream);
    return String(Buffer.concat(parts));
  },
  "decodeStrings: false": async (make) => {
    const parts = [];
    const stream = make({ decodeStrings: false }).on("data", (chunk) => parts.push(chunk));
    stream.write("é");
    stream.end("€");
    await finish(stream);
    return Buffer.concat(parts).toString("hex");
  },
  "an encoding of what is read, as an option and set midway": async (make) => {
    const log = [];
    const stream = make({ encoding: "hex" });
    stream.write("ab");
    log.push(stream.read(), stream.readableEncoding);
    const later = make();
    later.write("x");
    log.push(String(later.read()));
    later.setEncoding("utf8");
    const euro = Buffer.from("€");
    later.on("data", (chunk) => log.push(chunk));
    await settle();
    later.write(euro.subarray(0, 1));
    await settle();
    later.write(euro.subarray(1));
    await settle();
    later.end(euro.subarray(0, 2));
    await settle();
    return log;
  },
  "read() in every way": async (make) => {
    const stream = make();
    const log = [];
    const read = (size) => void log.push(stream.read(size)?.toString() ?? null);
    log.push(stream.read(0), stream.read(), stream.read(5));
    stream.write("hello world");
    await settle();
    for (const size of [0, 3, 100, 1]) read(size);
    read();
    read();
    stream.end("last");
    await settle();
    for (const size of [2, 100, 1]) read(size);
    await settle();
    return [log, stream.readableEnded];
  },
  "read(n) waits for as many bytes": async (make) => {
    const stream = make();
    const log = [];
    stream.on("readable", () => {
      for (let part = stream.read(4); part !== null; part = stream.read(4)) log.push(String(part));
    });
    for (const word of ["abc", "de", "fghijkl", "m"]) {
      stream.write(word);
      await settle();
    }
    stream.end();
    await settle();
    return [log, stream.readableEnded];
  },
  "one read() for each readable event": async (make) => {
    const stream = make();
    const log = [];
    stream.on("readable", () => log.push(stream.read()?.toString() ?? null));
    for (const word of ["one", "two", "three"]) {
      stream.write(word);
      await settle();
    }
    stream.end();
    await settle();
    return [log, stream.readableEnded, stream.destroyed];
  },
  "read() until null for each readable event": async (make) => {
    const stream = make();
    const log = [];
    stream.on("readable", () => {
      for (let part = stream.read(); part !== null; part = stream.read()) log.push(String(part));
    });
    stream.on("end", () => log.push("end"));
    for (const word of ["one", "two"]) {
      stream.write(word);
      await settle();
    }
    stream.end("three");
    await settle();
    return log;
  },
  "readable, then data": async (make) => {
    const stream = make();
    const log = [];
    stream.once("readable", () => log.push(["readable", stream.read()?.toString() ?? null]));
    stream.write("one");
    await settle();
    stream.on("data", (chunk) => log.push(["data", String(chunk)]));
    await settle();
    stream.write("two");
    await settle();
    log.push(stream.readableFlowing);
    return log;
  },
  "a readable listener that is taken off again": async (make) => {
    const stream = make();
    const log = [];
    const listener = () => void log.push("readable");
    stream.on("readable", listener);
    stream.on("data", (chunk) => log.push(String(chunk)));
    log.push(stream.readableFlowing);
    stream.off("readable", listener);
    await settle();
    log.push(stream.readableFlowing);
    stream.write("x");
    await settle();
    return log;
  },
  "delivery within write() while it flows": async (make) => {
    const stream = make();
    const log = [];
    stream.on("data", (chunk) => log.push(String(chunk)));
    for (const word of ["one", "two", "three"]) {
      stream.write(word);
      log.push("written");
    }
    await settle();
    stream.write("four");
    log.push("written");
    return log;
  },
  "delivery within write() while it is piped": async (make) => {
    const log = [];
    const stream = make();
    stream.pipe(new Writable({ write: (chunk, _encoding, done) => (log.push(String(chunk)), done()) }));
    stream.write("one");
    log.push("written");
    stream.write("two");
    log.push("written");
    return log;
  },
  "pause() and resume()": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.on("data", (chunk) => log.push(String(chunk)));
    stream.pause();
    stream.write("one");
    await settle();
    log.push(stream.isPaused(), stream.readableFlowing);
    stream.resume();
    await settle();
    stream.pause();
    log.push(stream.isPaused());
    stream.write("two");
    await settle();
    stream.resume();
    await settle();
    stream.end();
    await settle();
    return log;
  },
  "pause() in a handler of data": async (make) => {
    const stream = make();
    const log = [];
    stream.on("data", (chunk) => {
      log.push(String(chunk));
      stream.pause();
      setImmediate(() => stream.resume());
    });
    for (const word of ["one", "two", "three"]) {
      stream.write(word);
      await settle(3);
    }
    await settle();
    return log;
  },
  "resume() without a consumer": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    for (let count = 0; count < 3; count++) stream.write("x".repeat(100), told(log, "write"));
    stream.resume();
    stream.end();
    await settle();
    return [log.filter((entry) => entry !== "drain"), state(stream)];
  },
  "cork() and uncork()": async (make) => {
    const stream = make();
    const log = [];
    stream.on("data", (chunk) => log.push(String(chunk)));
    await settle();
    stream.cork();
    stream.cork();
    stream.write("one", told(log, "one"));
    stream.write("two", told(log, "two"));
    log.push(stream.writableCorked);
    stream.uncork();
    await settle();
    log.push(stream.writableCorked);
    stream.uncork();
    await settle();
    stream.cork();
    stream.write("three");
    stream.end();
    await settle();
    return [log, state(stream)];
  },
  "unshift()": async (make) => {
    const stream = make();
    const log = [];
    stream.write("world");
    log.push(String(stream.read(2)));
    stream.unshift("wo");
    stream.unshift(Buffer.from("hello "));
    log.push(String(stream.read()));
    stream.on("data", (chunk) => log.push(String(chunk)));
    stream.write("again");
    await settle();
    stream.end();
    await settle();
    return [log, stream.readableEnded];
  },
  "unshift() after the end": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    stream.resume().end();
    await settle();
    stream.unshift("x");
    await settle();
    return log;
  },
  "pipe() to several destinations": async (make) => {
    const logs = [[], [], []];
    const stream = make();
    const sinks = logs.map((log, index) => slowSink(log, index + 1));
    for (const sink of sinks) stream.pipe(sink);
    for (const word of ["one", "two", "three"]) stream.write(word);
    stream.end();
    await Promise.all(sinks.map((sink) => finish(sink)));
    return logs.map((log) => log.join(""));
  },
  "pipe() and unpipe()": async (make) => {
    const log = [];
    const stream = make();
    const sink = slowSink(log);
    listen(sink, log, ["pipe", "unpipe", "finish"]);
    stream.pipe(sink);
    stream.write("one");
    await settle();
    stream.unpipe(sink);
    log.push(stream.readableFlowing);
    stream.write("two");
    await settle();
    stream.pipe(sink, { end: false });
    await settle();
    stream.end("three");
    await settle();
    log.push(sink.writableEnded);
    return log;
  },
  "pipe() into it, with backpressure": async (make) => {
    const log = [];
    const stream = make();
    listen(stream, log, ["pipe", "unpipe", "finish", "end", "close"]);
    Readable.from(["one", "two", "three"], { objectMode: false }).pipe(stream);
    await settle();
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    await settle();
    return [text, log];
  },
  "a destination that fails is unpiped": async (make) => {
    const log = [];
    const stream = make();
    listen(stream, log);
    const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error("full")) });
    listen(sink, log, ["error", "unpipe", "close"]);
    stream.pipe(sink);
    stream.write("x");
    await settle();
    return [log, state(stream)];
  },
  "a source that fails leaves it open": async (make) => {
    const log = [];
    const stream = make();
    listen(stream, log);
    const source = new PassThrough().on("error", () => {});
    source.pipe(stream);
    source.destroy(new Error("gone"));
    await settle();
    return [log, state(stream)];
  },
  "finished() in every situation": async (make) => {
    const log = [];
    const ways = {
      ended: (stream) => void stream.resume().end(),
      "ended and not read": (stream) => void stream.end(),
      destroyed: (stream) => void stream.destroy(),
      "destroyed with an error": (stream) => void stream.destroy(new Error("broken")),
      "ended and destroyed": (stream) => void stream.end().destroy(),
      "closed by then": (stream) => void stream.resume().end(),
    };
    for (const [name, end] of Object.entries(ways)) {
      for (const options of [{}, { readable: false }, { writable: false }, { cleanup: true }]) {
        const stream = make().on("error", () => {});
        if (name.endsWith("then")) {
          end(stream);
          await settle();
        }
        finished(stream, options, told(log, `${name} ${JSON.stringify(options)}`));
        if (!name.endsWith("then")) end(stream);
        await settle();
      }
    }
    return log;
  },
  "pipeline() of several, and its error": async (make) => {
    const log = [];
    await pipe(Readable.from(["a", "b"], { objectMode: false }), make(), make(), slowSink(log));
    const failing = new Transform({ transform: (_chunk, _encoding, done) => done(new Error("bad")) });
    const [first, last] = [make(), make()];
    await new Promise((resolve) => {
      pipeline(Readable.from(["a"], { objectMode: false }), first, failing, last, slowSink([]), (error) => {
        log.push(errorOf(error));
        resolve();
      });
    });
    await settle();
    log.push(first.destroyed, last.destroyed);
    return log;
  },
  "pipeline() with generators before and behind": async (make) => {
    let text = "";
    await pipe(
      async function* () {
        yield Buffer.from("one ");
        yield Buffer.from("two");
      },
      make(),
      async function* (chunks) {
        for await (const chunk of chunks) yield String(chunk).toUpperCase();
      },
      async (chunks) => {
        for await (const chunk of chunks) text += chunk;
      },
    );
    return text;
  },
  "a generator behind it that throws": async (make) => {
    const stream = make();
    const error = await pipe(Readable.from(["one", "two"], { objectMode: false }), stream, async (chunks) => {
      for await (const chunk of chunks) throw Object.assign(new Error(String(chunk)), { code: "EBAD" });
    }).catch((reason) => reason);
    await settle();
    return [errorOf(error), stream.destroyed];
  },
  "an aborted pipeline()": async (make) => {
    const aborter = new AbortController();
    const stream = make();
    const done = pipe(new PassThrough(), stream, slowSink([]), { signal: aborter.signal }).catch(errorOf);
    await settle();
    aborter.abort();
    return [await done, stream.destroyed];
  },
  "addAbortSignal()": async (make) => {
    const aborter = new AbortController();
    const stream = addAbortSignal(aborter.signal, make());
    const log = [];
    listen(stream, log);
    aborter.abort();
    await settle();
    return [log, state(stream)];
  },
  "async iteration, and its end": async (make) => {
    const stream = make();
    setImmediate(() => {
      stream.write("one");
      setImmediate(() => stream.end("two"));
    });
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    await settle();
    return [text, { ...state(stream), readableFlowing: "not compared" }];
  },
  "async iteration that is broken off by an error": async (make) => {
    const stream = make();
    setImmediate(() => stream.destroy(new Error("broken")));
    try {
      for await (const chunk of stream) return chunk;
      return "ended";
    } catch (error) {
      return errorOf(error);
    }
  },
  "async iteration of a stream destroyed without an error": async (make) => {
    const stream = make();
    setImmediate(() => stream.destroy());
    try {
      for await (const chunk of stream) return chunk;
      return "ended";
    } catch (error) {
      return errorOf(error);
    }
  },
  "iterator({ destroyOnReturn: false })": async (make) => {
    const stream = make();
    stream.write("one");
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      if (String(chunk) === "one") break;
    }
    await settle();
    const log = [stream.destroyed];
    stream.end("two");
    for await (const chunk of stream) log.push(String(chunk));
    return log;
  },
  "iterator helpers": async (make) => {
    const feed = () => {
      const stream = make();
      setImmediate(() => stream.end("abcdef"));
      return stream;
    };
    const log = [];
    log.push(String(Buffer.concat(await feed().toArray())));
    log.push(
      await feed()
        .map((chunk) => String(chunk).length)
        .reduce((sum, n) => sum + n, 0),
    );
    log.push(await feed().some((chunk) => String(chunk).includes("c")));
    log.push(String(await feed().find(() => true)));
    await feed().forEach((chunk) => void log.push(String(chunk)));
    log.push(
      await feed()
        .take(1)
        .flatMap((chunk) => Array.from(String(chunk)))
        .filter((letter) => letter !== "b")
        .toArray(),
    );
    return log;
  },
  "compose() before and behind": async (make) => {
    const upper = async function* (chunks) {
      for await (const chunk of chunks) yield String(chunk).toUpperCase();
    };
    const stream = compose(make(), upper, make());
    stream.end("hello");
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    return text;
  },
  "Duplex.from() of its halves": async (make) => {
    const stream = make();
    const duplex = Duplex.from({ readable: stream, writable: stream });
    duplex.end("hello");
    let text = "";
    for await (const chunk of duplex) text += String(chunk);
    return text;
  },
  "Duplex.toWeb() and back": async (make) => {
    const { readable, writable } = Duplex.toWeb(make());
    const writer = writable.getWriter();
    void (async () => {
      for (const word of ["one", "two", "three"]) {
        await writer.ready;
        await writer.write(Buffer.from(word));
      }
      await writer.close();
    })();
    return new Response(readable).text();
  },
  "Readable.wrap() of it": async (make) => {
    const stream = make();
    const wrapped = new Readable({ objectMode: false }).wrap(stream);
    stream.end("hello");
    return String(Buffer.concat(await wrapped.toArray()));
  },
  "emitClose: false": async (make) => {
    const log = [];
    const stream = make({ emitClose: false });
    listen(stream, log);
    stream.destroy(new Error("broken"));
    await settle();
    return [log, state(stream)];
  },
  "autoDestroy: false": async (make) => {
    const log = [];
    const stream = make({ autoDestroy: false });
    listen(stream, log);
    stream.resume().end("x");
    await settle();
    return [log, state(stream)];
  },
  "allowHalfOpen: false": async (make) => {
    const log = [];
    const stream = make({ allowHalfOpen: false });
    listen(stream, log);
    stream.resume().end("x");
    await settle();
    return [log, state(stream)];
  },
  "captureRejections: true": async (make) => {
    const log = [];
    const stream = make({ captureRejections: true });
    listen(stream, log);
    stream.on("data", async () => {
      throw new Error("async");
    });
    stream.write("x");
    await settle();
    return [log, stream.destroyed];
  },
  "readable: false and writable: false": async (make) => {
    const [deaf, dumb] = [make({ readable: false }), make({ writable: false })];
    const log = [];
    listen(deaf, log, ["finish"]);
    return [deaf.readable, deaf.writable, dumb.readable, dumb.writable, log];
  },
  "marks of both sides": (make) => {
    const marks = make({ readableHighWaterMark: 700, writableHighWaterMark: 900 });
    const both = make({ highWaterMark: 800 });
    return [marks, both].map((stream) => [stream.readableHighWaterMark, stream.writableHighWaterMark]);
  },
  "drain, once for each write() that returned false": async (make) => {
    const log = [];
    const stream = make({ highWaterMark: 4 });
    stream.on("drain", () => log.push("drain"));
    let isFull = false;
    for (let count = 0; count < 1000 && !isFull; count++) isFull = !stream.write("0123");
    log.push(isFull, stream.writableNeedDrain);
    await settle();
    log.push("nothing so far");
    stream.resume();
    await settle();
    log.push(stream.writableNeedDrain, stream.writableLength);
    return log;
  },
  "writes of nothing": async (make) => {
    const log = [];
    const stream = make();
    stream.on("data", (chunk) => log.push(chunk.length));
    log.push(stream.write("", told(log, "empty")), stream.write(Buffer.alloc(0)), stream.write("x"));
    await settle();
    stream.end("");
    await settle();
    return [log, state(stream)];
  },
  "callbacks of writes, in order and before finish": async (make) => {
    const log = [];
    const stream = make().resume();
    stream.on("finish", () => log.push("finish"));
    for (let index = 0; index < 5; index++) stream.write("x".repeat(600), told(log, `write ${index}`));
    stream.end(told(log, "end"));
    await settle();
    return log;
  },
  "a handler that throws": async (make) => {
    const stream = make();
    stream.on("data", () => {
      throw new Error("thrown by a handler");
    });
    await settle();
    return thrown(() => stream.write("x"));
  },
  "Symbol.asyncDispose": async (make) => {
    const stream = make();
    const log = [];
    listen(stream, log);
    const dispose = Reflect.get(stream, Symbol.asyncDispose ?? Symbol.for("nodejs.asyncDispose"));
    await Reflect.apply(dispose, stream, []).catch((error) => log.push(errorOf(error)));
    await settle();
    return [log, stream.destroyed];
  },
  "once() of its events": async (make) => {
    const stream = make();
    const [data, end] = [once(stream, "data"), once(stream, "end")];
    setImmediate(() => stream.end("x"));
    await end;
    return String((await data)[0]);
  },
  "eventNames() of a fresh one": (make) => make().eventNames().length <= 1,
  instanceof: (make) => {
    const stream = make();
    return [stream instanceof Duplex, stream instanceof Readable, stream instanceof Writable];
  },
};

/** Typical uses of a pair. */
export const pairScenes = {
  "a request and its answer": async (make) => {
    const [client, server] = make();
    const log = [];
    for (const [name, side] of Object.entries({ client, server })) {
      for (const event of ["end", "finish", "close", "error"])
        side.on(event, () => log.push(`${name} ${event}`));
      side.on("data", (chunk) => log.push(`${name} got ${chunk}`));
    }
    client.end("question");
    await settle();
    server.end("answer");
    await settle();
    return [log, state(client), state(server)];
  },
  "delivery within write()": async (make) => {
    const [one, other] = make();
    const log = [];
    other.on("data", (chunk) => log.push(String(chunk)));
    await settle();
    for (const word of ["one", "two"]) {
      one.write(word);
      log.push("written");
      await settle();
    }
    return log;
  },
  "an echo": async (make) => {
    const [one, other] = make();
    other.pipe(other);
    one.end("hello");
    let text = "";
    for await (const chunk of one) text += chunk;
    return text;
  },
  "destroy() without an error": async (make) => {
    const [one, other] = make();
    const log = [];
    listen(other, log);
    other.resume();
    one.destroy();
    await settle();
    return [log, state(other)];
  },
  "destroy() without an error, of an end that the other has written to": async (make) => {
    const [one, other] = make();
    const log = [];
    listen(other, log);
    other.on("data", (chunk) => log.push(String(chunk)));
    await settle(); // From here on, Node's own pair also delivers within write().
    one.write("last words", told(log, "write"));
    await settle();
    one.destroy();
    await settle();
    return [log, state(other)];
  },
  "destroy() after end()": async (make) => {
    const [one, other] = make();
    const log = [];
    listen(other, log);
    other.on("data", (chunk) => log.push(String(chunk)));
    await settle();
    one.resume().end("bye");
    await settle();
    one.destroy();
    await settle();
    return [log, state(other)];
  },
  "both sides destroyed": async (make) => {
    const log = [];
    const sides = make();
    for (const side of sides) listen(side, log);
    for (const side of sides) side.destroy();
    await settle();
    return [log, ...sides.map(state)];
  },
  "options of both sides": (make) =>
    make({ readableHighWaterMark: 700, writableHighWaterMark: 900, allowHalfOpen: false }).map((side) => [
      side.readableHighWaterMark,
      side.writableHighWaterMark,
      side.allowHalfOpen,
    ]),
  "allowHalfOpen: false": async (make) => {
    const [one, other] = make({ allowHalfOpen: false });
    const log = [];
    listen(other, log);
    other.resume();
    one.resume().end();
    await settle();
    return [log, state(one), state(other)];
  },
  "a pipeline through it": async (make) => {
    const [one, other] = make();
    const echo = pipe(other, other);
    let text = "";
    await pipe(Readable.from(["one ", "two"], { objectMode: false }), one, async (chunks) => {
      for await (const chunk of chunks) text += chunk;
    });
    await echo;
    return text;
  },
  "finished() of both": async (make) => {
    const log = [];
    const [one, other] = make();
    finished(one, told(log, "one"));
    finished(other, told(log, "other"));
    one.resume().end();
    other.resume().end();
    await settle();
    return log.toSorted(([a], [b]) => a.localeCompare(b)); // Node's end finishes when the other has read the end, ours when the pipe has accepted it.
  },
};
