// What the suite needs of the platform, by structure: the package is compiled without the declarations of any.

interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: unknown, options?: unknown): void;
  removeEventListener(type: "abort", listener: unknown, options?: unknown): void;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
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
}

/** The global object, as the suite sees it. */
export const platform: Platform = globalThis as unknown as Platform;

// Taken at load, so that fake timers that a test installs later do not stop the suite.
const { MessageChannel, setImmediate } = platform;

/** Lets the event loop go round once. A message to oneself comes without the 4 ms that browsers add to chained timers. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
