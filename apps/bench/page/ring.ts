import { PIPE_CAPACITY } from "@pipe512/core";
import type { PipeReport } from "@pipe512/core/diagnostics";

const COLUMNS = 32;

/** Draws the 512 bytes, a cell for each: those that are filled lie between what was read and what was written. */
export function drawRing(canvas: HTMLCanvasElement, { bytesRead, bytesInRing }: PipeReport): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const width = canvas.width / COLUMNS;
  const height = canvas.height / (PIPE_CAPACITY / COLUMNS);
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let place = 0; place < PIPE_CAPACITY; place++) {
    const behindReader = (place - (bytesRead % PIPE_CAPACITY) + PIPE_CAPACITY) % PIPE_CAPACITY;
    context.fillStyle = behindReader < bytesInRing ? "#3b82c4" : "rgb(128 128 128 / 20%)";
    const [column, row] = [place % COLUMNS, Math.floor(place / COLUMNS)];
    context.fillRect(column * width + 1, row * height + 1, width - 2, height - 2);
  }
}
