/** The stream of a server's messages, from which whole messages can be removed. */
export class ServerMessages {
  readonly #isWanted: (subject: string, payload: string) => boolean;
  #rest: Buffer = Buffer.alloc(0);

  constructor(isWanted: (subject: string, payload: string) => boolean) {
    this.#isWanted = isWanted;
  }

  /** The complete messages after adding `bytes`, without the unwanted ones. */
  *filter(bytes: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const lineEnd = this.#rest.indexOf("\r\n");
      if (lineEnd < 0) return;
      const [verb, subject = "", ...others] = this.#rest.toString("latin1", 0, lineEnd).split(" ");
      const isMessage = verb === "MSG" || verb === "HMSG";
      const size = isMessage ? Number(others.at(-1)) + 2 : 0;
      const end = lineEnd + 2 + size;
      if (this.#rest.length < end) return;
      const payload = this.#rest.toString("latin1", lineEnd + 2, lineEnd + 2 + Math.min(size, 300));
      if (!isMessage || this.#isWanted(subject, payload)) yield this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
    }
  }
}
