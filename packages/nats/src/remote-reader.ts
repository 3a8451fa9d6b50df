import type { Subscription } from "@nats-io/nats-core";
import { Lease } from "./lease.ts";
import { type Link, subscribe } from "./link.ts";
import {
  heartbeatSubject,
  type PipeRecord,
  parseReaderBeat,
  parseRecord,
  recordSubject,
  type Session,
  type WriterBeat,
  writerBeat,
} from "./wire.ts";

/** The reactions of a writer to its reader. */
interface RemoteReaderListener {
  /** The reader has finished with all bytes before `position`. */
  committed(position: number): void;
  /** The reader reports that the pipe has ended. The server may have rejected the record of that. */
  ended(): void;
  /** The reader gave no sign of life for too long. */
  lost(): void;
  /** The state that the writer sends to the reader at each tick. */
  beat(): WriterBeat;
  readonly refused: (error: unknown) => void;
}

/** The writer's information about its reader on another machine. Only the newest reader counts. */
export class RemoteReader {
  readonly #pid: string;
  readonly #listener: RemoteReaderListener;
  readonly #lease: Lease;
  readonly #subscriptions: readonly Subscription[];
  /** The newest reader that sent a message. Messages of older readers are ignored. */
  #order = 0;

  constructor(link: Link, name: string, pid: string, leaseMs: number, listener: RemoteReaderListener) {
    this.#pid = pid;
    this.#listener = listener;
    this.#lease = new Lease(link, leaseMs, {
      beat: () => link.connection.publish(heartbeatSubject(name, pid, "w"), writerBeat(listener.beat())),
      ticked: (lost) => lost && listener.lost(),
    });
    this.#subscriptions = [
      subscribe(link, recordSubject(name), listener.refused, (data) => {
        const record = parseRecord(data);
        if (this.hear(record) && record.state !== "open") listener.ended();
      }),
      subscribe(link, heartbeatSubject(name, pid, "r"), listener.refused, (data) => {
        const beat = parseReaderBeat(data);
        if (beat !== undefined && this.#isCurrent(beat.session)) listener.committed(beat.pos);
      }),
    ];
  }

  /** Handles a record as a sign of life and as a commit. Returns whether it is of the newest reader of this pipe. */
  hear({ pid, session, pos }: PipeRecord): boolean {
    if (pid !== this.#pid || !this.#isCurrent(session)) return false;
    this.#listener.committed(pos);
    return true;
  }

  end(): void {
    this.#lease.end();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #isCurrent({ order }: Session): boolean {
    if (order < this.#order) return false;
    this.#order = order;
    this.#lease.sign();
    return true;
  }
}
