import {
  conformance,
  type Ends,
  everything,
  type Framework,
  type Supports,
  vitest,
} from "@pipe512/conformance";
import { natsReader, natsWriter, prepareNatsPipes } from "@pipe512/nats";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test as vitestTest, vi } from "vitest";
import { missing } from "./support/machines.ts";
import { Server } from "./support/server.ts";

vi.setConfig({ testTimeout: 30_000 }); // Real servers, on machines that may be busy.

const [isMissing, whatToDo] = missing;
const LATER = "what one side does reaches the other later";

/** Features that a network cannot provide. */
const supports: Supports = {
  ...everything,
  hardCap: "the window lies between the ends, at least 4,096 bytes of it",
  transfer: "bytes that go to another machine are always copied",
  errorIdentity: "an error crosses as a copy: its name, message and code",
  falsyErrors: "a value that is not an Error becomes one",
  tryOperations: `${LATER}, so written bytes cannot be read at once`,
};

/** The titles of cases that require a close to arrive at once. */
const heardLater: Readonly<Record<string, string>> = {
  "Reader.close() rejects the pending writes, and every later one from the first on":
    "while the close is on its way, a write is still stored; later writes reject",
  "Writer.write() of 0 bytes rejects on a closed target":
    "a zero-length write sends no request, and the reader's close arrives later",
};

let server: Server;
let connections: readonly [NatsConnection, NatsConnection];
let pipes = 0;

beforeAll(async () => {
  if (isMissing) return;
  server = await Server.start();
  connections = [await server.connect(), await server.connect()];
  await prepareNatsPipes(connections[0]);
});

afterAll(async () => {
  if (isMissing) return;
  for (const connection of connections) await connection.close();
  await server.end();
});

async function create(): Promise<Ends> {
  const name = `case-${(pipes += 1)}`;
  const options = { window: 16_384, lease: 60_000 };
  const [writer, reader] = await Promise.all([
    natsWriter(connections[0], name, options),
    natsReader(connections[1], name, options),
  ]);
  return { reader, writer };
}

const inner = vitest({ describe, test: vitestTest });
const left: string[] = [];
const framework: Framework = {
  ...inner,
  test(title, run) {
    const [, reason] = Object.entries(heardLater).find(([start]) => title.startsWith(start)) ?? [];
    if (isMissing) inner.skip(title, whatToDo);
    else if (reason !== undefined) framework.skip(title, reason);
    else inner.test(title, run);
  },
  skip(title) {
    left.push(...Array.from(title.matchAll(/[A-Z]+-\d{3}/g), ([number]) => number));
  },
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 6));

conformance({ name: "natsWriter() and natsReader()", create, supports, turn }, framework);

vitestTest(
  "natsWriter() and natsReader() run every case except those that a network cannot keep",
  ({ skip }) => {
    skip(isMissing, whatToDo);
    const numbers = [...new Set(left)].toSorted();
    expect(numbers).toEqual([
      "PIPE-002",
      "PIPE-003",
      "PIPE-008",
      "PIPE-010",
      "PIPE-011",
      "PIPE-015",
      "PIPE-022",
      "PIPE-023",
      "PIPE-024",
      "PIPE-025",
      "PIPE-028",
      "PIPE-031",
      "PIPE-040",
      "PIPE-061",
    ]);
  },
);
