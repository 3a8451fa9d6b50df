import type { PipeReader } from "@pipe512/core";
import { abandonedError, closedError, errorFrom, errorText } from "./errors.ts";
import { Framing } from "./framing.ts";
import type { Link } from "./link.ts";
import type { OpenedWriter } from "./opening.ts";
import { RemoteReader } from "./remote-reader.ts";
import { Sender } from "./sender.ts";
import type { Settings } from "./settings.ts";
import type { Store } from "./store.ts";
import { type Failure, type Wait, Waits } from "./waits.ts";
import { Window } from "./window.ts";
import { errorBytes, type PipeRecord } from "./wire.ts";

/** Small writes are gathered while at least this many published frames are not acknowledged. */
const UNDER_WAY = 2;

/** The internals of a writer: from the written bytes to the record that confirms that they were read. */
export class WriterSession {
  readonly #name: string;
  readonly #settings: Settings;
  readonly #source: PipeReader;
  readonly #window: Window;
  readonly #framing: Framing;
  readonly #sender: Sender;
  readonly #reader: RemoteReader;
  readonly #unlisten: () => void;
  readonly #storing = new Waits();
  readonly #committing = new Waits();
  readonly #finished: Promise<void>;
  #resolveFinished!: () => void;
  #rejectFinished!: (error: unknown) => void;
  #closing: "closed" | "failed" | undefined;
  #failure: Failure | undefined;
  /** Set once the reader is lost, while the error for it is stored. */
  #lost: Failure | undefined;
  #isFinalSent: boolean;

