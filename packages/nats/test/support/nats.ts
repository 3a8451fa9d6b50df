import { test as base } from "vitest";
import { type Machines, missing, withMachines } from "./machines.ts";

/** A test with its own machines. It is skipped if there is no server. */
export const test = base.extend<{ machines: Machines }>({
  machines: async ({ skip }, use) => {
    skip(...missing);
    await withMachines(use);
  },
});
