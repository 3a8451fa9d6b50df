import { measured, size } from "../report/format.ts";
import { titleOf as implementationTitle, GIVEN_AWAY_BYTES } from "../subjects/implementations.ts";
import type { Answers, Have, Need } from "./questions.ts";
import { type Setup, setupOf } from "./setup.ts";
import { sinks, sources, together } from "./snippets.ts";

/** What to use, why, and how. */
export interface Advice extends Recommendation, Setup {}

interface Recommendation {
  readonly title: string;
  readonly why: string;
  /** TypeScript to paste. Its `source`, `sink`, `chunks` and `use` stand for the user's own code. */
  readonly code: string;
  /** When another solution is better, one sentence each. */
  readonly unless: readonly string[];
  /** Names of implementations: first the advised one, then the ones used instead. Empty if there is nothing to measure. */
  readonly implementations: readonly string[];
}

/** The cost of a chunk with each implementation that the advice names; `undefined` if none of them was measured. */
export function costsInWords(
  { implementations }: Advice,
  chunkBytes: number,
  nsPerChunk: (implementation: string) => number | undefined,
): string | undefined {
  const costs = implementations.flatMap((name) => {
    const cost = nsPerChunk(name);
    return cost === undefined ? [] : [`${implementationTitle(name)} ${measured(cost)} ns`];
  });
  return costs.length === 0 ? undefined : `A chunk of ${size(chunkBytes)} costs here: ${costs.join("; ")}.`;
}

/** The advice for some answers. */
export function advise(answers: Answers): Advice {
  const recommendation = withoutPipe(answers) ?? withPipe(answers);
  return { ...recommendation, ...setupOf(recommendation.code) };
}

/** The cases in which a pipe does not help. */
function withoutPipe({ have, need }: Answers): Recommendation | undefined {
  if (have === "messages")
    return {
      title: "No pipe: a queue of messages",
      why: "A pipe carries bytes and keeps no borders between them. A queue delivers whole objects.",
      code: `import { pushable } from "it-pushable";

const queue = pushable<{ id: number }>({ objectMode: true });
queue.push({ id: 1 });
queue.end();
for await (const message of queue) use(message);`,
      unless: [
        "This queue is unlimited: if the sender is faster for long, let it await an answer of the receiver.",
        "With a line or a length before each message, a pipe carries them in 512 bytes: see lines() of @pipe512/core.",
      ],
      implementations: [],
    };
  if (need === "whole" && have !== "thread")
    return {
      title: "No pipe: collect in memory",
      why: "Code that needs every byte before it uses the first one holds all of them anyway.",
      code: COLLECTING[have],
      unless: ["If it may be larger than memory, read it piece by piece: answer that your own code reads."],
      implementations: [],
    };
  if (have === "process")
    return {
      title: "No pipe of this package: the operating system's",
      why: "A subprocess writes into a pipe of the kernel already, which holds 64 KiB and then makes the subprocess wait.",
      code: `import { spawn } from "node:child_process";
${PROCESS_SINKS[need]}`,
      unless: ["If both ends are in JavaScript, no process is needed: answer with what you have instead."],
      implementations: [],
    };
  if (have === "iterable" && need === "code")
    return {
      title: "No pipe: a loop",
      why: "A loop pulls a chunk, uses it, and pulls the next: no chunk waits in between, so nothing needs to hold it.",
      code: "for await (const chunk of source) await use(chunk);",
      unless: [
        "If the source should continue while a chunk is used, put a pipe between: copy(fromIterable(source), writer).",
        "If reads should have your own size, use fromIterable(source) of @pipe512/core, and read() from it.",
      ],
      implementations: [],
    };
  if (have === need && (have === "node" || have === "web" || have === "observable")) return SAME[have];
  return undefined;
}

function withPipe({ have, need, chunk, reader }: Answers): Recommendation {
  const isLarge = Number(chunk) >= GIVEN_AWAY_BYTES;
  // The conversions of platform streams have no chunks of their own to iterate over.
  const hasChunks = isLarge && (have === "code" || have === "thread");
  const source = sources(isLarge)[have as keyof ReturnType<typeof sources>];
  const sink = sinks(hasChunks)[need];
  const title = titleOf(have, need);
  return {
    title,
    why: [
      `${source.why} ${sink.why}`,
      reader === "slow"
        ? "While the reader is busy the pipe holds 512 bytes, and the writer waits."
        : "If both are fast, bytes go straight from the writer's array to the reader's.",
      ...(isLarge && have === "code" ? ["Chunks of this size are worth transferring: see transfer."] : []),
    ].join(" "),
    code: together(source, sink),
    unless: unless(have, need),
    implementations: implementationsFor(have, need, isLarge && reader === "fast"),
  };
}

function titleOf(have: Have, need: Need): string {
  if (have === "thread" || need === "thread") return "@pipe512/core/shared: a pipe between threads";
  const packages = new Set([PACKAGES[have], PACKAGES[need]].filter((name) => name !== undefined));
  const names = ["@pipe512/core", ...packages];
  return `A pipe: ${names.join(" and ")}`;
}

const PACKAGES: Readonly<Record<string, string>> = {
  node: "@pipe512/node",
  web: "@pipe512/web",
  observable: "@pipe512/rxjs",
};

