import { Transform, type TransformCallback } from "node:stream";

/** A Transform that passes on a copy of each chunk, with 512 bytes of buffer on either side. */
export function copyingTransform(): Transform {
  return new Transform({
    highWaterMark: 512,
    transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback) {
      callback(null, Buffer.from(chunk));
    },
  });
}
