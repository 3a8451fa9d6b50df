import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = process.env["NATS_SERVER"] ?? "nats-server";

/** One line that says what is missing; `undefined` if nothing is. */
export function missingServer(): string | undefined {
  if (spawnSync(PROGRAM, ["--version"]).status === 0) return undefined;
  return "No nats-server on PATH: install it (Debian: apt install nats-server) to compare a pipe between machines";
}

/** A server on this machine, which ends with this process. */
export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly version: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  static async start(): Promise<NatsServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "pipe512-bench-"));
    const args = ["--jetstream", "--store_dir", folder, "--addr", "127.0.0.1", "--port", String(port)];
    const child = spawn(PROGRAM, args, { stdio: ["ignore", "ignore", "pipe"] });
    const version = spawnSync(PROGRAM, ["--version"], { encoding: "utf8" }).stdout.trim();
    await new Promise<void>((resolve, reject) => {
      let log = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        if (log.includes("Server is ready")) resolve();
      });
      child.once("exit", () => reject(new Error(`${PROGRAM} ended: ${log}`)));
    });
    return new NatsServer(port, version, child, folder);
  }

  private constructor(port: number, version: string, child: ChildProcess, folder: string) {
    this.port = port;
    this.version = version;
    this.#process = child;
    this.#folder = folder;
    process.once("exit", () => child.kill("SIGKILL"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#process.once("exit", resolve);
      this.#process.kill("SIGKILL");
    });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Listens on a port that is free. */
export function listen(server: TcpServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { readonly port: number }).port));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
