import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SEQUENCES = 2000;

// `npm run soak` does 100,000. The program prints the shortest sequence that fails; SEED=… in the environment repeats a run.
// Red when: a passage forgets to count what it takes of the pipe, tells an end before the last bytes or delivers an array that its writer may
// reuse, a postponed callback is lost, or end() forgets its callback where its own chunk destroys the stream.
test("2,000 random sequences of operations on every conversion lose, double, move and hang nothing [NODE-006] [NODE-016] [NODE-020]", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
  console.info(`random operations on Node streams: SEED=${seed}`);
  const program = new URL("./programs/random-operations.ts", import.meta.url).pathname;
  const args = ["--conditions=@pipe512/source", program, String(SEQUENCES), String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  expect(stdout).toBe(`${SEQUENCES} sequences of each of 10 conversions\n`);
}, 120_000);