function unless(have: Have, need: Need): string[] {
  const all: string[] = [];
  if (have === "code" && need === "code")
    all.push(
      "If the writer can be a generator, a plain loop over it needs no pipe.",
      "If you pass objects on, use a queue of messages.",
    );
  if ([have, need].includes("node") && [have, need].includes("web"))
    all.push("If some chunks may wait in between, Readable.toWeb() and Readable.fromWeb() are enough.");
  if (need === "node" || need === "web")
    all.push(
      `If large chunks are never reused and should pass by reference, ${need === "node" ? "PassThrough" : "TransformStream"} does that.`,
    );
  if (have === "observable")
    all.push("An Observable cannot wait: if it may run ahead for long, slow down its own source.");
  if (have === "thread" || need === "thread")
    all.push("If chunks are 64 KiB and more, and the sender never runs ahead, postMessage() is faster.");
  return all;
}

/** Of `implementations.ts`: those nearest to the advice, then the same promise, then the streams of today. */
function implementationsFor(have: Have, need: Need, givesAway: boolean): string[] {
  const best = (name: string) => (givesAway ? `${name}, transferred` : name);
  if (have === "thread" || need === "thread") return ["Thread pipe awaited", "Thread postMessage"];
  if (need === "node") return [best("toReadable"), "copying Transform", "PassThrough"];
  if (need === "web") return [best("Web toReadableStream"), "copying TransformStream", "TransformStream"];
  if (need === "observable") return [best("readEach"), "RxJS from"];
  if (have === "node") return [best("toWritable"), "copying Transform", "PassThrough"];
  if (have === "web") return [best("Web pipeStream"), "copying TransformStream", "TransformStream"];
  if (have === "observable") return ["throughPipe", "RxJS Subject"];
  const ours = givesAway ? "core for await, transferred" : "core await";
  return [ours, "copying Transform", "PassThrough", "TransformStream"];
}

const LOOPING = `const parts: Uint8Array[] = [];
for await (const chunk of source) parts.push(chunk);
const all = Buffer.concat(parts);`;

/** The whole input at once, from any source. */
const COLLECTING: Readonly<Record<Have, string>> = {
  code: LOOPING.replace("await ", "").replace("source", "chunks()"),
  iterable: LOOPING,
  node: `import { buffer } from "node:stream/consumers";

const all = await buffer(source);`,
  web: "const all = new Uint8Array(await new Response(source).arrayBuffer());",
  observable: `import { lastValueFrom, toArray } from "rxjs";

const all = Buffer.concat(await lastValueFrom(source.pipe(toArray())));`,
  process: `import { execFile } from "node:child_process";
import { promisify } from "node:util";

const { stdout: all } = await promisify(execFile)(process.execPath, ["--version"], { encoding: "buffer" });`,
  thread: LOOPING,
  messages: LOOPING,
};

const PROCESS_SINKS: Readonly<Record<Need, string>> = {
  code: `
const { stdout } = spawn(process.execPath, ["--version"]);
for await (const chunk of stdout) await use(chunk);`,
  node: `import { pipeline } from "node:stream/promises";

const { stdout } = spawn(process.execPath, ["--version"]);
await pipeline(stdout, sink);`,
  web: `import { Readable } from "node:stream";

const { stdout } = spawn(process.execPath, ["--version"]);
await Readable.toWeb(stdout).pipeTo(sink);`,
  observable: `import { readEach } from "@pipe512/rxjs";
import { lastValueFrom } from "rxjs";

const { stdout } = spawn(process.execPath, ["--version"]);
await lastValueFrom(readEach(stdout, async (chunk) => use(chunk)), { defaultValue: undefined });`,
  thread: `import { Worker } from "node:worker_threads";

// A thread can start the subprocess itself. Its output then does not pass through this thread.
new Worker(new URL("./reader.js", import.meta.url));`,
  whole: "",
};

/** If both sides are of one kind, the platform connects them. */
const SAME = {
  node: {
    title: "No pipe: pipeline() of Node",
    why: "Two Node streams need nothing between them: the second makes the first wait.",
    code: `import { pipeline } from "node:stream/promises";\n\nawait pipeline(source, sink);`,
    unless: [
      "If no more than 512 bytes may wait, or arrays are reused, put pipeDuplex() of @pipe512/node between: pipeline(source, pipeDuplex(), sink).",
    ],
    implementations: ["pipeDuplex", "copying Transform", "PassThrough"],
  },
  web: {
    title: "No pipe: pipeTo() of the stream",
    why: "Two Web streams need nothing between them: the second makes the first wait.",
    code: "await source.pipeTo(sink);",
    unless: [
      "If no more than 512 bytes may wait, put pipeStream() of @pipe512/web between: source.pipeThrough(pipeStream()).pipeTo(sink).",
    ],
    implementations: ["Web pipeStream", "copying TransformStream", "TransformStream"],
  },
  observable: {
    title: "No pipe: operators of RxJS",
    why: "An Observable pushes, and its operators accept every value.",
    code: "source.subscribe((chunk) => use(chunk));",
    unless: [
      "If a step takes time, the source does not wait. With throughPipe({ maxBytes }) of @pipe512/rxjs, the queue has a limit.",
    ],
    implementations: ["throughPipe", "RxJS Subject"],
  },
} as const satisfies Record<string, Recommendation>;
