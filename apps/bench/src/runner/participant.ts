import { implementation } from "../subjects/implementations.ts";
import type { Measurement } from "../targets/target.ts";
import { ImplementationFailure, type FailureKind, type Measurer } from "./measurer.ts";
import { measurer, type Runtimes } from "./runtimes.ts";

/** The measurements of one implementation in one scenario, in the order of the rounds. */
export interface Series<Sample> extends Measurement {
  readonly samples: Sample[];
  /** Why it was excluded, if it was. Its earlier measurements are then meaningless. */
  failure?: string;
  /** The same in a word or two. */
  failureKind?: FailureKind;
}

/** What all implementations of a run have in common. */
export interface Ground {
  readonly runtimes: Runtimes;
  /** Absolute path of the file that is sent. */
  readonly file: string;
  /** How long a reply may take before the implementation counts as hanging. */
  readonly timeLimitMs: number;
  /** When it aborts, all requests fail, and this is not counted as a failure of an implementation. */
  readonly signal: AbortSignal;
}

/**
 * An implementation that takes part: its process or page, and its measurements. After a failure it is excluded, and its
 * series contains the reason. Further requests do nothing, and the others continue.
 */
export class Participant<Sample extends object> {
  readonly series: Series<Sample>;
  readonly #ground: Ground;
  // Set by enter(), cleared by leave().
  #measurer: Measurer | undefined;

  constructor({ implementation: name, scenario, parameters }: Measurement, ground: Ground) {
    this.series = { implementation: name, scenario, parameters, samples: [] };
    this.#ground = ground;
  }

  /** Whether the run was interrupted. Nothing more is measured then. */
  get isInterrupted(): boolean {
    return this.#ground.signal.aborted;
  }

  /** Starts its process or page. */
  enter(): Promise<void> {
    return this.#attempt(async () => {
      const { implementation: name, scenario, parameters } = this.series;
      const { runtimes, file, timeLimitMs } = this.#ground;
      const task = { implementation: name, scenario, file, parameters };
      this.#measurer = await measurer(implementation(name), runtimes, task, timeLimitMs);
    });
  }

  warmUp(milliseconds: number): Promise<void> {
    return this.#attempt(async () => {
      await this.#measurer?.ask({ warmUpMs: milliseconds }, this.#ground.timeLimitMs);
    });
  }

  /** Takes one sample. */
  measure(milliseconds: number): Promise<void> {
    return this.#attempt(async () => {
      const sample = await this.#measurer?.ask<Sample>({ measureMs: milliseconds }, this.#ground.timeLimitMs);
      if (sample !== undefined) this.series.samples.push(sample);
    });
  }

  /** Ends its process or page. It may enter again. */
  async leave(): Promise<void> {
    await this.#measurer?.end();
    this.#measurer = undefined;
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.series.failure !== undefined || this.#ground.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ImplementationFailure)) throw error;
      if (this.#ground.signal.aborted) return;
      this.series.failure = error.message;
      this.series.failureKind = error.kind;
    }
  }
}

/** Another one goes first in each round, so that the order favours none. */
export function rotated<Item>(items: readonly Item[], round: number): Item[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
