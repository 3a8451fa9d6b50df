import { joined, sequence } from "./bytes.ts";
import type { Ends, OperationOptions, Reader, Writer } from "./ends.ts";
import { shown } from "./expectations.ts";
import { nextTurn } from "./platform.ts";
import type { Supports } from "./supports.ts";

/** What is held against the contract. */
export interface Target {
  /** What the group of its tests is called. */
  readonly name: string;
  /** Makes a new one, with nothing in it, each time it is called. */
  readonly create: () => Ends | Promise<Ends>;
  readonly supports: Supports;
  /**
   * Lets pass what the target needs to get on by itself: 8 of these show that an operation waits, and one that has not
   * settled after 200 counts as hanging. A target behind a wire or in another thread gives a short delay.
   *
   * @default One turn of the event loop.
   */
  readonly turn?: () => Promise<void>;
}

/** How a promise stands, seen from outside. */
export interface Watched<T> {
  state: "pending" | "fulfilled" | "rejected";
  /** What it fulfilled with. */
  value?: T;
  /** What it rejected with. */
  reason?: unknown;
}

/** What one case is given: new ends, and ways to wait that no target can hang. Rejections that it is shown count as handled. */
export class Trial {
  readonly #target: Pick<Target, "create" | "turn">;
  readonly #opened: Ends[] = []; // Grows with each open(), closed at the end, so that no case leaves work behind.

  constructor(target: Pick<Target, "create" | "turn">) {
    this.#target = target;
  }

  /** New ends, which are closed after the case. */
  async open(): Promise<Ends> {
    const ends = await this.openUnheld();
    this.#opened.push(ends);
    return ends;
  }

  /** New ends of which nothing is kept here, so that the case can lose them. */
  async openUnheld(): Promise<Ends> {
    return this.#target.create();
  }

  /** Closes what was opened. What is broken may throw here: that is for the case on closing to find. */
  end(): void {
    for (const { reader, writer } of this.#opened) {
      try {
        // These take an error that no operation has met, or that comes after the close. It would be reported as unhandled.
        this.watch(writer.write(new Uint8Array(0)));
        if (writer.finish !== undefined) this.watch(writer.finish());
      } catch {}
      for (const end of [writer, reader]) {
        try {
          end.close();
        } catch {}
      }
    }
  }

  /** Lets everything happen that can happen by itself. */
  async settle(turns = 8): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await (this.#target.turn ?? nextTurn)();
  }

  watch<T>(promise: Promise<T>): Watched<T> {
    const watched: Watched<T> = { state: "pending" };
    promise.then(
      (value) => Object.assign(watched, { state: "fulfilled", value }),
      (reason: unknown) => Object.assign(watched, { state: "rejected", reason }),
    );
    return watched;
  }

  /**
   * What `promise` settles with, where it settles by itself.
   *
   * @throws {Error} If it hangs. The stack names the line of the case that waited.
   */
  async soon<T>(promise: Promise<T>): Promise<T> {
    const late = new Error("Expected an operation to settle, and it hangs");
    const watched = this.watch(promise);
    // Most operations take no more than microtasks, and a browser needs longer for one turn than for all of these.
    for (let tick = 0; watched.state === "pending" && tick < 32; tick++) await Promise.resolve();
    for (let turn = 0; watched.state === "pending"; turn++) {
      if (turn === 200) throw late;
      await this.settle(1);
    }
    return promise;
  }

  /**
   * What `promise` rejects with, which may be any value, `undefined` too.
   *
   * @throws {Error} If it fulfils, or hangs.
   */
  rejection(what: string, promise: Promise<unknown>): Promise<unknown> {
    const unexpected = (value: unknown): never => {
      throw new Error(`${what}: expected a rejection, and it fulfilled with ${shown(value)}`);
    };
    return this.soon(
      promise.then(
        (value) => () => unexpected(value),
        (reason: unknown) => () => reason,
      ),
    ).then((outcome) => outcome());
  }

  /**
   * Checks that `promise` is still pending once everything has happened that can.
   *
   * @throws {Error} If it has settled.
   */
  async expectWaiting(what: string, promise: Promise<unknown>): Promise<void> {
    const watched = this.watch(promise);
    await this.settle();
    if (watched.state === "pending") return;
    const outcome = watched.state === "fulfilled" ? watched.value : watched.reason;
    throw new Error(`${what}: expected it to wait, and it ${watched.state} with ${shown(outcome)}`);
  }

  /**
   * Writes a sequence with nobody reading until a write waits, and gives that one, in an object so that it is not
   * awaited, with the bytes of all of them.
   *
   * @throws {Error} If 1 MiB is accepted.
   */
  async block(
    writer: Writer,
    options: OperationOptions = {},
  ): Promise<{ readonly blocked: Promise<number>; readonly total: number }> {
    for (let total = 4096; total <= 1 << 20; total += 4096) {
      const blocked = writer.write(sequence(4096, total - 4096), options);
      const watched = this.watch(blocked);
      await this.settle();
      if (watched.state === "rejected") throw watched.reason;
      if (watched.state === "pending") return { blocked, total };
    }
    throw new Error("Expected a write to wait, and 1 MiB was accepted with nobody reading");
  }

  /** Writes the first `total` bytes of a sequence, `size` at a time, then closes. Resolves with the sum of what the writes gave. */
  feed(writer: Writer, total: number, size: number): Promise<number> {
    const feeding = (async () => {
      let sum = 0;
      for (let at = 0; at < total; at += size) {
        sum += await writer.write(sequence(Math.min(size, total - at), at));
      }
      writer.close();
      return sum;
    })();
    this.watch(feeding);
    return feeding;
  }

  /** Everything that `reader` still has to give, read `size` bytes at a time until the end. */
  async drain(reader: Reader, size = 1033): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const part = await this.take(reader, size);
      if (part === null) return joined(parts);
      parts.push(part);
    }
  }

  /**
   * What one read into `size` bytes gives; `null` at the end.
   *
   * @throws {Error} If it gives nothing, or more than was asked for.
   */
  async take(reader: Reader, size: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const into = new Uint8Array(size);
    const count = await this.soon(reader.read(into));
    if (count === null) return null;
    if (count >= 1 && count <= size) return into.subarray(0, count);
    throw new Error(`A read into ${size} bytes: expected 1 to ${size}, got ${shown(count)}`);
  }

  /**
   * The next chunk; `null` at the end.
   *
   * @throws {Error} If the reader has no `readChunk`.
   */
  async takeChunk(reader: Reader, options?: { readonly maxBytes?: number }): Promise<Uint8Array | null> {
    if (reader.readChunk === undefined)
      throw new Error("Expected a reader with readChunk(), and it has none");
    return this.soon(reader.readChunk(options));
  }

  /** What reads give until they have given `total` bytes, or the end comes. */
  async collect(reader: Reader, total: number): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    for (let left = total; left > 0; ) {
      const part = await this.take(reader, left);
      if (part === null) break;
      parts.push(part);
      left -= part.length;
    }
    return joined(parts);
  }
}
