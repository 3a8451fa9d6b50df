import type { PipeReport } from "@pipe512/core/diagnostics";

/** Describes the pending operations of `pipes` when the process ends. */
export function deadlockReport(pipes: readonly PipeReport[]): string {
  const count = pipes.reduce((sum, { waiting }) => sum + waiting.length, 0);
  const what = count === 1 ? "1 operation is pending" : `${count} operations are pending`;
  return `pipe512: deadlock: the event loop is empty, and ${what}\n${pipes.map(paragraph).join("")}`;
}

function paragraph(pipe: PipeReport): string {
  const { id, name, bytesInRing, bytesWritten, bytesRead, waiting, stack } = pipe;
  const title = name === undefined ? `pipe ${id}` : `pipe ${id} "${name}"`;
  const ends = (["writer", "reader"] as const).map((side) => `${side} ${pipe[side]}`).join(", ");
  const lines = [
    `${title}: ${bytesInRing} of 512 bytes in the ring, ${bytesWritten} written, ${bytesRead} read; ${ends}`,
    ...waiting.map(({ explanation }) => `    ${explanation}`),
    "  the pipe was made",
    ...frames(stack).map((frame) => `    ${frame}`),
  ];
  return `\n${lines.join("\n")}\n`;
}

/** The stack frames of the program, without those of Node itself. */
function frames(stack: string): string[] {
  return stack.split("\n").filter((frame) => !frame.includes("node:internal/"));
}
