import { Worker } from "node:worker_threads";
import type { OperationOptions, Reader, Writer } from "@pipe512/conformance";
import type { SharedHandle } from "@pipe512/core/shared";
import { type Argument, type ErrorText, type Reply, type Request, textOf } from "./messages.ts";

/** A thread that has ends of pipes. Their methods are called from here by messages. */
export class RemoteThread {
  readonly #worker = new Worker(new URL("./end-thread.ts", import.meta.url), {
    execArgv: ["--conditions=@pipe512/source"],
  });
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #ids = 0;
  /**
   * Settles when all closes that were requested before have been made. Messages to two threads are unordered, but a close must come before the calls that
   * follow it.
   */
  static #closed: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#worker.on("message", (reply: Reply) => {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  /** Resolves after an iteration of the thread's event loop, in which it has processed all messages sent before. */
  async ping(): Promise<void> {
    await this.#ask({ kind: "ping", id: (this.#ids += 1) });
  }

  end(): Promise<number> {
    return this.#worker.terminate();
  }

  attachReader(handle: SharedHandle<"reader">): Reader {
    const call = this.#attach(handle);
    return {
      read: async (into, options) => {
        const isBytes = into instanceof Uint8Array;
        const argument = isBytes && !isDetached(into) ? { room: into.length } : plain(into);
        const { value, filled } = await call("read", argument, options);
        if (filled !== undefined) into.set(filled);
        return value as number | null;
      },
      readChunk: async (options) => (await call("readChunk", { value: options })).value as Uint8Array | null,
      get closed() {
        return call("closed").then(() => {});
      },
      close: () => void call("close"),
      closeWithError: (error) => void call("closeWithError", carried(error)),
    };
  }

  attachWriter(handle: SharedHandle<"writer">): Writer {
    const call = this.#attach(handle);
    return {
      write: async (bytes, options) => (await call("write", plain(bytes), options)).value as number,
      get closed() {
        return call("closed").then(() => {});
      },
      close: () => void call("close"),
      closeWithError: (error) => void call("closeWithError", carried(error)),
    };
  }

  #attach(handle: SharedHandle) {
    const end = (this.#ids += 1);
    this.#worker.postMessage({ kind: "attach", end, handle } satisfies Request);
    return async (method: string, argument?: Argument, options?: OperationOptions) => {
      const id = (this.#ids += 1);
      const args = argument === undefined ? [] : [argument];
      const given = options?.signal;
      const signal = given instanceof AbortSignal ? given : undefined;
      if (signal !== undefined) args.push({ signal: signal.aborted ? { reason: signal.reason } : true });
      else if (given !== undefined) args.push({ signal: { invalid: given } });
      const abort = (): void =>
        this.#worker.postMessage({ kind: "abort", id, reason: signal?.reason } satisfies Request);
      signal?.addEventListener("abort", abort);
      const asked = RemoteThread.#closed.then(() => this.#ask({ kind: "call", id, end, method, args }));
      if (method.startsWith("close") && method !== "closed") RemoteThread.#closed = asked;
      const reply = await asked;
      signal?.removeEventListener("abort", abort);
      if ("error" in reply) throw revived(reply.error);
      if ("reason" in reply) throw signal?.aborted ? signal.reason : reply.reason;
      return reply;
    };
  }

  #ask(request: Request & { readonly id: number }): Promise<Reply> {
    return new Promise((resolve) => {
      this.#waiting.set(request.id, resolve);
      this.#worker.postMessage(request);
    });
  }
}

const isDetached = (bytes: Uint8Array): boolean =>
  bytes.length === 0 && bytes.buffer.byteLength === 0 && (bytes.buffer as ArrayBuffer).detached;

function plain(value: unknown): Argument {
  return value instanceof Uint8Array && isDetached(value) ? { detached: true } : { value };
}

function carried(error: unknown): Argument {
  if (!(error instanceof Error)) return { value: error };
  return { error: textOf(error) };
}

function revived(text: ErrorText): Error {
  return Object.assign(new Error(text.message), text);
}
