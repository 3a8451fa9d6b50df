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

/** The contents of the next record. */
export interface Entry {
  readonly pos: number;
  readonly state: PipeState;
  readonly error?: ErrorText | undefined;
}

/** What the ledger reports. */
interface LedgerListener {
  /** The server has stored an entry. */
  stored(entry: Entry): void;
  /** The server rejects entries. */
  refused(error: unknown): void;
  /** The record belongs to a newer reader. */
  fenced(): void;
}

/** A record is stored again after this many milliseconds, because the server deletes messages that are seven days old. */
const REFRESH_MS = 86_400_000;

/**
 * Stores the reader's state in the record of a pipe, one message at a time. Changes during one message go into the next
 * one. Each message names the sequence that it must follow, so an older reader cannot overwrite a newer one.
 */
export class Ledger {
  readonly #link: Link;
  readonly #store: Store;
  readonly #name: string;
  readonly #own: StoredRecord;
  readonly #listener: LedgerListener;
  #sequence: number;
  #wanted: Entry;
  /** What the server has stored; `undefined` if that is unknown. */
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

  /** The latest state that the reader reported. */
  get wanted(): Entry {
    return this.#wanted;
  }

  /** The position that the server has confirmed. */
  get storedPosition(): number {
    return this.#stored?.pos ?? 0;
  }

  write(entry: Entry): void {
    this.#wanted = entry;
    void this.#run();
  }

  /** The server may have lost the stored record. */
  doubt(): void {
    this.#stored = undefined;
    this.#retry();
    void this.#run();
  }

  /** Called at each tick of the lease. */
  refresh(): void {
    if (Date.now() - this.#writtenAt > REFRESH_MS) this.doubt();
  }

  /** Whether this reader is the newest one. If not, the ledger reports that it is fenced. */
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

  /** Whether the server stored it. */
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

  /** Runs after a lost response, a record that the server has lost, or a record of a newer reader. */
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
