import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { turns } from "./differential.ts";
import { outcomeOf, received } from "./player.ts";
import { pattern, type Step } from "./script.ts";

const SIZES = [1, 2, 100, 511, 512, 513, 1024, 1033, 2000];

/**
 * A random script for Go's own `io.Pipe`, with at most one write and one read pending. A writer closes only while no write is pending, because the two
 * pipes differ there on purpose (PIPE-020). A write of 0 bytes is left out for the same reason (PIPE-008).
 */
export function randomRendezvous(below: (limit: number) => number): Step[] {
  const bytes = (): number => SIZES[below(SIZES.length)] as number;
  return Array.from({ length: 3 + below(20) }, (_, index): Step => {
    const id = index + 1;
    const chance = below(100);
    const error = below(2) === 0 ? `E${id}` : "";
    if (chance < 45) return { do: "write", id, bytes: bytes() };
    if (chance < 90) return { do: "read", id, bytes: bytes() };
    return { do: chance < 95 ? "closeWriter" : "closeReader", error };
  });
}

/** Plays a script with `write` then `flush` for Go's `Write`, and returns the steps that could be played, each with its outcome. */
export async function playRendezvous(script: readonly Step[]): Promise<{ steps: Step[]; lines: string[] }> {
  const { reader, writer } = pipe();
  let line = "";
  const under = { write: false, read: false };
  const steps: Step[] = [];
  const lines: string[] = [];
  for (const step of script) {
    const { id = 0, bytes = 0, error = "" } = step;
    if ((step.do === "write" || step.do === "closeWriter") && under.write) continue;
    if (step.do === "read" && under.read) continue;
    line = "";
    if (step.do === "write" || step.do === "read") {
      const kind = step.do;
      under[kind] = true;
      const call = kind === "write" ? write(reader, writer, id, bytes) : read(reader, bytes);
      void call.then((outcome) => {
        under[kind] = false;
        line += `${id}=${outcome};`;
      });
    } else {
      const end = step.do === "closeWriter" ? writer : reader;
      if (error === "") end.close();
      else end.closeWithError(new Error(error));
    }
    let before: string;
    do {
      before = line;
      await turns(3);
    } while (line !== before);
    steps.push(step);
    lines.push(line);
  }
  return { steps, lines };
}

async function write(reader: PipeReader, writer: PipeWriter, id: number, bytes: number): Promise<string> {
  const before = reader.bytesRead;
  const outcome = await writer
    .write(pattern(id, bytes))
    .then(() => writer.flush())
    .then(() => "ok", wordOf);
  return `${reader.bytesRead - before} ${outcome}`;
}

async function read(reader: PipeReader, bytes: number): Promise<string> {
  const into = new Uint8Array(bytes);
  try {
    const count = await reader.read(into);
    return count === null ? "end" : `${received(into, count)} ok`;
  } catch (error) {
    return wordOf(error);
  }
}

function wordOf(error: unknown): string {
  return outcomeOf(error).replace(/^closed .*/, "closed");
}
