import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { settle } from "./turns.ts";

/** The folder in which Linux lists the open files of a process. */
const DESCRIPTORS = "/proc/self/fd";

/** The kinds of open sockets, servers, processes and similar resources. Requests to the file system are ignored. */
function handles(): string[] {
  const kinds = process
    .getActiveResourcesInfo()
    .filter((kind) => !/^(Immediate|Timeout|TickObject|CloseReq|FSReq.*)$/.test(kind));
  return [...kinds, ...files()].toSorted();
}

/** The open files of the tests, which are not listed as active resources. */
function files(): string[] {
  if (!existsSync(DESCRIPTORS)) return [];
  return readdirSync(DESCRIPTORS)
    .map((descriptor) => {
      try {
        return readlinkSync(`${DESCRIPTORS}/${descriptor}`);
      } catch {
        return ""; // The descriptor used to read the list.
      }
    })
    .filter((path) => path.startsWith(`${tmpdir()}/pipe512-`));
}

/**
 * Runs `work`, and checks that it leaves nothing open.
 *
 * @throws {Error} If a resource is still open after many iterations of the event loop.
 */
export async function expectNothingLeftOpen(work: () => Promise<void>): Promise<void> {
  const before = handles();
  await work();
  for (let round = 0; round < 500; round++) {
    if (handles().join() === before.join()) return;
    await settle(2);
    await new Promise((resolve) => setTimeout(resolve, 2)); // The system needs real time to close resources.
  }
  throw new Error(
    `Expected [${before.join(", ")}] to be open as before, and it is [${handles().join(", ")}]`,
  );
}
