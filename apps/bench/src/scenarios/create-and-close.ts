import type { Channel, Open } from "../subjects/channel.ts";
import { type Load, RepeatedLoad } from "../subjects/load.ts";
import { stopwatch, usedMemory } from "./platform.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";
import { Tally } from "./tally.ts";

const PIPES = 100_000;
const HELLO = new Uint8Array([104, 101, 108, 108, 111]);

/** 100,000 pipes, one after the other: made, used for 5 bytes, closed. Either the bytes come first, or the reader. */
export class CreateAndClose implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #readerFirst: boolean;

  constructor(open: Open, _file: Uint8Array, { readerFirst = false }: Parameters) {
    this.#open = open;
    this.#readerFirst = readerFirst;
  }

  async warmUp(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) await this.#use(1000);
  }

  async measure(): Promise<CostSample> {
    const elapsed = stopwatch();
    await this.#use(PIPES);
    const elapsedNs = elapsed();
    return { cost: elapsedNs / PIPES, unit: "ns/pipe", steps: PIPES, elapsedNs };
  }

  #use(pipes: number): Promise<void> {
    return this.#readerFirst ? useReaderFirst(this.#open, pipes) : useWriterFirst(this.#open, pipes);
  }
}

/** 100,000 pipes that were all used for 5 bytes and closed, and are all still referenced: the memory of one pipe. */
export class ManyAlive implements Scenario<CostSample> {
  readonly #open: Open;

  constructor(open: Open) {
    this.#open = open;
  }

  async warmUp(): Promise<void> {
    await useWriterFirst(this.#open, 1000);
  }

  async measure(): Promise<CostSample> {
    const alive: Channel[] = [];
    const started = performance.now();
    const before = usedMemory();
    for (let made = 0; made < PIPES; made++) {
      const channel = this.#open({ readBytes: HELLO.length });
      await channel.send(hello());
      await receiveHello(channel);
      alive.push(channel);
    }
    const cost = (usedMemory() - before) / PIPES;
    const elapsedNs = (performance.now() - started) * 1e6;
    // Checked after the measurement, so that nothing can have been collected before it.
    for (const channel of alive)
      if (channel.held() !== 0) throw new Error("A pipe that was read to its end still holds bytes");
    return { cost, unit: "bytes/pipe", steps: PIPES, elapsedNs };
  }
}

async function useWriterFirst(open: Open, pipes: number): Promise<void> {
  for (let left = pipes; left > 0; left--) {
    const channel = open({ readBytes: HELLO.length });
    await channel.send(hello());
    await receiveHello(channel);
  }
}

async function useReaderFirst(open: Open, pipes: number): Promise<void> {
  for (let left = pipes; left > 0; left--) {
    const channel = open({ readBytes: HELLO.length });
    const receiving = receiveHello(channel);
    await channel.send(hello());
    await receiving;
  }
}

async function receiveHello(channel: Channel): Promise<void> {
  const tally = new Tally();
  await channel.receive(tally);
  tally.expect(HELLO.length);
}

function hello(): Load {
  return new RepeatedLoad([HELLO], 1);
}
