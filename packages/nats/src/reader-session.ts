import type { PipeWriter } from "@pipe512/core";
import type { Subscription } from "@nats-io/nats-core";
import { abandonedError, closedError, errorFrom, errorText } from "./errors.ts";
import { Intake } from "./intake.ts";
import { Lease } from "./lease.ts";
import { Ledger } from "./ledger.ts";
import { type Link, subscribe } from "./link.ts";
import type { OpenedReader } from "./opening.ts";
import type { Settings } from "./settings.ts";
import { type ReaderState, readerSteps, transition } from "./states.ts";
import { isTransient, type Store } from "./store.ts";
import { type Failure, type Wait, Waits } from "./waits.ts";
import {
  type ErrorText,
  heartbeatSubject,
  type PipeState,
  parseError,
  parseRecord,
  parseWriterBeat,
  readerBeat,
  recordSubject,
} from "./wire.ts";

/** The internals of a reader: from the frames of the server to a pipe that the caller reads, and from reads to the record. */
export class ReaderSession {
  readonly #link: Link;
  readonly #store: Store;
  readonly #name: string;
  readonly #settings: Settings;
  readonly #opened: OpenedReader;
  readonly #sink: PipeWriter;
  readonly #intake: Intake;
  readonly #ledger: Ledger;
  readonly #lease: Lease;
  readonly #subscriptions: readonly Subscription[];
  readonly #unlisten: () => void;
  readonly #committing = new Waits();
  readonly #left: Promise<void>;
  #resolveLeft!: () => void;
  #state: ReaderState = "starting";
  /** The position up to which bytes were read. */
  #taken: number;
  #failure: Failure | undefined;
  /** Why the session is over, unless its own close ended it. */
  #over: Failure | undefined;
  /** The error that the writer was closed with. */
  #writerError: ErrorText | undefined;

