import { size } from "../src/report/format.ts";
import type { CostSample } from "../src/scenarios/scenario.ts";
import { type Spread, spread } from "../src/statistics.ts";
import { implementation as implementationOf, GIVEN_AWAY_BYTES } from "../src/subjects/implementations.ts";
import type { Question } from "./implementation-worker.ts";

/** The implementations that need only a browser, those of pipe512 first. */
const IMPLEMENTATIONS = [
  "core await",
  "core try…",
  "core for await",
  "core for await, transferred",
  "core views",
  "Web pipeStream",
  "Web toReadableStream",
  "Web toReadableStream, transferred",
  "Web BYOB",
  "readEach",
  "readEach, transferred",
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

/** How long is measured. */
interface Effort {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

const USUAL: Effort = { rounds: 6, warmUpMs: 80, measureMs: 20 };
const QUICK: Effort = { rounds: 2, warmUpMs: 10, measureMs: 10 };

/** The cost of a chunk in nanoseconds, or the error, or nothing if the implementation does not take chunks of this size. */
type Cost = Spread | Error | undefined;

/** An implementation, and its cost for each chunk size. */
export interface Row {
  readonly implementation: string;
  readonly nsPerChunk: readonly Cost[];
}

/** One implementation in its own worker, which answers one request at a time. */
class Participant {
  readonly name: string;
  readonly #worker: Worker = new Worker(new URL("./implementation-worker.ts", import.meta.url), {
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
 * @param quick Whether 2 short rounds are enough, for a first impression.
 * @param progress Receives the progress, from 0 to 1, and the current step.
 */
export async function compareHere(
  quick: boolean,
  progress: (done: number, what: string) => void,
): Promise<Row[]> {
  const participants = IMPLEMENTATIONS.map((name) => new Participant(name));
  try {
    const costs = participants.map((): Cost[] => []);
    for (const [at, chunkBytes] of CHUNK_SIZES_BYTES.entries()) {
      const column = await costsOf(participants, chunkBytes, quick ? QUICK : USUAL, (done, what) =>
        progress((at + done) / CHUNK_SIZES_BYTES.length, `chunks of ${size(chunkBytes)}, ${what}`),
      );
      for (const [index, cost] of column.entries()) costs[index]?.push(cost);
    }
    return participants.map(({ name }, index) => ({ implementation: name, nsPerChunk: costs[index] ?? [] }));
  } finally {
    for (const participant of participants) participant.end();
  }
}

/** The cost of a chunk of one size for each implementation. One that fails is excluded, and the others continue. */
async function costsOf(
  participants: readonly Participant[],
  chunkBytes: number,
  { rounds, warmUpMs, measureMs }: Effort,
  progress: (done: number, what: string) => void,
): Promise<Cost[]> {
  const seen = new Map<Participant, number[]>();
  const failures = new Map<Participant, Error>();
  const attempt = async (participant: Participant, work: () => Promise<void>): Promise<void> => {
    if (!failures.has(participant)) await work().catch((error: Error) => failures.set(participant, error));
  };
  const field = participants.filter(
    ({ name }) => !implementationOf(name).givesAway || chunkBytes >= GIVEN_AWAY_BYTES,
  );
  for (const [index, participant] of field.entries()) {
    seen.set(participant, []);
    await attempt(participant, async () => {
      const transfer = implementationOf(participant.name).givesAway === true;
      const parameters = { chunkBytes, transfer };
      await participant.ask({ implementation: participant.name, scenario: "transfer", parameters });
      await participant.ask({ warmUpMs });
    });
    progress(index / field.length / 2, "warming up");
  }
  for (let round = 0; round < rounds; round++) {
    for (const participant of field) {
      await attempt(participant, async () => {
        seen.get(participant)?.push((await participant.ask<CostSample>({ measureMs })).cost);
      });
    }
    progress(0.5 + (round + 1) / rounds / 2, `round ${round + 1} of ${rounds}`);
  }
  return participants.map((participant) => {
    const costs = seen.get(participant);
    return failures.get(participant) ?? (costs && spread(costs));
  });
}
