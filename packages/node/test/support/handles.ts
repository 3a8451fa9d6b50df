import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { settle } from "./turns.ts";

/** Where Linux lists what a process has open. */
const DESCRIPTORS = "/proc/self/fd";

/** Sockets, servers, processes and the like that are open now, by kind. Requests to the file system come and go by themselves. */
function handles(): string[] {
  const kinds = process
    .getActiveResourcesInfo()
    .filter((kind) => !/^(Immediate|Timeout|TickObject|CloseReq|FSReq.*)$/.test(kind));
  return [...kinds, ...files()].toSorted();
}

/** The files of the tests that are open, which are no resources that are active. */
function files(): string[] {
  if (!existsSync(DESCRIPTORS)) return [];
  return readdirSync(DESCRIPTORS)
    .map((descriptor) => {
      try {
        return readlinkSync(`${DESCRIPTORS}/${descriptor}`);
      } catch {
        return ""; // The one by which the list was read.
      }
    })
    .filter((path) => path.startsWith(`${tmpdir()}/pipe512-`));
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
