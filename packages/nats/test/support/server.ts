import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type NatsConnection } from "@nats-io/transport-node";

/** The server for the tests: `NATS_SERVER`, or the one on the path. */
export const program: string = process.env["NATS_SERVER"] ?? "nats-server";

/** Returns the text of a server's configuration. */
type Configure = (folder: string, port: number) => string;

const plain: Configure = (folder, port) =>
  `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(join(folder, "store"))} }\n`;

/** A real server on loopback with its own store. It can be killed, stopped and started again on the same port. */
export class Server {
  readonly port: number;
  readonly #folder: string;
  readonly #configure: Configure;
  #process: ChildProcess | undefined;

  /** `configure` returns the text of the configuration. The store has to be in the folder, under `store`. */
  static async start(configure: Configure = plain): Promise<Server> {
    const server = new Server(await freePort(), configure);
    await server.start();
    return server;
  }

  private constructor(port: number, configure: Configure) {
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), "pipe512-nats-"));
    this.#configure = configure;
  }

  /** Where the server keeps its streams. */
  get store(): string {
    return join(this.#folder, "store");
  }

  async start(): Promise<void> {
    const path = join(this.#folder, "server.conf");
    writeFileSync(path, this.#configure(this.#folder, this.port));
    const child = spawn(program, ["-c", path], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let log = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        if (log.includes("Server is ready")) resolve();
      });
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`${program} ended: ${log}`)));
    });
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGKILL");
    });
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Copies the store. Returns a function that puts the copy in its place, which simulates a power cut. */
  snapshot(): () => void {
    const copy = mkdtempSync(join(this.#folder, "copy-"));
    cpSync(this.store, copy, { recursive: true });
    return () => {
      rmSync(this.store, { recursive: true });
      renameSync(copy, this.store);
    };
  }

  /** A connection that always reconnects quickly. */
  connect(options: ConnectionOptions = {}, port = this.port): Promise<NatsConnection> {
    return connect({
      servers: `127.0.0.1:${port}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      reconnectJitter: 20,
      waitOnFirstConnect: true,
      timeout: 1000,
      pingInterval: 1000,
      maxPingOut: 2,
      ...options,
    });
  }

  async end(): Promise<void> {
    this.signal("SIGCONT");
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { readonly port: number };
      probe.close(() => resolve(port));
    });
  });
}
