/** The part of the platform's `TextDecoder` that this package uses, so that it needs no platform types. */
export type TextDecoderClass = new (
  label?: string,
) => {
  readonly encoding: string;
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string;
};
