import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";

export const isNode = process.versions.bun === undefined && process.versions.deno === undefined;

/** Bytes that encode their position. */
export const sequence = (length, start = 0) => {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let index = 0; index < length; index++) bytes[index] = Math.imul(start + index, 0x9e3779b1) >>> 24;
  return bytes;
};

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Returns the value that a promise rejects with. */
export const rejection = (promise) =>
  promise.then(
    (value) => {
      throw new Error(`Expected a rejection, and it fulfilled with ${String(value)}`);
    },
    (error) => error,
  );

export async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

export async function closed(server) {
  server.closeAllConnections?.();
  await new Promise((resolve) => server.close(resolve));
}

/** The open sockets, servers, processes and files of the tests. Requests to the file system are ignored. */
function handles() {
  const kinds = process
    .getActiveResourcesInfo()
    .filter(
      (kind) => !/^(Immediate|Timeout|TickObject|CloseReq|FSReq.*|GetAddrInfo.*|TTY.*|PipeWrap)$/.test(kind),
    );
  return [...kinds, ...files()].toSorted();
}

function files() {
  if (!existsSync("/proc/self/fd")) return [];
  return readdirSync("/proc/self/fd")
    .map((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`);
      } catch {
        return ""; // The descriptor used to read the list.
      }
    })
    .filter((path) => path.startsWith(`${tmpdir()}/pipe512-`) || path === "/dev/full");
}

/** Runs `work`, and checks that it leaves no new resource open. Only Node lists open resources. */
export async function nothingLeftOpen(work) {
  const before = isNode ? handles() : [];
  await work();
  for (let round = 0; isNode; round++) {
    const others = [...before];
    const left = handles().filter((handle) => {
      const index = others.indexOf(handle);
      if (index >= 0) others.splice(index, 1);
      return index < 0;
    });
    if (left.length === 0) return;
    if (round === 500) throw new Error(`Left open: ${left.join()}`);
    await new Promise((resolve) => setTimeout(resolve, 5)); // The system needs real time to close resources.
  }
}
