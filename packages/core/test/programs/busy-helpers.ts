// Runs one endless use of a helper, over ends that never wait, and prints the processor time of this thread between timers of 10 ms.

import {
  broadcast,
  bufferedReader,
  bufferedWriter,
  chunks,
  concat,
  copy,
  discard,
  frames,
  fromIterable,
  limit,
  lines,
  pipe,
  pipeTo,
  type Reader,
  readFull,
  records,
  tee,
  type Writer,
  writeFrame,
} from "@pipe512/core";

const TIMERS = 9;
const text = new TextEncoder().encode("123456789\n".repeat(6553));
const framed = Uint8Array.from({ length: 65_535 }, (_, index) => (index % 5 === 3 ? 1 : 0));

/** A minimal reader that always has bytes. */
const endless = (bytes: Uint8Array): Reader => ({
  async read(into) {
    const count = Math.min(into.length, bytes.length);
    into.set(bytes.subarray(0, count));
    return count;
  },
  close() {},
  closeWithError() {},
});

/** A minimal writer that accepts everything. */
const sink: Writer = { write: async ({ length }) => length, close() {}, closeWithError() {} };

async function iterate(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function read(reader: Reader): Promise<void> {
  const into = new Uint8Array(1000);
  while ((await reader.read(into)) !== null);
}

async function write(writer: Writer): Promise<void> {
  for (;;) await writer.write(text.subarray(0, 16));
}

const uses: Record<string, () => Promise<unknown>> = {
  "lines of a pipe": () => {
    const { reader, writer } = pipe();
    void (async () => {
      for (;;) await writer.write(text);
    })();
    return iterate(lines(reader));
  },
  "lines of an iterable": () =>
    iterate(
      lines(
        fromIterable(
          (function* () {
            for (;;) yield text;
          })(),
        ),
      ),
    ),
  "lines byte by byte": () => iterate(lines(endless(text), { preventClose: true })),
  "a line without an end": () =>
    iterate(lines(endless(new Uint8Array(7)), { maxBytes: Number.POSITIVE_INFINITY, chunkSize: 7 })),
  records: () => iterate(records(endless(text), { delimiter: "\n" })),
  frames: () => iterate(frames(endless(framed))),
  chunks: () => iterate(chunks(endless(text))),
  "readLine()": async () => {
    const reader = bufferedReader(endless(text));
    for (;;) await reader.readLine();
  },
  "tryReadLine()": async () => {
    const reader = bufferedReader(endless(text));
    for (;;) if (reader.tryReadLine() === undefined) await reader.readLine();
  },
  "skip(Infinity)": () => bufferedReader(endless(text)).skip(Number.POSITIVE_INFINITY),
  "peek()": async () => {
    const reader = bufferedReader(endless(text));
    for (;;) await reader.peek(1);
  },
  limit: () => read(limit(endless(text), Number.POSITIVE_INFINITY)),
  concat: () =>
    read(
      concat(
        (function* () {
          for (;;) yield fromIterable([]);
        })(),
      ),
    ),
  tee: () => read(tee(endless(text), sink)),
  broadcast: () => write(broadcast([sink, sink])),
  bufferedWriter: () => write(bufferedWriter(sink)),
  copy: () => copy(endless(text), sink),
  pipeTo: () => pipeTo(endless(text), sink),
  discard: () => discard(endless(text)),
  readFull: async () => {
    for (;;) await readFull(endless(text), new Uint8Array(100));
  },
  writeFrame: async () => {
    for (;;) await writeFrame(sink, new Uint8Array(1));
  },
};

/** Processor time of this thread if Node measures it, otherwise of the process. */
function cpuMs(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  const { user, system } = threadCpuUsage === undefined ? process.cpuUsage() : threadCpuUsage.call(process);
  return (user + system) / 1000;
}

const [name = ""] = process.argv.slice(2);
if (name === "") {
  console.log(JSON.stringify(Object.keys(uses)));
} else {
  const gaps: number[] = [];
  let last = cpuMs();
  setInterval(() => {
    gaps.push(Math.round(cpuMs() - last));
    last = cpuMs();
    if (gaps.length < TIMERS) return;
    console.log(JSON.stringify(gaps));
    process.exit(0);
  }, 10);
  void uses[name]?.();
}
