import { fairTurn, spend } from "../pipe/budget.ts";
import type { Reader } from "../types.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import { ForeignCount } from "./foreign-count.ts";
import type { ItemSource } from "./items.ts";

/** A buffer that splits bytes into items. */
interface Framing<T> extends ByteBuffer {
  /** Takes the next complete item. Returns `undefined` if more bytes are needed. */
  next(): T | undefined;
  /** Takes the last item at the end of the stream. Returns `undefined` if there is none. */
  last(): T | undefined;
}

/** Reads items from a reader, and holds bytes that were read ahead. */
export class ReadAhead<T> implements ItemSource<T> {
  readonly #reader: Reader;
  readonly #bytes: Framing<T>;
  /** Whether to read only bytes that the current item needs, because the reader has no `unread()` to return others. */
  readonly #exact: boolean;
  readonly #counts = new ForeignCount("read");
  /** The pending read, if it has a signal: its array, its progress, and the number of its bytes that were already taken. */
  #arriving: { readonly room: Uint8Array; readonly progress: { bytes: number }; taken: number } | undefined;

  /** @param givesBack Whether bytes that were read ahead must be returned to the reader at the end. */
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
      if (count === null || count === 0) break; // Only read() reports the end or waits.
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
    // The pending read may have moved bytes although its promise is not yet handled.
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
