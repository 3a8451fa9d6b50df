// Pending operations, and the CPU time and resources that they use. Prints {"cpuMs", "resources"} and then exits
// without a further call, because no pending operation of a pipe keeps a process alive. The arguments name the features
// to remove from the platform.

for (const name of process.argv.slice(2)) delete (globalThis as Record<string, unknown>)[name];

// A deferred settlement does not keep a process alive either, so the transfers below need a timer that does.
const awake = setInterval(() => {}, 1000);

const { pipe } = await import("@pipe512/core");

const kept: unknown[] = [];
const { signal } = new AbortController();
for (let count = 0; count < 200; count++) {
  const [empty, full, iterated, viewed] = [pipe(), pipe({ signal }), pipe(), pipe()];
  kept.push(empty, full, iterated, viewed);
  // Transfers of all kinds come first, so that everything they start is running.
  for (let round = 0; round < 20; round++) {
    const reading = empty.reader.read(new Uint8Array(1033));
    await empty.writer.write(new Uint8Array(513));
    await reading;
  }
  kept.push(
    empty.reader.read(new Uint8Array(1)),
    empty.reader.readChunk(),
    full.writer.write(new Uint8Array(1033)),
    full.writer.write(new Uint8Array(1033), { transfer: true }),
    full.writer.flush(),
    iterated.reader.chunks().next(),
    viewed.reader.views().next(),
    viewed.reader.closed,
    viewed.writer.closed,
  );
}

// Deferred work runs in a later iteration of the event loop; then time is measured while all operations wait.
await new Promise((resolve) => setTimeout(resolve, 50));
clearInterval(awake);
const resources = process
  .getActiveResourcesInfo()
  .filter((name) => !/^(TTYWrap|PipeWrap|FSReqPromise)/.test(name));
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, 400));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpuMs: (user + system) / 1000, resources }));
