import { pipe } from "@pipe512/core";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { random as randomFrom } from "../support/random.ts";
import { type Ends, play } from "./player.ts";
import type { Policy, Referee } from "./referee.ts";
import { randomScript, type Step } from "./script.ts";

/** The implementations that are compared with the Go program. */
export interface Subject {
  readonly name: string;
  readonly policy: Policy;
  create(): Ends;
  /** Resolves when no further progress is possible without another step. */
  settle(): Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await turn();
}

function shared(name: string, sides: "one" | "many"): Subject {
  return {
    name,
    policy: "shared",
    create() {
      const { readerHandle, writerHandle } = sharedPipe({ readers: sides, writers: sides });
      const reader = attachReader(readerHandle);
      const writer = attachWriter(writerHandle);
      return {
        reader,
        writer,
        counts: () => ({ bytesWritten: writer.bytesWritten, bytesRead: reader.bytesRead }),
      };
    },
    settle: () => turns(4),
  };
}

export const subjects: readonly Subject[] = [
  {
    name: "pipe()",
    policy: "pipe",
    create() {
      const { reader, writer } = pipe();
      return {
        reader,
        writer,
        counts: () => ({ bytesWritten: writer.bytesWritten, bytesRead: reader.bytesRead }),
      };
    },
    settle: () => turns(2),
  },
  shared('sharedPipe(), "one" on each side', "one"),
  shared('sharedPipe(), "many" on each side', "many"),
];

/** A script for which the two implementations differ. */
export interface Difference {
  readonly seed: number;
  readonly steps: readonly Step[];
  /** The step after which they differ, what this implementation does, and what Go does. */
  readonly at: number;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

/** Plays the script of `seed` on both sides. A difference is reported with the shortest script that shows it. */
export async function compare(
  subject: Subject,
  referee: Referee,
  seed: number,
): Promise<Difference | undefined> {
  const random = randomFrom(seed);
  const first = await difference(subject, referee, randomScript(random, subject.policy === "shared"), seed);
  return first === undefined ? undefined : shrink(subject, referee, first);
}

async function difference(
  subject: Subject,
  referee: Referee,
  steps: readonly Step[],
  seed: number,
): Promise<Difference | undefined> {
  const ours = await play(steps, subject.create(), () => subject.settle());
  const theirs = await referee.play(subject.policy, steps);
  const at = steps.findIndex((_, index) => sorted(ours[index]) !== sorted(theirs[index]));
  return at < 0 ? undefined : { seed, steps: steps.slice(0, at + 1), at, ours: ours[at], theirs: theirs[at] };
}

/** Calls that settle in the same step may settle in any order. */
function sorted(line: string | undefined): string | undefined {
  const [settled = "", state] = line?.split("|") ?? [];
  return line === undefined ? undefined : `${settled.split(";").toSorted().join(";")}|${state}`;
}

async function shrink(subject: Subject, referee: Referee, found: Difference): Promise<Difference> {
  let shortest = found;
  for (let at = shortest.steps.length - 1; at >= 0; at -= 1) {
    const steps = shortest.steps.filter((_, index) => index !== at);
    const shorter = await difference(subject, referee, steps, found.seed);
    if (shorter !== undefined) shortest = shorter;
  }
  return shortest;
}
