import { connect } from "@nats-io/transport-node";
import { prepareNatsPipes } from "@pipe512/nats";
import Table from "cli-table3";
import { size } from "../report/format.ts";
import type { Measurement, Style } from "./measurement.ts";
import { inProcess, overNats, overTcp, type Received } from "./receiving.ts";
import { missingServer, NatsServer } from "./server.ts";

const KIB = 1024;
const SIZES = [512, 4 * KIB, 64 * KIB, 1024 * KIB];
const WINDOWS = [
  { window: 64 * KIB },
  { window: 1024 * KIB },
  { window: 8192 * KIB },
  { window: 8192 * KIB, chunk: 512 * KIB },
];
const USUAL_WINDOW = 1024 * KIB;
const MEASURE_MS = 700;

/**
 * Compares the pipe between machines with a bare TCP socket and with the pipe within one process, in about 40 seconds, and
 * prints tables. Two processes on this machine act as two machines. A server with its files on this disk acts as a third.
 */
export async function compareMachines(signal: AbortSignal): Promise<void> {
  const missing = missingServer();
  if (missing !== undefined) {
    process.stdout.write(`${missing}\n`);
    return;
  }
  await using server = await NatsServer.start();
  const connection = await connect({ servers: `127.0.0.1:${server.port}` });
  await prepareNatsPipes(connection);
  await connection.close();
  process.stdout.write(
    `A pipe between two processes over ${server.version}, ${MEASURE_MS} ms each; MB/s awaited / with many writes at once; latency one way\n\n`,
  );

  let pipes = 0;
  const measurement = (bytes: number, style: Style, more: Partial<Measurement> = {}): Measurement => {
    signal.throwIfAborted();
    pipes += 1;
    const common = { carrier: "NATS" as const, port: server.port, name: `bench-${pipes}`, chunk: undefined };
    return { ...common, window: USUAL_WINDOW, bytes, style, milliseconds: MEASURE_MS, ...more };
  };
  const tcp = (bytes: number, style: Style) => overTcp(measurement(bytes, style, { carrier: "TCP" }));
  const nats = (bytes: number, style: Style, more?: Partial<Measurement>) =>
    overNats(measurement(bytes, style, more));

  const table = new Table({
    head: ["", "in process", "TCP", "pipe", "TCP p50", "pipe p50", "pipe / TCP"],
    style: plain,
  });
  for (const bytes of SIZES) {
    const local = await inProcess(measurement(bytes, "awaited"));
    const [tcpAwaited, tcpMany] = [await tcp(bytes, "awaited"), await tcp(bytes, "concurrent")];
    const [pipeAwaited, pipeMany] = [await nats(bytes, "awaited"), await nats(bytes, "concurrent")];
    const [tcpMs, pipeMs] = [median(await tcp(bytes, "timed")), median(await nats(bytes, "timed"))];
    table.push([
      size(bytes),
      rate(local),
      `${rate(tcpAwaited)} / ${rate(tcpMany)}`,
      `${rate(pipeAwaited)} / ${rate(pipeMany)}`,
      `${tcpMs.toFixed(2)} ms`,
      `${pipeMs.toFixed(2)} ms`,
      `${(pipeMs / tcpMs).toFixed(1)} ×`,
    ]);
  }
  process.stdout.write(`${table.toString()}\n\n`);

  const windows = new Table({ head: ["window", "chunk", "4 KiB at once", "64 KiB at once"], style: plain });
  for (const { window, chunk } of WINDOWS) {
    const rates: string[] = [];
    for (const bytes of [4 * KIB, 64 * KIB])
      rates.push(rate(await nats(bytes, "concurrent", { window, chunk })));
    windows.push([size(window), size(chunk ?? Math.min(128 * KIB, window / 4)), ...rates]);
  }
  process.stdout.write(`${windows.toString()}\n`);
}

const plain = { head: [], border: [] };

const rate = ({ bytesPerSecond }: Received): string => {
  const megabytes = bytesPerSecond / 1e6;
  return megabytes >= 100 ? String(Math.round(megabytes)) : megabytes.toFixed(1);
};

function median({ waysMs }: Received): number {
  return waysMs.toSorted((one, other) => one - other)[Math.floor(waysMs.length / 2)] ?? Number.NaN;
}
