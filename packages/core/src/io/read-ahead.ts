import { fairTurn, spend } from "../pipe/budget.ts";
import type { Reader } from "../types.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import { ForeignCount } from "./foreign-count.ts";
import type { ItemSource } from "./items.ts";

/** Bytes on their way to items. */
interface Framing<T> extends ByteBuffer {
  /** Takes the next whole item, or `undefined` where more bytes are needed. */
  next(): T | undefined;
  /** Takes what is left at the end of the stream, or `undefined` if nothing is. */
  last(): T | undefined;
}

/** Items out of a reader, and what was read of it ahead of them. */
export class ReadAhead<T> implements ItemSource<T> {
  readonly #reader: Reader;
  readonly #bytes: Framing<T>;
  /** Whether no byte may be read that is not needed for the item in hand, since none could be given back. */
  readonly #exact: boolean;
  readonly #counts = new ForeignCount("read");
  /** What the read in progress has brought, where that can be taken back, and its room. */
  #arriving: { readonly room: Uint8Array; readonly progress: { bytes: number }; taken: number } | undefined;

  /** @param givesBack Whether the reader is to be left at the first byte of which no item was taken. */
  constructor(reader: Reader, bytes: Framing<T>, givesBack: boolean) {
    this.#reader = reader;
    this.#bytes = bytes;
    this.#exact = givesBack && reader.unread === undefined;
  }

  next(): T | undefined {
    let item = this.#bytes.next();
    while (item === undefined && this.#exact && this.#reader.tryRead !== undefined && spend(0)) {
      const room = this.#room();
      const count = this.#reader.tryRead(room);
      if (count === null || count === 0) break; // Neither is an answer of a read.
      this.#bytes.add(this.#counts.check(count, room.length));
      item = this.#bytes.next();
    }
    return item;
  }

  last(): T | undefined {
    return this.#bytes.last();
  }

  async more(signal: AbortSignal | undefined): Promise<boolean> {
    const room = this.#room();
    let count: number | null;
    if (signal === undefined) {
      count = await this.#reader.read(room);
    } else {
      const arriving = { room, progress: { bytes: 0 }, taken: 0 };
      this.#arriving = arriving;
      try {
        count = await this.#reader.read(room, { signal, progress: arriving.progress });
      } finally {
        this.#arriving = undefined;
      }
      if (count !== null && arriving.taken > 0) return true;
    }
    if (count === null) return false;
    this.#bytes.add(this.#counts.check(count, room.length), room);
    const turn = fairTurn(count);
    if (turn !== undefined) await turn;
    return true;
  }

  giveBack(): void {
    // The read in progress may be done although its promise has not been looked at.
    const arriving = this.#arriving;
    if (arriving !== undefined) {
      arriving.taken = arriving.progress.bytes;
      this.#bytes.add(arriving.taken, arriving.room);
    }
    if (this.#bytes.length > 0) this.#reader.unread?.(this.#bytes.take(this.#bytes.length));
  }

  #room(): Uint8Array {
    const room = this.#bytes.room();
    return this.#exact ? room.subarray(0, this.#bytes.needed) : room;
  }
}
