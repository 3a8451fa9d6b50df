import type { PipeWriter } from "@pipe512/core";
import type { Inlet } from "./joined.ts";
import type { Load } from "./load.ts";

/** A writer of pipe512 that writes until it has to wait, as stream writers do. */
export class CoreInlet implements Inlet {
  readonly #writer: PipeWriter;

  constructor(writer: PipeWriter) {
    this.#writer = writer;
  }

  get bytes(): number {
    return this.#writer.bytesWritten;
  }

  async send(load: Load): Promise<void> {
    const writer = this.#writer;
    // tryWrite would accept a part of an array that is larger than the ring, and only a whole array can be transferred.
    const options = { transfer: load.transfer };
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      const accepted = load.transfer ? 0 : writer.tryWrite(chunk);
      if (accepted < chunk.length) {
        await writer.write(accepted === 0 ? chunk : chunk.subarray(accepted), options);
      }
    }
    writer.close();
  }

  write(bytes: Uint8Array): Promise<unknown> {
    return this.#writer.write(bytes);
  }

  end(): void {
    this.#writer.close();
  }
}

/** The members of a Node stream that are used. streamx and minipass have them too. */
export interface WritesLikeNode {
  write(chunk: Buffer | Uint8Array): boolean;
  end(): unknown;
  once(event: "drain", listener: () => void): unknown;
}

/** Writes until `write()` returns false, and then waits for `drain`. */
export class NodeInlet implements Inlet {
  readonly #stream: WritesLikeNode;
  // Only send() and write() change these.
  bytes = 0;

  constructor(stream: WritesLikeNode) {
    this.#stream = stream;
  }

  async send(load: Load): Promise<void> {
    const stream = this.#stream;
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      this.bytes += chunk.length;
      if (!stream.write(chunk)) await drained(stream);
    }
    stream.end();
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    if (!this.#stream.write(bytes)) await drained(this.#stream);
  }

  end(): void {
    this.#stream.end();
  }
}

function drained(stream: WritesLikeNode): Promise<void> {
  return new Promise((resolve) => stream.once("drain", resolve));
}

/** Waits for `ready` before each write, as the standard advises. */
export class WebInlet implements Inlet {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  // Only send() and write() change these.
  bytes = 0;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
    // If the reader has left, the next `ready` of the writer rejects.
    this.#writer.closed.catch(() => {});
  }

  async send(load: Load): Promise<void> {
    const writer = this.#writer;
    for (let left = load.count; left > 0; left--) {
      await writer.ready;
      const chunk = load.next();
      this.bytes += chunk.length;
      void writer.write(chunk);
    }
    await writer.close();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writer.ready;
    this.bytes += bytes.length;
    void this.#writer.write(bytes);
  }

  end(): Promise<void> {
    return this.#writer.close();
  }
}

/** A function that accepts a chunk, and resolves when the next one may come. */
export class FunctionInlet implements Inlet {
  readonly #push: (chunk: Uint8Array) => Promise<unknown> | undefined;
  readonly #end: () => unknown;
  // Only send() and write() change these.
  bytes = 0;

  /** @param push Resolves when the next chunk may come; `undefined` means at once. */
  constructor(push: (chunk: Uint8Array) => Promise<unknown> | undefined, end: () => unknown) {
    this.#push = push;
    this.#end = end;
  }

  async send(load: Load): Promise<void> {
    const push = this.#push;
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      this.bytes += chunk.length;
      const pushed = push(chunk);
      if (pushed !== undefined) await pushed;
    }
    await this.#end();
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    await this.#push(bytes);
  }

  end(): unknown {
    return this.#end();
  }
}

/** A source that is pulled. Each pull gets the next chunk of the load, or of the writes, and `null` at the end. */
export class PulledInlet implements Inlet {
  // Changed by pull(): the number of delivered bytes.
  bytes = 0;
  // Set by send() and write(), consumed by pull().
  #load: Load | undefined;
  #left = 0;
  #single: Uint8Array | undefined;
  #ended = false;
  // pull() calls #taken once it has delivered everything. send(), write() and end() call #offered when a pull has a result again.
  #taken: (() => void) | undefined;
  #offered: (() => void) | undefined;

  send(load: Load): Promise<void> {
    this.#load = load;
    this.#left = load.count;
    this.#ended = true;
    return this.#offer();
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#single = bytes;
    return this.#offer();
  }

  end(): void {
    this.#ended = true;
    this.#offered?.();
  }

  /** The next chunk if there is one, `null` at the end, otherwise a promise that resolves when a pull is worthwhile. */
  pull(): Uint8Array | null | Promise<void> {
    const chunk = this.#next();
    if (chunk !== undefined) {
      this.bytes += chunk.length;
      return chunk;
    }
    this.#taken?.();
    this.#taken = undefined;
    if (this.#ended) return null;
    return new Promise((resolve) => {
      this.#offered = resolve;
    });
  }

  #next(): Uint8Array | undefined {
    if (this.#left > 0) {
      this.#left--;
      return this.#load?.next();
    }
    const single = this.#single;
    if (single === undefined) return undefined;
    this.#single = undefined;
    this.#taken?.();
    return single;
  }

  #offer(): Promise<void> {
    this.#offered?.();
    this.#offered = undefined;
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }
}
