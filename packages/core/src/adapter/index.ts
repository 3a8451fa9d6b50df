/// <reference lib="esnext.disposable" preserve="true" />

// Code that the adapter packages share: argument checks, the fairness budget, signal listeners and diagnostics.

export { isBytes, requireBytes } from "../bytes.ts";
export { ForeignCount } from "../io/foreign-count.ts";
export { writeWhole } from "../io/write-whole.ts";
export { requireInteger } from "../options.ts";
export { fairTurn, later, spend } from "../pipe/budget.ts";
export { requireReader, requireWriter } from "../requirement.ts";
export { type Abortable, type AbortListener, abortable, listen, unlisten } from "../signal.ts";
export { describe } from "../value.ts";
export { type AdapterWait, converted, isWatched, madeBy, waits } from "./waits.ts";
