import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type PipeEnds, pipe } from "@pipe512/core";
import type { LeakReport, PipeReport, StallReport } from "@pipe512/core/diagnostics";
import { publishDiagnostics } from "@pipe512/node";
import { afterEach, expect, test, vi } from "vitest";
import { settle } from "./support/turns.ts";

const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  vi.useRealTimers();
});

/** Collects the reports published on a channel. */
function published<R>(name: string): R[] {
  const reports: R[] = [];
  const listener = (report: unknown): void => void reports.push(report as R);
  subscribe(name, listener);
  cleanups.push(() => unsubscribe(name, listener));
  return reports;
}

// Red when: a report is published on a wrong channel, or not at all.
test("publishDiagnostics() publishes openings, closes and stalls, until it is stopped", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const [opened, closed] = [published<PipeReport>("pipe512:open"), published<PipeReport>("pipe512:close")];
  const stalled = published<StallReport>("pipe512:stall");
  const publishing = publishDiagnostics({ stallAfterMs: 100 });
  cleanups.push(() => publishing.stop());
  const { reader, writer } = pipe({ name: "seen" });
  expect(opened).toMatchObject([{ name: "seen", bytesWritten: 0 }]);
  const writing = writer.write(new Uint8Array(700));
  vi.advanceTimersByTime(100);
  expect(stalled).toMatchObject([{ pipe: { name: "seen" }, operation: { operation: "write", bytes: 700 } }]);
  await reader.read(new Uint8Array(700));
  await writing;
  reader.close();
  await settle();
  expect(closed).toMatchObject([{ name: "seen", reader: "closed", bytesRead: 700 }]);
  publishing.stop();
  pipe();
  expect(opened).toHaveLength(1);
});

// Red when: leaks are not published.
test("publishDiagnostics() publishes leaks", async () => {
  const leaked = published<LeakReport>("pipe512:leak");
  const publishing = publishDiagnostics();
  cleanups.push(() => publishing.stop());
  const writerAlone = (): PipeEnds["writer"] => pipe({ name: "half" }).writer;
  const writer = writerAlone();
  for (let round = 0; round < 30 && leaked.length === 0; round++) {
    (globalThis.gc as () => void)();
    await settle();
  }
  expect(leaked).toMatchObject([{ pipe: { name: "half" }, ends: ["reader"] }]);
  writer.close();
});
