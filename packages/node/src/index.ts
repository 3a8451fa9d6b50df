export { toReadable } from "./to-readable.ts";