  constructor(
    link: Link,
    store: Store,
    name: string,
    settings: Settings,
    opened: OpenedWriter,
    source: PipeReader,
  ) {
    const { pid, session, sequence, last, record, position, messages } = opened;
    this.#name = name;
    this.#settings = settings;
    this.#source = source;
    this.#finished = new Promise((resolve, reject) => {
      this.#resolveFinished = resolve;
      this.#rejectFinished = reject;
    });
    this.#isFinalSent = sequence === undefined;
    this.#window = new Window(settings.window, record?.pos ?? 0, { end: last.end, frames: messages });
    const recreate = (): Promise<unknown> => store.ensureStream(pid, settings);
    const sending = { name, pid, session, sequence: sequence ?? 0, recreate, ended: sequence === undefined };
    this.#sender = new Sender(link, store, sending, this.#window, position, {
      progressed: () => this.#progressed(),
      recorded: (heard) => this.#recorded(heard),
      refused: (error) => this.#fail(() => error),
      fenced: () =>
        this.#fail((attempt, taken) =>
          closedError("writer", attempt, `a newer writer has taken over pipe "${name}"`, taken),
        ),
    });
    const sink = {
      hasRoom: (bytes: number) => this.#window.hasRoom(bytes),
      isBusy: () => this.#sender.unconfirmed >= UNDER_WAY,
      add: this.#sender.add.bind(this.#sender),
    };
    this.#framing = new Framing(source, sink, settings.chunk, position);
    this.#reader = new RemoteReader(link, name, pid, settings.lease, {
      committed: (committed) => this.#commit(committed),
      ended: () => this.#sender.repair(), // This reads the server's record.
      lost: () => this.#loseReader(),
      beat: () => ({ stored: this.#sender.stored, ended: this.#sender.ended }),
      refused: (error) => this.#fail(() => error),
    });
    this.#unlisten = link.listen({
      down: () => this.#sender.repair(),
      up: () => this.#sender.repair(),
      closed: () => this.#loseConnection(),
    });
    if (record !== undefined) this.#recorded(record);
    if (!this.#isFinalSent) void this.#frame();
  }

  /** Whether writing is impossible because an earlier session has ended the stream. */
  get isEnded(): boolean {
    return this.#isFinalSent;
  }

  async stored(wait: Wait): Promise<void> {
    const failure = this.#closing === "failed" ? this.#closedByItself : this.#failure;
    if (failure !== undefined) throw failure(wait.attempt, wait.taken);
    if (this.#sender.stored < wait.position) await this.#storing.add(wait);
  }

  async committed(wait: Wait): Promise<void> {
    if (this.#window.committed >= wait.position) return;
    if (this.#failure !== undefined) throw this.#failure(wait.attempt, wait.taken);
    await this.#committing.add(wait);
  }

  finished(signal: AbortSignal | undefined): Promise<void> {
    if (signal === undefined) return this.#finished;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort);
      void this.#finished.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
      if (signal.aborted) abort();
    });
  }

  /** This side closed the end. Its accepted bytes are still sent. */
  close(how: "closed" | "failed"): void {
    if (this.#closing !== undefined) return;
    this.#closing = how;
    if (how === "failed") this.#storing.fail(this.#closedByItself);
  }

  readonly #closedByItself: Failure = (attempt, taken) =>
    closedError("writer", attempt, `the writer of pipe "${this.#name}" closed`, taken);

  /** Frames all written bytes, then the end, or the error in its place. */
  async #frame(): Promise<void> {
    let error: unknown;
    try {
      await this.#framing.run();
      this.#addFinal("end", new Uint8Array(0));
      return;
    } catch (thrown) {
      error = thrown;
    }
    if (this.#isOpen) this.#addFinal("error", errorBytes(errorText(error)));
  }

  #addFinal(kind: "end" | "error", bytes: Uint8Array): void {
    if (this.#isFinalSent || !this.#isOpen) return;
    this.#isFinalSent = true;
    const offset = this.#framing.position;
    this.#sender.add({ kind, offset, bytes, end: offset });
  }

  get #isOpen(): boolean {
    return this.#sender.state === "flowing" || this.#sender.state === "repairing";
  }

  #progressed(): void {
    this.#storing.reach(this.#sender.stored);
    this.#framing.proceed();
    if (this.#lost !== undefined && this.#sender.ended) this.#fail(this.#lost);
  }

  #commit(position: number): void {
    this.#window.commit(position);
    this.#committing.reach(position);
    this.#framing.proceed();
  }

  /** The server has this record. */
  #recorded(record: PipeRecord): void {
    if (!this.#isOpen || !this.#reader.hear(record) || record.state === "open") return;
    if (record.state === "done") this.#finish();
    else this.#readerClosed(record);
  }

  #finish(): void {
    this.#sender.finish("done");
    this.#end();
    this.#storing.reach(this.#framing.position);
    this.#committing.reach(this.#framing.position);
    if (this.#closing === "failed") this.#rejectFinished(this.#closedByItself("finish", 0));
    else this.#resolveFinished();
    this.#finished.catch(() => {}); // The writer closed with this error itself.
  }

  #readerClosed({ state, error }: PipeRecord): void {
    const found = `the reader of pipe "${this.#name}" closed`;
    if (error !== undefined) {
      const same = errorFrom(error);
      this.#fail(() => same);
    } else if (state === "lost") {
      this.#fail((attempt) =>
        abandonedError("writer", attempt, `${found}, because it had declared this writer lost`),
      );
    } else {
      this.#finished.catch(() => {}); // A reader may close early. A pending `finish()` rejects.
      this.#fail((attempt, taken) => {
        const reach = taken === 0 ? "before any was accepted" : `after ${taken} were accepted`;
        return closedError(
          "reader",
          attempt,
          attempt.startsWith("write") ? `${found} ${reach}` : found,
          taken,
        );
      }, true);
    }
  }

  /** Writes reject at once. A reader that comes back gets the accepted bytes, then the error. */
  #loseReader(): void {
    if (this.#lost !== undefined) return;
    const { lease } = this.#settings;
    const found = `the reader of pipe "${this.#name}" was lost: it gave no sign of life for ${lease} ms`;
    this.#lost = (attempt) => abandonedError("reader", attempt, found);
    const error = this.#lost("write", 0);
    this.#framing.seal();
    this.#framing.stop();
    this.#addFinal("error", errorBytes(errorText(error)));
    this.#source.closeWithError(error);
    this.#storing.fail(this.#lost);
    this.#committing.fail(this.#lost);
    this.#progressed();
  }

  #loseConnection(): void {
    if (this.#closing !== undefined && this.#sender.ended) this.#finished.catch(() => {}); // The server has everything.
    const found = `the connection to the server was closed while pipe "${this.#name}" was open`;
    this.#fail((attempt) => abandonedError("reader", attempt, found));
  }

  /** Rejects all waiting and later calls. */
  #fail(failure: Failure, isPlain = false): void {
    if (!this.#isOpen) return;
    this.#failure = failure;
    this.#sender.finish("failed");
    this.#end();
    // An error of a closed end that no call receives becomes an unhandled rejection.
    if (this.#closing !== "closed" || this.#storing.size + this.#committing.size > 0)
      this.#finished.catch(() => {});
    if (isPlain) this.#source.close();
    else this.#source.closeWithError(failure("write", 0));
    this.#storing.fail(failure);
    this.#committing.fail(failure);
    this.#rejectFinished(failure("finish", 0));
  }

  #end(): void {
    this.#framing.stop();
    this.#reader.end();
    this.#unlisten();
  }
}
