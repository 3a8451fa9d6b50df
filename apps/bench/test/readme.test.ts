import { expect, test } from "vitest";
import {
  keptComparison,
  performanceTable,
  readme,
  withPerformance,
} from "../src/report/performance-table.ts";

// Red when: a number of the README's table is edited by hand, or a new run is stored but the table is not generated again.
test("The README shows exactly the kept comparison: npm run bench:readme", () => {
  const text = readme();
  expect(withPerformance(text, performanceTable(keptComparison()))).toBe(text);
});
