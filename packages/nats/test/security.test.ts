import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConnectionOptions, connect, type NatsConnection } from "@nats-io/transport-node";
import { readAll } from "@pipe512/core";
import { natsReader, natsWriter, prepareNatsPipes, sweepNatsPipes } from "@pipe512/nats";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { generate } from "selfsigned";
import { afterEach, describe, expect, test } from "vitest";
import { missing } from "./support/machines.ts";
import { Server } from "./support/server.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const [, configuration = ""] = /^```conf\n(.*?)^```/ms.exec(readme) ?? [];

let server: Server | undefined;
let certificate = "";
const connections: NatsConnection[] = [];

/** Starts a server with the configuration of the README. Only its port, its folder and its passwords differ. */
async function start(): Promise<void> {
  const keys = await generate([{ name: "commonName", value: "localhost" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  certificate = keys.cert;
  server = await Server.start((folder, port) => {
    writeFileSync(join(folder, "server.crt"), keys.cert);
    writeFileSync(join(folder, "server.key"), keys.private);
    return configuration
      .replace("127.0.0.1:4222", `127.0.0.1:${port}`)
      .replaceAll(/"(store|server\.crt|server\.key)"/g, (_, name: string) =>
        JSON.stringify(join(folder, name)),
      )
      .replaceAll(/\$([A-Z]+)_PASSWORD/g, (_, user: string) => `"${user.toLowerCase()}-password"`);
  });
}

async function connectAs(user: string, options: ConnectionOptions = {}): Promise<NatsConnection> {
  const connection = await connect({
    servers: `tls://localhost:${server?.port}`,
    tls: { ca: certificate },
    user,
    pass: `${user}-password`,
    ...(user !== "operator" && { inboxPrefix: `_INBOX_${user}` }),
    ...options,
  });
  connections.push(connection);
  return connection;
}

afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  await server?.end();
});

describe("the configuration in the README", { timeout: 60_000 }, () => {
  // Red when: a permission is removed from the configuration.
  test("It lets each side do its part, with the least permissions [NATS-001]", async ({ skip }) => {
    skip(...missing);
    await start();
    const operator = await connectAs("operator");
    await prepareNatsPipes(operator);
    const writer = await natsWriter(await connectAs("writer"), "orders");
    const reader = await natsReader(await connectAs("reader"), "orders");
    const writing = writer.write(sequence(300_000)).then(() => writer.finish());
    expect(await readAll(reader)).toEqual(sequence(300_000));
    await reader.commit();
    await writing;
    expect(await sweepNatsPipes(operator, { olderThan: 0 })).toEqual([]);
  });

  // Red when: the permissions of a side are removed from the configuration, or each side gets those of both.
  test("It rejects the other side's part, another pipe, and a client without a password or a certificate [NATS-008]", async ({
    skip,
  }) => {
    skip(...missing);
    await start();
    await prepareNatsPipes(await connectAs("operator"));
    const writing = await connectAs("writer");
    const reading = await connectAs("reader");
    const refused = { name: expect.stringMatching(/PermissionViolationError|RequestError/) };
    expect(await rejection(natsReader(writing, "orders", { lease: 300 }))).toMatchObject(refused);
    expect(await rejection(natsWriter(reading, "orders", { lease: 300 }))).toMatchObject(refused);
    expect(await rejection(natsWriter(writing, "others", { lease: 300 }))).toMatchObject(refused);
    expect(String(await rejection(connectAs("writer", { pass: "wrong" })))).toContain(
      "Authorization Violation",
    );
    expect(String(await rejection(connectAs("writer", { tls: {} })))).toMatch(/self.signed certificate/);
  });
});
