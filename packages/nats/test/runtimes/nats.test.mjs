// The main cases of the pipe between machines, from the built package, in any runtime that has node:test.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import { readAll } from "@pipe512/core";
import { natsReader, natsWriter, prepareNatsPipes } from "@pipe512/nats";

const program = process.env.NATS_SERVER ?? "nats-server";
const skip = isMissing() && "nats-server is missing: apt-get install nats-server";
const options = { window: 65_536, lease: 3000 };
/** Bytes that encode their position, so that a lost, duplicated or moved byte is detected. */
const sequence = (length) => Uint8Array.from({ length }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);

let folder;
let port;
let server;
const connections = [];

function isMissing() {
  try {
    return spawnSync(program, ["--version"]).status !== 0;
  } catch {
    return true;
  }
}

async function startServer() {
  server = spawn(
    program,
    ["--jetstream", "--store_dir", folder, "--addr", "127.0.0.1", "--port", String(port)],
    {
      stdio: "ignore",
    },
  );
  await sleep(50);
}

async function open() {
  const connection = await connect({
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    waitOnFirstConnect: true,
  });
  connections.push(connection);
  return connection;
}

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "pipe512-nats-"));
  port = await new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
  await startServer();
  await prepareNatsPipes(await open());
});

after(async () => {
  if (skip) return;
  for (const connection of connections) await connection.close();
  server.kill("SIGKILL");
  await sleep(100);
  rmSync(folder, { recursive: true, force: true });
});

test("bytes cross in order while the server is killed once, then the end", { skip }, async () => {
  const [writer, reader] = [
    await natsWriter(await open(), "one", options),
    await natsReader(await open(), "one", options),
  ];
  const bytes = sequence(400_000);
  const writing = (async () => {
    for (let at = 0; at < bytes.length; at += 1033) await writer.write(bytes.subarray(at, at + 1033));
    await writer.finish();
  })();
  const reading = readAll(reader);
  await sleep(50);
  server.kill("SIGKILL");
  await sleep(50);
  await startServer();
  assert.deepEqual(Buffer.compare(await reading, bytes), 0);
  await reader.commit();
  await writing;
});

test("an error crosses, and a reader that closes rejects the writes", { skip }, async () => {
  const failed = await natsWriter(await open(), "two", options);
  await failed.write(sequence(5));
  failed.closeWithError(new RangeError("too much"));
  await assert.rejects(readAll(await natsReader(await open(), "two", options)), {
    name: "RangeError",
    message: "too much",
  });
  const writer = await natsWriter(await open(), "three", options);
  const reader = await natsReader(await open(), "three", options);
  const waiting = writer.write(sequence(200_000));
  await reader.read(new Uint8Array(5));
  reader.close();
  await assert.rejects(waiting, { code: "ERR_CLOSED_PIPE", side: "reader" });
});
