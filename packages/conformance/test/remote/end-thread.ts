import { parentPort } from "node:worker_threads";
import { attachReader, attachWriter, type SharedHandle } from "@pipe512/core/shared";
import { type Argument, type Reply, type Request, textOf } from "./messages.ts";

// The thread that has an end: it makes the calls that it receives, and sends their results back.

const ends = new Map<number, object>();
const controllers = new Map<number, AbortController>();

parentPort?.on("message", (request: Request) => {
  if (request.kind === "ping") reply({ id: request.id, value: undefined });
  else if (request.kind === "abort") controllers.get(request.id)?.abort(request.reason);
  else if (request.kind === "attach") ends.set(request.end, attach(request.handle));
  else void call(request);
});

function attach(handle: SharedHandle): object {
  return handle.side === "reader"
    ? attachReader(handle as SharedHandle<"reader">)
    : attachWriter(handle as SharedHandle<"writer">);
}

async function call({ id, end, method, args }: Extract<Request, { kind: "call" }>): Promise<void> {
  const target = ends.get(end) as Record<string, unknown>;
  const values = args.map((argument) => made(id, argument));
  try {
    const member = target[method];
    const value = await (typeof member === "function" ? member.apply(target, values) : member);
    const into =
      "room" in (args[0] ?? {}) && typeof value === "number" ? (values[0] as Uint8Array) : undefined;
    reply({ id, value, ...(into && { filled: into.subarray(0, value as number) }) });
  } catch (thrown) {
    if (!(thrown instanceof Error)) reply({ id, reason: thrown });
    else reply({ id, error: textOf(thrown) });
  }
  controllers.delete(id);
}

function made(id: number, argument: Argument): unknown {
  if ("value" in argument) return argument.value;
  if ("room" in argument) return new Uint8Array(argument.room);
  if ("error" in argument) return Object.assign(new Error(argument.error.message), argument.error);
  if ("signal" in argument) {
    if (typeof argument.signal === "object" && "invalid" in argument.signal)
      return { signal: argument.signal.invalid };
    const controller = new AbortController();
    controllers.set(id, controller);
    if (typeof argument.signal === "object") controller.abort(argument.signal.reason);
    return { signal: controller.signal };
  }
  const bytes = new Uint8Array(5);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function reply(message: Reply): void {
  parentPort?.postMessage(message);
}
