import type { Open } from "../subjects/channel.ts";
import { cut } from "../subjects/load.ts";
import { Pace } from "./pace.ts";
import { stopwatch } from "./platform.ts";
import { type Primitives, primitives } from "./primitives.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";

/** One message back and forth over two pipes, strictly in turn: the cost of waiting for a reply. */
export class PingPong implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #ball: Uint8Array;
  readonly #pace = new Pace();

  constructor(open: Open, file: Uint8Array, { chunkBytes = 64 }: Parameters) {
    this.#open = open;
    this.#ball = cut(file, chunkBytes)[0] as Uint8Array;
  }

  warmUp(milliseconds: number): Promise<void> {
    return this.#pace.warmUp(milliseconds, (count) => this.#run(count));
  }

  async measure(milliseconds: number): Promise<CostSample> {
    const steps = this.#pace.steps(milliseconds);
    const elapsedNs = await this.#run(steps);
    return { cost: elapsedNs / steps, unit: "ns/round trip", steps, elapsedNs };
  }

  async #run(count: number): Promise<number> {
    const elapsed = stopwatch();
    const there = primitives(this.#open({ readBytes: this.#ball.length }));
    const back = primitives(this.#open({ readBytes: this.#ball.length }));
    await Promise.all([
      playSecond(there, back, this.#ball, count),
      playFirst(there, back, this.#ball, count),
    ]);
    return elapsed();
  }
}

async function playFirst(
  there: Primitives,
  back: Primitives,
  ball: Uint8Array,
  count: number,
): Promise<void> {
  for (let left = count; left > 0; left--) {
    await there.write(ball);
    expectBall(await back.read(), ball);
  }
}

async function playSecond(
  there: Primitives,
  back: Primitives,
  ball: Uint8Array,
  count: number,
): Promise<void> {
  for (let left = count; left > 0; left--) {
    expectBall(await there.read(), ball);
    await back.write(ball);
  }
}

function expectBall(length: number | null | undefined, ball: Uint8Array): void {
  if (length !== ball.length) throw new Error(`A ball of ${ball.length} bytes came back as ${length}`);
}
