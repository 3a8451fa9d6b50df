/** What is used of the platform's `TextDecoder`, whose own type belongs to the platform. */
export type TextDecoderClass = new (
  label?: string,
) => {
  readonly encoding: string;
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string;
};
