import type { Msg, Subscription } from "@nats-io/nats-core";
import { type Link, OutageError } from "./link.ts";
import { isTransient, type Store } from "./store.ts";
import { type FrameHead, type FrameKind, parseFrame, type WriterBeat } from "./wire.ts";

/** What the intake reports. */
export interface IntakeListener {
  /** The next bytes of the stream. Each byte is reported once, in order. */
  bytes(bytes: Uint8Array): void;
  /** The end, or the writer's error in its place, after all bytes. */
  ended(kind: "end" | "error", body: Uint8Array): void;
  /** A frame arrived, which is a sign of life of the writer. */
  sign(): void;
  /** The consumer exists, or is being created again. */
  flowing(isFlowing: boolean): void;
  /** The server has lost bytes that were not read. */
  missing(from: number, to: number): void;
  /** The server rejects the consumer. */
  refused(error: unknown): void;
}

/** The number of consecutive times that the consumer is created again for missing bytes before they count as lost. */
const PATIENCE = 3;
/**
 * The consumer is created again after this many consecutive signs of life that report more bytes than have arrived, if no byte arrives between them.
 */
const BEATS_BEHIND = 2;

/**
 * Receives frames and passes on each byte once, by its position in the stream. If something may have been lost or
 * doubled on the way, it creates the consumer again, from the first stored frame on.
 */
export class Intake {
  readonly #link: Link;
  readonly #store: Store;
  readonly #listener: IntakeListener;
  readonly #isOwner: () => Promise<boolean>;
  #received: number;
  #ended = false;
  #subscription: Subscription | undefined;
  /** Frames of an earlier consumer are ignored. */
  #pass = 0;
  #isStarting = false;
  #isOver = false;
  /** How often the consumer was created again for missing bytes since the last new byte. */
  #gaps = 0;
  #beatsBehind = 0;
  #receivedAtBeat = -1;
  #retry: () => void = () => {};

  constructor(
    link: Link,
    store: Store,
    position: number,
    isOwner: () => Promise<boolean>,
    listener: IntakeListener,
  ) {
    this.#link = link;
    this.#store = store;
    this.#received = position;
    this.#isOwner = isOwner;
    this.#listener = listener;
  }

  /** The position after the last byte that was passed on. */
  get received(): number {
    return this.#received;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Creates the consumer, also when one exists already. */
  start(): void {
    if (this.#isOver || this.#ended) return;
    this.#pass += 1;
    this.#retry();
    if (!this.#isStarting) void this.#starting();
  }

  end(): void {
    this.#isOver = true;
    this.#pass += 1;
    this.#subscription?.unsubscribe();
    this.#retry();
  }

  /** Compares the received position with the position that the writer reports as stored. */
  compare({ stored, ended }: WriterBeat): void {
    const isBehind = stored > this.#received || (ended && !this.#ended);
    const isStuck = isBehind && this.#receivedAtBeat === this.#received;
    this.#beatsBehind = isStuck ? this.#beatsBehind + 1 : 0;
    this.#receivedAtBeat = this.#received;
    if (this.#beatsBehind >= BEATS_BEHIND) this.#miss(stored);
  }

  async #starting(): Promise<void> {
    this.#isStarting = true;
    this.#listener.flowing(false);
    for (let attempt = 0, pass = -1; pass !== this.#pass && !this.#isOver; attempt++) {
      try {
        if (!this.#link.isUp) throw new OutageError("Cannot reach the server: the connection is down");
        this.#subscription?.unsubscribe();
        pass = this.#pass;
        // A reader that was replaced must not take the consumer from the newer reader.
        if (await this.#isOwner()) await this.#consume(pass);
      } catch (error) {
        pass = -1;
        if (this.#link.isUp && !isTransient(error)) this.#listener.refused(error);
        else await this.#pause(Math.min(50 * 2 ** attempt, 1000));
      }
    }
    this.#isStarting = false;
    if (!this.#isOver) this.#listener.flowing(true);
  }

  async #consume(pass: number): Promise<void> {
    const inbox = this.#link.inbox();
    this.#subscription = this.#link.connection.subscribe(inbox, {
      callback: (error, message) => {
        if (pass !== this.#pass) return;
        if (error === null) this.#take(message);
        else this.#listener.refused(error);
      },
    });
    await this.#store.consume(inbox);
  }

  #take({ data, headers }: Msg): void {
    const head = parseFrame(headers);
    if (head === undefined || this.#ended) return;
    this.#listener.sign();
    if (head.kind === "attach") return;
    if (head.offset > this.#received) this.#miss(head.offset);
    else if (head.kind === "data") this.#takeBytes(head, data);
    else this.#takeFinal(head.kind, data);
  }

  #takeBytes({ offset }: FrameHead, data: Uint8Array): void {
    const known = this.#received - offset;
    if (known >= data.length) return;
    this.#gaps = 0;
    this.#received = offset + data.length;
    this.#listener.bytes(known === 0 ? data : data.subarray(known));
  }

  #takeFinal(kind: FrameKind & ("end" | "error"), body: Uint8Array): void {
    this.#ended = true;
    this.#subscription?.unsubscribe();
    this.#listener.ended(kind, body);
  }

  /** Bytes before `position` are missing here. The server may have them. */
  #miss(position: number): void {
    this.#beatsBehind = 0;
    this.#gaps += 1;
    if (this.#gaps > PATIENCE) this.#listener.missing(this.#received, position);
    else this.start();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#retry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
