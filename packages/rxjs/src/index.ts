export { toObservable } from "./to-observable.ts";
