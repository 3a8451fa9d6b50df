// Transfers that never end, to measure how long the event loop is blocked. The argument names the style of the
// transfer. For each write size, one line reports when timers of 10 ms fired: {"size": 1, "firedMs": [10.2, …]}.
//
// Endless transfers leave the thread no idle time. Therefore its processor time is the time that a clock would show on
// an otherwise idle machine, without the time of other processes.

const lacking: Record<string, readonly string[]> = {
  "without setImmediate": ["setImmediate"],
  "without setImmediate and MessageChannel": ["setImmediate", "MessageChannel"],
};
const [style = "await", platform = ""] = process.argv.slice(2);
for (const name of lacking[platform] ?? []) delete (globalThis as Record<string, unknown>)[name];

const { pipe } = await import("@pipe512/core");

const rounds = 11;

/** Processor time of this thread, in milliseconds. */
const now = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let running = 0;

type Loop = (bytes: Uint8Array, into: Uint8Array, goesOn: () => boolean) => void;

const writing = async (
  { writer }: ReturnType<typeof pipe>,
  bytes: Uint8Array,
  goesOn: () => boolean,
  transfer = false,
) => {
  while (goesOn()) await writer.write(bytes, { transfer });
};
const reading = async ({ reader }: ReturnType<typeof pipe>, into: Uint8Array, goesOn: () => boolean) => {
  while (goesOn()) await reader.read(into);
};

const awaiting: Loop = (bytes, into, goesOn) => {
  const ends = pipe();
  void writing(ends, bytes, goesOn);
  void reading(ends, into, goesOn);
};

/** Ignores the error of the write that is pending when its reader closes at the end of the run. */
const unlessOver = (goesOn: () => boolean) => (error: unknown) => {
  if (goesOn()) throw error;
};

const styles: Record<string, Loop> = {
  await: awaiting,
  try: (bytes, into, goesOn) => {
    const { reader, writer } = pipe();
    void (async () => {
      while (goesOn()) if (writer.tryWrite(bytes) === 0) await writer.write(bytes);
    })();
    void (async () => {
      while (goesOn()) if (reader.tryRead(into) === 0) await reader.read(into);
    })();
  },
  iteration: (bytes, _into, goesOn) => {
    const ends = pipe();
    void writing(ends, bytes, goesOn);
    void (async () => {
      for await (const chunk of ends.reader) if (!goesOn() || chunk.length === 0) break;
    })();
  },
  "iteration over given arrays": (bytes, _into, goesOn) => {
    const ends = pipe();
    writing(ends, bytes, goesOn, true).catch(unlessOver(goesOn));
    void (async () => {
      for await (const chunk of ends.reader) if (!goesOn() || chunk.length === 0) break;
    })();
  },
  views: (bytes, _into, goesOn) => {
    const ends = pipe();
    writing(ends, bytes, goesOn).catch(unlessOver(goesOn));
    void (async () => {
      for await (const view of ends.reader.views()) if (!goesOn() || view.length === 0) break;
    })();
  },
  readChunk: (bytes, _into, goesOn) => {
    const ends = pipe();
    void writing(ends, bytes, goesOn);
    void (async () => {
      while (goesOn()) await ends.reader.readChunk();
    })();
  },
  "ping-pong": (bytes, into, goesOn) => {
    const [there, back] = [pipe(), pipe()];
    void (async () => {
      while (goesOn()) {
        void there.writer.write(bytes);
        for (let got = 0; got < bytes.length; ) got += (await back.reader.read(into)) ?? 0;
      }
    })();
    void (async () => {
      while (goesOn()) {
        for (let got = 0; got < bytes.length; ) got += (await there.reader.read(into)) ?? 0;
        void back.writer.write(bytes);
      }
    })();
  },
  "many pipes": (bytes, into, goesOn) => {
    for (let count = 0; count < 3000; count++) awaiting(bytes, into, goesOn);
  },
  "write and flush": (bytes, into, goesOn) => {
    const ends = pipe();
    void reading(ends, into, goesOn);
    void (async () => {
      while (goesOn()) {
        await ends.writer.write(bytes);
        await ends.writer.flush();
      }
    })();
  },
  "with progress": (bytes, into, goesOn) => {
    const { reader, writer } = pipe();
    const progress = { bytes: 0 };
    void (async () => {
      while (goesOn()) await writer.write(bytes, { progress });
    })();
    void (async () => {
      while (goesOn()) await reader.read(into, { progress: { bytes: 0 } });
    })();
  },
  "nothing to write": (_bytes, _into, goesOn) => {
    void writing(pipe(), new Uint8Array(0), goesOn);
  },
  "nothing to read into": (_bytes, _into, goesOn) => {
    void reading(pipe(), new Uint8Array(0), goesOn);
  },
  "reads at the end": (_bytes, into, goesOn) => {
    const ends = pipe();
    ends.writer.close();
    void reading(ends, into, goesOn);
  },
  "reads that are aborted": (_bytes, into, goesOn) => {
    const { reader, writer } = pipe();
    void (async () => {
      while (goesOn() && writer.bytesWritten === 0) {
        const controller = new AbortController();
        const aborted = reader.read(into, { signal: controller.signal });
        controller.abort();
        await aborted.catch(() => {});
      }
    })();
  },
  "writes that fail": (bytes, _into, goesOn) => {
    const { reader, writer } = pipe();
    reader.closeWithError("gone");
    void (async () => {
      while (goesOn()) await writer.write(bytes).catch(() => {});
    })();
  },
};

const loop = styles[style];
if (loop === undefined) throw new Error(`There is no style ${style}`);

for (const size of [1, 1 << 20]) {
  const run = ++running;
  loop(new Uint8Array(size), new Uint8Array(size), () => run === running);
  const firedMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    firedMs.push(Math.round((now() - start) * 10) / 10);
  }
  console.log(JSON.stringify({ size, firedMs }));
}
process.exit(0);
