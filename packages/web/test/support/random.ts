import { clock } from "./clock.ts"; // Before the budget of the pipes saves the real clock.
import { fairTurn, spend } from "@pipe512/core/adapter";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import fc from "fast-check";
import { isPage } from "./engine.ts";

const { process } = globalThis as {
  process?: { readonly env: Readonly<Record<string, string | undefined>> };
};
const env = process?.env ?? {};
const runs = Number(env["PIPE512_RUNS"] ?? (isPage ? 100 : 2000));
const seed = Number(env["PIPE512_SEED"] ?? Date.now() | 0);
const path = env["PIPE512_PATH"];

/** The pauses of a sequence: let time pass, or use up the budget of the pipes. */
export const pauses: fc.Arbitrary<Pause> = fc.oneof(
  fc.record({ do: fc.constant("microtasks" as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant("turns" as const), count: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ do: fc.constant("spend" as const), count: fc.integer({ min: 1, max: 1023 }) }),
  fc.record({ do: fc.constant("exhaust" as const), count: fc.constant(1) }),
);

export interface Pause {
  readonly do: "microtasks" | "turns" | "spend" | "exhaust";
  readonly count: number;
}

export const isPause = (step: { readonly do: string }): step is Pause =>
  ["microtasks", "turns", "spend", "exhaust"].includes(step.do);

/** Makes one pause. Returns `undefined` if no time passes, so that operations can follow synchronously. */
export function pause({ do: what, count }: Pause): Promise<void> | undefined {
  if (what === "microtasks") return microtasks(count);
  if (what === "turns") return settle(count);
  if (what === "spend") for (let spent = 0; spent < count; spent++) spend(0);
  else exhaust();
  return undefined;
}

async function microtasks(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) await Promise.resolve();
}

/** Uses up the budget of all pipes until the next iteration of the event loop. */
export function exhaust(): void {
  clock.ahead += 1000;
  while (spend(1 << 22));
}

/**
 * Lets everything happen that can happen, as `settle(turns)`, including all settlements that the budget of the pipes has deferred. The next slice of
 * the budget may begin later than those turns: WebKit sends the message that begins it through another process, where messages of other channels
 * overtake it.
 */
export async function settleAll(turns: number): Promise<void> {
  for (let passed = 0; passed < turns; passed++) {
    exhaust();
    await fairTurn(0); // After all settlements that were deferred before.
    await settle(1);
  }
}

/** Checks `property` for random sequences. A failing one is shrunk, and the error says how to repeat it. */
export async function check<T>(
  sequences: fc.Arbitrary<T>,
  property: (sequence: T) => Promise<void>,
): Promise<void> {
  const options = { numRuns: runs, seed, ...(path !== undefined && { path }) };
  const details = await fc.check(fc.asyncProperty(sequences, property), options);
  if (!details.failed) return;
  const again = `Again: PIPE512_SEED=${details.seed} PIPE512_PATH=${details.counterexamplePath ?? ""}`;
  throw new Error(`${String(details.errorInstance)}\n${fc.defaultReportMessage(details)}\n${again}`);
}

/** A call, and its state. */
export interface Call {
  readonly what: string;
  state: "pending" | "fulfilled" | "rejected";
  value: unknown;
}

/** The calls of a sequence, in order. Their rejections count as handled. */
export class Calls {
  readonly all: Call[] = [];

  add(what: string, promise: Promise<unknown>): Call {
    const call: Call = { what, state: "pending", value: undefined };
    this.all.push(call);
    promise.then(
      (value) => Object.assign(call, { state: "fulfilled", value }),
      (reason: unknown) => Object.assign(call, { state: "rejected", value: reason }),
    );
    return call;
  }

  /** The names of the pending calls. */
  get pending(): string[] {
    return this.all.filter(({ state }) => state === "pending").map(({ what }) => what);
  }
}

/** Longer than the bytes of any sequence. */
const whole = sequence(1 << 17);

/** Like `sequence(length, start)`, as a view of one shared array. */
export const bytesAt = (start: number, length: number): Uint8Array<ArrayBuffer> =>
  whole.slice(start, start + length);

/** Like `expectWhole(bytes, length)`, but faster if the bytes are correct. */
export function expectBytes(bytes: Uint8Array, length: number): void {
  if (bytes.length !== length || bytes.some((byte, at) => byte !== whole[at])) expectWhole(bytes, length);
}
