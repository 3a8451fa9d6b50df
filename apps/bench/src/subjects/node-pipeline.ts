import { Duplex, PassThrough, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pipeDuplex } from "@pipe512/node";
import type { Channel, Open, Sink } from "./channel.ts";
import { copyingTransform } from "./copying-transform.ts";
import type { Load } from "./load.ts";

/** How many bytes each stream in the middle may buffer, on either side. */
const HIGH_WATER_MARK = 512;

/** `pipeline(source, middle, sink)`: the usual way to put a stream between two Node streams. */
class Pipeline implements Channel {
  readonly #makeMiddle: (transfer: boolean) => Duplex;
  // Set by receive(), which scenarios call first, and by send().
  #sink: Sink | undefined;
  #middle: Duplex | undefined;

  constructor(makeMiddle: (transfer: boolean) => Duplex) {
    this.#makeMiddle = makeMiddle;
  }

  async send(load: Load): Promise<void> {
    const sink = this.#sink;
    if (sink === undefined) throw new Error("There is no receiver: call receive() first");
    let left = load.count;
    const source = new Readable({
      read() {
        this.push(left-- > 0 ? load.next() : null);
      },
    });
    const end = new Writable({
      write(chunk: Buffer, _encoding, callback) {
        sink.take(chunk, chunk.length);
        callback();
      },
    });
    this.#middle = this.#makeMiddle(load.transfer);
    await pipeline(source, this.#middle, end);
  }

  /** The pipeline ends when everything was received, and then send() resolves. */
  receive(sink: Sink): Promise<void> {
    this.#sink = sink;
    return Promise.resolve();
  }

  held(): number {
    return (this.#middle?.writableLength ?? 0) + (this.#middle?.readableLength ?? 0);
  }
}

/** A pipe in the middle. */
export const throughPipe: Open = () =>
  new Pipeline((transfer) => pipeDuplex({ highWaterMark: HIGH_WATER_MARK, transfer }));

/** Node's own stream in the middle, which passes chunks by reference. */
export const throughPassThrough: Open = () =>
  new Pipeline(() => new PassThrough({ highWaterMark: HIGH_WATER_MARK }));

/** Node's own stream in the middle, with a copy of each chunk, which lets writers reuse their arrays. */
export const throughCopy: Open = () => new Pipeline(() => copyingTransform());

/** The smallest Duplex that honours backpressure. */
class BareDuplex extends Duplex {
  readonly #transfer: boolean;
  /** Calls back the write that waits for the reading side. {@link _write} sets it, {@link _read} takes it. */
  #waiting: (() => void) | undefined;

  constructor(transfer: boolean) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#transfer = transfer;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    if (this.push(this.#transfer ? chunk : Buffer.from(chunk))) callback();
    else this.#waiting = callback;
  }

  override _read(): void {
    const callback = this.#waiting;
    this.#waiting = undefined;
    callback?.();
  }

  override _final(callback: () => void): void {
    this.push(null);
    callback();
  }
}

/** The cost of any custom Duplex in the middle. */
export const throughBareDuplex: Open = () => new Pipeline((transfer) => new BareDuplex(transfer));
