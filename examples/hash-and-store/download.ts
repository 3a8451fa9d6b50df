// Downloads a file and hashes it while it is stored. Each byte is read once. The slower of disk and network determines the speed.

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { tee } from "@pipe512/core";
import { fromWritable } from "@pipe512/node";
import { fromReadableStream } from "@pipe512/web";

/** Downloads `url`. The file appears at `path` once it is complete. Resolves with its SHA-256. */
export async function download(url: string | URL, path: string): Promise<string> {
  const { ok, status, body } = await fetch(url);
  if (!ok || body === null) throw new Error(`Cannot download ${url}: the server answered ${status}`);
  const part = `${path}.part`;
  const hash = createHash("sha256");
  try {
    const file = fromWritable(createWriteStream(part));
    for await (const chunk of tee(fromReadableStream(body), file)) hash.update(chunk);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return hash.digest("hex");
}

const [url, path] = process.argv.slice(2);
if (import.meta.main && url !== undefined && path !== undefined) console.log(await download(url, path));
