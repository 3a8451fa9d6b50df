import { connect, createServer, type Server as TcpServer, type Socket } from "node:net";
import { ServerMessages } from "./server-messages.ts";

/** One client's connection through the proxy. */
interface Way {
  readonly client: Socket;
  readonly server: Socket;
  readonly messages: ServerMessages;
  /** Bytes that the client has sent while it is held. */
  held: Buffer[] | undefined;
}

/** A TCP proxy in front of a server, which simulates network faults. */
export class Proxy {
  readonly port: number;
  /** Decides which messages from the server are dropped, by their subject and payload. */
  drop: (subject: string, payload: string) => boolean = () => false;
  /** Whether it accepts connections. */
  isOpen = true;
  /** The number of dropped messages. */
  dropped = 0;
  readonly #listener: TcpServer;
  readonly #ways = new Set<Way>();

  static start(target: number): Promise<Proxy> {
    return new Promise((resolve) => {
      const listener = createServer({ noDelay: true });
      listener.listen(0, "127.0.0.1", () => {
        const { port } = listener.address() as { readonly port: number };
        resolve(new Proxy(listener, port, target));
      });
    });
  }

  private constructor(listener: TcpServer, port: number, target: number) {
    this.#listener = listener;
    this.port = port;
    listener.on("connection", (client) => this.#connect(client, target));
  }

  /** Cuts every connection, and accepts none until {@link isOpen} is set again. */
  close(): void {
    this.isOpen = false;
    this.cut();
  }

  /** Cuts every connection, also in the middle of a message. */
  cut(): void {
    for (const { client, server } of this.#ways) {
      client.destroy();
      server.destroy();
    }
  }

  /**
   * Holds back what clients send from now on, as a network that delivers late. Returns two functions: one cuts these clients
   * off, and the other one delivers everything to the server later.
   */
  hold(): { readonly cut: () => void; readonly release: () => void } {
    const held = [...this.#ways];
    for (const way of held) way.held = [];
    return {
      cut: () => {
        for (const { client } of held) client.destroy();
      },
      release: () => {
        for (const way of held) {
          for (const bytes of way.held ?? []) way.server.write(bytes);
          way.held = undefined;
          if (way.client.destroyed) way.server.end();
        }
      },
    };
  }

  end(): void {
    this.cut();
    this.#listener.close();
  }

  #connect(client: Socket, target: number): void {
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    const server = connect({ port: target, host: "127.0.0.1", noDelay: true });
    const messages = new ServerMessages((subject, payload) => {
      const isDropped = this.drop(subject, payload);
      if (isDropped) this.dropped += 1;
      return !isDropped;
    });
    const way: Way = { client, server, messages, held: undefined };
    this.#ways.add(way);
    client.on("data", (bytes: Buffer) => {
      if (way.held === undefined) server.write(bytes);
      else way.held.push(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      for (const part of messages.filter(bytes)) client.write(part);
    });
    client.on("close", () => {
      if (way.held === undefined) server.destroy();
    });
    server.on("close", () => {
      this.#ways.delete(way);
      client.destroy();
    });
    for (const socket of [client, server]) socket.on("error", () => {});
  }
}
