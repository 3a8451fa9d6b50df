declare global {
  /** The platform's own type where its declarations are loaded, and empty elsewhere. */
  interface AbortSignal {}
}

/** What an operation can be given. A target that does not look at one of these says so in its manifest. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: { bytes: number } | undefined;
}

/** The reading end, as the suite knows it: `read`, `close` and `closeWithError`, and what may be there besides. */
export interface Reader {
  read(into: Uint8Array, options?: OperationOptions): Promise<number | null>;
  close(): void;
  closeWithError(error: unknown): void;
  readonly closed?: Promise<void>;
  tryRead?(into: Uint8Array): number | null;
  readChunk?(options?: { readonly maxBytes?: number | undefined }): Promise<Uint8Array | null>;
}

/** The writing end, as the suite knows it: `write`, `close` and `closeWithError`, and what may be there besides. */
export interface Writer {
  write(
    bytes: Uint8Array,
    options?: OperationOptions & { readonly transfer?: boolean | undefined },
  ): Promise<number>;
  close(): void;
  closeWithError(error: unknown): void;
  readonly closed?: Promise<void>;
  tryWrite?(bytes: Uint8Array): number;
  finish?(): Promise<void>;
}

/** The two ends of what is under test: what is written to `writer` is read from `reader`. */
export interface Ends {
  readonly reader: Reader;
  readonly writer: Writer;
}
