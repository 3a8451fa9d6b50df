import type { SharedHandle } from "@pipe512/core/shared";

/** A request to the thread that has an end. Calls of one end are made in the order of their requests. */
export type Request =
  | { readonly kind: "attach"; readonly end: number; readonly handle: SharedHandle }
  | {
      readonly kind: "call";
      readonly id: number;
      readonly end: number;
      readonly method: string;
      readonly args: readonly Argument[];
      readonly aborted?: unknown;
    }
  | { readonly kind: "abort"; readonly id: number; readonly reason: unknown }
  | { readonly kind: "ping"; readonly id: number };

/** An argument, in a form that structured cloning can transfer. */
export type Argument =
  | { readonly value: unknown }
  | { readonly detached: true }
  | { readonly room: number }
  | { readonly error: ErrorText }
  | { readonly signal: true | { readonly reason: unknown } | { readonly invalid: unknown } };

/** The properties of an error that the suite checks. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly [key: string]: unknown;
}

export type Reply = { readonly id: number } & (
  | { readonly value: unknown; readonly filled?: Uint8Array }
  | { readonly error: ErrorText }
  | { readonly reason: unknown }
);

export function textOf(error: Error): ErrorText {
  return {
    ...Object.fromEntries(Object.entries(error)),
    name: error.name,
    message: error.message,
    cause: undefined,
  };
}
