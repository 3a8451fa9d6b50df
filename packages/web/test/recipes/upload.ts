import type { Reader } from "@pipe512/core";
import { fromReadableStream, toReadableStream } from "@pipe512/web";

export function upload(file: Blob, url: string, progress: (bytes: number) => void): Promise<Response> {
  const source = fromReadableStream(file.stream());
  let sent = 0;
  const counted: Reader = {
    async read(into) {
      const count = await source.read(into);
      progress((sent += count ?? 0));
      return count;
    },
    close: () => source.close(),
    closeWithError: (error) => source.closeWithError(error),
  };
  const request = { method: "POST", body: toReadableStream(counted), duplex: "half" } as RequestInit;
  return fetch(url, request);
}
