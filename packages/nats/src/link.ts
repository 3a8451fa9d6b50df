import {
  createInbox,
  type Msg,
  type NatsConnection,
  type RequestOptions,
  type Subscription,
} from "@nats-io/nats-core";

/** What an end does when its connection is lost, is restored, or is closed for good. */
export interface LinkListener {
  down(): void;
  up(): void;
  closed(): void;
}

/** The maximum time for a response of the server, in milliseconds. */
export const ANSWER_MS = 3000;

const links = new WeakMap<NatsConnection, Link>();

/** A request failed because the connection was lost meanwhile. The server may have carried it out. */
export class OutageError extends Error {
  override readonly name: string = "OutageError";
}

/** A connection that several ends share: whether it is up, and requests that fail as soon as it is lost. */
export class Link {
  readonly connection: NatsConnection;
  readonly #listeners = new Set<LinkListener>();
  /** The `reject` functions of the requests that wait. */
  readonly #waiting = new Set<(error: Error) => void>();
  #up = true;

  static of(connection: NatsConnection): Link {
    const known = links.get(connection);
    if (known !== undefined) return known;
    const link = new Link(connection);
    links.set(connection, link);
    return link;
  }

  private constructor(connection: NatsConnection) {
    this.connection = connection;
    void this.#watch();
    void connection.closed().then(() => {
      this.#fail("the connection was closed");
      for (const listener of this.#listeners) listener.closed();
      this.#listeners.clear();
    });
  }

  get isUp(): boolean {
    return this.#up && !this.connection.isClosed() && !this.connection.isDraining();
  }

  /** Returns the function that removes the listener. */
  listen(listener: LinkListener): () => void {
    if (this.connection.isClosed()) queueMicrotask(() => listener.closed());
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A new inbox under the inbox prefix of the connection, so that the connection's permissions allow it. */
  inbox(): string {
    const { options } = this.connection as { readonly options?: { readonly inboxPrefix?: string } };
    return createInbox(options?.inboxPrefix);
  }

  request(subject: string, payload: string, options: Omit<RequestOptions, "timeout"> = {}): Promise<Msg> {
    return this.call(() => this.connection.request(subject, payload, { ...options, timeout: ANSWER_MS }));
  }

  /**
   * Returns the result of `start`, unless the connection is lost first. Otherwise a request would stay pending after its
   * connection, and never get a response.
   *
   * @throws {OutageError} As soon as the connection is lost.
   */
  call<T>(start: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      start()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Whether the server responds within `ms` milliseconds. */
  async roundTrip(ms: number): Promise<boolean> {
    if (!this.isUp) return false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const answered = this.connection.flush().then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === "disconnect") {
        this.#up = false;
        this.#fail("the connection was lost");
        for (const listener of this.#listeners) listener.down();
      } else if (type === "reconnect") {
        this.#up = true;
        for (const listener of this.#listeners) listener.up();
      }
    }
  }

  #fail(found: string): void {
    for (const reject of this.#waiting) reject(new OutageError(`Cannot reach the server: ${found}`));
    this.#waiting.clear();
  }
}

/** Subscribes to the messages of the other side. Calls `refused` if the server rejects the subscription, or if a message cannot be read. */
export function subscribe(
  { connection }: Link,
  subject: string,
  refused: (error: unknown) => void,
  heard: (data: Uint8Array) => void,
): Subscription {
  return connection.subscribe(subject, {
    callback: (error, message) => {
      try {
        if (error !== null) throw error;
        heard(message.data);
      } catch (thrown) {
        refused(thrown);
      }
    },
  });
}
