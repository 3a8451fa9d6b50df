import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Request, Task } from "./protocol.ts";

/** How to start the process of a contender; the task follows as the last argument. */
export interface Command {
  readonly path: string;
  readonly args: readonly string[];
}

/** A contender threw, lost bytes, crashed or did not answer. It is out; the others go on. */
export class ContenderFailure extends Error {
  override readonly name = "ContenderFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What a contender that failed did, in a word that fits into a cell. */
export type FailureKind = "takes no part" | "hangs" | "crashes" | "loses bytes" | "fails";

/** Those that live, to be ended with their parent whatever ends it. */
const alive = new Set<ChildProcess>();
process.on("exit", endAll);

/** The process that measures one contender in one scenario. It answers one request at a time. */
export class ContenderProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;
  #stderr = "";

  /** Starts it and waits until it is ready. */
  static async start(command: Command, task: Task, timeLimitMs: number): Promise<ContenderProcess> {
    const started = new ContenderProcess(command, task);
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
    // A child that has died does not read; what it said last is its reply's error.
    child.stdin.on("error", () => {});
  }

  /** Sends a request and resolves with what it measured. */
  async ask<Sample extends object>(request: Request, timeLimitMs: number): Promise<Sample> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return (await this.#reply(timeLimitMs)) as Sample;
  }

  /** Ends it and waits until it is gone. */
  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async #reply(timeLimitMs: number): Promise<object> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new ContenderFailure("hangs", `No answer within ${timeLimitMs / 1000} s`));
      }, timeLimitMs);
    });
    try {
      const line = await Promise.race([this.#lines.next(), late]);
      if (line.done) throw new ContenderFailure("crashes", await this.#lastWords());
      const reply = JSON.parse(line.value) as object;
      if ("error" in reply) throw failureOf(String(reply.error));
      return reply;
    } finally {
      clearTimeout(timer);
    }
  }

  async #lastWords(): Promise<string> {
    await this.#exited;
    const { exitCode, signalCode } = this.#child;
    const said = this.#stderr.split("\n").find((line) => /error/i.test(line)) ?? this.#stderr.split("\n")[0];
    return `Ended with ${signalCode ?? `exit code ${exitCode}`}${said ? `: ${said.trim()}` : ""}`;
  }
}

/** The scenarios and Go's contender say what they saw in these words. */
function failureOf(message: string): ContenderFailure {
  if (message.startsWith("It takes no part") || message.includes("does not know the scenario"))
    return new ContenderFailure("takes no part", message);
  if (message.startsWith("Delivered ")) return new ContenderFailure("loses bytes", message);
  return new ContenderFailure("fails", message);
}

/** Ends all contenders at once: what was asked of them fails. */
export function endAll(): void {
  for (const child of alive) child.kill("SIGKILL");
}
