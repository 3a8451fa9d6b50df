/** One step of a script. `id` names the call that it begins, or that it aborts. */
export interface Step {
  readonly do: "write" | "read" | "flush" | "tryWrite" | "tryRead" | "abort" | "closeWriter" | "closeReader";
  readonly id?: number;
  readonly bytes?: number;
  /** Whether the signal of the call is aborted before the call. */
  readonly aborted?: boolean;
  /** The error that a side is closed with; `undefined` for a close without an error. */
  readonly error?: string;
}

const SIZES = [0, 1, 2, 100, 255, 256, 257, 511, 512, 513, 1024, 1033, 2000];

const DRAINING = [0, 512, 513, 1024, 1033, 2000];

/**
 * A random script. Closes are rare, so that most scripts make many calls before one.
 *
 * @param drains Each read takes as many bytes as the ring can hold. After shorter reads, the contract does not say how much of a waiting write is in the ring
 * (PIPE-003).
 */
export function randomScript(below: (limit: number) => number, drains: boolean): Step[] {
  const bytes = (): number => (below(3) === 0 ? (SIZES[below(SIZES.length)] as number) : below(2001));
  const room = (): number => (drains ? (DRAINING[below(DRAINING.length)] as number) : bytes());
  const steps: Step[] = [];
  const length = 3 + below(25);
  for (let id = 1; id <= length; id += 1) {
    const chance = below(100);
    const aborted = below(30) === 0;
    const error = below(2) === 0 ? `E${id}` : "";
    if (chance < 30) steps.push({ do: "write", id, bytes: bytes(), aborted });
    else if (chance < 60) steps.push({ do: "read", id, bytes: room(), aborted });
    else if (chance < 70) steps.push({ do: "flush", id, aborted });
    else if (chance < 77) steps.push({ do: "tryWrite", id, bytes: bytes() });
    else if (chance < 84) steps.push({ do: "tryRead", bytes: room() });
    else if (chance < 94) steps.push({ do: "abort", id: 1 + below(id) });
    else if (chance < 97) steps.push({ do: "closeWriter", error });
    else steps.push({ do: "closeReader", error });
  }
  return steps;
}

/** The bytes of a write encode their call and their position in it. */
export function pattern(id: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => id * 31 + at * 7 + (at >> 8) * 13);
}
