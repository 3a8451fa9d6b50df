/** What carries the bytes from one process to the other. */
type Carrier = "TCP" | "NATS";

/** How the writing process writes: each write awaited, many at once, or one message at a time whose way is timed. */
export type Style = "awaited" | "concurrent" | "timed";

/** What the writing process is told, as the only argument. */
export interface Measurement {
  readonly carrier: Carrier;
  /** Of the socket, or of the server. */
  readonly port: number;
  /** Of the pipe. */
  readonly name: string;
  readonly bytes: number;
  readonly style: Style;
  readonly milliseconds: number;
  readonly window: number;
  readonly chunk: number | undefined;
}

/** Milliseconds that two processes of one machine agree on. */
export const now = (): number => performance.timeOrigin + performance.now();
