export { toReadableStream } from "./to-readable-stream.ts";
