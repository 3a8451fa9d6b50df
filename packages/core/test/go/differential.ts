import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { random } from "../support/random.ts";
import { Player, playStandard } from "./player.ts";
import { pipeScript, standardScript } from "./scripts.ts";

/** Scripts that the Go program is given at once. */
const BATCH = 100;

const SCRIPTS = { pipe: pipeScript, "io.Pipe": standardScript } as const;

/** What is compared: the pipe with one written in Go from the contract, or `write` and `flush` with Go's own `io.Pipe`. */
export type Kind = keyof typeof SCRIPTS;

export const hasGo: boolean = spawnSync("go", ["version"]).status === 0;

/** Builds the Go program. The caller removes its folder. */
export function buildGo(): { program: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "pipe512-go-"));
  const program = join(folder, "pipe");
  execFileSync("go", ["build", "-o", program, "."], { cwd: fileURLToPath(new URL(".", import.meta.url)) });
  return { program, folder };
}

/**
 * Plays random scripts on both sides and compares every step.
 *
 * @returns How many steps were compared.
 * @throws {Error} At the first difference. The message has the script, both lines and the seed that shows it again.
 */
export async function compare(kind: Kind, count: number, seed: number): Promise<number> {
  const { program, folder } = buildGo();
  const go = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: go.stdout })[Symbol.asyncIterator]();
  let compared = 0;
  try {
    for (let number = 0; number < count; number++) {
      const script = SCRIPTS[kind](random(seed + number));
      // Few at a time, so that neither side waits for the other to read.
      if (number % BATCH === 0) {
        const ahead = Array.from({ length: BATCH }, (_, index) =>
          SCRIPTS[kind](random(seed + number + index)),
        );
        go.stdin.write(`${ahead.join("\n")}\n`);
      }
      const steps = script.split(" ").filter((step) => step !== "go");
      const ours = await (kind === "pipe" ? new Player(steps).play(steps) : playStandard(steps));
      const { value: theirs } = (await answers.next()) as { value: string };
      if (ours !== theirs) throw new Error(difference(steps, ours, theirs, `SEED=${seed + number}`));
      compared += steps.length;
    }
    return compared;
  } finally {
    go.kill();
    rmSync(folder, { recursive: true });
  }
}

function difference(steps: readonly string[], ours: string, theirs: string, seed: string): string {
  const [here, there] = [ours.split(";"), theirs.split(";")];
  const at = here.findIndex((line, index) => line !== there[index]);
  const script = steps.slice(0, at + 1).join(" ");
  return `After ${script}\nhere:  ${here[at]}\nin Go: ${there[at]}\nAgain: ${seed}`;
}
