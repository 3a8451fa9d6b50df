import { settle } from "./turns.ts";

/** Sockets, servers, processes and the like that are open now, by kind. Requests to the file system come and go by themselves. */
function handles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => !/^(Immediate|Timeout|TickObject|CloseReq|FSReq.*)$/.test(kind))
    .toSorted();
}

/**
 * Runs `work`, and checks that it leaves nothing open.
 *
 * @throws {Error} If something is still open after many turns of the event loop.
 */
export async function expectNothingLeftOpen(work: () => Promise<void>): Promise<void> {
  const before = handles();
  await work();
  for (let round = 0; round < 500; round++) {
    if (handles().join() === before.join()) return;
    await settle(2);
    await new Promise((resolve) => setTimeout(resolve, 2)); // What the system closes takes real time.
  }
  throw new Error(
    `Expected [${before.join(", ")}] to be open as before, and it is [${handles().join(", ")}]`,
  );
}
