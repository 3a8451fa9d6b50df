import type { PipeReader } from "@pipe512/core";
import type { Frame } from "./window.ts";

/** The target that frames are added to. */
export interface FrameSink {
  /** Whether a frame of this many bytes may be added now. */
  hasRoom(bytes: number): boolean;
  /** Whether to gather small writes. True while published frames are not acknowledged. */
  isBusy(): boolean;
  add(frame: Frame): void;
}

/**
 * Makes frames of the written bytes. A write becomes a frame at once, up to `chunk` bytes of it. While two published
 * frames are not acknowledged, new writes are gathered into the next frame.
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

  /** Frames all written bytes, until the end. @throws The error that the writer was closed with, after all accepted bytes. */
  async run(): Promise<void> {
    try {
      await this.#gather();
    } finally {
      // The last bytes need room like any others. The end that follows them needs none.
      this.#isEnding = true;
      for (this.proceed(); this.#gatheredBytes > 0 && !this.#isStopped; ) await this.#change();
    }
  }

  /** Called after an acknowledgement or a commit. A frame may be due now, or the window may have room. */
  proceed(): void {
    const isDue = this.#gatheredBytes === this.#chunk || this.#isEnding || !this.#sink.isBusy();
    if (isDue && this.#sink.hasRoom(this.#gatheredBytes)) this.seal();
    this.#wake();
  }

  /** Makes a frame of the gathered bytes, due or not. */
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

  /** The gathered bytes will never be sent. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  async #gather(): Promise<void> {
    for (;;) {
      while (!this.#canTake()) await this.#change(); // Wait until there is room.
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
