import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { test } from "../support/nats.ts";

const example = (name: string): string =>
  fileURLToPath(new URL(`../../../../examples/between-machines/${name}`, import.meta.url));

/** A program's output, and how it ended. */
interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
}

// Red when: the consumer passes no `from`, and when the producer begins at 0.
test("examples/between-machines counts every row once, with both programs killed once", {
  timeout: 90_000,
}, async ({ machines }) => {
  const folder = mkdtempSync(join(tmpdir(), "pipe512-"));
  const rows = 400_000;
  const text = Array.from({ length: rows }, (_, id) => `${id},${((id * 37) % 10_000) / 100}\n`);
  writeFileSync(join(folder, "orders.csv"), `id,total\n${text.join("")}`);
  const start = (name: string): Run => {
    const child = spawn(process.execPath, ["--conditions=@pipe512/source", example(name), "orders.csv"], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: "", NATS: `127.0.0.1:${machines.server.port}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
    });
    return { child, ended: new Promise((resolve) => child.once("exit", () => resolve(output))) };
  };
  const position = (): number => {
    try {
      return JSON.parse(readFileSync(join(folder, "state.json"), "utf8")).position;
    } catch {
      return 0;
    }
  };
  const until = async (bytes: number): Promise<void> => {
    while (position() < bytes) await sleep(1);
  };

  const first = { producer: start("producer.ts"), consumer: start("consumer.ts") };
  await until(500_000);
  first.producer.child.kill("SIGKILL");
  const second = { producer: start("producer.ts") };
  await until(1_500_000);
  first.consumer.child.kill("SIGKILL");
  const third = { consumer: start("consumer.ts") };
  const outputs = await Promise.all(
    [first.producer, first.consumer, second.producer, third.consumer].map(({ ended }) => ended),
  );
  rmSync(folder, { recursive: true });

  const cents = Array.from({ length: rows }, (_, id) => (id * 37) % 10_000).reduce(
    (sum, one) => sum + one,
    0,
  );
  expect(outputs[0]).toBe("sending orders.csv from byte 0\n");
  expect(outputs[1]).toBe("continuing at byte 0, with 0 rows\n");
  expect(outputs[2]).toMatch(
    /^sending orders.csv from byte [1-9]\d*\nall \d+ bytes were sent and processed\n$/,
  );
  expect(outputs[3]).toMatch(/^continuing at byte [1-9]\d*, with [1-9]\d* rows\n/);
  expect(outputs[3]).toContain(`${rows} rows, ${(cents / 100).toFixed(2)} in total`);
  if (process.env["TRANSCRIPT"] !== undefined) console.info(outputs.join("---\n"));
});
