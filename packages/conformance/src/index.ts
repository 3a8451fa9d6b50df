export { attempt, type Case } from "./case.ts";
export { behaviours, conformance } from "./conformance.ts";
export type { Ends, OperationOptions, Reader, Writer } from "./ends.ts";
export { type Framework, type NodeTest, nodeTest, type Vitest, vitest } from "./frameworks.ts";
export { type Capability, everything, type Supports } from "./supports.ts";
export type { Target, Trial } from "./trial.ts";
