// What this package uses of the platform. The platform's own declarations belong to whoever loads them (DOM, Node, Deno,
// Bun), so each thing is described here by the little of it that is used, and looked up when it is used.

/** What is used of a `TextEncoder`. */
export interface Encoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

/** What is used of a `TextDecoder`. */
export interface Decoder {
  decode(bytes: Uint8Array): string;
}

/** What is used of an `AbortController`. */
export interface Aborter {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

declare const TextEncoder: new () => Encoder;
declare const TextDecoder: new (label: string, options?: { ignoreBOM?: boolean }) => Decoder;
declare const AbortController: new () => Aborter;

export function textEncoder(): Encoder {
  return new TextEncoder();
}

/** @throws {RangeError} If the platform does not know the encoding. */
export function textDecoder(label: string, options?: { ignoreBOM?: boolean }): Decoder {
  return new TextDecoder(label, options);
}

export function abortController(): Aborter {
  return new AbortController();
}
