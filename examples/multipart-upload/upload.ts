// Uploads the output of a generator as a file of a form, while it is generated. A file that is too long ends the upload and the generator.

import { type ByteSource, concat, fromIterable, limit } from "@pipe512/core";
import { toReadableStream } from "@pipe512/web";

/** The headers and the body of a form with one file. A file of more than `maxBytes` bytes is an error. */
export function form(name: string, content: ByteSource, maxBytes: number): RequestInit {
  const boundary = crypto.randomUUID();
  const body = concat([
    fromIterable([
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n`,
      "Content-Type: text/plain\r\n\r\n",
    ]),
    limit(fromIterable(content), maxBytes, { overflow: "error" }),
    fromIterable([`\r\n--${boundary}--\r\n`]),
  ]);
  const headers = { "Content-Type": `multipart/form-data; boundary=${boundary}` };
  const duplex = { duplex: "half" }; // Required for a streaming body; some types of RequestInit lack it.
  return { method: "POST", headers, body: toReadableStream(body), ...duplex };
}

function* squares(): Generator<string> {
  for (let n = 0; n < 100_000; n++) yield `${n * n}\n`;
}

const [url] = process.argv.slice(2);
if (import.meta.main && url !== undefined) {
  const response = await fetch(url, form("squares.txt", squares(), 10_000_000));
  console.log(response.status, await response.text());
}
