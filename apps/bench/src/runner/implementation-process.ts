import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ImplementationFailure, type Measurer, replyWithin } from "./measurer.ts";
import type { Request, Task } from "./protocol.ts";

/** The command of an implementation's process. The task follows as the last argument. */
export interface Command {
  readonly path: string;
  readonly args: readonly string[];
}

/** The running processes, which end with their parent in every case. */
const alive = new Set<ChildProcess>();
process.on("exit", endAll);

/** A process that measures one implementation in one scenario. */
export class ImplementationProcess implements Measurer {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;
  #stderr = "";

  /** Starts it and waits until it is ready. */
  static async start(command: Command, task: Task, timeLimitMs: number): Promise<ImplementationProcess> {
    const started = new ImplementationProcess(command, task);
    try {
      await started.#reply(timeLimitMs);
      return started;
    } catch (error) {
      await started.end();
      throw error;
    }
  }

  private constructor({ path, args }: Command, task: Task) {
    const child = spawn(path, [...args, JSON.stringify(task)], { stdio: "pipe", windowsHide: true });
    alive.add(child);
    this.#child = child;
    this.#exited = once(child, "close").catch(() => {});
    void this.#exited.then(() => alive.delete(child));
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4096);
    });
    // A process that has died does not read. Its last output is the error of the reply.
    child.stdin.on("error", () => {});
  }

  async ask<Sample extends object>(request: Request, timeLimitMs: number): Promise<Sample> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return (await this.#reply(timeLimitMs)) as Sample;
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  #reply(timeLimitMs: number): Promise<object> {
    return replyWithin(timeLimitMs, this.#nextLine());
  }

  async #nextLine(): Promise<object> {
    const line = await this.#lines.next();
    if (line.done) throw new ImplementationFailure("crashes", await this.#lastWords());
    return JSON.parse(line.value) as object;
  }

  async #lastWords(): Promise<string> {
    await this.#exited;
    const { exitCode, signalCode } = this.#child;
    const lines = this.#stderr.split("\n");
    // Node prints the line of the source first, and that line may contain the word "error".
    const said = [/^\w*Error\b/, /error/i, /./].map((words) => lines.find((line) => words.test(line)));
    const words = said.find((line) => line !== undefined);
    return `Ended with ${signalCode ?? `exit code ${exitCode}`}${words ? `: ${words.trim()}` : ""}`;
  }
}

/** Ends all processes at once. Their pending requests fail. */
export function endAll(): void {
  for (const child of alive) child.kill("SIGKILL");
}
