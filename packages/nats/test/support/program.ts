import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A program of `test/programs`. It is restarted each time it is killed, until it exits normally. */
export class Program {
  /** The first line that each run has printed: where it began. */
  readonly starts: number[] = [];
  /** The last line that each run has printed: how much was certainly stored. */
  readonly stored: number[] = [];
  readonly #command: readonly string[];
  readonly #ended: Promise<void>;
  #process: ChildProcess | undefined;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(name: string, args: ReadonlyArray<string | number>) {
    const file = fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
    this.#command = ["--conditions=@pipe512/source", file, ...args.map(String)];
    this.#ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#ended.catch(() => {}); // The callers of `ended` receive the rejection.
    this.#run();
  }

  /** Resolves when the program has exited normally. @throws {Error} If it failed. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Kills it with SIGKILL. It is restarted at once. */
  kill(): void {
    this.#process?.kill("SIGKILL");
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  /** Kills it and does not start it again. */
  end(): void {
    this.#process?.removeAllListeners("exit");
    this.#process?.kill("SIGKILL");
    this.#resolve();
  }

  #run(): void {
    const child = spawn(process.execPath, this.#command, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    this.#process = child;
    let problems = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      for (const [, what, position] of text.matchAll(/^(began at|stored) (\d+)$/gm)) {
        if (what === "began at") this.starts.push(Number(position));
        else this.stored[this.starts.length - 1] = Number(position);
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      problems += text;
    });
    child.once("exit", (code, signal) => {
      if (signal === "SIGKILL") this.#run();
      else if (code === 0) this.#resolve();
      else this.#reject(new Error(`The program ended with ${code}: ${problems}`));
    });
  }
}
