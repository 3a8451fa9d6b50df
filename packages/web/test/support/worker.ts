/** A thread that sends and receives streams. */
export interface Thread {
  /** Transfers objects to the thread, and resolves with its result. */
  ask(question: Record<string, unknown>, transfer: readonly Transferable[]): Promise<unknown>;
  stop(): void;
}

/** The tasks of the thread with a transferred stream. */
const program = `
  const port = globalThis.process ? process.getBuiltinModule("node:worker_threads").parentPort : globalThis;
  const tasks = {
    read: async ({ readable }) => new Uint8Array(await new Response(readable).arrayBuffer()),
    first: async ({ readable, leave }) => {
      const reader = readable.getReader();
      const { value } = await reader.read();
      if (leave !== undefined) await reader.cancel(leave);
      return value;
    },
    failure: async ({ readable }) => {
      const reader = readable.getReader();
      for (;;) {
        try {
          await reader.read();
        } catch (error) {
          return error;
        }
      }
    },
    write: async ({ writable, bytes }) => {
      const writer = writable.getWriter();
      await writer.write(bytes);
      await writer.close();
    },
    writeOn: async ({ writable }) => {
      const writer = writable.getWriter();
      for (;;) {
        try {
          await writer.write(new Uint8Array(100));
        } catch (error) {
          return error;
        }
      }
    },
    abort: async ({ writable, reason }) => writable.abort(reason),
    through: async ({ readable, writable }) => readable.pipeTo(writable),
  };
  port.onmessage = async ({ data: { answer, task, ...rest } }) => {
    try {
      answer.postMessage({ value: await tasks[task](rest) });
    } catch (error) {
      answer.postMessage({ error });
    }
  };
`;

interface Sender {
  postMessage(message: unknown, transfer: readonly Transferable[]): void;
  terminate(): unknown;
}

/** Starts a thread, in Node or in a page. */
export function startThread(): Thread {
  const worker = start();
  return {
    async ask(question, transfer) {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise<{ value: unknown } | { error: unknown }>((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
      });
      worker.postMessage({ ...question, answer: port2 }, [...transfer, port2]);
      const answer = await answered;
      port1.close();
      if ("error" in answer) throw answer.error;
      return answer.value;
    },
    stop: () => void worker.terminate(),
  };
}

function start(): Sender {
  if (!("process" in globalThis)) {
    return new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })));
  }
  const threads = process.getBuiltinModule("node:worker_threads");
  return new threads.Worker(program, { eval: true }) as unknown as Sender;
}
