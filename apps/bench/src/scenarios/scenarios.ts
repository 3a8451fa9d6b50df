import { CreateAndClose, ManyAlive } from "./create-and-close.ts";
import { ManyPipes } from "./many-pipes.ts";
import { PingPong } from "./ping-pong.ts";
import type { ScenarioClass } from "./scenario.ts";
import { Stall } from "./stall.ts";
import { Timer } from "./timer.ts";
import { Transfer } from "./transfer.ts";
import { WholeFile } from "./whole-file.ts";

/** Every load shape, by the name it has in tasks and JSON. To add one, write its file beside this one and its line here. */
export const scenarios = {
  transfer: Transfer,
  timer: Timer,
  stall: Stall,
  file: WholeFile,
  "ping-pong": PingPong,
  "many-pipes": ManyPipes,
  "create-and-close": CreateAndClose,
  "many-alive": ManyAlive,
} as const satisfies Record<string, ScenarioClass>;

export type ScenarioName = keyof typeof scenarios;
