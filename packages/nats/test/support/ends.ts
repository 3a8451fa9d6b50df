import { type NatsReader, type NatsWriter, natsReader, natsWriter } from "@pipe512/nats";
import type { Machines } from "./machines.ts";

/** A small window, so that it is soon full. */
export const options = { window: 16_384, lease: 3000 };

/** Opens both ends. */
export const open = ({ writing, reading }: Machines, name = "pipe"): Promise<[NatsWriter, NatsReader]> =>
  Promise.all([natsWriter(writing.connection, name, options), natsReader(reading.connection, name, options)]);

/** Waits until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await condition()); turn++) {
    if (turn > 1500) throw new Error("The condition was not met within 15 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
