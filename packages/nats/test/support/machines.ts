import { spawnSync } from "node:child_process";
import type { NatsConnection } from "@nats-io/transport-node";
import { prepareNatsPipes } from "@pipe512/nats";
import { Proxy } from "./proxy.ts";
import { program, Server } from "./server.ts";

/** One side's way to the server. */
interface Machine {
  readonly connection: NatsConnection;
  readonly proxy: Proxy;
}

/** A server, and a way to it for each side, with a proxy in between. */
export interface Machines {
  readonly server: Server;
  readonly writing: Machine;
  readonly reading: Machine;
}

/** Runs `work` with machines of its own. */
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

/** Whether there is no server to test with, and what to do about it. */
export const missing: readonly [boolean, string] = [
  spawnSync(program, ["--version"]).status !== 0,
  "not tested, since nats-server is missing: apt-get install nats-server",
];
