import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Transferable, Worker } from "node:worker_threads";
import type { Channel, ChannelOptions, Sink } from "../channel.ts";
import type { Load, Source } from "../load.ts";
import type { Order } from "./order.ts";
import { pretended } from "./processors.ts";

/** The other thread. All channels of a process share it, so that its code is warm. It does not keep the process alive. */
let thread: Worker | undefined;
/** The array that it cuts chunks from. */
let known: Source | undefined;

/** Sends an order to the other thread, which carries it out even if this thread blocks from now on. */
export function ask(order: Order, transferred: Transferable[] = []): void {
  if (thread === undefined) {
    const program = `./worker${extname(fileURLToPath(import.meta.url))}`;
    thread = new Worker(new URL(program, import.meta.url), {
      execArgv: process.execArgv.filter((flag) => flag.startsWith("--conditions")),
      workerData: pretended(),
    });
    thread.unref();
  }
  thread.postMessage(order, transferred);
}

/** The other thread writes, this one reads. */
export abstract class FromThread implements Channel {
  protected readonly readBytes: number;

  constructor({ readBytes }: ChannelOptions) {
    this.readBytes = readBytes;
  }

  abstract send(load: Load): Promise<void>;
  abstract receive(sink: Sink): Promise<void>;

  held(): number {
    throw new Error("It takes no part: the bytes between two threads are not counted");
  }

  /** Makes the other thread send the load. Its chunks are posted only once. */
  protected askToSend(order: Pick<Order, "way" | "ends">, load: Load, transferred?: Transferable[]): void {
    const { source, count } = load;
    const isKnown = source.chunkBytes === known?.chunkBytes && isSame(source.bytes, known.bytes);
    known = source;
    // A copy, because posting a view would also post the whole memory behind it.
    const sent = isKnown ? undefined : { ...source, bytes: source.bytes.slice() };
    ask({ ...order, task: "send", source: sent, count }, transferred);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
}
