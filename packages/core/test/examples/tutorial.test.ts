import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip, gunzipSync } from "node:zlib";
import { type PipeReader, readerFrom, type Writer } from "@pipe512/core";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { consume, produce } from "../../../../examples/lines.ts";
import { run } from "../support/child.ts";

const EXAMPLES = "../../../../examples";
const LINES = ["line 0", "line 1", "line 2", "line 3", "line 4"];

describe("the programs of the tutorial, as they are run", () => {
  // Red when: the example does not close its writer.
  test("pipe() in examples/hello.ts returns the bytes that were written [PIPE-001] [PIPE-020]", async () => {
    const ending = await run(`${EXAMPLES}/hello.ts`);
    expect(ending).toEqual({ code: 0, lines: ["hello"], stderr: "" });
  });

  // Red when: the producer starts in a later iteration of the event loop, or its writer is closed before it has finished.
  test("readerFrom() in examples/lines.ts produces the lines that the main function prints [PIPE-073] [PIPE-074]", async () => {
    const ending = await run(`${EXAMPLES}/lines.ts`);
    expect(ending).toEqual({ code: 0, lines: LINES, stderr: "" });
  });
});

describe("the second program with other halves", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pipe512-"));
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  const fromFile = (path: string) => async (writer: Writer) => {
    for await (const chunk of createReadStream(path)) await writer.write(chunk as Buffer);
  };

  const intoGzip = (path: string, reader: PipeReader): Promise<void> =>
    pipeline(reader, createGzip(), createWriteStream(path));

  // Red when: the incomplete last line of a chunk is not kept for the next chunk.
  test("readerFrom() works with a file in place of the producer [PIPE-073] [PIPE-074]", async () => {
    const expected = Array.from({ length: 10_000 }, (_, number) => `line ${number}`);
    const file = join(folder, "lines.txt");
    await writeFile(file, expected.map((line) => `${line}\n`).join(""));
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await consume(readerFrom(fromFile(file)));
    expect(log.mock.calls.map(([line]) => line as string)).toEqual(expected);
  });

  // Red when: the writer is closed before the producer has finished.
  test("readerFrom() works with a gzip stream in place of the consumer [PIPE-012] [PIPE-074]", async () => {
    const file = join(folder, "lines.txt.gz");
    await intoGzip(file, readerFrom(produce));
    expect(gunzipSync(await readFile(file)).toString()).toBe(LINES.map((line) => `${line}\n`).join(""));
  });

  // Red when: an error of the producer ends the stream cleanly.
  test("readerFrom() works with both replaced, and no error is lost between them [PIPE-012] [PIPE-074]", async () => {
    const file = join(folder, "data");
    const bytes = Buffer.from(sequence(1_000_003));
    await writeFile(file, bytes);
    await intoGzip(`${file}.gz`, readerFrom(fromFile(file)));
    expect(gunzipSync(await readFile(`${file}.gz`)).equals(bytes)).toBe(true);
    const missing = intoGzip(`${file}.gz`, readerFrom(fromFile(join(folder, "missing"))));
    expect(await rejection(missing)).toMatchObject({ code: "ENOENT" });
  });
});
