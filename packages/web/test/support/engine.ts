/** Whether the engine has byte streams. WebKitGTK 2.50 has none. */
export const hasByteStreams: boolean = succeeds(() =>
  new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" }),
);

/** Whether a stream can be transferred to another thread. WebKitGTK 2.50 cannot do that. */
export const transfersStreams: boolean = succeeds(() => {
  const { readable, writable } = new TransformStream();
  structuredClone(readable, { transfer: [readable] });
  structuredClone(writable, { transfer: [writable] });
});

/**
 * Whether a stream can be the body of a request. WebKitGTK 2.50 sends nothing, and Firefox 153 sends the stream's
 * string form.
 */
export const uploadsStreams: boolean = ((): boolean => {
  let asked = false;
  const request = {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      asked = true;
      return "half";
    },
  };
  return !new Request("http://localhost", request).headers.has("content-type") && asked;
})();

/** Whether this runs in a page. Platform streams are made differently there than in Node. */
export const isPage: boolean = "document" in globalThis;

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
