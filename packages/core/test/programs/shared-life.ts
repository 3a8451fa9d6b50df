import { attachReader, attachWriter, SharedCondition, SharedMutex, sharedPipe } from "@pipe512/core/shared";

// One call that waits for ever, or for 100 ms, in a process that does nothing else.

const [what = "", how] = process.argv.slice(2);
const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
const [reader, writer, other] = [
  attachReader(readerHandle),
  attachWriter(writerHandle),
  attachWriter(writerHandle),
];
const mutex = new SharedMutex();
const condition = new SharedCondition();
const token = SharedMutex.lock(mutex);

/** The waiting end, its call, and the operation that completes the call. */
const calls: Record<string, readonly [typeof reader | typeof writer, () => Promise<unknown>, () => unknown]> =
  {
    read: [reader, () => reader.read(new Uint8Array(1)), () => writer.tryWrite(new Uint8Array(1))],
    readChunk: [reader, () => reader.readChunk(), () => writer.tryWrite(new Uint8Array(1))],
    write: [writer, () => writer.write(new Uint8Array(513)), () => reader.tryRead(new Uint8Array(512))],
    flush: [
      writer,
      () => (writer.tryWrite(new Uint8Array(1)), writer.flush()),
      () => reader.tryRead(new Uint8Array(1)),
    ],
    "write at the mutex": [
      writer,
      () => {
        other.write(new Uint8Array(1033)).catch(() => {});
        other.unref();
        return writer.write(new Uint8Array(1));
      },
      () => reader.close(),
    ],
    lockAsync: [reader, () => SharedMutex.lockAsync(mutex), () => token.unlock()],
    waitAsync: [
      reader,
      () => SharedCondition.waitAsync(condition, token),
      () => SharedCondition.notify(condition),
    ],
  };
const [end, call, rouse] = calls[what] as (typeof calls)[string];
if (how === "unref") end.unref();
if (how === "ref") {
  end.unref();
  end.ref();
}
void call().then(
  (value) => console.log(`settled with ${typeof value === "number" ? value : typeof value}`),
  ({ code }) => console.log(`failed with ${code}`),
);
if (how !== "unref") setTimeout(rouse, 100).unref();
process.on("exit", () => console.log("over"));
