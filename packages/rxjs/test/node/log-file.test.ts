import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lines, type Reader, readerFrom } from "@pipe512/core";
import { readEach } from "@pipe512/rxjs";
import { lastValueFrom, reduce } from "rxjs";
import { afterAll, beforeAll, expect, test } from "vitest";

const MIB = 1 << 20;
const LOG_BYTES = 200 * MIB;
/** Every tenth line is an error. */
const LINES_PER_BLOCK = 10_000;
const CHUNK_BYTES = 65_536;
const BATCH_LINES = 1000;

let folder = "";
let log = "";
let errors = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pipe512-log-"));
  log = join(folder, "log");
  const block = Buffer.from(
    Array.from({ length: LINES_PER_BLOCK }, (_, line) => {
      const level = line % 10 === 0 ? "ERROR" : "INFO";
      return `2026-01-01T00:00:00Z ${level} request ${line} took ${line % 97} ms, smörgås was served\n`;
    }).join(""),
  );
  const file = openSync(log, "w");
  for (let size = 0; size < LOG_BYTES; size += block.length) {
    writeSync(file, block);
    errors += LINES_PER_BLOCK / 10;
  }
  closeSync(file);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file reader. `position` is the number of bytes requested so far. */
function fileReader(file: FileHandle, progress: { position: number }): Reader {
  return readerFrom(async (writer) => {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk);
      if (bytesRead === 0) return;
      progress.position += bytesRead;
      await writer.write(chunk.subarray(0, bytesRead));
    }
  });
}

interface Batch {
  readonly lines: string[];
  /** The length of the file in bytes, up to the end of the last line. */
  readonly end: number;
}

/** The lines with "ERROR", in batches. A generator pulls only when it is pulled, so it keeps the backpressure. */
async function* batchesOfErrors(source: AsyncIterable<string>): AsyncGenerator<Batch> {
  let batch: string[] = [];
  let end = 0;
  for await (const line of source) {
    end += Buffer.byteLength(line) + 1;
    if (!line.includes(" ERROR ")) continue;
    if (batch.push(line) < BATCH_LINES) continue;
    yield { lines: batch, end };
    batch = [];
  }
  if (batch.length > 0) yield { lines: batch, end };
}

function collectedHeapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

// Red when: readEach() reads the next item before the sink has finished the last one: the file is then read to its end
// at once.
test(`readEach() processes a log of ${LOG_BYTES / MIB} MiB through lines, filter, batches and a slow sink, and reads ahead only the current chunks [RX-003]`, {
  timeout: 60_000,
}, async () => {
  const file = await open(log);
  const progress = { position: 0 };
  let furthestAhead = 0;
  let mostHeapBytes = 0;
  let calls = 0;
  const before = collectedHeapBytes();

  async function sink({ lines: batch, end }: Batch): Promise<number> {
    await sleep(1);
    furthestAhead = Math.max(furthestAhead, progress.position - end);
    calls += 1;
    if (calls % 20 === 1) mostHeapBytes = Math.max(mostHeapBytes, collectedHeapBytes() - before);
    return batch.length;
  }

  const batches = batchesOfErrors(lines(fileReader(file, progress)));
  const total = await lastValueFrom(readEach(batches, sink).pipe(reduce((sum, count) => sum + count, 0)));
  await file.close();

  expect(total).toBe(errors);
  expect(progress.position).toBe(statSync(log).size);
  // The chunk being written, the ring, the bytes that lines() has read ahead, and the lines of an unfinished batch.
  expect(furthestAhead).toBeLessThanOrEqual(2 * CHUNK_BYTES + 512);
  expect(mostHeapBytes).toBeLessThan(8 * MIB);
});
