import { PassThrough, type Readable, Writable } from "node:stream";
import type { Writer } from "@pipe512/core";
import { spend } from "@pipe512/core/adapter";
import type { ReadableReader } from "@pipe512/node";
import type { Ledger } from "./ledger.ts";
import { settle } from "./turns.ts";

/** One operation of a user. `size` is a number of bytes, or another number that the operation needs. */
export type Move = (size: number) => unknown;

const failure = Object.assign(new Error("by a random operation"), { code: "ERANDOM" });

/** The operations on a writable stream. */
export function writableMoves(stream: Writable, ledger: Ledger): Record<string, Move> {
  stream.on("error", () => {});
  const isNodes = stream instanceof PassThrough;
  /** Node's own streams drop the callbacks of a destroyed stream. */
  const callback = (name: string): (() => void) => (isNodes ? () => {} : ledger.callback(name));
  const canWrite = (): boolean => !stream.destroyed && !stream.writableEnded;
  return {
    write: (size) => canWrite() && stream.write(ledger.next(size), callback("write")),
    writePlain: (size) => canWrite() && stream.write(ledger.next(size)),
    writeString: (size) =>
      canWrite() &&
      stream.write(ledger.next(size).toString("latin1"), "latin1", callback("write of a string")),
    writeView: (size) => canWrite() && stream.write(new DataView(ledger.next(size).buffer)),
    writeReused(size) {
      if (!canWrite()) return;
      const chunk = ledger.next(size);
      if (isNodes) {
        stream.write(chunk); // The stream does not copy it.
        return;
      }
      const called = callback("write of a reused array");
      stream.write(chunk, () => {
        chunk.fill(0);
        called();
      });
    },
    writeMany(size) {
      for (let count = 0; count < 5; count++) if (canWrite()) stream.write(ledger.next(size % 100));
    },
    // Node 24 never finishes a stream that was corked after its end and whose last write calls back at once.
    cork: () => stream.writableEnded || stream.cork(),
    uncork: () => stream.uncork(),
    end(size) {
      if (!canWrite()) return;
      ledger.isEnded = true;
      if (size % 2 === 0) stream.end(callback("end"));
      else stream.end(ledger.next(size), callback("end of a chunk"));
    },
    endAgain: () => ledger.isEnded && stream.end(callback("another end")),
    destroy() {
      ledger.isBroken = true;
      stream.destroy();
    },
    destroyWithError() {
      ledger.isBroken = true;
      stream.destroy(failure);
    },
  };
}

/** The operations on a `Writer`. */
export function writerMoves(writer: Writer, ledger: Ledger): Record<string, Move> {
  let isClosed = false;
  /** The pending writes, and whether one of them may be aborted; no other may follow it yet. */
  let outstanding = 0;
  let mayAbort = false;
  const write = (size: number, signal?: AbortSignal): void => {
    if (isClosed || mayAbort) return;
    const before = ledger.written;
    const progress = { bytes: 0 };
    outstanding += 1;
    const noted = async (): Promise<void> => {
      try {
        await writer.write(ledger.next(size), { signal, progress });
      } catch (error) {
        if (error === failure && signal?.aborted) ledger.written = before + progress.bytes;
        else ledger.isBroken = true;
      }
      outstanding -= 1;
      mayAbort = false;
    };
    ledger.promise("write", noted());
  };
  return {
    write: (size) => write(size),
    writeMany(size) {
      for (let count = 0; count < 5; count++) write(size % 100);
    },
    tryWrite(size) {
      if (isClosed || outstanding > 0 || writer.tryWrite === undefined) return;
      const before = ledger.written;
      const bytes = ledger.next(size);
      try {
        ledger.written = before + writer.tryWrite(bytes);
      } catch {
        ledger.written = before;
      }
    },
    writeAborted(size) {
      if (outstanding > 0) return;
      const aborter = new AbortController();
      write(size, aborter.signal);
      mayAbort = !isClosed;
      if (size % 2 === 0) aborter.abort(failure);
      else setImmediate(() => aborter.abort(failure));
    },
    close() {
      isClosed = true;
      ledger.isEnded = true;
      writer.close();
    },
    finish() {
      isClosed = true;
      ledger.isEnded = true;
      if (writer.finish === undefined) writer.close();
      else ledger.promise("finish", writer.finish());
    },
    closeWithError() {
      isClosed = true;
      ledger.isBroken = true;
      writer.closeWithError(failure);
    },
  };
}

