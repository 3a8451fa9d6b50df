import { SharedCondition, SharedMutex } from "@pipe512/core/shared";

// The textbook implementation of the pipe between threads: one mutex, two conditions, every byte under the lock. It behaves like the lock-free pipe, but its code is
// short. A test compares the two.

const CAPACITY = 512;

/** The memory of the pipe: the words of the mutex and the conditions, three numbers, and the ring. */
export function textbookMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(6 * 4 + CAPACITY);
}

export class TextbookPipe {
  readonly #mutex: SharedMutex;
  readonly #notEmpty: SharedCondition;
  readonly #notFull: SharedCondition;
  /** The total number of bytes written and read, and whether the writer has closed. Like the ring, they are accessed only with the lock held. */
  readonly #counts: Int32Array;
  readonly #ring: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#mutex = new SharedMutex({ buffer, byteOffset: 0 });
    this.#notEmpty = new SharedCondition({ buffer, byteOffset: 4 });
    this.#notFull = new SharedCondition({ buffer, byteOffset: 8 });
    this.#counts = new Int32Array(buffer, 12, 3);
    this.#ring = new Uint8Array(buffer, 24, CAPACITY);
  }

  writeSync(bytes: Uint8Array): number {
    const token = SharedMutex.lock(this.#mutex);
    for (const byte of bytes) {
      while (this.#written - this.#read === CAPACITY) SharedCondition.wait(this.#notFull, token); // Wait until a reader makes room.
      this.#ring[this.#written % CAPACITY] = byte;
      this.#counts[0] = this.#written + 1;
      SharedCondition.notify(this.#notEmpty); // A byte arrived: wake the reader.
    }
    token.unlock();
    return bytes.length;
  }

  readSync(into: Uint8Array): number | null {
    const token = SharedMutex.lock(this.#mutex);
    while (this.#written === this.#read && this.#counts[2] === 0) SharedCondition.wait(this.#notEmpty, token); // Wait for a byte or the end.
    let count = 0;
    while (count < into.length && this.#read < this.#written) {
      into[count] = this.#ring[this.#read % CAPACITY] as number;
      this.#counts[1] = this.#read + 1;
      count += 1;
    }
    SharedCondition.notify(this.#notFull); // There is room: wake the writer.
    token.unlock();
    return count === 0 ? null : count;
  }

  close(): void {
    const token = SharedMutex.lock(this.#mutex);
    this.#counts[2] = 1;
    SharedCondition.notify(this.#notEmpty); // No more bytes will come: wake the reader.
    token.unlock();
  }

  get #written(): number {
    return this.#counts[0] as number;
  }

  get #read(): number {
    return this.#counts[1] as number;
  }
}
