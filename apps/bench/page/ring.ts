import { PIPE_CAPACITY } from "@pipe512/core";
import type { PipeReport } from "@pipe512/core/diagnostics";

const TURN = 2 * Math.PI;
/** Between two of the lines that let one see how far round a place is. */
const STEP_BYTES = 16;

/** Draws the ring: what is filled lies between the reader and the writer, who go round clockwise, the writer ahead. */
export function drawRing(canvas: HTMLCanvasElement, { bytesRead, bytesInRing }: PipeReport): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name);
  const [middle, outer] = [canvas.width / 2, canvas.width * 0.41];
  const inner = outer * 0.72;
  const angle = (place: number): number => (place / PIPE_CAPACITY) * TURN - TURN / 4;
  const arc = (from: number, to: number, filling: string): void => {
    context.beginPath();
    context.arc(middle, middle, (inner + outer) / 2, angle(from), angle(to));
    context.lineWidth = outer - inner;
    context.strokeStyle = filling;
    context.stroke();
  };
  const line = (place: number, from: number, to: number, width: number, filling: string): void => {
    const [x, y] = [Math.cos(angle(place)), Math.sin(angle(place))];
    context.beginPath();
    context.moveTo(middle + from * x, middle + from * y);
    context.lineTo(middle + to * x, middle + to * y);
    context.lineWidth = width;
    context.strokeStyle = filling;
    context.stroke();
  };
  const reader = bytesRead % PIPE_CAPACITY;
  context.clearRect(0, 0, canvas.width, canvas.height);
  arc(0, PIPE_CAPACITY, colour("--empty"));
  if (bytesInRing > 0) arc(reader, reader + bytesInRing, colour("--filled"));
  for (let place = 0; place < PIPE_CAPACITY; place += STEP_BYTES)
    line(place, inner, outer, 2, colour("--page"));
  line(reader + bytesInRing, inner, outer * 1.12, 6, colour("--writer"));
  line(reader, inner * 0.84, outer, 6, colour("--reader"));
  context.fillStyle = style.color;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `600 ${canvas.width / 10}px system-ui, sans-serif`;
  context.fillText(String(bytesInRing), middle, middle - canvas.width / 40);
  context.font = `${canvas.width / 24}px system-ui, sans-serif`;
  context.fillText(`of ${PIPE_CAPACITY} bytes`, middle, middle + canvas.width / 16);
}