/** The operations on a readable stream. However a chunk is read, Node emits `data` with it once. */
export function readableMoves(stream: Readable, ledger: Ledger): Record<string, Move> {
  const emit = stream.emit.bind(stream) as (...args: unknown[]) => boolean;
  stream.emit = (name: string | symbol, ...args: unknown[]): boolean => {
    const [chunk] = args;
    if (name === "data") {
      ledger.take(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : (chunk as Buffer));
    }
    return emit(name, ...args);
  };
  stream.on("error", () => {});
  const onData = (): void => {};
  const onReadable = (): void => void stream.read();
  const onReadableAll = (): void => {
    while (stream.read() !== null) {}
  };
  const sink = new Writable({
    highWaterMark: 100,
    write: (_chunk, _encoding, done) => void setImmediate(done),
  });
  sink.on("error", () => {});
  return {
    read: () => stream.read(),
    readSome: (size) => stream.read(size),
    readNothing: () => stream.read(0),
    onData: () => stream.on("data", onData),
    offData: () => stream.off("data", onData),
    onReadable: () => stream.on("readable", onReadable),
    onReadableAll: () => stream.on("readable", onReadableAll),
    offReadable: () => stream.off("readable", onReadable).off("readable", onReadableAll),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    pauseOnData: () => stream.once("data", () => void stream.pause()),
    pipe: () => !sink.destroyed && stream.pipe(sink, { end: false }),
    unpipe: () => stream.unpipe(sink),
    setEncoding: () => stream.setEncoding("latin1"),
    unshift(size) {
      const length = Math.min(size, ledger.received);
      if (length === 0 || stream.destroyed || stream.readableEnded || stream.readableEncoding !== null)
        return;
      // Node never delivers these bytes: its loop over a flowing stream has ended, and `resume()` begins no other one.
      if (ledger.isEnded && stream.readableFlowing) return;
      stream.unshift(ledger.putBack(length));
    },
    iterate(size) {
      const steps = async (): Promise<void> => {
        let left = size % 4;
        const keep = size % 2 === 0;
        if (!keep) ledger.isBroken = true;
        for await (const chunk of stream.iterator({ destroyOnReturn: !keep })) {
          left -= chunk === undefined ? 0 : 1;
          if (left <= 0) break;
        }
      };
      ledger.promise("iteration", steps());
    },
    destroyOnData() {
      ledger.isBroken = true;
      stream.once("data", () => void stream.destroy());
    },
    destroy() {
      ledger.isBroken = true;
      stream.destroy();
    },
    destroyWithError() {
      ledger.isBroken = true;
      stream.destroy(failure);
    },
  };
}

/** The operations on a `Reader`. */
export function readerMoves(
  reader: Pick<
    ReadableReader,
    "read" | "readChunk" | "tryRead" | "tryReadChunk" | "close" | "closeWithError"
  > &
    AsyncIterable<Uint8Array>,
  ledger: Ledger,
): { readonly moves: Record<string, Move>; readonly drain: () => Promise<void> } {
  /** The pending reads, whose bytes are recorded before those of later reads, and whether a loop is running. */
  let outstanding = 0;
  let isLooping = false;
  let earlier: Promise<unknown> = Promise.resolve();
  const follow = <T>(name: string, promise: Promise<T>, onValue: (value: T) => void): void => {
    outstanding += 1;
    // A read may settle before an earlier one, but its bytes are still the later ones.
    earlier = Promise.allSettled([earlier, promise])
      .then(() => promise)
      .then(onValue, () => {})
      .finally(() => void (outstanding -= 1));
    ledger.promise(name, earlier);
  };
  const read = (size: number, signal?: AbortSignal): void => {
    if (isLooping) return;
    const into = new Uint8Array(size);
    follow("read", reader.read(into, { signal }), (count) => ledger.take(into.subarray(0, count ?? 0)));
  };
  const attempt = (next: () => Uint8Array | null | undefined): void => {
    if (outstanding > 0 || isLooping) return;
    let chunk: Uint8Array | null | undefined;
    try {
      chunk = next();
    } catch {
      return; // The reader has failed.
    }
    if (chunk) ledger.take(chunk);
  };
  const moves: Record<string, Move> = {
    read: (size) => read(size),
    readMany() {
      for (let count = 0; count < 3; count++) read(100);
    },
    readAborted(size) {
      const aborter = new AbortController();
      read(size, aborter.signal);
      if (size % 2 === 0) aborter.abort(failure);
      else setImmediate(() => aborter.abort(failure));
    },
    readChunk(size) {
      if (isLooping) return;
      follow("readChunk", reader.readChunk({ maxBytes: size + 1 }), (chunk) => chunk && ledger.take(chunk));
    },
    tryRead: (size) =>
      attempt(() => {
        const into = new Uint8Array(size);
        return into.subarray(0, reader.tryRead(into) ?? 0);
      }),
    tryReadChunk: () => attempt(() => reader.tryReadChunk()),
    iterate(size) {
      if (outstanding > 0 || isLooping) return;
      isLooping = true;
      let left = size % 4;
      const steps = async (): Promise<void> => {
        for await (const chunk of reader) {
          ledger.take(chunk);
          left -= 1;
          if (left <= 0) break;
        }
        ledger.isBroken = true;
      };
      const looped = steps().finally(() => void (isLooping = false));
      earlier = looped.catch(() => {});
      ledger.promise("iteration", looped);
    },
    close() {
      ledger.isBroken = true;
      reader.close();
    },
    closeWithError() {
      ledger.isBroken = true;
      reader.closeWithError(failure);
    },
  };
  const drain = async (): Promise<void> => {
    await earlier;
    for (let chunk = await reader.readChunk(); chunk !== null; chunk = await reader.readChunk()) {
      ledger.take(chunk);
    }
  };
  return { moves, drain };
}

/** The steps between operations. */
export const pauses: Record<string, Move> = {
  microtask: () => Promise.resolve(),
  tick: () => new Promise<void>((resolve) => process.nextTick(resolve)),
  turn: () => settle(1),
  turns: (size) => settle(size % 5),
  /** Uses up the credit of the budget, so that the clock is checked now. */
  burn: () => void spend(2 ** 30),
  /** Leaves a small credit, so that it ends during the next steps. */
  burnAlmost: (size) => {
    spend(2 ** 30);
    for (let count = 0; count < 1000 - (size % 50); count++) spend(0);
  },
};
