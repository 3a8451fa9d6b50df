import { Cancel } from "./cancel.ts";
import { CreateAndClose, ManyAlive } from "./create-and-close.ts";
import { Echo } from "./echo.ts";
import { FirstByte } from "./first-byte.ts";
import { ManyPipes } from "./many-pipes.ts";
import { PeakMemory } from "./peak-memory.ts";
import { PingPong } from "./ping-pong.ts";
import type { ScenarioClass } from "./scenario.ts";
import { FirstAfterSilence, Silence } from "./silence.ts";
import { Sleeps } from "./sleeps.ts";
import { SlowReader } from "./slow-reader.ts";
import { SlowWriter } from "./slow-writer.ts";
import { Stall } from "./stall.ts";
import { Timer } from "./timer.ts";
import { Transfer } from "./transfer.ts";
import { WholeFile } from "./whole-file.ts";

/** Every load shape, by its name in tasks and JSON. To add one, write its file beside this one and its line here. */
export const scenarios = {
  transfer: Transfer,
  timer: Timer,
  stall: Stall,
  file: WholeFile,
  cancel: Cancel,
  "slow-reader": SlowReader,
  "slow-writer": SlowWriter,
  "first-byte": FirstByte,
  "ping-pong": PingPong,
  "many-pipes": ManyPipes,
  "create-and-close": CreateAndClose,
  "many-alive": ManyAlive,
  "peak-memory": PeakMemory,
  echo: Echo,
  silence: Silence,
  "first-after-silence": FirstAfterSilence,
  sleeps: Sleeps,
} as const satisfies Record<string, ScenarioClass>;

export type ScenarioName = keyof typeof scenarios;
