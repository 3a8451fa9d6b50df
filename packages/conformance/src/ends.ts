declare global {
  /** The platform's own type if its declarations are loaded, and an empty one otherwise. */
  interface AbortSignal {}
}

/** The options of an operation. A target that does not support one of them says so in its manifest. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: { bytes: number } | undefined;
}

/** The reading end, as the suite uses it: `read`, `close` and `closeWithError`, and optional members. */
export interface Reader {
  read(into: Uint8Array, options?: OperationOptions): Promise<number | null>;
  close(): void;
  closeWithError(error: unknown): void;
  readonly closed?: Promise<void>;
  tryRead?(into: Uint8Array): number | null;
  readChunk?(options?: { readonly maxBytes?: number | undefined }): Promise<Uint8Array | null>;
}

/** The writing end, as the suite uses it: `write`, `close` and `closeWithError`, and optional members. */
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

/** The two ends of the pipe under test: the bytes written to `writer` are read from `reader`. */
export interface Ends {
  readonly reader: Reader;
  readonly writer: Writer;
}
