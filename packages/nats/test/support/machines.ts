import { spawnSync } from "node:child_process";
import type { NatsConnection } from "@nats-io/transport-node";
import { prepareNatsPipes } from "@pipe512/nats";
import { Proxy } from "./proxy.ts";
import { program, Server } from "./server.ts";

/** The connection of one side, and its proxy. */
interface Machine {
  readonly connection: NatsConnection;
  readonly proxy: Proxy;
}

/** A server, and a connection to it for each side, with a proxy in between. */
export interface Machines {
  readonly server: Server;
  readonly writing: Machine;
  readonly reading: Machine;
}

/** Runs `work` with its own machines. */
export async function withMachines(work: (machines: Machines) => Promise<void>): Promise<void> {
  const server = await Server.start();
  const machine = async (): Promise<Machine> => {
    const proxy = await Proxy.start(server.port);
    return { proxy, connection: await server.connect({}, proxy.port) };
  };
  const machines: Machines = { server, writing: await machine(), reading: await machine() };
  try {
    await prepareNatsPipes(machines.writing.connection);
    await work(machines);
  } finally {
    for (const { connection, proxy } of [machines.writing, machines.reading]) {
      proxy.end();
      await connection.close();
    }
    await server.end();
  }
}

/** Whether nats-server is missing, and the reason to print for a skipped test. */
export const missing: readonly [boolean, string] = [
  spawnSync(program, ["--version"]).status !== 0,
  "not tested: nats-server is missing; apt-get install nats-server",
];
