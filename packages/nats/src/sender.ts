import type { Msg, Subscription } from "@nats-io/nats-core";
import { isBusy, isOutOfPlace, isTransient, type LastFrame, type Store, type StoredRecord } from "./store.ts";
import { ANSWER_MS, type Link, OutageError } from "./link.ts";
import { transition, type WriterState, writerSteps } from "./states.ts";
import { type Frame, isFinal, type Window } from "./window.ts";
import { dataSubject, frameHeaders, frameId, parseAnswer, type Session } from "./wire.ts";

/** The sender's view of the end that it sends for. */
export interface Sending {
  readonly name: string;
  readonly pid: string;
  readonly session: Session;
  /** The sequence that the session's first frame after the attach must follow. */
  readonly sequence: number;
  /** Whether an earlier session has stored the end. */
  readonly ended: boolean;
  /** Creates the data stream again after the server has lost it. */
  readonly recreate: () => Promise<unknown>;
}

/** What the sender reports. */
export interface SenderListener {
  /** The server has stored more than before, or the window may have room. */
  progressed(): void;
  /** A record of the server, read after an error. */
  recorded(record: StoredRecord): void;
  /** No more frames will be sent. */
  refused(error: unknown): void;
  /** The stream belongs to a newer writer. */
  fenced(): void;
}

/**
 * Publishes frames without waiting for acknowledgements. Each frame names the message that it must follow, so the server
 * stores the frames in order, once, and without a gap. It stores no frame of an older session after the first frame of a
 * newer one. After a failure, or if the state of the server is unknown, the sender reads the server's last frame, and
 * publishes the following frames again.
 */
export class Sender {
  readonly #link: Link;
  readonly #store: Store;
  readonly #sending: Sending;
  readonly #window: Window;
  readonly #listener: SenderListener;
  readonly #inbox: string;
  readonly #answers: Subscription;
  #state: WriterState = "flowing";
  /** Incremented by each repair. The acknowledgement of a frame that was published before the last repair is ignored. */
  #epoch = 0;
  /** The first frame of this epoch, and the sequence that it must follow. Each other frame follows the id of the one before. */
  #root: { readonly number: number; readonly after: number };
  /** The number of the next frame to publish. */
  #next = 0;
  /** The number of the first frame that the server has not confirmed. */
  #unconfirmed = 0;
  #stored: number;
  #ended: boolean;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** Ends the pause between two attempts to repair. */
  #retry: () => void = () => {};

