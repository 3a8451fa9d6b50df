import { type Duplex, PassThrough, type Readable, type Writable } from "node:stream";
import { pipe } from "@pipe512/core";
import {
  duplexPair,
  fromReadable,
  fromWritable,
  pipeDuplex,
  toDuplex,
  toReadable,
  toWritable,
} from "@pipe512/node";
import { Ledger } from "./ledger.ts";
import { type Move, pauses, readableMoves, readerMoves, writableMoves, writerMoves } from "./moves.ts";
import { settle } from "./turns.ts";

/** A conversion to test: the operations on its two ends, how to end it, and its state. */
interface Rig {
  readonly write: Record<string, Move>;
  readonly read: Record<string, Move>;
  /** Ends the writing side, and reads the remaining bytes. */
  finish(): void;
  /** Whether the conversion has ended. */
  isDone(): boolean;
  /** Destroys and closes everything that is still open. */
  stop(): void;
}

type Setup = (ledger: Ledger) => Rig;

/** A rig of a writable and a readable stream, which may be the same. */
function streams(writable: Writable, readable: Readable, ledger: Ledger, isDirect = false): Rig {
  return {
    write: {
      ...writableMoves(writable, ledger),
      ...(isDirect && { flowing: flowing(writable, readable, ledger) }),
    },
    read: readableMoves(readable, ledger),
    finish() {
      while (writable.writableCorked > 0) writable.uncork();
      writable.end();
      flow(readable);
    },
    isDone: () => readable.destroyed || readable.readableEnded,
    stop() {
      writable.destroy();
      readable.destroy();
    },
  };
}

/** Reads the remaining bytes. Resumes the stream if a listener of an earlier step pauses it. */
function flow(readable: Readable): void {
  readable.removeAllListeners("readable").unpipe();
  const resume = (): void => void setImmediate(() => readable.resume());
  readable.on("pause", resume);
  setImmediate(() => readable.on("data", () => {}).resume());
}

/**
 * Writes a chunk that fits to a flowing stream. It must be delivered before `write()` returns, at every state of the
 * budget (NODE-016).
 */
function flowing(writable: Writable, readable: Readable, ledger: Ledger): Move {
  return (size) => {
    readable.on("data", () => {});
    const isEmpty =
      ledger.received === ledger.written && writable.writableLength === 0 && !readable.readableEncoding;
    if (writable.destroyed || writable.writableEnded || writable.writableCorked > 0 || !isEmpty) return;
    if (readable.readableFlowing !== true || size > chunkSize || ledger.isBroken) return;
    const fits = writable.write(ledger.next(size));
    if (readable.readableFlowing && ledger.received !== ledger.written) {
      ledger.failure ??= new Error(`A write of ${size} bytes came late, and returned ${fits}`);
    }
  };
}

/** A rig that does not copy written arrays, because their ownership is transferred. */
function withoutReuse(rig: Rig): Rig {
  const { writeReused: _, ...write } = rig.write;
  return { ...rig, write };
}

/** Small chunks, so that a written chunk may be longer than one read. */
const chunkSize = 700;

