import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SEQUENCES = 2000;

// `npm run soak` runs 100,000. The program prints the shortest failing sequence. SEED=… in the environment repeats it.
// Red when: a passage miscounts the bytes of the pipe, delivers the end before the last bytes, or delivers an array
// that its writer may reuse; a deferred callback is lost; or end() does not call its callback if its own chunk destroys
// the stream.
test("2,000 random sequences of operations on every conversion lose, duplicate or reorder no byte, and settle [NODE-006] [NODE-016] [NODE-020]", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
  console.info(`random operations on Node streams: SEED=${seed}`);
  const program = new URL("./programs/random-operations.ts", import.meta.url).pathname;
  const args = ["--conditions=@pipe512/source", program, String(SEQUENCES), String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  expect(stdout).toBe(`${SEQUENCES} sequences of each of 10 conversions\n`);
}, 120_000);
