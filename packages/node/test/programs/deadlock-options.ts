// A write that never settles, in a process that ends as the argument says.

import { pipe } from "@pipe512/core";
import { reportDeadlocks } from "@pipe512/node";

const how = process.argv[2];
const reporting = reportDeadlocks({
  ...(how === "another code" && { exitCode: 3 }),
  ...(how === "no code" && { exitCode: 0 }),
  ...(how === "printed" && { print: (_, pipes) => console.log(pipes.length, pipes[0]?.waiting.length) }),
});
const { reader, writer } = pipe({ name: "x".repeat(3) });
const writing = writer.write(new Uint8Array(700));

if (how === "process.exit()") setTimeout(() => process.exit(0), 1);
if (how === "an error") {
  setTimeout(() => {
    throw new Error("of its own");
  }, 1);
}
if (how === "its own code") process.exitCode = 5;
if (how === "stopped") reporting.stop();
if (how === "more to do") {
  process.once("beforeExit", () => {
    setTimeout(() => reader.close(), 1);
    writing.catch(() => console.log("done"));
  });
}
if (how === "more to do, then process.exit()") {
  process.once("beforeExit", () => void setTimeout(() => process.exit(0), 5));
}
