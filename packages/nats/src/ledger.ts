import { isBusy, isOutOfPlace, isTransient, type Store, type StoredRecord } from "./store.ts";
import type { Link } from "./link.ts";
import {
  type ErrorText,
  type PipeState,
  parseAnswer,
  recordBytes,
  recordHeaders,
  recordSubject,
} from "./wire.ts";

/** What the record is to say. */
export interface Entry {
  readonly pos: number;
  readonly state: PipeState;
  readonly error?: ErrorText | undefined;
}

/** What the ledger reports. */
interface LedgerListener {
  /** The server has stored an entry. */
  stored(entry: Entry): void;
  /** The server does not take entries. */
  refused(error: unknown): void;
  /** A newer reader owns the record. */
  fenced(): void;
}

/** A record is stored anew after this many milliseconds, since the server forgets what is seven days old. */
const REFRESH_MS = 86_400_000;

/**
 * Keeps the record of a pipe at what its reader says, one message at a time: what is said meanwhile goes with the next
 * one. Each has the sequence it must follow, so that no reader overwrites a newer one.
 */
export class Ledger {
  readonly #link: Link;
  readonly #store: Store;
  readonly #name: string;
  readonly #own: StoredRecord;
  readonly #listener: LedgerListener;
  #sequence: number;
  #wanted: Entry;
  /** What the server has. `undefined` where that is not known. */
  #stored: Entry | undefined;
  #isWriting = false;
  #isOver = false;
  #writtenAt = Date.now();
  #retry: () => void = () => {};

  constructor(link: Link, store: Store, name: string, own: StoredRecord, listener: LedgerListener) {
    this.#link = link;
    this.#store = store;
    this.#name = name;
    this.#own = own;
    this.#sequence = own.sequence;
    this.#wanted = own;
    this.#stored = own;
    this.#listener = listener;
  }

  /** What the reader has said last. */
  get wanted(): Entry {
    return this.#wanted;
  }

  /** The position that the server is known to have. */
  get storedPosition(): number {
    return this.#stored?.pos ?? 0;
  }

  write(entry: Entry): void {
    this.#wanted = entry;
    void this.#run();
  }

  /** The server may have lost what it had. */
  doubt(): void {
    this.#stored = undefined;
    this.#retry();
    void this.#run();
  }

  /** Called now and then. */
  refresh(): void {
    if (Date.now() - this.#writtenAt > REFRESH_MS) this.doubt();
  }

  /** Whether this reader is the newest. One that is not is told that it is fenced. */
  async isOwner(): Promise<boolean> {
    if (!this.#isNewer(await this.#store.record())) return true;
    if (!this.#isOver) this.#listener.fenced();
    return false;
  }

  end(): void {
    this.#isOver = true;
    this.#retry();
  }

  async #run(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    for (let failures = 0; this.#stored !== this.#wanted && !this.#isOver; ) {
      try {
        if (failures > 0) await this.#resynchronize();
        if (!this.#isOver && (await this.#publish())) {
          failures = 0;
          continue;
        }
      } catch (error) {
        if (this.#link.isUp && !isTransient(error)) this.#listener.refused(error);
      }
      failures += 1;
      if (failures > 1 && !this.#isOver) await this.#pause(Math.min(25 * 2 ** failures, 1000));
    }
    this.#isWriting = false;
  }

  /** Whether the server took it. */
  async #publish(): Promise<boolean> {
    const entry = this.#wanted;
    const { pid, session } = this.#own;
    const headers = recordHeaders(this.#sequence);
    const bytes = recordBytes({ pid, session, ...entry });
    const message = await this.#link.request(recordSubject(this.#name), bytes, { headers });
    const answer = parseAnswer(message.data, message.headers);
    if ("sequence" in answer) {
      this.#sequence = answer.sequence;
      this.#writtenAt = Date.now();
      this.#stored = entry;
      this.#listener.stored(entry);
      return true;
    }
    const { status, code, description } = answer;
    if (isOutOfPlace(code) || isBusy(status)) return false;
    throw new Error(
      `Cannot store the record of pipe "${this.#name}": the server answered ${code}, ${description}`,
    );
  }

  /** An answer was lost, the server has lost the record, or there is a newer reader. */
  async #resynchronize(): Promise<void> {
    const found = await this.#store.record();
    if (this.#isNewer(found)) this.#listener.fenced();
    this.#sequence = found?.sequence ?? 0;
  }

  #isNewer(record: StoredRecord | undefined): boolean {
    const { id, order } = this.#own.session;
    return record !== undefined && record.session.id !== id && record.session.order >= order;
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
