import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";

// One call that waits for ever, or for 100 ms, in a process that has nothing else to do.

const [what, how] = process.argv.slice(2);
const { readerHandle, writerHandle } = sharedPipe();
const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
const end = what === "read" ? reader : writer;
if (how === "unref") end.unref();
if (how === "ref") {
  end.unref();
  end.ref();
}
const waiting = what === "read" ? reader.read(new Uint8Array(1)) : writer.write(new Uint8Array(513));
void waiting.then((count) => console.log(`settled with ${count}`));
if (how !== "unref") {
  const rouse = () =>
    what === "read" ? writer.tryWrite(new Uint8Array(1)) : reader.tryRead(new Uint8Array(512));
  setTimeout(rouse, 100).unref();
}
process.on("exit", () => console.log("over"));
