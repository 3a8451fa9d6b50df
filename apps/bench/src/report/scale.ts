/** A logarithmic scale over some values, in percent of a length, with a margin at either end. */
export class Scale {
  readonly #low: number;
  readonly #high: number;

  /** @param values The values that need a place: numbers above 0. */
  constructor(values: readonly number[]) {
    const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
    const room = Math.max((high - low) * 0.06, 0.1);
    this.#low = low - room;
    this.#high = high + room;
  }

  /** Whether a value has a place. */
  has(value: number): boolean {
    return Math.log(value) >= this.#low && Math.log(value) <= this.#high;
  }

  at(value: number): number {
    return ((Math.log(value) - this.#low) / (this.#high - this.#low)) * 100;
  }

  /** Round values within the scale, at 1, 2 and 5 of each power of ten; only at 1 if those are too many. */
  ticks(): number[] {
    const powers: number[] = [];
    const last = Math.ceil(this.#high / Math.LN10);
    for (let power = Math.floor(this.#low / Math.LN10); power <= last; power++) powers.push(10 ** power);
    const fit = (steps: readonly number[]) =>
      powers.flatMap((power) => steps.map((step) => step * power)).filter((tick) => this.has(tick));
    const fine = fit([1, 2, 5]);
    return fine.length > 9 ? fit([1]) : fine;
  }
}

export function percent(value: number): string {
  return `${Number(value.toFixed(2))}%`;
}
