export { Condition } from "./condition.ts";
export { type Guard, Mutex } from "./mutex.ts";
