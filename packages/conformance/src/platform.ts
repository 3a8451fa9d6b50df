// The parts of the platform that the suite uses. The package is compiled without the type declarations of any platform.

interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: unknown, options?: unknown): void;
  removeEventListener(type: "abort", listener: unknown, options?: unknown): void;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
}

interface Platform {
  readonly AbortController: new () => {
    readonly signal: AbortSignal & Signal;
    abort(reason?: unknown): void;
  };
  readonly AbortSignal: { abort(reason?: unknown): AbortSignal & Signal };
  readonly setTimeout: (callback: () => void, ms: number) => unknown;
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
  readonly structuredClone: (value: unknown, options: { readonly transfer: readonly unknown[] }) => unknown;
  readonly WebAssembly: {
    readonly Memory: new (limits: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  };
  readonly gc?: () => void;
  readonly process?: {
    threadCpuUsage?(): { readonly user: number; readonly system: number };
    cpuUsage?(): { readonly user: number; readonly system: number };
  };
  readonly performance: { now(): number };
}

/** The global object, with the types above. */
export const platform: Platform = globalThis as unknown as Platform;

const { performance, process } = platform;

/** The processor time of this thread in milliseconds; otherwise that of the process, or else the elapsed time. Only differences are meaningful. */
export function processorMs(): number {
  const usage = process?.threadCpuUsage?.() ?? process?.cpuUsage?.();
  return usage === undefined ? performance.now() : (usage.user + usage.system) / 1000;
}

// Read when the module is loaded, so that fake timers that a test installs later do not stop the suite.
const { MessageChannel, setImmediate } = platform;

/** Calls `callback` in a later iteration of the event loop. */
const later: (callback: () => void) => unknown = setImmediate ?? messageScheduler();

/** Schedules by messages of a MessageChannel, since browsers delay chained timers by 4 ms. */
function messageScheduler(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const callbacks: Array<() => void> = [];
  port1.onmessage = () => callbacks.shift()?.();
  return (callback) => {
    callbacks.push(callback);
    port2.postMessage(null);
  };
}

/** Resolves in the next iteration of the event loop. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => later(resolve));
