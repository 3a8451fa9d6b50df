import { describe, expect, test } from "vitest";
import { Timer } from "../src/scenarios/timer.ts";
import { Stall } from "../src/scenarios/stall.ts";
import type { Lack } from "../src/subjects/implementation.ts";
import { implementations } from "../src/subjects/implementations.ts";
import { choices, story, transferring } from "../src/subjects/choices.ts";
import { runsOn } from "../src/runner/runtimes.ts";
import { positions } from "./support/bytes.ts";

const CHUNK_BYTES = 4096;
const FILE = positions(CHUNK_BYTES);

const rivals = implementations.filter(
  (one) =>
    one.role === "peer" &&
    one.load !== undefined &&
    !one.hasThreads &&
    one.needs?.flags === undefined &&
    runsOn(one, process.versions.node),
);

// A rival that starves the event loop is detected only when its transfer has ended, which takes long on a busy machine.
describe("What another implementation lacks", { timeout: 60_000 }, () => {
  // Red when: an implementation is declared to lack a guarantee that it keeps, or a missing guarantee is not declared.
  test.for(rivals)("$name accepts as many bytes as declared, and no more", async (rival) => {
    const open = await rival.load?.();
    if (open === undefined) throw new Error("It is not written in JavaScript");
    const stall = new Stall(open, FILE, { chunkSizesBytes: [64, 512, CHUNK_BYTES, 65_536] });
    const { accepted } = await stall.measure(20);
    const isOver = accepted.some(
      ({ chunkBytes, acceptedBytes, bounded }) => !bounded || acceptedBytes > chunkBytes + 512,
    );
    expect(isOver).toBe(lacks("bound", rival));
  });

  // Red when: an implementation that copies is declared to pass references, or the other way round.
  test.for(rivals.filter(({ name }) => name !== "RxJS from"))(
    "$name copies or passes references, as declared",
    async (rival) => {
      const channel = (await rival.load?.())?.({ readBytes: CHUNK_BYTES });
      const chunk = new Uint8Array(CHUNK_BYTES).fill(1);
      const seen: Uint8Array[] = [];
      const receiving = channel?.receive({ take: (bytes, length) => seen.push(bytes.subarray(0, length)) });
      await channel?.send({
        count: 1,
        transfer: false,
        source: { bytes: chunk, chunkBytes: CHUNK_BYTES },
        next: () => chunk,
      });
      await receiving;
      const [first] = seen;
      expect(first?.length).toBe(CHUNK_BYTES);
      chunk.fill(2);
      expect(first?.[0] === 2).toBe(lacks("copy", rival));
    },
  );

  // Red when: an implementation that lets timers fire is declared to stop them, or the other way round.
  test.for(rivals)("$name stops timers or not, as declared", async (rival) => {
    const open = await rival.load?.();
    if (open === undefined) throw new Error("It is not written in JavaScript");
    const timer = new Timer(open, FILE, { chunkBytes: 512 });
    await timer.warmUp(1);
    expect((await timer.measure(60)).fired === 0).toBe(lacks("timers", rival));
  });
});

describe("choices", () => {
  // Red when: an implementation is renamed but a choice is not, or an alternative is in the wrong group.
  test("name existing implementations, and alternatives of the right group", () => {
    const find = (name: string) => implementations.find((one) => one.name === name);
    for (const { ours, same, today } of choices) {
      expect(find(ours)?.role, ours).toBe("ours");
      for (const name of same) expect(find(name)?.samePromise, name).toBe(true);
      for (const name of today) expect(find(name), name).toMatchObject({ role: "peer" });
      for (const name of today) expect(find(name)?.samePromise, name).toBeUndefined();
    }
    expect(story.map(find)).not.toContain(undefined);
    expect(choices.some(({ ours }) => find(transferring(ours)) !== undefined)).toBe(true);
  });

  // Red when: a peer does not declare which guarantees it lacks.
  test("every peer declares what it lacks", () => {
    expect(implementations.filter(({ role, lacks: all }) => role === "peer" && all === undefined)).toEqual(
      [],
    );
  });
});

function lacks(lack: Lack, { lacks: all }: { readonly lacks?: readonly Lack[] }): boolean {
  return all?.includes(lack) ?? false;
}
