// The tests that take too long for `npm test`.
import { Command, InvalidArgumentError } from "commander";
import { soakNats } from "./nats.ts";
import { soakNodeStreams } from "./node-streams.ts";
import { runTests } from "./program.ts";
import { soakDeaths, soakLocks, soakTransfers } from "./threads.ts";

/** The subjects of the comparison with the Go implementation, and of the one with Go's own `io.Pipe`. */
const DIFFERENTIALS = 4;

const amounts = new Command("npm run soak --")
  .description("Runs the tests that take too long for npm test: about an hour. An amount of 0 skips a part.")
  .option("--scripts <number>", "random scripts to compare with the same contract in Go", whole, 200_000)
  .option("--kills <number>", "threads to kill", whole, 10_000)
  .option("--schedules <number>", "random schedules at mutexes and conditions between threads", whole, 10_000)
  .option("--mib <number>", "MiB to move between two threads, on all processors and on one", whole, 4096)
  .option(
    "--sequences <number>",
    "random sequences of operations for each conversion of streams",
    whole,
    100_000,
  )
  .option("--faults <number>", "rounds of faults between machines, of about four minutes each", whole, 3)
  .allowExcessArguments(false)
  .parse()
  .opts<{
    scripts: number;
    kills: number;
    schedules: number;
    mib: number;
    sequences: number;
    faults: number;
  }>();

if (amounts.scripts > 0) {
  runTests("core", "differential", { SCRIPTS: String(Math.ceil(amounts.scripts / DIFFERENTIALS)) });
}
if (amounts.sequences > 0) {
  runTests("web", "packages/web/test/random", { PIPE512_RUNS: String(amounts.sequences) });
  soakNodeStreams(amounts.sequences);
}
soakDeaths(amounts.kills);
soakLocks(amounts.schedules);
soakTransfers(amounts.mib);
soakNats(amounts.faults);

function whole(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("Pass a whole number");
}
