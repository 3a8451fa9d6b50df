import { lines } from "@pipe512/core";
import { fromReadableStream } from "@pipe512/web";

export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let data: string[] = [];
  for await (const line of lines(fromReadableStream(body))) {
    if (line.startsWith("data:")) data.push(line.replace(/^data: ?/, ""));
    if (line !== "" || data.length === 0) continue;
    yield data.join("\n");
    data = [];
  }
}
