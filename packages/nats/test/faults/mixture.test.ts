import { test } from "../support/nats.ts";
import { newSeed, random } from "../support/random.ts";
import { mixture } from "./mixture.ts";

const RUNS = Number(process.env["RUNS"] ?? 2);

// Red when: the intake passes on every frame without checking its offset.
test.for(Array.from({ length: RUNS }, (_, run) => run + 1))(
  "Random faults lose and double no byte (run %s) [NATS-001]",
  { timeout: 120_000 },
  async (run, { machines }) => {
    await mixture(machines, random(newSeed("faults at random") + run));
  },
);
