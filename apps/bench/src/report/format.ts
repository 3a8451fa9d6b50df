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

/** A measured value with three significant digits where it is small, and whole where it is large. */
export function measured(value: number): string {
  return value >= 100 ? count(value) : String(Number(value.toPrecision(3)));
}

/** A ratio: as many digits behind the point as it is small enough to need. */
export function ratio(value: number): string {
  if (value >= 100) return count(value);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value < 0.1 ? 3 : 2);
}
