import { joined, sequence } from "./bytes.ts";
import type { Ends, OperationOptions, Reader, Writer } from "./ends.ts";
import { shown } from "./expectations.ts";
import { nextTurn } from "./platform.ts";
import type { Supports } from "./supports.ts";

/** What is tested against the contract. */
export interface Target {
  /** The name of the group of its tests. */
  readonly name: string;
  /** Makes a new, empty pipe at each call. */
  readonly create: () => Ends | Promise<Ends>;
  readonly supports: Supports;
  /**
   * Resolves once the target has had time to make progress. An operation that is pending after 8 turns counts as waiting, and
   * one that is pending after 200 as hanging. A target behind a network or in another thread passes a short delay.
   *
   * @param before Number of turns, 0 to 199, that the same wait has taken before. A target whose turns are short may lengthen
   * the later ones: then a thread that the system does not schedule for some milliseconds does not count as hanging.
   * @default One iteration of the event loop.
   */
  readonly turn?: (before: number) => Promise<void>;
}

/** The state of a promise. */
export interface Watched<T> {
  state: "pending" | "fulfilled" | "rejected";
  /** What it fulfilled with. */
  value?: T;
  /** What it rejected with. */
  reason?: unknown;
}

/** The argument of a case: makes ends, and waits for promises with a limit, so that no target can hang the suite. A watched rejection is handled. */
export class Trial {
  readonly #target: Pick<Target, "create" | "turn">;
  readonly #opened: Ends[] = []; // Each open() adds one. All are closed after the case, so that no operation stays pending.

  constructor(target: Pick<Target, "create" | "turn">) {
    this.#target = target;
  }

  /** Makes new ends, which are closed after the case. */
  async open(): Promise<Ends> {
    const ends = await this.openUnheld();
    this.#opened.push(ends);
    return ends;
  }

  /** Makes new ends without a reference to them here, so that they can be garbage-collected during the case. */
  async openUnheld(): Promise<Ends> {
    return this.#target.create();
  }

  /** Closes the ends that were opened. A close that throws is ignored here: the case on closing finds it. */
  end(): void {
    for (const { reader, writer } of this.#opened) {
      try {
        // Both ends receive an error that no operation has received yet, or that comes after the close. Otherwise it would be reported as unhandled.
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

  /** Waits for everything that happens without a further call. */
  async settle(turns = 8): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await this.#turn(turn);
  }

  #turn(before: number): Promise<void> {
    return (this.#target.turn ?? nextTurn)(before);
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
   * Settles as `promise` does, if that settles without a further call.
   *
   * @throws {Error} If it hangs. The stack trace has the line of the case that waited.
   */
  async soon<T>(promise: Promise<T>): Promise<T> {
    const late = new Error("Expected an operation to settle, and it hangs");
    const watched = this.watch(promise);
    // Most operations need only microtasks, and in a browser one turn takes longer than all of these.
    for (let tick = 0; watched.state === "pending" && tick < 32; tick++) await Promise.resolve();
    for (let turn = 0; watched.state === "pending"; turn++) {
      if (turn === 200) throw late;
      await this.#turn(turn);
    }
    return promise;
  }

  /**
   * Resolves with what `promise` rejects with, which may be any value, including `undefined`.
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
   * Checks that `promise` is still pending after `settle()`.
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
   * Writes a sequence, while nothing is read, until a write waits. Resolves with that write, in an object so that it is not
   * awaited, and with the number of bytes in all writes.
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
    throw new Error("Expected a write to wait, and 1 MiB was accepted while nothing was read");
  }

  /** Writes the first `total` bytes of a sequence, `size` at a time, then closes. Resolves with the sum of the writes' results. */
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

  /** Reads `size` bytes at a time until the end, and resolves with all bytes. */
  async drain(reader: Reader, size = 1033): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const part = await this.take(reader, size);
      if (part === null) return joined(parts);
      parts.push(part);
    }
  }

  /**
   * Resolves with the bytes of one read into `size` bytes; `null` at the end.
   *
   * @throws {Error} If the read resolves with 0 or with more than `size`.
   */
  async take(reader: Reader, size: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const into = new Uint8Array(size);
    const count = await this.soon(reader.read(into));
    if (count === null) return null;
    if (count >= 1 && count <= size) return into.subarray(0, count);
    throw new Error(`A read into ${size} bytes: expected 1 to ${size}, got ${shown(count)}`);
  }

  /**
   * Resolves with the next chunk; `null` at the end.
   *
   * @throws {Error} If the reader has no `readChunk`.
   */
  async takeChunk(reader: Reader, options?: { readonly maxBytes?: number }): Promise<Uint8Array | null> {
    if (reader.readChunk === undefined)
      throw new Error("Expected a reader with readChunk(), and it has none");
    return this.soon(reader.readChunk(options));
  }

  /** Reads `total` bytes, or fewer if the end comes first. */
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
