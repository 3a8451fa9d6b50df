import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "selfsigned";
import type { TestProject } from "vitest/node";

/** The addresses of a deliberately slow server, for tests that need one. */
export interface Fixtures {
  readonly http: string;
  /** HTTP/2, which Chromium needs to upload a stream. Its certificate is self-signed. */
  readonly https: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly fixtures: Fixtures;
  }
}

/** How the body of a request or of its response ended. `/ending` returns it. */
interface Ending {
  /** The bytes that the server received or sent. */
  readonly bytes: number;
  /** Whether the body was complete; `false` if the client disconnected. */
  readonly complete: boolean;
}

/** By the `id` of the request. The entry is made by the request itself or by the query for it, whichever comes first. */
const endings = new Map<string, PromiseWithResolvers<Ending>>();

function ending(id: string): PromiseWithResolvers<Ending> {
  const found = endings.get(id) ?? Promise.withResolvers<Ending>();
  endings.set(id, found);
  return found;
}

type Handler = (query: URLSearchParams, request: IncomingMessage, response: ServerResponse) => Promise<void>;

const number = (query: URLSearchParams, name: string, otherwise: number): number =>
  Number(query.get(name) ?? otherwise);

const handlers: Record<string, Handler> = {
  // Each byte is the low byte of its position. The pause is between two chunks.
  "/slow-download": async (query, _request, response) => {
    const bytes = number(query, "bytes", 10_000);
    const chunk = number(query, "chunk", 1033);
    const pauseMs = number(query, "pauseMs", 1);
    let given = 0;
    const body = async function* (): AsyncGenerator<Uint8Array> {
      while (given < bytes) {
        const next = Uint8Array.from({ length: Math.min(chunk, bytes - given) }, (_, index) => given + index);
        yield next;
        given += next.length;
        await sleep(pauseMs);
      }
    };
    response.setHeader("content-type", "application/octet-stream");
    await pipeline(body, response).catch(() => undefined);
    ending(query.get("id") ?? "").resolve({ bytes: given, complete: response.writableFinished });
  },

  // Answers with the count and the SHA-256 of the received bytes. The pause is before each chunk is taken.
  "/slow-upload": async (query, request, response) => {
    const pauseMs = number(query, "pauseMs", 1);
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      for await (const chunk of request as AsyncIterable<Uint8Array>) {
        await sleep(pauseMs);
        hash.update(chunk);
        bytes += chunk.length;
      }
    } catch {
      // The client disconnected.
    }
    ending(query.get("id") ?? "").resolve({ bytes, complete: request.complete && !request.aborted });
    json(response, { bytes, sha256: hash.digest("hex") });
  },

  "/echo": async (_query, request, response) => {
    await pipeline(request, response).catch(() => undefined);
  },

  // Waits until the request with this `id` has ended.
  "/ending": async (query, _request, response) => {
    const id = query.get("id") ?? "";
    json(response, await ending(id).promise);
    endings.delete(id);
  },
};

function json(response: ServerResponse, value: unknown): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}

function listen(request: IncomingMessage, response: ServerResponse): void {
  // A page that is isolated from other origins may still send requests to this one.
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "*");
  response.setHeader("cross-origin-resource-policy", "cross-origin");
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const handler = handlers[pathname];
  if (request.method === "OPTIONS" || handler === undefined) {
    response.writeHead(request.method === "OPTIONS" ? 204 : 404).end();
    return;
  }
  void handler(searchParams, request, response);
}

/** Starts the server for a vitest project. Its tests get the addresses with `inject("fixtures")`. */
export default async function setup(project: TestProject): Promise<() => void> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }]);
  const plain = createServer(listen);
  // The compatibility layer of node:http2 gives the same objects, but its declarations differ.
  const secure = createSecureServer({ cert, key, allowHTTP1: true }, listen as never) as unknown as Server;
  project.provide("fixtures", {
    http: `http://localhost:${await port(plain)}`,
    https: `https://localhost:${await port(secure)}`,
  });
  return () => {
    plain.closeAllConnections();
    plain.close();
    secure.close();
  };
}

async function port(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  // A connection that a browser keeps open must not keep this process alive.
  server.unref();
  return (server.address() as AddressInfo).port;
}
