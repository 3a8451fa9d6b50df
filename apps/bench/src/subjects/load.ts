/** What one transfer sends, chunk by chunk. */
export interface Load {
  /** The number of chunks. */
  readonly count: number;
  /** Whether each write transfers ownership of its array. */
  readonly transfer: boolean;
  /** The array that the chunks are cut from, for a sender in another thread. Absent if each chunk has its own buffer. */
  readonly source: Source;
  /** The next chunk. The caller calls it `count` times. */
  next(): Uint8Array;
}

/** The chunks of one array, from its beginning to its end. The last one may be shorter. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly chunkBytes: number;
}

/** A few arrays in turn, as often as necessary, so that the measurement allocates nothing. */
export class RepeatedLoad implements Load {
  readonly count: number;
  readonly transfer: boolean;
  readonly #chunks: readonly Uint8Array[];
  // Only next() changes these.
  #index = 0;

  constructor(chunks: readonly Uint8Array[], count: number, transfer = false) {
    this.#chunks = chunks;
    this.count = count;
    this.transfer = transfer;
  }

  get source(): Source {
    const [first, last] = [this.#chunks[0] as Uint8Array, this.#chunks.at(-1) as Uint8Array];
    const length = last.byteOffset + last.length - first.byteOffset;
    return { bytes: new Uint8Array(first.buffer, first.byteOffset, length), chunkBytes: first.length };
  }

  next(): Uint8Array {
    const chunk = this.#chunks[this.#index];
    this.#index = this.#index + 1 === this.#chunks.length ? 0 : this.#index + 1;
    return chunk as Uint8Array;
  }
}

/** A file once, from its first byte to its last, which may leave the last chunk shorter than the others. */
export class FileLoad implements Load {
  readonly count: number;
  readonly transfer = false;
  readonly #file: Uint8Array;
  readonly #chunkBytes: number;
  // Only next() changes these.
  #start = 0;

  constructor(file: Uint8Array, chunkBytes: number) {
    this.#file = file;
    this.#chunkBytes = chunkBytes;
    this.count = Math.ceil(file.length / chunkBytes);
  }

  get source(): Source {
    return { bytes: this.#file, chunkBytes: this.#chunkBytes };
  }

  next(): Uint8Array {
    const start = this.#start;
    this.#start += this.#chunkBytes;
    return this.#file.subarray(start, this.#start);
  }
}

/**
 * Chunks of equal length from the beginning of the file. A file that is shorter than one chunk is repeated.
 *
 * @param own Each chunk has its own buffer, which a transferred array needs.
 */
export function cut(file: Uint8Array, chunkBytes: number, own = false): Uint8Array[] {
  const bytes = repeat(file, chunkBytes);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % chunkBytes));
  return cutSource({ bytes: whole, chunkBytes }, own);
}

/** The chunks of a source. The last one may be shorter. */
export function cutSource({ bytes, chunkBytes }: Source, own = false): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const chunk = bytes.subarray(start, start + chunkBytes);
    chunks.push(own ? chunk.slice() : chunk);
  }
  return chunks;
}

function repeat(file: Uint8Array, atLeastBytes: number): Uint8Array {
  if (file.length >= atLeastBytes) return file;
  const repeated = new Uint8Array(atLeastBytes);
  for (let start = 0; start < atLeastBytes; start += file.length) {
    repeated.set(file.subarray(0, atLeastBytes - start), start);
  }
  return repeated;
}
