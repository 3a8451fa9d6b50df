import type { Link } from "./link.ts";

/** How many successful round trips in a row without a sign of life make an end a lost one. */
const PATIENCE = 3;

/** The actions of a lease at each tick. */
interface LeaseHolder {
  /** Publishes a sign of life of this end. */
  beat(): void;
  /** Called after each round trip. `lost` says whether the lease of the other end has run out. */
  ticked(lost: boolean): void;
}

/**
 * Publishes signs of life of one end and checks for those of the other. Only round trips count. A server that does not
 * answer therefore makes no end a lost one, however much time passes.
 */
export class Lease {
  readonly #link: Link;
  readonly #tickMs: number;
  readonly #holder: LeaseHolder;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watching = false;
  #signed = false;
  #misses = 0;
  #over = false;

  constructor(link: Link, leaseMs: number, holder: LeaseHolder) {
    this.#link = link;
    this.#tickMs = leaseMs / 3;
    this.#holder = holder;
    this.#wait();
  }

  /** The other end exists: from now on its silence counts. */
  sign(): void {
    this.#watching = true;
    this.#signed = true;
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.#tick(), this.#tickMs);
  }

  async #tick(): Promise<void> {
    if (this.#link.isUp) this.#holder.beat();
    const answered = await this.#link.roundTrip(this.#tickMs);
    if (this.#over) return;
    this.#misses = answered && this.#watching && !this.#signed ? this.#misses + 1 : 0;
    this.#signed = false;
    this.#holder.ticked(this.#misses >= PATIENCE);
    if (!this.#over) this.#wait();
  }
}
