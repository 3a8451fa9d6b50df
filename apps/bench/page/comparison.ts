import { size } from "../src/report/format.ts";
import type { CostSample } from "../src/scenarios/scenario.ts";
import { type Spread, spread } from "../src/statistics.ts";
import { contender as contenderOf, GIVEN_AWAY_BYTES } from "../src/subjects/contenders.ts";
import type { Question } from "./contender-worker.ts";

/** The implementations that need only a browser, those of pipe512 first. */
const CONTENDERS = [
  "core await",
  "core try…",
  "core for await",
  "core for await, given away",
  "core views",
  "Web pipeStream",
  "Web toReadableStream",
  "Web toReadableStream, given away",
  "Web BYOB",
  "readEach",
  "readEach, given away",
  "copying TransformStream",
  "byte stream",
  "TransformStream",
  "web-streams-polyfill",
  "it-queueless-pushable",
  "RxJS from",
  "RxJS Subject",
  "memcpy",
] as const;

export const CHUNK_SIZES_BYTES = [64, 512, 4096, 65_536] as const;
const ROUNDS = 6;
const WARM_UP_MS = 80;
const MEASURE_MS = 20;

/** The cost of a chunk in nanoseconds, or the error, or nothing if the implementation does not take chunks of this size. */
type Cost = Spread | Error | undefined;

/** An implementation, and its cost for each chunk size. */
export interface Row {
  readonly contender: string;
  readonly nsPerChunk: readonly Cost[];
}

/** One implementation in its own worker, which answers one request at a time. */
class Entrant {
  readonly name: string;
  readonly #worker: Worker = new Worker(new URL("./contender-worker.ts", import.meta.url), {
    type: "module",
  });

  constructor(name: string) {
    this.name = name;
  }

  ask<Sample extends object>(question: Question): Promise<Sample> {
    const { promise, resolve, reject } = Promise.withResolvers<Sample>();
    this.#worker.onmessage = ({ data }: MessageEvent<Sample | { readonly error: string }>) =>
      "error" in data ? reject(new Error(data.error)) : resolve(data);
    this.#worker.onerror = ({ message }) => reject(new Error(message));
    this.#worker.postMessage(question);
    return promise;
  }

  end(): void {
    this.#worker.terminate();
  }
}

/**
 * Measures all implementations here, one at a time, round by round.
 *
 * @param progress Receives the progress, from 0 to 1, and the current step.
 */
export async function compareHere(progress: (done: number, what: string) => void): Promise<Row[]> {
  const entrants = CONTENDERS.map((name) => new Entrant(name));
  try {
    const costs = entrants.map((): Cost[] => []);
    for (const [at, chunkBytes] of CHUNK_SIZES_BYTES.entries()) {
      const column = await costsOf(entrants, chunkBytes, (done, what) =>
        progress((at + done) / CHUNK_SIZES_BYTES.length, `chunks of ${size(chunkBytes)}, ${what}`),
      );
      for (const [index, cost] of column.entries()) costs[index]?.push(cost);
    }
    return entrants.map(({ name }, index) => ({ contender: name, nsPerChunk: costs[index] ?? [] }));
  } finally {
    for (const entrant of entrants) entrant.end();
  }
}

/** The cost of a chunk of one size for each implementation. One that fails is excluded, and the others continue. */
async function costsOf(
  entrants: readonly Entrant[],
  chunkBytes: number,
  progress: (done: number, what: string) => void,
): Promise<Cost[]> {
  const seen = new Map<Entrant, number[]>();
  const failures = new Map<Entrant, Error>();
  const attempt = async (entrant: Entrant, work: () => Promise<void>): Promise<void> => {
    if (!failures.has(entrant)) await work().catch((error: Error) => failures.set(entrant, error));
  };
  const field = entrants.filter(({ name }) => !contenderOf(name).givesAway || chunkBytes >= GIVEN_AWAY_BYTES);
  for (const [index, entrant] of field.entries()) {
    seen.set(entrant, []);
    await attempt(entrant, async () => {
      const transfer = contenderOf(entrant.name).givesAway === true;
      const parameters = { chunkBytes, transfer };
      await entrant.ask({ contender: entrant.name, scenario: "transfer", parameters });
      await entrant.ask({ warmUpMs: WARM_UP_MS });
    });
    progress(index / field.length / 2, "warming up");
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const entrant of field) {
      await attempt(entrant, async () => {
        seen.get(entrant)?.push((await entrant.ask<CostSample>({ measureMs: MEASURE_MS })).cost);
      });
    }
    progress(0.5 + (round + 1) / ROUNDS / 2, `round ${round + 1} of ${ROUNDS}`);
  }
  return entrants.map((entrant) => {
    const costs = seen.get(entrant);
    return failures.get(entrant) ?? (costs && spread(costs));
  });
}
