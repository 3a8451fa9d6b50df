import { expect, test } from "vitest";
import {
  keptComparison,
  performanceTable,
  readme,
  withPerformance,
} from "../src/report/performance-table.ts";

// Red when: a number of the README's table is written by hand, or a new run is kept and the table is not made anew.
test("The README shows the comparison that is kept, to the letter: npm run bench:readme", () => {
  const text = readme();
  expect(withPerformance(text, performanceTable(keptComparison()))).toBe(text);
});
