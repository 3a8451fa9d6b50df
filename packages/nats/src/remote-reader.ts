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

/** What a writer does about its reader. */
interface RemoteReaderListener {
  /** The reader is done with all before `position`. */
  committed(position: number): void;
  /** The reader says that the pipe has ended. The server may have refused to store that. */
  ended(): void;
  /** The reader gave no sign of life for too long. */
  lost(): void;
  /** What is told to the reader now and then. */
  beat(): WriterBeat;
  readonly refused: (error: unknown) => void;
}

/** What a writer knows of the reader, on whatever machine that is: the newest one counts. */
export class RemoteReader {
  readonly #pid: string;
  readonly #listener: RemoteReaderListener;
  readonly #lease: Lease;
  readonly #subscriptions: readonly Subscription[];
  /** The newest reader that was heard of. An older one is not listened to. */
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

  /** Takes a record for a sign of life, and for what it commits. Returns whether it is of the newest reader of this pipe. */
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
