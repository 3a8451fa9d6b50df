/// <reference lib="esnext.disposable" preserve="true" />

export { type PrepareOptions, prepareNatsPipes } from "./prepare.ts";
export { type NatsReader, type NatsReaderOptions, natsReader } from "./reader.ts";
export type { NatsPipeOptions } from "./settings.ts";
export { type SweepOptions, sweepNatsPipes } from "./sweep.ts";
export { type NatsWriter, natsWriter } from "./writer.ts";
