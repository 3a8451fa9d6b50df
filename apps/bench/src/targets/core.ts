import { size } from "../report/format.ts";
import type { Parameters } from "../scenarios/scenario.ts";
import { GO } from "../subjects/implementations.ts";
import type { Limit, Measurement, Target } from "./target.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** The targets of the core, PERF-01 to PERF-09, in that order. */
export const coreTargets: readonly Target[] = [
  againstGo("PERF-01", "core await", 1, 0.4),
  againstGo("PERF-01", "core await", 64, 0.4),
  againstGo("PERF-01", "core await", 512, 0.45),
  againstGo("PERF-02", "core await", 4 * KIB, 0.7),
  againstGo("PERF-02", "core await", 64 * KIB, 0.9),
  againstGo("PERF-02", "core await", MIB, 1),
  againstGo("PERF-03", "core try…", 1, 0.1),
  againstGo("PERF-03", "core try…", 64, 0.2),
  againstGo("PERF-03", "core try…", 512, 0.3),
  againstGo("PERF-04", "core views", MIB, 0.05),
  {
    id: "PERF-04",
    work: "1 MiB transferred, core for await",
    against: GO,
    of: [transfer("core for await", MIB, { transfer: true })],
    over: [transfer(GO, MIB)],
    atMost: { default: 0.05 },
  },
  againstPassThrough(1, { default: 0.3 }),
  againstPassThrough(64, { default: 0.5, 26: 0.75 }),
  againstPassThrough(512, { default: 0.8, 26: 1.3 }),
  againstPassThrough(4 * KIB, { default: 0.35, 26: 0.5 }, { transfer: true }),
  pingPong(1),
  pingPong(64),
  createAndClose("nothing waits", 0.3, { readerFirst: false }),
  createAndClose("a read waits", 0.7, { readerFirst: true }),
  {
    id: "PERF-07",
    work: "memory of 100,000 pipes",
    against: "PassThrough",
    of: [{ implementation: "core await", scenario: "many-alive", parameters: {} }],
    over: [{ implementation: "PassThrough", scenario: "many-alive", parameters: {} }],
    atMost: { default: 0.75 },
  },
  {
    id: "PERF-08",
    work: "from 1 to 10,000 pipes at once",
    against: "promise pair",
    of: [manyPipes("core await", 10_000), manyPipes("promise pair", 1)],
    over: [manyPipes("core await", 1), manyPipes("promise pair", 10_000)],
    atMost: { default: 1.3 },
  },
  {
    id: "PERF-09",
    work: "4 GiB in 512 B, core await",
    against: "256 MiB",
    of: [transfer("core await", 512, { totalBytes: 4 * GIB })],
    over: [transfer("core await", 512, { totalBytes: 256 * MIB })],
    atMost: { default: 1.1 },
  },
];

function againstGo(id: string, implementation: string, chunkBytes: number, atMost: number): Target {
  return {
    id,
    work: `${size(chunkBytes)}, ${implementation}`,
    against: GO,
    of: [transfer(implementation, chunkBytes)],
    over: [transfer(GO, chunkBytes)],
    atMost: { default: atMost },
  };
}

function againstPassThrough(chunkBytes: number, atMost: Limit, parameters: Parameters = {}): Target {
  return {
    id: "PERF-05",
    work: `${size(chunkBytes)}${parameters.transfer ? " transferred" : ""}, core for await`,
    against: "PassThrough 512",
    of: [transfer("core for await", chunkBytes, parameters)],
    over: [transfer("PassThrough 512", chunkBytes, parameters)],
    atMost,
  };
}

function pingPong(chunkBytes: number): Target {
  const parameters = { chunkBytes, poolBytes: chunkBytes };
  return {
    id: "PERF-06",
    work: `${size(chunkBytes)} there and back, core await`,
    against: GO,
    of: [{ implementation: "core await", scenario: "ping-pong", parameters }],
    over: [{ implementation: GO, scenario: "ping-pong", parameters }],
    atMost: { default: 0.55 },
  };
}

function createAndClose(when: string, atMost: number, parameters: Parameters): Target {
  return {
    id: "PERF-07",
    work: `make, use, close; ${when}`,
    against: "PassThrough",
    of: [{ implementation: "core await", scenario: "create-and-close", parameters }],
    over: [{ implementation: "PassThrough", scenario: "create-and-close", parameters }],
    atMost: { default: atMost },
  };
}

function manyPipes(implementation: string, pipesAtOnce: number): Measurement {
  return {
    implementation,
    scenario: "many-pipes",
    parameters: { chunkBytes: 64, pipesAtOnce, poolBytes: 64 * KIB },
  };
}

/** 256 chunks in turn, at most 4 MiB, so that implementations are compared and not the machine's caches. */
function transfer(implementation: string, chunkBytes: number, more: Parameters = {}): Measurement {
  const poolBytes = Math.max(chunkBytes, Math.min(256 * chunkBytes, 4 * MIB));
  return { implementation, scenario: "transfer", parameters: { chunkBytes, poolBytes, ...more } };
}
