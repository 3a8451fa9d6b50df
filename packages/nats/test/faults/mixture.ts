import { setTimeout as sleep } from "node:timers/promises";
import type { Machines } from "../support/machines.ts";
import { flow } from "./flow.ts";

/** Random faults while both ends live. Resolves with the list of faults. */
export async function mixture(machines: Machines, below: (limit: number) => number): Promise<string[]> {
  const { server, writing, reading } = machines;
  const happened: string[] = [];
  const side = () => (below(2) === 0 ? writing : reading).proxy;
  const faults: Record<string, () => Promise<void>> = {
    cut: async () => side().cut(),
    "cut both": async () => {
      for (const { proxy } of [writing, reading]) proxy.cut();
    },
    "kill the server": () => server.restart(),
    "stop the server": async () => {
      server.signal("SIGSTOP");
      await sleep(100 + below(1500));
      server.signal("SIGCONT");
    },
    "roll back": async () => {
      const restore = server.snapshot();
      await sleep(150 + below(250));
      await server.kill();
      restore();
      await server.start();
    },
    "lose answers": async () => {
      const proxy = side();
      proxy.drop = (_subject, payload) => payload.includes('"stream":"P512');
      await sleep(10 + below(40));
      proxy.drop = () => false;
    },
    "hold publishes": async () => {
      const held = side().hold();
      await sleep(20 + below(80));
      held.cut();
      await sleep(below(200));
      held.release();
    },
  };
  const names = Object.keys(faults);
  try {
    await flow(machines, async () => {
      for (let count = 4 + below(4); count > 0; count--) {
        const name = names[below(names.length)] ?? "cut";
        happened.push(name);
        await faults[name]?.();
        await sleep(below(400));
      }
    });
  } catch (error) {
    throw new Error(`The bytes read differ from the bytes written, after: ${happened.join(", ")}`, {
      cause: error,
    });
  }
  return happened;
}