export const setups: Readonly<Record<string, Setup>> = {
  PassThrough: (ledger) => ((duplex) => streams(duplex, duplex, ledger, true))(new PassThrough()),
  "pipeDuplex()": (ledger) => ((duplex) => streams(duplex, duplex, ledger, true))(pipeDuplex({ chunkSize })),
  "pipeDuplex({ highWaterMark })": (ledger) =>
    ((duplex) => streams(duplex, duplex, ledger, true))(pipeDuplex({ chunkSize, highWaterMark: 1000 })),
  "pipeDuplex({ transfer })": (ledger) =>
    ((duplex) => withoutReuse(streams(duplex, duplex, ledger, true)))(pipeDuplex({ transfer: true })),
  "duplexPair()": (ledger) =>
    ((pair: [Duplex, Duplex]) => streams(...pair, ledger, true))(duplexPair({ chunkSize })),
  "toDuplex()": (ledger) => {
    const [there, back] = [pipe(), pipe()];
    const one = toDuplex(back.reader, there.writer, { chunkSize });
    return streams(one, toDuplex(there.reader, back.writer, { chunkSize }), ledger);
  },
  "toReadable()": (ledger) => {
    const { reader, writer } = pipe();
    const rig = streams(new PassThrough(), toReadable(reader, { chunkSize }), ledger);
    return {
      ...rig,
      write: writerMoves(writer, ledger),
      finish() {
        writer.close();
        rig.finish();
      },
      stop() {
        writer.closeWithError(undefined);
        rig.stop();
      },
    };
  },
  "toWritable()": (ledger) => {
    const { reader, writer } = pipe();
    const rig = streams(toWritable(writer), new PassThrough(), ledger);
    return { ...rig, ...readBy(reader, ledger, rig) };
  },
  "fromReadable()": (ledger) => {
    const source = new PassThrough({ highWaterMark: 600 });
    const rig = streams(source, new PassThrough(), ledger);
    return { ...rig, ...readBy(fromReadable(source), ledger, rig) };
  },
  "fromWritable()": (ledger) => {
    const sink = new PassThrough({ highWaterMark: 600 });
    const rig = streams(sink, sink, ledger);
    const writer = fromWritable(sink);
    return {
      ...rig,
      write: writerMoves(writer, ledger),
      finish() {
        writer.close();
        flow(sink);
      },
    };
  },
};

/** The changes to a rig whose reading end is a `Reader`. */
function readBy(
  reader: Parameters<typeof readerMoves>[0],
  ledger: Ledger,
  rig: Rig,
): Pick<Rig, "read" | "finish" | "isDone" | "stop"> {
  let isDone = false;
  const { moves, drain } = readerMoves(reader, ledger);
  return {
    read: moves,
    finish() {
      rig.finish();
      ledger.promise(
        "the last reads",
        drain().finally(() => void (isDone = true)),
      );
    },
    isDone: () => isDone,
    stop() {
      reader.close();
      rig.stop();
    },
  };
}

/** One step of a sequence: a name, and a number. */
export type Step = readonly [name: string, size: number];

/** The number of iterations within which a finished rig must end. */
const MOST_TURNS = 300;

/**
 * Runs the steps in order, ends the rig, and checks that no byte was lost, duplicated or reordered, and that everything
 * has settled. Steps that the rig does not have are skipped.
 *
 * @throws {Error} If a check fails.
 */
export async function play(setup: Setup, steps: readonly Step[], strays: unknown[]): Promise<void> {
  const ledger = new Ledger();
  const rig = setup(ledger);
  const moves: Record<string, Move> = { ...pauses };
  for (const [name, move] of Object.entries(rig.write)) moves[`write.${name}`] = move;
  for (const [name, move] of Object.entries(rig.read)) moves[`read.${name}`] = move;
  for (const [name, size] of steps) {
    const result = moves[name]?.(size);
    if (name in pauses) await result;
  }
  await settle(2);
  rig.finish();
  for (let turn = 0; turn < MOST_TURNS && !rig.isDone(); turn++) await settle(1);
  if (!rig.isDone() && !ledger.isBroken) {
    throw new Error(`The rig has not ended: ${ledger.received} of ${ledger.written} bytes were received`);
  }
  rig.stop();
  await settle(4);
  if (strays.length > 0) throw new Error("An error went uncaught", { cause: strays.shift() });
  ledger.check();
}

/** The names of all operations on a conversion. */
export function movesOf(setup: Setup): string[] {
  const rig = setup(new Ledger());
  const names = [
    ...Object.keys(rig.write).map((name) => `write.${name}`),
    ...Object.keys(rig.read).map((name) => `read.${name}`),
    ...Object.keys(pauses),
  ];
  rig.stop();
  return names;
}
