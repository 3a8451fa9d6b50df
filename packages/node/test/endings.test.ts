import { finished, PassThrough, type Duplex, type Readable, type Writable } from "node:stream";
import { pipe } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { callback, settle, stray, type Watched, watch } from "./support/turns.ts";

// Tests every conversion with every pair and triple of endings of either end, in every order. Pending operations begin
// before, between and after the endings, or after completed operations. Each case runs once in one iteration of the
// event loop, and once with iterations in between. Every operation must settle.

/** A new conversion to test. */
interface Play {
  /** Starts operations that stay pending. */
  block(): void;
  /** Starts operations, and waits until they are done. */
  pass(): Promise<void>;
  /** The endings, by name. */
  readonly endings: Readonly<Record<string, () => void>>;
  /** Reads to the end: accepted bytes come before the end or the error of the other side. */
  drain(): void;
  /** Whether one side stays open, with bytes to read, when the other is destroyed. */
  readonly outlives?: boolean;
  readonly watched: Watched[];
}

/** Endings after which the accepted bytes can still be read, before the end or the error. */
const gentle =
  /^(abort the operations|(end|(source|sink|other)\.end|writer\.close|writer\.closeWithError|(source|other)\.destroy)\()/;

const failure = new Error("the power failed");
const bytes = (): Buffer => sequence(1033);

function follow(stream: Readable | Writable): Watched {
  const told = callback();
  stream.on("error", () => {});
  finished(stream, (error) => told.call(error));
  return told;
}

function writeTo(stream: Writable, watched: Watched[]): void {
  const told = callback();
  watched.push(told);
  stream.write(bytes(), told.call);
}

function end(stream: Writable, watched: Watched[]): void {
  const told = callback();
  watched.push(told);
  stream.end(told.call);
}

/** Aborts pending and later operations. */
function aborting(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const aborter = new AbortController();
  return { signal: aborter.signal, abort: () => aborter.abort(failure) };
}

const loop = async (stream: Readable): Promise<void> => {
  for await (const chunk of stream) void chunk;
};

/** Two reads, or two writes, that a signal can abort. */
const twice = <T>(watched: Watched[], operation: () => Promise<T>): void =>
  void watched.push(watch(operation()), watch(operation()));

/** The endings of a stream itself. */
function streamEndings(stream: Readable | Writable, aborter: AbortController): Record<string, () => void> {
  return {
    "destroy()": () => void stream.destroy(),
    "destroy(error)": () => void stream.destroy(failure),
    abort: () => aborter.abort(failure),
  };
}

const plays: Record<string, () => Play> = {
  "toReadable()": () => {
    const { reader, writer } = pipe();
    const aborter = new AbortController();
    const stream = toReadable(reader, { signal: aborter.signal });
    const watched: Watched[] = [follow(stream)];
    const iterator = stream[Symbol.asyncIterator]();
    return {
      block: () => void watched.push(watch(writer.write(bytes()))),
      async pass() {
        watched.push(watch(writer.write(bytes())));
        watched.push(watch(iterator.next()), watch(iterator.next()));
        await settle();
      },
      endings: {
        ...streamEndings(stream, aborter),
        "writer.close()": () => writer.close(),
        "writer.closeWithError()": () => writer.closeWithError(failure),
        "iterator.return()": () => void watched.push(watch(Promise.resolve(iterator.return?.()))),
      },
      drain: () => void watched.push(watch(loop(stream))),
      watched,
    };
  },
  "toWritable()": () => {
    const { reader, writer } = pipe();
    const aborter = new AbortController();
    const stream = toWritable(writer, { signal: aborter.signal });
    const watched: Watched[] = [follow(stream)];
    return {
      block() {
        writeTo(stream, watched);
        writeTo(stream, watched);
      },
      async pass() {
        watched.push(watch(reader.read(new Uint8Array(2000))));
        writeTo(stream, watched);
        await settle();
      },
      endings: {
        ...streamEndings(stream, aborter),
        "end()": () => end(stream, watched),
        "reader.close()": () => reader.close(),
        "reader.closeWithError()": () => reader.closeWithError(failure),
      },
      drain() {
        const drained = (async () => {
          while ((await reader.read(new Uint8Array(100))) !== null);
        })();
        watched.push(watch(drained));
      },
      watched,
    };
  },
  "pipeDuplex()": () => {
    const aborter = new AbortController();
    const stream = pipeDuplex({ signal: aborter.signal });
    return duplexPlay(stream, stream, streamEndings(stream, aborter));
  },
  "duplexPair()": () => {
    const aborter = new AbortController();
    const [one, other] = duplexPair({ signal: aborter.signal });
    const play = duplexPlay(one, other, {
      ...streamEndings(one, aborter),
      "other.destroy()": () => void other.destroy(),
      "other.destroy(error)": () => void other.destroy(failure),
      "other.end()": () => end(other, play.watched),
    });
    return play;
  },
  "fromReadable()": () => {
    const source = new PassThrough({ highWaterMark: 512 });
    const reader = fromReadable(source);
    const { signal, abort } = aborting();
    const watched: Watched[] = [];
    const closed = watch(reader.closed);
    return {
      block: () => twice(watched, () => reader.read(new Uint8Array(10), { signal })),
      async pass() {
        source.write(bytes());
        watched.push(watch(reader.read(new Uint8Array(10))));
        await settle();
      },
      endings: {
        "source.destroy()": () => void source.destroy(),
        "source.destroy(error)": () => void source.destroy(failure),
        "source.end()": () => void source.end(),
        "abort the operations": abort,
        "reader.close()": () => reader.close(),
        "reader.closeWithError()": () => reader.closeWithError(failure),
      },
      drain() {
        source.end();
        const drained = (async () => {
          while ((await reader.read(new Uint8Array(100))) !== null);
        })();
        watched.push(watch(drained), closed);
      },
      watched,
    };
  },
  "fromWritable()": () => {
    const sink = new PassThrough({ highWaterMark: 512 }).on("error", () => {});
    const writer = fromWritable(sink);
    const { signal, abort } = aborting();
    const watched: Watched[] = [];
    const closed = watch(writer.closed);
    return {
      block: () => twice(watched, () => writer.write(bytes(), { signal })),
      async pass() {
        watched.push(watch(writer.write(bytes())));
        sink.read();
        await settle();
      },
      endings: {
        "sink.destroy()": () => void sink.destroy(),
        "sink.destroy(error)": () => void sink.destroy(failure),
        "sink.end()": () => void sink.end(),
        "abort the operations": abort,
        "writer.close()": () => writer.close(),
        "writer.closeWithError()": () => writer.closeWithError(failure),
      },
      drain() {
        writer.close();
        watched.push(watch(loop(sink)), closed);
      },
      watched,
    };
  },
};

function duplexPlay(stream: Duplex, other: Duplex, endings: Record<string, () => void>): Play {
  const watched: Watched[] = [...new Set([stream, other])].map(follow);
  const iterator = other[Symbol.asyncIterator]();
  return {
    outlives: stream !== other,
    block() {
      for (const writable of new Set([stream, other])) {
        writeTo(writable, watched);
        writeTo(writable, watched);
      }
    },
    async pass() {
      writeTo(stream, watched);
      watched.push(watch(iterator.next()), watch(iterator.next()));
      await settle();
    },
    endings: {
      ...endings,
      "end()": () => end(stream, watched),
      "iterator.return()": () => void watched.push(watch(Promise.resolve(iterator.return?.()))),
    },
    drain() {
      for (const writable of new Set([stream, other])) if (!writable.writableEnded) end(writable, watched);
      watched.push(watch(loop(other)));
      if (stream !== other) watched.push(watch(loop(stream)));
    },
    watched,
  };
}

/** All pairs and triples of the names, in every order and with repetitions. */
function orders(names: readonly string[]): string[][] {
  const pairs = names.flatMap((first) => names.map((second) => [first, second]));
  return [...pairs, ...pairs.flatMap((pair) => names.map((third) => [...pair, third]))];
}

/** When pending operations begin: after this many endings; or never, after completed operations. */
type Begun = number | "done";

const phases: ReadonlyArray<readonly [string, Begun]> = [
  ["during", 0],
  ["once before and during", 1],
  ["twice before and during", 2],
  ["thrice before", 3],
  ["after", "done"],
];

async function perform(
  make: () => Play,
  order: readonly string[],
  begun: Begun,
  turns: number,
): Promise<string[]> {
  const play = make();
  if (begun === "done") await play.pass();
  for (let at = 0; at <= order.length; at++) {
    if (at > 0) play.endings[order[at - 1] as string]?.();
    if (at === begun) play.block();
    await settle(turns);
  }
  await settle();
  if (play.outlives || order.every((name) => gentle.test(name))) play.drain();
  await settle();
  const { watched } = play;
  const wrong = watched.filter(({ state, calls }) => state === "pending" || calls > 1);
  return wrong.map(
    ({ state, calls }) => `${state}, called ${calls} times: ${begun} ${order.join(", ")}, ${turns} turns`,
  );
}

describe.each(Object.keys(plays))("%s", (name) => {
  const make = plays[name] as () => Play;
  for (const [phase, begun] of phases) {
    // Red when: destroy() does not call back the pending write, or the callback of a later end().
    test(`${name} settles everything, for all endings ${phase} a pending operation, in any order [NODE-006]`, async () => {
      const all = orders(Object.keys(make().endings)).filter(
        ({ length }) => begun === "done" || length >= begun,
      );
      const wrong: string[] = [];
      const strays = await stray(async () => {
        const runs = [0, 2].flatMap((turns) => all.map((order) => perform(make, order, begun, turns)));
        for (const found of await Promise.all(runs)) wrong.push(...found);
      });
      if (wrong.length > 0) throw new Error(wrong.join("\n"));
      expect(strays).toEqual([]);
    });
  }
});
