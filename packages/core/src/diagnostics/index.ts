export type { LeakReport, PipeReport, SideState, StallReport, WaitingOperation } from "./report.ts";
export { pipeOf, snapshot, type Watch, type WatchOptions, watch } from "./watch.ts";
