import { snapshot, watch } from "@pipe512/core/diagnostics";
import {
  attachReader,
  attachWriter,
  SharedCondition,
  type SharedHandle,
  SharedMutex,
  type SharedPlace,
  type UnlockToken,
} from "@pipe512/core/shared";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { TextbookPipe } from "../shared/textbook.ts";
import { random } from "../support/random.ts";

// The tasks of a test thread, by name. In Node, shared-thread.ts calls them; in a browser, ../browsers/worker.ts does.

type WriterHandle = SharedHandle<"writer">;
type ReaderHandle = SharedHandle<"reader">;

export const tasks = {
  /** Writes a sequence in pieces of random sizes, and closes. */
  feed({ handle, total, seed }: { handle: WriterHandle; total: number; seed: number }): number {
    const writer = attachWriter(handle);
    const next = random(seed);
    for (let at = 0; at < total; ) {
      const size = Math.min(1 + next(3000), total - at);
      at += writer.writeSync(sequence(size, at));
    }
    writer.close();
    return writer.bytesWritten;
  },

  /** The same with the textbook implementation of the pipe. */
  feedTextbook({ memory, total, seed }: { memory: SharedArrayBuffer; total: number; seed: number }): void {
    const writer = new TextbookPipe(memory);
    const next = random(seed);
    for (let at = 0; at < total; ) {
      const size = Math.min(1 + next(3000), total - at);
      at += writer.writeSync(sequence(size, at));
    }
    writer.close();
  },

  /** Reads a sequence in pieces of random sizes to the end, and checks it. */
  drain({ handle, seed }: { handle: ReaderHandle; seed: number }): number {
    const reader = attachReader(handle);
    const next = random(seed);
    for (;;) {
      const into = new Uint8Array(1 + next(3000));
      const at = reader.bytesRead;
      const count = reader.readSync(into);
      if (count === null) return at;
      expectSequence(into.subarray(0, count), at);
    }
  },

  async feedAsync({ handle, total, seed }: { handle: WriterHandle; total: number; seed: number }) {
    const writer = attachWriter(handle);
    const next = random(seed);
    for (let at = 0; at < total; ) {
      const size = Math.min(1 + next(3000), total - at);
      at += await writer.write(sequence(size, at));
    }
    writer.close();
    return writer.bytesWritten;
  },

  async drainAsync({ handle, seed }: { handle: ReaderHandle; seed: number }) {
    const reader = attachReader(handle);
    const next = random(seed);
    for (;;) {
      const into = new Uint8Array(1 + next(3000));
      const at = reader.bytesRead;
      const count = await reader.read(into);
      if (count === null) return at;
      expectSequence(into.subarray(0, count), at);
    }
  },

  /** Makes calls whose bytes are all `mark`, each with its length as a prefix; the async calls are all issued at once. */
  async writeWhole({ handle, mark, sizes }: { handle: WriterHandle; mark: number; sizes: number[] }) {
    const writer = attachWriter(handle);
    const waiting: Promise<number>[] = [];
    for (const [index, size] of sizes.entries()) {
      const bytes = new Uint8Array(size + 4).fill(mark);
      new DataView(bytes.buffer).setUint16(0, size);
      bytes[2] = index;
      if (index % 3 === 2) waiting.push(writer.write(bytes));
      else writer.writeSync(bytes);
    }
    await Promise.all(waiting);
  },

  /** Reads whole frames of `size` bytes until the end. */
  readFrames({ handle, size }: { handle: ReaderHandle; size: number }): number[] {
    const reader = attachReader(handle);
    const frames: number[] = [];
    const into = new Uint8Array(size);
    while (reader.readFullSync(into) !== null) {
      if (into.some((byte) => byte !== into[0])) throw new Error(`A torn frame: ${into.join(" ")}`);
      frames.push(into[0] as number);
    }
    return frames;
  },

  /** Reads one byte during a watch, and returns the reports of the watch about the wait and after it. */
  async readWatched({ handle }: { handle: ReaderHandle }): Promise<{ stalled: string; left: number }> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const watching = watch({ stallAfterMs: 20, onStall: ({ explanation }) => resolve(explanation) });
    const reader = attachReader(handle);
    await reader.read(new Uint8Array(1));
    const outcome = { stalled: await promise, left: snapshot().length };
    watching.stop();
    return outcome;
  },

  /** Holds an end and does not use it. */
  async hold({ handle }: { handle: SharedHandle }) {
    if (handle.side === "writer") attachWriter(handle as WriterHandle);
    else attachReader(handle as ReaderHandle);
    await new Promise(() => setInterval(() => {}, 1000));
  },

  /** Increments a number under the mutex a given number of times, alternating between blocking and awaiting. */
  async add({ mutex, cell, rounds }: { mutex: SharedPlace; cell: SharedArrayBuffer; rounds: number }) {
    const number = new Int32Array(cell);
    for (let round = 0; round < rounds; round += 1) {
      const token: UnlockToken =
        round % 8 === 7 ? await SharedMutex.lockAsync(mutex) : SharedMutex.lock(mutex);
      const before = number[0] as number;
      if (round % 64 === 0) Atomics.wait(number, 1, 0, 0.05);
      number[0] = before + 1;
      token.unlock();
    }
  },

  /** Passes a token between the players by conditions: waits for `turn`, then notifies the next of `players`. */
  takeTurns(game: {
    mutex: SharedPlace;
    changed: SharedPlace;
    cell: SharedArrayBuffer;
    player: number;
    players: number;
    rounds: number;
  }) {
    const turn = new Int32Array(game.cell);
    for (let round = 0; round < game.rounds; round += 1) {
      const token = SharedMutex.lock(game.mutex);
      while (turn[0] !== game.player) SharedCondition.wait(game.changed, token);
      turn[0] = (game.player + 1) % game.players;
      SharedCondition.notify(game.changed);
      token.unlock();
    }
  },

  block({ handle }: { handle: ReaderHandle }): number | null {
    return attachReader(handle).readSync(new Uint8Array(1));
  },

  /** Blocks in a write of more bytes than the ring has room for. */
  blockWriting({ handle }: { handle: WriterHandle }): number {
    return attachWriter(handle).writeSync(sequence(1033));
  },

  /** Closes while a write is pending, and does nothing more. */
  async closeEarly({ handle }: { handle: WriterHandle }) {
    const writer = attachWriter(handle);
    const writing = writer.write(sequence(1033));
    writer.close();
    await writing;
  },

  /** Waits with the mutex until a number has the expected value, and returns the number, or 0 after a timeout. A second number is 1 once the wait has begun. */
  waitUntil(place: {
    mutex: SharedPlace;
    changed: SharedPlace;
    cell: SharedArrayBuffer;
    wanted: number;
  }): number {
    const number = new Int32Array(place.cell);
    const token = SharedMutex.lock(place.mutex);
    Atomics.store(number, 1, 1);
    const isThere = SharedCondition.waitFor(place.changed, token, 20_000, () => number[0] === place.wanted);
    const found = isThere ? (number[0] as number) : 0;
    token.unlock();
    return found;
  },

  /** Reads the lines of the pipe, and returns them. */
  lines({ handle }: { handle: ReaderHandle }): string[] {
    return [...attachReader(handle).linesSync()];
  },
};

export type Tasks = typeof tasks;
