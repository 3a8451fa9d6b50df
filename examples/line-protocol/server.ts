// A line protocol, as in memcached and SMTP: a command is a line, and bytes may follow it. A client that is silent for too long is disconnected.

import { createServer, type Server } from "node:net";
import { bufferedReader, bufferedWriter, type Reader, type Writer, writeText } from "@pipe512/core";
import { fromReadable, fromWritable } from "@pipe512/node";

const MOST_BYTES = 1_048_576;

/** Serves one client until it sends QUIT, disconnects, or sends nothing for `timeoutMs` while a line or bytes are due. */
export async function serve(
  reader: Reader,
  writer: Writer,
  values: Map<string, Uint8Array>,
  timeoutMs: number,
): Promise<void> {
  using requests = bufferedReader(reader);
  const replies = bufferedWriter(writer);
  const inTime = () => ({ signal: AbortSignal.timeout(timeoutMs) });
  try {
    for (;;) {
      const line = await requests.readLine({ maxBytes: 512, ...inTime() });
      if (line === null || line === "QUIT") break;
      const [command, key = "", size = ""] = line.split(" ");
      if (command === "SET" && Number(size) <= MOST_BYTES) {
        const value = await requests.readExactly(Number(size), inTime());
        if (value === null) break;
        values.set(key, value);
        await writeText(replies, "OK\n");
      } else if (command === "GET") {
        const value = values.get(key) ?? new Uint8Array(0);
        await writeText(replies, `${value.length}\n`);
        await replies.write(value);
      } else {
        await writeText(replies, "ERROR unknown command\n");
      }
      await replies.flush();
    }
  } catch (error) {
    await writeText(replies, `ERROR ${(error as Error).name}\n`);
  }
  await replies.finish();
}

/** Serves every client that connects to `port` on this machine. */
export function listen(port: number, timeoutMs: number): Server {
  const values = new Map<string, Uint8Array>();
  return createServer((socket) => {
    serve(fromReadable(socket), fromWritable(socket), values, timeoutMs).catch(console.error);
  }).listen(port, "127.0.0.1");
}

if (import.meta.main) listen(11_211, 30_000);