  constructor(
    link: Link,
    store: Store,
    sending: Sending,
    window: Window,
    stored: number,
    listener: SenderListener,
  ) {
    this.#link = link;
    this.#store = store;
    this.#sending = sending;
    this.#window = window;
    this.#listener = listener;
    this.#root = { number: 0, after: sending.sequence };
    this.#stored = stored;
    this.#ended = sending.ended;
    this.#inbox = link.inbox();
    this.#answers = link.connection.subscribe(`${this.#inbox}.*.*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message);
        else this.#listener.refused(error);
      },
    });
  }

  get state(): WriterState {
    return this.#state;
  }

  /** The position up to which the server has confirmed everything. */
  get stored(): number {
    return this.#stored;
  }

  /** Whether the server has confirmed the end, or the error that takes its place. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The number of frames that the server has not confirmed. */
  get unconfirmed(): number {
    return this.#window.count - this.#unconfirmed;
  }

  add(frame: Frame): void {
    this.#window.add(frame);
    this.#publish();
  }

  /** It is unknown which frames the server has. */
  repair(): void {
    if (this.#state === "flowing") {
      this.#state = transition(writerSteps, this.#state, "repairing");
      clearTimeout(this.#silence);
      void this.#repairing();
    }
    this.#epoch += 1;
    this.#retry();
  }

  finish(state: "done" | "failed"): void {
    if (this.#state === "done" || this.#state === "failed") return;
    this.#state = transition(writerSteps, this.#state, state);
    clearTimeout(this.#silence);
    this.#answers.unsubscribe();
    this.#retry();
  }

  #publish(): void {
    const { name, pid, session } = this.#sending;
    const subject = dataSubject(name, pid);
    for (; this.#state === "flowing"; this.#next += 1) {
      const frame = this.#window.at(this.#next);
      if (frame === undefined) return;
      const after = this.#next === this.#root.number ? this.#root.after : this.#id(this.#next - 1);
      const head = { kind: frame.kind, session, offset: frame.offset };
      const headers = frameHeaders(head, this.#id(this.#next), after);
      if (this.#next === this.#unconfirmed) this.#expectAnswer();
      try {
        this.#link.connection.publish(subject, frame.bytes, {
          headers,
          reply: `${this.#inbox}.${this.#epoch}.${this.#next}`,
        });
      } catch (error) {
        // A connection that is being closed notifies its listeners once it is closed.
        if (this.#link.isUp) this.#listener.refused(error);
        return;
      }
    }
  }

  #id(number: number): string {
    return frameId(this.#sending.session, this.#epoch, number);
  }

  #expectAnswer(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.repair(), ANSWER_MS);
  }

  #answered({ subject, data, headers }: Msg): void {
    const [epoch, number] = subject
      .slice(this.#inbox.length + 1)
      .split(".")
      .map(Number);
    if (epoch !== this.#epoch || number === undefined || this.#state !== "flowing") return;
    const answer = parseAnswer(data, headers);
    if ("sequence" in answer) {
      if (number < this.#unconfirmed) return;
      this.#confirm(number + 1);
      if (this.#unconfirmed < this.#next) this.#expectAnswer();
      else clearTimeout(this.#silence);
      this.#listener.progressed();
    } else if (isOutOfPlace(answer.code) || isBusy(answer.status)) {
      this.repair();
    } else {
      const { code, description } = answer;
      const { name } = this.#sending;
      this.#listener.refused(
        new Error(`Cannot store a frame of pipe "${name}": the server answered ${code}, ${description}`),
      );
    }
  }

  /** The server has every frame before this one, because it accepts each frame only after the previous one. */
  #confirm(number: number): void {
    const last = this.#window.at(number - 1);
    this.#unconfirmed = number;
    if (last === undefined) return;
    this.#stored = Math.max(this.#stored, last.end);
    this.#ended ||= isFinal(last);
  }

  async #repairing(): Promise<void> {
    for (let attempt = 0; this.#state === "repairing"; attempt++) {
      try {
        if (!this.#link.isUp) throw new OutageError("Cannot reach the server: the connection is down");
        const epoch = this.#epoch;
        const record = await this.#store.record();
        if (this.#state !== "repairing") return;
        if (record !== undefined) this.#listener.recorded(record);
        if (this.#state !== "repairing") return; // The record said that the pipe has ended.
        const last = await this.#lastFrame();
        if (epoch === this.#epoch && this.#state === "repairing") this.#resume(last, record?.pos ?? 0);
      } catch (error) {
        if (this.#link.isUp && !isTransient(error)) this.#listener.refused(error);
        else await this.#pause(Math.min(50 * 2 ** attempt, 1000));
      }
    }
  }

  /** The last frame that the server has. If the stream is gone, creates it again under the same name and fills it again. */
  async #lastFrame(): Promise<LastFrame> {
    const { pid, recreate } = this.#sending;
    const last = await this.#store.last(pid);
    if (last !== undefined) return last;
    await recreate();
    return { sequence: 0, head: undefined, end: 0 };
  }

  /** Continues after `last`. */
  #resume(last: LastFrame, committed: number): void {
    const { session } = this.#sending;
    const owner = last.head?.session;
    if (owner !== undefined && owner.id !== session.id && owner.order >= session.order) {
      this.#listener.fenced();
      return;
    }
    const isOwn = owner?.id === session.id;
    const ended = isOwn && last.head !== undefined && isFinal(last.head);
    const next = this.#window.firstAfter(Math.max(last.end, committed), ended);
    // A server that has lost the session's first frame gets that frame again.
    if (!isOwn && next === this.#window.count) {
      const offset = this.#stored;
      this.#window.add({ kind: "attach", offset, bytes: new Uint8Array(0), end: offset });
    }
    this.#next = next;
    this.#confirm(next);
    this.#root = { number: next, after: last.sequence };
    this.#state = transition(writerSteps, this.#state, "flowing");
    this.#publish();
    this.#listener.progressed();
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
