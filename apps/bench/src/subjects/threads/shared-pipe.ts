import {
  attachReader,
  attachWriter,
  type SharedHandle,
  type SharedReader,
  sharedPipe,
} from "@pipe512/core/shared";
import { sleep } from "../../scenarios/platform.ts";
import type { Sink } from "../channel.ts";
import type { Load } from "../load.ts";
import { type FarSide, now, pause } from "./order.ts";
import { ask, FromThread } from "./thread.ts";

const way = "shared-pipe";

/** The handles that the other thread reads from and writes to, if it does. */
interface Ends {
  readonly from?: SharedHandle<"reader">;
  readonly to?: SharedHandle<"writer">;
}

/** Both threads block: writeSync() there, readSync() here. */
export class BlockingPipe extends FromThread {
  protected readonly pipe = sharedPipe();

  async send(load: Load): Promise<void> {
    this.askToSend({ way, ends: { to: this.pipe.writerHandle } }, load);
  }

  async receive(sink: Sink): Promise<void> {
    const reader = attachReader(this.pipe.readerHandle);
    const into = new Uint8Array(this.readBytes);
    await Promise.resolve(); // The request to the writer is sent now; afterwards this thread blocks.
    for (;;) {
      const length = reader.readSync(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }

  async echo(count: number, pauseMs: number): Promise<Float64Array> {
    const { writer, reader } = this.askForAnswers();
    const ball = Uint8Array.of(1);
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      pause(pauseMs);
      const started = performance.now();
      writer.writeSync(ball);
      reader.readSync(ball);
      times[turn] = (performance.now() - started) * 1e6;
    }
    writer.close();
    return times;
  }

  async arrivals(count: number, pauseMs: number): Promise<Float64Array> {
    const reader = this.askForLateOnes(count, pauseMs);
    const sent = new Float64Array(1);
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      reader.readSync(new Uint8Array(sent.buffer));
      times[turn] = now() - (sent[0] ?? 0);
    }
    return times;
  }

  async silence(): Promise<() => void> {
    const back = sharedPipe();
    ask({ way, task: "wait", ends: { from: back.readerHandle } });
    const writer = attachWriter(back.writerHandle);
    const reader = attachReader(this.pipe.readerHandle);
    reader.read(new Uint8Array(1)).catch(() => {}); // The pipe is closed at the end.
    return () => {
      writer.close();
      reader.close();
    };
  }

  protected askForAnswers(): { writer: ReturnType<typeof attachWriter>; reader: SharedReader } {
    const back = sharedPipe();
    ask({ way, task: "answer", ends: { from: this.pipe.readerHandle, to: back.writerHandle } });
    return { writer: attachWriter(this.pipe.writerHandle), reader: attachReader(back.readerHandle) };
  }

  protected askForLateOnes(count: number, pauseMs: number): SharedReader {
    ask({ way, task: "sendLate", ends: { to: this.pipe.writerHandle }, count, pauseMs });
    return attachReader(this.pipe.readerHandle);
  }
}

/** The other thread blocks, this one awaits: writeSync() there, await read() here. */
export class AwaitedPipe extends BlockingPipe {
  override async receive(sink: Sink): Promise<void> {
    const reader = attachReader(this.pipe.readerHandle);
    const into = new Uint8Array(this.readBytes);
    for (;;) {
      const length = await reader.read(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }

  override async echo(count: number, pauseMs: number): Promise<Float64Array> {
    const { writer, reader } = this.askForAnswers();
    const ball = Uint8Array.of(1);
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      if (pauseMs > 0) await sleep(pauseMs);
      const started = performance.now();
      await writer.write(ball);
      await reader.read(ball);
      times[turn] = (performance.now() - started) * 1e6;
    }
    writer.close();
    return times;
  }

  override async arrivals(count: number, pauseMs: number): Promise<Float64Array> {
    const reader = this.askForLateOnes(count, pauseMs);
    const sent = new Float64Array(1);
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      await reader.read(new Uint8Array(sent.buffer));
      times[turn] = now() - (sent[0] ?? 0);
    }
    return times;
  }
}

export const far: FarSide<Ends> = {
  send({ to }, load) {
    const writer = attachWriter(to as SharedHandle<"writer">);
    for (let left = load.count; left > 0; left--) writer.writeSync(load.next());
    writer.close();
  },

  answer({ from, to }) {
    const reader = attachReader(from as SharedHandle<"reader">);
    const writer = attachWriter(to as SharedHandle<"writer">);
    const ball = new Uint8Array(1);
    while (reader.readSync(ball) !== null) writer.writeSync(ball);
    writer.close();
  },

  sendLate({ to }, count, pauseMs) {
    const writer = attachWriter(to as SharedHandle<"writer">);
    const time = new Float64Array(1);
    for (let left = count; left > 0; left--) {
      pause(pauseMs);
      time[0] = now();
      writer.writeSync(new Uint8Array(time.buffer));
    }
    writer.close();
  },

  wait({ from }) {
    attachReader(from as SharedHandle<"reader">).readSync(new Uint8Array(1));
  },
};
