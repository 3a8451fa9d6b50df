import type { Channel, Open } from "../subjects/channel.ts";
import { quantileOf } from "./echo.ts";
import { sleep } from "./platform.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";

const SILENCE_MS = 1000;
/** After this time, new threads are ready, and threads that spin for bytes have parked. */
const SETTLE_MS = 300;
/** The number of first bytes in one measurement. */
const ARRIVALS = 3;

/** Two threads that wait for bytes for a second in which none comes: the cost for the process, beyond the same second without them. */
export class Silence implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #sleeps: boolean;

  constructor(open: Open, _file: Uint8Array, { count = "CPU time" }: Parameters) {
    this.#open = open;
    this.#sleeps = count === "sleeps";
  }

  async warmUp(): Promise<void> {
    await used(10);
  }

  async measure(): Promise<CostSample> {
    const channel = takingPart(this.#open, "silence");
    await sleep(SETTLE_MS);
    const without = await used(SILENCE_MS);
    const stop = await channel.silence();
    await sleep(SETTLE_MS);
    const silent = await used(SILENCE_MS);
    stop();
    const [cost, unit] = this.#sleeps
      ? ([silent.sleeps - without.sleeps, "sleeps/s"] as const)
      : ([silent.cpuNs - without.cpuNs, "ns of CPU/s"] as const);
    return { cost: Math.max(0, cost), unit, steps: 1, elapsedNs: SILENCE_MS * 1e6 };
  }
}

/** From a write that ends a second of silence until its reader in another thread has the bytes. */
export class FirstAfterSilence implements Scenario<CostSample> {
  readonly #open: Open;

  constructor(open: Open) {
    this.#open = open;
  }

  async warmUp(milliseconds: number): Promise<void> {
    await takingPart(this.#open, "arrivals").arrivals(Math.ceil(milliseconds / 2), 1);
  }

  async measure(): Promise<CostSample> {
    const times = await takingPart(this.#open, "arrivals").arrivals(ARRIVALS, SILENCE_MS);
    const elapsedNs = times.reduce((sum, time) => sum + time, 0);
    return { cost: quantileOf(times, 0.5), unit: "ns/first byte", steps: ARRIVALS, elapsedNs };
  }
}

/** The process's usage in this time: CPU, and how often one of its threads parked. */
async function used(milliseconds: number): Promise<{ cpuNs: number; sleeps: number }> {
  const before = process.resourceUsage();
  await sleep(milliseconds);
  const after = process.resourceUsage();
  const cpuUs = after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime;
  return { cpuNs: cpuUs * 1000, sleeps: after.voluntaryContextSwitches - before.voluntaryContextSwitches };
}

function takingPart<Member extends "silence" | "arrivals">(
  open: Open,
  member: Member,
): Required<Pick<Channel, Member>> {
  const channel = open({ readBytes: 8 });
  if (channel[member] === undefined) throw new Error("It takes no part: no other thread waits with it");
  return channel as Channel & Required<Pick<Channel, Member>>;
}
