import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { attachReader, sharedPipe } from "@pipe512/core/shared";
import type { Channel, ChannelOptions, Sink } from "./channel.ts";
import type { Load } from "./load.ts";
import type { Way } from "./thread-sender.ts";

/** The writing thread, one for all channels of a process, so that its code is warm. It does not keep the process alive. */
let writing: Worker | undefined;

function ask(load: Load, way: Way): void {
  if (writing === undefined) {
    const program = `./thread-sender${extname(fileURLToPath(import.meta.url))}`;
    writing = new Worker(new URL(program, import.meta.url), {
      execArgv: process.execArgv.filter((flag) => flag.startsWith("--conditions")),
    });
    writing.unref();
  }
  writing.postMessage({ ...way, chunk: load.next(), count: load.count });
}

/** A thread writes, this one reads. Nothing says how much lies between them. */
abstract class FromThread implements Channel {
  protected readonly readBytes: number;

  constructor({ readBytes }: ChannelOptions) {
    this.readBytes = readBytes;
  }

  abstract send(load: Load): Promise<void>;
  abstract receive(sink: Sink): Promise<void>;

  held(): number {
    return 0;
  }
}

/** writeSync() in the thread, readSync() here: both block. */
export class BlockingPipe extends FromThread {
  protected readonly pipe = sharedPipe();

  async send(load: Load): Promise<void> {
    ask(load, { by: "shared pipe", handle: this.pipe.writerHandle });
  }

  async receive(sink: Sink): Promise<void> {
    const reader = attachReader(this.pipe.readerHandle);
    const into = new Uint8Array(this.readBytes);
    await Promise.resolve(); // The writer is asked now; afterwards this thread stands still.
    for (;;) {
      const length = reader.readSync(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }
}

/** writeSync() in the thread, await read() here. */
export class AwaitedPipe extends BlockingPipe {
  override async receive(sink: Sink): Promise<void> {
    const reader = attachReader(this.pipe.readerHandle);
    const into = new Uint8Array(this.readBytes);
    for (;;) {
      const length = await reader.read(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }
}

/** Copies by postMessage(), with a window: the only way to tell a sender to wait is one's own. */
export class Messages extends FromThread {
  readonly #taken = new Int32Array(new SharedArrayBuffer(4));

  async send(load: Load): Promise<void> {
    ask(load, { by: "messages", taken: this.#taken });
  }

  receive(sink: Sink): Promise<void> {
    return new Promise((resolve) => {
      const take = (chunk: Uint8Array | null): void => {
        if (chunk === null) {
          writing?.off("message", take);
          writing?.unref();
          resolve();
          return;
        }
        sink.take(chunk, chunk.length);
        Atomics.add(this.#taken, 0, 1);
        Atomics.notify(this.#taken, 0);
      };
      queueMicrotask(() => {
        writing?.on("message", take);
      });
    });
  }
}

/** A FIFO of the kernel, which holds 64 KiB: writeSync() and readSync() of node:fs. */
export class Fifo extends FromThread {
  readonly #folder = mkdtempSync(join(tmpdir(), "pipe512-"));
  readonly #path = join(this.#folder, "fifo");

  async send(load: Load): Promise<void> {
    execFileSync("mkfifo", [this.#path]);
    ask(load, { by: "fifo", path: this.#path });
  }

  async receive(sink: Sink): Promise<void> {
    const into = new Uint8Array(this.readBytes);
    await Promise.resolve();
    const file = openSync(this.#path, "r");
    for (let length = readSync(file, into); length > 0; length = readSync(file, into))
      sink.take(into, length);
    closeSync(file);
    rmSync(this.#folder, { recursive: true });
  }
}
