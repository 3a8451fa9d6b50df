import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PACKAGE = new URL("../", import.meta.url);

const PROGRAM = `
  import { from, pipeTo, text } from "node:stream/iter";
  import { pipe, readText, writeText } from "@pipe512/core";
  import { toReadable, toWritable } from "@pipe512/node";

  const source = pipe();
  void writeText(source.writer, "a reader is a source").then(() => source.writer.close());
  console.log(await text(from(source.reader)));

  const sink = pipe();
  const read = readText(sink.reader);
  console.log(await pipeTo(from("a writer is a sink"), sink.writer));
  sink.writer.close();
  console.log(await read);

  const failed = pipe();
  failed.writer.closeWithError(new Error("an error crosses"));
  console.log(await text(from(failed.reader)).catch((error) => error.message));

  const left = pipe();
  left.reader.closeWithError(new Error("both ways"));
  console.log(await pipeTo(from("x"), left.writer).catch((error) => error.message));

  const stream = pipe();
  toWritable(stream.writer).end("so are the streams");
  console.log(await text(from(toReadable(stream.reader))));
`;

// Red when: the ends do not have an iterator or a write().
test("stream/iter accepts a PipeReader as a source and a PipeWriter as a sink", async ({ skip }) => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, ["--no-warnings", "--experimental-stream-iter", ...args], {
      cwd: PACKAGE,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
  try {
    await run("--eval", 'require("node:stream/iter")');
  } catch {
    skip(`Node ${process.versions.node} has no node:stream/iter`);
  }
  const { stdout } = await run("--conditions=@pipe512/source", "--input-type=module", "--eval", PROGRAM);
  expect(stdout.trim().split("\n")).toEqual([
    "a reader is a source",
    "18",
    "a writer is a sink",
    "an error crosses",
    "both ways",
    "so are the streams",
  ]);
});
