import type { PipeReader } from "@pipe512/core";
import type { Frame } from "./window.ts";

/** What frames are made for. */
export interface FrameSink {
  /** Whether a frame of so many bytes may be added now. */
  hasRoom(bytes: number): boolean;
  /** Whether small writes are to be gathered, since frames are under way that were not answered yet. */
  isBusy(): boolean;
  add(frame: Frame): void;
}

/**
 * Makes frames of what is written: a write becomes a frame at once, up to `chunk` bytes of it, and while two frames are
 * under way the writes that come are gathered into the next one.
 */
export class Framing {
  readonly #source: PipeReader;
  readonly #sink: FrameSink;
  readonly #chunk: number;
  #position: number;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #isEnding = false;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(source: PipeReader, sink: FrameSink, chunk: number, position: number) {
    this.#source = source;
    this.#sink = sink;
    this.#chunk = chunk;
    this.#position = position;
  }

  /** The position after the last byte that was framed. */
  get position(): number {
    return this.#position;
  }

  /** Frames all that is written, until the end. @throws What the writer was closed with, after all that was accepted. */
  async run(): Promise<void> {
    try {
      await this.#gather();
    } finally {
      // The last bytes need room like any others; what follows them does not.
      this.#isEnding = true;
      for (this.proceed(); this.#gatheredBytes > 0 && !this.#isStopped; ) await this.#change();
    }
  }

  /** Called when an answer or a commit comes: a frame may have become due, or the window may have room. */
  proceed(): void {
    const isDue = this.#gatheredBytes === this.#chunk || this.#isEnding || !this.#sink.isBusy();
    if (isDue && this.#sink.hasRoom(this.#gatheredBytes)) this.seal();
    this.#wake();
  }

  /** Makes a frame of what is gathered, due or not. */
  seal(): void {
    if (this.#gatheredBytes === 0) return;
    const [first] = this.#gathered;
    const bytes = this.#gathered.length === 1 && first ? first : joined(this.#gathered, this.#gatheredBytes);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    const offset = this.#position;
    this.#position += bytes.length;
    this.#sink.add({ kind: "data", offset, bytes, end: this.#position });
  }

  /** What is gathered will never be sent. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  async #gather(): Promise<void> {
    for (;;) {
      while (!this.#canTake()) await this.#change(); // Sleep until there is room.
      const bytes = await this.#source.readChunk({ maxBytes: this.#chunk - this.#gatheredBytes });
      if (bytes === null) return;
      this.#gathered.push(bytes);
      this.#gatheredBytes += bytes.length;
      this.proceed();
    }
  }

  #canTake(): boolean {
    if (this.#gatheredBytes === 0) return this.#isStopped || this.#sink.hasRoom(this.#chunk);
    return this.#isStopped || this.#gatheredBytes < this.#chunk;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
