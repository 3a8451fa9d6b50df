import fc from "fast-check";

/** Which side closes, and how. */
export interface Close {
  readonly side: "reader" | "writer";
  readonly how: "close" | "closeWithError";
}

/** The options of a call. Each option takes another path through the pipe. */
export interface Options {
  readonly abortable: boolean;
  /** Whether it reports its progress. */
  readonly told: boolean;
}

/** One thing that a schedule does to a pipe. */
export type Step =
  | ({ readonly do: "write"; readonly size: number; readonly transfer: boolean } & Options)
  | { readonly do: "tryWrite"; readonly size: number; readonly transfer: boolean }
  | ({ readonly do: "flush" } & Pick<Options, "abortable">)
  | ({ readonly do: "read"; readonly size: number } & Options)
  | { readonly do: "tryRead"; readonly size: number }
  | ({ readonly do: "readChunk"; readonly maxBytes: number } & Pick<Options, "abortable">)
  | { readonly do: "tryReadChunk"; readonly maxBytes: number }
  | { readonly do: "next" }
  | { readonly do: "leave" }
  | { readonly do: "view" }
  | { readonly do: "leaveView" }
  | { readonly do: "abort"; readonly which: number }
  | { readonly do: "abortPipe" }
  | ({ readonly do: "close"; readonly error: unknown } & Close)
  | { readonly do: "microtasks"; readonly count: number }
  | { readonly do: "settle" };

const size = fc.constantFrom(0, 1, 2, 100, 511, 512, 513, 1033);
const maxBytes = fc.constantFrom(1, 100, 512, 1033, 65_536);
const abortable = fc.boolean();
const told = fc.boolean();
const transfer = fc.constantFrom(false, false, true);
/** Errors to close with. Half of them are falsy, and could be mistaken for no error. */
const error = fc.constantFrom<unknown>("an error", undefined, 0);

const step = (name: Step["do"], fields: Record<string, fc.Arbitrary<unknown>> = {}): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant(name), ...fields }) as fc.Arbitrary<Step>;

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: step("write", { size, transfer, abortable, told }) },
  { weight: 3, arbitrary: step("tryWrite", { size, transfer }) },
  { weight: 2, arbitrary: step("flush", { abortable }) },
  { weight: 8, arbitrary: step("read", { size, abortable, told }) },
  { weight: 3, arbitrary: step("tryRead", { size }) },
  { weight: 3, arbitrary: step("readChunk", { maxBytes, abortable }) },
  { weight: 1, arbitrary: step("tryReadChunk", { maxBytes }) },
  { weight: 2, arbitrary: step("next") },
  { weight: 1, arbitrary: step("leave") },
  { weight: 3, arbitrary: step("view") },
  { weight: 1, arbitrary: step("leaveView") },
  { weight: 4, arbitrary: step("abort", { which: fc.nat(7) }) },
  { weight: 1, arbitrary: step("abortPipe") },
  {
    weight: 2,
    arbitrary: step("close", {
      side: fc.constantFrom("reader", "writer"),
      how: fc.constantFrom("close", "closeWithError"),
      error,
    }),
  },
  { weight: 6, arbitrary: step("microtasks", { count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: step("settle") },
);

/** The operations on one pipe, in order. */
export interface Schedule {
  /** Whether chunks() and views() leave the reader open. */
  readonly preventClose: boolean;
  readonly steps: readonly Step[];
}

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  preventClose: fc.boolean(),
  steps: fc.array(steps, { minLength: 1, maxLength: 30, size: "max" }),
});
