import { PIPE_CAPACITY } from "@pipe512/core";
import type { PipeReport } from "@pipe512/core/diagnostics";
import { drawn } from "../src/report/dom.ts";
import { element, reducedMotion } from "./elements.ts";
import { waitingOf } from "./sentence.ts";
import type { Traffic } from "./traffic.ts";

const WEDGE_BYTES = 16;

/** More chunks in a frame than this are drawn as a flow. */
const MOST_PACKETS = 2;

/** How long a chunk moves in the picture. In the pipe it takes less than a microsecond. */
const JOURNEY_MS = 420;

/** The path of a chunk: from the writer to the ring, from the ring to the reader, or directly. */
type Lane = "in" | "out" | "direct";

const PATHS: Readonly<Record<Lane, string>> = {
  in: "M 152 205 H 226",
  out: "M 494 205 H 568",
  direct: "M 96 146 C 150 -28, 570 -28, 624 146",
};

/** The totals so far, at one moment. */
interface Seen {
  readonly chunksWritten: number;
  readonly chunksRead: number;
  readonly directBytes: number;
}

const NOTHING: Seen = { chunksWritten: 0, chunksRead: 0, directBytes: 0 };

/** The picture of the pipe: a writer, the ring, a reader, and the moving chunks. Everything it shows was counted in the real pipe. */
export class Stage {
  readonly #packets = element("packets", SVGGElement);
  #seen: Seen = NOTHING;
  /** The shown position of the reader, which follows the real one smoothly. */
  #shownRead = 0;
  #shownBytes = 0;

  constructor() {
    const wedges = element("wedges", SVGGElement);
    for (let place = 0; place < PIPE_CAPACITY; place += WEDGE_BYTES) {
      const line = drawn(document, "line", { x1: "0", x2: "0", y1: "-93", y2: "-143" });
      line.setAttribute("transform", `rotate(${degrees(place)})`);
      wedges.append(line as never);
    }
  }

  /** Resets the picture for a new pipe. */
  reset(): void {
    this.#seen = NOTHING;
    this.#shownRead = 0;
    this.#shownBytes = 0;
    this.#packets.replaceChildren();
  }

  /** Draws an idle ring. */
  idle(): void {
    this.#ring(this.#shownRead, this.#shownBytes);
    this.#flows(undefined);
    for (const side of ["writer", "reader"] as const) this.#side(side, "idle", 0);
  }

  /** Draws the current state, and starts the chunks that were written and read since the last frame. */
  draw(report: PipeReport, traffic: Traffic): void {
    const { bytesInRing, bytesRead } = report;
    const follow = (shown: number, real: number) =>
      reducedMotion() || Math.abs(real - shown) > PIPE_CAPACITY ? real : shown + (real - shown) * 0.35;
    this.#shownRead = follow(this.#shownRead, bytesRead);
    this.#shownBytes = follow(this.#shownBytes, bytesInRing);
    this.#ring(this.#shownRead, this.#shownBytes);
    element("bytes", SVGTextElement).textContent = String(bytesInRing);
    const { writer, reader } = waitingOf(report);
    const { pausing, endings } = traffic;
    const part = writer === undefined ? 0 : 1 - writer.bytesMoved / writer.bytes;
    this.#side(
      "writer",
      endings.writer ? "has ended" : writer ? "waits" : pausing.writer ? "pauses" : "writes",
      part,
    );
    this.#side(
      "reader",
      endings.reader ? "has ended" : reader ? "waits" : pausing.reader ? "pauses" : "reads",
      pausing.reader ? 1 : 0,
    );
    this.#send(traffic);
  }

  #send(traffic: Traffic): void {
    const { chunksWritten, chunksRead, directBytes } = traffic;
    const written = chunksWritten - this.#seen.chunksWritten;
    const read = chunksRead - this.#seen.chunksRead;
    const isDirect = directBytes > this.#seen.directBytes;
    this.#seen = { chunksWritten, chunksRead, directBytes };
    const isFlow = !traffic.hasEnded && Math.max(written, read) > MOST_PACKETS;
    this.#flows(isFlow ? (isDirect ? "direct" : "ring") : undefined);
    element("direct-label", SVGTextElement).classList.toggle("on", isDirect);
    if (isFlow || reducedMotion()) return;
    if (isDirect) this.#packet("direct");
    else if (written > 0) this.#packet("in");
    if (read > 0 && !isDirect) this.#packet("out");
  }

  #flows(where: "direct" | "ring" | undefined): void {
    const [direct, ...others] = document.querySelectorAll(".lane");
    direct?.classList.toggle("flows", where === "direct");
    for (const lane of others) lane.classList.toggle("flows", where === "ring");
  }

  #packet(lane: Lane): void {
    const side = lane === "in" ? "writer" : lane === "out" ? "reader" : "pipe";
    const packet = drawn(document, "rect", {
      class: "packet",
      width: "26",
      height: "18",
      x: "-13",
      y: "-9",
      rx: "5",
      fill: `var(--${side})`,
    }) as unknown as SVGRectElement;
    packet.style.offsetPath = `path("${PATHS[lane]}")`;
    packet.style.offsetRotate = "0deg";
    this.#packets.append(packet);
    const journey = packet.animate([{ offsetDistance: "0%" }, { offsetDistance: "100%" }], {
      duration: lane === "direct" ? JOURNEY_MS * 1.6 : JOURNEY_MS,
      easing: "cubic-bezier(0.4, 0, 0.4, 1)",
    });
    journey.onfinish = () => packet.remove();
  }

  #side(side: "writer" | "reader", state: string, load: number): void {
    const text = element(`${side}-state`, SVGTextElement);
    if (text.textContent !== state) text.textContent = state;
    element(`${side}-box`, SVGGElement).classList.toggle("waits", state === "waits");
    element(`${side}-load`, SVGRectElement).setAttribute("width", String(Math.round(88 * load)));
  }

  #ring(read: number, bytes: number): void {
    const filled = element("ring-filled", SVGCircleElement);
    filled.setAttribute("stroke-dasharray", `${bytes.toFixed(1)} ${(PIPE_CAPACITY - bytes).toFixed(1)}`);
    filled.setAttribute("stroke-dashoffset", (-(read % PIPE_CAPACITY)).toFixed(1));
    this.#position("read-position", read);
    this.#position("write-position", read + bytes);
  }

  /** A mark that points at a place of the ring, with its letter upright. */
  #position(id: string, place: number): void {
    const mark = element(id, SVGGElement);
    mark.setAttribute("transform", `rotate(${degrees(place)})`);
    const letter = mark.querySelector("text");
    const y = Number(letter?.getAttribute("y") ?? 0);
    letter?.setAttribute("transform", `rotate(${-degrees(place)} 0 ${y - 5})`);
  }
}

function degrees(place: number): number {
  return ((place % PIPE_CAPACITY) / PIPE_CAPACITY) * 360;
}
