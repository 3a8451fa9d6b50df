// Runs one implementation in its own process: a warm-up, then a measured run. Prints the measurement as JSON.

import { clean, contests } from "./contests.ts";

/** The measurement that a round prints. */
export interface Sample {
  readonly units: number;
  readonly wallMs: number;
  /** Processor time of the process, including its threads for file operations. */
  readonly cpuMs: number;
}

const [contest, name, file = "", warmUp = "", output = ""] = process.argv.slice(2);
const implementation = contests
  .find((one) => one.name === contest)
  ?.implementations.find((one) => one.name === name);
if (implementation === undefined) throw new RangeError(`There is no implementation ${name} at ${contest}`);
await implementation.run(warmUp, output);
clean(output);
const cpu = process.cpuUsage();
const began = performance.now();
const units = await implementation.run(file, output);
const wallMs = performance.now() - began;
const { user, system } = process.cpuUsage(cpu);
clean(output);
console.log(JSON.stringify({ units, wallMs, cpuMs: (user + system) / 1000 } satisfies Sample));
