import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { type LeakReport, watch } from "@pipe512/core/diagnostics";

// Each end is made in a separate call, so that no variable references the other end.

function writerAlone(name: string): PipeWriter {
  return pipe({ name }).writer;
}

function readerAlone(name: string, use: (writer: PipeWriter) => void = () => {}): PipeReader {
  const { reader, writer } = pipe({ name });
  use(writer);
  return reader;
}

function loseBoth(name: string): void {
  pipe({ name });
}

function loseUnread(name: string): void {
  const { writer } = pipe({ name });
  writer.tryWrite(new Uint8Array(12));
  writer.close();
}

/** Loses ends in every way. Returns the leak reports, with masked ids, ages and places, followed by the errors of the pipes. */
export async function loseEnds(collect: () => void): Promise<unknown[]> {
  const leaks: LeakReport[] = [];
  const watching = watch({ onLeak: (leak) => leaks.push(leak) });
  const collected = async (): Promise<void> => {
    for (let round = 0; round < 10; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  const kept: unknown[] = [];
  const told: string[] = [];
  const tell = (error: { code: string; side: string }): void => {
    told.push(`${error.code} ${error.side}`);
  };

  const write = writerAlone("a write waits");
  await Promise.all([write.write(new Uint8Array(700)).catch(tell), collected()]);
  const read = readerAlone("a read waits", (writer) => writer.tryWrite(new Uint8Array(5)));
  await read.read(new Uint8Array(5));
  await Promise.all([read.read(new Uint8Array(9)).catch(tell), collected()]);
  kept.push(readerAlone("nobody waits for the writer"));
  await collected();
  kept.push(writerAlone("nobody waits for the reader"));
  await collected();
  loseBoth("both");
  await collected();
  loseUnread("unread");
  await collected();

  watching.stop();
  const reports = leaks.map(({ pipe: lost, ends, explanation }) => {
    const { name, reader, writer, waiting, stack } = lost;
    const made = /lost-ends\.ts\b[^/]*:\d+/.test(stack.split("\n")[0] ?? "");
    return { name, ends, explanation, reader, writer, waiting: waiting.length, made };
  });
  return [...reports, told, kept.length];
}
