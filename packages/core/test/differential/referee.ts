import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Step } from "./script.ts";

/** Selects the choices that the Go program makes: those of `pipe()` or those of the pipe between threads. A third value selects Go's own `io.Pipe`. */
export type Policy = "pipe" | "shared" | "io.Pipe";

export const hasGo: boolean = spawnSync("go", ["version"]).status === 0;

/** The Go program, which plays scripts and prints the expected outcome. */
export class Referee {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "pipe512-differential-"));
  readonly #program: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const output = join(this.#folder, "referee");
    execFileSync("go", ["build", "-o", output, "."], { cwd: fileURLToPath(new URL("go/", import.meta.url)) });
    this.#program = spawn(output, { stdio: ["pipe", "pipe", "inherit"] });
    const { stdout } = this.#program;
    this.#answers = createInterface({ input: stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** What happens after each step of a script. */
  async play(policy: Policy, steps: readonly Step[]): Promise<string[]> {
    this.#program.stdin?.write(`${JSON.stringify({ policy, steps })}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("The program in Go has ended");
    return JSON.parse(value) as string[];
  }

  stop(): void {
    this.#program.stdin?.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
