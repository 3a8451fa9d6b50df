/** The transports that carry the bytes from one process to the other. */
type Carrier = "TCP" | "NATS";

/** How the writing process writes: each write awaited, many at once, or one timed message at a time. */
export type Style = "awaited" | "concurrent" | "timed";

/** The only argument of the writing process. */
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

/** A time in milliseconds that is the same for all processes of one machine. */
export const now = (): number => performance.timeOrigin + performance.now();
