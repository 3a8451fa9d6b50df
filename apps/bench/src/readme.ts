// Writes the performance table of the README from the comparison that the repository keeps. To measure a new one:
// npm start -- --json apps/bench/results/comparison.json
import { writeFileSync } from "node:fs";
import {
  keptComparison,
  performanceTable,
  README,
  readme,
  withPerformance,
} from "./report/performance-table.ts";

writeFileSync(README, withPerformance(readme(), performanceTable(keptComparison())));