  constructor(
    link: Link,
    store: Store,
    name: string,
    settings: Settings,
    opened: OpenedReader,
    sink: PipeWriter,
  ) {
    const { pid, record } = opened;
    this.#link = link;
    this.#store = store;
    this.#name = name;
    this.#settings = settings;
    this.#opened = opened;
    this.#sink = sink;
    this.#taken = record.pos;
    this.#left = new Promise((resolve) => {
      this.#resolveLeft = resolve;
    });
    this.#ledger = new Ledger(link, store, name, record, {
      stored: ({ pos, state }) => this.#recorded(pos, state),
      refused: (error) => this.#fail(() => error),
      fenced: () => this.#fence(),
    });
    this.#intake = new Intake(link, store, record.pos, () => this.#ledger.isOwner(), {
      bytes: (bytes) => this.#give(bytes),
      ended: (kind, body) => this.#ended(kind === "error" ? parseError(body) : undefined),
      sign: () => this.#lease.sign(),
      flowing: (isFlowing) => this.#flowing(isFlowing),
      missing: (from, to) =>
        this.#fail((attempt) =>
          abandonedError(
            "writer",
            attempt,
            `bytes ${from} to ${to} of pipe "${this.#name}" are gone from the server`,
          ),
        ),
      refused: (error) => this.#fail(() => error),
    });
    const refused = (error: unknown): void => this.#fail(() => error);
    this.#subscriptions = [
      subscribe(link, heartbeatSubject(name, pid, "w"), refused, (data) => {
        this.#lease.sign();
        if (this.#state === "flowing") this.#intake.compare(parseWriterBeat(data));
      }),
      subscribe(link, recordSubject(name), refused, (data) => {
        const { session } = parseRecord(data);
        if (session.id !== record.session.id && session.order >= record.session.order) this.#ledger.doubt();
      }),
    ];
    this.#lease = new Lease(link, settings.lease, {
      beat: () => this.#beat(),
      ticked: (lost) => this.#ticked(lost),
    });
    this.#unlisten = link.listen({
      down: () => {},
      up: () => {
        this.#ledger.doubt();
        this.#intake.start();
      },
      closed: () => this.#loseConnection(),
    });
    void sink.closed.then(() => this.#closedFromOutside());
    this.#intake.start();
  }

  /** The error of every later call, whether bytes are left or not. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Resolves when the session has nothing left to do. */
  get left(): Promise<void> {
    return this.#left;
  }

  /** The caller has read up to `position`, and has finished with the bytes before `committed`. */
  read(position: number, committed: number, isUrgent: boolean): void {
    this.#taken = position;
    const { pos, state } = this.#ledger.wanted;
    if (!this.#isOpen || state !== "open") return;
    const isDue = isUrgent || committed === this.#intake.received;
    if (committed > pos && (isDue || committed - this.#ledger.storedPosition >= this.#settings.window / 4))
      this.#ledger.write({ pos: committed, state: "open" });
    this.#finishIfRead();
  }

  /** Waits until the server has stored the position. At the end, waits until it has stored that everything was read. */
  async committed(wait: Wait): Promise<void> {
    if (this.#isOpen && this.#over === undefined) {
      if (this.#ledger.wanted.state === "done") await this.#left;
      else if (this.#ledger.storedPosition < wait.position) await this.#committing.add(wait);
    }
    if (this.#over !== undefined) throw this.#over(wait.attempt, 0);
    if (this.#state === "closed") throw this.#closedByItself(wait.attempt, 0);
  }

  /** The reader's own close. */
  close(error?: ErrorText): void {
    const { pos, state } = this.#ledger.wanted;
    if (!this.#isOpen || state !== "open") return;
    this.#move("closed");
    this.#committing.fail(this.#closedByItself);
    this.#intake.end();
    this.#ledger.write({ pos, state: "closed", error });
  }

  readonly #closedByItself: Failure = (attempt) =>
    closedError("reader", attempt, `the reader of pipe "${this.#name}" closed`);

  get #isOpen(): boolean {
    return this.#state === "starting" || this.#state === "flowing" || this.#state === "ended";
  }

  #move(state: ReaderState): void {
    this.#state = transition(readerSteps, this.#state, state);
  }

  #flowing(isFlowing: boolean): void {
    if (this.#state === (isFlowing ? "starting" : "flowing")) this.#move(isFlowing ? "flowing" : "starting");
  }

  /** All unread bytes wait in the pipe, as writes that are not awaited. The window bounds them. */
  #give(bytes: Uint8Array): void {
    this.#sink.write(bytes, { transfer: true }).catch(() => {}); // It rejects after a close, which `closedFromOutside` handles.
  }

  #ended(error: ErrorText | undefined): void {
    if (this.#state === "starting") this.#move("flowing"); // Frames may arrive before the server's response.
    this.#move("ended");
    this.#writerError = error;
    if (error === undefined) this.#sink.close();
    else void this.#failWhenRead(errorFrom(error));
    this.#finishIfRead();
  }

  /** Closes the pipe with `error`, once all accepted bytes are read. */
  async #failWhenRead(error: unknown): Promise<void> {
    await this.#sink.flush().catch(() => {});
    this.#sink.closeWithError(error);
  }

  #finishIfRead(): void {
    const { pos, state } = this.#ledger.wanted;
    if (this.#state !== "ended" || state !== "open" || pos !== this.#intake.received) return;
    this.#ledger.write({ pos, state: "done", error: this.#writerError });
  }

  #recorded(pos: number, state: PipeState): void {
    this.#committing.reach(pos);
    if (state === "open") return;
    if (state !== "closed") this.#move(state);
    void this.#leave();
  }

  /** The record now says that the pipe has ended, so the bytes can be deleted. */
  async #leave(): Promise<void> {
    this.#end();
    // If this fails, `sweepNatsPipes` deletes the bytes later.
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await this.#store.deleteStream();
        break;
      } catch (error) {
        if (!isTransient(error)) break;
      }
    }
    this.#resolveLeft();
  }

  #ticked(lost: boolean): void {
    this.#ledger.refresh();
    if (lost && this.#state === "flowing" && this.#taken === this.#intake.received) void this.#loseWriter();
  }

  /** A writer without signs of life counts as lost once all bytes that it has stored are read. */
  async #loseWriter(): Promise<void> {
    const last = await this.#store.last(this.#opened.pid).catch(() => undefined);
    if (last === undefined || this.#state !== "flowing") return;
    const isEnd = last.head?.kind === "end" || last.head?.kind === "error";
    if (last.end > this.#intake.received || isEnd) {
      this.#intake.start();
      return;
    }
    const found = `the writer of pipe "${this.#name}" was lost: it gave no sign of life for ${this.#settings.lease} ms`;
    this.#intake.end();
    this.#over = (attempt) => abandonedError("writer", attempt, found);
    this.#committing.fail(this.#over);
    this.#sink.closeWithError(this.#over("read", 0));
    this.#ledger.write({ pos: this.#ledger.wanted.pos, state: "lost" });
  }

  /** The consumer left or aborted its loop, or the reader was garbage-collected. */
  #closedFromOutside(): void {
    if (!this.#isOpen || this.#intake.ended || this.#ledger.wanted.state !== "open") return;
    try {
      this.#sink.tryWrite(new Uint8Array(0));
    } catch (error) {
      const { code } = Object(error) as { readonly code?: unknown };
      this.close(code === "ERR_CLOSED_PIPE" ? undefined : errorText(error));
    }
  }

  #fence(): void {
    const failure: Failure = (attempt) =>
      closedError("reader", attempt, `a newer reader has taken over pipe "${this.#name}"`);
    this.#failure = failure;
    this.#fail(failure);
  }

  #loseConnection(): void {
    const found = `the connection to the server was closed while pipe "${this.#name}" was open`;
    this.#fail((attempt) => abandonedError("writer", attempt, found));
  }

  /** Ends the session without changing the record. Received bytes stay readable, except those of a newer reader. */
  #fail(failure: Failure): void {
    const isOpen = this.#isOpen;
    if (isOpen) this.#move("failed");
    this.#over ??= failure;
    this.#end();
    this.#committing.fail(failure);
    this.#resolveLeft();
    if (!isOpen || this.#intake.ended) return;
    if (this.#failure === undefined) void this.#failWhenRead(failure("read", 0));
    else this.#sink.closeWithError(failure("read", 0));
  }

  #end(): void {
    this.#intake.end();
    this.#ledger.end();
    this.#lease.end();
    this.#unlisten();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #beat(): void {
    const { pid, record } = this.#opened;
    this.#link.connection.publish(
      heartbeatSubject(this.#name, pid, "r"),
      readerBeat({ session: record.session, pos: this.#ledger.storedPosition }),
    );
  }
}
