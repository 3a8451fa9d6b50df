import { describe, expect, test } from "vitest";
import { compared, plusMinus, times } from "../src/report/format.ts";
import { wrapped } from "../src/report/screen.ts";

describe("times()", () => {
  // Red when: a ratio is printed as a number without a word, or "faster" and "slower" are exchanged.
  test.each([
    [0.29, "3.4x faster"],
    [1.8, "1.8x slower"],
    [0.05, "20x faster"],
    [9.94, "9.9x slower"],
    [9.96, "10x slower"],
    [0.97, "1.03x faster"],
    [429.4, "429x slower"],
  ])("writes %f as %s", (ratio, words) => expect(times(ratio)).toBe(words));

  test("has other words for values that are not times", () => {
    expect(times(0.5, ["less", "more"])).toBe("2.0x less");
  });
});

describe("compared()", () => {
  // Red when: a number is printed although the interval contains 1.
  test.each([
    [0.5, 0.4, 0.99, "2.0x faster"],
    [2, 1.01, 3, "2.0x slower"],
    [1, 0.85, 1.2, "as fast"],
    [0.8, 0.5, 1.05, "unclear"],
  ])("of %f between %f and %f says %s", (median, low, high, words) => {
    expect(compared({ median, low, high })).toBe(words);
  });
});

test("plusMinus() gives the wider side", () => {
  expect(plusMinus({ median: 100, low: 98, high: 112 })).toBe("±12 %");
});

// Red when: a line is broken inside a word, is too long, or loses its indentation.
test("wrapped() breaks lines between words and indents the second", () => {
  expect(wrapped("● one two three-four", 9, "  ").split("\n")).toEqual(["● one two", "  three-four"]);
  expect(wrapped("  against a rival", 12).split("\n")).toEqual(["  against a", "rival"]);
});
