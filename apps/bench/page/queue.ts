import { size } from "../src/report/format.ts";
import { element, make } from "./elements.ts";
import type { Rival } from "./rival.ts";

const RING_BYTES = 512;
const SQUARES = 256;

/** The queue of the other stream: a square for each 512 bytes. */
export class Queue {
  readonly #squares = Array.from({ length: SQUARES }, () => make("i"));
  #full = 0;

  constructor() {
    element("queue", HTMLDivElement).append(...this.#squares);
  }

  draw(bytes: number): void {
    const full = Math.min(SQUARES, Math.ceil(bytes / RING_BYTES));
    const [from, to] = [Math.min(full, this.#full), Math.max(full, this.#full)];
    for (let index = from; index < to; index++) this.#squares[index]?.classList.toggle("full", index < full);
    this.#full = full;
    const output = element("held", HTMLOutputElement);
    if (output.value !== size(bytes)) output.value = size(bytes);
  }
}

/** The state of the other stream, in a sentence. */
export function rivalSentence({ bytesHeld, traffic }: Rival): string {
  const { writer, reader } = traffic.endings;
  if (writer !== undefined && reader !== undefined) {
    const lost = bytesHeld === 0 ? "" : ` ${size(bytesHeld)} are lost.`;
    return `It has ended. The writer ${writer}. The reader ${reader}.${lost}`;
  }
  if (bytesHeld >= 131_072) return "Its writer waits now: both buffers are full, 256 rings' worth.";
  if (bytesHeld > RING_BYTES) return "Its writer is not slowed down: the queue grows.";
  return traffic.pausing.writer || bytesHeld > 0 ? "It holds the unread bytes." : "It holds nothing now.";
}
