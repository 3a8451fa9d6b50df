import { type Spread, standing } from "../statistics.ts";

const UNITS = ["B", "KiB", "MiB", "GiB"];

/** `65536` as `64 KiB`: for sizes, which are powers of two. */
export function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${Number(value.toFixed(1))} ${UNITS[unit]}`;
}

/** `1234567` as `1,234,567`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A measured value with three significant digits if it is small, and as a whole number if it is large. */
export function measured(value: number): string {
  return value >= 100 ? count(value) : String(Number(value.toPrecision(3)));
}

/** The words for a smaller and a larger value; by default those for time. */
export type Words = readonly [smaller: string, larger: string];
const TIME: Words = ["faster", "slower"];

/** One cost over another in words: 0.29 as `3.4x faster`, 1.8 as `1.8x slower`. */
export function times(ratio: number, [smaller, larger]: Words = TIME, digits = 1): string {
  return `${factor(ratio, digits)} ${ratio < 1 ? smaller : larger}`;
}

/** The distance of a ratio from 1, to either side: 0.29 and 3.4 as `3.4x`. */
export function factor(ratio: number, digits = 1): string {
  const value = ratio < 1 ? 1 / ratio : ratio;
  if (value >= 9.95) return `${count(value)}x`;
  // `1.0x faster` would be meaningless.
  return `${value.toFixed(value < 1.05 ? 2 : digits)}x`;
}

/** A ratio in words, as precise as its interval allows. */
export function compared(ratio: Spread, words: Words = TIME): string {
  const found = standing(ratio);
  if (found === "as fast") return words === TIME ? "as fast" : "the same";
  return found === "unclear" ? "unclear" : times(ratio.median, words);
}

/** The interval around a median as a part of it: `±8 %`, by its wider side. */
export function plusMinus({ median, low, high }: Spread): string {
  return `±${Math.round((100 * Math.max(high - median, median - low)) / median)} %`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], conjunction = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}
