import { pipe, writeText } from "@pipe512/core";
import { sequence } from "@pipe512/testing/bytes";
import { toReadableStream } from "@pipe512/web";
import { describe, expect, inject, test } from "vitest";
import { compressed } from "./recipes/compression.ts";
import { download } from "./recipes/download.ts";
import { events } from "./recipes/events.ts";
import { upload } from "./recipes/upload.ts";
import { isPage, uploadsStreams } from "./support/engine.ts";

describe("the recipes of the README", () => {
  // Red when: the stream ends before the last row.
  test("a file is generated as it is downloaded", async () => {
    const response = download(10_000);
    expect(response.headers.get("content-disposition")).toContain("table.csv");
    const rows = Array.from({ length: 10_000 }, (_, row) => `${row},${row * row}\n`);
    expect(await response.text()).toBe(rows.join(""));
  });

  // Red when: progress is not reported, or counts bytes that were not sent.
  test("an upload reports its progress", async ({ skip }) => {
    skip(!uploadsStreams, "the engine uploads no streams");
    const progress: number[] = [];
    const server = inject("fixtures")[isPage ? "https" : "http"];
    const file = new Blob([sequence(200_000)]);
    const response = await upload(file, `${server}/slow-upload`, (bytes) => progress.push(bytes));
    expect(await response.json()).toMatchObject({ bytes: 200_000 });
    expect(progress.length).toBeGreaterThan(2);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(200_000);
  });

  // Red when: an event is cut at the end of a chunk, or leaving the loop keeps the body open.
  test("events from a server are read line by line", async () => {
    const { reader, writer } = pipe();
    const written = (async (): Promise<void> => {
      for (const piece of [
        "data: o",
        "ne\n",
        "\nid: 7\r\ndata: two",
        "\ndata:lines\r\n\r\n",
        ": hello\n\n",
      ]) {
        await writeText(writer, piece);
      }
      for (;;) await writeText(writer, `data: ${"x".repeat(600)}\n\n`);
    })();
    const seen: string[] = [];
    for await (const event of events(toReadableStream(reader))) {
      seen.push(event);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(["one", "two\nlines", "x".repeat(600)]);
    await expect(written).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });

  // Red when: the last piece is not compressed.
  test("text is compressed", async () => {
    const pieces = Array.from({ length: 1000 }, (_, index) => `row ${index}\n`);
    const blob = await compressed(pieces);
    expect(blob.size).toBeLessThan(pieces.join("").length / 2);
    const text = new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).text();
    expect(await text).toBe(pieces.join(""));
  });
});
