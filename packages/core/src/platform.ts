// The platform APIs that this package uses. It declares their used members itself, so that it compiles without the
// declarations of DOM, Node, Deno or Bun. Each API is looked up when it is used, so a missing one fails only then.

/** The used members of `TextEncoder`. */
export interface Encoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

/** The used member of `TextDecoder`. */
export interface Decoder {
  decode(bytes: Uint8Array): string;
}

/** The used members of `AbortController`. */
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

/** @throws {RangeError} If the platform does not support the encoding. */
export function textDecoder(label: string, options?: { ignoreBOM?: boolean }): Decoder {
  return new TextDecoder(label, options);
}

export function abortController(): Aborter {
  return new AbortController();
}
