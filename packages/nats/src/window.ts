import { FRAME_COST } from "./settings.ts";
import type { FrameKind } from "./wire.ts";

/** One message of the writer. It never changes, so it can be published again. */
export interface Frame {
  readonly kind: FrameKind;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The position after its last byte that counts. The body of an error frame is not part of the stream. */
  readonly end: number;
}

/** Whether no frame may follow this one. */
export const isFinal = ({ kind }: Pick<Frame, "kind">): boolean => kind === "end" || kind === "error";

const costOf = (frame: Frame): number => frame.bytes.length + FRAME_COST;

/**
 * The frames that the writer keeps. It keeps all unread frames, because the server may lose stored ones. It also keeps as
 * many read frames as the window holds, because the server may lose the record of their reading.
 *
 * A frame's number counts from the first frame of the session and never changes.
 */
export class Window {
  readonly #limit: number;
  readonly #frames: Frame[] = [];
  /** The number of the first frame that is kept. */
  #first = 0;
  /** The number of the first frame that is unread. */
  #firstUnread = 0;
  #keptCost = 0;
  #unreadCost = 0;
  /** The unread bytes of earlier sessions, as far as known. */
  #inherited: { readonly end: number; readonly frames: number } | undefined;
  #committed: number;

  constructor(
    limit: number,
    committed: number,
    inherited: { readonly end: number; readonly frames: number },
  ) {
    this.#limit = limit;
    this.#committed = committed;
    this.#inherited = inherited.end > committed ? inherited : undefined;
  }

  /** The number of bytes that the reader has finished with. */
  get committed(): number {
    return this.#committed;
  }

  /** The number that the next frame gets. */
  get count(): number {
    return this.#first + this.#frames.length;
  }

  /** The frame with this number; `undefined` if it was dropped, or does not exist yet. */
  at(number: number): Frame | undefined {
    return this.#frames[number - this.#first];
  }

  hasRoom(bytes: number): boolean {
    const { end, frames } = this.#inherited ?? { end: this.#committed, frames: 0 };
    const inherited = end - this.#committed + frames * FRAME_COST;
    return inherited + this.#unreadCost + bytes + FRAME_COST <= this.#limit;
  }

  add(frame: Frame): void {
    this.#frames.push(frame);
    this.#keptCost += costOf(frame);
    this.#unreadCost += costOf(frame);
    this.#evict();
  }

  /** The reader has finished with all bytes before `position`. A lower position than before comes from a server that lost the latest record. */
  commit(position: number): void {
    if (position <= this.#committed) return;
    this.#committed = position;
    if (this.#inherited !== undefined && this.#inherited.end <= position) this.#inherited = undefined;
    for (let frame = this.at(this.#firstUnread); frame !== undefined; frame = this.at(this.#firstUnread)) {
      if (frame.end > position || isFinal(frame)) break;
      this.#unreadCost -= costOf(frame);
      this.#firstUnread += 1;
    }
    this.#evict();
  }

  /** The number of the first frame that is missing on a server which has everything before `position`, and the end if `ended`. */
  firstAfter(position: number, ended: boolean): number {
    let number = this.count;
    for (let frame = this.at(number - 1); frame !== undefined; frame = this.at(number - 1)) {
      if (isFinal(frame) ? ended : frame.end <= position) break;
      number -= 1;
    }
    return number;
  }

  #evict(): void {
    while (this.#keptCost > this.#limit && this.#first < this.#firstUnread) {
      const frame = this.#frames.shift();
      if (frame !== undefined) this.#keptCost -= costOf(frame);
      this.#first += 1;
    }
  }
}
