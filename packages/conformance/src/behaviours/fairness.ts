import type { Case } from "../case.ts";
import type { Ends } from "../ends.ts";
import { platform, processorMs } from "../platform.ts";
import type { Trial } from "../trial.ts";

// Only these cases measure time, because the guarantee is a time. If the platform counts the processor time of the thread, they measure that,
// so that a target does not fail on a busy machine. Each transfer also checks the clock, so that it ends even if it starves the event loop.

const { setTimeout } = platform;

/** The number of successive timers. Half of them may be late: the engine compiles and collects garbage, and a browser does not count processor time. */
const ROUNDS = 5;
/** A timer of 10 ms must fire within this time. */
const WITHIN_MS = 50;
/** A transfer ends itself after this time if no timer fires. */
const STARVED_MS = 400;

type Style = (ends: Ends, bytes: Uint8Array, into: Uint8Array, goesOn: () => boolean) => Array<Promise<void>>;

const awaiting: Style = ({ reader, writer }, bytes, into, goesOn) => [
  (async () => {
    while (goesOn()) await writer.write(bytes);
  })(),
  (async () => {
    while (goesOn()) await reader.read(into);
  })(),
];

const trying: Style = ({ reader, writer }, bytes, into, goesOn) => [
  (async () => {
    while (goesOn()) if (writer.tryWrite?.(bytes) === 0) await writer.write(bytes);
  })(),
  (async () => {
    while (goesOn()) if (reader.tryRead?.(into) === 0) await reader.read(into);
  })(),
];

const chunks: Style = ({ reader, writer }, bytes, _into, goesOn) => [
  (async () => {
    while (goesOn()) await writer.write(bytes);
  })(),
  (async () => {
    while (goesOn()) await reader.readChunk?.();
  })(),
];

/** How long timers of 10 ms took, one after the other, while the transfers of `start` ran. */
async function timersDuring(
  start: (goesOn: () => boolean) => Array<Promise<void>>,
  trial: Trial,
): Promise<number[]> {
  let over = false;
  let roundBegan = Date.now();
  const goesOn = (): boolean => !over && Date.now() - roundBegan < STARVED_MS;
  for (const loop of start(goesOn)) trial.watch(loop);
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS && goesOn(); round++) {
    roundBegan = Date.now();
    const began = processorMs();
    await new Promise<void>((resolve) => setTimeout(resolve, 10));
    tookMs.push(Math.round(processorMs() - began));
  }
  over = true;
  return tookMs;
}

async function expectTimers(trial: Trial, style: Style, pairs: number): Promise<void> {
  for (const size of [1, 1 << 20]) {
    const ends = await Promise.all(Array.from({ length: pairs }, () => trial.open()));
    const bytes = new Uint8Array(size);
    const into = new Uint8Array(size);
    const transfers = (goesOn: () => boolean) => ends.flatMap((pair) => style(pair, bytes, into, goesOn));
    const tookMs = await timersDuring(transfers, trial);
    for (const { reader } of ends) reader.close();
    if (tookMs.length === 0 || tookMs.filter((ms) => ms > WITHIN_MS).length > tookMs.length / 2) {
      throw new Error(
        `Expected timers of 10 ms within ${WITHIN_MS} ms during writes of ${size} bytes: they took ${tookMs.join(", ") || "more than any"} ms`,
      );
    }
  }
}

/** A transfer does not block the rest of the program. */
export const fairness: readonly Case[] = [
  {
    title: "An endless transfer lets a 10 ms timer fire within 50 ms [PIPE-040]",
    needs: ["fairness"],
    run: (trial) => expectTimers(trial, awaiting, 1),
  },
  {
    title: "Many endless transfers at once let a 10 ms timer fire within 50 ms [PIPE-040]",
    needs: ["fairness"],
    run: (trial) => expectTimers(trial, awaiting, 100),
  },
  {
    title: "An endless transfer by tryWrite() and tryRead() lets a 10 ms timer fire within 50 ms [PIPE-040]",
    needs: ["fairness", "tryOperations"],
    run: (trial) => expectTimers(trial, trying, 1),
  },
  {
    title: "An endless transfer by readChunk() lets a 10 ms timer fire within 50 ms [PIPE-040]",
    needs: ["fairness", "readChunk"],
    run: (trial) => expectTimers(trial, chunks, 1),
  },
];
