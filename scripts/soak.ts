// Kills threads at random while they write or read, and moves long sequences between two of them, for as long as it takes.
import { execFileSync, spawnSync } from "node:child_process";
import { Command, InvalidArgumentError } from "commander";

const BATCH_KILLS = 500;
const BATCH_MIB = 256;

const { kills, mib } = new Command("npm run soak --")
  .description("The tests of the pipe between threads that take too long for every day: about 10 minutes.")
  .option("--kills <number>", "threads to kill", whole, 10_000)
  .option("--mib <number>", "MiB to move between two threads, on all processors and on one", whole, 4096)
  .allowExcessArguments(false)
  .parse()
  .opts<{ kills: number; mib: number }>();

for (let killed = 0, slowestMs = 0; killed < kills; ) {
  const batch = Math.min(BATCH_KILLS, kills - killed);
  slowestMs = Math.max(slowestMs, Number(run([], "shared-deaths.ts", batch)));
  killed += batch;
  console.log(
    `${killed} of ${kills} threads killed, nobody left waiting; the slowest news took ${slowestMs.toFixed(1)} ms`,
  );
}

const hasTaskset = spawnSync("taskset", ["--version"]).status === 0;
if (!hasTaskset) console.log("skipped: one processor: taskset is not installed");
for (const cpus of hasTaskset ? ["all processors", "one processor"] : ["all processors"]) {
  for (let moved = 0; moved < mib; ) {
    const batch = Math.min(BATCH_MIB, mib - moved) * 2 ** 20;
    const counts = run(cpus === "all processors" ? [] : ["taskset", "-c", "0"], "shared-torture.ts", batch);
    if (counts !== `${batch} ${batch}`)
      throw new Error(`Expected ${batch} bytes on both sides, and got ${counts}`);
    moved += batch / 2 ** 20;
    console.log(`${moved} of ${mib} MiB moved on ${cpus}, every byte in its place`);
  }
}

/** Runs a program of the core's tests with a fresh seed, which is printed, and returns its last line. A failure ends the soak. */
function run(prefix: readonly string[], program: string, amount: number): string {
  const seed = Date.now() % 2 ** 31;
  const path = `packages/core/test/programs/${program}`;
  const command = [process.execPath, "--conditions=@pipe512/source", path, String(amount), String(seed)];
  const [file = "", ...args] = [...prefix, ...command];
  try {
    const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
    return execFileSync(file, args, { encoding: "utf8", stdio }).trim().split("\n").at(-1) ?? "";
  } catch (error) {
    throw new Error(`Failed: node ${command.slice(1).join(" ")}`, { cause: error });
  }
}

function whole(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("Give a whole number");
}
