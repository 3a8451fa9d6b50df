import type { Link } from "./link.ts";

/** An end counts as lost after this number of consecutive successful round trips without a sign of life. */
const PATIENCE = 3;

/** The actions of a lease at each tick. */
interface LeaseHolder {
  /** Publishes a sign of life of this end. */
  beat(): void;
  /** Called after each round trip. `lost` is whether the lease of the other end has expired. */
  ticked(lost: boolean): void;
}

/**
 * Publishes signs of life of one end and checks for those of the other. Only successful round trips count, so while the
 * server does not respond, no end counts as lost, regardless of the elapsed time.
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

  /** The other end exists, so from now on a missing sign of life counts. */
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
