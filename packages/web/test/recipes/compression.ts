import { fromIterable } from "@pipe512/core";
import { toReadableStream } from "@pipe512/web";

export function compressed(text: Iterable<string> | AsyncIterable<string>): Promise<Blob> {
  const stream = toReadableStream(fromIterable(text));
  return new Response(stream.pipeThrough(new CompressionStream("gzip"))).blob();
}
