import { setTimeout as sleep } from "node:timers/promises";
import type { Machines } from "../support/machines.ts";
import { flow, options } from "./flow.ts";

/** Kills the server with SIGKILL, three times. Both ends live. */
export async function killedServer(machines: Machines): Promise<void> {
  await flow(machines, async () => {
    for (let round = 0; round < 3; round++) {
      await machines.server.restart();
      await sleep(250);
    }
  });
}

/** Stops the server for 5 s, which is longer than the lease. No end is lost. */
export async function stoppedServer(machines: Machines): Promise<void> {
  await flow(
    machines,
    async () => {
      machines.server.signal("SIGSTOP");
      await sleep(5000);
      machines.server.signal("SIGCONT");
      await sleep(300);
    },
    options.lease,
  );
}

/**
 * Simulates a power cut: the server restarts with the store of a moment ago and has lost what it confirmed since. Twice,
 * the reader is disconnected at that moment, so the lost messages have not reached it.
 */
export async function rolledBack(machines: Machines): Promise<void> {
  const { server, reading } = machines;
  await flow(machines, async () => {
    for (const ms of [150, 275, 400]) {
      const restore = server.snapshot();
      if (ms !== 275) reading.proxy.close();
      await sleep(ms);
      await server.kill();
      restore();
      await server.start();
      reading.proxy.isOpen = true;
      await sleep(250);
    }
  });
}
